"""Where a descent ended: local minimum, saddle, or nowhere yet.

A loss comes in as a plain function theta -> (value, gradient) of the reduced parameters
theta = (a, b, A row by row, c), of degree 2 in omega = (a, b) and 2 in N = (A; c^T). It does not
change under (omega, N) -> (t omega, N/t), so gradients and curvatures mean something only at a
fixed point of each orbit: everything is measured at the balanced one (|omega| = |N|) and made
free of units with a natural length r and the loss of the zero prediction, L(0):

    gradient   |grad L| rho / L(0),   curvature   eigenvalues of the Hessian times rho^2 / L(0),

rho = max(|theta|, r). Without the second term of rho every small theta would look stationary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import isqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
LossFunction = Callable[[FloatArray], tuple[float, FloatArray]]
HessianFunction = Callable[[FloatArray], FloatArray]

GRADIENT_TOLERANCE = 1e-8
CURVATURE_TOLERANCE = 1e-6
_PROBES = (0.01, 0.03)
_PROBE_GAIN = 1e-10


class Outcome(Enum):
    """How a run ended."""

    LOCAL_MINIMUM = "local minimum"
    SADDLE = "saddle"
    NOT_CONVERGED = "not converged"


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """A loss with its Hessian and its two natural units, ``zero_loss`` and ``length``."""

    loss: LossFunction
    hessian: HessianFunction
    zero_loss: float
    length: float

    @classmethod
    def of(
        cls,
        loss: LossFunction,
        dimension: int,
        rng: np.random.Generator,
        hessian: HessianFunction | None = None,
    ) -> Landscape:
        """Measures the units; without ``hessian`` central differences of the gradient serve.

        ``length`` is the typical |theta| at which the loss has changed by L(0) along a random
        balanced direction. Raises ``ValueError`` where L(0) is not positive and finite.
        """
        size = (dimension + 1) ** 2
        zero_loss = float(loss(np.zeros(size))[0])
        if not 0 < zero_loss < np.inf:
            raise ValueError(f"the loss of the zero prediction must be positive, got {zero_loss}")
        lengths = []
        for _ in range(5):
            direction = balance(rng.standard_normal(size))
            direction /= np.linalg.norm(direction)
            lengths.append(_reach(loss, direction, zero_loss))
        length = float(np.median(lengths))
        return cls(loss, hessian or _differences(loss, length), zero_loss, length)

    def scaled_gradient(self, theta: FloatArray, gradient: FloatArray) -> float:
        """The unit-free gradient norm; ``theta`` balanced."""
        return float(np.linalg.norm(gradient)) * self.span(theta) / self.zero_loss

    def span(self, theta: FloatArray) -> float:
        """rho = max(|theta|, length)."""
        return max(float(np.linalg.norm(theta)), self.length)

    def curvatures(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Unit-free eigenvalues (ascending) and eigenvectors (columns) across the scaling orbit.

        The orbit's own direction (omega, -N) carries no curvature at a stationary point; it is
        given the largest one, so that it is neither a null direction nor a negative one.
        """
        hessian = self.hessian(theta) * (self.span(theta) ** 2 / self.zero_loss)
        orbit = theta.copy()
        orbit[isqrt(theta.size) :] *= -1
        norm = float(np.linalg.norm(orbit))
        if norm > 1e-6 * self.length:
            orbit /= norm
            hessian = hessian - np.outer(orbit, hessian @ orbit)
            hessian = hessian - np.outer(hessian @ orbit, orbit)
            hessian = hessian + np.abs(hessian).sum(axis=1).max() * np.outer(orbit, orbit)
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
        return values, vectors

    def descent(self, theta: FloatArray) -> FloatArray | None:
        """A lower point near a stationary ``theta``, or ``None`` at a local minimum.

        Negative curvature below -1e-6 gives one. Where the Hessian is semidefinite up to that
        tolerance, the null directions are probed at 1 % and 3 % of the span, for degenerate
        saddles: ``None`` then says "minimum up to these tolerances".
        """
        values, vectors = self.curvatures(theta)
        here, span = self.loss(theta)[0], self.span(theta)
        if values[0] < -CURVATURE_TOLERANCE:
            steps, directions = (0.03, 0.1), vectors[:, :1]
        else:
            null = vectors[:, values < CURVATURE_TOLERANCE]
            steps, directions = _PROBES, np.hstack([null, _combinations(null)])
        moves = [theta + s * t * span * v for v in directions.T for t in steps for s in (1, -1)]
        if not moves:
            return None
        losses = [self.loss(move)[0] for move in moves]
        best = int(np.argmin(losses))
        if losses[best] < here - _PROBE_GAIN * self.zero_loss:
            found: FloatArray = moves[best]
            return found
        # A curvature that is negative but gains nothing at these steps is tried at a small one.
        return theta + 1e-3 * span * vectors[:, 0] if values[0] < -CURVATURE_TOLERANCE else None

    def classify(self, theta: FloatArray, tolerance: float = GRADIENT_TOLERANCE) -> Outcome:
        """What the point is, for a balanced ``theta``; ``tolerance`` is the gradient's."""
        if not self.scaled_gradient(theta, self.loss(theta)[1]) <= tolerance:
            return Outcome.NOT_CONVERGED
        return Outcome.LOCAL_MINIMUM if self.descent(theta) is None else Outcome.SADDLE


def balance(theta: FloatArray) -> FloatArray:
    """The point with |omega| = |N| on theta's scaling orbit; unchanged if either is zero."""
    split = isqrt(theta.size)
    omega, stacked = np.linalg.norm(theta[:split]), np.linalg.norm(theta[split:])
    if omega == 0 or stacked == 0:
        return theta.copy()
    t = (stacked / omega) ** 0.5
    return np.concatenate([theta[:split] * t, theta[split:] / t])


def _combinations(null: FloatArray) -> FloatArray:
    """Eight fixed unit vectors in general position in the span of the columns of ``null``."""
    count = null.shape[1]
    if count < 2:
        return null[:, :0]
    weights = np.cos(np.outer(np.arange(1, count + 1) ** 2, np.arange(1, 9)))
    found: FloatArray = null @ (weights / np.linalg.norm(weights, axis=0))
    return found


def _reach(loss: LossFunction, direction: FloatArray, zero_loss: float) -> float:
    """The t, up to a factor 2, at which the loss along ``direction`` has changed by L(0)."""
    t = 1.0
    changed = abs(loss(t * direction)[0] - zero_loss) >= zero_loss
    factor = 0.5 if changed else 2.0
    for _ in range(200):
        if (abs(loss(t * factor * direction)[0] - zero_loss) >= zero_loss) != changed:
            return t * factor
        t *= factor
    return 1.0


def _differences(loss: LossFunction, length: float) -> HessianFunction:
    """Central differences of the gradient: of a quartic, with a relative error of about 1e-8."""

    def hessian(theta: FloatArray) -> FloatArray:
        step = 1e-4 * max(float(np.linalg.norm(theta)), length)
        rows = []
        for i in range(theta.size):
            move = np.zeros(theta.size)
            move[i] = step
            rows.append((loss(theta + move)[1] - loss(theta - move)[1]) / (2 * step))
        matrix = np.array(rows)
        return (matrix + matrix.T) / 2

    return hessian
