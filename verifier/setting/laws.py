"""Base laws of the covariates: how they are drawn, and their exact moments.

A ``BaseLaw`` is a law of z in R^d whose moments are rational and vanish whenever a coordinate
occurs an odd number of times. ``setting.covariates`` gives it a covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, factorial, prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from verifier.setting.numbers import Exact, exact_number, nonnegative_number, positive_integer

FloatArray = NDArray[np.float64]


class BaseLaw(Protocol):
    """A law of z in R^d, symmetric in every coordinate."""

    @property
    def name(self) -> str:
        """The law's name in setting files."""

    @property
    def rotation_invariant(self) -> bool:
        """Whether R z has the law of z for every orthogonal R."""

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Independent draws; the last entry of ``shape`` is d."""

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """E prod z_i^{p_i} over distinct coordinates, for even positive ``powers``."""


@dataclass(frozen=True, slots=True)
class Normal:
    """Standard normal entries."""

    name: str = field(default="normal", init=False)
    rotation_invariant: bool = field(default=True, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return rng.standard_normal(shape)

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """E z^p = (p-1)!!, entries independent."""
        return Fraction(prod(_double_factorial(p - 1) for p in powers))


NORMAL = Normal()


@dataclass(frozen=True, slots=True)
class Uniform:
    """Independent entries, uniform on [-1, 1]: E z^p = 1/(p+1)."""

    name: str = field(default="uniform", init=False)
    rotation_invariant: bool = field(default=False, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return rng.random(shape) * 2.0 - 1.0

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """See ``BaseLaw``."""
        return Fraction(1, prod(p + 1 for p in powers))


@dataclass(frozen=True, slots=True)
class Rademacher:
    """Independent fair signs: every even moment is 1."""

    name: str = field(default="rademacher", init=False)
    rotation_invariant: bool = field(default=False, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return rng.choice((-1.0, 1.0), shape)

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """See ``BaseLaw``."""
        return Fraction(1)


@dataclass(frozen=True, slots=True)
class Laplace:
    """Independent entries of density exp(-|z|)/2: E z^p = p!."""

    name: str = field(default="laplace", init=False)
    rotation_invariant: bool = field(default=False, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return rng.laplace(size=shape)

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """See ``BaseLaw``."""
        return Fraction(prod(factorial(p) for p in powers))


@dataclass(frozen=True, slots=True)
class StudentT:
    """Independent entries of Student's t law; the moment of order p exists for df > p only."""

    degrees_of_freedom: Fraction
    name: str = field(default="student-t", init=False)
    rotation_invariant: bool = field(default=False, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return np.asarray(rng.standard_t(float(self.degrees_of_freedom), shape))

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """E z^{2k} = df^k prod_{j<=k} (2j-1)/(df-2j); ``ValueError`` where it is infinite."""
        df = self.degrees_of_freedom
        if powers and max(powers) >= df:
            raise ValueError(
                f"student-t with {df} degrees of freedom has no moment of order {max(powers)}; "
                f"it needs more than {max(powers)} degrees of freedom"
            )
        value = Fraction(1)
        for p in powers:
            for j in range(1, p // 2 + 1):
                value *= df * (2 * j - 1) / (df - 2 * j)
        return value


@dataclass(frozen=True, slots=True)
class Radial:
    """z = r theta with theta uniform on the unit sphere, E r^2 and E r^4 given.

    The sampler takes the two-point radius r^2 in {0, m4/m2} with these moments; a loss that is
    quartic in the covariates sees nothing else of r. Moments of higher order are refused.
    """

    second: Fraction
    fourth: Fraction
    name: str = field(default="radial", init=False)
    rotation_invariant: bool = field(default=True, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        alive = rng.random(shape[:-1]) < float(self.second**2 / self.fourth)
        radius = float(self.fourth / self.second) ** 0.5 * alive
        found: FloatArray = _directions(rng, shape) * radius[..., None]
        return found

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """E r^p times the sphere's moment; ``ValueError`` for orders above 4."""
        order = sum(powers)
        if order > 4:
            raise ValueError(
                f"a radial law given by radius moments 2 and 4 has no known moment of order {order}"
            )
        radius = {0: Fraction(1), 2: self.second, 4: self.fourth}[order]
        return radius * _sphere_moment(powers, dimension)


@dataclass(frozen=True, slots=True)
class Sphere:
    """Uniform on the unit sphere."""

    name: str = field(default="sphere", init=False)
    rotation_invariant: bool = field(default=True, init=False)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        return _directions(rng, shape)

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """prod (p_i - 1)!! / (d (d+2) ... (d + sum p - 2))."""
        return _sphere_moment(powers, dimension)


@dataclass(frozen=True, slots=True)
class Sparse:
    """Standard normal entries on a uniformly drawn set of ``nonzero`` coordinates, else 0."""

    nonzero: int
    name: str = field(default="sparse", init=False)
    rotation_invariant: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        positive_integer(self.nonzero, "nonzero")

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        ranks = rng.random(shape).argsort(axis=-1).argsort(axis=-1)
        return rng.standard_normal(shape) * (ranks < self.nonzero)

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """The share of the sets that hold all of these coordinates, times the normal moment."""
        if self.nonzero > dimension:
            raise ValueError(f"{self.nonzero} entries that are not 0 do not fit into {dimension}")
        used = len(powers)
        if used > self.nonzero:
            return Fraction(0)
        share = Fraction(comb(dimension - used, self.nonzero - used), comb(dimension, self.nonzero))
        return share * NORMAL.even_moment(powers, dimension)


@dataclass(frozen=True, slots=True)
class UnitVariance:
    """Another law, rescaled so that E z_1^2 = 1."""

    base: BaseLaw

    @property
    def name(self) -> str:
        """The law's name, with what was done to it."""
        return f"{self.base.name}, unit variance"

    @property
    def rotation_invariant(self) -> bool:
        """As of the base law."""
        return self.base.rotation_invariant

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """See ``BaseLaw``."""
        variance = self.base.even_moment((2,), shape[-1])
        found: FloatArray = self.base.sample(rng, shape) / float(variance) ** 0.5
        return found

    def even_moment(self, powers: Sequence[int], dimension: int) -> Fraction:
        """See ``BaseLaw``."""
        variance = self.base.even_moment((2,), dimension)
        return self.base.even_moment(powers, dimension) / variance ** (sum(powers) // 2)


def student_t(degrees_of_freedom: Exact) -> StudentT:
    """Student's t law. ``ValueError`` unless df is positive."""
    df = exact_number(degrees_of_freedom, "degrees of freedom")
    if df <= 0:
        raise ValueError(f"degrees of freedom must be positive, got {df}")
    return StudentT(df)


def radial(radius_moments: dict[str, Exact]) -> Radial:
    """The radial law with ``radius_moments = {"2": E r^2, "4": E r^4}``.

    ``ValueError`` for other keys, a zero second moment, or moments that no radius has
    (E r^4 < (E r^2)^2, against Cauchy–Schwarz).
    """
    if set(radius_moments) != {"2", "4"}:
        raise ValueError("radius moments must be given for the orders 2 and 4, and no others")
    second = nonnegative_number(radius_moments["2"], "radius moment 2")
    fourth = nonnegative_number(radius_moments["4"], "radius moment 4")
    if second == 0:
        raise ValueError("radius moment 2 must be positive")
    if fourth < second**2:
        raise ValueError(
            f"radius moment 4 must be at least the square of moment 2, but {fourth} < {second**2}"
        )
    return Radial(second, fourth)


def _double_factorial(number: int) -> int:
    return prod(range(number, 0, -2))


def _sphere_moment(powers: Sequence[int], dimension: int) -> Fraction:
    rising = prod(dimension + 2 * j for j in range(sum(powers) // 2))
    return Fraction(prod(_double_factorial(p - 1) for p in powers), rising)


def _directions(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    z = rng.standard_normal(shape)
    found: FloatArray = z / np.linalg.norm(z, axis=-1, keepdims=True)
    return found
