"""From a setting to its `GeneralMoments`: polynomial responses, relu, networks.

Sums over multi-indices: (w.x)^k = sum_|a|=k (k over a) w^a x^a. In diagonal coordinates only
exponents that make every coordinate of x' even survive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, factorial, prod
from typing import Protocol

from verifier.arithmetic.matrices import exact_inverse, product, transposed
from verifier.law_moments.gaussian_vector import GaussianMoments, Powers
from verifier.law_moments.general import Four, GeneralMoments, NoExactMoments, Pair
from verifier.law_moments.task import (
    MAXIMUM_EXPANSION,
    LinearImage,
    MixedMoments,
    task_moments,
)
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels, Label, exact_moments
from verifier.setting.laws import Normal
from verifier.setting.layer import STANDARD
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_forms import Coefficients, Kinked, noisy_powers
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    SingleIndex,
    TaskLaw,
    Weights,
)

MAXIMUM_TERMS = 150_000
MAXIMUM_MOMENTS = 40_000

TaskPolynomial = dict[Powers, Fraction]
AnyTaskMoments = GaussianMoments | LinearImage | MixedMoments
FourPowers = tuple[Coefficients, Coefficients, Coefficients, Coefficients]


def general_moments(setting: Setting) -> GeneralMoments:
    """The exact moments of one example of ``setting``.

    Raises `NoExactMoments` for a response without rational moments (sin, tanh ...) or sums too
    long to write down, and ``ValueError`` where a needed moment does not exist.
    """
    if setting.layer_variant != STANDARD:
        raise NoExactMoments("exact moments are for the layer without division by n or query")
    if setting.covariate_mixture:
        raise NoExactMoments("a mixture of covariances has exact moments part by part")
    response = setting.response
    if not setting.covariates.centred and not isinstance(setting.covariates.law, Normal):
        raise NoExactMoments("covariates with a mean have exact moments if they are normal")
    if isinstance(response, ReluNetwork | QuadraticFeatures) and not setting.covariates.centred:
        raise NoExactMoments("the moments of this response are not known under a mean")
    if isinstance(response, ReluNetwork):
        return _network_moments(setting, response)
    if isinstance(response, QuadraticFeatures):
        return _quadratic_moments(setting)
    if isinstance(response, Linear):
        form = Kinked((Fraction(0), Fraction(1)))
        return _single_index(setting, form, response.weights, None)
    label = response.label if isinstance(response, DrawnLabels) else None
    if isinstance(response, DrawnLabels):
        response = response.base
    if isinstance(response, SingleIndex):
        form_of_link = exact_form(response.link)
        if form_of_link is not None:
            return _single_index(setting, form_of_link, response.weights, label)
    raise NoExactMoments("the moments of this response are not known as rational numbers")


def exact_form(link: object) -> Kinked | None:
    """p(t) + r(t)|t|, where the link is of that form."""
    if isinstance(link, Polynomial):
        return Kinked(link.coefficients)
    return link.form if isinstance(link, ExpressionLink) else None


class InputMoments(Protocol):
    """x' with coordinates that are symmetric, each given the others."""

    def moment(self, powers: Powers) -> Fraction:
        """E x'^powers."""

    def second(self) -> tuple[Fraction, ...]:
        """E x'_i^2."""


class TaskMoments(Protocol):
    """The task w' of a linear form w'.x'."""

    def moment(self, powers: Sequence[int]) -> Fraction:
        """E w'^powers."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """x' in diagonal coordinates: its moments."""

    covariates: Covariates

    def moment(self, powers: Powers) -> Fraction:
        """E x'^powers; zero where a power is odd."""
        if any(p % 2 for p in powers):
            return Fraction(0)
        pivots = self.covariates.covariance.pivots
        scale = prod(
            (v ** (p // 2) for v, p in zip(pivots, powers, strict=True)), start=Fraction(1)
        )
        return scale * self.covariates.base_moment(*powers) if scale else Fraction(0)

    def second(self) -> tuple[Fraction, ...]:
        """E x'_i^2."""
        scale = self.covariates.base_moment(2)
        return tuple(scale * v for v in self.covariates.covariance.pivots)


@dataclass(frozen=True, slots=True)
class _ShiftedInputs:
    """Normal x with a mean, in coordinates where E x'x'' is diagonal."""

    normal: GaussianMoments
    variances: tuple[Fraction, ...]

    @classmethod
    def of(cls, covariates: Covariates, frame: Covariance) -> _ShiftedInputs:
        """``frame`` is E xx' with its factors."""
        inverse = exact_inverse(frame.lower)
        mean = product(inverse, tuple((v,) for v in covariates.mean))
        inner = product(product(inverse, covariates.covariance.entries), transposed(inverse))
        return cls(GaussianMoments(tuple(v for (v,) in mean), inner), frame.pivots)

    def moment(self, powers: Powers) -> Fraction:
        """E x'^powers."""
        return self.normal.moment(powers)

    def second(self) -> tuple[Fraction, ...]:
        """E x'_i^2."""
        return self.variances


def _single_index(
    setting: Setting, form: Kinked, weights: TaskLaw, label: Label | None
) -> GeneralMoments:
    d, covariates = setting.dimension, setting.covariates
    mirrored = covariates.centred
    powers = _powers(form, setting, label)
    # The loss needs E y^4, so this moment has to exist even where its value is not needed.
    covariates.base_moment(max(4, 4 * form.degree))
    frame = covariates.covariance if mirrored else Covariance.full(covariates.second_moment())
    inputs = _Inputs(covariates) if mirrored else _ShiftedInputs.of(covariates, frame)
    tasks = task_moments(weights, frame.lower)
    degree = form.degree
    half = degree // 2 if mirrored else degree + 1
    _refuse_if_long(tasks, d, 2 * degree, comb(d + half, d) ** 2 * d * d)
    complete = (
        comb(d + degree, d) ** 2 + comb(d + 2 * degree, d) <= MAXIMUM_TERMS
        and _moment_count(tasks, d, 4 * degree) <= MAXIMUM_MOMENTS
        and _affordable(tasks, d, degree)
    )
    spread = setting.noise_second - setting.noise_variance**2
    builder = MomentBuilder(inputs, tasks, powers, d, mirrored, spread)
    return builder.build(frame, complete)


def _powers(form: Kinked, setting: Setting, label: Label | None) -> FourPowers:
    powers = noisy_powers(
        form,
        setting.noise_variance,
        setting.noise_second,
        None if label is None else exact_moments(label),
        setting.covariates.centred,
    )
    if powers is None:
        raise NoExactMoments("the response's kink leaves |t| in a moment, which is not rational")
    return powers


def _affordable(tasks: AnyTaskMoments, d: int, degree: int) -> bool:
    """Whether E y^4 and E rho^2 are worth their terms, where the tasks' moments are dear."""
    if isinstance(tasks, LinearImage) and not tasks.diagonal:
        return comb(4 * degree + d, d) <= MAXIMUM_EXPANSION
    return True


def _moment_count(tasks: AnyTaskMoments, d: int, degree: int) -> int:
    parts = len(tasks.parts) if isinstance(tasks, MixedMoments) else 1
    if tasks.diagonal:
        return comb(d + degree // (2 if tasks.centred else 1), d)
    return parts * comb(d + degree, d)


def _refuse_if_long(tasks: AnyTaskMoments, d: int, degree: int, terms: int) -> None:
    if terms > MAXIMUM_TERMS or _moment_count(tasks, d, degree) > MAXIMUM_MOMENTS:
        raise NoExactMoments("the exact moments have too many terms at this dimension and degree")


@dataclass(frozen=True, slots=True)
class MomentBuilder:
    """All moments of v' from those of x' and w' and the four polynomials of the response."""

    inputs: InputMoments
    tasks: TaskMoments
    powers: FourPowers
    d: int
    mirrored: bool = True
    noise_spread: Fraction = Fraction(0)

    def build(self, covariance: Covariance, complete: bool) -> GeneralMoments:
        """All moments; the fourth of the covariates only for ``complete``."""
        second = self.inputs.second()
        rho = self.given_task(1, (0,) * self.d)
        return GeneralMoments(
            lower=covariance.lower,
            variances=second,
            target_second=self.mean(rho),
            fourth=self.fourth(complete),
            paired=self.paired(second, rho, complete),
            complete=complete,
        )

    def given_task(self, power: int, extra: Powers) -> TaskPolynomial:
        """E[x'^extra y^(power+1) | w] as a polynomial in w'."""
        result: TaskPolynomial = {}
        for degree, coefficient in enumerate(self.powers[power]):
            if not coefficient:
                continue
            matching = matching_powers if self.mirrored else all_powers
            for a in matching(degree, extra):
                moment = self.inputs.moment(_plus(a, extra))
                if moment:
                    ways = factorial(degree) // prod(map(factorial, a))
                    result[a] = coefficient * ways * moment
        return result

    def mean(self, polynomial: TaskPolynomial) -> Fraction:
        """E of a polynomial in the task."""
        return sum((v * self.tasks.moment(a) for a, v in polynomial.items()), Fraction(0))

    def mean_of_product(self, left: TaskPolynomial, right: TaskPolynomial) -> Fraction:
        """E of a product of two polynomials in the task."""
        merged: TaskPolynomial = {}
        for a, u in left.items():
            for b, v in right.items():
                key = _plus(a, b)
                merged[key] = merged.get(key, Fraction(0)) + u * v
        return self.mean(merged)

    def fourth(self, complete: bool) -> dict[Four, Fraction]:
        """E[v_i v_j v_k v_l] of v = (x, y) for i <= j <= k <= l, those that are not 0."""
        result: dict[Four, Fraction] = {}
        for count in range(5):
            if count == 4 and not complete:
                continue
            for features in combinations_with_replacement(range(self.d), 4 - count):
                extra = tuple(features.count(k) for k in range(self.d))
                if count == 0:
                    value = self.inputs.moment(extra)
                else:
                    value = self.mean(self.given_task(count - 1, extra))
                if value:
                    index = (*features, *(self.d,) * count)
                    result[index] = value  # type: ignore[index]
        return result

    def paired(
        self, second: Sequence[Fraction], rho: TaskPolynomial, complete: bool
    ) -> dict[tuple[Pair, Pair], Fraction]:
        """E[E[v_i v_j | w] E[v_k v_l | w]] of v = (x, y), those that are not 0."""
        d = self.d
        given: dict[Pair, TaskPolynomial] = {}
        zero = (0,) * d
        for i in range(d):
            if second[i]:
                given[i, i] = {zero: second[i]}
            given[i, d] = self.given_task(0, tuple(int(k == i) for k in range(d)))
        given[d, d] = rho
        result: dict[tuple[Pair, Pair], Fraction] = {}
        listed = list(given.items())
        for place, (p, left) in enumerate(listed):
            for q, right in listed[place:]:
                if p == q == (d, d) and not complete:
                    continue
                value = self.mean_of_product(left, right)
                if p == q == (d, d):
                    value += self.noise_spread
                if value:
                    result[p, q] = result[q, p] = value
        return result


def matching_powers(degree: int, extra: Powers) -> Iterator[Powers]:
    """All a with |a| = degree and every a_i + extra_i even."""
    odd = [p % 2 for p in extra]
    left = degree - sum(odd)
    if left < 0 or left % 2:
        return
    for doubled in _compositions(left // 2, len(extra)):
        yield tuple(o + 2 * k for o, k in zip(odd, doubled, strict=True))


def all_powers(degree: int, extra: Powers) -> Iterator[Powers]:
    """All a with |a| = degree."""
    return _compositions(degree, len(extra))


def _compositions(total: int, parts: int) -> Iterator[Powers]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _plus(left: Powers, right: Powers) -> Powers:
    return tuple(map(int.__add__, left, right))


def _network_moments(setting: Setting, network: ReluNetwork) -> GeneralMoments:
    """f = sum_k v_k relu(u_k.x): one unit's moments, added up over independent units.

    All odd moments of f vanish with v -> -v. Given the task mu = sum_k v_k L'u_k.../2 has
    E mu mu' = width times one unit's; E[f^2 | x] adds over units; E rho^2 is not rational.
    """
    d, noise = setting.dimension, setting.noise_variance
    covariance = setting.covariates.covariance
    inputs = _Inputs(setting.covariates)
    tasks = task_moments(Weights.standard(d), covariance.lower)
    # One unit without noise: relu(t)^p -> t^p / 2.
    relu = noisy_powers(Kinked((Fraction(0), Fraction(1, 2)), (Fraction(1, 2),)), Fraction(0))
    if relu is None:
        raise NoExactMoments("a power of relu has no rational moments")
    unit = MomentBuilder(inputs, tasks, relu, d)
    scale = Fraction(1 if network.normalised else network.width)
    second = unit.inputs.second()
    signal = [unit.given_task(0, tuple(int(k == i) for k in range(d))) for i in range(d)]
    target = scale * unit.mean(unit.given_task(1, (0,) * d)) + noise
    fourth: dict[Four, Fraction] = {}
    for i, j, k, m in combinations_with_replacement(range(d), 4):
        value = unit.inputs.moment(tuple((i, j, k, m).count(c) for c in range(d)))
        if value:
            fourth[i, j, k, m] = value
    paired: dict[tuple[Pair, Pair], Fraction] = {}
    for i, j in combinations_with_replacement(range(d), 2):
        extra = tuple((i, j).count(c) for c in range(d))
        weighted = scale * unit.mean(unit.given_task(1, extra))
        weighted += noise * second[i] if i == j else 0
        if weighted:
            fourth[i, j, d, d] = weighted
        both = scale * unit.mean_of_product(signal[i], signal[j])
        if both:
            paired[(i, d), (j, d)] = paired[(j, d), (i, d)] = both
        if second[i] * second[j]:
            paired[(i, i), (j, j)] = paired[(j, j), (i, i)] = second[i] * second[j]
    for i in range(d):
        if second[i] * target:
            paired[(i, i), (d, d)] = paired[(d, d), (i, i)] = second[i] * target
    return GeneralMoments(covariance.lower, second, target, fourth, paired, complete=False)


def _quadratic_moments(setting: Setting) -> GeneralMoments:
    """f = sum_{i<=j} w_ij x_i x_j: f ~ -f and E[xy | task] = 0; E y^2 xx' from sixth moments.

    Only for x' = x, a diagonal covariance; the form would be another one in other coordinates.
    """
    d, noise = setting.dimension, setting.noise_variance
    covariance = setting.covariates.covariance
    inputs = _Inputs(setting.covariates)
    second = inputs.second()
    setting.covariates.base_moment(8)
    if not covariance.is_diagonal:
        raise NoExactMoments("quadratic features have exact moments for a diagonal covariance")
    squares = list(combinations_with_replacement(range(d), 2))

    def mean_square(*extra: int) -> Fraction:
        """E f^2 x_extra."""
        found = Fraction(0)
        for i, j in squares:
            index = (i, i, j, j, *extra)
            found += inputs.moment(tuple(index.count(k) for k in range(d)))
        return found

    target = mean_square() + noise
    fourth: dict[Four, Fraction] = {}
    for i, j, k, m in combinations_with_replacement(range(d), 4):
        value = inputs.moment(tuple((i, j, k, m).count(c) for c in range(d)))
        if value:
            fourth[i, j, k, m] = value
    paired: dict[tuple[Pair, Pair], Fraction] = {}
    for i in range(d):
        fourth[i, i, d, d] = mean_square(i, i) + noise * second[i]
        for j in range(d):
            paired[(i, i), (j, j)] = second[i] * second[j]
        paired[(i, i), (d, d)] = paired[(d, d), (i, i)] = second[i] * target
    return GeneralMoments(covariance.lower, second, target, fourth, paired, complete=False)
