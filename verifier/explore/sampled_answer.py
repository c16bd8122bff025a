"""The best layer where the moments are sampled: supported, with standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from verifier.explore.answer import Certainties, Comparison, Matrix, Optimum
from verifier.explore.mixed_loss import AnyLoss, AnyTables, loss_of
from verifier.explore.sampled import SampledMoments
from verifier.explore.sampled_readout import FoundReadout, find_readout, readout_moments
from verifier.explore.symmetry import covering_theorems, even, exchangeable
from verifier.explore.values import Certainty, Value
from verifier.loss.moment_tables import FloatArray
from verifier.optimum.readout import Kind, generalised_inverse
from verifier.setting.data import Setting

_ERRORS = 4.0
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class SampledReadout:
    """The best readout, the best scalar step, and the readout's loss in every repetition.

    ``least`` is the loss of the best B of the pooled moments, of no simple kind: with d^2 entries
    it fits their errors too.
    """

    optimum: Optimum
    step: Comparison
    losses: tuple[float, ...]
    least: float


def sampled_readout(setting: Setting, sampled: SampledMoments[AnyTables]) -> SampledReadout:
    """The best x'B s, and the best scalar step, with standard errors over the repetitions.

    Under parity the former is the optimum over all layers (``exact.optimum``).
    """
    scalar = exchangeable(setting)
    found = find_readout(setting, sampled, scalar)
    d = setting.dimension
    zero, B = Value(0.0), _readout_values(found, sampled)
    reason = "parity makes the best readout optimal among all layers; its moments are sampled"
    if even(setting):
        reason = "the response is even, so E[xy | task] = 0 and no readout helps; " + reason
    elif scalar:
        reason += "; that B is a multiple of I follows from symmetry"
    elif found.kind in (Kind.ZERO, Kind.GRADIENT, Kind.PRECONDITIONED):
        reason += "; B is of this kind within the errors of the moments"
    rate = None
    if found.rate is not None:
        rate = Value(found.rate, error=sampled.error(found.each_rate))
    shown = Value(0.0) if found.kind is Kind.ZERO else rate
    supported = Certainty.SUPPORTED
    certainties = Certainties.of(supported, supported, shown)
    if even(setting):
        computed = Certainty.COMPUTED
        certainties = Certainties(computed, supported, computed, computed)
    elif scalar and found.kind is Kind.GRADIENT:
        certainties = replace(certainties, kind=Certainty.COMPUTED)
    optimum = Optimum(
        loss=Value(found.loss, error=sampled.error(found.each_loss)),
        kind=found.kind,
        learning_rate=shown,
        B=B,
        a=(zero,) * d,
        b=Value(1.0),
        A=tuple(zip(*B, strict=True)),
        c=(zero,) * d,
        certainty=supported,
        certainties=certainties,
        reason=reason,
        covered_by=covering_theorems(setting),
    )
    pooled, _ = readout_moments(setting, sampled, False)
    inverse = np.array(generalised_inverse(setting.second_moment), dtype=float)
    least = pooled.loss(pooled.best(inverse))
    return SampledReadout(optimum, _step(setting, sampled, scalar), found.each_loss, least)


def sampled_layer(
    setting: Setting,
    sampled: SampledMoments[AnyTables],
    loss: AnyLoss,
    theta: FloatArray,
    readout: SampledReadout,
) -> Optimum:
    """The best layer of a search on sampled moments, or the best readout if none gains on it.

    ``theta`` is in the coordinates of ``loss``. A gain counts if it exceeds four standard errors.
    """
    d, value = setting.dimension, loss(theta)[0]
    each = _each_loss(setting, sampled, theta)
    spread = gain_error(setting, sampled, theta, readout)
    room = _ERRORS * spread + _ROUNDING * loss.target_second
    if readout.optimum.loss.decimal - value <= room:
        reason = "no descent gained on the best readout by more than the errors of the moments"
        return replace(readout.optimum, reason=reason)
    original = loss.original(theta)
    a, b, stacked = original[:d], float(original[d]), original[d + 1 :].reshape(d + 1, d)
    B = b * stacked[:d].T + np.outer(stacked[d], a)
    return Optimum(
        loss=Value(value, error=sampled.error(each)),
        kind=Kind.QUADRATIC,
        learning_rate=None,
        B=_values(B),
        a=tuple(Value(float(v)) for v in a),
        b=Value(b),
        A=_values(stacked[:d]),
        c=tuple(Value(float(v)) for v in stacked[d]),
        certainty=Certainty.SUPPORTED,
        certainties=Certainties.of(Certainty.SUPPORTED, Certainty.SUPPORTED, None),
        reason="best of all descents on a loss whose moments are sampled",
    )


def gain_error(
    setting: Setting, sampled: SampledMoments[AnyTables], theta: FloatArray, readout: SampledReadout
) -> float:
    """The standard error of what the layer ``theta`` gains on the best readout."""
    each = _each_loss(setting, sampled, theta)
    gains = [other - one for other, one in zip(readout.losses, each, strict=True)]
    return float(np.std(gains, ddof=1)) / math.sqrt(len(gains))


def _each_loss(
    setting: Setting, sampled: SampledMoments[AnyTables], theta: FloatArray
) -> list[float]:
    """The loss of one layer in every repetition."""
    n = setting.context_length
    return [loss_of(table, n)(theta)[0] for table in sampled.repetitions]


def _step(setting: Setting, sampled: SampledMoments[AnyTables], scalar: bool) -> Comparison:
    """The best B = eta I."""
    pooled, each = readout_moments(setting, sampled, scalar)
    identity = np.eye(setting.dimension)
    rate = pooled.rate(identity)
    losses = [m.loss(rate * identity) for m in each]
    rates = [m.rate(identity) for m in each]
    return Comparison(
        "gradient_descent",
        "one step, best rate",
        Value(pooled.loss(rate * identity), error=sampled.error(losses)),
        Value(rate, error=sampled.error(rates)),
    )


def _readout_values(found: FoundReadout, sampled: SampledMoments[AnyTables]) -> Matrix:
    """B with its standard errors; entries that are zero by kind have none."""
    d = len(found.B)
    rows: list[Sequence[Value]] = []
    for i in range(d):
        entries = [(float(found.B[i, j]), found.each_B[:, i, j].tolist()) for j in range(d)]
        rows.append([Value(v, error=sampled.error(e)) if v else Value(0.0) for v, e in entries])
    return tuple(map(tuple, rows))


def _values(matrix: FloatArray) -> Matrix:
    return tuple(tuple(Value(float(v)) for v in row) for row in matrix)
