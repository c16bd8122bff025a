"""Expressions without indices: what is written is what was checked, and can be read back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from oracles.matrix_indexing import Indexer
from oracles.matrix_reading import read_tree

from verifier.proof.context import Context
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL
from verifier.proof.statements import texts
from verifier.proof.syntax import Binary, Expect, Fuel, Node, Symbol, children, free_indices, parse
from verifier.render.as_written import rebuilt, tidy
from verifier.render.matrix import Former, NoMatrixForm, Tree
from verifier.render.matrix_latex import tree_latex
from verifier.render.notation import Notation
from verifier.theorem.theorem import Report

LETTERS = {**dict.fromkeys("ijlp", "feature"), **dict.fromkeys("kh", "example")}
ORDERS = {"X": 2, "A": 2, "S": 2, "a": 1, "c": 1, "x": 1, "y": 1, "b": 0, "n": 0, "sigma2": 0}
# Written by hand.
CASES = [
    ("sum[i](x[i]*a[i])", (), r"x^{\top}\,a"),
    ("sum[i,j](x[j]*A[i,j]*a[i])", (), r"x^{\top}\,A^{\top}\,a"),
    ("sum[k](X[k,i]*y[k])", "i", r"X^{\top}\,y"),
    ("c[i]*a[j]", "ij", r"c\,a^{\top}"),
    ("b*A[j,i] + c[i]*a[j]", "ij", r"b\,A^{\top} + c\,a^{\top}"),
    ("sum[i](a[i]^2)", (), r"\lVert a \rVert^{2}"),
    ("sum[i,j](A[i,j]^2)", (), r"\lVert A \rVert^{2}"),
    ("sum[i](A[i,i])", (), r"\operatorname{tr}(A)"),
    ("sum[i,j,l](A[i,j]*A[j,l]*A[l,i])", (), r"\operatorname{tr}(A\,A\,A)"),
    ("sum[j](A[i,j]*delta[j,l])", "il", "A"),
    ("delta[i,j]/4", "ij", r"\frac{1}{4}\,I"),
    ("n*(n + 1)/n*A[i,j]", "ij", r"(n + 1)\,A"),
    ("(n*b + n*sigma2)/n", (), r"b + \sigma^2"),
    ("-b + n", (), "n - b"),
    ("0 - 2*b*2*A[i,j]", "ij", r"-4\,b\,A"),
    ("E(y[k]*sum[i](x[i]*a[i]))", "k", r"\mathbb{E}\bigl[(x^{\top}\,a)\,y\bigr]"),
    ("sigma2^2*b*b", (), r"\sigma^{4}\,b^{2}"),
    ("sum[i,j](S[i,j]*S[j,i])", (), r"\lVert S \rVert^{2}"),
    ("sum[i,j,l]((A[i,j]*a[l] + A[l,j]*a[i])^2)", (), None),
]


@pytest.mark.parametrize(("text", "free", "expected"), CASES)
def test_expressions_as_a_mathematician_writes_them(
    text: str, free: str, expected: str | None
) -> None:
    tree = Former(frozenset({"S"})).form(tidy(parse(text, LETTERS)), tuple(free))
    written = tree_latex(tree)
    assert read_tree(written, ORDERS) == tree
    assert r"\sum" in written if expected is None else written == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b*sum[i](a[i]^3)", r"b\,\sum_{i} a_{i}^{3}"),
        ("b - n*b*sum[i](a[i]^3)", r"b - n\,b\,\sum_{i} a_{i}^{3}"),
        ("sum[i](a[i]^3)*b", r"\Bigl(\sum_{i} a_{i}^{3}\Bigr)\,b"),
    ],
)
def test_a_sum_in_indices_at_the_end_of_a_product_needs_no_brackets(
    text: str, expected: str
) -> None:
    written = tree_latex(Former().form(tidy(parse(text, LETTERS)), ()))
    assert written == expected
    assert tree_latex(read_tree(written, ORDERS)) == written


INDEXED = ("A[i,i]", "a[i]*x[i]*c[i]", "A[i,j] + 1", "a[i]^3", "sum[j](a[i])")


@pytest.mark.parametrize("text", INDEXED)
def test_what_needs_indices_has_no_other_form(text: str) -> None:
    node = parse(text, LETTERS)
    with pytest.raises(NoMatrixForm):
        Former().form(node, free_indices(node) or ("i",))


def test_what_is_written_without_indices_means_the_same(registered: Report) -> None:
    for proof in registered.record.proofs:
        notation = Notation.of(proof.context, registered.theorem.exposition.notation)
        spare, indexer = indexer_for(proof.context, notation)
        meaning = Meaning(spare, Fuel(FUEL))
        said = [text for step in proof.steps for text in texts(step.statement)]
        for text in dict.fromkeys((*said, *(one.body for one in proof.context.definitions))):
            node = proof.context.read(text)
            free = free_indices(node)
            found = notation.matrix(node, free)
            if found is None:
                continue
            written = tree_latex(found.tree)
            assert r"\mathrm" not in written
            back = read_tree(written, notation.orders)
            assert tree_latex(back) == written
            sides = _integrand(node), _integrand(_named(notation, _indexed(indexer, back, free)))
            assert meaning.vanishes(meaning.value(Binary("-", *sides)))


def _indexed(indexer: Indexer, tree: Tree, free: tuple[str, ...]) -> Node:
    return indexer.node(tree, *free)


def indexer_for(context: Context, notation: Notation) -> tuple[Context, Indexer]:
    """A context with more letters, and what writes sums with them."""
    more = {s.name: tuple(f"{s.letters[0]}{k}" for k in range(101, 180)) for s in context.sorts}
    sorts = tuple(replace(s, letters=(*s.letters, *more[s.name])) for s in context.sorts)
    shapes = {array.name: context.shape(array) for array in context.arrays}
    shapes |= {
        one.name: tuple(context.letters[x] for x in one.parameters) for one in context.definitions
    }
    by_letter = {notation.shown.get(name, name): shape for name, shape in shapes.items()}

    def supply(letters: tuple[str, ...]) -> Iterator[str]:
        return itertools.cycle(letters)

    return replace(context, sorts=sorts), Indexer(
        by_letter, {name: supply(letters) for name, letters in more.items()}
    )


def _named(notation: Notation, node: Node) -> Node:
    """The expression in the names of the proof."""
    names = {letter: name for name, letter in notation.shown.items()}
    if isinstance(node, Symbol):
        return Symbol(names.get(node.name, node.name), node.indices)
    return rebuilt(node, tuple(_named(notation, x) for x in children(node)))


def _integrand(node: Node) -> Node:
    """The expression with every expectation taken away: equal ones have equal means."""
    if isinstance(node, Expect):
        return _integrand(node.body)
    return rebuilt(node, tuple(map(_integrand, children(node))))
