"""Covariates x = m + F z: a law of z, a covariance, a mean; exact moments of any order.

F = L D^{1/2} from the exact factorisation C = L D L^T: the lower triangular Cholesky factor. For
rotation-invariant z every F with F F^T = C gives the same law of x; for the others it does not, and
the order of the coordinates matters. Cov x = E z_1^2 C, for the normal law C itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from verifier.setting.covariance import Covariance, FloatArray, Matrix
from verifier.setting.laws import BaseLaw


@dataclass(frozen=True, slots=True)
class Covariates:
    """x = m + F z: a base law of z, F F^T and m; the law of every x_i and of the query.

    An empty ``mean`` is 0.
    """

    law: BaseLaw
    covariance: Covariance
    mean: tuple[Fraction, ...] = ()

    def __post_init__(self) -> None:
        if self.mean and len(self.mean) != self.covariance.dimension:
            raise ValueError(
                f"the mean has {len(self.mean)} entries; dimension is {self.covariance.dimension}"
            )
        if not any(self.mean):
            object.__setattr__(self, "mean", ())

    @property
    def dimension(self) -> int:
        """d."""
        return self.covariance.dimension

    @property
    def isotropic(self) -> bool:
        """Whether R x has the law of x for every orthogonal R (always so for d = 1: R = ±1)."""
        size = self.dimension
        scalar = Covariance.identity(size, self.covariance.entries[0][0])
        if self.mean:
            return False
        return size == 1 or (self.law.rotation_invariant and self.covariance == scalar)

    @property
    def centred(self) -> bool:
        """Whether the mean is 0; then -x has the law of x."""
        return not self.mean

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Independent draws of x, shape (*shape, d)."""
        z = self.law.sample(rng, (*shape, self.dimension))
        if not self.covariance.is_identity:
            z = (z.reshape(-1, self.dimension) @ self.covariance.factor().T).reshape(z.shape)
        return z + np.array(self.mean, dtype=float) if self.mean else z

    def base_moment(self, *powers: int) -> Fraction:
        """E prod z_i^{p_i} over the first coordinates: m4 is ``base_moment(4)``, m22 is (2, 2).

        ``ValueError`` where it does not exist, or there are more powers than coordinates.
        """
        if len(powers) > self.dimension:
            raise ValueError(f"{len(powers)} coordinates asked for in dimension {self.dimension}")
        if any(p % 2 for p in powers):
            return Fraction(0)
        return self.law.even_moment([p for p in powers if p], self.dimension)

    def second_moment(self) -> Matrix:
        """E x x^T, (d, d)."""
        scale, mean = self.base_moment(2), self.mean
        spread = tuple(tuple(scale * v for v in row) for row in self.covariance.entries)
        if not mean:
            return spread
        return tuple(
            tuple(u * v + entry for v, entry in zip(mean, row, strict=True))
            for u, row in zip(mean, spread, strict=True)
        )

    def moment(self, *indices: int) -> Fraction:
        """E (x - m)_{i1} ... (x - m)_{ir} for coordinates counted from 0.

        x_i - m_i = sum_k L_ik D_k^{1/2} z_k; the sum runs over assignments of the factors to z's
        coordinates in which every coordinate occurs an even number of times.
        """
        lower, pivots = self.covariance.lower, self.covariance.pivots
        total = Fraction(0)
        for assignment in _even_assignments(indices):
            counts = Counter(assignment)
            coefficient = prod(
                (lower[i][k] for i, k in zip(indices, assignment, strict=True)), start=Fraction(1)
            )
            if coefficient:
                scale = prod((pivots[k] ** (p // 2) for k, p in counts.items()), start=Fraction(1))
                total += coefficient * scale * self.base_moment(*counts.values())
        return total


def mixed_second_moment(parts: Sequence[tuple[Fraction, Covariates]]) -> Matrix:
    """E xx' where a law is drawn with its probability."""
    size = range(parts[0][1].dimension)
    seconds = [(share, law.second_moment()) for share, law in parts]
    return tuple(
        tuple(sum((share * m[i][j] for share, m in seconds), Fraction(0)) for j in size)
        for i in size
    )


def _even_assignments(indices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All k_1..k_r, k_j <= i_j (L is lower triangular), every value an even number of times."""

    def extend(chosen: tuple[int, ...], odd: frozenset[int]) -> Iterator[tuple[int, ...]]:
        position = len(chosen)
        if len(odd) > len(indices) - position:
            return
        if position == len(indices):
            yield chosen
            return
        for k in range(indices[position] + 1):
            yield from extend((*chosen, k), odd ^ {k})

    return extend((), frozenset())
