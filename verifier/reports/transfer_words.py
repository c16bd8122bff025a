"""The layer on a test law, in words, in blocks and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.explore.answer import Exploration, FormAnswer, PoolAverage, TestScore
from verifier.render.columns import aligned, fold
from verifier.render.document import Block, Grid, Heading, Paragraph
from verifier.render.streams import Style
from verifier.reports.explore_words import (
    abbreviated,
    covariance_words,
    covariates_words,
    noise_words,
    response_words,
    value_words,
)
from verifier.reports.value_json import value_object
from verifier.setting.layer_tables import Divisor, LayerForm, Training
from verifier.setting.setting_text import setting_text

_TITLE = "Tested on another law"


def changes(found: Exploration, test: TestScore) -> list[str]:
    """What is other in the test than in training; "the training law itself" for nothing."""
    one, two = found.setting, test.setting
    rows = []
    if one.context_length != two.context_length:
        rows.append(f"n = {two.context_length} examples instead of {one.context_length}")
    if covariates_words(one) != covariates_words(two):
        rows.append(f"x: {covariates_words(two)}")
    if test.query_covariance is not None:
        rows.append(f"the query alone: covariance {covariance_words(test.query_covariance)}")
    if one.response != two.response:
        rows.append(response_words(two.response))
    if noise_words(one) != noise_words(two):
        rows.append(f"noise variance {noise_words(two)}")
    return rows or ["the training law itself"]


def test_rows(test: TestScore) -> list[tuple[str, str, str]]:
    """Label, loss and comment of every predictor on the test law."""
    ridge = "not sampled" if test.ridge.loss is None else value_words(test.ridge.loss)
    worse = test.loss.decimal > test.zero.decimal
    return [
        ("this layer", value_words(test.loss), "worse than predicting 0" if worse else ""),
        ("best layer there", value_words(test.best_there), ""),
        ("ridge there", ridge, test.ridge.description),
        ("predict 0", value_words(test.zero), ""),
    ]


def test_lines(found: Exploration, style: Style) -> list[str]:
    """The section on a terminal; nothing where there is no test."""
    if found.test is None:
        return []
    intro = f"{_which(found)}, on: {'; '.join(changes(found, found.test))}"
    lines = [
        style.paint(_TITLE, "bold"),
        *fold(intro, style.width, "  ", "    "),
        *aligned([("", "loss", ""), *test_rows(found.test)], "  "),
    ]
    if found.pool_average is not None:
        lines += fold(pool_words(found.pool_average), style.width, "  ", "    ")
    return lines


def pool_words(average: PoolAverage) -> str:
    """What the best readout does on average over pools."""
    return (
        f"averaged over {average.pools} drawn pools of {average.size} tasks, the best readout has "
        f"loss {value_words(average.home)} on its own pool and {value_words(average.fresh)} on "
        "fresh tasks"
    )


def test_blocks(found: Exploration) -> Iterator[Block]:
    """The section of a document."""
    if found.test is None:
        return
    yield Heading(1, _TITLE)
    which = _which(found).capitalize()
    yield Paragraph((f"{which}, on: {'; '.join(changes(found, found.test))}.",))
    rows = tuple(tuple((cell,) for cell in row) for row in test_rows(found.test))
    yield Grid(("predictor", "loss", ""), rows)
    if found.pool_average is not None:
        yield Paragraph((f"{pool_words(found.pool_average)}.",))


def test_object(test: TestScore) -> dict[str, Any]:
    """The test as JSON data."""
    return {
        "loss": value_object(test.loss),
        "best_there": value_object(test.best_there),
        "ridge": None if test.ridge.loss is None else value_object(test.ridge.loss),
        "ridge_description": test.ridge.description,
        "zero": value_object(test.zero),
        "setting": {
            "context_length": test.setting.context_length,
            "covariates": covariates_words(test.setting),
            "query_covariance": None
            if test.query_covariance is None
            else [[str(v) for v in row] for row in test.query_covariance.entries],
            "response": response_words(test.setting.response),
            "noise_variance": noise_words(test.setting),
            "toml": setting_text(test.setting) or None,
        },
    }


def form_words(form: LayerForm) -> str:
    """What the layer does otherwise than the paper's; "" for nothing."""
    parts = []
    if form.heads > 1:
        parts.append(f"{form.heads} heads")
    if form.key_dimension is not None:
        parts.append(f"key dimension {form.key_dimension}")
    if form.query_in_sum:
        parts.append("the query is in the sum")
    if form.divide_by is not Divisor.ONE:
        parts.append(f"the sum is divided by {form.divide_by.value}")
    if form.skip:
        parts.append("a linear skip of the query")
    return ", ".join(parts)


def training_words(training: Training) -> str:
    """What is minimised otherwise than the last prediction's loss; "" for nothing."""
    parts = []
    if training.lengths:
        shares = {share for share, _ in training.lengths}
        known = [k for _, k in training.lengths]
        if len(shares) == 1 and known == list(range(1, len(known) + 1)):
            parts.append(f"the mean loss over every prefix of 1 to {len(known)} examples")
        else:
            listed = ", ".join(f"{k}: {share}" for share, k in training.lengths[:8])
            parts.append(f"the mean loss over prompts of these lengths ({listed})")
    if training.weight_decay:
        parts.append(f"weight decay {training.weight_decay} on the merged weights")
    return ", ".join(parts)


def formed_lines(found: Exploration, style: Style) -> list[str]:
    """The section on the layer of [layer] under the loss of [training]."""
    answer = found.formed
    if answer is None:
        return []
    what = ", ".join(filter(None, (form_words(found.form), training_words(found.training))))
    lines = [style.paint("The layer and training asked for", "bold")]
    lines += fold(what, style.width, "  ", "    ")
    sign, colour = {"computed": ("✓", "green")}.get(answer.certainty.value, ("~", "cyan"))
    mark = style.paint(f"{sign} {answer.certainty.value}", colour, "bold")
    lines.append(f"  {mark}: the least loss is {value_words(answer.loss)}")
    if answer.runs:
        lines.append(f"    {answer.at_best} of {answer.runs} descents ended there")
        if answer.lower_bound is not None:
            lines.append(f"    no layer below {value_words(answer.lower_bound)} (least squares)")
    if answer.B:
        table = aligned(abbreviated(answer.B), "")
        rows = [("B" if k == 0 else "", row) for k, row in enumerate(table)]
        lines += aligned(rows, "    ")
    lines += fold(f"why {answer.certainty.value}: {answer.reason}", style.width, "    ", "      ")
    return lines


def formed_blocks(found: Exploration) -> Iterator[Block]:
    """The same section of a document."""
    answer = found.formed
    if answer is None:
        return
    yield Heading(1, "The layer and training asked for")
    what = ", ".join(filter(None, (form_words(found.form), training_words(found.training))))
    yield Paragraph((f"{what}.",))
    rows = [("least loss", value_words(answer.loss), answer.certainty.value)]
    if answer.runs and answer.lower_bound is not None:
        bound = value_words(answer.lower_bound)
        rows.append(("no layer below", bound, "least squares on the same moments"))
    yield Grid(("", "value", "certainty"), tuple(tuple((c,) for c in row) for row in rows))
    if answer.runs:
        yield Paragraph((f"{answer.at_best} of {answer.runs} descents ended there.",))
    if answer.B:
        yield Paragraph(("B, row by row:",))
        table = abbreviated(answer.B)
        yield Grid(("",) * len(table[0]), tuple(tuple((c,) for c in row) for row in table))
    yield Paragraph((f"Why {answer.certainty.value}: {answer.reason}.",))


def formed_object(answer: FormAnswer) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        "loss": value_object(answer.loss),
        "certainty": answer.certainty.value,
        "reason": answer.reason,
        "B": [[value_object(v) for v in row] for row in answer.B] or None,
        "lower_bound": None if answer.lower_bound is None else value_object(answer.lower_bound),
        "descents": answer.runs,
        "descents_at_best": answer.at_best,
    }


def _which(found: Exploration) -> str:
    """The layer that is tested."""
    if found.readout is not None:
        return "the given layer"
    return "the layer above" if found.formed is None else "the layer asked for"
