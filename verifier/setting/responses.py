"""Response families: the random function f with y = f(x) + noise, one draw per prompt.

A ``Response`` draws P functions at once (``sample_tasks``) and evaluates each on its own
prompt's points. The families are those of Mahankali, Hashimoto, Ma 2023: linear (Theorems 1
and 2) and, for Theorem 3, single-index functions g(w.x), two-layer ReLU networks, and sums of
such parts with an even part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from verifier.setting.covariance import Covariance, FloatArray, Matrix
from verifier.setting.laws import NORMAL, BaseLaw, Normal
from verifier.setting.numbers import Exact, exact_number, exact_vector, positive_integer


class Tasks(Protocol):
    """P drawn functions, the p-th to be evaluated on the p-th prompt."""

    def evaluate(self, x: FloatArray) -> FloatArray:
        """f_p(x_pi): ``x`` (P, m, d) gives (P, m)."""


class Response(Protocol):
    """A law of functions on R^d."""

    @property
    def dimension(self) -> int | None:
        """d, or ``None`` where the family exists in every dimension."""

    def sample_tasks(self, rng: np.random.Generator, prompts: int, dimension: int) -> Tasks:
        """Independent draws, one per prompt."""


class TaskLaw(Protocol):
    """A law of the task vector w: `Weights`, or a mixture of such (``setting.mixtures``)."""

    @property
    def dimension(self) -> int:
        """d."""

    @property
    def mean(self) -> tuple[Fraction, ...]:
        """E w."""

    @property
    def symmetric(self) -> bool:
        """Whether -w is seen to have the law of w."""

    def second_moment(self) -> Matrix:
        """E w w^T, (d, d)."""

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Independent draws of w, (count, d)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """w = mean + F u with F F^T = covariance, F lower triangular and u of a base law.

    For the normal law that is N(mean, covariance); for others E u_1^2 times ``covariance`` is the
    covariance of w, as for covariates.
    """

    mean: tuple[Fraction, ...]
    covariance: Covariance
    law: BaseLaw = NORMAL

    def __post_init__(self) -> None:
        if len(self.mean) != self.covariance.dimension:
            raise ValueError(
                f"the task mean has {len(self.mean)} entries and its covariance "
                f"{self.covariance.dimension} rows; they must agree"
            )

    @classmethod
    def centred(cls, covariance: Covariance) -> Weights:
        """N(0, covariance)."""
        return cls((Fraction(0),) * covariance.dimension, covariance)

    @classmethod
    def standard(cls, dimension: int) -> Weights:
        """N(0, I)."""
        return cls.centred(Covariance.identity(dimension))

    @classmethod
    def normal(cls, mean: Sequence[Exact], covariance: Covariance) -> Weights:
        """N(mean, covariance) from exact numbers in any accepted form."""
        return cls(exact_vector(mean, "task mean"), covariance)

    @property
    def dimension(self) -> int:
        """d."""
        return self.covariance.dimension

    @property
    def symmetric(self) -> bool:
        """Whether -w has the law of w: every base law is symmetric, so if the mean is 0."""
        return not any(self.mean)

    @property
    def gaussian(self) -> bool:
        """Whether w is normal; a fixed w counts."""
        return isinstance(self.law, Normal) or not any(self.covariance.pivots)

    def spread(self) -> Matrix:
        """Cov w, (d, d)."""
        scale = self.law.even_moment((2,), self.dimension)
        return tuple(tuple(scale * v for v in row) for row in self.covariance.entries)

    def second_moment(self) -> Matrix:
        """See ``TaskLaw``."""
        return tuple(
            tuple(u * v + entry for v, entry in zip(self.mean, row, strict=True))
            for u, row in zip(self.mean, self.spread(), strict=True)
        )

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """See ``TaskLaw``."""
        u = self.law.sample(rng, (count, self.dimension))
        found: FloatArray = u @ self.covariance.factor().T + np.array(self.mean, dtype=float)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class LinearTasks:
    """f_p(x) = w_p.x with ``w`` (P, d)."""

    w: FloatArray

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        return (x @ self.w[:, :, None])[..., 0]


@dataclass(frozen=True, slots=True)
class Linear:
    """f(x) = w.x."""

    weights: TaskLaw

    @property
    def dimension(self) -> int:
        """d."""
        return self.weights.dimension

    def sample_tasks(self, rng: np.random.Generator, prompts: int, dimension: int) -> LinearTasks:
        """See ``Response``."""
        return LinearTasks(self.weights.sample(rng, prompts))


class Link(Protocol):
    """A function g of one real variable, applied entry by entry."""

    def __call__(self, t: FloatArray) -> FloatArray:
        """g(t)."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """g(t) = sum_k coefficients[k] t^k, exact coefficients from the constant up."""

    coefficients: tuple[Fraction, ...]

    @classmethod
    def of(cls, *coefficients: Exact) -> Polynomial:
        """From exact numbers in any accepted form; ``of(0, -3, 0, 1)`` is t^3 - 3 t."""
        return cls(exact_vector(coefficients, "polynomial coefficient"))

    def __call__(self, t: FloatArray) -> FloatArray:
        """See ``Link``."""
        value = np.zeros_like(t)
        for coefficient in reversed(self.coefficients):
            value = value * t + float(coefficient)
        return value


@dataclass(frozen=True, slots=True)
class Sine:
    """g(t) = sin(frequency t)."""

    frequency: Fraction

    @classmethod
    def of(cls, frequency: Exact) -> Sine:
        """From an exact number in any accepted form."""
        return cls(exact_number(frequency, "frequency"))

    def __call__(self, t: FloatArray) -> FloatArray:
        """See ``Link``."""
        return np.sin(float(self.frequency) * t)


@dataclass(frozen=True, slots=True)
class NumericLink:
    """A link known only as a vectorised numeric function; its moments have no exact value."""

    function: Callable[[FloatArray], FloatArray]
    description: str

    def __call__(self, t: FloatArray) -> FloatArray:
        """See ``Link``."""
        return self.function(t)


@dataclass(frozen=True, slots=True, eq=False)
class SingleIndexTasks:
    """f_p(x) = g(w_p.x) with ``w`` (P, d)."""

    w: FloatArray
    link: Link

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        return self.link((x @ self.w[:, :, None])[..., 0])


@dataclass(frozen=True, slots=True)
class SingleIndex:
    """f(x) = g(w.x)."""

    link: Link
    weights: TaskLaw

    @property
    def dimension(self) -> int:
        """d."""
        return self.weights.dimension

    def sample_tasks(
        self, rng: np.random.Generator, prompts: int, dimension: int
    ) -> SingleIndexTasks:
        """See ``Response``."""
        return SingleIndexTasks(self.weights.sample(rng, prompts), self.link)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkTasks:
    """f_p(x) = scale sum_k v_pk relu(u_pk.x): ``u`` (P, width, d), ``v`` (P, width)."""

    u: FloatArray
    v: FloatArray
    scale: float

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        hidden = np.maximum(x @ self.u.transpose(0, 2, 1), 0.0)
        return self.scale * (hidden @ self.v[:, :, None])[..., 0]


@dataclass(frozen=True, slots=True)
class ReluNetwork:
    """f(x) = sum_{k<=width} v_k relu(u_k.x), all u_k ~ N(0, I) and v_k ~ N(0, 1) independent.

    ``normalised`` divides by the square root of the width.
    """

    width: int
    normalised: bool = False

    def __post_init__(self) -> None:
        positive_integer(self.width, "network width")

    @property
    def dimension(self) -> None:
        """The family exists in every dimension."""
        return None

    def sample_tasks(self, rng: np.random.Generator, prompts: int, dimension: int) -> NetworkTasks:
        """See ``Response``."""
        u = rng.standard_normal((prompts, self.width, dimension))
        v = rng.standard_normal((prompts, self.width))
        return NetworkTasks(u, v, self.width**-0.5 if self.normalised else 1.0)


@dataclass(frozen=True, slots=True)
class RadialPolynomial:
    """The deterministic even function f(x) = sum_k coefficients[k] |x|^{2k}."""

    coefficients: tuple[Fraction, ...]

    @classmethod
    def of(cls, *coefficients: Exact) -> RadialPolynomial:
        """From exact numbers in any accepted form, the constant first."""
        return cls(exact_vector(coefficients, "polynomial coefficient"))

    @property
    def dimension(self) -> None:
        """The family exists in every dimension."""
        return None

    def sample_tasks(
        self, rng: np.random.Generator, prompts: int, dimension: int
    ) -> RadialPolynomial:
        """The function itself: nothing is random."""
        return self

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        return Polynomial(self.coefficients)((x * x).sum(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class SumTasks:
    """f_p = the sum of the parts' functions."""

    parts: tuple[Tasks, ...]

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        total = self.parts[0].evaluate(x)
        for part in self.parts[1:]:
            total = total + part.evaluate(x)
        return total


@dataclass(frozen=True, slots=True)
class Sum:
    """f = f_1 + ... + f_k with independent parts, such as an even part plus a linear one."""

    parts: tuple[Response, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a sum of responses needs at least one part")
        if len({p.dimension for p in self.parts} - {None}) > 1:
            raise ValueError("the parts of a sum of responses must have one dimension")

    @property
    def dimension(self) -> int | None:
        """The dimension of the parts that have one."""
        return next((p.dimension for p in self.parts if p.dimension is not None), None)

    def sample_tasks(self, rng: np.random.Generator, prompts: int, dimension: int) -> SumTasks:
        """See ``Response``."""
        return SumTasks(tuple(p.sample_tasks(rng, prompts, dimension) for p in self.parts))
