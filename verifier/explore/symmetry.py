"""Symmetries of a setting that can be read off it, and the theorems that contain it."""

from __future__ import annotations

from verifier.arithmetic.flint_matrices import is_identity, to_flint
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels
from verifier.setting.laws import Normal
from verifier.setting.mixtures import MixedWeights
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    Sum,
    TaskLaw,
    Weights,
)

_QUADRATURE = 60


def odd_moments_vanish(setting: Setting) -> bool:
    """Whether moments of degree four with an odd number of y's vanish, as is seen from the law.

    Either (x, y) ~ (-x, y) or (x, y) ~ (x, -y) for a task and its mirror image together.
    """
    if setting.covariates.centred and _reflected(setting.response):
        return True
    return opposed(setting.response)


def even(setting: Setting) -> bool:
    """Whether x ~ -x and f(-x) = f(x) for every f: then E[x y | task] = 0."""
    return setting.covariates.centred and _even(setting.response)


def _reflected(response: Response) -> bool:
    """Whether f(-x) has the law of f(x), as functions.

    Read off the response: symmetric weights, or an even link. False where it cannot be seen.
    """
    if isinstance(response, DrawnLabels):
        response = response.base
    if isinstance(response, Linear):
        return response.weights.symmetric
    if isinstance(response, SingleIndex):
        return response.weights.symmetric or _even(response)
    if isinstance(response, Sum):
        return all(_reflected(part) for part in response.parts)
    return isinstance(response, ReluNetwork | RadialPolynomial | QuadraticFeatures)


def opposed(response: Response) -> bool:
    """Whether -f has the law of f."""
    if isinstance(response, Linear):
        return response.weights.symmetric
    if isinstance(response, SingleIndex):
        return response.weights.symmetric and _parity(response) == 1
    return isinstance(response, ReluNetwork | QuadraticFeatures)


def _even(response: Response) -> bool:
    if isinstance(response, DrawnLabels):
        response = response.base
    if isinstance(response, Sum):
        return all(_even(part) for part in response.parts)
    if isinstance(response, SingleIndex):
        return _parity(response) == 0
    return isinstance(response, RadialPolynomial | QuadraticFeatures)


def _parity(response: SingleIndex) -> int | None:
    """0 for an even link, 1 for an odd one; 0 for the link that is 0."""
    link = response.link
    if isinstance(link, Polynomial):
        if not any(link.coefficients[1::2]):
            return 0
        return None if any(link.coefficients[::2]) else 1
    return link.parity if isinstance(link, ExpressionLink) else None


def exchangeable(setting: Setting) -> bool:
    """Whether the law of the prompt survives every signed permutation of the coordinates.

    Then the best B commutes with all of them, so it is a multiple of I.
    """
    laws = [part.covariates for _, part in setting.parts()]
    if not all(law.centred and _scalar(law.covariance) for law in laws):
        return False
    weights = _weights(setting.response)
    if isinstance(weights, Weights):
        return weights.symmetric and _scalar(weights.covariance)
    if isinstance(weights, MixedWeights):
        return all(part.symmetric and _scalar(part.covariance) for _, part in weights.parts)
    return isinstance(setting.response, ReluNetwork | QuadraticFeatures)


def is_isotropic(setting: Setting) -> bool:
    """Whether x, w ~ N(0, I), small enough for the quadrature of the ridge risk."""
    weights, inputs = _weights(setting.response), setting.covariates
    if not isinstance(setting.response, Linear) or not isinstance(weights, Weights):
        return False
    if not isinstance(inputs.law, Normal) or not inputs.centred:
        return False
    unit = inputs.covariance.is_identity and not setting.noise_levels
    unit = unit and not setting.covariate_mixture
    small = min(setting.dimension, setting.context_length) <= _QUADRATURE
    normal = weights.gaussian and weights.symmetric
    return unit and small and normal and weights.second_moment() == inputs.covariance.entries


def covering_theorems(setting: Setting) -> tuple[str, ...]:
    """Identifiers of the project's theorems whose hypotheses this setting meets."""
    inputs = setting.covariates.covariance
    if not isinstance(setting.covariates.law, Normal) or not inputs.definite:
        return ()
    if not setting.covariates.centred or setting.noise_levels or setting.covariate_mixture:
        return ()
    weights = _weights(setting.response)
    if weights is not None and not (isinstance(weights, Weights) and weights.gaussian):
        return _for_any_tasks(setting, weights)
    names = []
    if isinstance(setting.response, Linear) and weights is not None and weights.symmetric:
        tasks = weights.covariance
        if inputs.is_identity and tasks.is_identity:
            names.append("theorem1")
        if tasks.definite:
            if _inverse_of_each_other(inputs, tasks):
                names.append("theorem2")
            names.append("gaussian-pair")
    known = isinstance(setting.response, Linear | SingleIndex | ReluNetwork)
    if known and inputs.is_identity and exchangeable(setting):
        names.append("theorem3")
    return tuple(names)


def _for_any_tasks(setting: Setting, weights: TaskLaw) -> tuple[str, ...]:
    """Theorem 1's claims for any symmetric task law of covariance I."""
    unit = Covariance.identity(setting.dimension).entries
    linear = isinstance(setting.response, Linear) and weights.symmetric
    if linear and setting.covariates.covariance.is_identity and weights.second_moment() == unit:
        return ("theorem1",)
    return ()


def _weights(response: Response) -> TaskLaw | None:
    if isinstance(response, DrawnLabels):
        response = response.base
    return response.weights if isinstance(response, Linear | SingleIndex) else None


def _inverse_of_each_other(one: Covariance, other: Covariance) -> bool:
    if one.is_diagonal and other.is_diagonal:
        return all(p * q == 1 for p, q in zip(one.pivots, other.pivots, strict=True))
    return is_identity(to_flint(one.entries) * to_flint(other.entries))


def _scalar(covariance: Covariance) -> bool:
    return covariance.is_diagonal and len(set(covariance.pivots)) == 1
