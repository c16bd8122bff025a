"""A float evaluator for the exact loss of a small dimension, compiled from its terms.

Every term has degree at most 4 in theta. A term becomes a row of four positions into
(theta, 1), so that loss, gradient and Hessian are a few vectorised gathers and scatters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_DEGREE = 4


@dataclass(frozen=True, slots=True, eq=False)
class NumericPolynomialLoss:
    """Float loss over flat theta of length (d+1)^2; leading axes of theta are a batch."""

    dimension: int
    positions: NDArray[np.intp]
    coefficients: Floats

    @staticmethod
    def compile(dimension: int, terms: Mapping[tuple[int, ...], Fraction]) -> NumericPolynomialLoss:
        """Compile exponent tuples over theta and their exact coefficients."""
        size = (dimension + 1) ** 2
        rows = []
        for exponents in terms:
            row = [i for i, exponent in enumerate(exponents) for _ in range(exponent)]
            rows.append(row + [size] * (_DEGREE - len(row)))
        positions = np.array(rows, dtype=np.intp).reshape(-1, _DEGREE)
        return NumericPolynomialLoss(
            dimension, positions, np.array([float(v) for v in terms.values()])
        )

    @property
    def size(self) -> int:
        """The number of parameters, (d+1)^2."""
        return (self.dimension + 1) ** 2

    def _factors(self, theta: ArrayLike) -> Floats:
        """Return the four factors of every term, of shape (terms, 4, ...)."""
        values = np.asarray(theta, dtype=float)
        if values.shape[-1:] != (self.size,):
            raise ValueError(f"theta must end in an axis of {self.size} entries")
        padded = np.concatenate([values, np.ones((*values.shape[:-1], 1))], axis=-1)
        return np.asarray(np.moveaxis(padded, -1, 0)[self.positions])

    def _sum(self, factors: Floats) -> Floats:
        return np.asarray(np.tensordot(self.coefficients, np.prod(factors, axis=1), axes=1))

    def _others(self, factors: Floats, left_out: tuple[int, ...]) -> Floats:
        """Return coefficient times the product of the factors that are not left out."""
        product = np.prod(np.delete(factors, left_out, axis=1), axis=1)
        return np.asarray((product.T * self.coefficients).T)

    def loss(self, theta: ArrayLike) -> Floats:
        """Return L for theta of shape (..., (d+1)^2), as an array of shape (...)."""
        return self._sum(self._factors(theta))

    def loss_and_gradient(self, theta: ArrayLike) -> tuple[Floats, Floats]:
        """Return L of shape (...) and its gradient of shape (..., (d+1)^2)."""
        factors = self._factors(theta)
        gradient = np.zeros((self.size + 1, *factors.shape[2:]))
        for k in range(_DEGREE):
            np.add.at(gradient, self.positions[:, k], self._others(factors, (k,)))
        return self._sum(factors), np.moveaxis(gradient[:-1], 0, -1)

    def hessian(self, theta: ArrayLike) -> Floats:
        """Return the second derivatives, of shape (..., (d+1)^2, (d+1)^2)."""
        factors = self._factors(theta)
        side = self.size + 1
        hessian = np.zeros((side * side, *factors.shape[2:]))
        for k, m in permutations(range(_DEGREE), 2):
            cells = self.positions[:, k] * side + self.positions[:, m]
            np.add.at(hessian, cells, self._others(factors, (k, m)))
        square = hessian.reshape(side, side, *factors.shape[2:])[:-1, :-1]
        return np.moveaxis(square, (0, 1), (-2, -1))
