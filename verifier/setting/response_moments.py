"""Whether the moments exist that the loss of a layer needs.

The loss over all layers needs E|x|^4 and E y^4. For |g(t)| <= C (1+|t|)^k exp(r|t|) the moments of
order max(4, 4k) of the covariates decide, and where r > 0 their tails do.
"""

from __future__ import annotations

import numpy as np

from verifier.setting.covariates import Covariates
from verifier.setting.labels import DrawnLabels
from verifier.setting.laws import BaseLaw, Normal, Rademacher, Radial, Sphere, Uniform
from verifier.setting.mixtures import MixedWeights
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_forms import noisy_powers
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    Weights,
)


def check_covariate_moments(covariates: Covariates, response: Response) -> None:
    """Raises ``ValueError`` that names the missing moment of x, if one is."""
    covariates.base_moment(max(4, 4 * response_degree(response)))


def check_task_moments(response: Response) -> None:
    """Raises ``ValueError`` that names the missing moment of w, if one is."""
    order = max(4, 4 * response_degree(response))
    for part in _task_parts(response):
        if any(part.covariance.pivots):
            part.law.even_moment((order,), part.dimension)


def _task_parts(response: Response) -> tuple[Weights, ...]:
    if isinstance(response, DrawnLabels):
        response = response.base
    weights = response.weights if isinstance(response, Linear | SingleIndex) else None
    if isinstance(weights, MixedWeights):
        return tuple(part for _, part in weights.parts)
    return (weights,) if isinstance(weights, Weights) else ()


def check_response_growth(covariates: Covariates, response: Response) -> None:
    """Raises ``ValueError`` where y itself has no fourth moment, or none that is determined.

    The condition for exponentials is sufficient, and for normal covariates also close to
    necessary: E exp(4 r w.x) is finite exactly if 16 r^2 times the largest eigenvalue of
    Lambda Gamma is below 1.
    """
    if isinstance(response, DrawnLabels):
        response = response.base
    if isinstance(response, SingleIndex) and isinstance(response.link, ExpressionLink):
        _check_exponential(covariates, response, response.link)
        _check_radial(covariates.law, response.link)


def response_degree(response: Response) -> int:
    """k with |f(x)| <= C (1 + |x|)^k, exponentials aside; 1 for linear responses and networks."""
    if isinstance(response, QuadraticFeatures):
        return 2
    if isinstance(response, DrawnLabels):
        response = response.base
    if isinstance(response, SingleIndex):
        if isinstance(response.link, Polynomial):
            return max(len(response.link.coefficients) - 1, 0)
        if isinstance(response.link, ExpressionLink):
            return response.link.growth.degree
    return 1


def response_cost(response: Response) -> int:
    """About how many array multiplications one response takes, w.x aside."""
    if isinstance(response, ReluNetwork):
        return 3 * response.width
    if isinstance(response, DrawnLabels):
        return 12 + response_cost(response.base)
    if isinstance(response, SingleIndex):
        if isinstance(response.link, Polynomial):
            return 2 * len(response.link.coefficients)
        if isinstance(response.link, ExpressionLink):
            return response.link.cost
    return 0


def _check_exponential(covariates: Covariates, response: SingleIndex, link: ExpressionLink) -> None:
    rate, law = link.growth.rate, covariates.law
    if not rate or isinstance(law, Uniform | Rademacher | Sphere):
        return
    if not isinstance(law, Normal):
        raise ValueError(f"a response that grows like exp(t) has no fourth moment under {law.name}")
    if not isinstance(response.weights, Weights) or not response.weights.gaussian:
        raise ValueError("a response that grows like exp(t) needs tasks that are normal")
    inputs = covariates.covariance.factor()
    tasks = inputs.T @ response.weights.covariance.array() @ inputs
    largest = float(np.linalg.eigvalsh(tasks)[-1])
    if 16 * float(rate) ** 2 * largest >= 1:
        raise ValueError(
            f"a response that grows like exp({rate} t) has no fourth moment here; "
            f"it needs a rate below {1 / (4 * largest**0.5):.3g}"
        )


def _check_radial(law: BaseLaw, link: ExpressionLink) -> None:
    if not isinstance(law, Radial):
        return
    form = link.form
    if form is None or form.degree > 1 or noisy_powers(form, law.second) is None:
        raise ValueError("radius moments 2 and 4 do not determine the moments of this response")
