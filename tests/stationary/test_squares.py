"""Squares that show the sign of quartics: what they add up to, and what they cannot show."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import QQ
from sympy.polys.rings import ring

from verifier.stationary.squares import rest, shapes, squares, weights

RING, X, R = ring("x r", QQ)
amounts = st.fractions(0, 5, max_denominator=4)


def test_a_square_alone_is_taken_off_whole() -> None:
    """(1 - r^2)^2 = (r - 1)^2 (r + 1)^2 touches 0 at r = 1, so that every coefficient is exact."""
    polynomial = X**3 * (1 - R**2) ** 2
    taken = squares(polynomial, 1)
    assert rest(polynomial, 1, taken) == 0
    assert all(value > 0 for part in taken.values() for value in part.values())


@given(st.lists(amounts, min_size=len(shapes()), max_size=len(shapes())), amounts)
@settings(max_examples=40, deadline=None)
def test_what_is_a_sum_of_such_squares_is_found_to_be_one(parts, more) -> None:
    polynomial = RING.zero + QQ(more.numerator, more.denominator)
    for shape, amount in zip(shapes(), parts, strict=True):
        for power, value in enumerate(shape.quartic):
            number = amount * value
            polynomial += QQ(number.numerator, number.denominator) * R**power
    left = rest(polynomial, 1, squares(polynomial, 1))
    assert all(value >= 0 for value in left.values())


@given(st.fractions(Fraction(1, 4), 4, max_denominator=8), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_what_is_negative_somewhere_keeps_a_negative_coefficient(root, power) -> None:
    """(r - root)^2 less something positive at the root: no squares can show it >= 0."""
    place = QQ(root.numerator, root.denominator)
    polynomial = R**power * (R - place) ** 2 - QQ(1, 1000) * R**power
    left = rest(polynomial, 1, squares(polynomial, 1))
    assert any(value < 0 for value in left.values())


def test_the_programme_says_when_there_is_no_answer() -> None:
    columns = [(Fraction(1), Fraction(-2), Fraction(1))]
    assert weights(columns, [Fraction(1), Fraction(-2), Fraction(1)]) == [Fraction(1)]
    assert weights(columns, [Fraction(1), Fraction(-3), Fraction(1)]) is None
    assert weights(columns, [Fraction(0), Fraction(0), Fraction(-1)]) is None


def test_nothing_is_taken_off_a_higher_power() -> None:
    assert squares(R**5 - R + 1, 1) == {}
