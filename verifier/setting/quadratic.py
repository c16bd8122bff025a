"""Random quadratic forms of the covariates, f(x) = sum_{i <= j} w_ij x_i x_j."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.setting.covariance import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class QuadraticTasks:
    """f_p(x) = x'W_p x with ``forms`` (P, d, d), upper triangular."""

    forms: FloatArray

    def evaluate(self, x: FloatArray) -> FloatArray:
        """See ``Tasks``."""
        return np.asarray(((x @ self.forms) * x).sum(axis=-1))


@dataclass(frozen=True, slots=True)
class QuadraticFeatures:
    """f(x) = sum_{i <= j} w_ij x_i x_j with all w_ij ~ N(0, 1) independent."""

    @property
    def dimension(self) -> None:
        """The family exists in every dimension."""
        return None

    def sample_tasks(
        self, rng: np.random.Generator, prompts: int, dimension: int
    ) -> QuadraticTasks:
        """See ``Response``."""
        return QuadraticTasks(np.triu(rng.standard_normal((prompts, dimension, dimension))))
