"""The exact loss of one given layer under any exact moments.

    L = E y^2 - 2n <N, C omega> + sum_a Var x'_a  N_a' T_omega N_a,   T_omega = sum T_ijkl w_j w_l,

in the diagonal coordinates of `GeneralMoments`. With b c = 0, E y^4 and E rho^2 do not enter, so
incomplete moments will do; with a = c = 0 only the moments of x'B s are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.arithmetic.matrices import product
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.optimum.readout import ReadoutProblem

Row = list[Fraction]


@dataclass(frozen=True, slots=True)
class GivenLayer:
    """(a, b, A, c) of one layer, exact: a (d,), A (d, d), c (d,)."""

    a: tuple[Fraction, ...]
    b: Fraction
    A: RationalMatrix
    c: tuple[Fraction, ...]

    @classmethod
    def of_readout(cls, B: RationalMatrix) -> GivenLayer:
        """The layer a = c = 0, b = 1, A = B', which predicts x'B s."""
        zero = (Fraction(0),) * len(B)
        return cls(zero, Fraction(1), tuple(zip(*B, strict=True)), zero)

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.a)

    @property
    def is_readout(self) -> bool:
        """Whether it predicts x'B s: a = 0 and b c = 0."""
        return not any(self.a) and not (self.b and any(self.c))

    @property
    def readout(self) -> RationalMatrix:
        """B = bA' + ca'."""
        size = range(self.dimension)
        return tuple(
            tuple(self.b * self.A[j][i] + self.c[i] * self.a[j] for j in size) for i in size
        )

    def scaled(self, factor: Fraction) -> GivenLayer:
        """The layer that predicts ``factor`` times as much."""
        rows = tuple(tuple(factor * v for v in row) for row in self.A)
        return GivenLayer(self.a, self.b, rows, tuple(factor * v for v in self.c))


def layer_loss(moments: GeneralMoments, context_length: int, layer: GivenLayer) -> Fraction:
    """E (y_{n+1} - prediction)^2 at ``layer``.

    Raises `NoExactMoments` where b c is not zero and the moments are not complete.
    """
    if layer.is_readout:
        return ReadoutProblem.of(moments, context_length).loss(layer.readout)
    if layer.b and any(layer.c) and not moments.complete:
        raise NoExactMoments("E y^4 is not known as a rational number in this setting")
    omega, stacked = _inward(moments, layer)
    d, n = moments.dimension, context_length
    size = range(d + 1)
    total = moments.target_second
    used = [j for j in size if omega[j]]
    for a in range(d):
        column = [row[a] for row in stacked]
        for i in (i for i in size if column[i]):
            signal = sum((omega[j] * moments.cross(_pair(i, j), a) for j in used), Fraction(0))
            total -= 2 * n * column[i] * signal
    gram = [
        [
            sum(
                (
                    omega[j] * omega[k] * moments.pair_moment(_pair(i, j), _pair(m, k), n)
                    for j in used
                    for k in used
                ),
                Fraction(0),
            )
            for m in size
        ]
        for i in size
    ]
    for a, variance in enumerate(moments.variances):
        column = [row[a] for row in stacked]
        spread = sum((column[i] * column[k] * gram[i][k] for i in size for k in size), Fraction(0))
        total += variance * spread
    return total


def _inward(moments: GeneralMoments, layer: GivenLayer) -> tuple[Row, list[Row]]:
    """omega' = M'omega and N' = M'N L with M = diag(L, 1): into diagonal coordinates."""
    lower = moments.lower
    upper = tuple(zip(*lower, strict=True))
    omega = [sum((u * v for u, v in zip(row, layer.a, strict=True)), Fraction(0)) for row in upper]
    inside = product(product(upper, layer.A), lower)
    last = product((layer.c,), lower)
    return [*omega, layer.b], [list(row) for row in (*inside, *last)]


def _pair(i: int, j: int) -> tuple[int, int]:
    return (i, j) if i <= j else (j, i)
