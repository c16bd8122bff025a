"""The expected loss as a function of the weights W_K, W_Q, W_V, h, many at once.

For isotropic data the loss is f(omega, N), omega = (a, b) = W_V'h, N = (A; c') the first d columns
of W_K'W_Q, with seven numbers that come from outside:

    f = c0 - 2 lin (b tr A + c.a) + Q |b A' + c a'|^2 + g1 |A'a|^2 + g2 |A|^2 |a|^2
        + 2 g3 b (A'a).c + g4 b^2 |c|^2,

and the chain rule carries its gradient (g, Gamma) to the weights:

    dW_V = h g',  dh = W_V g,  dW_K = W_Q Gamma',  dW_Q = W_K Gamma, its last column 0.

W_K and W_Q have r rows (the head dimension) and d + 1 columns, W_V is square.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from verifier.numeric.stationary import FloatArray

Weights = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class WeightLoss:
    """The loss at weights (R, size), flattened in the order W_K, W_Q, W_V, h.

    dimension: d; head_dimension: r; constant, linear, quadratic, g1, g2, g3, g4: the numbers of f.
    """

    dimension: int
    head_dimension: int
    constant: float
    linear: float
    quadratic: float
    g1: float
    g2: float
    g3: float
    g4: float

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Those of W_K, W_Q, W_V and h."""
        side, r = self.dimension + 1, self.head_dimension
        return ((r, side), (r, side), (side, side), (side,))

    @property
    def size(self) -> int:
        """The number of weights."""
        return sum(map(prod, self.shapes))

    def split(self, flat: FloatArray) -> Weights:
        """W_K (R, r, d+1), W_Q, W_V (R, d+1, d+1) and h (R, d+1) as views of (R, size)."""
        parts, start = [], 0
        for shape in self.shapes:
            stop = start + prod(shape)
            parts.append(flat[:, start:stop].reshape(len(flat), *shape))
            start = stop
        keys, queries, values, head = parts
        return keys, queries, values, head

    def reduced(self, flat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """omega (R, d+1) and N (R, d+1, d)."""
        keys, queries, values, head = self.split(flat)
        omega = np.einsum("rij,ri->rj", values, head)
        return omega, keys.transpose(0, 2, 1) @ queries[:, :, :-1]

    def loss_and_gradient(self, flat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values (R,) and gradients (R, size)."""
        keys, queries, values, head = self.split(flat)
        omega, stacked = self.reduced(flat)
        value, to_omega, to_stacked = self.at(omega, stacked)
        to_queries = np.zeros_like(queries)
        to_queries[:, :, :-1] = keys @ to_stacked
        parts = (
            queries[:, :, :-1] @ to_stacked.transpose(0, 2, 1),
            to_queries,
            head[:, :, None] * to_omega[:, None, :],
            np.einsum("rij,rj->ri", values, to_omega),
        )
        return value, np.concatenate([part.reshape(len(flat), -1) for part in parts], axis=1)

    def at(
        self, omega: FloatArray, stacked: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """f (R,), its gradient in omega (R, d+1) and in N (R, d+1, d)."""
        a, b = omega[:, :-1], omega[:, -1]
        matrix, c = stacked[:, :-1], stacked[:, -1]
        image = np.einsum("rij,ri->rj", matrix, a)
        readout = b[:, None, None] * matrix.transpose(0, 2, 1) + c[:, :, None] * a[:, None, :]
        trace = np.einsum("rii->r", matrix)
        lengths = (a * a).sum(axis=1)
        frobenius = (matrix * matrix).sum(axis=(1, 2))
        along = (image * c).sum(axis=1)
        square = (c * c).sum(axis=1)
        value = (
            self.constant
            - 2 * self.linear * (b * trace + (a * c).sum(axis=1))
            + self.quadratic * (readout * readout).sum(axis=(1, 2))
            + self.g1 * (image * image).sum(axis=1)
            + self.g2 * frobenius * lengths
            + 2 * self.g3 * b * along
            + self.g4 * b * b * square
        )
        to_a = (
            -self.linear * c
            + self.quadratic * np.einsum("rij,ri->rj", readout, c)
            + self.g1 * np.einsum("rij,rj->ri", matrix, image)
            + self.g2 * frobenius[:, None] * a
            + self.g3 * b[:, None] * np.einsum("rij,rj->ri", matrix, c)
        )
        to_b = (
            -self.linear * trace
            + self.quadratic * np.einsum("rij,rji->r", readout, matrix)
            + self.g3 * along
            + self.g4 * b * square
        )
        to_matrix = (
            self.quadratic * b[:, None, None] * readout.transpose(0, 2, 1)
            + a[:, :, None] * (self.g1 * image + self.g3 * b[:, None] * c)[:, None, :]
            + (self.g2 * lengths)[:, None, None] * matrix
        )
        diagonal = np.arange(self.dimension)
        to_matrix[:, diagonal, diagonal] -= self.linear * b[:, None]
        to_c = (
            -self.linear * a
            + self.quadratic * np.einsum("rij,rj->ri", readout, a)
            + self.g3 * b[:, None] * image
            + self.g4 * (b * b)[:, None] * c
        )
        to_omega = 2 * np.concatenate([to_a, to_b[:, None]], axis=1)
        return value, to_omega, 2 * np.concatenate([to_matrix, to_c[:, None, :]], axis=1)
