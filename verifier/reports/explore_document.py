"""An exploration as a document, for LaTeX, PDF and Markdown.

Every number is that of the terminal report; nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from verifier import __version__
from verifier.explore.answer import Exploration, ExploreOptions, Optimum
from verifier.explore.values import Certainty
from verifier.optimum.readout import Kind
from verifier.render.document import Block, Code, Display, Document, Grid, Heading, Paragraph, Tex
from verifier.render.streams import clean
from verifier.reports.explore_terminal import (
    SENTENCES,
    descents_words,
    loss_words,
    share_words,
)
from verifier.reports.explore_theorem import theorem_blocks
from verifier.reports.explore_words import (
    abbreviated,
    covariates_words,
    noise_words,
    response_words,
    value_words,
)
from verifier.reports.minima_words import basin_rows, plateau_words
from verifier.reports.transfer_words import form_words, formed_blocks, test_blocks, training_words

_STEP = r"x_{n+1}^\top \sum_{i=1}^n x_i y_i"
_FORMULAS = {
    Kind.ZERO: r"\hat y_{n+1} = 0",
    Kind.GRADIENT: rf"\hat y_{{n+1}} = \eta\, {_STEP}",
    Kind.PRECONDITIONED: r"\hat y_{n+1} = \eta\, x_{n+1}^\top (E\, x x^\top)^{-1} X^\top y",
    Kind.READOUT: r"\hat y_{n+1} = x_{n+1}^\top B X^\top y",
    Kind.QUADRATIC: (
        r"\hat y_{n+1} = x_{n+1}^\top \big(A^\top X^\top X a + b A^\top X^\top y "
        r"+ c\, y^\top X a + b\, y^\top y\, c\big)"
    ),
}


def exploration_document(found: Exploration, name: str) -> Document:
    """The whole report; ``name`` is the setting file's."""
    source = f"verifier {__version__}, explore"
    return Document(f"The best layer for {clean(name)}", source, tuple(_blocks(found, name)))


def _blocks(found: Exploration, name: str) -> Iterator[Block]:
    setting, optimum = found.setting, found.optimum
    yield Heading(1, "The setting")
    rows = (
        ("dimension", str(setting.dimension)),
        ("examples", str(setting.context_length)),
        ("covariates", covariates_words(setting)),
        ("responses", response_words(setting.response)),
        ("noise variance", noise_words(setting)),
        ("moments", found.moments),
        *((("outputs", str(found.outputs)),) if found.outputs > 1 else ()),
        *((("layer", form),) if (form := form_words(found.form)) else ()),
        *((("training", loss),) if (loss := training_words(found.training)) else ()),
    )
    yield Grid(("", ""), tuple(((left,), (right,)) for left, right in rows))
    if whole := found.asked:
        yield Paragraph(("The same as a setting file:",))
        yield Code(tuple(whole.splitlines()))
    yield Heading(1, "The best layer")
    parts = optimum.certainties
    # The sentence up to its formula, which is displayed.
    sentence = SENTENCES[optimum.kind].partition(":")[0]
    yield Paragraph((f"{parts.kind.value.capitalize()}: {sentence}.",))
    yield Display((Tex(_FORMULAS[optimum.kind]),))
    yield from _numbers(optimum)
    yield Paragraph((f"Why {optimum.certainty.value}: {optimum.reason}.",))
    for fact in optimum.facts:
        yield Paragraph((f"{fact}.",), depth=1)
    if optimum.covered_by:
        yield Paragraph((f"Contained in {', '.join(optimum.covered_by)}.",))
    if found.proof is not None:
        yield from theorem_blocks(found.proof)
    yield Heading(1, "Compared")
    yield Grid(
        ("predictor", "loss", "above the best layer", "what it is"),
        tuple(
            (
                (item.name.replace("_", " "),),
                (loss_words(item),),
                (share_words(item, optimum.loss),),
                (
                    item.description
                    if item.learning_rate is None
                    else f"{item.description} {value_words(item.learning_rate)}",
                ),
            )
            for item in found.compared
        ),
    )
    yield from formed_blocks(found)
    yield from test_blocks(found)
    yield from _evidence(found)
    yield Paragraph(("The same report:",))
    yield Code((f"python -m verifier explore {clean(name)} {_options(found.options)}",))


def _options(options: ExploreOptions) -> str:
    """What has to be typed for the same numbers."""
    words = [f"--seed {options.seed}"]
    standard = ExploreOptions()
    if options.samples != standard.samples:
        words.append(f"--samples {options.samples}")
    if options.starts is not None:
        words.append(f"--starts {options.starts}")
    if options.basins:
        words.append(f"--basins {options.basins}")
    return " ".join(words)


def _numbers(optimum: Optimum) -> Iterator[Block]:
    parts = optimum.certainties
    rows = [("loss", value_words(optimum.loss), parts.loss.value)]
    rate = None if optimum.kind is Kind.ZERO else optimum.learning_rate
    if rate is not None and parts.learning_rate is not None:
        rows.append(("learning rate", value_words(rate), parts.learning_rate.value))
    if optimum.lower_bound is not None and optimum.certainty is Certainty.SUPPORTED:
        rows.append(("no layer below", value_words(optimum.lower_bound), Certainty.COMPUTED.value))
    if optimum.kind is Kind.QUADRATIC:
        for letter, vector in (("a", optimum.a), ("b", (optimum.b,)), ("c", optimum.c)):
            rows.append((letter, ", ".join(abbreviated((vector,))[0]), parts.B.value))
    elif optimum.kind in (Kind.READOUT, Kind.PRECONDITIONED):
        rows.append(("B", "below", parts.B.value))
    yield Grid(("", "value", "certainty"), tuple(tuple((c,) for c in row) for row in rows))
    if optimum.kind not in (Kind.ZERO, Kind.GRADIENT):
        yield Paragraph(("B, row by row:",))
        table = abbreviated(optimum.B)
        columns = ("",) * len(table[0])
        yield Grid(columns, tuple(tuple((cell,) for cell in row) for row in table))


def _evidence(found: Exploration) -> Iterator[Block]:
    yield Heading(1, "Numerical evidence")
    yield Paragraph((f"All randomness comes from the seed {found.options.seed}.",))
    yield Paragraph((f"{descents_words(found)}.",))
    for item in found.numerical.minima:
        yield Paragraph((f"Local minimum at {item.loss:.8g} ({item.count} descents).",))
        for sentence in item.words:
            yield Paragraph((f"{sentence}.",), depth=1)
    if len(found.numerical.plateaus) > 2:
        yield Paragraph((f"{plateau_words(found)}.",))
    if found.numerical.basins is not None:
        header, *rows = basin_rows(found.numerical.basins)
        yield Paragraph(("Where gradient descent ends:",))
        yield Grid(header, tuple(tuple((cell,) for cell in row) for row in rows))
    if found.numerical.contradiction:
        yield Paragraph((f"{found.numerical.contradiction}.",))
    sampled = found.numerical.monte_carlo
    if sampled is None:
        yield Paragraph(("Prompts of this setting take too long to sample enough of them.",))
        return
    agreement = sampled.agreement
    verdict = "agrees" if agreement.agrees else "disagrees"
    shown = verdict if sampled.tested else "for information"
    yield Paragraph(
        (
            f"The transformer on {agreement.comparisons[0].prompts} sampled prompts ({shown}; "
            f"false-alarm rate {agreement.false_alarm_rate:g}). {sampled.note}".rstrip(),
        )
    )
    yield Grid(
        ("layer", "claimed", "estimate", "std. error", "z"),
        tuple(
            tuple(
                (cell,)
                for cell in (
                    c.label,
                    f"{c.claimed:.7g}",
                    f"{c.estimate:.7g}",
                    f"{c.standard_error:.2g}",
                    f"{c.z:.2f}" if math.isfinite(c.z) else "-",
                )
            )
            for c in agreement.comparisons
        ),
    )
