"""Symmetries of a setting that can be read off it, and the theorems that contain it (floor 3)."""

from __future__ import annotations

from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    Sum,
    Weights,
)


def reflection_symmetric(response: Response) -> bool:
    """Whether f(-x) has the law of f(x), as functions; then odd moments of y vanish.

    Read off the response: centred weights, or an even link. False where it cannot be seen.
    """
    if isinstance(response, Linear):
        return not any(response.weights.mean)
    if isinstance(response, SingleIndex):
        return not any(response.weights.mean) or even(response)
    if isinstance(response, Sum):
        return all(reflection_symmetric(part) for part in response.parts)
    return isinstance(response, ReluNetwork | RadialPolynomial)


def even(response: Response) -> bool:
    """Whether f(-x) = f(x) for every f, as seen from the response: then E[x y | task] = 0."""
    if isinstance(response, Sum):
        return all(even(part) for part in response.parts)
    if isinstance(response, SingleIndex):
        link = response.link
        if isinstance(link, Polynomial):
            return not any(link.coefficients[1::2])
        return isinstance(link, ExpressionLink) and link.parity == 0
    return isinstance(response, RadialPolynomial)


def exchangeable(setting: Setting) -> bool:
    """Whether the law of the prompt survives every signed permutation of the coordinates.

    Then the best B commutes with all of them, so it is a multiple of I.
    """
    weights = _weights(setting.response)
    if weights is None:
        return isinstance(setting.response, ReluNetwork) and _scalar(setting.covariates.covariance)
    centred = not any(weights.mean)
    return centred and _scalar(setting.covariates.covariance) and _scalar(weights.covariance)


def covering_theorems(setting: Setting) -> tuple[str, ...]:
    """Identifiers of the project's theorems whose hypotheses this setting meets."""
    inputs = setting.covariates.covariance
    weights = _weights(setting.response)
    if not isinstance(setting.covariates.law, Normal) or not inputs.definite:
        return ()
    names = []
    if isinstance(setting.response, Linear) and weights is not None and not any(weights.mean):
        tasks = weights.covariance
        if inputs.is_identity and tasks.is_identity:
            names.append("theorem1")
        if tasks.definite:
            if tasks == inputs.inverse():
                names.append("theorem2")
            names.append("gaussian-pair")
    if inputs.is_identity and exchangeable(setting):
        names.append("theorem3")
    return tuple(names)


def _weights(response: Response) -> Weights | None:
    return response.weights if isinstance(response, Linear | SingleIndex) else None


def _scalar(covariance: Covariance) -> bool:
    return covariance == Covariance.identity(covariance.dimension, covariance.entries[0][0])
