"""The best predictor of linear responses that is linear in y given x.

It is the Bayes predictor where tasks and noise are normal. For y = w.x + e, E w = m, Cov w = FF'
and Z = XF (n, r), by equations of size min(n, d):

    E[w | prompt] = m + F (Z'Z + sigma^2 I)^+ Z'(y - Xm).

Without noise that is the least squares solution v of least norm, the limit sigma -> 0. It holds
for every law of the covariates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.loss.moment_tables import FloatArray
from verifier.setting.covariance import Covariance
from verifier.setting.responses import TaskLaw, Weights

# Eigenvalues of Z'Z below this share of the largest are rounding.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorMean:
    """x'E[w | prompt]: ``mean`` (d,), ``factor`` F (d, r), ``noise`` the variance of e."""

    mean: FloatArray
    factor: FloatArray
    noise: float

    @classmethod
    def of(cls, weights: TaskLaw, noise: float) -> PosteriorMean:
        """From the law of w; directions in which w does not vary are left out of F."""
        covariance = covariance_of(weights)
        factor = covariance.factor()
        varying = [k for k, pivot in enumerate(covariance.pivots) if pivot]
        return cls(np.array(weights.mean, dtype=float), factor[:, varying], noise)

    def predict(self, x: FloatArray, y: FloatArray, query: FloatArray) -> FloatArray:
        """See ``Predictor``."""
        rank = self.factor.shape[1]
        if not rank:
            return np.asarray(query @ self.mean)
        residual = y - x @ self.mean
        inner = (x.reshape(-1, x.shape[2]) @ self.factor).reshape(*x.shape[:2], rank)
        turned = inner.transpose(0, 2, 1)
        if x.shape[1] < rank:
            # Z'(ZZ' + sigma^2 I)^+ is the same, of size n.
            dual = _pseudo_inverse(inner @ turned, self.noise)
            solved = turned @ (dual @ residual[..., None])
        else:
            solved = _pseudo_inverse(turned @ inner, self.noise) @ (turned @ residual[..., None])
        weights = self.mean + solved[..., 0] @ self.factor.T
        return np.asarray((query * weights).sum(axis=1))


def _pseudo_inverse(gram: FloatArray, noise: float) -> FloatArray:
    """(gram + noise I)^+ for every prompt."""
    shifted = gram + noise * np.eye(gram.shape[-1])
    return np.asarray(np.linalg.pinv(shifted, rcond=_NEGLIGIBLE, hermitian=True))


def covariance_of(weights: TaskLaw) -> Covariance:
    """Cov w, exact."""
    if isinstance(weights, Weights) and weights.gaussian:
        return weights.covariance
    mean, second = weights.mean, weights.second_moment()
    return Covariance.full(
        [
            [v - p * q for v, q in zip(row, mean, strict=True)]
            for p, row in zip(mean, second, strict=True)
        ]
    )
