"""The parser: what it reads back, what it refuses, and that it never fails in another way."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verifier.proof.expression import ProofError, free_indices, parse, show, symbols

from verifier.proof import expression as ex

names = st.sampled_from(["a", "b", "X", "sigma2", "E1", "summit", "delta"])
indices = st.sampled_from(["i", "j", "k", "x1"])
leaves = st.one_of(
    st.integers(0, 10**30).map(ex.Number),
    st.builds(ex.Symbol, names, st.lists(indices, max_size=3).map(tuple)),
)


def _grow(inner: st.SearchStrategy[ex.Node]) -> st.SearchStrategy[ex.Node]:
    return st.one_of(
        *(st.builds(kind, inner, inner) for kind in (ex.Add, ex.Sub, ex.Mul, ex.Div)),
        st.builds(ex.Neg, inner),
        st.builds(ex.Pow, inner, st.integers(0, 16)),
        st.builds(ex.Sum, st.lists(indices, min_size=1, max_size=3, unique=True).map(tuple), inner),
        st.builds(
            ex.Expect,
            st.none() | st.lists(st.sampled_from(["w", "e"]), min_size=1, max_size=2).map(tuple),
            inner,
        ),
    )


nodes = st.recursive(leaves, _grow, max_leaves=12)


def refusal(text: str) -> str:
    """Why a text is not read; empty if it is."""
    try:
        parse(text)
    except ProofError as error:
        return str(error)
    return ""


@given(nodes)
@settings(max_examples=300)
def test_what_is_shown_is_read_back_as_the_same_expression(node: ex.Node) -> None:
    assert parse(show(node)) == node


@given(st.text(alphabet="abE1207 sum[]()+-*/^,._#@%\n\t", max_size=60))
@settings(max_examples=500)
def test_any_text_is_read_or_refused_with_one_line(text: str) -> None:
    reason = refusal(text)
    assert "\n" not in reason
    assert reason or parse(show(parse(text))) == parse(text)


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_unicode_is_read_or_refused(text: str) -> None:
    assert refusal(text) or parse(show(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "a+",
        "a b",
        "2a",
        "a[",
        "a[]",
        "a[1]",
        "a[i",
        "a[i,]",
        "a[i]]",
        "a[sum]",
        "sum(a)",
        "sum[i]",
        "sum[i,i](a[i])",
        "sum[i]a[i]",
        "E",
        "E[](a)",
        "E(a",
        "(a",
        "a)",
        "a^-1",
        "a^b",
        "a^17",
        "a^0016",
        "a^2^2",
        "a**2",
        "a//b",
        "1.5",
        "1e5",
        "a.b",
        "__import__",
        "a=b",
        "a;b",
        "'a'",
        "a\u0661",
        "\u0661",
        "é",
        "1" * 61,
    ],
)
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("-a^2", ex.Neg(ex.Pow(ex.Symbol("a"), 2))),
        ("a-b-c", ex.Sub(ex.Sub(ex.Symbol("a"), ex.Symbol("b")), ex.Symbol("c"))),
        ("a/b*c", ex.Mul(ex.Div(ex.Symbol("a"), ex.Symbol("b")), ex.Symbol("c"))),
        ("a+b*c", ex.Add(ex.Symbol("a"), ex.Mul(ex.Symbol("b"), ex.Symbol("c")))),
        ("a*-b", ex.Mul(ex.Symbol("a"), ex.Neg(ex.Symbol("b")))),
        ("E[w](a)", ex.Expect(("w",), ex.Symbol("a"))),
        ("E (a)", ex.Expect(None, ex.Symbol("a"))),
        (" a [ i , j ] ", ex.Symbol("a", ("i", "j"))),
    ],
)
def test_precedence(text: str, meaning: ex.Node) -> None:
    assert parse(text) == meaning


@pytest.mark.parametrize("value", [None, 3, b"a"])
def test_only_text_is_parsed(value: object) -> None:
    with pytest.raises(ProofError):
        parse(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 199_999 + "a",
        "a" * 200_001,
        "a+" * 99_999 + "a",
        "a*" * 99_999 + "a",
        "sum[i](" * 10_000 + "a" + ")" * 10_000,
        "E(" * 60_000,
        "a[" + "i," * 90_000 + "i]",
        "1" * 200_000,
        " " * 199_999 + "?",
    ],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    started = time.process_time()
    assert len(refusal(text)) < 300
    assert time.process_time() - started < 3


def test_the_limits_are_as_stated() -> None:
    assert len(list(symbols(parse("+".join("a" * ex.MAX_HEIGHT))))) == ex.MAX_HEIGHT
    with pytest.raises(ProofError, match="in a row"):
        parse("+".join("a" * (ex.MAX_HEIGHT + 1)))
    deep = ex.MAX_DEPTH - 1
    parse("(" * deep + "a" + ")" * deep)
    with pytest.raises(ProofError, match="nested deeper"):
        parse("(" * (deep + 1) + "a" + ")" * (deep + 1))
    parse("a" * ex.MAX_LENGTH)
    with pytest.raises(ProofError, match="characters"):
        parse("a" * (ex.MAX_LENGTH + 1))
    assert parse("9" * 60) == ex.Number(int("9" * 60))
    assert parse(f"a^{ex.MAX_POWER}") == ex.Pow(ex.Symbol("a"), ex.MAX_POWER)


def test_free_indices_and_symbols() -> None:
    node = parse("sum[i](X[i,j]*v[i]) + u[i]*E(w[k])")
    assert free_indices(node) == ("j", "i", "k")
    assert [s.name for s in symbols(node)] == ["X", "v", "u", "w"]


@pytest.mark.parametrize("junk", [None, 1, b"a", ["a"], ("a",), {"a": 1}])
def test_what_is_no_text_is_refused(junk: object) -> None:
    with pytest.raises(ProofError, match="must be text"):
        parse(junk)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["(a]", "u[i)", "sum[i)(u[i])", "sum[i](u[i]]", "E[x)(x)", "E(x]"])
def test_a_bracket_is_closed_by_its_own_kind(text: str) -> None:
    assert "expected" in refusal(text)


def test_what_stands_before_does_not_make_room_for_deeper_nesting() -> None:
    deep = ex.MAX_DEPTH + 5
    assert "nested deeper" in refusal("(a)*" * 100 + "(" * deep + "a" + ")" * deep)


@pytest.mark.parametrize("exponent", ["17", "100", "1000", "9" * 1000, "a", "(2)", "-1"])
def test_exponents_are_small_whole_numbers(exponent: str) -> None:
    assert "is not a whole number up to 16" in refusal(f"a^{exponent}")
