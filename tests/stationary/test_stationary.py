"""d = 1 symbolic and d = 2 by Groebner bases: both agree with the reduction to rho."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.two_dimensions import stationary_plane
from sympy import oo

from verifier.arithmetic.roots import AlgebraicNumber, rational
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.one_dimension import (
    ROOT,
    UNKNOWNS,
    SymbolicComponent,
    require_positive,
    stationary_line,
)
from verifier.stationary.reduction import derived_form
from verifier.stationary.stationary_points import landscape

noises = st.fractions(min_value=0, max_value=5, max_denominator=3)
n, sigma2 = sympy.symbols("n sigma2")


@pytest.fixture(scope="module")
def line():
    return stationary_line(derived_form())


def image(expression: sympy.Expr, length: int, noise: Fraction, mu: AlgebraicNumber):
    """The value of a rational function of n, sigma2 and mu, as an algebraic number."""
    numbers = {n: length, sigma2: sympy.Rational(noise.numerator, noise.denominator)}
    parts = sympy.fraction(sympy.together(sympy.sympify(expression).subs(numbers)))
    return mu.image(
        *(
            [Fraction(int(value.p), int(value.q)) for value in reversed(poly.all_coeffs())]
            for poly in (sympy.Poly(part, ROOT) for part in parts)
        )
    )


@given(length=st.integers(1, 40), noise=noises)
@settings(max_examples=12, deadline=None)
def test_the_symbolic_line_specialises_to_the_landscape(line, length, noise) -> None:
    mu = image(line.mu_squared, length, noise, rational(0)).square_root()
    found = landscape(1, length, noise).stationary
    for symbolic, component in zip(line.components, found, strict=True):
        assert (symbolic.type, symbolic.index, symbolic.nullity, symbolic.dimension) == (
            component.type,
            component.index,
            component.nullity,
            component.dimension,
        )
        assert component.loss == image(symbolic.loss, length, noise, mu)
        if symbolic.index == 1:
            assert component.rho == mu
        elif component.rho not in (None, oo):
            assert component.rho == 0


def test_a_generic_groebner_basis_finds_the_same_radii(line) -> None:
    """Over Q(n, sigma2), by Buchberger: the polynomial in a splits as the elimination says."""
    from verifier.stationary.reduction import isotropic_loss

    a, b, matrix, c = UNKNOWNS
    one = IsotropicForm(
        *(
            sympy.sympify(getattr(derived_form(), name)).subs(sympy.Symbol("d"), 1)
            for name in ("constant", "linear", "quadratic", "g1", "g2", "g3", "g4")
        )
    )
    loss = isotropic_loss(one, sympy.Matrix([a]), b, sympy.Matrix([[matrix]]), sympy.Matrix([c]))
    system = [sympy.expand(sympy.diff(loss, unknown).subs(b, 1)) for unknown in UNKNOWNS]
    basis = sympy.groebner(system, matrix, c, a, order="lex", domain=sympy.QQ.frac_field(n, sigma2))
    assert sympy.cancel(basis.exprs[-1] - a * (a**4 - line.mu_squared)) == 0


def test_the_two_minima_at_dimension_one_have_equal_loss(line) -> None:
    first, saddle, second, origin = line.components
    assert sympy.cancel(first.loss - second.loss) == 0
    assert isinstance(saddle, SymbolicComponent)
    for higher in (saddle, origin):
        require_positive(sympy.cancel(higher.loss - first.loss), line.mu_squared)


@given(st.integers(1, 60), noises)
@settings(max_examples=12, deadline=None)
def test_the_plane_agrees_with_the_landscape(length, noise) -> None:
    points = stationary_plane(derived_form(), length, noise)
    found = landscape(2, length, noise).stationary
    assert len(points) == len(found)
    for point, component in zip(points, found, strict=True):
        assert point.loss == component.loss
        if point.chart == "b = 1":
            assert point.radius.image((0, 0, 1)) == component.rho
        else:
            assert component.rho is (oo if point.chart == "b = 0" else None)


@pytest.mark.parametrize("text", ["sigma2 - 1", "n - 1", "-n", "mu - n", "n - 2*sigma2", "1/(1-n)"])
def test_what_is_not_positive_is_not_called_positive(text) -> None:
    expression = sympy.sympify(text, locals={"mu": ROOT, "n": n, "sigma2": sigma2})
    with pytest.raises(ArithmeticError, match="not shown to be positive"):
        require_positive(expression, sigma2**2 + 2 * sigma2 + 3)


def test_what_is_positive_by_conjugation_is_found() -> None:
    # mu^2 = sigma2^2 + 2 sigma2 + 3 < (sigma2 + 2)^2, so sigma2 + 2 - mu > 0.
    require_positive(sigma2 + 2 - ROOT, sigma2**2 + 2 * sigma2 + 3)


def test_a_form_outside_the_family_is_refused() -> None:
    one = sympy.Integer(1)
    with pytest.raises(ArithmeticError, match="not shown to be positive"):
        stationary_line(IsotropicForm(one, one, one, one, one, 9 * one, one))
