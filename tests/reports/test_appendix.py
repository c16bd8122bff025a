"""The few pages to paste: complete, numbered in order, without raw names, and honest."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from checked import checked
from oracles.latex_reading import read_latex
from oracles.matrix_reading import read_tree
from test_matrix import indexer_for

import verifier
from verifier.proof.mean import Meaning
from verifier.proof.record import dump
from verifier.proof.rules import FUEL, examine
from verifier.proof.statements import Minimum
from verifier.proof.syntax import Binary, Fuel, Node, Sum, Symbol, children, free_indices
from verifier.prover.setting_file import read_symbolic
from verifier.prover.theorem_of import theorem_of
from verifier.render.as_written import rebuilt
from verifier.render.document import (
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
from verifier.render.latex import latex_document
from verifier.render.latex_expression import latex
from verifier.render.markdown import markdown_document
from verifier.render.matrix import relabelled
from verifier.render.matrix_latex import tree_latex
from verifier.render.notation import Notation
from verifier.render.saying import SIGNS
from verifier.reports.appendix import appendix_document
from verifier.reports.scribe import Counters, Scribe, piece_latex
from verifier.theorem.theorem import Report, check_theorem

MOST_PAGES = 4
DELTA = re.compile(r"\\Delta_\{([0-9]+)")


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
        written = piece_latex(piece)
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
            assert {int(k) for k in DELTA.findall(piece_latex(piece))} <= set(given)

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
    report = checked("theorem1")
    proof = report.record.proofs[0]
    accepted, _ = examine(proof)
    notation = Notation.of(proof.context, report.theorem.exposition.notation)
    scribe = Scribe(proof, accepted, notation, Counters())
    step = next(s for s in proof.steps if isinstance(s.statement, Minimum))
    pieces = [p for b in scribe.statement(step, frozenset()) for p in b.pieces]  # type: ignore[union-attr]
    text = " ".join(map(piece_latex, pieces))
    for part in (r"L^{\star}", r"b\,A", r"\eta\,I", r"c\,a^{\top}"):
        assert part in text


class Reader:
    """Reads the formulas of a written proof back into the names of the context.

    ``equations`` has for each number left minus right, and the letters of its free indices.
    """

    def __init__(self, report: Report) -> None:
        proof = report.record.proofs[0]
        self.notation = Notation.of(proof.context, report.theorem.exposition.notation)
        spare, self.indexer = indexer_for(proof.context, self.notation)
        self.context, self.meaning = spare, Meaning(spare, Fuel(FUEL))
        self.orders = {**self.notation.orders, "L": 0, "Lstar": 0}
        self.sorts = dict(self.indexer.sorts)
        self.indexer.sorts = self.sorts
        # Letters of sums, and apart from them those of the free indices of equations.
        letters = {
            s.name: [x for x in s.letters if x[1:].isdigit() and int(x[1:]) > 100]
            for s in spare.sorts
        }
        self.fresh = {name: itertools.cycle(some[20:]) for name, some in letters.items()}
        self.ends = {name: itertools.cycle(some[:20]) for name, some in letters.items()}
        self.indexer.letters = self.fresh
        self.equations: dict[int, tuple[tuple[str, ...], Node]] = {}
        self.short: dict[str, Node] = {}

    def sides(self, left: Piece, right: Piece) -> tuple[tuple[str, ...], Node, Node]:
        """The free indices of an equation, and its sides."""
        if isinstance(left, Formula) and isinstance(right, Formula):
            nodes = [read_latex(latex(piece.node)) for piece in (left, right)]
            return free_indices(*nodes), *map(self.named, nodes)  # type: ignore[return-value]
        trees = [
            read_tree(tree_latex(piece.tree), self.orders)
            for piece in (left, right)
            if isinstance(piece, Matrix)
        ]
        assert len(trees) == 2
        one, two = (self.indexer.ends(tree) for tree in trees)
        ends = [a or b for a, b in zip(one, two, strict=True)]
        free = tuple(next(self.ends[sort]) for sort in ends if sort is not None)
        nodes = [self.indexer.node(tree, *free) for tree in trees]
        return free, *map(self.named, nodes)  # type: ignore[return-value]

    def named(self, node: Node) -> Node:
        """In the names of the proof, with what Delta and L stand for in their place."""
        back = {letter: name for name, letter in self.notation.shown.items()}
        if isinstance(node, Symbol):
            if node.name in self.short:
                return self.short[node.name]
            if node.name.startswith("Delta") and node.name[5:].isdigit():
                free, gap = self.equations[int(node.name[5:])]
                apart = self.apart(gap, {*free, *node.indices})
                return relabelled(apart, dict(zip(free, node.indices, strict=True)))
            return Symbol(back.get(node.name, node.name), node.indices)
        return rebuilt(node, tuple(map(self.named, children(node))))

    def apart(self, node: Node, taken: set[str]) -> Node:
        """With letters in its sums that are not taken."""
        if isinstance(node, Sum):
            letters = {
                x: next(y for y in self.fresh[self.context.letters[x]] if y not in taken)
                for x in node.indices
            }
            inside = self.apart(relabelled(node.body, letters), taken | set(letters.values()))
            return Sum(tuple(letters.values()), inside)
        return rebuilt(node, tuple(self.apart(x, taken) for x in children(node)))

    def keep(self, number: int, left: Piece, right: Piece) -> None:
        """An equation has this number."""
        free, one, two = self.sides(left, right)
        self.equations[number] = (free, Binary("-", one, two))
        self.orders[f"Delta{number}"] = len(free)
        self.sorts[f"Delta{number}"] = tuple(self.context.letters[x] for x in free)


MADE = Path(verifier.__file__).parent / "examples" / "prove"


def report_on(name: str) -> Report:
    """A registered theorem, or what the prover finds for an example's setting file."""
    if not name.endswith(".toml"):
        return checked(name)
    theorem = theorem_of(read_symbolic(str(MADE / name)), keep=False)
    return check_theorem(theorem, numerical=False)


WRITTEN = ("theorem1", "theorem2", "theorem3", "gaussian-pair", "scalar.toml", "pair.toml")


@pytest.mark.parametrize("name", WRITTEN)
def test_every_equation_that_a_proof_displays_is_an_identity(name: str) -> None:
    """Read back from the LaTeX, each is one that the checker's own arithmetic confirms."""
    report = report_on(name)
    assert all(r"\mathrm" not in piece_latex(x) for x in appendix_document(report).pieces())
    reader = Reader(report)
    minimum = next(
        step.statement
        for step in report.record.proofs[0].steps
        if isinstance(step.statement, Minimum)
    )
    reader.short["L"] = reader.context.read(minimum.objective)
    reader.short["Lstar"] = reader.context.read(minimum.value)
    checked = 0

    def walk(blocks: tuple[Block, ...], proving: bool) -> None:
        nonlocal checked
        for block in blocks:
            match block:
                case Environment(kind):
                    walk(block.blocks, kind == "proof")
                case Paragraph(pieces):
                    look(pieces)
                case Display(pieces, _, number):
                    look(pieces)
                    found = equations(pieces)
                    if number:
                        reader.keep(number, *found[0])
                    elif proving and DELTA.search(" ".join(map(piece_latex, pieces))):
                        (sides,) = found
                        _, left, right = reader.sides(*sides)
                        value = reader.meaning.value(Binary("-", left, right))
                        assert reader.meaning.vanishes(value), pieces
                        checked += 1

    def look(pieces: tuple[Piece, ...]) -> None:
        for k, piece in enumerate(pieces):
            if isinstance(piece, Numbering):
                reader.keep(piece.number, pieces[k - 3], pieces[k - 1])

    def equations(pieces: tuple[Piece, ...]) -> list[tuple[Piece, Piece]]:
        signs = [k for k, piece in enumerate(pieces) if piece in SIGNS.values()]
        return [(pieces[k - 1], pieces[k + 1]) for k in signs]

    walk(appendix_document(report).blocks, False)
    assert checked >= {"theorem1": 13, "gaussian-pair": 15}.get(name, 4)


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
