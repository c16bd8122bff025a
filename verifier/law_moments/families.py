"""`family_moments`: the exact moments of a response family of ``verifier.setting``.

Covariates are standard normal in all of them. What is derived where: ``families_single_index``
(polynomials, sines), ``families_relu`` (networks), ``families_radial`` (an even part and a linear
one). Linear tasks are single-index with g(t) = t.
"""

from __future__ import annotations

from fractions import Fraction

import sympy

from verifier.law_moments.family_moments import FamilyMoments
from verifier.law_moments.radial import radial_plus_linear_moments
from verifier.law_moments.relu import relu_moments
from verifier.law_moments.single_index import LinkFunction, single_index_moments
from verifier.setting.responses import (
    Linear,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    Response,
    Sine,
    SingleIndex,
    Sum,
    TaskLaw,
    Weights,
)


def family_moments(response: Response) -> FamilyMoments:
    """The five moments of the family in every dimension d (SymPy, with d and sigma2 symbols).

    Raises ValueError for a family without closed moments here (a link known only numerically, a
    sum of other parts) and for tasks whose law is not rotation invariant.
    """
    match response:
        case Linear(weights):
            return single_index_moments(LinkFunction.polynomial(0, 1).stretched(_size(weights)))
        case SingleIndex(Polynomial(coefficients), weights):
            link = LinkFunction.polynomial(*coefficients)
            return single_index_moments(link.stretched(_size(weights)))
        case SingleIndex(Sine(frequency), weights):
            return single_index_moments(LinkFunction.sine(frequency).stretched(_size(weights)))
        case ReluNetwork(width, normalised):
            return relu_moments(width, normalised)
        case RadialPolynomial():
            return family_moments(Sum((response,)))
        case Sum(parts) if all(isinstance(p, RadialPolynomial | Linear) for p in parts):
            return _radial_plus_linear(parts)
    raise ValueError(
        f"no exact moments are known for {type(response).__name__} responses; known: linear, "
        "polynomial and sine links, ReLU networks, a radial polynomial plus a linear part"
    )


def _size(weights: TaskLaw) -> sympy.Expr:
    """c with w ~ N(0, c^2 I)."""
    return sympy.sqrt(sympy.Rational(_variance(weights)))


def _variance(weights: TaskLaw) -> Fraction:
    if not isinstance(weights, Weights) or not weights.gaussian:
        raise ValueError("the tasks must be normal")
    rows = weights.covariance.entries
    isotropic = all(
        value == (rows[0][0] if i == j else 0)
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    )
    if not isotropic or any(weights.mean):
        raise ValueError(
            "the task's law must be rotation invariant: mean zero and a multiple of the identity"
        )
    return rows[0][0]


def _radial_plus_linear(parts: tuple[Response, ...]) -> FamilyMoments:
    """Radial parts add up; independent linear parts add their variances."""
    radial = [p.coefficients for p in parts if isinstance(p, RadialPolynomial)]
    linear = [_variance(p.weights) for p in parts if isinstance(p, Linear)]
    length = max(map(len, radial), default=0)
    coefficients = [sum((c[k] for c in radial if k < len(c)), Fraction(0)) for k in range(length)]
    return radial_plus_linear_moments(coefficients, sum(linear, Fraction(0)))
