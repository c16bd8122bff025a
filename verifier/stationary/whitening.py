"""When a Gaussian pair is Theorem 1's setting in other coordinates, exactly.

With x = F z, Lambda = F F' and tasks of covariance Gamma = g Lambda^-1,

    L(a, b, A, c) = g L_1(F'a/sqrt g, b, F'A F, sqrt g F'c),   L_1 with noise variance sigma2/g,

since y/sqrt g = z.u + e/sqrt g, u ~ N(0, I). An invertible linear map, also of the weights (W_K and
W_Q from the right): so the two have the same landscape, losses times g, in (omega, N) and in the
weights of every head dimension. For g = 1 it is Theorem 2's setting (claim whitened-loss).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.arithmetic.rationals import RationalMatrix
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.layer import STANDARD
from verifier.setting.responses import Linear, Weights
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weights import WeightsLandscape


@dataclass(frozen=True, slots=True)
class GaussianPair:
    """x ~ N(0, covariates), w ~ N(0, tasks), y = w.x + noise; covariates positive definite.

    tasks_inside: the covariance of L'w, where covariates = L D L'.
    """

    setting: Setting
    covariates: RationalMatrix
    tasks: RationalMatrix
    tasks_inside: RationalMatrix

    @property
    def scale(self) -> Fraction | None:
        """g where tasks = g covariates^-1, else None."""
        d = len(self.tasks)
        product = [
            [
                sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0))
                for column in self.tasks
            ]
            for row in self.covariates
        ]
        g = product[0][0]
        scalar = all(product[i][j] == (g if i == j else 0) for i in range(d) for j in range(d))
        return g if scalar else None


def gaussian_pair(setting: Setting) -> GaussianPair:
    """The setting as a Gaussian pair; ValueError in one line for any other."""
    response = setting.response
    if not isinstance(setting.covariates.law, Normal):
        raise ValueError("[covariates] law: the landscape is that of normal covariates")
    if not isinstance(response, Linear) or setting.layer_variant != STANDARD:
        raise ValueError("[task] response: the landscape is that of linear responses")
    weights = response.weights
    if not isinstance(weights, Weights) or not isinstance(weights.law, Normal):
        raise ValueError("[task] law: the landscape is that of normal tasks")
    if any(weights.mean):
        raise ValueError("[task] mean: the landscape is that of tasks with mean zero")
    if setting.covariates.mean or setting.covariate_mixture:
        raise ValueError("[covariates] mean: the landscape is that of one law of mean zero")
    if setting.noise_levels:
        raise ValueError("[noise] levels: the landscape is that of one noise level")
    covariance = setting.covariates.covariance
    if not covariance.definite:
        raise ValueError("[covariates] covariance: it must be positive definite here")
    tasks = weights.covariance
    if not any(tasks.pivots):
        raise ValueError("[task] covariance: the responses are noise alone: nothing to predict")
    inside = _congruent(covariance.lower, tasks.entries)
    return GaussianPair(setting, covariance.entries, tasks.entries, inside)


def _congruent(lower: RationalMatrix, inner: RationalMatrix) -> RationalMatrix:
    """L' G L."""
    size = range(len(lower))
    half = [
        [_dot([row[i] for row in lower], [row[j] for row in inner]) for j in size] for i in size
    ]
    return tuple(tuple(_dot(half[i], [row[j] for row in lower]) for j in size) for i in size)


def _dot(one: Sequence[Fraction], two: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(one, two, strict=True) if x and y), Fraction(0))


def rescaled_landscape(landscape: Landscape, scale: Fraction) -> Landscape:
    """The same landscape, its losses times ``scale``."""
    gap = landscape.gap
    return replace(
        landscape,
        stationary=tuple(
            replace(part, loss=part.loss.image((0, scale))) for part in landscape.stationary
        ),
        gap=None if gap is None else gap.image((0, scale)),
    )


def rescaled_weights(weights: WeightsLandscape, scale: Fraction) -> WeightsLandscape:
    """The same local minima in the weights, their losses times ``scale``."""
    return replace(
        weights,
        minimum=weights.minimum.image((0, scale)),
        spurious=tuple(replace(p, loss=p.loss.image((0, scale))) for p in weights.spurious),
    )
