"""Inequalities behind the phase diagram, for all n, d, sigma2: coefficients that show their sign.

The idea: each statement is "after this substitution by variables >= 0 the polynomial has only
non-negative coefficients", so that a checker replays it by expanding.  F is the numerator of l';
F < 0 at one rho > 0 proves a spurious local minimum, F >= 0 on rho > 0 proves that there is none.
For rho <= k = d + sigma2 the second needs nothing: F = (d-1) g2 det^2 - P (G rho^2 - g4)(...)^2
with P > 0 and G k^2 < g4.

Floor 2, on ``phase``.  The statements and proofs are in docs/landscape-mathematics.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import sympy
from sympy import Expr, Poly, Rational, Symbol
from sympy.polys.rings import PolyElement, ring

from verifier.exact.isotropic import IsotropicForm
from verifier.exact.landscape_reduction import RHO, convexity, reduced_loss
from verifier.exact.phase import primitive_slope

N, D, SIGMA2 = (Symbol(name) for name in ("n", "d", "sigma2"))
# The shifted variables, all >= 0: n', d', s', r (or the position in an interval), and t in n.
SHIFTED = sympy.symbols("n_ d_ s_ r_ t_")
N_, D_, S_, R_, T_ = SHIFTED
K = D + SIGMA2


@dataclass(frozen=True, slots=True)
class SignClaim:
    """``expression`` > 0 wherever n, d, sigma2, rho are given by ``substitution``.

    statement: the region and the conclusion, in words; expression: a polynomial in n, d, sigma2,
    rho; substitution: rational in the variables n_, d_, s_, r_, t_ >= 0, with denominators that are
    products of 1 + t_ and 1 + r_; numerator: the expression after substitution times the least such
    denominator that clears it.  ``proved`` when every coefficient is >= 0 and the constant is > 0.
    """

    name: str
    statement: str
    expression: Expr
    substitution: Mapping[Symbol, Expr]
    numerator: PolyElement

    @property
    def proved(self) -> bool:
        """Whether the coefficients show the sign."""
        values = list(self.numerator.values())
        return all(value >= 0 for value in values) and self.numerator.coeff(1) > 0


def claims(form: IsotropicForm) -> tuple[SignClaim, ...]:
    """Return the claims of docs/landscape-mathematics.md, derived from the form's coefficients."""
    slope = primitive_slope(form)
    expression, lead = slope.as_expr(), slope.LC()
    return (
        *_foundations(form),
        *_spurious(expression, lead),
        *_benign(expression),
        _shrinking_gap(form),
    )


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


def _spurious(slope: Expr, lead: Expr) -> list[SignClaim]:
    plane = {N: 1 + N_, D: sympy.Integer(2), SIGMA2: S_}
    shifted = {D: 2 + D_, SIGMA2: S_}
    length = 5 * K.subs(shifted) ** 2 + N_
    return [
        _claim(
            "d=2",
            "d = 2, every n >= 1, sigma2 >= 0: F < 0 at rho = 3 (d + sigma2); never benign",
            -slope,
            {**plane, RHO: 3 * K.subs(plane)},
        ),
        _claim(
            "n large",
            "d >= 2, n >= 5 (d + sigma2)^2: F < 0 at rho = 2 (d + sigma2); not benign",
            -slope,
            {**shifted, N: length, RHO: 2 * K.subs(shifted)},
        ),
        _claim(
            "d=3, noise large",
            "d = 3, n >= 1, sigma2 >= 3 n + 10: rho = oo is a spurious local minimum",
            -lead,
            {N: 1 + N_, D: sympy.Integer(3), SIGMA2: 3 * (1 + N_) + 10 + S_},
        ),
        _claim(
            "d=4, noise large",
            "d = 4, n >= 3, sigma2 >= 7 n + 120: rho = oo is a spurious local minimum",
            -lead,
            {N: 3 + N_, D: sympy.Integer(4), SIGMA2: 7 * (3 + N_) + 120 + S_},
        ),
    ]


def _benign(slope: Expr) -> list[SignClaim]:
    found = []
    for n in (1, 2):
        four = {N: sympy.Integer(n), D: sympy.Integer(4), SIGMA2: S_}
        found.append(
            _claim(
                f"d=4, n={n}",
                f"d = 4, n = {n}, every sigma2 >= 0: F > 0 on rho >= d + sigma2; benign",
                slope,
                {**four, RHO: K.subs(four) + R_},
            )
        )
    large_dimension = {N: 1 + N_, D: 5 + N_ + D_, SIGMA2: S_}
    large_noise = {N: 1 + N_, D: 5 + D_, SIGMA2: 1 + N_ + S_}
    found += [
        _claim(
            "d large",
            "n >= 1, d >= n + 4, every sigma2 >= 0: F > 0 on rho >= d + sigma2; benign",
            slope,
            {**large_dimension, RHO: K.subs(large_dimension) + R_},
        ),
        _claim(
            "noise large",
            "n >= 1, d >= 5, sigma2 >= n: F > 0 on rho >= d + sigma2; benign",
            slope,
            {**large_noise, RHO: K.subs(large_noise) + R_},
        ),
    ]
    return found + _benign_quadratic(slope)


def _benign_quadratic(slope: Expr) -> list[SignClaim]:
    """d >= 5 and 1 <= n <= 3 d^2 + sigma2, on four pieces of rho that cover rho >= d + sigma2."""
    five = {D: 5 + D_, SIGMA2: S_}
    k = K.subs(five)
    longest = 3 * (5 + D_) ** 2 + S_
    length = (1 + longest * T_) / (1 + T_)
    cuts = [Rational(1), Rational(3, 2), Rational(2), Rational(5, 2)]
    pieces = [
        (f"{low} k <= rho < {high} k", k * (low + high * R_) / (1 + R_))
        for low, high in pairwise(cuts)
    ]
    pieces.append((f"rho >= {cuts[-1]} k", cuts[-1] * k + R_))
    return [
        _claim(
            f"n <= 3 d^2 + sigma2, piece {i}",
            "d >= 5, 1 <= n < 3 d^2 + sigma2, k = d + sigma2: F > 0 on " + words + "; benign",
            slope,
            {**five, N: length, RHO: rho},
        )
        for i, (words, rho) in enumerate(pieces, start=1)
    ]


def _shrinking_gap(form: IsotropicForm) -> SignClaim:
    """With n = v^2, v >= 3 (d + sigma2): l(v) - l(0) < 6 d / v, times positive denominators."""
    root = Symbol("v")
    loss = reduced_loss(form)
    excess = 6 * D / root - (loss.subs(RHO, root) - loss.subs(RHO, 0))
    cleared = sympy.cancel(excess * root * form.quadratic * convexity(form).subs(RHO, root))
    two = {D: 2 + D_, SIGMA2: S_}
    return _claim(
        "gap",
        "d >= 2, v = sqrt(n) >= 3 (d + sigma2): l(v) - l(0) < 6 d / v",
        sympy.expand(cleared.subs(N, root**2)),
        {**two, root: 3 * K.subs(two) + R_},
    )


def _claim(name: str, words: str, expression: Expr, at: Mapping[Symbol, Expr]) -> SignClaim:
    symbols = tuple(at)
    polynomial = Poly(sympy.expand(expression), *symbols)
    return SignClaim(name, words, expression, dict(at), _compose(polynomial, list(at.values())))


def _compose(polynomial: Poly, values: list[Expr]) -> PolyElement:
    """Substitute numerator / denominator for each generator and clear the denominators."""
    target = ring(SHIFTED, "QQ")[0]
    parts = [
        tuple(target.from_expr(sympy.expand(part)) for part in sympy.fraction(value))
        for value in values
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
