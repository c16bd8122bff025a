"""The unreduced transformer run on sampled prompts of the setting, beside ridge.

The layers come as reduced parameters and are run as generic W_K, W_Q, W_V, h. Ridge has no closed
form and is always sampled: for linear responses it is the Bayes predictor, whatever the
covariates' law; for others its penalty is the best of a grid, chosen on prompts of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, inf, log1p

import numpy as np

from verifier.explore.posterior_mean import PosteriorMean
from verifier.loss.moment_tables import FloatArray
from verifier.numeric.agreement import Agreement, agreement_test
from verifier.numeric.montecarlo import (
    BATCHES,
    SMALLEST_BATCH,
    Check,
    batch_means,
    compare,
)
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels
from verifier.setting.laws import Radial
from verifier.setting.layer import LinearAttention, ReducedParameters
from verifier.setting.predictors import Predictor, RidgeRegression, ZeroPredictor
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.response_moments import response_cost, response_degree
from verifier.setting.responses import Linear, SingleIndex, Weights

MAXIMUM_NUMBERS = 1e8
# Array multiplications that take as long as a random number and what is done with it.
_PER_NUMBER = 8
_GRID = tuple(10.0**k for k in range(-3, 5))
_PILOT = 4_000
_ROUNDING = 1e-12
# Sampled prompts that tell anything, for losses to be estimated from them.
_FEWEST = 500


@dataclass(frozen=True, slots=True, eq=False)
class ClaimedLayer:
    """A layer, as flat theta, and the loss that is claimed for it, with its standard error."""

    label: str
    theta: FloatArray
    loss: float
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class RidgeResult:
    """The sampled loss of ridge regression; an infinite ``standard_error`` is not known."""

    description: str
    loss: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class MonteCarloResult:
    """What sampling said. ``tested`` is false where the tails leave the test without a basis."""

    agreement: Agreement
    tested: bool
    note: str
    ridge: RidgeResult


def affordable_prompts(setting: Setting, wanted: int) -> int:
    """``wanted``, or fewer where a prompt is dear; 0 where even the fewest are too many.

    A prompt costs n + 1 tokens of d + 1 numbers, and the evaluation of its responses.
    """
    each = setting.dimension + 1 + response_cost(setting.response) / _PER_NUMBER
    affordable = int(MAXIMUM_NUMBERS // ((setting.context_length + 1) * each))
    return min(wanted, affordable) if affordable >= BATCHES * SMALLEST_BATCH else 0


def monte_carlo(
    setting: Setting,
    layers: Sequence[ClaimedLayer],
    zero_loss: float,
    rng: np.random.Generator,
    prompts: int,
) -> MonteCarloResult:
    """Every layer's claimed loss against sampled prompts, and ridge on others.

    A loss that is zero up to rounding has no spread to test against; there the claim is the gain
    over predicting 0, whose loss is ``zero_loss``.
    """
    checks = []
    for layer in layers:
        full = _generic(setting, layer.theta, zero_loss, rng)
        if layer.loss > _ROUNDING * zero_loss:
            checks.append(Check(layer.label, full, layer.loss))
        else:
            label = f"{layer.label} less predicting 0"
            checks.append(Check(label, full, layer.loss - zero_loss, ZeroPredictor()))
    agreement = agreement_test(compare(setting, checks, rng, prompts))
    note = _untestable(setting, prompts)
    errors = zip(layers, agreement.comparisons, strict=True)
    if not note and any(layer.error > seen.standard_error for layer, seen in errors):
        note = (
            "the claimed losses are sampled too, and not more precisely than these: shown for "
            "information only"
        )
    ridge = sampled_ridge(setting, rng, prompts // 4, prompts)
    return MonteCarloResult(agreement, not note, note, ridge)


def _generic(
    setting: Setting, theta: FloatArray, target_second: float, rng: np.random.Generator
) -> LinearAttention:
    """Generic W_K, W_Q, W_V, h with the reduced parameters ``theta``.

    They are drawn for tokens in units of their standard deviations, D v; in other units rounding
    in one block would drown another. W_K D, W_Q D, W_V D then read the tokens themselves.
    """
    second = np.diagonal(np.array(setting.second_moment, dtype=float))
    size = np.sqrt(np.append(second, target_second))
    size[size == 0] = 1.0
    layer = ReducedParameters.from_vector(theta)
    omega, stacked = layer.omega * size, layer.stacked * np.outer(size, size[:-1])
    inner = ReducedParameters.from_vector(np.concatenate([omega, stacked.ravel()]))
    full = inner.balanced().full(rng)
    return LinearAttention(full.W_K / size, full.W_Q / size, full.W_V / size, full.h)


def _untestable(setting: Setting, prompts: int) -> str:
    """Why the agreement test has no basis here; nothing where it has one.

    It assumes that batch means are not too skewed: third moments, and mild. For normal x and w,
    d = 1 and y = (w.x)^k, the skewness of y^2 is E t^(6k) / (E t^(4k))^(3/2) to leading order: 93
    for k = 2, above 1000 for k = 3.
    """
    law, response = setting.covariates.law, setting.response
    base = response.base if isinstance(response, DrawnLabels) else response
    link = base.link if isinstance(base, SingleIndex) else None
    exponential = isinstance(link, ExpressionLink) and link.growth.rate > 0
    if response_degree(response) > 2 or exponential:
        return (
            "responses that grow this fast make the loss of one prompt too skewed for the "
            "agreement test: shown for information only"
        )
    if isinstance(law, Radial):
        told = _informative(setting, prompts)
        return f"{_too_few(told)}: shown for information only" if told < _FEWEST else ""
    order = 6 + 6 * response_degree(setting.response)
    try:
        setting.covariates.base_moment(order)
    except ValueError:
        return (
            f"under {law.name} the loss of one prompt has no third moment, "
            "which the agreement test assumes: shown for information only"
        )
    return ""


def _informative(setting: Setting, prompts: int) -> float:
    """About how many of the prompts have a query and an example that are not zero."""
    law = setting.covariates.law
    if not isinstance(law, Radial):
        return float(prompts)
    alive = float(law.second**2 / law.fourth)
    return (
        prompts * alive * -expm1(setting.context_length * log1p(-alive)) if alive < 1 else prompts
    )


def _too_few(informative: float) -> str:
    return (
        "the sampled covariates are almost all zero, and only about "
        f"{informative:.2g} of the sampled prompts have a query and an example that are not"
    )


def sampled_ridge(
    setting: Setting, rng: np.random.Generator, prompts: int, of_all: int | None = None
) -> RidgeResult:
    """The mean squared error of ridge; where its tails are heavy a standard error says nothing.

    ``of_all``: the number of prompts whose informative share counts, ``prompts`` if not given.
    """
    heavy_tails = bool(_untestable(setting, prompts if of_all is None else of_all))
    noise = float(setting.noise_variance)
    predictor: Predictor
    if isinstance(setting.response, Linear):
        predictor = PosteriorMean.of(setting.response.weights, noise)
        weights = setting.response.weights
        normal = isinstance(weights, Weights) and weights.gaussian and not setting.noise_levels
        text = "Bayes-optimal here (the task's own prior)"
        if not normal:
            text = "with the task's own mean and covariance"
    else:
        power = float(np.trace(np.array(setting.second_moment, dtype=float)))
        candidates = [RidgeRegression(level * power) for level in _GRID]
        pilot = batch_means(setting, candidates, rng, _PILOT, 4).mean(axis=1)
        predictor = candidates[int(np.argmin(pilot))]
        text = f"penalty {predictor.penalty:.4g}, the best of {len(_GRID)} on a pilot sample"
    means = batch_means(setting, [predictor], rng, max(prompts, BATCHES))[0]
    if _informative(setting, prompts) < _FEWEST:
        return RidgeResult(f"{text}; too few informative prompts", float(means.mean()), inf)
    if heavy_tails:
        return RidgeResult(f"{text}; tails too heavy to sample", float(means.mean()), inf)
    return RidgeResult(text, float(means.mean()), float(means.std(ddof=1)) / BATCHES**0.5)
