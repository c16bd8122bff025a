"""An exploration on one screen: what the best layer does, how certain, and why."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

from verifier.explore.answer import Certainties, Comparison, Exploration, Optimum
from verifier.explore.values import Certainty, Value
from verifier.numeric.optimise import LossLevel, OptimisationReport
from verifier.numeric.stationary import Outcome
from verifier.optimum.readout import Kind
from verifier.render.columns import aligned, columns_of, fitted, fold
from verifier.render.streams import Style
from verifier.reports.explore_theorem import theorem_lines
from verifier.reports.explore_words import (
    abbreviated,
    covariates_words,
    noise_words,
    response_words,
    value_words,
)
from verifier.reports.minima_words import minima_lines
from verifier.reports.transfer_words import form_words, formed_lines, test_lines

_LOOKS = {
    Certainty.PROVED: ("✓", "green"),
    Certainty.COMPUTED: ("✓", "green"),
    Certainty.SUPPORTED: ("~", "cyan"),
}
SENTENCES = {
    Kind.ZERO: "the best layer predicts 0",
    Kind.GRADIENT: "the best layer takes one step of gradient descent: it predicts η x·X'y",
    Kind.PRECONDITIONED: (
        "the best layer takes one preconditioned step: it predicts η x·P X'y, P = (E xx')^-1"
    ),
    Kind.READOUT: "the best layer predicts x·B X'y; B is neither a multiple of I nor of (E xx')^-1",
    Kind.QUADRATIC: "the best layer uses more than X'y: x·(A'X'Xa + bA'X'y + c y'Xa + b y'y c)",
}


def exploration_text(found: Exploration, name: str, style: Style) -> str:
    """The whole report; ``name`` is the setting file's."""
    sections = [
        _head(found, name, style),
        _optimum(found, style),
        [] if found.proof is None else theorem_lines(found.proof, style),
        _compared(found, style),
        formed_lines(found, style),
        test_lines(found, style),
        _numerical(found, style),
        _closing(found, style),
    ]
    return style.letters("\n".join("\n".join(lines) for lines in sections if lines))


def _head(found: Exploration, name: str, style: Style) -> list[str]:
    setting = found.setting
    text = (
        f"d = {setting.dimension}, n = {setting.context_length} examples; "
        f"x: {covariates_words(setting)}; {response_words(setting.response)}; "
        f"noise variance {noise_words(setting)}; moments: {found.moments}"
    )
    if found.outputs > 1:
        text += (
            f"; {found.outputs} outputs, losses added up (the evidence below is that of one output)"
        )
    form = form_words(found.form)
    if form:
        text += f"; the layer: {form}"
    return [
        *(style.paint(x, "bold") for x in fold(f"Setting {name}", style.width, "")),
        *fold(text, style.width, "  ", "  "),
    ]


def _optimum(found: Exploration, style: Style) -> list[str]:
    optimum = found.optimum
    parts = optimum.certainties
    mark = _mark(parts.kind, style)
    lines = [style.paint("The best layer", "bold")]
    first, *more = fold(SENTENCES[optimum.kind], style.width - columns_of(mark) - 4, "", "")
    lines += [f"  {mark}: {first}", *(f"      {line}" for line in more)]
    rows = [("loss", value_words(optimum.loss), _word(parts, parts.loss))]
    if optimum.learning_rate is not None and optimum.kind is not Kind.ZERO:
        word = _word(parts, parts.learning_rate)
        rows.append(("η", value_words(optimum.learning_rate), word))
    rows += _layer_rows(optimum)
    bound = optimum.lower_bound
    if bound is not None and optimum.certainty is Certainty.SUPPORTED:
        rows.append(("no layer below", f"{value_words(bound)} (computed: least squares)", ""))
    lines += fitted(rows, "    ", style.width)
    lines += fold(f"why {optimum.certainty.value}: {optimum.reason}", style.width, "    ", "      ")
    for fact in optimum.facts:
        lines += [
            style.paint(line, "dim")
            for line in fold(f"- {fact}", style.width, "      ", "        ")
        ]
    if optimum.covered_by:
        covered = f"contained in: {', '.join(optimum.covered_by)} (python -m verifier check)"
        lines += fold(covered, style.width, "    ", "      ")
    return lines


def _word(parts: Certainties, one: Certainty | None) -> str:
    """The certainty of one part, where the parts differ."""
    return one.value if parts.mixed and one is not None else ""


def _layer_rows(optimum: Optimum) -> list[tuple[str, str, str]]:
    if optimum.kind in (Kind.ZERO, Kind.GRADIENT) and len(optimum.B) > 1:
        table = ["0" if optimum.kind is Kind.ZERO else "η I"]
    else:
        table = aligned(abbreviated(optimum.B), "")
    word = _word(optimum.certainties, optimum.certainties.B)
    B = [("B", line, word) if i == 0 else ("", line, "") for i, line in enumerate(table)]
    if optimum.kind is not Kind.QUADRATIC:
        return [*B, ("a, c", "0 and 0, with b = 1, A = B'", "")]
    return [
        *B,
        ("a, b", f"({_vector(optimum.a)}), {value_words(optimum.b)}", ""),
        ("c", f"({_vector(optimum.c)})", ""),
    ]


def _vector(values: Sequence[Value]) -> str:
    return ", ".join(abbreviated((tuple(values),))[0])


def share_words(item: Comparison, best: Value) -> str:
    """How far a loss is above the best layer's, in per cent; by its bound where it is not known."""
    if not _resolved(item):
        if item.at_least is None:
            return "not resolved"
        return (
            "0 or more"
            if not item.at_least.differs(best)
            else f"{_above(item.at_least, best)} or more"
        )
    return "0" if not item.loss.differs(best) else _above(item.loss, best)


def loss_words(item: Comparison) -> str:
    """The loss of a comparison, or its bound where sampling does not resolve it."""
    if _resolved(item) or item.at_least is None:
        return value_words(item.loss)
    return f"at least {value_words(item.at_least)}"


def _resolved(item: Comparison) -> bool:
    """Whether the error of the loss is known, and the loss not below what is certain."""
    return item.loss.error is None or not isinf(item.loss.error)


def _above(loss: Value, best: Value) -> str:
    above = 100 * (loss.decimal / best.decimal - 1) if best.decimal else 0.0
    return f"{above:+.2f}%"


def _compared(found: Exploration, style: Style) -> list[str]:
    rows = [("", "loss", "above the best layer", "")]
    for item in found.compared:
        rate = item.learning_rate
        note = item.description if rate is None else f"{item.description} {value_words(rate)}"
        share = share_words(item, found.optimum.loss)
        rows.append((item.name.replace("_", " "), loss_words(item), share, note))
    return [style.paint("Compared", "bold"), *fitted(rows, "  ", style.width)]


def descents_words(found: Exploration) -> str:
    """Where the descents ended."""
    report = found.numerical.search
    if report is None:
        return "no descents: there are too many parameters at this dimension"
    ends = [f"{level.count} at {level.loss:.8g} ({_end(level, report)})" for level in report.levels]
    if report.not_converged:
        ends.append(f"{report.not_converged} not converged")
    unknowns = (len(found.optimum.a) + 1) ** 2
    return f"{len(report.runs)} descents in {unknowns} parameters ended: {', '.join(ends)}"


def _end(level: LossLevel, report: OptimisationReport) -> str:
    """Where these descents ended; the lowest minimum found is not called a local one."""
    if level.outcome is Outcome.LOCAL_MINIMUM and level not in report.spurious_levels:
        return "the lowest found"
    return level.outcome.value


def _numerical(found: Exploration, style: Style) -> list[str]:
    numerical = found.numerical
    report = numerical.search
    lines = [style.paint("Numerical evidence", "bold") + f"  (seed {found.options.seed})"]
    lines += fold(descents_words(found), style.width, "  ", "    ")
    trapped = () if report is None else report.spurious_levels
    if trapped and report is not None:
        total = len(report.runs)
        count = sum(level.count for level in trapped)
        lines += fold(
            f"! descents can get stuck: {count} of {total} descents ended in a local minimum of "
            "the reduced parameters (ω, N) that is not the best layer",
            style.width,
            "  ",
            "    ",
        )
    lines += minima_lines(found, style)
    if numerical.contradiction:
        lines.append(style.paint(f"  ✗ {numerical.contradiction}", "red"))
    return lines + _monte_carlo(found, style)


def _monte_carlo(found: Exploration, style: Style) -> list[str]:
    numerical = found.numerical
    sampled = numerical.monte_carlo
    if sampled is None:
        n = found.setting.context_length
        text = f"no Monte Carlo: prompts of n = {n} examples take too long to sample enough of them"
        return fold(text, style.width, "  ", "    ")
    sign, colour = ("✓", "green") if sampled.agreement.agrees else ("✗", "red")
    if not sampled.tested:
        sign, colour = "~", "cyan"
    rate = sampled.agreement.false_alarm_rate
    title = (
        f"the transformer (W_K, W_Q, W_V, h) on {sampled.agreement.comparisons[0].prompts} "
        f"sampled prompts; false-alarm rate {rate:g}"
    )
    first, *more = fold(title, style.width - 4, "", "")
    head = [f"  {style.paint(sign, colour)} {first}", *(f"    {line}" for line in more)]
    rows = [("", "claimed", "estimate", "std. error", "z")]
    rows += [
        (
            c.label,
            f"{c.claimed:.7g}",
            f"{c.estimate:.7g}",
            f"{c.standard_error:.2g}",
            f"{c.z:.2f}",
        )
        for c in sampled.agreement.comparisons
    ]
    note = fold(f"note: {sampled.note}", style.width, "    ", "      ") if sampled.note else []
    return [*head, *fitted(rows, "    ", style.width), *note]


def _mark(certainty: Certainty, style: Style) -> str:
    sign, colour = _LOOKS[certainty]
    return style.paint(f"{sign} {certainty.value}", colour, "bold")


def _closing(found: Exploration, style: Style) -> list[str]:
    agreed = (
        "" if found.agrees else "; a numerical check disagrees: this is a bug, please report it"
    )
    text = f"{found.optimum.kind.value}; loss {found.optimum.loss.decimal:.8g}"
    mark = _mark(found.optimum.certainty, style)
    words = f"{text}{agreed}; {found.seconds:.1f}\u00a0s"
    first, *more = fold(words, style.width - columns_of(mark) - 2, "", "")
    return [f"{mark}: {first}", *(f"    {line}" for line in more)]
