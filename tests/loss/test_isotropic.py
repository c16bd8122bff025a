"""The seven isotropic coefficients: nothing is left over, and they are the right ones."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.loss.dimension_free import dimension_free_loss
from verifier.loss.expected_loss import expected_loss
from verifier.loss.isotropic import isotropic_form, isotropic_words
from verifier.words.words import matrix

n, d, s2 = sympy.symbols("n d sigma2")
rationals = st.fractions(min_value=-2, max_value=2, max_denominator=3)


@given(st.sampled_from([1, 2, 3]), st.integers(1, 4), st.data())
@settings(max_examples=25, deadline=None)
def test_the_form_is_the_loss(dimension: int, length: int, data: st.DataObject) -> None:
    """Written out with SymPy matrices it equals the explicit loss, another derivation."""
    vectors = st.lists(rationals, min_size=dimension, max_size=dimension)
    a, c = data.draw(vectors), data.draw(vectors)
    b = data.draw(rationals)
    A = data.draw(st.lists(vectors, min_size=dimension, max_size=dimension))
    noise = Fraction(2, 3)
    form = isotropic_form()
    at = {n: length, d: dimension, s2: sympy.Rational(2, 3)}
    k = {name: getattr(form, name).subs(at) for name in form.__slots__}
    column_a, column_c = (sympy.Matrix([*map(sympify, part)]) for part in (a, c))
    square = sympy.Matrix([[*map(sympify, row)] for row in A])
    scale = sympify(b)
    B = scale * square.T + column_c * column_a.T
    pull = square.T * column_a
    value = (
        k["constant"]
        - 2 * k["linear"] * (scale * square.trace() + column_c.dot(column_a))
        + k["quadratic"] * (B * B.T).trace()
        + k["g1"] * pull.dot(pull)
        + k["g2"] * (square * square.T).trace() * column_a.dot(column_a)
        + 2 * k["g3"] * scale * pull.dot(column_c)
        + k["g4"] * scale**2 * column_c.dot(column_c)
    )
    loss = expected_loss(dimension, length, noise, method="explicit")
    assert sympify(loss.evaluate(a, b, A, c)) == value


def sympify(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def test_the_means_behind_the_coefficients_by_hand() -> None:
    """E w's = n d = d linear; E|s|^2 = n d (n + d + 1 + s2) = d quadratic.

    Besides E (A'Sa)(A'Sa)' gives g1 = n^2 + n and g2 = n; and with |v|^2 given w,
    E q^2 = E (|w|^2 + s2)^2 n (n + 2) = (d (d + 2) + 2 d s2 + s2^2) n (n + 2) = g4.
    """
    form = isotropic_form()
    assert sympy.expand(form.constant - (d + s2)) == 0
    assert sympy.expand(form.linear - n) == 0
    assert sympy.expand(form.quadratic - n * (n + d + 1 + s2)) == 0
    assert sympy.expand(form.g1 - n * (n + 1)) == 0
    assert sympy.expand(form.g2 - n) == 0
    assert sympy.expand(form.g4 - n * (n + 2) * (d * (d + 2) + 2 * d * s2 + s2**2)) == 0


def test_another_law_is_not_forced_into_the_shape() -> None:
    with pytest.raises(ValueError, match="left over"):
        isotropic_words(dimension_free_loss(matrix("Lambda", symmetric=True)))
