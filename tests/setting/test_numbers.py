"""Exact numbers: what is typed is what is meant, and nothing else gets in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.setting.numbers import exact_number, nonnegative_number, positive_integer


@given(st.fractions())
def test_ratio_text_round_trip(value: Fraction) -> None:
    assert exact_number(value) == value
    if len(str(value)) <= 200:
        assert exact_number(str(value)) == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 20), st.integers(-30, 30))
def test_decimals_mean_what_they_say(digits: int, places: int, exponent: int) -> None:
    magnitude = str(abs(digits)).rjust(places + 1, "0")
    split = len(magnitude) - places
    text = f"{'-' if digits < 0 else ''}{magnitude[:split]}.{magnitude[split:]}e{exponent}"
    assert exact_number(text) == Fraction(digits, 10**places) * Fraction(10) ** exponent


def test_one_tenth_is_not_the_binary_float() -> None:
    assert exact_number("0.1") == Fraction(1, 10)
    assert exact_number("0.1") != Fraction(0.1)


@pytest.mark.parametrize("value", [0.1, float("nan"), True, None, [1], 1j])
def test_inexact_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="must be an integer, a Fraction or a text") as caught:
        exact_number(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-inf",
        "",
        ".",
        "e5",
        "1/0",
        "1/-3",
        "1e999999",
        "1e101",
        "9" * 201,
        "1_000",
        "٣",
        "0x10",
        "1/2/3",
        "__import__('os')",
        "1.2/3",
        "--1",
        "1e" + "9" * 100,
    ],
)
def test_hostile_or_malformed_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="noise") as caught:
        exact_number(text, "noise")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["__import__('os')", "9" * 201, "1e" + "9" * 100, "1\n2"])
def test_hostile_text_costs_nothing_and_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="noise") as caught:
        exact_number(text, "noise")
    assert "\n" not in str(caught.value)


def test_range_guards() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        nonnegative_number("-1/3", "noise variance")
    with pytest.raises(ValueError, match="at least 1"):
        positive_integer(0, "dimension")
    with pytest.raises(TypeError, match="dimension must be an integer"):
        positive_integer(2.0, "dimension")
