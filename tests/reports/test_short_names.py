"""Names of long polynomials: exact, only where a bar makes them long, and told before use."""

from __future__ import annotations

import re

import pytest
from checked import checked
from hypothesis import given
from hypothesis import strategies as st

from verifier.proof.syntax import parse
from verifier.render.document import Block, Display, Environment, Heading, Matrix, Paragraph
from verifier.render.matrix import Former, Leaf, Tree
from verifier.render.matrix_latex import tree_latex
from verifier.reports.appendix import appendix_document
from verifier.reports.scribe import piece_latex
from verifier.reports.short_names import LONGEST, renamed, restored, with_short_names

SUM = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=14).map(
    lambda terms: " + ".join(f"{factor}*n^{power}*d" for factor, power in terms)
)


def _tree(text: str) -> Tree:
    return Former().form(parse(text, {}), ())


def _pieces(blocks: list[Block]) -> list[Tree]:
    return [
        p.tree
        for b in blocks
        if isinstance(b, Paragraph)
        for p in b.pieces
        if isinstance(p, Matrix)
    ]


@given(SUM, SUM)
def test_a_name_stands_for_what_it_replaces(above: str, below: str) -> None:
    whole = _tree(f"b + ({above})/({below})*b")
    before: list[Block] = [Heading(2, "Setting"), Paragraph((Matrix(whole),))]
    after = with_short_names(before, {"Q1"})
    told = [b.pieces for b in after if isinstance(b, Display)]
    names = {}
    for head, _, body in told:
        assert isinstance(head, Matrix)
        assert isinstance(body, Matrix)
        assert isinstance(head.tree, Leaf)
        names[body.tree] = head.tree.name
        assert len(tree_latex(body.tree)) > LONGEST
    assert "Q1" not in names.values()
    assert len(set(names.values())) == len(told)
    assert after[0] == before[0]
    shown = _pieces(after)[-1]
    assert restored(shown, names) == whole
    assert renamed(whole, names) == shown
    if not told:
        assert after == before


@pytest.mark.parametrize("name", ["two-steps", "gd-plus-plus"])
def test_each_name_is_told_once_and_first(name: str) -> None:
    document = appendix_document(checked(name))
    told: set[str] = set()

    def walk(blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if isinstance(block, Environment):
                walk(block.blocks)
            if isinstance(block, Paragraph | Display):
                text = " ".join(map(piece_latex, block.pieces))
                used = re.findall(r"Q_\{[0-9]+\}", text)
                if isinstance(block, Display) and text.startswith("Q_{") and used[0] not in told:
                    told.add(used.pop(0))
                assert set(used) <= told
                assert not re.search(r"\\frac\{[^{}]{200,}\}", text)

    walk(document.blocks)
    assert told
