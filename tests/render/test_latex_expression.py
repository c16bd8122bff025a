"""The LaTeX of an expression, read back, is that expression."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.latex_reading import read_latex

from verifier.proof.syntax import Binary, Expect, Neg, Node, Number, Pow, Sum, Symbol, parse
from verifier.render.latex_expression import latex
from verifier.render.symbols import latex_head, name_of

LETTERS = dict.fromkeys("ijk", "feature")
NAMED = "X w e xq yq eq yhat y eta sigma2 sigma a b A B hx WVxx WKyy WQxy kappa Sigma R"
NAMES = st.one_of(
    st.sampled_from(
        [
            *NAMED.split(),
            "ridge",
            "g12",
            "family1_2",
            "hy",
            "ridge_weights",
            "x",
            "W",
            "n",
            "E1",
            "xq1",
            "sigma21",
        ]
    ),
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,4}", fullmatch=True).filter(
        lambda name: name not in ("sum", "E", "delta")
    ),
)
INDICES = st.one_of(
    st.sampled_from(["i", "j", "k", "n", "x", "s1", "i2"]),
    st.from_regex(r"[a-z][a-z0-9_]{0,3}", fullmatch=True).filter(lambda name: name != "sum"),
)
SYMBOLS = st.one_of(
    st.builds(Symbol, NAMES, st.lists(INDICES, max_size=3).map(tuple)),
    st.builds(lambda i, j: Symbol("delta", (i, j)), INDICES, INDICES),
)


def _extend(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    unique = st.lists(INDICES, min_size=1, max_size=3, unique=True).map(tuple)
    arrays = st.none() | st.lists(NAMES, min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, st.integers(0, 16)),
        st.builds(Sum, unique, inner),
        st.builds(Expect, arrays, inner),
    )


NODES = st.recursive(st.builds(Number, st.integers(0, 999)) | SYMBOLS, _extend, max_leaves=12)


@settings(max_examples=600, deadline=None)
@given(NODES)
def test_latex_reads_back_as_the_same_expression(node: Node) -> None:
    assert read_latex(latex(node)) == node


@given(NAMES)
def test_no_two_names_look_alike(name: str) -> None:
    assert name_of(latex_head(name)) == name


@settings(max_examples=200)
@given(NODES, NODES)
def test_different_expressions_have_different_latex(left: Node, right: Node) -> None:
    assert (latex(left) == latex(right)) == (left == right)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eta*sum[i](xq[i]*s[i])", r"\eta\,\sum_{i} x_{n+1,i}\,s_{i}"),
        ("E((yq - yhat)^2)", r"\mathbb{E}\bigl[(y_{n+1} - \hat{y}_{n+1})^{2}\bigr]"),
        ("1/(n + d + 1 + sigma2)", r"\frac{1}{n + d + 1 + \sigma^2}"),
        ("sum[k](y[k])*b", r"\Bigl(\sum_{k} y_{k}\Bigr)\,b"),
        ("sigma2^2*delta[i,j]", r"\sigma^{4}\,\delta_{i j}"),
        ("b*-2", r"b\,(-2)"),
        ("n*2", r"n\cdot 2"),
    ],
)
def test_what_a_reader_sees(text: str, expected: str) -> None:
    assert latex(parse(text, LETTERS)) == expected
    assert read_latex(expected) == parse(text, LETTERS)


@pytest.mark.parametrize("text", ["", "x +", "x_{", r"\frac{1}", "x y", r"\foo", "x ; y", "{x}"])
def test_other_latex_is_refused_with_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        read_latex(text)
