"""Tidying keeps the meaning: the checker's own normal form does not change."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.proof.context import Context, Scalar, Sort, Tensor
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL
from verifier.proof.syntax import Binary, Fuel, Neg, Node, Number, Pow, Sum, Symbol, parse, show
from verifier.render.as_written import tidy
from verifier.render.latex_expression import split_fractions
from verifier.render.plain_expression import plain, plain_symbol

CONTEXT = Context(
    sorts=(Sort("feature", "n", ("i", "j", "i2")),),
    scalars=(Scalar("n", Fraction(1), integer=True), Scalar("sigma2", Fraction(0)), Scalar("b")),
    arrays=(Tensor("v", ("feature",)), Tensor("A", ("feature", "feature"))),
)
LETTERS = dict.fromkeys("ijk", "feature")
LEAVES = st.sampled_from(
    [
        CONTEXT.read(t)
        for t in ("0", "1", "2", "n", "sigma2", "b", "v[i]", "A[i,i2]", "A[i2,j]", "v[j]")
    ]
)


def _extend(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    names = st.sampled_from([("i",), ("i2",), ("i", "i2"), ("j",)])
    carried = st.builds(
        lambda indices, body: Sum(indices, Binary("*", body, _product(indices))), names, inner
    )
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), inner, inner),
        st.builds(lambda body: Binary("/", body, CONTEXT.read("n + 1")), inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, st.integers(0, 2)),
        carried,
    )


def _product(indices: tuple[str, ...]) -> Node:
    product: Node = Number(1)
    for index in indices:
        product = Binary("*", product, Symbol("v", (index,)))
    return product


NODES = st.recursive(LEAVES, _extend, max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(NODES)
def test_tidied_expressions_mean_the_same(node: Node) -> None:
    meaning = Meaning(CONTEXT, Fuel(FUEL))
    for other in (tidy(node), split_fractions(node)):
        assert meaning.vanishes(meaning.value(Binary("-", node, other)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b + (-2*n)*b + (n + 1)", "b - 2*n*b + n + 1"),
        ("sum[i,j](A[i,j]*A[i,j])", "sum[i,j](A[i,j]^2)"),
        ("b - (-n)", "b + n"),
        ("(b) - (0)", "b"),
        ("1*b*1", "b"),
        ("b*(n*sigma2)", "b*n*sigma2"),
    ],
)
def test_what_people_write(text: str, expected: str) -> None:
    assert show(tidy(parse(text, LETTERS))) == expected


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
    node = parse(text, LETTERS)
    assert plain(node) == expected
    assert parse(plain(node, unicode=False), LETTERS) == node


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
