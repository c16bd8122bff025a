"""Many descents on a given loss in all (d+1)^2 reduced parameters.

Each run starts at a random point, goes down with L-BFGS-B (SciPy), is put back to the balanced
point of its scaling orbit between rounds (far from it the valley is arbitrarily ill-conditioned),
is finished with damped Newton steps on |Hessian|, and leaves every saddle that it meets. It is
called a local minimum only if ``numeric.stationary`` finds the gradient zero and no way down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from verifier.numeric.stationary import (
    GRADIENT_TOLERANCE,
    FloatArray,
    HessianFunction,
    Landscape,
    LossFunction,
    Outcome,
    balance,
)
from verifier.setting.numbers import positive_integer

LEVEL_TOLERANCE = 1e-7
_ROUNDS = 2
_NEWTON_STEPS = 80
_ESCAPES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One descent: where it ended (balanced theta), and what that point is.

    scaled_gradient and smallest_curvature are free of units (``numeric.stationary``).
    """

    theta: FloatArray
    loss: float
    scaled_gradient: float
    smallest_curvature: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class LossLevel:
    """A loss in which ``count`` runs ended, at points of one kind."""

    loss: float
    count: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, eq=False)
class OptimisationReport:
    """All runs, lowest loss first, and what they say together.

    levels: the distinct final losses of the runs that converged, ascending; losses of one kind
    of point that differ by at most ``tolerance`` (1e-7 of the zero prediction's loss) from their
    neighbour are one level. not_converged: how many runs are in none of them.
    """

    runs: tuple[Run, ...]
    levels: tuple[LossLevel, ...]
    not_converged: int
    tolerance: float

    @property
    def best(self) -> Run:
        """The run with the lowest loss, converged or not."""
        return self.runs[0]

    @property
    def best_loss(self) -> float:
        """The lowest loss."""
        return self.best.loss

    @property
    def best_parameters(self) -> FloatArray:
        """Balanced theta of the lowest loss."""
        return self.best.theta

    @property
    def spurious_levels(self) -> tuple[LossLevel, ...]:
        """Local minima above the best loss: levels that a run can get stuck in."""
        return tuple(
            level
            for level in self.levels
            if level.outcome is Outcome.LOCAL_MINIMUM
            and level.loss > self.best_loss + self.tolerance
        )


def optimise(
    loss: LossFunction,
    dimension: int,
    rng: np.random.Generator,
    starts: int = 20,
    hessian: HessianFunction | None = None,
    initial: Sequence[FloatArray] = (),
) -> OptimisationReport:
    """Descends from ``starts`` random points, after those in ``initial``.

    ``loss`` maps theta of length (d+1)^2 to (value, gradient); ``hessian``, where given, maps it
    to the matrix of second derivatives. Starts are normal directions at 1/10 to 3 natural
    lengths, half of them with omega leaning towards (0, b) or (a, 0). Raises ``ValueError`` for
    no start at all or a loss whose value at 0 is not positive.
    """
    positive_integer(starts + len(initial), "number of starts")
    landscape = Landscape.of(loss, dimension, rng, hessian)
    points = [*initial, *(_start(landscape, dimension, rng) for _ in range(starts))]
    runs = sorted((descend(landscape, p) for p in points), key=lambda r: (r.loss, r.outcome.value))
    return summarise(runs, landscape)


def summarise(runs: Sequence[Run], landscape: Landscape) -> OptimisationReport:
    """The report on ``runs``, which come lowest loss first."""
    tolerance = LEVEL_TOLERANCE * landscape.zero_loss
    levels: list[LossLevel] = []
    for outcome in (Outcome.LOCAL_MINIMUM, Outcome.SADDLE):
        previous = -inf
        for run in (r for r in runs if r.outcome is outcome):
            if run.loss - previous > tolerance:
                levels.append(LossLevel(run.loss, 1, outcome))
            else:
                levels[-1] = LossLevel(levels[-1].loss, levels[-1].count + 1, outcome)
            previous = run.loss
    levels.sort(key=lambda level: (level.loss, level.outcome.value))
    lost = sum(r.outcome is Outcome.NOT_CONVERGED for r in runs)
    return OptimisationReport(tuple(runs), tuple(levels), lost, tolerance)


def descend(landscape: Landscape, start: FloatArray) -> Run:
    """One run from ``start`` to a point that is classified."""
    theta = _quasi_newton(landscape, np.asarray(start, dtype=float))
    for _ in range(_ESCAPES):
        theta = _newton(landscape, theta)
        if landscape.scaled_gradient(theta, landscape.loss(theta)[1]) > GRADIENT_TOLERANCE:
            break
        lower = landscape.descent(theta)
        if lower is None:
            break
        theta = _quasi_newton(landscape, lower)
    value, gradient = landscape.loss(theta)
    return Run(
        theta=theta,
        loss=float(value),
        scaled_gradient=landscape.scaled_gradient(theta, gradient),
        smallest_curvature=float(landscape.curvatures(theta)[0][0]),
        outcome=landscape.classify(theta),
    )


def _start(landscape: Landscape, dimension: int, rng: np.random.Generator) -> FloatArray:
    theta = rng.standard_normal((dimension + 1) ** 2)
    # omega = (a, b) decides the basin; a plain normal one in high dimension is nearly all a.
    lean = rng.uniform(0.0, 1.0)
    if rng.random() < 0.5:
        theta[:dimension] *= lean
    else:
        theta[dimension] *= lean
    theta = balance(theta)
    size = landscape.length * 10 ** rng.uniform(-1.0, 0.5)
    return theta * (size / float(np.linalg.norm(theta)))


def _quasi_newton(landscape: Landscape, theta: FloatArray) -> FloatArray:
    """Rounds of L-BFGS-B in units of ``length`` and ``zero_loss``, balanced after each."""
    from scipy.optimize import minimize

    unit, length = landscape.zero_loss, landscape.length

    def scaled(z: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = landscape.loss(z * length)
        return value / unit, gradient * (length / unit)

    theta = balance(theta)
    for _ in range(_ROUNDS):
        result = minimize(
            scaled, theta / length, jac=True, method="L-BFGS-B", options={"maxiter": 60}
        )
        theta = balance(np.asarray(result.x) * length)
        if np.linalg.norm(result.jac) < 1e-3:
            break
    return theta


def _newton(landscape: Landscape, theta: FloatArray) -> FloatArray:
    """Damped Newton steps on |Hessian|, which saddles repel; balanced after each."""
    damping = 1e-4
    value, gradient = landscape.loss(theta)
    noise = 1e-13 * landscape.zero_loss
    # Ten times below what the classification asks for, so that it is not met by luck.
    target = 0.1 * GRADIENT_TOLERANCE
    values = vectors = None
    for _ in range(_NEWTON_STEPS):
        size = landscape.scaled_gradient(theta, gradient)
        if size <= target:
            break
        if values is None or vectors is None:
            values, vectors = landscape.curvatures(theta)
        unit = landscape.span(theta) ** 2 / landscape.zero_loss
        stiffness = np.abs(values) + damping * np.abs(values).max()
        step = -vectors @ ((vectors.T @ gradient) * unit / stiffness)
        moved = balance(theta + step)
        new_value, new_gradient = landscape.loss(moved)
        new_size = landscape.scaled_gradient(moved, new_gradient)
        if new_value < value - noise or (new_value <= value + noise and new_size < size):
            theta, value, gradient = moved, new_value, new_gradient
            damping = max(damping / 10, 1e-15)
            values = None
        else:
            damping = max(damping, 1e-8) * 10
            if damping > 1e8:
                break
    return theta
