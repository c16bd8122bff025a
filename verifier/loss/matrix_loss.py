"""The loss of any layer on a Gaussian pair by matrix products: order d^3, no tensors.

Examples x_i ~ N(0, Lambda), n of them; a query x ~ N(0, Lambda_q), the same law if not given;
E ww' = Gamma, E www = 0, noise variance sigma2. The layer predicts x'(B s + e) with
B = bA' + ca', e = A'S a + b q c. Then E[s e'] = E[w e'] = 0, and with t = tr(Lambda Gamma) + sigma2

    L = sigma2 + tr Lambda_q [Gamma - n (B Lambda Gamma + its transpose) + B E[ss'] B' + E[ee']],
    E[ss'] = n(n+1) Lambda Gamma Lambda + n t Lambda,
    E[S aa' S] = n(n+1) Lambda aa' Lambda + n (a'Lambda a) Lambda,
    E[q S] = n^2 t Lambda + 2n Lambda Gamma Lambda,   E q^2 = n(n+2) (t^2 + 2 tr(Lambda Gamma)^2).

All but E q^2 hold for every law of w with these moments; E q^2 is that of w ~ N(0, Gamma) and of
Gaussian noise. One class for Fractions and one for floats, from the same lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import ArrayLike, NDArray

from verifier.arithmetic.flint_matrices import fraction, inner, solution, to_flint
from verifier.loss.parameters import flatten

Floats = NDArray[np.float64]
Numbers = Sequence[int | Fraction]


@dataclass(frozen=True)
class PairLoss:
    """The loss at given layers, exactly.

    ``covariance``, ``task_covariance``, ``query_covariance`` are Lambda, Gamma and Lambda_q as
    (d, d) matrices of Fractions, symmetric positive semidefinite; build it with `of`.
    """

    dimension: int
    context_length: int
    noise: Fraction
    covariance: fmpq_mat
    task_covariance: fmpq_mat
    query_covariance: fmpq_mat

    @classmethod
    def of(
        cls,
        covariance: Sequence[Numbers],
        task_covariance: Sequence[Numbers],
        context_length: int,
        noise: Fraction,
        query_covariance: Sequence[Numbers] | None = None,
    ) -> PairLoss:
        """From rows of exact numbers, which are taken to be covariances."""
        query = covariance if query_covariance is None else query_covariance
        sides = (to_flint(_rows(side)) for side in (covariance, task_covariance, query))
        return cls(len(covariance), context_length, Fraction(noise), *sides)

    @property
    def method(self) -> str:
        """How it is found, in the words of ``expected_loss``."""
        return "matrices"

    def evaluate(self, a: Numbers, b: int | Fraction, A: Sequence[Numbers], c: Numbers) -> Fraction:
        """L at one layer: a (d,), b, A (d, d), c (d,), exact numbers.

        Raises TypeError for a float and ValueError for shapes that do not fit.
        """
        theta = flatten(a, b, A, c)
        if len(a) != self.dimension:
            raise ValueError(f"a has {len(a)} entries; the loss has dimension {self.dimension}")
        d = self.dimension
        numbers = [fmpq(v.numerator, v.denominator) for v in theta]
        column = fmpq_mat(d, 1, numbers[:d])
        matrix = fmpq_mat(d, d, numbers[d + 1 : d + 1 + d * d])
        last = fmpq_mat(d, 1, numbers[d + 1 + d * d :])
        scale = numbers[d]
        readout = matrix.transpose() * scale + last * column.transpose()
        total = self.readout_loss(readout)
        if any(column.entries()) or (scale and any(last.entries())):
            total += self._even(column, scale, matrix, last)
        return total

    def readout_loss(self, readout: fmpq_mat) -> Fraction:
        """L of the prediction x'B s."""
        n, query = self.context_length, self.query_covariance
        explained = inner(query * readout * self.covariance, self.task_covariance)
        spread = inner(query * readout * self.signal_second, readout)
        return self.zero_loss - 2 * n * explained + spread

    @cached_property
    def zero_loss(self) -> Fraction:
        """E y^2 of the target, the loss of predicting 0."""
        return inner(self.query_covariance, self.task_covariance) + self.noise

    @cached_property
    def best_readout(self) -> fmpq_mat:
        """The B of least loss, Gamma ((n+1) Lambda Gamma + t I)^-1; zero where t = 0.

        The query's covariance does not matter. ``proofs/gaussian_pair.py``, claim ``singular``.
        """
        d, n, t = self.dimension, self.context_length, _flint(self._power)
        if not t:
            return fmpq_mat(d, d)
        product = self.task_covariance * self.covariance * fmpq(n + 1)
        for i in range(d):
            product[i, i] += t
        found = solution(product, self.task_covariance)
        if found is None:
            raise ValueError("the covariances are not positive semidefinite")
        return found

    @cached_property
    def signal_second(self) -> fmpq_mat:
        """E[ss'], (d, d)."""
        n = self.context_length
        return self._sandwich * fmpq(n * (n + 1)) + self.covariance * _flint(n * self._power)

    def numeric(self) -> NumericPairLoss:
        """The same loss in floats."""
        return NumericPairLoss.of(
            _floats(self.covariance),
            _floats(self.task_covariance),
            self.context_length,
            float(self.noise),
            _floats(self.query_covariance),
        )

    @cached_property
    def _power(self) -> Fraction:
        return inner(self.covariance, self.task_covariance) + self.noise

    @cached_property
    def _sandwich(self) -> fmpq_mat:
        return self.covariance * self.task_covariance * self.covariance

    def _even(self, a: fmpq_mat, b: fmpq, A: fmpq_mat, c: fmpq_mat) -> Fraction:
        """tr Lambda_q E[ee']."""
        n, t = self.context_length, self._power
        moved, query = self.covariance * a, self.query_covariance
        # A Lambda_q A' against E[S aa' S] and, with c, against E[q S].
        weighted = A * query * A.transpose()
        strength = _flint(inner(moved, a))
        total = n * (n + 1) * inner(weighted * moved, moved)
        total += n * fraction(strength) * inner(weighted, self.covariance)
        if b and any(c.entries()):
            power = self.covariance * _flint(n * n * t) + self._sandwich * fmpq(2 * n)
            total += 2 * fraction(b) * inner(A * query * c, power * a)
            product = self.covariance * self.task_covariance
            fourth = t * t + 2 * inner(product, product.transpose())
            total += fraction(b) ** 2 * n * (n + 2) * fourth * inner(query * c, c)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class NumericPairLoss:
    """The loss at given layers in floats: a few products of (d, d) matrices a point."""

    context_length: int
    noise: float
    covariance: Floats
    task_covariance: Floats
    query_covariance: Floats
    _signal_second: Floats
    _power_second: Floats
    _fourth: float

    @classmethod
    def of(
        cls,
        covariance: ArrayLike,
        task_covariance: ArrayLike,
        context_length: int,
        noise: float,
        query_covariance: ArrayLike | None = None,
    ) -> NumericPairLoss:
        """From arrays (d, d)."""
        Lam, Gam = np.asarray(covariance, dtype=float), np.asarray(task_covariance, dtype=float)
        query = Lam if query_covariance is None else np.asarray(query_covariance, dtype=float)
        n, product = context_length, Lam @ Gam
        power, sandwich = float(np.trace(product)) + noise, product @ Lam
        fourth = n * (n + 2.0) * (power**2 + 2 * float((product * product.T).sum()))
        second = n * (n + 1.0) * sandwich + n * power * Lam
        mixed = n * n * power * Lam + 2 * n * sandwich
        return cls(n, noise, Lam, Gam, query, second, mixed, fourth)

    def loss(self, a: ArrayLike, b: float, A: ArrayLike, c: ArrayLike) -> float:
        """L at one layer: a (d,), b, A (d, d), c (d,)."""
        column, last = np.asarray(a, dtype=float), np.asarray(c, dtype=float)
        matrix, n, query = np.asarray(A, dtype=float), self.context_length, self.query_covariance
        readout = b * matrix.T + np.outer(last, column)
        moved = query @ readout
        target = float((query * self.task_covariance).sum()) + self.noise
        explained = float(((moved @ self.covariance) * self.task_covariance).sum())
        total = target - 2 * n * explained + float(((moved @ self._signal_second) * readout).sum())
        if column.any() or (b and last.any()):
            weighted, lifted = matrix @ query @ matrix.T, self.covariance @ column
            total += n * (n + 1.0) * float(lifted @ weighted @ lifted)
            total += n * float(column @ lifted) * float((weighted * self.covariance).sum())
            total += 2 * b * float(last @ query @ matrix.T @ self._power_second @ column)
            total += b * b * self._fourth * float(last @ query @ last)
        return total


def _rows(matrix: Sequence[Numbers]) -> list[list[Fraction]]:
    return [[Fraction(v) for v in row] for row in matrix]


def _flint(value: Fraction | int) -> fmpq:
    exact = Fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def _floats(matrix: Any) -> Floats:
    entries = [int(v.p) / int(v.q) for v in matrix.entries()]
    return np.array(entries).reshape(matrix.nrows(), matrix.ncols())
