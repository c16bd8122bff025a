"""d = 2 at rational n, sigma2: all stationary points in (omega, N), by Groebner bases.

The idea, a route that neither eliminates N by hand nor forms rho: the nine partial derivatives of
the loss are taken first; then rotation brings a to (r, 0) and the scaling (omega, N) ->
(t omega, N/t) brings omega to one of the charts b = 1; b = 0, r = 1; omega = 0.  In the first chart
the lexicographic basis has the shape (every unknown = polynomial in r, one polynomial in r), so the
real roots of the last member are all the stationary points, r and -r being one up to rotation.

``landscape`` must agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy
from sympy import Expr, Matrix, Poly, Symbol

from verifier.arithmetic.roots import AlgebraicNumber, rational, real_roots
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import require_cell
from verifier.stationary.reduction import COEFFICIENT_NAMES, isotropic_loss

RADIUS = Symbol("r")
VECTOR = sympy.symbols("a1 a2")
SCALE = Symbol("b")
LAYER = sympy.symbols("A11 A12 A21 A22 c1 c2")


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A stationary point at d = 2 with a = (radius, 0): omega's chart, radius and exact loss.

    chart: "b = 1", "b = 0" (then radius = 1) or "omega = 0" (then radius = 0; a whole family).
    """

    chart: str
    radius: AlgebraicNumber
    loss: AlgebraicNumber


def stationary_plane(
    form: IsotropicForm, context_length: int, noise: Fraction
) -> tuple[PlanePoint, ...]:
    """Return all stationary points at d = 2, one for each orbit of rotation and scaling.

    Raises ValueError or TypeError for n, sigma2 out of range, ArithmeticError if a Groebner basis
    does not have the expected shape.
    """
    require_cell(2, context_length, noise)
    numbers = {
        "n": context_length,
        "d": 2,
        "sigma2": sympy.Rational(noise.numerator, noise.denominator),
    }
    here = IsotropicForm(
        *(sympy.sympify(getattr(form, name)).subs(numbers) for name in COEFFICIENT_NAMES)
    )
    loss = isotropic_loss(here, Matrix(VECTOR), SCALE, Matrix(2, 2, LAYER[:4]), Matrix(LAYER[4:]))
    gradient = [sympy.diff(loss, unknown) for unknown in (*VECTOR, SCALE, *LAYER)]
    return (
        *_chart_with_b(loss, gradient),
        _chart_without_b(loss, gradient),
        _omega_zero(here, gradient),
    )


def _basis(
    gradient: list[Expr], chart: dict[Symbol, Expr], unknowns: tuple[Symbol, ...]
) -> list[Expr]:
    system = [sympy.expand(entry.subs(chart)) for entry in gradient]
    return list(sympy.groebner(system, *unknowns, order="lex").exprs)


def _chart_with_b(loss: Expr, gradient: list[Expr]) -> list[PlanePoint]:
    chart = {VECTOR[0]: RADIUS, VECTOR[1]: 0, SCALE: 1}
    *linear, last = _basis(gradient, chart, (*LAYER, RADIUS))
    solved = _solve_linear(linear)
    # The loss at a point of the ideal's variety is its normal form, a polynomial in r.
    in_radius = Poly(sympy.expand(loss.subs(chart).subs(solved)), RADIUS)
    relation = Poly(last, RADIUS)
    value = _rationals(sympy.rem(in_radius, relation))
    return [
        PlanePoint("b = 1", root, root.image(value))
        for root in real_roots(_rationals(relation))
        if root.sign() >= 0
    ]


def _chart_without_b(loss: Expr, gradient: list[Expr]) -> PlanePoint:
    chart = {VECTOR[0]: 1, VECTOR[1]: 0, SCALE: 0}
    solved = _solve_linear(_basis(gradient, chart, LAYER))
    value = sympy.expand(loss.subs(chart).subs(solved))
    return PlanePoint("b = 0", rational(1), rational(Fraction(int(value.p), int(value.q))))


def _omega_zero(form: IsotropicForm, gradient: list[Expr]) -> PlanePoint:
    """At omega = 0 the gradient vanishes exactly on tr A = 0, c = 0."""
    chart = {VECTOR[0]: 0, VECTOR[1]: 0, SCALE: 0}
    a11, _, _, a22, c1, c2 = LAYER
    if set(_basis(gradient, chart, LAYER)) != {a11 + a22, c1, c2}:
        raise ArithmeticError("the stationary set at omega = 0 is not tr A = 0, c = 0")
    value = sympy.Rational(form.constant)
    return PlanePoint("omega = 0", rational(0), rational(Fraction(int(value.p), int(value.q))))


def _solve_linear(members: list[Expr]) -> dict[Symbol, Expr]:
    """Read unknown = polynomial in r from each member, one for every unknown of N."""
    solved: dict[Symbol, Expr] = {}
    for unknown, member in zip(LAYER, members, strict=True):
        polynomial = Poly(member, unknown)
        rest = polynomial.coeff_monomial(1)
        if polynomial.degree() != 1 or not rest.free_symbols <= {RADIUS}:
            raise ArithmeticError(f"the Groebner basis does not solve for {unknown}: {member}")
        solved[unknown] = -rest / polynomial.LC()
    return solved


def _rationals(polynomial: Poly) -> list[Fraction]:
    return [Fraction(int(c.p), int(c.q)) for c in reversed(polynomial.all_coeffs())]
