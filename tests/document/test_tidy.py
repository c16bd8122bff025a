"""Tidying keeps the meaning: the checker's own normal form does not change."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.document.blocks import split_fractions
from verifier.document.plain_expression import plain, plain_symbol
from verifier.document.tidy import tidy
from verifier.proof.context import Context, Scalar, Tensor
from verifier.proof.expression import (
    Add,
    Div,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    Sub,
    Sum,
    Symbol,
    parse,
    show,
)
from verifier.proof.meaning import Meaning

CONTEXT = Context(
    scalars=(Scalar("n", Fraction(1), integer=True), Scalar("sigma2", Fraction(0)), Scalar("b")),
    sorts=(("feature", "n"),),
    tensors=(Tensor("v", ("feature",)), Tensor("A", ("feature", "feature"))),
)
LEAVES = st.sampled_from(
    [parse(t) for t in ("0", "1", "2", "n", "sigma2", "b", "v[i]", "A[i,i2]", "A[i2,j]", "v[j]")]
)


def _extend(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    names = st.sampled_from([("i",), ("i2",), ("i", "i2"), ("j",)])
    carried = st.builds(
        lambda indices, body: Sum(indices, Mul(body, _product(indices))), names, inner
    )
    return st.one_of(
        *(st.builds(kind, inner, inner) for kind in (Add, Sub, Mul)),
        st.builds(lambda body: Div(body, parse("n + 1")), inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, st.integers(0, 2)),
        carried,
    )


def _product(indices: tuple[str, ...]) -> Node:
    product: Node = Number(1)
    for index in indices:
        product = Mul(product, Symbol("v", (index,)))
    return product


NODES = st.recursive(LEAVES, _extend, max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(NODES)
def test_tidied_expressions_mean_the_same(node: Node) -> None:
    meaning = Meaning(CONTEXT)
    assert meaning.equal(show(node), show(tidy(node)))
    assert meaning.equal(show(node), show(split_fractions(node)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b + (-2*n)*b + (n + 1)", "b - 2*n*b + n + 1"),
        ("sum[i1,i2](A[i1,i2]*A[i1,i2])", "sum[i,j](A[i,j]^2)"),
        ("b - (-n)", "b + n"),
        ("(b) - (0)", "b"),
        ("1*b*1", "b"),
        ("b*(n*sigma2)", "b*n*sigma2"),
    ],
)
def test_what_people_write(text: str, expected: str) -> None:
    assert show(tidy(parse(text))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum[k,i](A[k,i]*v[i])", "∑ₖᵢ Aₖᵢ vᵢ"),
        ("1/(n + 1 + sigma2)", "1/(n + 1 + σ²)"),
        ("sigma2^2", "σ⁴"),
        ("sigma^2", "(σ)²"),
        ("b - (n - 1)", "b − (n − 1)"),
        ("a/(b*n)", "a/(b n)"),
        ("a/b/n", "a/b/n"),
        ("a*(b/n)", "a (b/n)"),
        ("E[w,e](xq[i]*yhat)", "E_{w,ε}[xₙ₊₁[i] ŷₙ₊₁]"),
        ("sum[i](v[i])*b", "(∑ᵢ vᵢ) b"),
        ("sigma2/(n + 1)*d", "σ²/(n + 1)·d"),
        ("d*sigma2/(n + 1)", "d σ²/(n + 1)"),
        ("1/2*d", "1/2 d"),
        ("eta/n*sum[i](v[i])", "η/n ∑ᵢ vᵢ"),
        ("(-b)^2", "(−b)²"),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    assert plain(text) == expected
    assert parse(plain(text, unicode=False)) == tidy(parse(text))


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,4}", fullmatch=True) | st.sampled_from(
    ["sigma", "sigma2", "e", "epsilon", "xq", "yhat", "eta", "eta1", "WVxx"]
)
INDICES = st.lists(st.sampled_from(["i", "j", "n", "b", "i2", "ij"]), max_size=3).map(tuple)


@settings(max_examples=300)
@given(NAMES, INDICES, NAMES, INDICES)
def test_different_symbols_look_different(
    name: str, own: tuple[str, ...], other: str, indices: tuple[str, ...]
) -> None:
    same = (name, own) == (other, indices)
    assert (plain_symbol(name, own) == plain_symbol(other, indices)) == same
