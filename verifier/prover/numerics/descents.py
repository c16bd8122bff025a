"""Many descents on the exact loss of a layer, in its letters.

    L(z) = constant - 2 g'T(z) + T(z)'M T(z),   grad L = 2 T'(z)' (M T(z) - g)

with T quadratic in the letters z. Descents start at random letters, at which the prediction is
about as large as the target, a third of it to twice as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.prover.numerics.quadratic import Quadratic
from verifier.prover.numerics.weight_map import WeightMap

if TYPE_CHECKING:
    import numpy as np

LEVEL = 1e-5  # of the loss of the zero prediction: ends that are closer than this are one level
FIRST, THEN = 40, 200  # iterations of the two methods


@dataclass(frozen=True, slots=True, eq=False)
class NumericLoss:
    """The loss in the letters, by floats."""

    constant: float
    linear: np.ndarray
    square: np.ndarray
    weights: WeightMap

    @classmethod
    def of(cls, quadratic: Quadratic, weights: WeightMap) -> NumericLoss:
        """The floats of an exact quadratic."""
        import numpy as np

        linear = np.array(quadratic.linear, dtype=float)
        square = np.array(quadratic.square, dtype=float)
        return cls(float(quadratic.constant), linear, square, weights)

    def value_and_gradient(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """L and its exact derivative at the letters z."""
        found, slope = self.weights.at(z)
        pulled = self.square @ found
        value = self.constant + float(found @ (pulled - 2 * self.linear))
        return value, 2 * (pulled - self.linear) @ slope

    def hessian(self, z: np.ndarray) -> np.ndarray:
        """The exact second derivative at the letters z."""
        import numpy as np

        found, slope = self.weights.at(z)
        pulled = self.square @ found - self.linear
        result: np.ndarray = 2 * slope.T @ self.square @ slope + 4 * np.tensordot(
            pulled, self.weights.bent, 1
        )
        return result


@dataclass(frozen=True, slots=True)
class Level:
    """A loss near which ``count`` descents ended."""

    loss: float
    count: int


def descents(loss: NumericLoss, rng: np.random.Generator, starts: int) -> tuple[Level, ...]:
    """The losses that descents from random letters end in, the lowest first."""
    ends = sorted(_descent(loss, _start(loss, rng), bool(k % 2)) for k in range(starts))
    return levels(ends, LEVEL * (loss.constant or 1.0))


def levels(ends: Sequence[float], tolerance: float) -> tuple[Level, ...]:
    """Sorted ends, those that follow the one before within the tolerance put together."""
    found: list[Level] = []
    previous = float("-inf")
    for end in ends:
        if end - previous > tolerance:
            found.append(Level(end, 1))
        else:
            found[-1] = Level(found[-1].loss, found[-1].count + 1)
        previous = end
    return tuple(found)


def _start(loss: NumericLoss, rng: np.random.Generator) -> np.ndarray:
    z = rng.standard_normal(loss.weights.letters)
    found, _ = loss.weights.at(z)
    power = float(found @ loss.square @ found)
    size = (loss.constant / power) ** 0.25 if power > 0 and loss.constant > 0 else 1.0
    return z * size * 10 ** rng.uniform(-0.5, 0.25)


def _descent(loss: NumericLoss, start: np.ndarray, slowly: bool) -> float:
    """A trust region with the exact second derivative, which saddles do not hold.

    Its first steps are large; with ``slowly`` L-BFGS-B goes ahead and stays in the start's basin.
    """
    import numpy as np
    from scipy.optimize import minimize

    unit = loss.constant or 1.0
    length = float(np.linalg.norm(start)) or 1.0

    def scaled(z: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = loss.value_and_gradient(z * length)
        return value / unit, gradient * (length / unit)

    z = start / length
    if slowly:
        options = {"maxiter": FIRST}
        z = minimize(scaled, z, jac=True, method="L-BFGS-B", options=options).x
    result = minimize(
        scaled,
        z,
        jac=True,
        hess=lambda z: loss.hessian(z * length) * (length**2 / unit),
        method="trust-exact",
        options={"maxiter": THEN, "gtol": 1e-9},
    )
    return float(result.fun) * unit
