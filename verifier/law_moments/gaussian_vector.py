"""Moments of a Gaussian vector with a mean, of any order, remembered.

    E[w_i w^a] = m_i E[w^a] + sum_j C_ij a_j E[w^(a - e_j)]

for w ~ N(m, C): integration by parts, which is Isserlis' theorem with a mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.arithmetic.rationals import RationalMatrix

Powers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GaussianMoments:
    """E w_1^a_1 ... w_d^a_d for w ~ N(mean, covariance), by ``moment``."""

    mean: tuple[Fraction, ...]
    covariance: RationalMatrix
    _known: dict[Powers, Fraction] = field(default_factory=dict, repr=False, compare=False)

    @property
    def centred(self) -> bool:
        """Whether the mean is zero."""
        return not any(self.mean)

    @property
    def diagonal(self) -> bool:
        """Whether the coordinates are independent."""
        return not any(
            v for i, row in enumerate(self.covariance) for j, v in enumerate(row) if i != j
        )

    def moment(self, powers: Sequence[int]) -> Fraction:
        """E prod w_i^powers_i; 1 for all powers zero."""
        key = tuple(powers)
        if self.centred and sum(key) % 2:
            return Fraction(0)
        known = self._known.get(key)
        if known is not None:
            return known
        # The last coordinate that occurs, so that independent coordinates form one chain.
        i = max((k for k, p in enumerate(key) if p), default=-1)
        if i < 0:
            return Fraction(1)
        rest = _lowered(key, i)
        total = self.mean[i] * self.moment(rest) if self.mean[i] else Fraction(0)
        for j, value in enumerate(self.covariance[i]):
            if value and rest[j]:
                total += value * rest[j] * self.moment(_lowered(rest, j))
        self._known[key] = total
        return total


def _lowered(powers: Powers, i: int) -> Powers:
    return (*powers[:i], powers[i] - 1, *powers[i + 1 :])
