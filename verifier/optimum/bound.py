"""Where parity is broken: an exact bound from below and exact layers from above.

The prediction is linear in the entries G_p of G = sum v v', p = (i, j):  x' P G with
P_a,(ij) = N_ia omega_j + N_ja omega_i. Dropping the demand that P comes from a layer leaves least
squares, whose minimum bounds every layer's loss from below:

    L >= E y^2 - n^2 sum_a C_a' T^{-1} C_a / Var x'_a,   T = E[G G'],  C_a = E[v v' mu_a].

For given omega the best N solves T_omega N Lambda = n C omega, which gives layers with an exact
loss, hence bounds from above. All in the diagonal coordinates of `GeneralMoments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.general import GeneralMoments, NoExactMoments, Pair
from verifier.optimum.readout import solve_semidefinite


@dataclass(frozen=True, slots=True)
class ExactLayer:
    """omega = (a, b) and N = (A; c') in the original coordinates, with their exact loss."""

    omega: tuple[Fraction, ...]
    stacked: RationalMatrix
    loss: Fraction


@dataclass(frozen=True, slots=True)
class PairProblem:
    """T and C over the entries of G, with the variances of x' that are not zero."""

    moments: GeneralMoments
    context_length: int
    gram: RationalMatrix
    signal: RationalMatrix

    @classmethod
    def of(cls, moments: GeneralMoments, context_length: int) -> PairProblem:
        """Raises `NoExactMoments` unless the moments are complete."""
        if not moments.complete:
            raise NoExactMoments("E y^4 is not known as a rational number in this setting")
        pairs, d = moments.pairs, moments.dimension
        gram = tuple(tuple(moments.pair_moment(p, q, context_length) for q in pairs) for p in pairs)
        signal = tuple(tuple(moments.cross(p, a) for a in range(d)) for p in pairs)
        return cls(moments, context_length, gram, signal)

    def lower_bound(self) -> Fraction:
        """The exact least loss of any predictor x'P G; no layer is below it."""
        solved = solve_semidefinite(self.gram, self.signal)
        explained = Fraction(0)
        for a, variance in enumerate(self.moments.variances):
            if variance:
                column = sum(
                    (u[a] * v[a] for u, v in zip(self.signal, solved, strict=True)), Fraction(0)
                )
                explained += column / variance
        return self.moments.target_second - self.context_length**2 * explained

    def best_layer(self, omega: Sequence[Fraction]) -> ExactLayer:
        """The best N for ``omega`` = (a, b), given in the original coordinates.

        Raises ``ValueError`` if no N is stationary, which exact moments do not allow.
        """
        d, n, variances = self.moments.dimension, self.context_length, self.moments.variances
        lower = self.moments.lower
        inner = [sum((lower[k][i] * omega[k] for k in range(d)), Fraction(0)) for i in range(d)] + [
            omega[d]
        ]
        gram, signal = self._contracted(inner)
        solved = solve_semidefinite(gram, signal)
        stacked = [
            [n * v / variance if variance else Fraction(0) for v, variance in _zip(row, variances)]
            for row in solved
        ]
        explained = sum(
            (
                n * u * v
                for row, other in zip(signal, stacked, strict=True)
                for u, v in zip(row, other, strict=True)
            ),
            Fraction(0),
        )
        loss = self.moments.target_second - explained
        return ExactLayer(tuple(omega), self._outward(stacked), loss)

    def _contracted(self, omega: Sequence[Fraction]) -> tuple[RationalMatrix, RationalMatrix]:
        """T_omega[i, k] = sum_jl omega_j omega_l T_(ij)(kl) and C omega[i, a]."""
        d = self.moments.dimension
        place = {p: k for k, p in enumerate(self.moments.pairs)}
        size = range(d + 1)
        rows = [[(place[_ordered(i, j)], omega[j]) for j in size if omega[j]] for i in size]
        half = [
            [sum((w * self.gram[p][q] for p, w in row), Fraction(0)) for q in range(len(place))]
            for row in rows
        ]
        gram = tuple(
            tuple(sum((w * line[q] for q, w in row), Fraction(0)) for row in rows) for line in half
        )
        signal = tuple(
            tuple(sum((w * self.signal[p][a] for p, w in row), Fraction(0)) for a in range(d))
            for row in rows
        )
        return gram, signal

    def _outward(self, stacked: list[list[Fraction]]) -> RationalMatrix:
        """N = M'^{-1} N' L^{-1}, M = diag(L, 1): from diagonal to original coordinates."""
        lower = self.moments.lower
        d = len(lower)
        rows = [list(row) for row in stacked]
        for i in reversed(range(d)):
            for k in range(i + 1, d):
                rows[i] = [v - lower[k][i] * u for v, u in _zip(rows[i], rows[k])]
        for row in rows:
            for j in reversed(range(d)):
                for k in range(j + 1, d):
                    row[j] -= row[k] * lower[k][j]
        return tuple(map(tuple, rows))


def _ordered(i: int, j: int) -> Pair:
    return (i, j) if i <= j else (j, i)


def _zip(left: Sequence[Fraction], right: Sequence[Fraction]) -> zip[tuple[Fraction, Fraction]]:
    return zip(left, right, strict=True)
