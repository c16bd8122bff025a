"""The few pages to paste: complete, numbered in order, without raw names, and honest."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import verifier
from verifier.document.appendix import appendix_document
from verifier.document.blocks import (
    Block,
    Citation,
    Display,
    Document,
    Environment,
    Formula,
    Grid,
    Matrix,
    Named,
    Numbering,
    Paragraph,
    Piece,
    Reference,
    References,
)
from verifier.document.latex import latex_document
from verifier.document.latex_expression import latex
from verifier.document.latex_reading import read_latex
from verifier.document.markdown import markdown_document
from verifier.document.matrix_latex import read_tree, tree_latex
from verifier.document.notation import Notation
from verifier.document.scribe import Counters, Scribe
from verifier.proof.record import dump
from verifier.proof.rules import Minimum, examine
from verifier.theorem import Report, check_theorem

MOST_PAGES = 4
DELTA = re.compile(r"\\Delta_\{([0-9]+)")


@pytest.fixture(scope="module", params=sorted(verifier.theorems()))
def registered(request: pytest.FixtureRequest) -> Report:
    """Every registered theorem, its proofs checked."""
    return check_theorem(verifier.find(request.param), numerical=False)


def _written(piece: Piece) -> str:
    match piece:
        case Matrix(tree):
            return tree_latex(tree)
        case Formula(node):
            return latex(node)
    return ""


def test_every_formula_reads_back(registered: Report) -> None:
    theorem = registered.theorem
    wanted = theorem.exposition.proofs
    proofs = [p for p in registered.record.proofs if not wanted or p.name in wanted]
    orders: dict[str, int] = {}
    for proof in proofs[: None if wanted else 1]:
        orders |= Notation.of(proof.context, theorem.exposition.notation).orders
    pieces = list(appendix_document(registered).pieces())
    assert sum(isinstance(piece, Matrix) for piece in pieces) > 5
    for piece in pieces:
        if isinstance(piece, Formula):
            assert read_latex(latex(piece.node)) == piece.node
        if isinstance(piece, Matrix):
            written = tree_latex(piece.tree)
            assert tree_latex(read_tree(written, orders)) == written


def test_no_raw_name_is_left(registered: Report) -> None:
    for piece in appendix_document(registered).pieces():
        written = _written(piece)
        assert r"\mathrm" not in written, written


def test_numbers_come_in_order_and_each_reference_has_its_equation(registered: Report) -> None:
    given: list[int] = []

    def walk(blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            match block:
                case Environment():
                    walk(block.blocks)
                case Paragraph(pieces):
                    look(pieces)
                case Display(pieces, _, number):
                    given.extend([number] if number else [])
                    look(pieces)

    def look(pieces: tuple[Piece, ...]) -> None:
        for piece in pieces:
            if isinstance(piece, Numbering):
                given.append(piece.number)
            if isinstance(piece, Reference):
                assert piece.number in given
            assert {int(k) for k in DELTA.findall(_written(piece))} <= set(given)

    walk(appendix_document(registered).blocks)
    assert given == list(range(1, len(given) + 1))


def test_what_is_cited_is_listed(registered: Report) -> None:
    document = appendix_document(registered)
    cited = {x for p in document.pieces() if isinstance(p, Citation) for x in p.keys}
    listed = next(b.entries for b in document.blocks if isinstance(b, References))
    assert cited == {key for key, _ in listed}
    assert len(listed) == len(cited)


def test_every_claim_is_there_and_what_is_assumed(registered: Report) -> None:
    document = appendix_document(registered)
    written = markdown_document(document)
    wanted = registered.theorem.exposition.proofs
    proofs = [p for p in registered.record.proofs if not wanted or p.name in wanted]
    proofs = proofs[: None if wanted else 1]
    stated = {step.claim for proof in proofs for step in proof.steps}
    text = " ".join(p for b in document.blocks for p in _words(b))
    for claim in registered.claims:
        assert claim.claim.id in stated or claim.claim.words in text
    for proof in proofs:
        for lemma in proof.context.assumptions:
            assert lemma in text
    assert str(len([s for p in registered.record.proofs for s in p.steps])) in written
    digest = re.search(r'"digest": "([^"]+)"', dump(registered.record))
    assert digest is not None
    assert digest[1] in written


def _words(block: Block) -> list[str]:
    match block:
        case Paragraph(pieces):
            return [piece for piece in pieces if isinstance(piece, str)]
        case Grid(_, rows):
            return [x for row in rows for cell in row for x in cell if isinstance(x, str)]
        case Environment():
            return [x for inner in block.blocks for x in _words(inner)]
    return []


def test_each_step_of_a_written_proof_has_its_statement(registered: Report) -> None:
    document = appendix_document(registered)
    wanted = registered.theorem.exposition.proofs
    proofs = [p for p in registered.record.proofs if not wanted or p.name in wanted]
    statements = {
        (block.kind, block.number)
        for block in document.blocks
        if isinstance(block, Environment) and block.number
    }
    referred = {(p.kind, p.number) for p in document.pieces() if isinstance(p, Named)}
    assert referred <= statements
    steps = [step for proof in proofs[: None if wanted else 1] for step in proof.steps]
    lemmas = [block for block in document.blocks if isinstance(block, Environment)]
    proofs_shown = [block for block in lemmas if block.kind == "proof"]
    assert len(proofs_shown) == len(statements)
    assert len(statements) <= len(steps)


def test_relations_stay_strict_and_a_refuted_claim_is_named(
    report: Report, refuted: Report
) -> None:
    assert "Not proved" not in markdown_document(appendix_document(report))
    text = markdown_document(appendix_document(refuted))
    assert "Verdict: refuted" in text
    assert "did not accept the step" in text


def test_a_minimum_says_value_and_cases() -> None:
    report = check_theorem(verifier.find("theorem1"), numerical=False)
    proof = report.record.proofs[0]
    accepted, _ = examine(proof)
    notation = Notation.of(proof.context, report.theorem.exposition.notation)
    scribe = Scribe(proof, accepted, notation, Counters())
    step = next(s for s in proof.steps if isinstance(s.statement, Minimum))
    pieces = [p for b in scribe.statement(step, frozenset()) for p in b.pieces]  # type: ignore[union-attr]
    text = " ".join(map(_written, pieces))
    for part in (r"L^{\star}", r"b\,A", r"\eta\,I", r"c\,a^{\top}"):
        assert part in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_it_is_a_few_pages_without_an_overfull_line(registered: Report, tmp_path: Path) -> None:
    pages, complaints = typeset(appendix_document(registered), tmp_path)
    assert pages <= MOST_PAGES
    assert complaints == []


def typeset(document: Document, folder: Path) -> tuple[int, list[str]]:
    """How many pages it takes, and what TeX says of lines that are too long or references."""
    (folder / "a.tex").write_text(latex_document(document), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    for _ in range(2):
        subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=120)
    log = (folder / "a.log").read_text(encoding="latin-1")
    found = re.search(r"Output written on a\.pdf \((\d+) page", log)
    assert found is not None
    bad = [x for x in log.splitlines() if x.startswith("Overfull") or "undefined" in x]
    return int(found[1]), bad
