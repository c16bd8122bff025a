"""Real algebraic numbers: laws of order, images and decimals, against SymPy and by construction."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic import univariate
from verifier.arithmetic.roots import (
    AlgebraicNumber,
    rational,
    real_roots,
    real_roots_with_multiplicity,
)

fractions = st.fractions(min_value=-8, max_value=8, max_denominator=6)
coefficients = st.lists(st.integers(-9, 9), min_size=2, max_size=6).filter(
    lambda values: any(values[1:])
)
x = sympy.Symbol("x")


def sympy_polynomial(values: list[int]) -> sympy.Poly:
    return sympy.Poly(list(reversed(values)), x)


@given(st.lists(st.tuples(fractions, st.integers(1, 3)), min_size=1, max_size=3))
def test_the_roots_of_a_product_of_linear_factors_are_found_with_multiplicity(factors) -> None:
    expected: dict[Fraction, int] = {}
    product = (1,)
    for root, multiplicity in factors:
        expected[root] = expected.get(root, 0) + multiplicity
        for _ in range(multiplicity):
            product = univariate.multiply(product, (-root.numerator, root.denominator))
    found = [(r.as_fraction(), m) for r, m in real_roots_with_multiplicity(product)]
    assert found == sorted(expected.items())


@given(coefficients)
@settings(max_examples=60, deadline=None)
def test_real_roots_agree_with_sympy_in_number_order_and_value(values) -> None:
    ours = real_roots(values)
    theirs = sorted(set(sympy_polynomial(values).real_roots()), key=lambda r: r.evalf(40))
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert abs(sympy.Rational(mine.within(Fraction(1, 10**12)).lower) - other.evalf(40)) < 1e-11
        assert sympy.rem(sympy_polynomial(values), sympy_polynomial(list(mine.polynomial))) == 0
        assert sympy_polynomial(list(mine.polynomial)).is_irreducible
    assert all(a < b and a != b for a, b in itertools.pairwise(ours))


@given(coefficients)
@settings(max_examples=60, deadline=None)
def test_the_two_factorisations_agree(values) -> None:
    p = univariate.from_rationals(values)

    def oriented(factors):
        return sorted((f if f[-1] > 0 else tuple(-v for v in f), m) for f, m in factors if f[1:])

    assert oriented(univariate._factors_by_sympy(p)) == oriented(univariate._factors_by_flint(p))


@given(coefficients, coefficients, coefficients)
@settings(max_examples=60, deadline=None)
def test_the_image_under_a_rational_function_is_that_value(values, u, v) -> None:
    for root in real_roots(values)[:2]:
        if root.sign_of(v) == 0:
            with pytest.raises(ZeroDivisionError):
                root.image(u, v)
            continue
        value = root.image(u, v)
        # Two numbers p/q bound the value; u - (p/q) v must change sign between them at the root.
        fine = value.within(Fraction(1, 10**9))
        for bound, expected in ((fine.lower - 1, 1), (fine.lower, None), (fine.upper + 1, -1)):
            difference = [
                (u[k] if k < len(u) else 0) - bound * (v[k] if k < len(v) else 0)
                for k in range(max(len(u), len(v)))
            ]
            sign = root.sign_of(difference) * root.sign_of(v)
            assert sign == (value.compared(bound) if expected is None else expected)
        assert value.degree <= root.degree
        assert value.sign_of(value.polynomial) == 0


@given(coefficients, coefficients)
@settings(max_examples=60, deadline=None)
def test_order_is_antisymmetric_and_agrees_with_a_shift(first, second) -> None:
    for a in real_roots(first):
        for b in real_roots(second):
            assert a.compared(b) == -b.compared(a)
            assert (a == b) == (a.compared(b) == 0)
            if a == b:
                assert hash(a) == hash(b)
            assert a.image((1, 1)).compared(b.image((1, 1))) == a.compared(b)


@given(fractions.filter(lambda value: value > 0))
def test_the_square_root_squares_back(value) -> None:
    root = rational(value).square_root()
    assert root.sign() == 1
    assert root.image((0, 0, 1)) == value
    assert root.square_root().image((0, 0, 0, 0, 1)) == value


def test_refinement_does_not_change_the_number() -> None:
    root = real_roots((-2, 0, 1))[1]
    fine = root.within(Fraction(1, 10**30))
    assert fine == root
    assert fine.upper - fine.lower <= Fraction(1, 10**30)
    assert hash(fine) == hash(root)


def test_decimals_are_correctly_rounded() -> None:
    # sqrt(2) = 1.41421356237309504880168872420969807856967187537694...
    root = real_roots((-2, 0, 1))[1]
    assert root.decimal(30) == Decimal("1.41421356237309504880168872421")
    assert rational(Fraction(2, 3)).decimal(4) == Decimal("0.6667")
    assert float(root) == 2**0.5


def test_sturm_counts_are_half_open_and_reach_infinity() -> None:
    chain = univariate.sturm_chain((-6, 11, -6, 1))  # (x - 1)(x - 2)(x - 3)
    assert univariate.count_roots(chain, Fraction(1), Fraction(2)) == 1
    assert univariate.count_roots(chain, Fraction(0), None) == 3
    assert univariate.count_roots(chain, Fraction(5, 2), None) == 1


def test_square_free_parts_split_by_multiplicity() -> None:
    # The polynomial x (x - 1)^2 (x^2 + 1)^3.
    p = (0, 1)
    for factor in [(-1, 1)] * 2 + [(1, 0, 1)] * 3:
        p = univariate.multiply(p, factor)
    assert univariate.square_free_parts(p) == [((0, 1), 1), ((-1, 1), 2), ((1, 0, 1), 3)]


@pytest.mark.parametrize("bad", [0.5, "1", None])
def test_inexact_coefficients_are_refused(bad) -> None:
    with pytest.raises(TypeError, match="int or Fraction"):
        real_roots((1, bad))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="zero polynomial"):
        real_roots((0, 0))
    with pytest.raises(ValueError, match="no real square root"):
        rational(-1).square_root()
    with pytest.raises(ValueError, match="digits"):
        rational(1).decimal(0)
    with pytest.raises(TypeError, match="int or Fraction"):
        rational(0.5)  # type: ignore[arg-type]
    assert isinstance(real_roots((1, 2))[0], AlgebraicNumber)
