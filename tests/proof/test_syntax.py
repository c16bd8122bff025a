"""The grammar of expressions: what is read, what is refused and why, and the round trip."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.proof import syntax
from verifier.proof.syntax import (
    Binary,
    Expect,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
    names,
    parse,
    show,
)

LETTERS = {"i": "feature", "j": "feature", "k": "row", "h": "row"}
NAMES = ("a", "b2", "X", "x_1", "sumX", "Ex", "deltas")


def _deltas() -> st.SearchStrategy[Node]:
    pairs = st.sampled_from([("i", "j"), ("j", "i"), ("i", "i"), ("k", "h"), ("h", "h")])
    return pairs.map(lambda pair: Symbol("delta", pair))


LEAVES = st.one_of(
    st.integers(0, 10**20).map(Number),
    st.builds(Symbol, st.sampled_from(NAMES), st.lists(st.sampled_from("ijkh")).map(tuple)),
    _deltas(),
)


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    distinct = st.lists(st.sampled_from("ijkh"), min_size=1, unique=True).map(tuple)
    sources = st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, st.integers(0, syntax.MAX_POWER)),
        st.builds(Sum, distinct, inner),
        st.builds(Expect, st.none() | sources, inner),
    )


@given(st.recursive(LEAVES, _grown, max_leaves=25))
@settings(max_examples=400, deadline=None)
def test_what_is_shown_is_read_back_as_the_same_expression(node: Node) -> None:
    assert parse(show(node), LETTERS) == node


def test_no_more_brackets_are_shown_than_are_needed() -> None:
    for text in (
        *("a - (b2 - X)", "a + b2 - X", "a/(b2*X)", "a*b2/X", "-(a + b2)", "-a*b2", "-a^2"),
        *("(-a)^2", "(a + b2)^2*X", "(a*b2)^2", "(a^2)^3", "a*-b2", "--a", "-(a*b2)"),
        *("E(a + b2)", "sum[i,k](X[i]*a)^2", "delta[i,j]*(a + 1)"),
    ):
        assert show(parse(text, LETTERS)) == text


def read(text: str) -> Node | str:
    """The expression, or the line with which the text is refused."""
    try:
        return parse(text, LETTERS)
    except ProofError as error:
        return str(error)


@given(st.text(alphabet="aXEisumdelta0123456789+-*/^()[], kj", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused_with_one_line(text: str) -> None:
    node = read(text)
    if isinstance(node, str):
        assert 0 < len(node) < 300
        assert "\n" not in node
    else:
        assert parse(show(node), LETTERS) == node


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_unicode_is_read_or_refused(text: str) -> None:
    node = read(text)
    assert len(node) < 300 if isinstance(node, str) else show(node).isascii()


A, B, C = Symbol("a"), Symbol("b"), Symbol("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a / b / c", Binary("/", Binary("/", A, B), C)),
        ("a - b*c", Binary("-", A, Binary("*", B, C))),
        ("-a^2", Neg(Pow(A, 2))),
        ("(-a)^2", Pow(Neg(A), 2)),
        ("-a*b", Binary("*", Neg(A), B)),
        ("--a", Neg(Neg(A))),
        ("a*-b", Binary("*", A, Neg(B))),
        (" a\t+\nb ", Binary("+", A, B)),
        ("2^3", Pow(Number(2), 3)),
        ("a[i,k]", Symbol("a", ("i", "k"))),
        ("sum[i,k](a)", Sum(("i", "k"), A)),
        ("E(a)*b", Binary("*", Expect(None, A), B)),
        ("E[a,b](c)", Expect(("a", "b"), C)),
    ],
)
def test_precedence(text: str, node: Node) -> None:
    assert parse(text, LETTERS) == node


REFUSED = {
    "": "expected more but found 'the end'",
    "a b": "unexpected 'b'",
    "a +": "expected more but found 'the end'",
    "a ; b": "unexpected character ';'",
    "a\u00b2": "unexpected character '\u00b2'",
    "\u0661": "unexpected character '\u0661'",
    "1.5": "unexpected character '.'",
    "__import__": "unexpected character '_'",
    "(a": "expected ')' but found 'the end'",
    "a)": "unexpected ')'",
    "a[i": "expected ',' or ']' but found 'the end'",
    "a[q]": "'q' is not a declared index letter",
    "a[1]": "'1' is not a declared index letter",
    "a[]": "expected ',' or ']'",
    "i": "unexpected 'i'",
    "i[k]": "unexpected 'i'",
    "a + i": "unexpected 'i'",
    "sum(a)": "expected '['",
    "sum[i,i](a[i])": "a sum needs distinct indices",
    "sum[q](a)": "'q' is not a declared index letter",
    "sum[i]a": "expected '('",
    "sum": "expected '['",
    "E": "expected '('",
    "E[](a)": "expected ',' or ']'",
    "E[a,a](b)": "an expectation names each source once",
    "delta": "delta takes two indices of one sort",
    "delta[i]": "delta takes two indices of one sort",
    "delta[i,k]": "delta takes two indices of one sort",
    "delta[i,j,i]": "delta takes two indices of one sort",
    "a^b": "exponent 'b' is not a whole number up to 16",
    "a^17": "exponent '17' is not a whole number up to 16",
    "a^0016": "exponent '0016' is not a whole number up to 16",
    "a^-1": "exponent '-' is not a whole number up to 16",
    "a^2^2": "unexpected '^'",
    "2a": "unexpected 'a'",
    "9" * 61: "a number with more than 60 digits",
    "(" * 60 + "a" + ")" * 60: "nested deeper than 60 levels",
    "-" * 61 + "a": "nested deeper than 60 levels",
    "+".join(["a"] * 301): "more than 300 operations in a row; use parentheses",
    "*".join(["a"] * 301): "more than 300 operations in a row; use parentheses",
    " " * 200_001: "an expression of 200001 characters; at most 200000",
}


@pytest.mark.parametrize("text", REFUSED, ids=[text[:20] for text in REFUSED])
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(ProofError) as error:
        parse(text, LETTERS)
    assert REFUSED[text] in str(error.value)


def test_the_limits_are_as_stated() -> None:
    """What is refused above by one too many is read with one less."""
    for text in ("9" * 60, "(" * 59 + "a" + ")" * 59, "-" * 59 + "a", "+".join(["a"] * 300)):
        assert parse(text, LETTERS)
    assert parse("a^16", LETTERS) == Pow(A, 16)
    assert parse("a" + " " * 199_999, LETTERS) == A
    wide = "+".join(["(" + "+".join(["a"] * 200) + ")"] * 90)
    assert parse(wide, LETTERS)


@pytest.mark.parametrize("value", [None, 3, b"a", ["a"], True])
def test_only_text_is_parsed(value: object) -> None:
    with pytest.raises(ProofError, match="an expression must be text, not"):
        parse(value, LETTERS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["(" * 90_000, "-" * 90_000, "sum[i](" * 20_000, "a*" * 90_000, "9" * 190_000, "E(" * 90_000],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ProofError):
        parse(text, LETTERS)
    assert time.process_time() - start < 5


def test_free_indices_and_names() -> None:
    node = parse("a[i]*sum[i,k](b[i,k]*c[j]) + delta[h,h]*E[D](d[j])", LETTERS)
    assert free_indices(node) == ("i", "j", "h")
    assert names(node) == {"a", "b", "c", "d"}
    inner = parse("sum[i](a[i]*sum[i](b[i]))", LETTERS)
    assert free_indices(inner) == ()


@pytest.mark.parametrize("text", ["sum", "E", "delta", "", "_a", "1a", "a b", "a\n", "a-b", "é"])
def test_what_is_no_name(text: str) -> None:
    assert not syntax.is_name(text)


def test_fuel_runs_out() -> None:
    fuel = syntax.Fuel(3)
    fuel.spend(3)
    with pytest.raises(ProofError, match="more steps than are allowed"):
        fuel.spend(1)
