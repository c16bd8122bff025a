"""Eliminate N = (A, c) from the isotropic loss: what is left is one rational function of rho.

The idea (variable projection, Golub and Pereyra 1973): for omega = (a, b) != 0 the loss

    L = constant - 2 linear (b tr A + c.a) + quadratic ||b A^T + c a^T||^2
        + g1 ||A^T a||^2 + g2 ||A||^2 ||a||^2 + 2 g3 b (A^T a).c + g4 b^2 ||c||^2

is a strictly convex quadratic in N.  It is invariant under rotations and under (omega, N) ->
(t omega, N/t), so its minimum over N depends on rho = ||a||^2 / b^2 in [0, oo] alone.  With
a = r e_1 the quadratic splits: the entries (A_1k, c_k) share one 2x2 matrix for every k, all other
entries of A stand alone.  Everything below is solved from the loss by SymPy with the seven
coefficients as symbols; no formula is typed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache

import sympy
from sympy import Expr, Matrix, Poly, Symbol

from verifier.loss.isotropic import IsotropicForm, isotropic_form

COEFFICIENT_NAMES = tuple(field.name for field in fields(IsotropicForm))
RHO = Symbol("rho")
DIMENSION = Symbol("d")


def symbolic_form() -> IsotropicForm:
    """Return the form with seven independent symbols, for derivations valid for any values."""
    return IsotropicForm(*(Symbol(name) for name in COEFFICIENT_NAMES))


@lru_cache(maxsize=1)
def derived_form() -> IsotropicForm:
    """Return the form derived from the dimension-free loss (Theorem 1's), once per process."""
    return isotropic_form()


def isotropic_loss(form: IsotropicForm, a: Matrix, b: Expr, matrix: Matrix, c: Matrix) -> Expr:
    """Return the loss at the given parameters: a, c of shape (d, 1), A = ``matrix`` (d, d), b."""
    readout = b * matrix.T + c * a.T
    image = matrix.T * a
    return (
        form.constant
        - 2 * form.linear * (b * matrix.trace() + c.dot(a))
        + form.quadratic * _squared_norm(readout)
        + form.g1 * _squared_norm(image)
        + form.g2 * _squared_norm(matrix) * _squared_norm(a)
        + 2 * form.g3 * b * image.dot(c)
        + form.g4 * b**2 * _squared_norm(c)
    )


def _squared_norm(matrix: Matrix) -> Expr:
    return sympy.Add(*(entry**2 for entry in matrix))


@dataclass(frozen=True, slots=True)
class Reduction:
    """The loss after eliminating N, for symbolic coefficients.

    radius, b: the symbols of ||a|| and b; aligned, context, diagonal: the optimal A_11, c_1 and
    A_jj (j >= 2) as functions of them (all other entries of N are 0); convexity: the quantities,
    polynomials in rho, whose positivity on rho >= 0 (with that of ``quadratic``, ``g2`` and the
    leading and constant coefficients of the last) makes the quadratic in N strictly convex;
    numerator: that of l(rho), over the product of ``convexity``; slope: F, a polynomial in rho of
    degree <= 4, with l' = linear^2 F / (product of the squares of ``convexity``).
    """

    radius: Symbol
    b: Symbol
    aligned: Expr
    context: Expr
    diagonal: Expr
    convexity: tuple[Poly, Poly]
    numerator: Poly
    slope: Poly


@lru_cache(maxsize=1)
def reduction() -> Reduction:
    """Derive the elimination of N with the seven coefficients and d as symbols."""
    form = symbolic_form()
    radius, b = sympy.symbols("r b")
    unknowns = sympy.symbols("A11 A12 A21 A22 c1 c2")
    a11, _, _, a22, c1, _ = unknowns
    loss = isotropic_loss(
        form, Matrix([radius, 0]), b, Matrix(2, 2, unknowns[:4]), Matrix(unknowns[4:])
    )
    quadratic = Poly(sympy.expand(loss), *unknowns)
    half_hessian = Matrix(
        [[quadratic.diff(x).diff(y).as_expr() / 2 for y in unknowns] for x in unknowns]
    )
    pull = -Matrix([quadratic.coeff_monomial(unknown) for unknown in unknowns]) / 2
    _require_blocks(half_hessian, pull, unknowns)

    pair = [unknowns.index(a11), unknowns.index(c1)]
    block = half_hessian.extract(pair, pair)
    lone = half_hessian[unknowns.index(a22), unknowns.index(a22)]
    pair_pull = pull.extract(pair, [0])
    lone_pull = pull[unknowns.index(a22)]
    determinant = sympy.expand(block.det())
    optimum = block.adjugate() * pair_pull
    pair_drop = (pair_pull.T * optimum)[0]
    # By the scaling symmetry b = 1, r^2 = rho is the general case with b != 0.
    chart = {b: 1, radius: sympy.sqrt(RHO)}
    scalar, minor, lone_top, pair_top = (
        Poly(sympy.expand(sympy.expand(entry).subs(chart)), RHO)
        for entry in (lone, determinant, (DIMENSION - 1) * lone_pull**2, pair_drop)
    )
    # l = constant - lone_top / scalar - pair_top / minor, and l' by the quotient rule.
    falls = (lone_top.diff() * scalar - lone_top * scalar.diff()) * minor**2 + (
        pair_top.diff() * minor - pair_top * minor.diff()
    ) * scalar**2
    numerator = form.constant * scalar * minor - lone_top * minor - pair_top * scalar
    return Reduction(
        radius=radius,
        b=b,
        aligned=sympy.expand(optimum[0]) / determinant,
        context=sympy.expand(optimum[1]) / determinant,
        diagonal=lone_pull / lone,
        convexity=(scalar, minor),
        numerator=numerator,
        slope=(-falls).exquo_ground(form.linear**2),
    )


def _require_blocks(hessian: Matrix, pull: Matrix, unknowns: Sequence[Symbol]) -> None:
    """Check the splitting that carries d = 2 to every d; see docs/landscape-mathematics.md."""
    blocks = ((0, 4), (1, 5), (2,), (3,))  # (A11, c1), (A12, c2), A21, A22
    for i in range(len(unknowns)):
        for j in range(len(unknowns)):
            together = any(i in block and j in block for block in blocks)
            if not together and sympy.expand(hessian[i, j]) != 0:
                raise ArithmeticError(f"{unknowns[i]} and {unknowns[j]} do not decouple")
    first, second = (hessian.extract(list(block), list(block)) for block in blocks[:2])
    alike = (first - second).expand().is_zero_matrix and hessian[2, 2] == hessian[3, 3]
    idle = all(pull[i] == 0 for i in (1, 2, 5))
    if not (alike and idle):
        raise ArithmeticError("the quadratic in N does not split into equal blocks")


def reduced_loss(form: IsotropicForm) -> Expr:
    """Return l(rho) = min over N of the loss at ||a||^2 / b^2 = rho, with n, d, sigma2 symbolic.

    A rational function of the symbol ``rho``; the limit rho -> oo is the loss at b = 0.
    """
    found = reduction()
    scalar, minor = found.convexity
    loss = found.numerator.as_expr() / (scalar.as_expr() * minor.as_expr())
    return sympy.together(_substituted(loss, form))


def slope_numerator(form: IsotropicForm) -> Poly:
    """Return F(rho), degree <= 4 with n, d, sigma2 symbolic, of the sign of l'(rho), rho >= 0."""
    return Poly(_substituted(reduction().slope.as_expr(), form), RHO)


def convexity(form: IsotropicForm) -> Expr:
    """Return the product of the polynomials in rho that must be positive, n, d, sigma2 symbolic.

    It is the denominator of l, and the square root of that of l'.
    """
    scalar, minor = reduction().convexity
    return _substituted((scalar * minor).as_expr(), form)


def _substituted(expression: Expr, form: IsotropicForm) -> Expr:
    symbolic = symbolic_form()
    return expression.subs(
        {getattr(symbolic, name): getattr(form, name) for name in COEFFICIENT_NAMES},
        simultaneous=True,
    )


Terms = tuple[tuple[tuple[int, ...], Fraction], ...]


def terms_of(expression: Expr, symbols: Sequence[Symbol]) -> Terms:
    """Return a polynomial over Q as (exponents, coefficient) pairs, for fast exact evaluation."""
    polynomial = Poly(expression, *symbols, domain="QQ")
    return tuple((powers, Fraction(int(c.p), int(c.q))) for powers, c in polynomial.terms())


def evaluate(terms: Terms, values: Sequence[Fraction]) -> Fraction:
    """Evaluate a polynomial given by ``terms_of`` at rational values."""
    total = Fraction(0)
    for powers, coefficient in terms:
        product = coefficient
        for value, power in zip(values, powers, strict=True):
            if power:
                product *= value**power
        total += product
    return total


def coefficient_terms(form: IsotropicForm) -> Mapping[str, Terms]:
    """Return the form's coefficients as polynomials over Q in n, d, sigma2 (in that order).

    Raises ValueError if a coefficient contains another symbol.
    """
    symbols = [Symbol(name) for name in ("n", "d", "sigma2")]
    result = {}
    for name in COEFFICIENT_NAMES:
        expression = sympy.sympify(getattr(form, name))
        unknown = expression.free_symbols - set(symbols)
        if unknown:
            raise ValueError(f"{name} contains {sorted(map(str, unknown))}; only n, d, sigma2 may")
        result[name] = terms_of(expression, symbols)
    return result
