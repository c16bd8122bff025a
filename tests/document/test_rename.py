"""Renaming free indices: what is bound stays bound, and nothing is captured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.document.tidy import rename
from verifier.proof.expression import (
    Add,
    Expect,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
    parse,
    show,
)

INDICES = ["i", "j", "k", "x1"]
names = st.lists(st.sampled_from(INDICES), max_size=3).map(tuple)
leaves = st.one_of(
    st.integers(0, 9).map(Number), st.builds(Symbol, st.sampled_from(["X", "delta"]), names)
)
bound = st.lists(st.sampled_from(INDICES), min_size=1, max_size=2, unique=True).map(tuple)


def _grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Add, inner, inner),
        st.builds(Mul, inner, inner),
        st.builds(Neg, inner),
        st.builds(Pow, inner, st.integers(0, 3)),
        st.builds(Sum, bound, inner),
        st.builds(Expect, st.none(), inner),
    )


def test_renaming() -> None:
    node = parse("sum[i](X[i,j]*v[i]) + u[i]*E(w[k])")
    assert show(rename(node, {"i": "m", "j": "l"})) == "sum[i](X[i,l]*v[i]) + u[m]*E(w[k])"
    with pytest.raises(ProofError, match="capture"):
        rename(parse("sum[i](X[i,j])"), {"j": "i"})
    assert rename(parse("sum[i](u[i])"), {"j": "i"}) == parse("sum[i](u[i])")


@given(st.recursive(leaves, _grow, max_leaves=12), st.permutations(INDICES))
def test_renaming_is_undone_by_the_inverse_renaming(node: Node, order: list[str]) -> None:
    forth = dict(zip(INDICES, order, strict=True))
    try:
        there = rename(node, forth)
    except ProofError:
        return
    assert set(free_indices(there)) == {forth[i] for i in free_indices(node)}
    assert rename(there, {new: old for old, new in forth.items()}) == node
