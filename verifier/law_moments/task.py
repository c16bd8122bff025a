"""Moments of the task vector in diagonal coordinates, w' = L'w, for every law of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, prod

from verifier.arithmetic.matrices import product
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.gaussian_vector import GaussianMoments, Powers
from verifier.law_moments.general import NoExactMoments
from verifier.setting.laws import BaseLaw
from verifier.setting.mixtures import MixedWeights
from verifier.setting.responses import TaskLaw, Weights

MAXIMUM_EXPANSION = 20_000


@dataclass(frozen=True, slots=True)
class LinearImage:
    """w' = mean + H D^{1/2} u with u of a base law: moments by multiplying out.

    ``factor`` is H (d, d), ``pivots`` the diagonal of D. A moment of odd order in one u vanishes,
    so that only whole powers of D are left.
    """

    mean: tuple[Fraction, ...]
    factor: RationalMatrix
    pivots: tuple[Fraction, ...]
    law: BaseLaw
    _known: dict[Powers, Fraction] = field(default_factory=dict, repr=False, compare=False)

    @property
    def centred(self) -> bool:
        """Whether the mean is zero."""
        return not any(self.mean)

    @property
    def diagonal(self) -> bool:
        """Whether H is diagonal."""
        return not any(v for i, row in enumerate(self.factor) for j, v in enumerate(row) if i != j)

    def moment(self, powers: Sequence[int]) -> Fraction:
        """E prod w'_i^powers_i.

        Raises `NoExactMoments` where multiplying out takes too many terms.
        """
        key = tuple(powers)
        if self.centred and sum(key) % 2:
            return Fraction(0)
        if key not in self._known:
            self._known[key] = self._expanded(key)
        return self._known[key]

    def _expanded(self, powers: Powers) -> Fraction:
        d = len(powers)
        used = [k for k in range(d) if any(self.factor[i][k] for i in range(d) if powers[i])]
        if comb(sum(powers) + len(used), len(used)) > MAXIMUM_EXPANSION:
            raise NoExactMoments("the moments of the tasks' law have too many terms here")
        terms: dict[Powers, Fraction] = {(0,) * d: Fraction(1)}
        for i, power in enumerate(powers):
            for _ in range(power):
                terms = self._times(terms, i)
        total = Fraction(0)
        for exponents, value in terms.items():
            if any(p % 2 for p in exponents):
                continue
            scale = prod(
                (v ** (p // 2) for v, p in zip(self.pivots, exponents, strict=True) if p),
                start=Fraction(1),
            )
            if scale:
                total += value * scale * self.law.even_moment([p for p in exponents if p], d)
        return total

    def _times(self, terms: dict[Powers, Fraction], i: int) -> dict[Powers, Fraction]:
        """Multiplied by w'_i, as polynomials in u."""
        result: dict[Powers, Fraction] = {}
        for exponents, value in terms.items():
            if self.mean[i]:
                result[exponents] = result.get(exponents, Fraction(0)) + value * self.mean[i]
            for k, factor in enumerate(self.factor[i]):
                if factor:
                    key = (*exponents[:k], exponents[k] + 1, *exponents[k + 1 :])
                    result[key] = result.get(key, Fraction(0)) + value * factor
        return result


@dataclass(frozen=True, slots=True)
class MixedMoments:
    """The mean of the parts' moments under their probabilities."""

    parts: tuple[tuple[Fraction, GaussianMoments | LinearImage], ...]
    symmetric: bool
    _known: dict[Powers, Fraction] = field(default_factory=dict, repr=False, compare=False)

    @property
    def centred(self) -> bool:
        """Whether odd moments vanish because w and -w have one law."""
        return self.symmetric

    @property
    def diagonal(self) -> bool:
        """Never taken to be: the coordinates depend on each other through the part."""
        return False

    def moment(self, powers: Sequence[int]) -> Fraction:
        """E prod w'_i^powers_i."""
        key = tuple(powers)
        if self.symmetric and sum(key) % 2:
            return Fraction(0)
        if key not in self._known:
            self._known[key] = sum(
                (share * part.moment(key) for share, part in self.parts), Fraction(0)
            )
        return self._known[key]


def task_moments(
    law: TaskLaw, lower: RationalMatrix
) -> GaussianMoments | LinearImage | MixedMoments:
    """The law of w' = L'w, with L (d, d) as ``lower``."""
    if isinstance(law, MixedWeights):
        parts = tuple((share, _one(part, lower)) for share, part in law.parts)
        return MixedMoments(parts, law.symmetric)
    if not isinstance(law, Weights):
        raise NoExactMoments("the moments of this law of the tasks are not known")
    return _one(law, lower)


def _one(law: Weights, lower: RationalMatrix) -> GaussianMoments | LinearImage:
    size = range(len(lower))
    upper = tuple(zip(*lower, strict=True))
    mean = tuple(
        sum((v * m for v, m in zip(row, law.mean, strict=True) if v), Fraction(0)) for row in upper
    )
    if law.gaussian:
        half = product(upper, law.covariance.entries)
        return GaussianMoments(mean, product(half, lower))
    factor = product(upper, law.covariance.lower)
    return LinearImage(mean, tuple(factor[i] for i in size), law.covariance.pivots, law.law)
