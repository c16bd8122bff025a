"""The landscape: types, indices and losses against the Hessian of the loss and other routes."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import cell
from verifier.stationary.reduction import (
    COEFFICIENT_NAMES,
    RHO,
    derived_form,
    isotropic_loss,
    reduced_loss,
    slope_numerator,
    symbolic_form,
)
from verifier.stationary.representative import representative
from verifier.stationary.stationary_points import landscape

noises = st.fractions(min_value=0, max_value=6, max_denominator=4)
# Every kind of landscape that occurs, the exact tie at (2, 2, 1) included.
CELLS = [
    (1, 1, Fraction(0)),
    (1, 3, Fraction(1, 2)),
    (2, 1, Fraction(0)),
    (2, 2, Fraction(0)),
    (2, 2, Fraction(1)),
    (3, 5, Fraction(1, 3)),
    (3, 24, Fraction(0)),
    (3, 2, Fraction(40)),
]


def hand_form() -> IsotropicForm:
    """The form for x, w standard normal, worked out by hand from Gaussian moments.

    E||s||^2 / d = n (n + d + 1 + s2); E y^2 x x^T = (d + 2 + s2) I; E y^4 = 3 (d (d + 2) + 2 d s2
    + s2^2), and independent examples give the remaining n (n - 1) products.
    """
    n, d, s2 = sympy.symbols("n d sigma2")
    second = d * (d + 2) + 2 * d * s2 + s2**2
    return IsotropicForm(
        constant=d + s2,
        linear=n,
        quadratic=n * (n + d + 1 + s2),
        g1=n * (n + 1),
        g2=n,
        g3=n * (d + 2 + s2) + n * (n - 1) * (d + s2),
        g4=3 * n * second + n * (n - 1) * second,
    )


def test_the_derived_form_is_the_one_found_by_hand() -> None:
    derived, by_hand = derived_form(), hand_form()
    for name in COEFFICIENT_NAMES:
        assert sympy.expand(getattr(derived, name) - getattr(by_hand, name)) == 0


@lru_cache(maxsize=4)
def symbolic_hessian(dimension: int):
    a = sympy.Matrix(sympy.symbols(f"a:{dimension}"))
    b = sympy.Symbol("b")
    matrix = sympy.Matrix(dimension, dimension, sympy.symbols(f"A:{dimension * dimension}"))
    c = sympy.Matrix(sympy.symbols(f"c:{dimension}"))
    theta = [*a, b, *matrix, *c]
    form = symbolic_form()
    loss = isotropic_loss(form, a, b, matrix, c)
    numbers = [getattr(form, name) for name in COEFFICIENT_NAMES]
    return sympy.lambdify(
        [theta, numbers],
        [
            loss,
            [sympy.diff(loss, t) for t in theta],
            [[sympy.diff(loss, t, u) for u in theta] for t in theta],
        ],
        "numpy",
        cse=True,
    )


def inertia(matrix: np.ndarray) -> tuple[int, int]:
    """Numbers of negative and of (numerically) zero eigenvalues."""
    values = np.linalg.eigvalsh(matrix)
    tiny = 1e-9 * np.abs(values).max()
    return int((values < -tiny).sum()), int((np.abs(values) <= tiny).sum())


@pytest.mark.parametrize("where", CELLS)
def test_the_full_hessian_has_the_stated_index_and_nullity(where) -> None:
    found = landscape(*where)
    numbers = [float(value) for value in cell(derived_form(), *where).values]
    for component in found.stationary:
        theta = np.array([float(v) for v in representative(found, component).decimals(20)])
        loss, gradient, hessian = symbolic_hessian(where[0])(theta, numbers)
        assert np.abs(gradient).max() < 1e-9 * max(numbers)
        assert loss == pytest.approx(float(component.loss), rel=1e-12)
        assert inertia(np.array(hessian, dtype=float)) == (component.index, component.nullity)


@pytest.mark.parametrize("dimension", [2, 3])
def test_every_point_with_omega_zero_and_trace_zero_is_a_strict_saddle(dimension) -> None:
    found = landscape(dimension, 3, Fraction(1))
    saddle = found.stationary[-1]
    matrix = np.random.default_rng(0).normal(size=(dimension, dimension))
    matrix -= np.eye(dimension) * np.trace(matrix) / dimension
    theta = np.concatenate([np.zeros(dimension + 1), matrix.ravel(), np.zeros(dimension)])
    numbers = [float(value) for value in cell(derived_form(), dimension, 3, Fraction(1)).values]
    _, gradient, hessian = symbolic_hessian(dimension)(theta, numbers)
    assert np.abs(gradient).max() < 1e-9
    assert inertia(np.array(hessian, dtype=float)) == (saddle.index, saddle.nullity)


@given(st.integers(1, 4), st.integers(1, 30), noises, st.fractions(0, 50, max_denominator=5))
@settings(max_examples=12, deadline=None)
def test_eliminating_the_layer_numerically_gives_the_reduced_loss(d, n, noise, rho) -> None:
    """Another route for any d: least squares over all of N at a random direction of a."""
    numbers = [float(value) for value in cell(derived_form(), d, n, noise).values]
    direction = np.random.default_rng(d * n).normal(size=d)
    a = direction / np.linalg.norm(direction) * float(rho) ** 0.5
    theta = np.concatenate([a, [1.0], np.zeros(d * (d + 1))])
    value, gradient, hessian = symbolic_hessian(d)(theta, numbers)
    gradient, hessian = np.array(gradient)[d + 1 :], np.array(hessian)[d + 1 :, d + 1 :]
    assert np.linalg.eigvalsh(hessian).min() > 0
    minimum = value - gradient @ np.linalg.solve(hessian, gradient) / 2
    u, v = cell(derived_form(), d, n, noise).reduced_loss()
    expected = sum(c * rho**k for k, c in enumerate(u)) / sum(c * rho**k for k, c in enumerate(v))
    assert minimum == pytest.approx(float(expected), rel=1e-9)
    symbols = dict(zip(sympy.symbols("n d sigma2"), (n, d, noise), strict=True))
    by_formula = reduced_loss(derived_form()).subs({**symbols, RHO: rho})
    assert sympy.Rational(by_formula) == sympy.Rational(expected)


@given(st.integers(1, 6), st.integers(1, 60), noises)
@settings(max_examples=20, deadline=None)
def test_laws_that_every_landscape_obeys(d, n, noise) -> None:
    found = landscape(d, n, noise)
    losses = [component.loss for component in found.stationary]
    first, infinite, origin = found.stationary[0], found.stationary[-2], found.stationary[-1]
    assert first.type == "global minimum"
    assert min(losses) == first.loss
    assert max(losses) == origin.loss == d + noise
    assert origin.type == "saddle"
    # l is a function on an interval, so its minima and maxima alternate.
    line = [component for component in found.stationary[:-1] if component.type != "degenerate"]
    minima = [component.type in ("global minimum", "local minimum") for component in line]
    assert all(left != right for left, right in itertools.pairwise(minima))
    assert (infinite.loss == first.loss) == (d == 1)
    spurious = [c.loss for c in found.stationary if c.type == "local minimum"]
    assert found.spurious_local_minima == bool(spurious)
    if spurious:
        assert found.gap == min(spurious).image((-first.loss.as_fraction(), 1))
        assert found.gap > 0
    for component in found.stationary:
        assert component.nullity >= component.dimension


@given(st.integers(2, 5), st.integers(1, 60), noises)
@settings(max_examples=12, deadline=None)
def test_interior_points_are_roots_of_the_derivative_found_by_sympy(d, n, noise) -> None:
    """sympy's own differentiation and root counting, from the reduced loss at numbers."""
    symbols = dict(zip(sympy.symbols("n d sigma2"), (n, d, noise), strict=True))
    loss = reduced_loss(derived_form()).subs(symbols)
    numerator = sympy.Poly(sympy.fraction(sympy.together(sympy.diff(loss, RHO)))[0], RHO)
    expected = [root for root in numerator.real_roots(multiple=False) if root[0] > 0]
    inner = [c for c in landscape(d, n, noise).stationary if isinstance(c.rho, AlgebraicNumber)][1:]
    assert len(inner) == len(expected)
    for component, (root, _) in zip(inner, expected, strict=True):
        assert abs(float(component.rho) / float(root) - 1) < 1e-12


def test_the_slope_numerator_specialises_to_the_cells() -> None:
    polynomial = slope_numerator(derived_form())
    at = dict(zip(sympy.symbols("n d sigma2"), (7, 3, sympy.Rational(2, 3)), strict=True))
    values = [c.subs(at) for c in reversed(polynomial.all_coeffs())]
    slope = cell(derived_form(), 3, 7, Fraction(2, 3)).slope
    assert len({sympy.Rational(v) / s for v, s in zip(values, slope, strict=True)}) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((0, 1, Fraction(0)), ValueError, "dimension must be at least 1"),
        ((1, 0, Fraction(0)), ValueError, "context_length must be at least 1"),
        ((1, 1, Fraction(-1)), ValueError, "noise must be at least 0"),
        ((1, 1, 0.5), TypeError, "noise must be an exact Fraction"),
        ((1.0, 1, Fraction(0)), TypeError, "dimension must be an int"),
        ((True, 1, Fraction(0)), TypeError, "dimension must be an int"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, error, text) -> None:
    with pytest.raises(error, match=text):
        landscape(*arguments)


def test_a_form_that_is_not_convex_is_refused() -> None:
    one = sympy.Integer(1)
    with pytest.raises(ValueError, match="not strictly convex"):
        landscape(2, 1, Fraction(0), IsotropicForm(one, one, one, one, one, 9 * one, one))
