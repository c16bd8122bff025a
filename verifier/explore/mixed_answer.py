"""The best layer where every prompt draws a covariance of its own (floor 3).

With probability p_k a prompt has the covariates of part k, its query too; the loss is the mean of
the parts' losses. Where each part has parity each of them is a quadratic in B plus a mean square
that a = c = 0 makes 0, so the best layer is x'B s with

    sum_k p_k Lambda_k B Q_k = sum_k p_k n P_k,

d^2 linear equations, solved exactly. Elsewhere the best of descents on the mean loss is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import fmpq, fmpq_mat

from verifier.exact.flint_matrices import from_flint, solution, to_flint
from verifier.exact.matrices import RationalMatrix, product
from verifier.exact.optimum import Kind, Readout, ReadoutProblem
from verifier.explore.answer import Certainties, Comparison, Optimum
from verifier.explore.exact_answer import readout_layer
from verifier.explore.tensors import FloatArray, MomentLoss
from verifier.explore.values import Certainty, Value

LARGEST = 12
_ZERO = Fraction(0)


@dataclass(frozen=True)
class MixedProblem:
    """The parts' readout problems with their probabilities."""

    parts: tuple[tuple[Fraction, ReadoutProblem], ...]

    def loss(self, B: RationalMatrix) -> Fraction:
        """The mean loss of x'B s."""
        return sum((share * problem.loss(B) for share, problem in self.parts), _ZERO)

    @cached_property
    def target_second(self) -> Fraction:
        """E y^2."""
        return sum((share * problem.target_second for share, problem in self.parts), _ZERO)

    def covariance(self) -> RationalMatrix:
        """E xx' of the query."""
        size = range(len(self.parts[0][1].covariance))
        return tuple(
            tuple(sum((p * m.covariance[i][j] for p, m in self.parts), _ZERO) for j in size)
            for i in size
        )

    def best(self) -> Readout:
        """The best readout. ``ValueError`` in one line where the equations have no one solution."""
        d = len(self.parts[0][1].covariance)
        system, right = fmpq_mat(d * d, d * d), fmpq_mat(d * d, 1)
        for share, problem in self.parts:
            weight = fmpq(share.numerator, share.denominator)
            left, second = to_flint(problem.covariance), to_flint(problem.readout_second)
            signal = to_flint(problem.signal) * (weight * problem.context_length)
            for i in range(d):
                for j in range(d):
                    right[d * i + j, 0] += signal[i, j]
                    for k in range(d):
                        if left[i, k]:
                            for m in range(d):
                                system[d * i + j, d * k + m] += weight * left[i, k] * second[m, j]
        solved = solution(system, right)
        if solved is None:
            raise ValueError("[covariates] mixture: a direction in which no part varies")
        flat = from_flint(solved)
        B = tuple(tuple(flat[d * i + j][0] for j in range(d)) for i in range(d))
        kind, rate = self._kind(B)
        return Readout(B, self.loss(B), kind, rate)

    def best_step(self) -> tuple[Fraction, Fraction]:
        """The best eta for B = eta I, and its loss."""
        size = range(len(self.parts[0][1].covariance))
        slope = curvature = _ZERO
        for share, problem in self.parts:
            slope += (
                share * problem.context_length * sum((problem.signal[i][i] for i in size), _ZERO)
            )
            moved = product(problem.covariance, problem.readout_second)
            curvature += share * sum((moved[i][i] for i in size), _ZERO)
        rate = slope / curvature if curvature else _ZERO
        return rate, self.target_second - rate * slope

    def _kind(self, B: RationalMatrix) -> tuple[Kind, Fraction | None]:
        if not any(v for row in B for v in row):
            return Kind.ZERO, _ZERO
        for kind, matrix in (
            (Kind.GRADIENT, B),
            (Kind.PRECONDITIONED, product(B, self.covariance())),
        ):
            rate = matrix[0][0]
            if all(
                v == (rate if i == j else 0) for i, r in enumerate(matrix) for j, v in enumerate(r)
            ):
                return kind, rate
        return Kind.READOUT, None


@dataclass(frozen=True, slots=True, eq=False)
class MixedLoss:
    """The mean of losses in floats, in the original coordinates, with derivatives.

    ``maps`` take theta to each loss's own coordinates.
    """

    parts: tuple[tuple[float, MomentLoss], ...]
    maps: tuple[FloatArray, ...]

    @classmethod
    def of(cls, parts: tuple[tuple[float, MomentLoss], ...]) -> MixedLoss:
        """From the parts' losses."""
        size = (len(parts[0][1].lower) + 1) ** 2
        units = np.eye(size)
        maps = tuple(np.stack([loss.inward(u) for u in units], axis=1) for _, loss in parts)
        return cls(parts, maps)

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The loss and its gradient."""
        value, gradient = 0.0, np.zeros_like(theta)
        for (share, loss), move in zip(self.parts, self.maps, strict=True):
            own, slope = loss(move @ theta)
            value, gradient = value + share * own, gradient + share * (move.T @ slope)
        return value, gradient

    def hessian(self, theta: FloatArray) -> FloatArray:
        """All second derivatives."""
        total = np.zeros((len(theta), len(theta)))
        for (share, loss), move in zip(self.parts, self.maps, strict=True):
            total += share * (move.T @ loss.hessian(move @ theta) @ move)
        return total


def mixed_optimum(problem: MixedProblem) -> Optimum:
    """The computed answer, for parts with parity."""
    readout = problem.best()
    loss = Value.rational(readout.loss)
    rate = None if readout.learning_rate is None else Value.rational(readout.learning_rate)
    computed = Certainty.COMPUTED
    return Optimum(
        loss=loss,
        certainty=computed,
        certainties=Certainties.of(computed, computed, rate),
        reason="exact equations for this mixture of covariances",
        facts=(
            "in every part each moment of degree four with an odd number of y's is exactly 0, so "
            "the loss is a convex quadratic in B plus a mean square, which a = c = 0 makes 0",
            "sum p Lambda B E[ss'] = sum p n E[mu mu'] over the parts holds exactly",
        ),
        lower_bound=loss,
        **readout_layer(readout),  # type: ignore[arg-type]
    )


def found_optimum(theta: FloatArray, loss: float, readout: Readout) -> Optimum:
    """The best of the descents, or the best readout where none gains on it: supported."""
    supported = Certainty.SUPPORTED
    if float(readout.loss) <= loss * (1 + 1e-9):
        rate = None if readout.learning_rate is None else Value.rational(readout.learning_rate)
        return Optimum(
            loss=Value.rational(readout.loss),
            certainty=supported,
            certainties=Certainties.of(supported, supported, rate),
            reason="no descent gained on the best readout, which is exact",
            **readout_layer(readout),  # type: ignore[arg-type]
        )
    d = len(readout.B)
    a, b, stacked = theta[:d], float(theta[d]), theta[d + 1 :].reshape(d + 1, d)
    B = b * stacked[:d].T + np.outer(stacked[d], a)

    def values(row: FloatArray) -> tuple[Value, ...]:
        return tuple(Value(float(v)) for v in row)

    return Optimum(
        loss=Value(loss),
        kind=Kind.QUADRATIC,
        learning_rate=None,
        B=tuple(values(row) for row in B),
        a=values(a),
        b=Value(b),
        A=tuple(values(row) for row in stacked[:d]),
        c=values(stacked[d]),
        certainty=supported,
        certainties=Certainties.of(supported, supported, None),
        reason="best of all descents on the mean of the parts' exact losses",
    )


def mixed_compared(problem: MixedProblem, readout: Fraction) -> tuple[Comparison, ...]:
    """Predicting 0, the best step and the best readout."""
    rate, loss = problem.best_step()
    zero = Value.rational(problem.target_second)
    step = Value.rational(loss)
    return (
        Comparison("zero", "predict 0", zero),
        Comparison("gradient_descent", "one step, best rate", step, Value.rational(rate)),
        Comparison("linear_readout", "best x'Bs, a = c = 0", Value.rational(readout)),
    )
