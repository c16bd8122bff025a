"""Losses estimated by running the unreduced transformer on sampled prompts.

Nothing here knows the exact loss: a claimed value comes in as a plain number and is compared.
What is averaged is the loss of one prompt with the noise of the target, and for linear tasks the
query too, integrated out (Rao–Blackwell), which leaves the mean as it is:

    linear tasks       sigma^2 + (w - u)^T E[x x^T] (w - u),   u_j = prediction for query e_j
    any other          sigma^2 + (f(x_{n+1}) - prediction)^2, plus the variance of a drawn label

u is read off by feeding the unit vectors to the transformer, not from reduced parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from verifier.setting.data import Prompts, Setting
from verifier.setting.labels import LabelTasks
from verifier.setting.layer import LinearAttention, ReducedParameters
from verifier.setting.numbers import positive_integer
from verifier.setting.predictors import Predictor
from verifier.setting.responses import LinearTasks

FloatArray = NDArray[np.float64]

BATCHES = 64
SMALLEST_BATCH = 500
DEFAULT_PROMPTS = 128_000
_CHUNK_FLOATS = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A claimed value of E loss(predictor), or of E loss(predictor) - E loss(against)."""

    label: str
    predictor: Predictor
    claimed: float
    against: Predictor | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claimed value beside its estimate.

    below, above: how many of the ``batches`` batch means lie on either side of ``claimed``
    (a mean within rounding of it counts on neither). ``standard_error`` comes from the spread of
    the batch means and z = (estimate - claimed) / standard_error. They are for the reader: the
    verdict in ``numeric.agreement`` rests on ``below`` and ``above`` only.
    """

    label: str
    claimed: float
    estimate: float
    standard_error: float
    z: float
    below: int
    above: int
    batches: int
    prompts: int


def prompt_losses(
    setting: Setting, predictor: Predictor, prompts: Prompts, second: FloatArray | None = None
) -> FloatArray:
    """Per prompt, the loss averaged over what is integrated out (module docstring), (P,).

    ``second`` is E xx', found here if it is not given.
    """
    noise: float | FloatArray = float(setting.noise_variance)
    if (
        isinstance(predictor, LinearAttention)
        and isinstance(prompts.tasks, LinearTasks)
        and not predictor.variant.include_query
        and not setting.covariate_mixture
    ):
        units = np.eye(setting.dimension)
        error = prompts.tasks.w - predictor.predict_shared(prompts.x, prompts.y, units)
        if second is None:
            second = np.array(setting.covariates.second_moment(), dtype=float)
        return np.asarray(((error @ second) * error).sum(axis=1) + noise)
    signal = prompts.tasks.evaluate(prompts.query[:, None, :])[:, 0]
    predicted = predictor.predict(prompts.x, prompts.y, prompts.query)
    if isinstance(prompts.tasks, LabelTasks):
        noise = noise + prompts.tasks.spread(prompts.query[:, None, :])[:, 0]
    return np.asarray((signal - predicted) ** 2 + noise)


def batch_means(
    setting: Setting,
    predictors: Sequence[Predictor],
    rng: np.random.Generator,
    prompts: int = DEFAULT_PROMPTS,
    batches: int = BATCHES,
) -> FloatArray:
    """Means of the losses over equal batches of common prompts, (predictors, batches).

    All predictors see the same prompts. ``prompts`` is rounded up to a multiple of ``batches``;
    memory does not grow with it. Raises ``ValueError`` for a predictor that belongs to another
    variant of the layer.
    """
    for predictor in predictors:
        variant = getattr(predictor, "variant", setting.layer_variant)
        if variant != setting.layer_variant:
            raise ValueError(f"the setting's layer is {setting.layer_variant}, not {variant}")
    size = -(-positive_integer(prompts, "number of prompts") // batches)
    total = size * batches
    chunk = max(1, _CHUNK_FLOATS // ((setting.context_length + 1) * (setting.dimension + 1)))
    sums = np.zeros((len(predictors), batches))
    second = np.array(setting.covariates.second_moment(), dtype=float)
    for start in range(0, total, chunk):
        stop = min(start + chunk, total)
        drawn = setting.sample(rng, stop - start)
        batch = np.arange(start, stop) // size
        for row, predictor in zip(sums, predictors, strict=True):
            losses = prompt_losses(setting, predictor, drawn, second)
            row += np.bincount(batch, weights=losses, minlength=batches)
    return sums / size


def compare(
    setting: Setting,
    checks: Sequence[Check],
    rng: np.random.Generator,
    prompts: int = DEFAULT_PROMPTS,
) -> tuple[Comparison, ...]:
    """Every check's claimed value beside its estimate, all on the same sampled prompts.

    Raises ``ValueError`` for fewer than 64 batches of 500 prompts: the mean of a shorter batch
    is too skewed for the test in ``numeric.agreement``.
    """
    if prompts < BATCHES * SMALLEST_BATCH:
        raise ValueError(f"Monte Carlo needs at least {BATCHES * SMALLEST_BATCH} prompts")
    predictors = [c.predictor for c in checks] + [c.against for c in checks if c.against]
    means = batch_means(setting, predictors, rng, prompts)
    reference = iter(means[len(checks) :])
    size = -(-prompts // BATCHES)
    found = []
    for check, row in zip(checks, means, strict=False):
        against = next(reference) if check.against else np.zeros(BATCHES)
        magnitude = float(np.abs(row).mean() + np.abs(against).mean())
        found.append(comparison(check.label, check.claimed, row - against, magnitude, size))
    return tuple(found)


def stationarity_checks(
    point: ReducedParameters, rng: np.random.Generator, directions: int = 2, step: float = 0.5
) -> tuple[Check, ...]:
    """Checks that the loss is stationary at ``point`` in its second factor N = (A; c^T).

    The loss is quadratic in N for fixed omega, so at a stationary point
    L(omega, N + hE) - L(omega, N - hE) = 0 exactly, for every direction E and every step h. A
    relative error delta in a claimed learning rate shifts the difference by an amount linear in
    delta, where the loss itself moves by delta^2 only. The first direction is E = N (the
    learning rate); ``directions`` random ones of the same norm follow. Every layer is a generic
    realisation (W_K, W_Q, W_V, h) drawn anew.
    """
    norm = float(np.linalg.norm(point.stacked))
    moves = [("along N", point.stacked.astype(float))]
    for index in range(directions):
        random = rng.standard_normal(point.stacked.shape)
        moves.append((f"direction {index + 1}", random * (norm or 1.0) / np.linalg.norm(random)))
    checks = []
    for label, move in moves:
        ends = []
        for signed in (step, -step):
            theta = np.concatenate([point.omega, (point.stacked + signed * move).ravel()])
            moved = ReducedParameters.from_vector(theta.astype(float), point.variant)
            ends.append(moved.full(rng))
        checks.append(Check(f"stationary {label}", ends[0], 0.0, ends[1]))
    return tuple(checks)


def random_points(
    setting: Setting, rng: np.random.Generator, count: int
) -> tuple[ReducedParameters, ...]:
    """Random parameters at which predictions are about as large as responses.

    Normal entries, rescaled on 1000 prompts so that predictions and targets have the same mean
    square: elsewhere the loss is the target's or the prediction's variance alone, and an error
    in the mixed terms would hide.
    """
    pilot = setting.sample(rng, 1000)
    points = []
    for _ in range(count):
        theta = rng.standard_normal((setting.dimension + 1) ** 2)
        point = ReducedParameters.from_vector(theta, setting.layer_variant)
        power = float((point.predict(pilot.x, pilot.y, pilot.query) ** 2).mean())
        # The prediction has degree 2 in theta, its mean square degree 4.
        scale = (float((pilot.target**2).mean()) / power) ** 0.25 if power > 0 else 1.0
        points.append(ReducedParameters.from_vector(theta * scale, setting.layer_variant))
    return tuple(points)


def comparison(
    label: str, claimed: float, values: FloatArray, magnitude: float, size: int
) -> Comparison:
    """A claimed mean beside the means of batches of ``size`` prompts, sums of this magnitude."""
    estimate = float(values.mean())
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    # Sums of a few thousand floats of this magnitude are good to far better than this.
    rounding = 1e-10 * magnitude
    difference = values - claimed
    shift = estimate - claimed
    if error <= rounding:
        z = 0.0 if abs(shift) <= rounding else float(np.copysign(inf, shift))
    else:
        z = shift / error
    return Comparison(
        label=label,
        claimed=claimed,
        estimate=estimate,
        standard_error=error,
        z=z,
        below=int((difference < -rounding).sum()),
        above=int((difference > rounding).sum()),
        batches=len(values),
        prompts=size * len(values),
    )
