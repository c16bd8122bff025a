"""The response grammar: what it computes, its exact forms, its growth bounds, what it refuses."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.setting.response_forms import Kinked, noisy_powers
from verifier.setting.response_grammar import ExpressionLink, parse_response

POINTS = np.array([-2.5, -1.0, -0.3, 0.0, 0.4, 1.0, 2.0])

numbers = st.fractions(min_value=0, max_value=3, max_denominator=8)


def trees(depth: int = 3) -> st.SearchStrategy[tuple[str, object]]:
    """An expression's text beside the same function built from NumPy by hand."""
    leaves = st.one_of(
        st.just(("t", lambda t: t)),
        numbers.map(lambda q: (f"({q})", lambda t, q=q: np.full_like(t, float(q)))),
    )

    def extend(inner):
        binary = st.tuples(inner, st.sampled_from("+-*"), inner).map(_binary)
        unary = st.tuples(st.sampled_from(["sin", "cos", "relu", "abs", "tanh", "-"]), inner)
        return binary | unary.map(_unary) | inner.map(_square)

    return st.recursive(leaves, extend, max_leaves=6)


def _binary(parts):
    (left, f), sign, (right, g) = parts
    operations = {"+": np.add, "-": np.subtract, "*": np.multiply}
    return f"({left} {sign} {right})", lambda t: operations[sign](f(t), g(t))


def _unary(parts):
    name, (inner, f) = parts
    functions = {
        "sin": np.sin,
        "cos": np.cos,
        "relu": lambda u: np.maximum(u, 0),
        "abs": np.abs,
        "tanh": np.tanh,
        "-": np.negative,
    }
    return f"({name}({inner}))", lambda t: functions[name](f(t))


def _square(part):
    inner, f = part
    return f"({inner})^2", lambda t: f(t) ** 2


@settings(max_examples=150, deadline=None)
@given(trees())
def test_expressions_mean_what_they_say(tree) -> None:
    text, expected = tree
    link, complaint = attempt(text)
    if link is None:
        assert "beyond" in complaint or "finite" in complaint or "nested" in complaint
        return
    np.testing.assert_allclose(link(POINTS), expected(POINTS), rtol=1e-9, atol=1e-9)
    if link.form is not None:
        np.testing.assert_allclose(_at(link.form, POINTS), link(POINTS), rtol=1e-7, atol=1e-7)


def attempt(text: str) -> tuple[ExpressionLink | None, str]:
    """The parsed expression, or the complaint of the ``ValueError``."""
    try:
        return parse_response(text), ""
    except ValueError as error:
        return None, str(error)


def _at(form: Kinked, t: np.ndarray) -> np.ndarray:
    smooth = sum((float(v) * t**k for k, v in enumerate(form.smooth)), np.zeros_like(t))
    kink = sum((float(v) * t**k for k, v in enumerate(form.kink)), np.zeros_like(t))
    return smooth + kink * np.abs(t)


@settings(max_examples=80, deadline=None)
@given(trees())
def test_growth_bounds_hold(tree) -> None:
    link, _ = attempt(tree[0])
    if link is None:
        return
    far = np.array([1e3, -1e3, 1e6, -1e6])
    near = np.abs(link(np.linspace(-5, 5, 101))).max() + 1
    values = np.abs(link(far))
    assert (values <= 1e6 * near * (1 + np.abs(far)) ** link.growth.degree).all()


def test_precedence_and_signs() -> None:
    at_two = np.array([2.0])
    for text, value in [
        ("2 + 3*t^2", 14),
        ("-t^2", -4),
        ("(-t)^2", 4),
        ("1 - 2 - 3", -4),
        ("12/3/2", 2),
        ("2*-t", -4),
        ("--t", 2),
        (".5*t", 1),
        ("t^0", 1),
    ]:
        assert parse_response(text)(at_two)[0] == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("__import__('os').system('x')", "unknown name"),
        ("t.__class__", "unexpected character"),
        ("lambda: 0", "unknown name"),
        ("x + 1", "unknown name 'x'"),
        ("t t", "whole expression"),
        ("(t", "missing"),
        ("t)", "whole expression"),
        ("sin t", "missing"),
        ("1/t", "division is by numbers"),
        ("1/(2 - 2)", "division by zero"),
        ("t^-1", "exponent"),
        ("t^t", "exponent"),
        ("t^1.5", "exponent"),
        ("t^2^3", "parentheses"),
        ("t^13", "degree"),
        ("(t^12)^12", "degree"),
        ("9^20^20^20", "parentheses"),
        ("((((9^20)^20)^20)^20)^20", "bits"),
        ("exp(exp(t))", "exp takes"),
        ("exp(t^2)", "no moments"),
        ("exp(999)", "not finite"),
        ("(" * 40 + "t" + ")" * 40, "nested"),
        ("abs(" * 300 + "t", "500 characters|nested"),
        ("+" * 400, "expected"),
        ("t" + "+t" * 400, "500 characters"),
        ("١*t", "unexpected character"),
        ("t\x00", "unexpected character"),
    ],
)
def test_hostile_texts_get_one_line(text, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse_response(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="t0123456789.+-*/^() sincoexpraluabth\n_'", max_size=60))
def test_arbitrary_texts_parse_or_raise_value_errors(text) -> None:
    _, complaint = attempt(text)
    assert "\n" not in complaint


def test_exact_forms() -> None:
    half = Fraction(1, 2)
    assert parse_response("relu(t)").form == Kinked((0, half), (half,))
    assert parse_response("abs(t)*abs(t)").form == Kinked((0, 0, 1))
    assert parse_response("0.1 + t/3").form == Kinked((Fraction(1, 10), Fraction(1, 3)))
    assert parse_response("relu(t - 1)").form is None
    assert parse_response("sin(t)").form is None
    assert parse_response("exp(-t^2)").growth.rate == 0
    assert parse_response("exp(t/5 - 2*abs(t))").growth.rate == 0
    assert parse_response("exp(abs(t)/5)").growth.rate == Fraction(1, 5)


def test_relu_moments_are_halved_powers() -> None:
    half = Fraction(1, 2)
    relu = parse_response("relu(t)").form
    assert relu is not None
    assert noisy_powers(relu, Fraction(0)) == (
        (0, half),
        (0, 0, half),
        (0, 0, 0, half),
        (0, 0, 0, 0, half),
    )
    mixed = parse_response("abs(t) + t^2").form
    assert mixed is not None
    assert noisy_powers(mixed, Fraction(0)) is None


@pytest.mark.parametrize(
    ("text", "parity"),
    [
        ("cos(t)", 0),
        ("2*cos(t) - t^2", 0),
        ("sin(t)*tanh(t)", 0),
        ("abs(sin(t))", 0),
        ("exp(-t^2)*t", 1),
        ("-sin(t)^3 + t/2", 1),
        ("sin(tanh(t)) + t", 1),
        ("sin(t) + cos(t)", None),
        ("exp(sin(t))", None),
        ("relu(sin(t))", None),
        ("sin(t + 1)", None),
        ("t^2 + 1", 0),
        ("t*abs(t)", 1),
    ],
)
def test_parity_is_seen(text, parity) -> None:
    link = parse_response(text)
    assert link.parity == parity
    t = np.linspace(0.1, 3, 20)
    sign = {0: 1, 1: -1}
    same = {p: np.allclose(link(-t), s * link(t)) for p, s in sign.items()}
    assert same == {p: p == parity for p in sign}


@pytest.mark.parametrize(
    ("text", "trend", "degree"),
    [
        ("t^3 + sin(t)", (0, 0, 0, 1), 0),
        ("2*(t - 3*cos(t))/4 - 1", (-1, Fraction(1, 2)), 0),
        ("sin(t) - (t^2 + tanh(t))", (0, 0, -1), 0),
        ("t^2 + abs(t)", (0, 0, 1), 1),
        ("t*sin(t) + t", (0, 1), 1),
        ("sin(t)", (), 0),
    ],
)
def test_a_polynomial_that_is_added_is_split_off(text, trend, degree) -> None:
    link = parse_response(text)
    assert link.trend == trend
    assert link.rest.degree == degree


def test_the_cost_counts_every_function() -> None:
    assert parse_response("sin(t)*" * 59 + "sin(t)").cost > 20 * parse_response("sin(t)").cost
