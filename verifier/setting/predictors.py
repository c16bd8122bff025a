"""Reference predictors to hold a layer against, vectorised over prompts.

Each takes x (P, n, d), y (P, n) and query (P, d) and gives predictions (P,), like
``LinearAttention.predict``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from verifier.setting.covariance import FloatArray


class Predictor(Protocol):
    """Anything that predicts y_{n+1} from a prompt."""

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """Predictions (P,)."""


@dataclass(frozen=True, slots=True)
class ZeroPredictor:
    """Predicts 0 whatever the prompt."""

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """See ``Predictor``."""
        return np.zeros(len(query))


@dataclass(frozen=True, slots=True)
class GradientStep:
    """One step of gradient descent from 0 on half the sum of squares: eta query^T X^T y."""

    learning_rate: float

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """See ``Predictor``."""
        found: FloatArray = self.learning_rate * (query * _correlation(x, y)).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class PreconditionedStep:
    """One preconditioned step from 0: query^T P X^T y with ``preconditioner`` P (d, d)."""

    preconditioner: FloatArray

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """See ``Predictor``."""
        found: FloatArray = ((query @ self.preconditioner) * _correlation(x, y)).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True)
class RidgeRegression:
    """query^T (X^T X + penalty I)^+ X^T y; penalty = sigma^2 is Bayes for w ~ N(0, I).

    Penalty 0 takes the minimum-norm least squares solution, the limit from above.
    """

    penalty: float

    def __post_init__(self) -> None:
        if not self.penalty >= 0:
            raise ValueError(f"the ridge penalty must not be negative, got {self.penalty}")

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """See ``Predictor``."""
        gram = x.transpose(0, 2, 1) @ x + self.penalty * np.eye(x.shape[2])
        # The pseudo-inverse of X^T X maps X^T y to the minimum-norm solution.
        inverse = np.linalg.inv(gram) if self.penalty else np.linalg.pinv(gram, hermitian=True)
        weights = (inverse @ _correlation(x, y)[:, :, None])[..., 0]
        found: FloatArray = (query * weights).sum(axis=1)
        return found


def _correlation(x: FloatArray, y: FloatArray) -> FloatArray:
    """X^T y per prompt, (P, d)."""
    return (y[:, None, :] @ x)[:, 0, :]
