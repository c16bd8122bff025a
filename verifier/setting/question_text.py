"""What a setting file asks, written as the file: the setting, the layer, the training."""

from __future__ import annotations

from verifier.setting.covariance import Matrix
from verifier.setting.data import Setting
from verifier.setting.layer_tables import LAST, PLAIN, Divisor, LayerForm, Training
from verifier.setting.setting_text import exact_list, exact_text, setting_text


def question_text(
    setting: Setting,
    form: LayerForm = PLAIN,
    training: Training = LAST,
    readout: Matrix | None = None,
    outputs: int = 1,
) -> str:
    """The TOML of all but [test]; '' for a response that setting files cannot say."""
    whole = setting_text(setting)
    if not whole:
        return ""
    if outputs > 1:
        whole = whole.replace("[task]\n", f"[task]\noutputs = {outputs}\n")
    for table, keys in (
        ("layer", _layer(form, readout)),
        ("training", _training(training, setting.context_length)),
    ):
        if keys:
            whole += "\n".join((f"[{table}]", *keys, ""))
    return whole


def _layer(form: LayerForm, readout: Matrix | None) -> list[str]:
    keys = []
    if form.heads > 1:
        keys.append(f"heads = {form.heads}")
    if form.key_dimension is not None:
        keys.append(f"key_dimension = {form.key_dimension}")
    if form.query_in_sum:
        keys.append("query_in_sum = true")
    if form.divide_by is not Divisor.ONE:
        keys.append(f'divide_by = "{form.divide_by.value}"')
    if form.skip:
        keys.append("skip = true")
    if readout is not None:
        keys.append(f"readout = [{', '.join(map(exact_list, readout))}]")
    return keys


def _training(training: Training, context_length: int) -> list[str]:
    keys = []
    shares, lengths = zip(*training.lengths, strict=True) if training.lengths else ((), ())
    if lengths and lengths == tuple(range(1, context_length + 1)) and len(set(shares)) == 1:
        keys.append('loss = "every-prefix"')
    elif lengths:
        keys += [f"context_lengths = {list(lengths)}", f"weights = {exact_list(shares)}"]
    if training.weight_decay:
        keys.append(f"weight_decay = {exact_text(training.weight_decay)}")
    return keys
