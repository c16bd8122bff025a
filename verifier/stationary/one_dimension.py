"""d = 1: the whole real stationary set of the isotropic loss in (omega, N), n and sigma2 symbolic.

The idea, a second route that never forms rho: with w = aA, z = bc and L_x the partial derivatives,

    (a L_a - c L_c) / 2 = G w^2 - g4 z^2,                               G = g1 + g2,
    in the chart b = 1:  (L_c - a L_A) / 2 = z (g4 - g3 a^2) - w (G a^2 - g3),

so at a stationary point with b = 1 both vanish, and the combination

    z^2 P (g4 - G a^4) = 0,   P = G g4 - g3^2,

follows with polynomial multipliers, hence for every value of n and sigma2, not for generic ones
only.  P > 0 leaves c = 0 or a^4 = g4 / G.  The scaling (omega, N) -> (t omega, N/t) makes the three
charts b = 1; b = 0, a = 1; a = b = 0 complete.  All signs are proved for every real n >= 1,
sigma2 >= 0: after the shift n = 1 + n' every coefficient is non-negative.

The identities are checked by expansion each time; docs/landscape-mathematics.md reads
them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy
from sympy import Expr, Matrix, Poly, Symbol

from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.reduction import COEFFICIENT_NAMES, isotropic_loss

LENGTH, NOISE, DIMENSION = (Symbol(name) for name in ("n", "sigma2", "d"))
ROOT = Symbol("mu", positive=True)
UNKNOWNS = sympy.symbols("a b A c")


@dataclass(frozen=True, slots=True)
class SymbolicComponent:
    """One stationary family at d = 1, up to scaling and the sign of (omega, N).

    type, index, nullity, dimension: as in ``landscape``; point: (a, b, A, c); rho, loss: SymPy
    expressions in n, sigma2 and, at the saddle between the minima, mu = sqrt(g4 / G) > 0;
    minors: leading principal minors of the Hessian across the scaling orbit, with proved signs.
    """

    type: Literal["global minimum", "saddle"]
    index: int
    nullity: int
    dimension: int
    point: tuple[Expr, Expr, Expr, Expr]
    rho: Expr | None
    loss: Expr
    minors: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class LineLandscape:
    """The stationary set at d = 1; mu_squared is the square of the symbol mu, in n and sigma2."""

    components: tuple[SymbolicComponent, ...]
    mu_squared: Expr


def stationary_line(form: IsotropicForm) -> LineLandscape:
    """Return every stationary point at d = 1 with n >= 1 and sigma2 >= 0 symbolic.

    Raises ArithmeticError if an identity or a sign that the classification rests on fails.
    """
    one = _at_dimension_one(form)
    loss = _loss(one)
    cross, determinant = _elimination(one)
    for value in (one.linear, one.quadratic, one.g4, cross, determinant):
        require_positive(value)
    mu_squared = sympy.cancel(one.g4 / cross)
    minimum = _component(loss, (0, 1, one.linear / one.quadratic, 0), "a", 0, ROOT**2 - mu_squared)
    second = _component(loss, (1, 0, 0, one.linear / one.quadratic), "b", 0, ROOT**2 - mu_squared)
    return LineLandscape(
        (
            minimum,
            _middle(one, loss, cross, mu_squared),
            second,
            _origin(one, loss),
        ),
        mu_squared,
    )


def _at_dimension_one(form: IsotropicForm) -> IsotropicForm:
    return IsotropicForm(
        *(sympy.expand(getattr(form, name).subs(DIMENSION, 1)) for name in COEFFICIENT_NAMES)
    )


def _loss(form: IsotropicForm) -> Expr:
    a, b, matrix, c = UNKNOWNS
    return sympy.expand(isotropic_loss(form, Matrix([a]), b, Matrix([[matrix]]), Matrix([c])))


def _elimination(form: IsotropicForm) -> tuple[Expr, Expr]:
    """Check the identities of the module docstring; return G and P."""
    a, b, matrix, c = UNKNOWNS
    loss = _loss(form)
    cross = form.g1 + form.g2
    determinant = sympy.expand(cross * form.g4 - form.g3**2)
    w, z = a * matrix, b * c
    balance = (a * sympy.diff(loss, a) - c * sympy.diff(loss, c)) / 2
    _require_zero(balance - (cross * w**2 - form.g4 * z**2))
    chart = {b: 1}
    tilt = ((sympy.diff(loss, c) - a * sympy.diff(loss, matrix)) / 2).subs(chart)
    left, right = form.g4 - form.g3 * a**2, cross * a**2 - form.g3
    _require_zero(tilt - (c * left - w * right))
    combination = cross * tilt * (c * left + w * right) + balance.subs(chart) * right**2
    _require_zero(combination - c**2 * determinant * (form.g4 - cross * a**4))
    return cross, determinant


def _component(
    loss: Expr, point: tuple[Expr, ...], across: str, index: int, relation: Expr
) -> SymbolicComponent:
    """A component on which one of a, b is 1; ``across`` names the other one.

    The scaling orbit moves the coordinate that is 1, so the Hessian in the other three has the
    index of the full one, and one zero eigenvalue fewer.
    """
    a, b, matrix, c = UNKNOWNS
    at = dict(zip(UNKNOWNS, point, strict=True))
    for unknown in UNKNOWNS:
        _require_zero(_reduced(sympy.diff(loss, unknown).subs(at), relation))
    free = (matrix, c, a if across == "a" else b)
    hessian = sympy.hessian(loss, free).subs(at)
    minors = tuple(_reduced(hessian[:k, :k].det(), relation) for k in (1, 2, 3))
    for minor in (*minors[:2], -minors[2] if index else minors[2]):
        require_positive(minor, ROOT**2 - relation)
    return SymbolicComponent(
        type="saddle" if index else "global minimum",
        index=index,
        nullity=1,
        dimension=1,
        point=point,
        rho=sympy.oo if across == "b" else sympy.expand(point[0] ** 2),
        loss=_reduced(loss.subs(at), relation),
        minors=minors,
    )


def _middle(_form: IsotropicForm, loss: Expr, _cross: Expr, mu_squared: Expr) -> SymbolicComponent:
    """The point with b = 1, c != 0: a = sqrt(mu); w = mu z, that is A = a c, from the identities.

    w = -mu z would need a^2 = -mu: then (g4 - g3 mu) = a^2 (g3 - G mu), and G mu > g3 by P > 0.
    """
    a, b, matrix, c = UNKNOWNS
    side = sympy.sqrt(ROOT)
    line = sympy.diff(loss, matrix).subs({a: side, b: 1, matrix: side * c})
    context = sympy.solve(line, c)
    if len(context) != 1:
        raise ArithmeticError("the gradient does not determine c on the branch A = a c")
    point = (side, sympy.Integer(1), side * context[0], context[0])
    return _component(loss, point, "a", 1, ROOT**2 - mu_squared)


def _origin(form: IsotropicForm, loss: Expr) -> SymbolicComponent:
    """The point omega = 0: the gradient there is -2 linear (c, A, 0, 0), so A = c = 0."""
    a, b, matrix, c = UNKNOWNS
    at_zero = {a: 0, b: 0}
    expected = (-2 * form.linear * c, -2 * form.linear * matrix, 0, 0)
    for unknown, value in zip(UNKNOWNS, expected, strict=True):
        _require_zero(sympy.diff(loss, unknown).subs(at_zero) - value)
    hessian = sympy.hessian(loss, UNKNOWNS).subs(dict.fromkeys(UNKNOWNS, 0))
    # Two hyperbolic pairs, (a, c) and (b, A): eigenvalues +-2 linear, each twice.
    x = Symbol("x")
    characteristic = (x**2 - 4 * form.linear**2) ** 2
    _require_zero(hessian.charpoly(x).as_expr() - characteristic)
    zero = sympy.Integer(0)
    return SymbolicComponent("saddle", 2, 0, 0, (zero,) * 4, None, form.constant, ())


def _reduced(expression: Expr, relation: Expr) -> Expr:
    """Normal form with mu of degree <= 1 in numerator and denominator (mu^2 in n and sigma2)."""
    side = Symbol("side", positive=True)
    inner = expression.subs(ROOT, side**2)
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(inner)))
    quartic = relation.subs(ROOT, side**2)
    parts = [sympy.rem(part, quartic, side) for part in (numerator, denominator)]
    quotient = sympy.cancel(sympy.together(parts[0] / parts[1]))
    return quotient.subs(side, sympy.sqrt(ROOT))


def require_positive(expression: Expr, mu_squared: Expr | int = 1) -> None:
    """Check expression > 0 for all n >= 1, sigma2 >= 0, by the signs of coefficients.

    Numerator and denominator are x + y mu with mu > 0 and mu^2 given.  With n = 1 + n', x must have
    non-negative coefficients and a positive constant one, and so must x^2 - y^2 mu^2 (hence
    |y mu| < x) unless y has non-negative coefficients itself.
    Raises ArithmeticError otherwise (which does not say that the expression is not positive).
    """
    for part in sympy.fraction(sympy.cancel(sympy.together(expression))):
        polynomial = Poly(part, ROOT)
        if polynomial.degree() > 1:
            raise ArithmeticError(f"{expression} is not reduced modulo mu^2")
        x, y = polynomial.coeff_monomial(1), polynomial.coeff_monomial(ROOT)
        proved = _positive(x) and (
            _non_negative(y) or _positive(sympy.cancel(x**2 - y**2 * mu_squared))
        )
        if not proved:
            raise ArithmeticError(f"{expression} is not shown to be positive by its coefficients")


def _non_negative(expression: Expr) -> bool:
    return all(value >= 0 for value in _shifted(expression).coeffs())


def _positive(expression: Expr) -> bool:
    return _non_negative(expression) and bool(_shifted(expression).coeff_monomial(1) > 0)


def _shifted(expression: Expr) -> Poly:
    return Poly(expression.subs(LENGTH, 1 + LENGTH), LENGTH, NOISE)


def _require_zero(expression: Expr) -> None:
    if sympy.cancel(sympy.together(expression)) != 0:
        raise ArithmeticError(f"{expression} is not identically zero")
