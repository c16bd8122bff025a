"""A landscape as a document: stationary points, their places on l(rho), the verdicts.

Every number is that of the terminal report; the curve is evaluated exactly and rounded at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.render.document import (
    Block,
    Code,
    Document,
    Fold,
    Grid,
    Heading,
    Paragraph,
    Picture,
)
from verifier.reports.landscape_point import (
    Point,
    isolating,
    points,
    polynomial_text,
    rho_words,
    short,
    type_words,
)
from verifier.reports.landscape_spaces import reduced_words, weights_words
from verifier.reports.plots_landscape import reduced_loss_at
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weights import WeightsLandscape, weights_landscape

CURVE = 120  # points of the curve


def landscape_document(landscape: Landscape, weights: WeightsLandscape | None = None) -> Document:
    """The whole answer; the weights have head dimension d + 1 unless given."""
    where = f"d = {landscape.dimension}, n = {landscape.context_length}, σ² = {landscape.noise}"
    title = "Every stationary point of the expected loss in (omega, N)"
    return Document(
        title, where, tuple(_blocks(landscape, weights or weights_landscape(landscape)))
    )


def _blocks(landscape: Landscape, weights: WeightsLandscape) -> Iterator[Block]:
    found = points(landscape)
    yield Paragraph(
        (
            "Exact, in Theorem 1's setting, up to rotation and scaling; omega = (a, b) = W_V'h, "
            "N = (A; c') = W_K'W_Q, rho = |a|^2/b^2.",
        )
    )
    for verdict, why in (reduced_words(landscape), weights_words(weights)):
        yield Paragraph((f"{verdict}: {why}.",))
    yield Heading(1, "Stationary points")
    yield Grid(
        ("", "type", "rho", "loss", "above the minimum", "dimension"),
        tuple(_row(k, point, landscape) for k, point in enumerate(found, 1)),
    )
    yield _picture(landscape, found)
    yield Heading(1, "What the layer predicts there")
    for k, point in enumerate(found, 1):
        yield Fold((f"{k}: {point.words}",), tuple(_point(point)))
    yield Heading(1, "The same report")
    line = f"python -m verifier landscape --d {landscape.dimension} --n {landscape.context_length}"
    yield Code((f"{line} --noise {landscape.noise}",))


def _row(k: int, point: Point, landscape: Landscape) -> tuple[tuple[str], ...]:
    part = point.component
    base = min(p.loss for p in landscape.stationary).as_fraction()
    above = "" if base is None else short(part.loss.image((-base, 1)))
    cells = (type_words(part), rho_words(part.rho), short(part.loss, 10), above)
    return ((str(k),), *((cell,) for cell in cells), (str(part.dimension),))


def _point(point: Point) -> Iterator[Block]:
    """A point of the component, and its irrational numbers exactly."""
    at = point.at
    names = ("r", "b", "alpha", "delta", "gamma")
    values = (at.radius, at.b, at.aligned, at.diagonal, at.context)
    yield Paragraph(("A point: a = r e, A = diag(alpha, delta, ..., delta), c = gamma e.",))
    yield Grid(names, (tuple((short(value),) for value in values),))
    for name, number in (("rho", point.component.rho), ("loss", point.component.loss)):
        if isinstance(number, AlgebraicNumber) and number.as_fraction() is None:
            low, high = (f"{float(end):.10g}" for end in isolating(number))
            text = polynomial_text(number.polynomial, "x").replace("**", "^").replace("*", " ")
            yield Paragraph((f"{name} in ({low}, {high}), root of {text}.",))


def _picture(landscape: Landscape, found: tuple[Point, ...]) -> Picture:
    """l over the angle arctan sqrt(rho/(d + sigma2)), so that rho = oo is in sight."""
    scale = float(landscape.dimension + landscape.noise)
    half = math.pi / 2
    angles = [half * k / CURVE for k in range(CURVE)]
    values = reduced_loss_at(landscape, [scale * math.tan(t) ** 2 for t in angles])
    shown = [point for point in found if point.component.rho is not None]
    places = [_angle(point, scale) for point in shown]
    losses = [float(point.component.loss) for point in shown]
    low, high = min(*values, *losses), max(*values, *losses)
    height = (high - low) or 1.0
    labels = (str(found.index(point) + 1) for point in shown)
    return Picture(
        "ρ from 0 to ∞ (as arctan √(ρ/(d + σ²)))",
        "loss, minimised over N",
        tuple((t / half, (v - low) / height) for t, v in zip(angles, values, strict=True)),
        tuple(
            (t / half, (v - low) / height, label)
            for t, v, label in zip(places, losses, labels, strict=True)
        ),
        f"{low:.4g}",
        f"{high:.4g}",
    )


def _angle(point: Point, scale: float) -> float:
    rho = point.component.rho
    if isinstance(rho, AlgebraicNumber):
        return math.atan(math.sqrt(float(rho) / scale))
    return math.pi / 2
