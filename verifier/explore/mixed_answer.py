"""The best layer where every prompt draws a covariance of its own.

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

from verifier.arithmetic.flint_matrices import any_solution, from_flint, inner, to_flint
from verifier.arithmetic.rationals import RationalMatrix
from verifier.explore.answer import Certainties, Comparison, Optimum
from verifier.explore.exact_answer import readout_layer
from verifier.explore.values import Certainty, Value
from verifier.loss.moment_tables import FloatArray
from verifier.optimum.readout import Kind, Readout, ReadoutProblem, generalised_inverse

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
        """The best readout; where it is not unique, the simplest kind among them.

        That a simpler one is a minimiser too is decided by comparing exact losses.
        """
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
        flat = from_flint(any_solution(system, right))
        B = tuple(tuple(flat[d * i + j][0] for j in range(d)) for i in range(d))
        loss = self.loss(B)
        if loss == self.target_second:
            return Readout(_multiple(_ZERO, d), loss, Kind.ZERO, _ZERO)
        inverse = generalised_inverse(self.covariance())
        for kind, matrix in (
            (Kind.GRADIENT, _multiple(Fraction(1), d)),
            (Kind.PRECONDITIONED, inverse),
        ):
            rate, least = self.best_multiple(matrix)
            if least == loss:
                simpler = tuple(tuple(rate * v for v in row) for row in matrix)
                return Readout(simpler, loss, kind, rate)
        return Readout(B, loss, Kind.READOUT, None)

    def best_step(self) -> tuple[Fraction, Fraction]:
        """The best eta for B = eta I, and its loss."""
        return self.best_multiple(_multiple(Fraction(1), len(self.parts[0][1].covariance)))

    def best_multiple(self, matrix: RationalMatrix) -> tuple[Fraction, Fraction]:
        """The best eta for B = eta M, and its loss."""
        slope = curvature = _ZERO
        for share, problem in self.parts:
            signal = inner(to_flint(problem.signal), to_flint(matrix))
            slope += share * problem.context_length * signal
            moved = to_flint(problem.covariance) * to_flint(matrix)
            spread = moved * to_flint(problem.readout_second)
            curvature += share * inner(spread, to_flint(matrix))
        rate = slope / curvature if curvature else _ZERO
        return rate, self.target_second - rate * slope


def _multiple(value: Fraction, size: int) -> RationalMatrix:
    return tuple(tuple(value if i == j else _ZERO for j in range(size)) for i in range(size))


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
