"""Moments of f(x) = g(w.x) with w, x ~ N(0, I), for polynomials times exponentials g.

Given w, t = w.x = r z with r = ||w|| and z ~ N(0, 1), and the rest of x is independent of t:

    mu  = E_r (E_z[g(rz) z])^2,             nu2  = E g(rz)^2,   nu4 = E g(rz)^4,
    tau = E[g(rz)^2 (z^2 + d - 1)],         nu22 = E_r (E_z[g(rz)^2])^2.

For g(t) = t^k exp(lambda t), lambda real or imaginary, both integrals are closed: with
P_0 = 1, P_{m+1} = a P_m + P_m',

    E_z[z^m exp(a z)] = (d/da)^m exp(a^2/2) = P_m(a) exp(a^2/2),
    E_r[r^{2k} exp(s r^2)] = (d/ds)^k (1 - 2s)^{-d/2} = d (d+2) ... (d+2k-2) (1 - 2s)^{-d/2-k},

the second one for s < 1/2 only. Powers, sines, cosines and exponentials are sums of such terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy

from verifier.law_moments.family_moments import DIMENSION, FamilyMoments, exact_expression
from verifier.words.terms import Number

Terms = Mapping[tuple[int, sympy.Expr], sympy.Expr]
_A = sympy.Symbol("a")


@dataclass(frozen=True, slots=True)
class LinkFunction:
    """g(t) = sum of coefficient * t^power * exp(rate t), as {(power, rate): coefficient}."""

    terms: Terms

    @classmethod
    def polynomial(cls, *coefficients: Number | sympy.Expr) -> LinkFunction:
        """c_0 + c_1 t + c_2 t^2 + ..., exact numbers or SymPy expressions; TypeError for floats."""
        terms = {(k, sympy.S.Zero): exact_expression(c) for k, c in enumerate(coefficients)}
        return cls({key: value for key, value in terms.items() if value != 0})

    @classmethod
    def exponential(cls, rate: Number | sympy.Expr) -> LinkFunction:
        """exp(rate t) for a real rate."""
        return cls({(0, exact_expression(rate)): sympy.S.One})

    @classmethod
    def sine(cls, frequency: Number | sympy.Expr) -> LinkFunction:
        """sin(frequency t); a symbolic frequency must be declared positive."""
        rate = sympy.I * exact_expression(frequency)
        return cls({(0, rate): -sympy.I / 2}) + cls({(0, -rate): sympy.I / 2})

    @classmethod
    def cosine(cls, frequency: Number | sympy.Expr) -> LinkFunction:
        """cos(frequency t); a symbolic frequency must be declared positive."""
        rate = sympy.I * exact_expression(frequency)
        return cls({(0, rate): sympy.Rational(1, 2)}) + cls({(0, -rate): sympy.Rational(1, 2)})

    def __add__(self, other: LinkFunction) -> LinkFunction:
        """The sum of two links."""
        total = dict(self.terms)
        for key, value in other.terms.items():
            total[key] = sympy.expand(total.get(key, sympy.S.Zero) + value)
        return LinkFunction({key: value for key, value in total.items() if value != 0})

    def __mul__(self, other: LinkFunction) -> LinkFunction:
        """The product of two links."""
        total: dict[tuple[int, sympy.Expr], sympy.Expr] = {}
        for (k, one), value in self.terms.items():
            for (m, two), factor in other.terms.items():
                key = (k + m, sympy.expand(one + two))
                total[key] = sympy.expand(total.get(key, sympy.S.Zero) + value * factor)
        return LinkFunction({key: value for key, value in total.items() if value != 0})

    def stretched(self, factor: sympy.Expr) -> LinkFunction:
        """g(factor t)."""
        return LinkFunction(
            {(k, factor * rate): c * factor**k for (k, rate), c in self.terms.items()}
        )


def single_index_moments(link: LinkFunction) -> FamilyMoments:
    """The five moments of g(w.x), exact.

    Raises ValueError naming the first moment that does not exist: with exponentials they all
    exist exactly if 4 |rate| < 1, which E y^4 asks.
    """
    square = link * link
    second = _given_radius(square)
    return FamilyMoments.with_noise(
        mu=_radial_mean(_squared(_given_radius(link, 1)), "mu = E ||E[y x | f]||^2"),
        tau=_radial_mean(_given_radius(square, 2), "tau = E[y^2 ||x||^2]")
        + (DIMENSION - 1) * _radial_mean(second, "nu2 = E y^2"),
        second=_radial_mean(second, "nu2 = E y^2"),
        paired=_radial_mean(_squared(second), "nu22 = E (E[y^2 | f])^2"),
        fourth=_radial_mean(_given_radius(square * square), "nu4 = E y^4"),
    )


@lru_cache(maxsize=256)
def _gaussian_factor(power: int) -> sympy.Poly:
    """P_m(a) with E_z[z^m exp(a z)] = P_m(a) exp(a^2/2)."""
    if power == 0:
        return sympy.Poly(1, _A)
    before = _gaussian_factor(power - 1)
    return before * sympy.Poly(_A, _A) + before.diff(_A)


def _given_radius(link: LinkFunction, extra: int = 0) -> dict[tuple[int, sympy.Expr], sympy.Expr]:
    """E_z[g(rz) z^extra] as a sum of c r^p exp(s r^2), {(p, s): c}."""
    total: dict[tuple[int, sympy.Expr], sympy.Expr] = {}
    for (k, rate), coefficient in link.terms.items():
        exponent = sympy.expand(rate**2 / 2)
        for (degree,), factor in _gaussian_factor(k + extra).terms():
            key = (k + degree, exponent)
            term = coefficient * factor * rate**degree
            total[key] = sympy.expand(total.get(key, sympy.S.Zero) + term)
    return {key: value for key, value in total.items() if value != 0}


def _squared(
    terms: Mapping[tuple[int, sympy.Expr], sympy.Expr],
) -> dict[tuple[int, sympy.Expr], sympy.Expr]:
    return dict((LinkFunction(terms) * LinkFunction(terms)).terms)


def _radial_mean(terms: Mapping[tuple[int, sympy.Expr], sympy.Expr], moment: str) -> sympy.Expr:
    """E_r of a sum of c r^p exp(s r^2), p even, for r = ||w||, w ~ N(0, I_d)."""
    total = sympy.S.Zero
    for (power, exponent), coefficient in terms.items():
        base = 1 - 2 * exponent
        if not base.is_positive:
            raise ValueError(
                f"the moment {moment} does not exist: the response grows too fast, "
                f"E exp({exponent} ||w||^2) is infinite"
            )
        rising = sympy.prod(DIMENSION + 2 * i for i in range(power // 2))
        total += coefficient * rising * base ** (-DIMENSION / 2 - power // 2)
    return sympy.expand(total)
