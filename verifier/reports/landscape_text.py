"""A landscape for a terminal: one screen, nothing to decode."""

from __future__ import annotations

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.numeric.basins import STEPS
from verifier.render.columns import fitted, fold
from verifier.render.streams import Style
from verifier.reports.landscape_point import (
    Point,
    isolating,
    points,
    polynomial_text,
    rho_words,
    short,
    type_words,
)
from verifier.reports.landscape_spaces import reduced_words, shown, weights_words
from verifier.reports.weight_survey_text import training_lines
from verifier.stationary.basin_survey import Survey
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weight_survey import WeightSurvey
from verifier.stationary.weights import WeightsLandscape, weights_landscape

_LOOKS = {
    "global minimum": "green",
    "local minimum": "red",
    "saddle": "dim",
    "degenerate": "yellow",
}
HEADING = "Every stationary point in (ω, N) = (W_V'h, W_K'W_Q) of the expected loss"


def landscape_text(
    landscape: Landscape,
    survey: Survey | None,
    style: Style,
    weights: WeightsLandscape | None = None,
    training: WeightSurvey | None = None,
    note: str = "",
) -> str:
    """The whole answer; the weights have head dimension d + 1 unless given.

    ``note``: by which change of variables it is that of another setting.
    """
    found = points(landscape)
    lines = [
        *(style.paint(line, "bold") for line in fold(HEADING, style.width, "")),
        *fold(
            f"Exact, in Theorem 1's setting, d = {landscape.dimension}, "
            f"n = {landscape.context_length}, σ² = {landscape.noise}; "
            "up to rotation and scaling; ρ = ‖a‖²/b²",
            style.width,
            "  ",
            "  ",
        ),
        *fold(note, style.width, "  ", "  "),
        *_table(found, landscape, style),
        style.paint("What the layer predicts there", "bold"),
    ]
    for k, point in enumerate(found, 1):
        lines += fold(point.words, style.width, f"  {k}  ", "     ")
    lines += _exact_numbers(found, style)
    lines += _example(found, landscape, style)
    if survey is not None:
        lines += _survey(survey, style)
    if training is not None:
        lines += training_lines(training, style)
    lines += _closing(landscape, weights or weights_landscape(landscape), style)
    return style.letters("\n".join(lines))


def _table(found: tuple[Point, ...], _landscape: Landscape, style: Style) -> list[str]:
    lowest = min(point.component.loss for point in found)
    base = lowest.as_fraction()
    rows = [["", "type", "ρ", "loss", "above the minimum", "dimension"]]
    for k, point in enumerate(found, 1):
        part = point.component
        above = "" if base is None else short(part.loss.image((-base, 1)))
        rows.append(
            [
                str(k),
                style.paint(type_words(part), _LOOKS[part.type]),
                rho_words(part.rho),
                short(part.loss, 10),
                above,
                str(part.dimension),
            ]
        )
    head, *body = fitted(rows, "  ", style.width)
    return [style.paint(head, "dim"), *body]


def _exact_numbers(found: tuple[Point, ...], style: Style) -> list[str]:
    """Minimal polynomial and interval of every irrational number in the table."""
    rows = []
    for k, point in enumerate(found, 1):
        for name, number in (("ρ", point.component.rho), ("loss", point.component.loss)):
            if not isinstance(number, AlgebraicNumber) or number.as_fraction() is not None:
                continue
            low, high = (f"{float(end):.10g}" for end in isolating(number))
            text = polynomial_text(number.polynomial, "x").replace("**", "^").replace("*", "")
            rows.append((f"  {k}  {name:<5}", f"in ({low}, {high}), root of {text}"))
    if not rows:
        return []
    lines = [style.paint("Exact values", "bold")]
    return lines + [x for head, text in rows for x in fold(text, style.width, head, " " * 10)]


def _example(found: tuple[Point, ...], landscape: Landscape, style: Style) -> list[str]:
    shape = "a = r e₁, A = diag(α, δ, …, δ), c = γ e₁" if landscape.dimension > 1 else "a, b, A, c"
    rows = [["", "r", "b", "α", "δ", "γ"]]
    for k, point in enumerate(found, 1):
        at = point.at
        values = (at.radius, at.b, at.aligned, at.diagonal, at.context)
        rows.append([str(k), *(short(value) for value in values)])
    if landscape.dimension == 1:
        rows = [[row[0], *row[1:4], row[5]] for row in rows]
        rows[0] = ["", "a", "b", "A", "c"]
    head, *body = fitted(rows, "  ", style.width)
    return [
        style.paint("A point on each", "bold") + style.paint(f"  {shape}", "dim"),
        style.paint(head, "dim"),
        *body,
    ]


def _survey(survey: Survey, style: Style) -> list[str]:
    lines = []
    for near in survey.nearby:
        loss = short(near.component.loss, 10)
        training = near.training
        stayed = "all stayed" if near.stayed else "SOME LEFT"
        sgd = f"{near.kept} in its basin at the end"
        lines += [
            style.paint(f"Started near the local minimum of loss {loss}", "bold")
            + style.paint(f"  lowest pass {near.barrier:.3g} above it", "dim"),
        ]
        for text in (
            f"gradient descent on the exact loss: {near.descents.runs} starts, {stayed}",
            f"SGD of the transformer on prompts: {len(training.excess)} runs of "
            f"{training.prompts} prompts, {sgd}; "
            f"exact loss above the minimum: at most {training.excess.max():.2g}, "
            f"at the end {training.excess[:, -1].max():.2g}",
        ):
            lines += fold(text, style.width, "  ", "    ")
    for part in survey.too_shallow:
        lines.append(
            f"  the local minimum of loss {short(part.loss, 10)} is too shallow for descents in "
            "floating point"
        )
    rows = [["n", "initial scale", "global", "spurious", "elsewhere", "not converged", "not by GD"]]
    for frequency in survey.frequencies:
        tally = frequency.tally
        counts = (
            frequency.in_global,
            frequency.in_spurious,
            frequency.elsewhere,
            tally.not_converged,
            tally.finished,
        )
        n = str(frequency.landscape.context_length)
        rows.append([n, f"{frequency.scale:g}", *map(str, counts)])
    head, *body = fitted(rows, "  ", style.width)
    lines += [
        style.paint(f"Where {survey.starts} random starts end", "bold")
        + style.paint("  scale 1: as long as the global minimiser", "dim"),
        style.paint(head, "dim"),
        *body,
    ]
    if any(frequency.tally.finished for frequency in survey.frequencies):
        note = f"not by GD: on the way after {STEPS} gradient steps, finished by quasi-Newton steps"
        lines.append(style.paint(f"  {note}", "dim"))
    lines += [style.paint(f"  disagreement: {text}", "red") for text in survey.disagreements]
    return lines


def _closing(landscape: Landscape, weights: WeightsLandscape, style: Style) -> list[str]:
    lines = []
    for benign, (verdict, why) in (
        (landscape.gap is None, reduced_words(landscape)),
        (weights.benign, weights_words(weights)),
    ):
        first, *more = fold(shown(f"{verdict}: {why}", style.unicode), style.width, "", "  ")
        head = shown(verdict, style.unicode)
        painted = style.paint(head, "green" if benign else "red", "bold")
        lines += [first.replace(head, painted, 1), *more]
    return lines
