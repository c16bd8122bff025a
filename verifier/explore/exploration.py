"""`explore`: the whole answer for one setting, exact first, numerical evidence after (floor 3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from verifier.exact.general_builder import general_moments
from verifier.exact.general_moments import GeneralMoments, NoExactMoments
from verifier.exact.optimum import ReadoutProblem
from verifier.exact.optimum_bound import PairProblem
from verifier.explore.answer import (
    Comparison,
    Exploration,
    ExploreOptions,
    Numerical,
    Optimum,
)
from verifier.explore.basins import SCALES, BasinSurvey, basin_survey
from verifier.explore.evidence import contradiction, ridge_beside
from verifier.explore.exact_answer import certified_optimum, line_answer, searched_optimum
from verifier.explore.large_answer import large_answer
from verifier.explore.local_minima import LocalMinimum, local_minima
from verifier.explore.mixed_answer import LARGEST as LARGEST_MIXTURE
from verifier.explore.mixed_answer import (
    MixedLoss,
    MixedProblem,
    found_optimum,
    mixed_compared,
    mixed_optimum,
)
from verifier.explore.monte_carlo import (
    ClaimedLayer,
    affordable_prompts,
    monte_carlo,
)
from verifier.explore.plateaus import plateau_losses
from verifier.explore.sampled import sampled_moments
from verifier.explore.sampled_answer import gain_error, sampled_layer, sampled_readout
from verifier.explore.search import search
from verifier.explore.sign_answer import sign_answer, sign_scale
from verifier.explore.symmetry import odd_moments_vanish
from verifier.explore.tensors import FloatArray, MomentLoss, MomentTables
from verifier.explore.values import Value
from verifier.numeric.optimise import OptimisationReport, optimise
from verifier.numeric.stationary import Outcome
from verifier.setting.data import Setting
from verifier.setting.responses import Linear, SingleIndex, Weights
from verifier.work.engine import local

# Beyond, moments come from matrix products: tensors have d^4 entries.
LARGEST_TENSOR = 32
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """An optimum with what it is compared to and the search that supports it, if one was made."""

    optimum: Optimum
    compared: tuple[Comparison, ...]
    search: OptimisationReport | None
    moments: str
    gain_error: float = 0.0
    minima: tuple[LocalMinimum, ...] = ()
    plateaus: tuple[Value, ...] = ()
    loss: MomentLoss | None = None


def explore(
    setting: Setting,
    options: ExploreOptions | None = None,
    progress: Progress = lambda message: None,
) -> Exploration:
    """What the best one-layer linear attention does in ``setting``, and how certain that is.

    Raises ``ValueError`` in one line where a moment that the loss needs does not exist or is beyond
    floating-point numbers, or all responses are zero.
    """
    # What overflows is looked for where it matters, in the moments: `MomentTables.check_sizes`.
    with np.errstate(all="ignore"):
        return _explored(setting, options or ExploreOptions(), progress)


def _explored(setting: Setting, options: ExploreOptions, progress: Progress) -> Exploration:
    started = time.perf_counter()
    rng = np.random.default_rng(options.seed)
    starts = _starts(setting.dimension) if options.starts is None else options.starts
    found = best_layer(setting, options, rng, starts, progress)
    prompts = affordable_prompts(setting, options.samples)
    sampled, zero_loss = None, found.compared[0].loss.decimal
    if prompts:
        progress(f"running the transformer on {prompts} prompts")
        sampled = monte_carlo(setting, _layers(found), zero_loss, rng, prompts)
    compared = (*found.compared, *ridge_beside(setting, sampled, found.compared[0].loss))
    contradicted = contradiction(found.optimum, found.search, compared, found.gain_error)
    numerical = Numerical(
        found.search, starts, sampled, prompts, contradicted, found.minima, found.plateaus
    )
    if options.basins and found.loss is not None and found.search is not None:
        numerical = replace(numerical, basins=_basins(found.loss, found.search, options, progress))
    elif options.basins:
        raise ValueError("--basins: needs rational moments, and a dimension of at most 32")
    seconds = time.perf_counter() - started
    return Exploration(setting, found.optimum, compared, numerical, found.moments, options, seconds)


def _basins(
    loss: MomentLoss, report: OptimisationReport, options: ExploreOptions, progress: Progress
) -> BasinSurvey:
    levels = [v.loss for v in report.levels if v.outcome is Outcome.LOCAL_MINIMUM]
    engine = local(options.jobs, len(SCALES))
    return basin_survey(
        loss, report.best_parameters, levels, options.seed, options.basins, engine, progress
    )


def best_layer(
    setting: Setting,
    options: ExploreOptions,
    rng: np.random.Generator,
    starts: int,
    progress: Progress = lambda message: None,
) -> Found:
    """The best layer, exactly where moments are rational, and the descents beside it."""
    progress("exact moments")
    if setting.covariate_mixture:
        return _from_mixture(setting, options, rng, starts, progress)
    if setting.dimension > LARGEST_TENSOR:
        optimum, compared = large_answer(setting)
        _check_responses(setting, compared[0].loss.decimal)
        return Found(optimum, compared, None, "rational, exact")
    try:
        moments = general_moments(setting)
        if not moments.complete and not moments.parity_symmetric:
            raise NoExactMoments("the exact moments have too many terms for this dimension")
    except NoExactMoments as reason:
        progress(f"{reason}: sampling them")
        return _from_samples(setting, options, rng, starts, str(reason))
    return _from_exact(setting, moments, options, rng, starts, progress)


def _from_mixture(
    setting: Setting,
    options: ExploreOptions,
    rng: np.random.Generator,
    starts: int,
    progress: Progress,
) -> Found:
    """Every prompt with covariates of its own: the mean of the parts' exact losses."""
    if setting.dimension > LARGEST_MIXTURE:
        raise ValueError(
            f"[covariates] mixture: B has d^2 = {setting.dimension**2} unknowns; "
            f"dimensions up to {LARGEST_MIXTURE} are solved"
        )
    n, parts = setting.context_length, setting.parts()
    try:
        moments = [(share, part, general_moments(part)) for share, part in parts]
    except NoExactMoments as reason:
        raise ValueError(f"[covariates] mixture: needs rational moments, but {reason}") from None
    problem = MixedProblem(
        tuple((share, ReadoutProblem.of(found, n)) for share, _, found in moments)
    )
    _check_responses(setting, float(problem.target_second))
    losses = tuple(
        (float(share), MomentLoss.of(_tables(part, found, options.seed), n))
        for share, part, found in moments
    )
    mixed = MixedLoss.of(losses)
    readout = problem.best()
    start = np.concatenate(
        [np.zeros(setting.dimension), [1.0], np.array(readout.B, dtype=float).T.ravel(),
         np.zeros(setting.dimension)]
    )  # fmt: skip
    progress(f"descending in {len(start)} parameters")
    report = optimise(mixed, setting.dimension, rng, starts, mixed.hessian, [start])
    if all(found.parity_symmetric for _, _, found in moments):
        optimum = mixed_optimum(problem)
    else:
        optimum = found_optimum(report.best_parameters, report.best_loss, readout)
    compared = mixed_compared(problem, readout.loss)
    return Found(optimum, compared, report, "rational, exact in each part of the mixture")


def _starts(dimension: int) -> int:
    """Fewer descents where each is dearer: (d+1)^2 parameters, Hessians of that size."""
    return max(2, 12 - dimension)


def _from_exact(
    setting: Setting,
    moments: GeneralMoments,
    options: ExploreOptions,
    rng: np.random.Generator,
    starts: int,
    progress: Progress,
) -> Found:
    _check_responses(setting, float(bool(moments.target_second)))
    problem = ReadoutProblem.of(moments, setting.context_length)
    readout, step = problem.best(), problem.best_gradient_step()
    loss = MomentLoss.of(_tables(setting, moments, options.seed), setting.context_length)
    progress(f"descending in {(loss.dimension + 1) ** 2} parameters")
    report = search(loss, rng, starts)
    if moments.parity_symmetric:
        optimum = certified_optimum(setting, moments, problem, readout)
    else:
        pairs = PairProblem.of(moments, setting.context_length)
        line = line_answer(pairs, readout) if setting.dimension == 1 else None
        optimum = line or searched_optimum(pairs, readout, loss.original(report.best_parameters))
    compared = (
        Comparison("zero", "predict 0", Value.rational(moments.target_second)),
        Comparison(
            "gradient_descent",
            "one step, best rate",
            Value.rational(step.loss),
            Value.rational(step.learning_rate or Fraction(0)),
        ),
        Comparison("linear_readout", "best x'Bs, a = c = 0", Value.rational(readout.loss)),
    )
    known = "rational, exact"
    if not moments.complete:
        known += "; E y^4 and E (E[y^2 | task])^2, on which the optimum does not depend, sampled"
    parity = moments.parity_symmetric
    best = np.array([[v.decimal for v in row] for row in optimum.B])
    minima = local_minima(loss, report, best, parity)
    plateaus = plateau_losses(problem) if parity else ()
    return Found(optimum, compared, report, known, 0.0, minima, plateaus, loss)


def _check_responses(setting: Setting, target_second: float) -> None:
    """ValueError with the key that makes all responses zero."""
    if target_second:
        return
    response, key = setting.response, "response"
    if isinstance(response, Linear | SingleIndex):
        weights = response.weights
        if not any(v for row in weights.second_moment() for v in row):
            key = "covariance" if isinstance(weights, Weights) else "pool"
    raise ValueError(f"[task] {key}: the responses are identically zero: nothing to predict")


def _tables(setting: Setting, moments: GeneralMoments, seed: int) -> MomentTables:
    """The exact moments; E y^4 and E rho^2 sampled where they are not rational."""
    fourth: dict[tuple[int, int, int, int], Fraction | float] = dict(moments.fourth)
    paired: dict[tuple[tuple[int, int], tuple[int, int]], Fraction | float] = dict(moments.paired)
    if not moments.complete:
        d = setting.dimension
        sampled = sampled_moments(setting, seed, True).mean
        fourth[d, d, d, d] = sampled.fourth[d, d, d, d]
        paired[(d, d), (d, d)] = sampled.paired[(d, d), (d, d)]
    return MomentTables(moments.lower, moments.variances, moments.target_second, fourth, paired)


def _from_samples(
    setting: Setting, options: ExploreOptions, rng: np.random.Generator, starts: int, reason: str
) -> Found:
    symmetric = odd_moments_vanish(setting)
    sampled = sampled_moments(setting, options.seed, symmetric)
    for tables in (sampled.mean, *sampled.repetitions):
        tables.check_sizes()
    _check_responses(setting, float(sampled.mean.target_second))
    readout = sampled_readout(setting, sampled)
    loss = MomentLoss.of(sampled.mean, setting.context_length)
    report = search(loss, rng, starts)
    optimum = readout.optimum
    if (scale := sign_scale(setting)) is not None:
        known, beside = sign_answer(setting, scale)
        told = f"closed form in pi; those of the descents sampled: {reason}"
        return Found(known, beside, report, told, readout.optimum.loss.error or 0.0)
    if not symmetric:
        optimum = sampled_layer(setting, sampled, loss, report.best_parameters, readout)
    target = [float(t.target_second) for t in sampled.repetitions]
    error = sampled.error(target)
    compared = (
        Comparison("zero", "predict 0", Value(float(sampled.mean.target_second), error=error)),
        readout.step,
        Comparison("linear_readout", "best x'Bs, a = c = 0", readout.optimum.loss),
    )
    spread = gain_error(setting, sampled, report.best_parameters, readout)
    return Found(optimum, compared, report, f"sampled: {reason}", spread)


def _layers(found: Found) -> Sequence[ClaimedLayer]:
    """The optimum, and the scalar step where it is another layer."""
    optimum = found.optimum
    layers = [_claimed("the best layer", layer_vector(optimum), optimum.loss)]
    step = found.compared[1]
    rate = step.learning_rate.decimal if step.learning_rate else 0.0
    if step.loss.differs(optimum.loss):
        d = len(optimum.a)
        theta = np.zeros((d + 1) ** 2)
        theta[d] = 1.0
        theta[d + 1 : d + 1 + d * d] = (rate * np.eye(d)).ravel()
        layers.append(_claimed("best gradient step", theta, step.loss))
    return layers


def _claimed(label: str, theta: FloatArray, loss: Value) -> ClaimedLayer:
    return ClaimedLayer(label, theta, loss.decimal, loss.error or 0.0)


def layer_vector(optimum: Optimum) -> FloatArray:
    """The optimum's layer as flat theta = (a, b, A row by row, c)."""
    entries = [*optimum.a, optimum.b, *(v for row in optimum.A for v in row), *optimum.c]
    return np.array([v.decimal for v in entries])
