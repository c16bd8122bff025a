"""What looking for the best layer gives, before evidence is put beside it."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.explore.answer import Comparison, Optimum
from verifier.explore.local_minima import LocalMinimum
from verifier.explore.mixed_loss import AnyLoss
from verifier.explore.values import Value
from verifier.numeric.optimise import OptimisationReport
from verifier.setting.data import Setting
from verifier.setting.responses import Linear, SingleIndex, Weights


@dataclass(frozen=True, slots=True)
class Found:
    """An optimum with what it is compared to and the search that supports it, if one was made.

    ``gain_error`` is the standard error of what descents gain where moments are sampled, ``fitted``
    what they gain by fitting the errors of those moments. ``loss`` is the loss in which descents
    went down, in its own coordinates.
    """

    optimum: Optimum
    compared: tuple[Comparison, ...]
    search: OptimisationReport | None
    moments: str
    gain_error: float = 0.0
    minima: tuple[LocalMinimum, ...] = ()
    plateaus: tuple[Value, ...] = ()
    loss: AnyLoss | None = None
    fitted: float = 0.0


def check_responses(setting: Setting, target_second: float) -> None:
    """ValueError with the key that makes all responses zero."""
    if target_second:
        return
    response, key = setting.response, "response"
    if isinstance(response, Linear | SingleIndex):
        weights = response.weights
        if not any(v for row in weights.second_moment() for v in row):
            key = "covariance" if isinstance(weights, Weights) else "pool"
    raise ValueError(f"[task] {key}: the responses are identically zero: nothing to predict")
