"""Signs: what is shown positive is positive at every sampled point of the ranges."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from steps import space

from verifier.proof.context import Context, Scalar, Tensor
from verifier.proof.direct import Direct
from verifier.proof.mean import Meaning
from verifier.proof.syntax import Fuel, ProofError

SCALARS = (
    Scalar("n", Fraction(1), integer=True),
    Scalar("p", Fraction(0)),
    Scalar("q", Fraction(1, 2), strict=True),
    Scalar("m", Fraction(-2)),
    Scalar("t"),
)
CONTEXT = Context(scalars=SCALARS, arrays=(Tensor("u"),))


@st.composite
def polynomials(draw: st.DrawFn) -> str:
    """Polynomials in the shifted scalars, so that many are positive and many just are not."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        factors = [f"({draw(st.integers(-3, 6))})"]
        for scalar in SCALARS:
            shift = draw(st.sampled_from([Fraction(0), -(scalar.minimum or Fraction(0))]))
            base = f"({scalar.name} + {shift.numerator}/{shift.denominator})"
            factors.append(f"{base}^{draw(st.integers(0, 3))}")
        terms.append("*".join(factors))
    text = " + ".join(terms)
    return f"({text})/(n + p)" if draw(st.booleans()) else text


def point(draw: st.DrawFn) -> dict[str, Fraction]:
    values = {}
    for scalar in SCALARS:
        low = scalar.minimum
        if low is None:
            values[scalar.name] = Fraction(draw(st.integers(-12, 12)), 4)
        else:
            nearest = Fraction(1, 6) if scalar.strict else Fraction(0)
            steps = (nearest, Fraction(1, 3), Fraction(1), Fraction(7, 2))
            step = draw(st.sampled_from(steps))
            values[scalar.name] = low + (Fraction(int(step)) if scalar.integer else step)
    return values


def at(text: str, values: dict[str, Fraction]) -> Fraction:
    direct = Direct(CONTEXT, Fuel(100_000))
    direct.values.update(values)
    return direct.constant(direct.polynomial(CONTEXT.read(text), {}))


def positive(text: str, strict: bool) -> bool:
    meaning = Meaning(CONTEXT, Fuel(100_000))
    return meaning.positive(meaning.value(CONTEXT.read(text)), strict)


@given(polynomials(), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_shown_is_true(text: str, data: st.DataObject) -> None:
    weak, strict = positive(text, False), positive(text, True)
    assert weak or not strict
    assume(weak)
    for _ in range(4):
        value = at(text, point(data.draw))
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
    ("1/n - 1/(n + 1)", True),
    ("(n - 1)/n", False),
    ("n/(n + p) - p/(n + p) + 2*p/(p + n)", True),
    ("u - u", False),
    ("E(t^2)", False),
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
    ("1/n - 1", False),
    ("1/(n + 1) - 1/n", False),
    ("u^2", False),
    ("u - u", True),
    ("1 + u", False),
]


@pytest.mark.parametrize(("text", "strict"), SHOWN)
def test_shown(text: str, strict: bool) -> None:
    assert positive(text, strict)


@pytest.mark.parametrize(("text", "strict"), NOT_SHOWN)
def test_not_shown(text: str, strict: bool) -> None:
    assert not positive(text, strict)


def test_long_minima_are_refused() -> None:
    """The shift to the minimum takes powers of it: they stay short or the sign is not shown."""
    low = Fraction(10**59 + 1, 10**58 + 3)
    context = space(scalars=(Scalar("a", low), Scalar("b", low)))
    meaning = Meaning(context, Fuel(10_000_000))
    with pytest.raises(ProofError, match="a number of more than"):
        meaning.positive(meaning.value(context.read("(a^16)^8*(b^16)^8")), True)
