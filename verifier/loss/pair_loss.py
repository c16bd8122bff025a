"""The loss of a Gaussian pair (or any example with exact moments) at rational parameters, exactly.

    L = E y^2 - 2 n <N omega', C> + tr(N Lambda N' T_omega),   T_omega[i,k] = sum T_ijkl w_j w_l,

with its gradient and its Hessian, in the diagonal coordinates of `GeneralMoments`: theta is omega
(d + 1) and then N (d + 1, d), row by row. T_ijkl = E G_ij G_kl, G the sum of v v' over the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.law_moments.general import GeneralMoments, NoExactMoments

Vector = Sequence[Fraction]
Matrix = list[list[Fraction]]


@dataclass(frozen=True, slots=True, eq=False)
class PairLoss:
    """L at rational theta. pairs: all (i, j, k, l, T_ijkl), cross: all (i, j, a, C_ija), not 0."""

    dimension: int
    context_length: int
    zero: Fraction
    variances: tuple[Fraction, ...]
    pairs: tuple[tuple[int, int, int, int, Fraction], ...]
    cross: tuple[tuple[int, int, int, Fraction], ...]

    @classmethod
    def of(cls, moments: GeneralMoments, context_length: int) -> PairLoss:
        """From the exact moments; `NoExactMoments` where E y^4 is not known."""
        if not moments.complete:
            raise NoExactMoments("E y^4 is not known as a rational number in this setting")
        d, size = moments.dimension, range(moments.dimension + 1)
        pairs = []
        for i in size:
            for j in size:
                for k in size:
                    for m in size:
                        p, q = (min(i, j), max(i, j)), (min(k, m), max(k, m))
                        value = moments.pair_moment(p, q, context_length)
                        if value:
                            pairs.append((i, j, k, m, value))
        cross = [
            (i, j, a, moments.cross((min(i, j), max(i, j)), a))
            for i in size
            for j in size
            for a in range(d)
        ]
        return cls(
            dimension=d,
            context_length=context_length,
            zero=moments.target_second,
            variances=moments.variances,
            pairs=tuple(pairs),
            cross=tuple(entry for entry in cross if entry[3]),
        )

    @property
    def size(self) -> int:
        """The number of parameters, (d + 1)^2."""
        return (self.dimension + 1) ** 2

    def split(self, theta: Vector) -> tuple[list[Fraction], Matrix]:
        """omega and N."""
        d = self.dimension
        rest = list(theta[d + 1 :])
        return list(theta[: d + 1]), [rest[i * d : (i + 1) * d] for i in range(d + 1)]

    def value(self, theta: Vector) -> Fraction:
        """L."""
        omega, stacked = self.split(theta)
        outer = self._outer(stacked)
        total = self.zero
        for i, j, k, m, value in self.pairs:
            total += value * outer[i][k] * omega[j] * omega[m]
        n = self.context_length
        return total - 2 * n * sum(
            (value * omega[j] * stacked[i][a] for i, j, a, value in self.cross), Fraction(0)
        )

    def gradient(self, theta: Vector) -> list[Fraction]:
        """Its first derivatives."""
        d, n = self.dimension, self.context_length
        omega, stacked = self.split(theta)
        outer, gram = self._outer(stacked), self._gram(omega)
        in_omega = [Fraction(0)] * (d + 1)
        for i, j, k, m, value in self.pairs:
            in_omega[j] += 2 * value * outer[i][k] * omega[m]
        in_stacked = [
            [
                2 * self.variances[a] * sum(gram[i][k] * stacked[k][a] for k in range(d + 1))
                for a in range(d)
            ]
            for i in range(d + 1)
        ]
        for i, j, a, value in self.cross:
            in_omega[j] -= 2 * n * value * stacked[i][a]
            in_stacked[i][a] -= 2 * n * value * omega[j]
        return [*in_omega, *(x for row in in_stacked for x in row)]

    def hessian(self, theta: Vector) -> Matrix:
        """Its second derivatives."""
        d, n = self.dimension, self.context_length
        omega, stacked = self.split(theta)
        outer, gram = self._outer(stacked), self._gram(omega)
        full = [[Fraction(0)] * self.size for _ in range(self.size)]

        def place(i: int, a: int) -> int:
            return d + 1 + i * d + a

        weighted = [[x * v for x, v in zip(row, self.variances, strict=True)] for row in stacked]
        for i, j, k, m, value in self.pairs:
            full[j][m] += 2 * value * outer[i][k]
            for a in range(d):
                # d/dN_ia of the sum over k, and d/d omega_j or d/d omega_m of that.
                for other, moved in ((j, m), (m, j)):
                    change = 2 * value * omega[moved] * weighted[k][a]
                    full[place(i, a)][other] += change
                    full[other][place(i, a)] += change
        for i, j, a, value in self.cross:
            full[place(i, a)][j] -= 2 * n * value
            full[j][place(i, a)] -= 2 * n * value
        for i in range(d + 1):
            for k in range(d + 1):
                for a in range(d):
                    full[place(i, a)][place(k, a)] += 2 * gram[i][k] * self.variances[a]
        return full

    def _outer(self, stacked: Matrix) -> Matrix:
        """N Lambda N'."""
        return [
            [
                sum(
                    (x * y * v for x, y, v in zip(one, two, self.variances, strict=True)),
                    Fraction(0),
                )
                for two in stacked
            ]
            for one in stacked
        ]

    def _gram(self, omega: Vector) -> Matrix:
        """T_omega."""
        size = self.dimension + 1
        found = [[Fraction(0)] * size for _ in range(size)]
        for i, j, k, m, value in self.pairs:
            found[i][k] += value * omega[j] * omega[m]
        return found

    def third_bound(self, length: Fraction) -> Fraction:
        """A bound on |D^3 L| (as an operator) where |theta| <= length.

        A term c w_j w_l N_ia N_ka has third derivatives of at most 4! |c| length in all, in any
        three unit directions; the terms of lower degree have none.
        """
        total = sum((abs(value) for *_, value in self.pairs), Fraction(0))
        return 24 * total * sum(self.variances, Fraction(0)) * length
