"""Moments by quasi-random sampling, where no rational values are known.

Tasks and covariates are two scrambled Sobol sets, every task is evaluated at every point and at
its mirror image, and products of two task means come from two independent sets of points, which
leaves them unbiased. Independent repetitions give the standard errors. What is found this way is
``supported``, never ``computed``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement
from math import inf
from typing import Generic, TypeVar

import numpy as np

from verifier.explore.mixed_loss import AnyTables, MixedTables
from verifier.explore.sampled_trend import Trend, error_known
from verifier.explore.symmetry import even
from verifier.law_moments.general import GeneralMoments
from verifier.loss.moment_tables import FloatArray, Four, MomentTables, Number, Pair
from verifier.setting.covariance import Covariance, Matrix
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels, LabelTasks
from verifier.setting.laws import BaseLaw, Laplace, Normal, Rademacher, StudentT, Uniform
from verifier.setting.response_moments import response_cost
from verifier.setting.responses import ReluNetwork, SingleIndex, SingleIndexTasks, Tasks, Weights

REPETITIONS = 8
_TASKS = 1024
_POINTS = 512
# A network's hidden units are held for all tasks and points at once: at most this many numbers.
_HIDDEN = 2**24
# Tasks times the cost of one evaluation.
_EVALUATIONS = 2**16
_FEWEST_TASKS = 64


Kept = TypeVar("Kept", bound=AnyTables, covariant=True)


@dataclass(frozen=True, slots=True)
class SampledMoments(Generic[Kept]):
    """Mean tables over all repetitions, and the tables of each repetition for standard errors."""

    mean: Kept
    repetitions: tuple[Kept, ...]
    error_known: bool = True

    def error(self, values: Sequence[float]) -> float:
        """The standard error of the mean of one value per repetition; inf: not known."""
        if not self.error_known:
            return inf
        return float(np.std(values, ddof=1)) / math.sqrt(len(values))


def sampled_tables(setting: Setting, seed: int, symmetric: bool) -> SampledMoments[AnyTables]:
    """`sampled_moments`, or those of every part of a mixture of covariates, at the same points."""
    if not setting.covariate_mixture:
        return sampled_moments(setting, seed, symmetric)
    parts = [
        (float(share), sampled_moments(part, seed, symmetric)) for share, part in setting.parts()
    ]
    repetitions = tuple(
        MixedTables(tuple((share, found.repetitions[k]) for share, found in parts))
        for k in range(REPETITIONS)
    )
    mean = MixedTables(tuple((share, found.mean) for share, found in parts))
    return SampledMoments(mean, repetitions, all(found.error_known for _, found in parts))


def sampled_moments(setting: Setting, seed: int, symmetric: bool) -> SampledMoments[MomentTables]:
    """Moment tables of ``setting``, which has one law of the covariates, from a fixed seed.

    ``symmetric`` states that moments with an odd number of responses vanish (by x -> -x or
    f -> -f); they are then left out instead of being estimated.
    """
    rng = np.random.default_rng(seed)
    trend = Trend.of(setting, symmetric)
    tables = tuple(_repetition(setting, rng, symmetric, trend) for _ in range(REPETITIONS))
    return SampledMoments(_average(tables), tables, error_known(setting, symmetric, trend))


def completed_tables(setting: Setting, moments: GeneralMoments, seed: int) -> MomentTables:
    """The exact moments; E y^4 and E rho^2 sampled where they are not rational."""
    fourth: dict[Four, Number] = dict(moments.fourth)
    paired: dict[tuple[Pair, Pair], Number] = dict(moments.paired)
    if not moments.complete:
        d = setting.dimension
        sampled = sampled_moments(setting, seed, True).mean
        fourth[d, d, d, d] = sampled.fourth[d, d, d, d]
        paired[(d, d), (d, d)] = sampled.paired[(d, d), (d, d)]
    return MomentTables(moments.lower, moments.variances, moments.target_second, fourth, paired)


def _average(tables: tuple[MomentTables, ...]) -> MomentTables:
    count = len(tables)
    first = tables[0]
    fourth: dict[Four, Number] = {
        key: sum(float(t.fourth[key]) for t in tables) / count for key in first.fourth
    }
    paired: dict[tuple[Pair, Pair], Number] = {
        key: sum(float(t.paired[key]) for t in tables) / count for key in first.paired
    }
    second = sum(float(t.target_second) for t in tables) / count
    return MomentTables(first.lower, first.variances, second, fourth, paired)


def _repetition(
    setting: Setting, rng: np.random.Generator, symmetric: bool, trend: Trend | None
) -> MomentTables:
    tasks = _draw_tasks(setting, rng)
    points = [_draw_points(setting.covariates, rng) for _ in range(2)]
    tables = _tables(setting, tasks, points, symmetric)
    if trend is None or not isinstance(tasks, SingleIndexTasks):
        return tables
    part = SingleIndexTasks(tasks.w, trend.link)
    return trend.corrected(tables, _tables(setting, part, points, symmetric))


def _tables(
    setting: Setting, tasks: Tasks, points: list[FloatArray], symmetric: bool
) -> MomentTables:
    d, noise = setting.dimension, (float(setting.noise_variance), float(setting.noise_second))
    frame = frame_of(setting.covariates)
    lower = np.array(frame.lower, dtype=float)
    variances = [frame.scale * p for p in frame.pivots]
    halves = [_given_tasks(setting, tasks, lower, half) for half in points]
    fourth = _covariate_fourth(setting.covariates, halves)
    for count in (1, 2, 3, 4):
        if symmetric and count % 2:
            continue
        for features in combinations_with_replacement(range(d), 4 - count):
            value = sum(half.mixed(features, count, noise) for half in halves) / 2
            fourth[(*features, *(d,) * count)] = value  # type: ignore[index]
    one, two = halves
    paired: dict[tuple[Pair, Pair], Number] = {}
    power = [half.second + noise[0] for half in halves]
    total = float(sum(p.mean() for p in power) / 2)
    xx = [(i, i) for i in range(d) if variances[i]]
    for i, j in ((p[0], q[0]) for p in xx for q in xx):
        paired[(i, i), (j, j)] = variances[i] * variances[j]
    for i, _ in xx:
        paired[(i, i), (d, d)] = paired[(d, d), (i, i)] = float(variances[i]) * total
    for i, j in combinations_with_replacement(range(d), 2):
        both = (one.signal[:, i] * two.signal[:, j] + two.signal[:, i] * one.signal[:, j]).mean()
        paired[(i, d), (j, d)] = paired[(j, d), (i, d)] = float(both) / 2
    paired[(d, d), (d, d)] = float((power[0] * power[1]).mean()) + noise[1] - noise[0] ** 2
    if not symmetric:
        for i in range(d):
            mean = float((one.signal[:, i] + two.signal[:, i]).mean()) / 2
            for k, _ in xx:
                paired[(k, k), (i, d)] = paired[(i, d), (k, k)] = float(variances[k]) * mean
            crossed = one.signal[:, i] * power[1] + two.signal[:, i] * power[0]
            paired[(i, d), (d, d)] = paired[(d, d), (i, d)] = float(crossed.mean()) / 2
    return MomentTables(frame.lower, variances, total, fourth, paired)


@dataclass(frozen=True, slots=True)
class Frame:
    """Coordinates x = L x' in which E x'x'' is ``scale`` times the diagonal of ``pivots``."""

    lower: Matrix
    pivots: tuple[Fraction, ...]
    scale: Fraction


def frame_of(covariates: Covariates) -> Frame:
    """From the covariance; with a mean from E xx'."""
    if covariates.centred:
        covariance = covariates.covariance
        return Frame(covariance.lower, covariance.pivots, covariates.base_moment(2))
    second = Covariance.full(covariates.second_moment())
    return Frame(second.lower, second.pivots, Fraction(1))


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """One set of points under all tasks: x' (m, d), f (tasks, m), and means given the task."""

    points: FloatArray
    powers: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    signal: FloatArray
    second: FloatArray

    def mixed(self, features: tuple[int, ...], count: int, noise: tuple[float, float]) -> float:
        """E x'_features y^count; ``noise``: the mean of its variance, and of the square of it."""
        f1, f2, f3, f4 = self.powers
        variance, second = noise
        given = {
            1: f1,
            2: f2 + variance,
            3: f3 + 3 * variance * f1,
            4: f4 + 6 * variance * f2 + 3 * second,
        }[count]
        return float((self.points[:, list(features)].prod(axis=1) * given).mean())


def _given_tasks(setting: Setting, tasks: Tasks, lower: FloatArray, points: FloatArray) -> _Half:
    shape = (_task_count(setting), len(points))
    given = _label_powers(tasks, (points @ lower.T)[None])
    f, square, *_ = (np.broadcast_to(power, shape) for power in given)
    powers = tuple(np.broadcast_to(power, shape).mean(axis=0) for power in given)
    signal = f @ points / len(points)
    if even(setting):
        # Points and mirror images cancel; this leaves no rounding.
        signal = np.zeros_like(signal)
    return _Half(points, powers, signal, square.mean(axis=1))


def _label_powers(tasks: Tasks, points: FloatArray) -> tuple[FloatArray, ...]:
    """E[l^k | task, x] for k = 1..4, l the response before noise is added."""
    if isinstance(tasks, LabelTasks):
        return tasks.powers(points)
    f = tasks.evaluate(points)
    square = f * f
    return f, square, square * f, square**2


def _draw_tasks(setting: Setting, rng: np.random.Generator) -> Tasks:
    response = setting.response
    if isinstance(response, DrawnLabels):
        inner = _draw_tasks(replace(setting, response=response.base), rng)
        if isinstance(inner, SingleIndexTasks):
            return LabelTasks(inner, response.label)
    weights = response.weights if isinstance(response, SingleIndex) else None
    if isinstance(response, SingleIndex) and isinstance(weights, Weights) and weights.gaussian:
        z = _sobol_normal(rng, _task_count(setting), setting.dimension)
        w = z @ weights.covariance.factor().T + np.array(weights.mean, dtype=float)
        return SingleIndexTasks(w, response.link)
    return response.sample_tasks(rng, _task_count(setting), setting.dimension)


def _task_count(setting: Setting) -> int:
    """A power of 2; fewer tasks where one evaluation is dear."""
    if isinstance(setting.response, ReluNetwork):
        return min(_TASKS, _HIDDEN // (2 * _POINTS * setting.response.width))
    count, cost = _TASKS, response_cost(setting.response)
    while count > _FEWEST_TASKS and count * cost > _EVALUATIONS:
        count //= 2
    return count


def _draw_points(covariates: Covariates, rng: np.random.Generator) -> FloatArray:
    """x', and its mirror image about the mean; quasi-random where quantiles are at hand.

    x' = D^{1/2} z, and with a mean the solution of L x' = m + F z.
    """
    law, d = covariates.law, covariates.dimension
    quantiles = _quantiles(law, _sobol(rng, _POINTS, d))
    z = law.sample(rng, (_POINTS, d)) if quantiles is None else quantiles
    z = np.concatenate([z, -z])
    if covariates.centred:
        found: FloatArray = z * np.sqrt(np.array(covariates.covariance.pivots, dtype=float))
        return found
    x = z @ covariates.covariance.factor().T + np.array(covariates.mean, dtype=float)
    lower = np.array(frame_of(covariates).lower, dtype=float)
    return np.asarray(np.linalg.solve(lower, x.T).T)


def _quantiles(law: BaseLaw, u: FloatArray) -> FloatArray | None:
    from scipy import special

    if isinstance(law, Normal):
        return np.asarray(special.ndtri(u))
    if isinstance(law, Uniform):
        return 2 * u - 1
    if isinstance(law, Rademacher):
        return np.where(u < 0.5, -1.0, 1.0)
    if isinstance(law, Laplace):
        return np.asarray(-np.sign(u - 0.5) * np.log1p(-2 * np.abs(u - 0.5)))
    if isinstance(law, StudentT):
        return np.asarray(special.stdtrit(float(law.degrees_of_freedom), u))
    return None


def _sobol(rng: np.random.Generator, count: int, d: int) -> FloatArray:
    from scipy.stats import qmc

    u = qmc.Sobol(d, scramble=True, rng=rng).random(count)
    # Scrambled points can come within rounding of 0 or 1, where quantiles are infinite.
    found: FloatArray = np.clip(u, 1e-12, 1 - 1e-12)
    return found


def _sobol_normal(rng: np.random.Generator, count: int, d: int) -> FloatArray:
    from scipy import special

    return np.asarray(special.ndtri(_sobol(rng, count, d)))


def _covariate_fourth(covariates: Covariates, halves: list[_Half]) -> dict[Four, Number]:
    """E x'_i x'_j x'_k x'_l, exact; sampled where there is a mean."""
    if not covariates.centred:
        points = np.concatenate([half.points for half in halves])
        return {
            (i, j, k, m): float(points[:, [i, j, k, m]].prod(axis=1).mean())
            for i, j, k, m in combinations_with_replacement(range(covariates.dimension), 4)
        }
    pivots = covariates.covariance.pivots
    result: dict[Four, Number] = {}
    for i, j in combinations_with_replacement(range(covariates.dimension), 2):
        base = covariates.base_moment(4) if i == j else covariates.base_moment(2, 2)
        value: Fraction = pivots[i] * pivots[j] * base
        if value:
            result[i, i, j, j] = value
    return result
