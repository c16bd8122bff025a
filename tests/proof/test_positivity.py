"""Signs: what is shown positive is positive at every sampled point of the ranges."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from verifier.proof.meaning import Meaning, is_positive

from verifier.proof import normal
from verifier.proof.context import Context, Scalar
from verifier.proof.normal import Poly

SCALARS = (
    Scalar("n", Fraction(1), integer=True),
    Scalar("p", Fraction(0)),
    Scalar("q", Fraction(1, 2), strict=True),
    Scalar("m", Fraction(-2)),
    Scalar("t"),
)
CONTEXT = Context(scalars=SCALARS, sorts=())

coefficients = st.integers(-3, 6)
exponents = st.tuples(*(st.integers(0, 3) for _ in SCALARS))


@st.composite
def polynomials(draw: st.DrawFn) -> Poly:
    """Polynomials in the shifted scalars, so that many are positive and many just are not."""
    total: Poly = {}
    for powers in draw(st.lists(exponents, min_size=1, max_size=3)):
        term = normal.constant(draw(coefficients))
        for scalar, k in zip(SCALARS, powers, strict=True):
            shift = draw(st.sampled_from([0, -(scalar.minimum or 0)]))
            base = normal.add(normal.scalar(scalar.name), normal.constant(shift))
            term = normal.multiply(term, normal.power(base, k))
        total = normal.add(total, term)
    return total


def points(draw: st.DrawFn) -> dict[str, Fraction]:
    values = {}
    for scalar in SCALARS:
        at_least = scalar.minimum
        if at_least is None:
            values[scalar.name] = Fraction(draw(st.integers(-12, 12)), 4)
        else:
            low = Fraction(1, 6) if scalar.strict else Fraction(0)
            step = draw(st.sampled_from([low, Fraction(1, 3), Fraction(1), Fraction(7, 2)]))
            values[scalar.name] = at_least + (Fraction(int(step)) if scalar.integer else step)
    return values


def at(poly: Poly, values: dict[str, Fraction]) -> Fraction:
    total = Fraction(0)
    for (powers, _), coefficient in poly.items():
        term = coefficient
        for name, k in powers:
            term *= values[name] ** k
        total += term
    return total


@given(polynomials(), st.data())
@settings(max_examples=100, deadline=None)
def test_what_is_shown_is_true(poly: Poly, data: st.DataObject) -> None:
    weak, strict = is_positive(CONTEXT, poly, False), is_positive(CONTEXT, poly, True)
    assert weak or not strict
    assume(weak)
    for _ in range(4):
        value = at(poly, points(data.draw))
        assert value >= 0
        assert value > 0 or not strict


SHOWN = [
    ("n", True),
    ("n - 1", False),
    ("p", False),
    ("q", True),
    ("2*q - 1", True),
    ("m + 2", False),
    ("t^2", False),
    ("t^2 + 1", True),
    ("p*t^2 + q", True),
    ("q*p + 1/7", True),
    ("(m+2)*(n-1)", False),
    ("t^4*q", False),
    ("0", False),
]
NOT_SHOWN = [
    ("n - 1", True),
    ("p", True),
    ("m + 2", True),
    ("m", False),
    ("t", False),
    ("t^2", True),
    ("t^3 + t^2", False),
    ("q*t^2", True),
    ("q - 1", False),
    ("0", True),
    ("-1", False),
    ("-p", False),
    ("n - p", False),
]


@pytest.mark.parametrize(("text", "strict"), SHOWN)
def test_shown(text: str, strict: bool) -> None:
    assert is_positive(CONTEXT, Meaning(CONTEXT).value(text).numerator, strict)


@pytest.mark.parametrize(("text", "strict"), NOT_SHOWN)
def test_not_shown(text: str, strict: bool) -> None:
    assert not is_positive(CONTEXT, Meaning(CONTEXT).value(text).numerator, strict)


def test_an_undeclared_scalar_has_no_known_sign() -> None:
    assert not is_positive(CONTEXT, normal.scalar("z"), False)
    assert is_positive(CONTEXT, normal.power(normal.scalar("z"), 2), False)
