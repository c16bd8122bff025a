"""Looking for the best layer numerically: projected descents and full ones.

For given omega the best N is a linear solve, so first omega alone is searched from many starts;
where those end, and random points, then start descents in all (d+1)^2 parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verifier.explore.mixed_loss import AnyLoss
from verifier.loss.moment_tables import FloatArray, MomentLoss
from verifier.numeric.optimise import OptimisationReport, optimise

_KEPT = 2
_DISTINCT = 1e-6


def search(
    loss: AnyLoss, rng: np.random.Generator, starts: int, initial: Sequence[FloatArray] = ()
) -> OptimisationReport:
    """Descents from ``initial``, from the best ends of the projected search and at random.

    A mean of losses over a mixture is not searched by projection.
    """
    projected = []
    if isinstance(loss, MomentLoss):
        projected = _projected_ends(loss, rng, 4 * starts)
    return optimise(loss, loss.dimension, rng, starts, loss.hessian, [*initial, *projected])


def best_stacked(loss: MomentLoss, omega: FloatArray) -> FloatArray:
    """Flat theta of the best N for this omega, in the loss's own coordinates."""
    size = loss.dimension + 1
    gram = (loss.pair_matrix @ np.outer(omega, omega).ravel()).reshape(size, size)
    signal = np.einsum("ija,j->ia", loss.cross, omega)
    solved = np.linalg.lstsq(gram, signal, rcond=1e-12)[0]
    stacked = loss.context_length * solved / loss.variances
    return np.concatenate([omega, stacked.ravel()])


def _projected_ends(loss: MomentLoss, rng: np.random.Generator, starts: int) -> list[FloatArray]:
    """The best distinct ends of descents in omega alone."""
    from scipy.optimize import minimize

    size = loss.dimension + 1
    # Features and responses in units of their standard deviations.
    units = 1 / np.sqrt(np.append(loss.variances, loss.target_second))

    def projected(z: FloatArray) -> tuple[float, FloatArray]:
        norm = float(np.linalg.norm(z))
        value, gradient = loss(best_stacked(loss, units * z / norm))
        inner = units * gradient[:size] / norm
        # The value does not change along z.
        return value / loss.target_second, (inner - z * (inner @ z) / norm**2) / loss.target_second

    ends: list[tuple[float, FloatArray]] = []
    for index in range(starts):
        start = np.eye(size)[-1] if index == 0 else rng.standard_normal(size)
        result = minimize(projected, start, jac=True, method="BFGS", options={"maxiter": 200})
        ends.append((float(result.fun), units * result.x / np.linalg.norm(result.x)))
    ends.sort(key=lambda end: end[0])
    kept: list[tuple[float, FloatArray]] = []
    for value, omega in ends:
        if len(kept) < _KEPT and all(abs(value - other) > _DISTINCT for other, _ in kept):
            kept.append((value, omega))
    return [best_stacked(loss, omega) for _, omega in kept]
