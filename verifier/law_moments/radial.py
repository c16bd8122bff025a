"""Moments of f(x) = p(|x|^2) + w.x: an even rotation-invariant part and a linear one.

x ~ N(0, I), w ~ N(0, gamma I), p a fixed polynomial, R = |x|^2 with E R^k = d (d+2) ... (d+2k-2).
Given x, w.x is N(0, gamma R), so odd powers of w.x vanish:

    E[f x | f] = w,                                   mu   = gamma d,
    E[f^2 | x] = p^2 + gamma R,                       tau  = E (p^2 + gamma R) R,
    E[f^4 | x] = p^4 + 6 p^2 gamma R + 3 (gamma R)^2,
    E[f^2 | f] = E p^2 + |w|^2,                       nu22 = (E p^2)^2 + 2 gamma d E p^2
                                                             + gamma^2 d (d+2).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from verifier.law_moments.family_moments import DIMENSION, FamilyMoments, exact_expression
from verifier.words.terms import Number

_R = sympy.Symbol("R")


def radial_plus_linear_moments(
    coefficients: Sequence[Number | sympy.Expr], slope: Number | sympy.Expr = 1
) -> FamilyMoments:
    """The five moments; ``coefficients`` of p in R, the constant first, ``slope`` is gamma.

    With slope 0 the family is even, mu = 0 and the best learning rate is 0.
    """
    gamma = exact_expression(slope)
    if gamma.is_negative:
        raise ValueError(f"the variance of the linear part must not be negative, not {slope}")
    p = sympy.Add(*(exact_expression(c) * _R**k for k, c in enumerate(coefficients)))
    even = radial_mean(p**2)
    d = DIMENSION
    return FamilyMoments.with_noise(
        mu=gamma * d,
        tau=radial_mean((p**2 + gamma * _R) * _R),
        second=radial_mean(p**2 + gamma * _R),
        paired=even**2 + 2 * gamma * d * even + gamma**2 * d * (d + 2),
        fourth=radial_mean(p**4 + 6 * p**2 * gamma * _R + 3 * (gamma * _R) ** 2),
    )


def radial_mean(polynomial: sympy.Expr) -> sympy.Expr:
    """E of a polynomial in R, chi-square with d degrees of freedom."""
    return sympy.Add(
        *(
            value * sympy.prod(DIMENSION + 2 * i for i in range(k))
            for (k,), value in sympy.Poly(polynomial, _R).terms()
        )
    )
