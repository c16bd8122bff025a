"""Linear responses under laws that no setting file can say, by their moments alone.

Covariates with independent symmetric coordinates, each of its own law, and tasks that are Gaussian
or, for d = 1, of a law with finitely many values: enough for the counterexamples of ``falsify``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from verifier.law_moments.gaussian_vector import GaussianMoments, Powers
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.law_moments.of_setting import MomentBuilder, TaskMoments
from verifier.setting.covariance import Covariance
from verifier.setting.laws import BaseLaw
from verifier.setting.response_forms import Kinked, noisy_powers


@dataclass(frozen=True, slots=True)
class Coordinates:
    """x in R^d with independent symmetric coordinates, the k-th of law ``laws[k]``."""

    laws: tuple[BaseLaw, ...]

    def moment(self, powers: Powers) -> Fraction:
        """E x^powers; zero where a power is odd."""
        if any(p % 2 for p in powers):
            return Fraction(0)
        pairs = zip(self.laws, powers, strict=True)
        return prod((law.even_moment((p,), 1) for law, p in pairs if p), start=Fraction(1))

    def second(self) -> tuple[Fraction, ...]:
        """E x_k^2."""
        return tuple(law.even_moment((2,), 1) for law in self.laws)


@dataclass(frozen=True, slots=True)
class Atoms:
    """A law on the line with finitely many values: pairs (value, probability)."""

    pairs: tuple[tuple[Fraction, Fraction], ...]

    def __post_init__(self) -> None:
        if sum(p for _, p in self.pairs) != 1 or any(p < 0 for _, p in self.pairs):
            raise ValueError("the probabilities must be non-negative and add up to 1")

    def moment(self, powers: Sequence[int]) -> Fraction:
        """E w^k for powers (k,)."""
        (k,) = powers
        return sum((p * value**k for value, p in self.pairs), Fraction(0))


def standard_normal(dimension: int) -> GaussianMoments:
    """The task w ~ N(0, I)."""
    size = range(dimension)
    identity = tuple(tuple(Fraction(int(i == j)) for j in size) for i in size)
    return GaussianMoments((Fraction(0),) * dimension, identity)


def linear_moments(x: Coordinates, tasks: TaskMoments, noise: Fraction) -> GeneralMoments:
    """The moments of (x, y), y = w.x + e with e ~ N(0, noise)."""
    d = len(x.laws)
    powers = noisy_powers(Kinked((Fraction(0), Fraction(1))), noise)
    if powers is None:
        raise NoExactMoments("a linear response has polynomial moments")
    return MomentBuilder(x, tasks, powers, d).build(Covariance.identity(d), complete=True)
