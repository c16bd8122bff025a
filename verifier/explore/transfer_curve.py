"""The risk of a trained layer against the number of examples at test time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.explore.exploration import LARGEST_TENSOR
from verifier.explore.mixed_answer import MixedProblem
from verifier.explore.transfer import (
    Trained,
    layer_value,
    pair_loss,
    ridge_there,
    with_context_length,
)
from verifier.explore.values import Value
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.layer_loss import layer_loss
from verifier.optimum.readout import ReadoutProblem
from verifier.setting.question import TestLaw

POINTS = 24
_PROMPTS = 8_000
Progress = Callable[[str], None]
Parts = tuple[tuple[Fraction, GeneralMoments], ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """At one number of examples: the trained layer, the best readout, ridge (None: not sampled)."""

    context_length: int
    loss: Value
    best_readout: Value | None
    ridge: Value | None


@dataclass(frozen=True, slots=True)
class TransferCurve:
    """The points, the loss of predicting 0, and where the layer was trained."""

    points: tuple[CurvePoint, ...]
    zero: Value
    trained_on: int


def default_lengths(trained_on: int, tested_on: int) -> tuple[int, ...]:
    """From 1 to four times the larger of the two lengths, evenly in the logarithm, and the two."""
    largest = 4 * max(trained_on, tested_on)
    spread = np.unique(np.rint(np.geomspace(1, largest, POINTS)).astype(int))
    return tuple(sorted({*map(int, spread), trained_on, tested_on}))


def transfer_curve(
    trained: Trained,
    test: TestLaw,
    lengths: Sequence[int],
    seed: int,
    progress: Progress = lambda message: None,
) -> TransferCurve:
    """Every length's point. One example's moments do not depend on it, and are found once."""
    moments: Parts = ()
    if pair_loss(test, None) is None and test.setting.dimension <= LARGEST_TENSOR:
        with contextlib.suppress(NoExactMoments):
            moments = tuple((p, general_moments(part)) for p, part in test.setting.parts())
    points = []
    zero: Value | None = None
    for k, n in enumerate(lengths):
        progress(f"risk at {n} examples ({k + 1} of {len(lengths)})")
        here = with_context_length(test, n)
        loss, best, target = _exact_point(trained, here, moments, seed)
        rng = np.random.default_rng([seed, 2, n])
        points.append(CurvePoint(n, loss, best, ridge_there(here, rng, _PROMPTS, target).loss))
        zero = target if zero is None else zero
    return TransferCurve(tuple(points), zero or Value(0.0), trained.context_length)


def _exact_point(
    trained: Trained, test: TestLaw, moments: Parts, seed: int
) -> tuple[Value, Value | None, Value]:
    """The layer's loss, the best readout's, and that of predicting 0."""
    n = test.setting.context_length
    pair = pair_loss(test, None)
    if pair is not None:
        best = Value.rational(pair.readout_loss(pair.best_readout))
        return layer_value(trained, test, seed), best, Value.rational(pair.zero_loss)
    if not moments:
        prompts = test.setting.sample(np.random.default_rng([seed, 3]), _PROMPTS)
        return layer_value(trained, test, seed), None, Value(float((prompts.target**2).mean()))
    problem = MixedProblem(tuple((share, ReadoutProblem.of(m, n)) for share, m in moments))
    readout = problem.best() if len(moments) > 1 else problem.parts[0][1].best()
    try:
        layer = trained.at(n)
        loss = Value.rational(
            sum((share * layer_loss(m, n, layer) for share, m in moments), Fraction(0))
        )
    except NoExactMoments:
        loss = layer_value(trained, test, seed)
    return loss, Value.rational(readout.loss), Value.rational(problem.target_second)
