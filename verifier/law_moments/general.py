"""One example's exact moments under any setting that has rational ones.

Everything is done in diagonal coordinates: x = L x' with the covariates' matrix L D L', so that
x' is symmetric in every coordinate, and w' = L'w keeps w.x = w'.x'. There almost all moments
vanish. The layer cannot tell the difference: N' = M'N L and omega' = M'omega with M = diag(L, 1).

Of a response y = g(w.x) + e only four polynomials enter (``setting.response_forms``): they stand
for E[y^p | t], their other halves being averaged away by x' -> -x'. Given the task,
mu = E[x'y | w] and rho = E[y^2 | w] are polynomials in w'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from verifier.arithmetic.rationals import RationalMatrix

if TYPE_CHECKING:
    from verifier.law_moments.one_example import ExampleMoments

Pair = tuple[int, int]
Four = tuple[int, int, int, int]
Index = tuple[int, ...]
Rows = list[list[Fraction]]


class NoExactMoments(ValueError):
    """The moments exist, but not as rational numbers that this engine can write down."""


@dataclass(frozen=True, slots=True)
class GeneralMoments:
    """The moments of v' = (x', y), sparse: what is absent is zero; index d is the response.

    * ``lower``  L, unit lower triangular, x = L x';   ``variances``  E x'_i^2
    * ``target_second``  E y^2
    * ``fourth[i, j, k, l]``  E v_i v_j v_k v_l for i <= j <= k <= l
    * ``paired[(i, j), (k, l)]``  E_task[E[v_i v_j|task] E[v_k v_l|task]], pairs sorted, both orders
    * ``complete``  false where E y^4 and E_task[rho^2] are left out (not rational, or too large);
      they only enter where b c is not zero
    """

    lower: RationalMatrix
    variances: tuple[Fraction, ...]
    target_second: Fraction
    fourth: Mapping[Four, Fraction]
    paired: Mapping[tuple[Pair, Pair], Fraction]
    complete: bool

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.variances)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The sorted pairs (i, j) with i <= j <= d that number the entries of G."""
        return tuple((i, j) for i, j in combinations_with_replacement(range(self.dimension + 1), 2))

    @property
    def parity_symmetric(self) -> bool:
        """Whether every entry of ``fourth`` and ``paired`` with an odd number of y's is zero.

        Others, such as E y, need not be.

        Then E[s], E[s S] and E[s q] vanish, and with them all cross terms of the loss between
        the part of the prediction that is linear in s and the part in S and q.
        """
        d = self.dimension
        odd_fourth = any(value and index.count(d) % 2 for index, value in self.fourth.items())
        odd_paired = any(value and (p + q).count(d) % 2 for (p, q), value in self.paired.items())
        return not odd_fourth and not odd_paired

    def pair_moment(self, p: Pair, q: Pair, n: int) -> Fraction:
        """E[G_p G_q] = n fourth + n (n-1) paired, for sorted pairs."""
        i, j, k, m = sorted(p + q)
        fourth = self.fourth.get((i, j, k, m), Fraction(0))
        return n * fourth + n * (n - 1) * self.paired.get((p, q), Fraction(0))

    def cross(self, p: Pair, a: int) -> Fraction:
        """E_task[E[v_i v_j|task] E[y x'_a|task]] for p = (i, j); times n it is E[G_p y x'_a]."""
        return self.paired.get((p, (a, self.dimension)), Fraction(0))

    def signal_second(self) -> RationalMatrix:
        """E[mu mu'] in the original coordinates, mu = E[x y | task]; (d, d)."""
        d = self.dimension
        return self._original(
            [[self.paired.get(((i, d), (j, d)), Fraction(0)) for j in range(d)] for i in range(d)]
        )

    def response_weighted_second(self) -> RationalMatrix:
        """E[y^2 x x'] in the original coordinates, (d, d)."""
        d = self.dimension
        return self._original(
            [
                [self.fourth.get((min(i, j), max(i, j), d, d), Fraction(0)) for j in range(d)]
                for i in range(d)
            ]
        )

    def covariance(self) -> RationalMatrix:
        """E[x x'] in the original coordinates, (d, d)."""
        d = self.dimension
        return self._original(
            [[self.variances[i] if i == j else Fraction(0) for j in range(d)] for i in range(d)]
        )

    def example_moments(self) -> ExampleMoments:
        """The same moments in the original coordinates, for ``exact.explicit``.

        Order (d+1)^5 operations. Raises `NoExactMoments` unless ``complete``.
        """
        # It brings SymPy with it, which nothing else here needs.
        from verifier.law_moments.one_example import ExampleMoments

        if not self.complete:
            raise NoExactMoments("E y^4 is not known as a rational number in this setting")
        d = self.dimension
        size = range(d + 1)
        frame = [[*row, Fraction(0)] for row in self.lower] + [[Fraction(0)] * d + [Fraction(1)]]
        fourth: dict[Index, Fraction] = {}
        paired: dict[Index, Fraction] = {}
        for i in size:
            for j in size:
                for k in size:
                    for m in size:
                        index = (i, j, k, m)
                        p, q, r, s = sorted(index)
                        if (p, q, r, s) in self.fourth:
                            fourth[index] = self.fourth[p, q, r, s]
                        both = (_sorted(i, j), _sorted(k, m))
                        if both in self.paired:
                            paired[index] = self.paired[both]
        fourth, paired = _transformed(fourth, frame), _transformed(paired, frame)
        covariance = self.covariance()
        return ExampleMoments(
            dimension=d,
            symbols=(),
            target_second=self.target_second,
            covariance={(i, j): covariance[i][j] for i in range(d) for j in range(d)},
            cross={(i, j, m): v for (i, j, k, m), v in paired.items() if k == d and m < d},
            fourth=fourth,
            paired=paired,
        )

    def _original(self, inner: Rows) -> RationalMatrix:
        """L inner L'."""
        left = [
            [
                sum((u * row[j] for u, row in zip(lower, inner, strict=True) if u), Fraction(0))
                for j in range(self.dimension)
            ]
            for lower in self.lower
        ]
        return tuple(
            tuple(
                sum((u * v for u, v in zip(row, lower, strict=True) if v), Fraction(0))
                for lower in self.lower
            )
            for row in left
        )


def _sorted(i: int, j: int) -> Pair:
    return (i, j) if i <= j else (j, i)


def _transformed(entries: Mapping[Index, Fraction], frame: Rows) -> dict[Index, Fraction]:
    """Multiply every index of an order-4 tensor by ``frame``."""
    columns = [[(i, row[k]) for i, row in enumerate(frame) if row[k]] for k in range(len(frame))]
    current = dict(entries)
    for place in range(4):
        moved: dict[Index, Fraction] = {}
        for index, value in current.items():
            for i, factor in columns[index[place]]:
                key = (*index[:place], i, *index[place + 1 :])
                moved[key] = moved.get(key, Fraction(0)) + factor * value
        current = {index: value for index, value in moved.items() if value}
    return current
