"""`explore`: the whole answer for one setting, exact first, numerical evidence after."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from verifier.explore.answer import (
    Comparison,
    Exploration,
    ExploreOptions,
    Numerical,
    Optimum,
)
from verifier.explore.basins import LARGEST as LARGEST_BASINS
from verifier.explore.basins import BasinSurvey, basin_survey
from verifier.explore.evidence import contradiction, ridge_beside
from verifier.explore.exact_answer import certified_optimum, line_answer, searched_optimum
from verifier.explore.found import Found, check_responses
from verifier.explore.large_answer import large_answer
from verifier.explore.local_minima import local_minima
from verifier.explore.mixed_loss import loss_of
from verifier.explore.mixture import from_mixture
from verifier.explore.monte_carlo import (
    ClaimedLayer,
    affordable_prompts,
    monte_carlo,
)
from verifier.explore.plateaus import plateau_losses
from verifier.explore.sampled import completed_tables, sampled_tables
from verifier.explore.sampled_answer import gain_error, sampled_layer, sampled_readout
from verifier.explore.search import search
from verifier.explore.sign_answer import sign_answer, sign_scale
from verifier.explore.symmetry import odd_moments_vanish
from verifier.explore.values import Value
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.moment_tables import FloatArray, MomentLoss
from verifier.numeric.stationary import Outcome
from verifier.optimum.bound import PairProblem
from verifier.optimum.readout import ReadoutProblem
from verifier.setting.data import Setting
from verifier.setting.setting_text import setting_text
from verifier.work.kept import Kept

# Beyond, moments come from matrix products: tensors have d^4 entries.
LARGEST_TENSOR = 32
Progress = Callable[[str], None]


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
    contradicted = contradiction(
        found.optimum, found.search, compared, found.gain_error, found.fitted
    )
    numerical = Numerical(
        found.search, starts, sampled, prompts, contradicted, found.minima, found.plateaus
    )
    if options.basins:
        numerical = replace(numerical, basins=_basins(setting, found, options, progress))
    seconds = time.perf_counter() - started
    return Exploration(setting, found.optimum, compared, numerical, found.moments, options, seconds)


def _basins(
    setting: Setting, found: Found, options: ExploreOptions, progress: Progress
) -> BasinSurvey:
    if found.loss is None or found.search is None:
        raise ValueError(f"--basins: goes up to dimension {LARGEST_BASINS}")
    report, kept = found.search, None
    if options.resume:
        header = {
            "format": "verifier explore --basins",
            "version": 1,
            "setting": setting_text(setting),
            "seed": options.seed,
            "starts": [options.starts, options.basins],
        }
        kept = Kept(options.resume, header, "a survey of basins")
    levels = [v.loss for v in report.levels if v.outcome is Outcome.LOCAL_MINIMUM]

    def count(done: int, total: int, _seconds: float | None) -> None:
        progress(f"{done} of {total} pieces of random starts are done")

    return basin_survey(
        found.loss,
        report.best_parameters,
        levels,
        options.seed,
        options.basins,
        options.engine,
        count,
        kept,
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
        try:
            return from_mixture(setting, options.seed, rng, starts, progress)
        except NoExactMoments as reason:
            progress(f"{reason}: sampling them")
            return _from_samples(setting, options, rng, starts, str(reason))
    if setting.dimension > LARGEST_TENSOR:
        optimum, compared = large_answer(setting)
        check_responses(setting, compared[0].loss.decimal)
        return Found(optimum, compared, None, "rational, exact")
    try:
        moments = general_moments(setting)
        if not moments.complete and not moments.parity_symmetric:
            raise NoExactMoments("the exact moments have too many terms for this dimension")
    except NoExactMoments as reason:
        progress(f"{reason}: sampling them")
        return _from_samples(setting, options, rng, starts, str(reason))
    return _from_exact(setting, moments, options, rng, starts, progress)


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
    check_responses(setting, float(bool(moments.target_second)))
    problem = ReadoutProblem.of(moments, setting.context_length)
    readout, step = problem.best(), problem.best_gradient_step()
    loss = MomentLoss.of(completed_tables(setting, moments, options.seed), setting.context_length)
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


def _from_samples(
    setting: Setting, options: ExploreOptions, rng: np.random.Generator, starts: int, reason: str
) -> Found:
    symmetric = odd_moments_vanish(setting)
    sampled = sampled_tables(setting, options.seed, symmetric)
    for tables in (sampled.mean, *sampled.repetitions):
        tables.check_sizes()
    check_responses(setting, float(sampled.mean.target_second))
    readout = sampled_readout(setting, sampled)
    loss, optimum = loss_of(sampled.mean, setting.context_length), readout.optimum
    initial = [layer_vector(optimum)] if setting.covariate_mixture else []
    report = search(loss, rng, starts, initial)
    if (scale := sign_scale(setting)) is not None:
        known, beside = sign_answer(setting, scale)
        told = f"closed form in pi; those of the descents sampled: {reason}"
        return Found(known, beside, report, told, readout.optimum.loss.error or 0.0, loss=loss)
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
    # Descents fit the errors of the moments as the best B does, of whatever kind it is shown to be.
    fitted = max(readout.optimum.loss.decimal - readout.least, 0.0)
    return Found(optimum, compared, report, f"sampled: {reason}", spread, loss=loss, fitted=fitted)


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
