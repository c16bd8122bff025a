"""A parameter vector on each stationary component, as exact algebraic numbers.

The idea: up to rotation and scaling a stationary point is a = r e_1, b, and the optimal N has three
kinds of non-zero entries, A_11, A_jj (j >= 2) and c_1, which are rational in r.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import sympy
from sympy import Expr, Poly

from verifier.arithmetic.roots import AlgebraicNumber, rational
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import Cell, cell
from verifier.stationary.reduction import COEFFICIENT_NAMES, derived_form, reduction
from verifier.stationary.stationary_points import Landscape, StationaryComponent


@dataclass(frozen=True, slots=True)
class Representative:
    """a = radius e_1, b, A = diag(aligned, diagonal, ..., diagonal), c = context e_1."""

    dimension: int
    radius: AlgebraicNumber
    b: AlgebraicNumber
    aligned: AlgebraicNumber
    diagonal: AlgebraicNumber
    context: AlgebraicNumber

    def decimals(self, digits: int = 17) -> tuple[Decimal, ...]:
        """Return theta = (a, b, A row-major, c), each entry correctly rounded."""
        d, zero = self.dimension, Decimal(0)
        radius, b, aligned, diagonal, context = (
            value.decimal(digits)
            for value in (self.radius, self.b, self.aligned, self.diagonal, self.context)
        )
        first = [radius, *[zero] * (d - 1)]
        matrix = [
            (aligned if i == 0 else diagonal) if i == j else zero
            for i in range(d)
            for j in range(d)
        ]
        return (*first, b, *matrix, context, *[zero] * (d - 1))


def representative(
    landscape: Landscape, component: StationaryComponent, form: IsotropicForm | None = None
) -> Representative:
    """Return a point of ``component``; the form must be the one that the landscape was made with.

    At omega = 0 the origin, elsewhere b = 1 or (rho = oo) b = 0 and a = e_1.
    """
    if component.rho is None:
        zero = rational(0)
        return Representative(landscape.dimension, zero, zero, zero, zero, zero)
    return local_optimum(landscape, component.rho, form)


def local_optimum(
    landscape: Landscape, rho: AlgebraicNumber | Expr, form: IsotropicForm | None = None
) -> Representative:
    """Return omega with |a|^2/b^2 = rho and N*(omega): b = 1, or b = 0 and a = e_1 for rho = oo."""
    d = landscape.dimension
    here = cell(form or derived_form(), d, landscape.context_length, landscape.noise)
    radius, b = (rho.square_root(), 1) if isinstance(rho, AlgebraicNumber) else (rational(1), 0)
    found = reduction()
    aligned, diagonal, context = (
        radius.image(*_in_radius(expression, here, b))
        for expression in (found.aligned, found.diagonal, found.context)
    )
    return Representative(d, radius, rational(b), aligned, diagonal, context)


def _in_radius(expression: Expr, here: Cell, b: int) -> tuple[list[Fraction], list[Fraction]]:
    """Numerator and denominator as polynomials in r, constant first."""
    found = reduction()
    numbers = {
        name: sympy.Rational(v.numerator, v.denominator)
        for name, v in zip(COEFFICIENT_NAMES, here.values, strict=True)
    }
    parts = sympy.fraction(sympy.together(expression.subs({found.b: b}).subs(numbers)))
    return (_rationals(Poly(parts[0], found.radius)), _rationals(Poly(parts[1], found.radius)))


def _rationals(polynomial: Poly) -> list[Fraction]:
    return [Fraction(int(c.p), int(c.q)) for c in reversed(polynomial.all_coeffs())]
