"""The best layer where the moments are sampled: supported, with standard errors (floor 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.exact.optimum import Kind
from verifier.explore.answer import Comparison, Matrix, Optimum
from verifier.explore.sampled import SampledMoments
from verifier.explore.symmetry import covering_theorems, exchangeable
from verifier.explore.tensors import FloatArray, MomentTables
from verifier.explore.values import Certainty, Value
from verifier.setting.data import Setting

_NEGLIGIBLE = 4.0
_CLOSE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Estimate:
    """Best B, its loss, the best scalar rate and its loss, from one table."""

    B: FloatArray
    loss: float
    rate: float
    rate_loss: float
    target: float


def sampled_readout(setting: Setting, sampled: SampledMoments) -> tuple[Optimum, Comparison]:
    """The best x'B s, and the best scalar step, with standard errors over the repetitions.

    Under parity the former is the optimum over all layers (``exact.optimum``).
    """
    n, scalar = setting.context_length, exchangeable(setting)
    pooled = _estimate(sampled.mean, n, scalar)
    each = [_estimate(table, n, scalar) for table in sampled.repetitions]
    loss_error = _error([e.loss for e in each])
    rate_error = _error([e.rate for e in each])
    covariance = np.array(setting.covariates.second_moment(), dtype=float)
    kind, rate = _classify(pooled, covariance, scalar, rate_error)
    d = setting.dimension
    zero = Value(0.0)
    B = _values(pooled.B)
    reason = "parity makes the best readout optimal among all layers; its moments are sampled"
    if scalar and kind is Kind.GRADIENT:
        reason += "; that B is a multiple of I follows from symmetry"
    optimum = Optimum(
        loss=Value(pooled.loss, error=loss_error),
        kind=kind,
        learning_rate=None if rate is None else Value(rate, error=rate_error),
        B=B,
        a=(zero,) * d,
        b=Value(1.0),
        A=tuple(zip(*B, strict=True)),
        c=(zero,) * d,
        certainty=Certainty.SUPPORTED,
        reason=reason,
        covered_by=covering_theorems(setting),
    )
    step = Comparison(
        "gradient_descent",
        "one step, best rate",
        Value(pooled.rate_loss, error=_error([e.rate_loss for e in each])),
        Value(pooled.rate, error=rate_error),
    )
    return optimum, step


def sampled_layer(setting: Setting, theta: FloatArray, loss: float) -> Optimum:
    """The best layer of a search on sampled moments; ``theta`` in the original coordinates."""
    d = setting.dimension
    a, b, stacked = theta[:d], float(theta[d]), theta[d + 1 :].reshape(d + 1, d)
    B = b * stacked[:d].T + np.outer(stacked[d], a)
    return Optimum(
        loss=Value(loss),
        kind=Kind.QUADRATIC,
        learning_rate=None,
        B=_values(B),
        a=tuple(Value(float(v)) for v in a),
        b=Value(b),
        A=_values(stacked[:d]),
        c=tuple(Value(float(v)) for v in stacked[d]),
        certainty=Certainty.SUPPORTED,
        reason="best of all descents on a loss whose moments are sampled",
    )


def _estimate(tables: MomentTables, n: int, scalar: bool) -> _Estimate:
    lower = np.array(tables.lower, dtype=float)
    d = len(lower)
    variances = np.array([float(v) for v in tables.variances])
    covariance = (lower * variances) @ lower.T
    signal, weighted = np.zeros((d, d)), np.zeros((d, d))
    for i in range(d):
        for j in range(d):
            signal[i, j] = float(tables.paired.get(((i, d), (j, d)), 0.0))
            weighted[i, j] = float(tables.fourth.get((min(i, j), max(i, j), d, d), 0.0))
    signal, weighted = lower @ signal @ lower.T, lower @ weighted @ lower.T
    if scalar:
        signal = np.eye(d) * np.trace(signal) / d
        weighted = np.eye(d) * np.trace(weighted) / d
    second = n * weighted + n * (n - 1.0) * signal
    target = float(tables.target_second)
    # Lambda B Q = n P.
    B = n * np.linalg.pinv(covariance) @ signal @ np.linalg.pinv(second)
    curvature = float(np.trace(covariance @ second))
    rate = n * float(np.trace(signal)) / curvature
    loss = target - n * float((B * signal).sum())
    return _Estimate(B, loss, rate, target - n * float(np.trace(signal)) * rate, target)


def _classify(
    estimate: _Estimate, covariance: FloatArray, scalar: bool, rate_error: float
) -> tuple[Kind, float | None]:
    if not estimate.B.any() or abs(estimate.rate) < _NEGLIGIBLE * rate_error:
        return Kind.ZERO, 0.0
    if scalar:
        return Kind.GRADIENT, float(estimate.B[0, 0])
    seen = covariance @ estimate.B @ covariance
    for reference, kind in (
        (covariance @ covariance, Kind.GRADIENT),
        (covariance, Kind.PRECONDITIONED),
    ):
        rate = float((seen * reference).sum() / (reference * reference).sum())
        if np.linalg.norm(seen - rate * reference) < _CLOSE * np.linalg.norm(seen):
            return kind, rate
    return Kind.READOUT, None


def _error(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) / len(values) ** 0.5


def _values(matrix: FloatArray) -> Matrix:
    return tuple(tuple(Value(float(v)) for v in row) for row in matrix)
