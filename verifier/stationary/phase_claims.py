"""Inequalities behind the phase diagram, for all n, d, sigma2: coefficients that show their sign.

The idea: each statement is "after this substitution by variables >= 0 the polynomial has only
non-negative coefficients, but for some squares", so that a checker replays it by expanding.  F is
the numerator of l'; F < 0 at one rho > 0 proves a spurious local minimum in (omega, N), F >= 0 on
rho > 0 that there is none.

Statements: docs/landscape-mathematics.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy
from sympy import Expr, Poly, Symbol
from sympy.polys.rings import PolyElement, ring

from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.phase import primitive_slope
from verifier.stationary.reduction import convexity, reduced_loss
from verifier.stationary.regions import (
    D_,
    N_,
    R_,
    RHO,
    ROOT,
    S_,
    SHIFTED,
    SIGMA2,
    Bounds,
    D,
    K,
    N,
    regions,
)
from verifier.stationary.squares import SquareShape, rest, squares


@dataclass(frozen=True, slots=True)
class SignClaim:
    """``expression`` > 0 wherever n, d, sigma2, rho are given by ``substitution``.

    statement: the region and the conclusion, in words; expression: a polynomial in n, d, sigma2,
    rho; substitution: rational in the variables n_, d_, s_, r_, t_ >= 0, with powers of 1 + t_ as
    denominators; numerator: the expression after substitution times the least such denominator that
    clears it; squares: what is taken off it, each times a polynomial without negative coefficients.
    ``proved`` when every coefficient of the rest is >= 0 and the constant is > 0.
    """

    name: str
    statement: str
    expression: Expr
    substitution: Mapping[Symbol, Expr]
    numerator: PolyElement
    squares: Mapping[SquareShape, PolyElement]

    @property
    def proved(self) -> bool:
        """Whether the coefficients show the sign."""
        left = rest(self.numerator, SHIFTED.index(R_), self.squares)
        factors = (value for part in self.squares.values() for value in part.values())
        signs = all(value >= 0 for value in (*left.values(), *factors))
        return signs and left.coeff(1) > 0


def claims(form: IsotropicForm, bounds: Bounds | None = None) -> tuple[SignClaim, ...]:
    """Return the claims of docs/landscape-mathematics.md, derived from the form's coefficients."""
    bounds = bounds or Bounds()
    slope = primitive_slope(form)
    subjects = {"F": slope.as_expr(), "-F": -slope.as_expr(), "-lead": -slope.LC()}
    subjects["gap"] = _cleared_gap(form, bounds)
    found = [
        _claim(region.name, region.statement, subjects[region.subject], region.substitution)
        for region in regions(bounds)
    ]
    return (*_foundations(form), *found)


def _foundations(form: IsotropicForm) -> list[SignClaim]:
    cross = form.g1 + form.g2
    determinant = cross * form.g4 - form.g3**2
    everywhere = {N: 1 + N_, D: 1 + D_, SIGMA2: S_}
    entries = [
        ("Q", form.quadratic, "quadratic > 0"),
        ("g2", form.g2, "g2 > 0"),
        ("G", cross, "G = g1 + g2 > 0"),
        ("g4", form.g4, "g4 > 0"),
        ("P", determinant, "P = G g4 - g3^2 > 0"),
        ("M", form.g4 - cross * K**2, "G (d + sigma2)^2 < g4"),
    ]
    return [
        _claim(name, f"for all n >= 1, d >= 1, sigma2 >= 0: {words}", value, everywhere)
        for name, value, words in entries
    ]


def _cleared_gap(form: IsotropicForm, bounds: Bounds) -> Expr:
    """gap d / v - (l(v) - l(0)) at n = v^2, times positive denominators."""
    loss = reduced_loss(form)
    excess = bounds.gap * D / ROOT - (loss.subs(RHO, ROOT) - loss.subs(RHO, 0))
    cleared = sympy.cancel(excess * ROOT * form.quadratic * convexity(form).subs(RHO, ROOT))
    return sympy.expand(cleared.subs(N, ROOT**2))


def _claim(name: str, words: str, expression: Expr, at: Mapping[Symbol, Expr]) -> SignClaim:
    numerator = substituted(expression, at)
    taken = squares(numerator, SHIFTED.index(R_)) if RHO in at else {}
    return SignClaim(name, words, expression, dict(at), numerator, taken)


def substituted(expression: Expr | Poly, at: Mapping[Symbol, Expr]) -> PolyElement:
    """A polynomial in the symbols at numerator / denominator, times powers that clear it.

    The power of each denominator is the degree in its symbol.
    """
    known = isinstance(expression, Poly)
    polynomial = expression.reorder(*at) if known else Poly(sympy.expand(expression), *at)
    target = ring(SHIFTED, "QQ")[0]
    parts = [
        tuple(target.from_expr(sympy.expand(part)) for part in sympy.fraction(value))
        for value in at.values()
    ]
    degrees = [polynomial.degree(generator) for generator in polynomial.gens]
    powers = [
        _power_table(numerator, denominator, degree)
        for (numerator, denominator), degree in zip(parts, degrees, strict=True)
    ]
    return _collect(dict(polynomial.terms()), powers, target.zero)


def _power_table(
    numerator: PolyElement, denominator: PolyElement, degree: int
) -> Callable[[int], PolyElement]:
    @cache
    def power(exponent: int) -> PolyElement:
        return numerator**exponent * denominator ** (degree - exponent)

    return power


def _collect(
    terms: Mapping[tuple[int, ...], Expr],
    powers: list[Callable[[int], PolyElement]],
    zero: PolyElement,
) -> PolyElement:
    """Sum of terms with the generators replaced, first generator outermost (Horner-like)."""
    if not powers:
        return zero + sympy.Rational(terms[()])
    groups: dict[int, dict[tuple[int, ...], Expr]] = {}
    for exponents, value in terms.items():
        groups.setdefault(exponents[0], {})[exponents[1:]] = value
    total = zero
    for exponent, group in sorted(groups.items()):
        total += powers[0](exponent) * _collect(group, powers[1:], zero)
    return total
