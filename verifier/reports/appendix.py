"""A theorem and its proof as a few pages to paste into a paper.

Theorem, lemmas with numbers, the proof, a table of the numerical checks, and the certificate by
its digest. All that is said in formulas is rendered from what the checker accepted; the idea is
the author's, from the theorem's file. `verifier.reports.derivation` is the complete record.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Mapping

from verifier.proof.context import Absolute, Definition, Function, Hat, Tensor
from verifier.proof.record import dump
from verifier.proof.rules import examine
from verifier.proof.statements import Minimum, Proof, Step, texts
from verifier.proof.syntax import Binary, Node, Number, Symbol, names
from verifier.render.as_written import tidy
from verifier.render.bibliography import entries
from verifier.render.document import (
    Block,
    Code,
    Display,
    Document,
    Environment,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Piece,
    Pieces,
    References,
    Tex,
    joined,
)
from verifier.render.facts import LAWS, facts
from verifier.render.free_names import mentioned
from verifier.render.layer_blocks import matrices
from verifier.render.notation import Notation, inverse_atoms, inverses
from verifier.render.saying import BECOMES, ranged, space
from verifier.render.width import LINE, width_of
from verifier.reports.scribe import Counters, Scribe, capital, central
from verifier.reports.short_names import with_short_names
from verifier.reports.terminal import row_in_line
from verifier.theorem.theorem import Report
from verifier.theorem.verdict import Verdict

FEW = 25  # statements that get a line and a verdict each


def appendix_document(report: Report) -> Document:
    """The whole document."""
    theorem = report.theorem
    return Document(theorem.title, theorem.source, tuple(_Appendix(report).blocks()), theorem.id)


class _Appendix:
    """Builds the blocks of one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.counters = Counters()
        wanted = report.theorem.exposition.proofs
        proofs = report.record.proofs
        self.written = [p for p in proofs if p.name in wanted] if wanted else list(proofs[:1])

    def blocks(self) -> Iterator[Block]:
        """From the idea to the bibliography."""
        theorem = self.report.theorem
        cited = self.counters.cite(theorem.source)
        yield Paragraph((theorem.statement, *cited))
        yield from self._verdict()
        if theorem.exposition.idea:
            yield Paragraph((Tex(r"\textit{Idea.}", "Idea."), f" {theorem.exposition.idea}"))
        for proof in self.written:
            yield from self._proof(proof)
        yield from self._others()
        yield from self._numbers()
        yield from self._certificate()
        if self.counters.cited:
            yield References(entries(self.counters.cited))

    def _verdict(self) -> Iterator[Block]:
        """What is not proved, before anything else."""
        open_ones = [c for c in self.report.claims if c.verdict is not Verdict.PROVED]
        if open_ones:
            yield Paragraph((f"Verdict: {self.report.verdict.value}. Not proved:",))
            rows = ((c.claim.words, c.verdict.value, c.reason) for c in open_ones)
            count = 3 if any(c.reason for c in open_ones) else 2
            cells = tuple(tuple((cell,) for cell in row[:count]) for row in rows)
            yield Grid(("claim", "verdict", "why")[:count], cells)

    def _proof(self, proof: Proof) -> Iterator[Block]:
        accepted, failed = examine(proof)
        notation = Notation.of(proof.context, self.report.theorem.exposition.notation)
        scribe = Scribe(proof, accepted, notation, self.counters)
        taken = {*notation.orders, *proof.context.letters}
        yield from with_short_names(list(self._told(proof, scribe, failed)), taken)

    def _told(self, proof: Proof, scribe: Scribe, failed: Mapping[str, str]) -> Iterator[Block]:
        """Setting, theorem, lemmas and proofs."""
        yield Heading(2, "Setting" if len(self.written) == 1 else titled(proof.name))
        yield from _Setting(scribe).blocks()
        accepted = scribe.accepted
        main = [s for s in proof.steps if s.name in accepted and self._central(s, scribe)]
        yield Paragraph(self._conventions(scribe))
        if main:
            named = self.counters.name("theorem")
            inside: list[Block] = []
            for letter, step in zip(string.ascii_lowercase, main, strict=False):
                scribe.steps[step.name] = named
                first, *more = scribe.statement(step, frozenset())
                assert isinstance(first, Paragraph)
                mark = _mark(letter, len(main))
                inside += [Paragraph((*mark, *first.pieces)), *more]
            yield Environment("theorem", named.number, "", tuple(inside))
        for step in proof.steps:
            if step.name in accepted and step not in main:
                yield from scribe.lemma(step)
        if main:
            inside = []
            for letter, step in zip(string.ascii_lowercase, main, strict=False):
                mark = _mark(letter, len(main))
                first, *more = scribe.proof_in_theorem(step)
                if isinstance(first, Paragraph):
                    inside += [Paragraph((*mark, *first.pieces)), *more]
                else:
                    inside += [Paragraph((*mark, "Indeed,")), first, *more]
            yield Environment("proof", 0, f"of Theorem {named.number}", tuple(inside))
        for name, reason in failed.items():
            yield Paragraph((f"The checker did not accept the step “{name}”: {reason}.",))

    def _conventions(self, scribe: Scribe) -> Pieces:
        """What Delta means, and how a scalar is seen to be positive."""
        least: list[Pieces] = []
        said = [t for step in scribe.proof.steps for t in texts(step.certificate)]
        used = mentioned(scribe.context, said)
        for scalar in scribe.context.scalars:
            if scalar.minimum is None:
                continue
            node: Node = Symbol(scalar.name)
            if scalar.minimum:
                node = Binary("-", node, Number(int(scalar.minimum)))
            if scalar.name in used:
                least.append(scribe.notation.pieces((Formula(node),)))
        text: Pieces = ()
        if scribe.proof is self.written[0]:
            text = (
                "With the number of an equation, ",
                Tex(r"\Delta_{k}", "Δₖ"),
                " is its left minus its right side, which vanishes where it holds; ",
                Tex(r"\lVert \cdot \rVert", "‖·‖"),
                " is the Euclidean norm, of a matrix the Frobenius norm. ",
            )
        text = (*text, *scribe.means())
        if not least:
            return text
        signs = "The sign of a scalar is read off its coefficients in powers of "
        return (*text, signs, *joined(least, ", "), ", none of which is negative.")

    def _central(self, step: Step, scribe: Scribe) -> bool:
        minima = [s for s in scribe.proof.steps if isinstance(s.statement, Minimum)]
        lemma = any(step.name in one.uses for one in minima)
        return bool(step.claim) and not lemma and central(step.statement, scribe.minima)

    def _others(self) -> Iterator[Block]:
        """What else was claimed: in formulas where it is little, in words where it is much."""
        written = {step.claim for proof in self.written for step in proof.steps}
        others = [claim for claim in self.report.claims if claim.claim.id not in written]
        if not others:
            return
        yield Heading(2, "Further statements")
        proved = [c for c in others if c.verdict is Verdict.PROVED and c.context is not None]
        if proved:
            count = (
                "This statement is" if len(proved) == 1 else f"These {len(proved)} statements are"
            )
            lemmas = sorted({x for c in proved for x in c.rests_on})
            cited = self.counters.cite("; ".join(lemmas))
            yield Paragraph(
                (f"{count} proved in the same proof file, in the same way", *cited, ".")
            )
        words = [claim.claim.words for claim in others]
        if len(proved) == len(others) > FEW:
            yield Paragraph((f"{'; '.join(words)}.",))
            return
        rows = tuple(((claim.claim.words,), (claim.verdict.value,)) for claim in others)
        yield Grid(("statement", "verdict"), rows)

    def _numbers(self) -> Iterator[Block]:
        """One row for each numerical check."""
        tables = self.report.tables
        if not tables:
            return
        yield Heading(2, "Numerical checks")
        rows = []
        for table in tables:
            state = {True: "agrees", False: "disagrees", None: "for information"}[table.passed]
            example = row_in_line(table, table.rows[0]).strip() if table.rows else ""
            rows.append(((table.title,), (str(len(table.rows)),), (state,), (example,)))
        yield Grid(("check", "settings", "outcome", "the first setting"), tuple(rows))
        yield Paragraph((f"All randomness comes from the seed {self.report.options.seed}.",))

    def _certificate(self) -> Iterator[Block]:
        """By which file a stranger can check it."""
        theorem = self.report.theorem
        yield Heading(2, "Certificate")
        steps = sum(len(proof.steps) for proof in self.report.record.proofs)
        yield Paragraph(
            (
                f"Every statement above that is called proved was accepted, with its {steps} steps "
                "in all, by a checker that uses the standard library of Python alone. The proof "
                "file is made and checked by",
            )
        )
        made = theorem.exposition.command or f"check {theorem.id}"
        yield Code(
            (
                f"python -m verifier {made} --no-numerics --proof proof.json",
                "python -S -m verifier recheck proof.json",
            )
        )
        digest: str = json.loads(dump(self.report.record))["digest"]
        yield Paragraph(("and its digest (SHA-256) is",))
        yield Code((digest,))
        if theorem.exposition.coq:
            files = ", ".join(theorem.exposition.coq)
            yield Paragraph((f"The same is proved in Coq, without axioms: {files}.",))


class _Setting:
    """What the statements are about: ranges, sources, the layer, definitions."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe, self.context = scribe, scribe.context
        self.notation = scribe.notation
        steps = scribe.proof.steps
        said = [t for s in steps for part in (s.statement, s.certificate) for t in texts(part)]
        self.used = mentioned(self.context, said)
        self.names = {x for text in said for x in names(self.context.read(text))}

    def blocks(self) -> Iterator[Block]:
        """All of it."""
        yield Paragraph(self._ranges())
        yield Paragraph(self._laws())
        yield from self._layer()
        yield from self._definitions()
        yield from self._given()

    def _ranges(self) -> Pieces:
        """Numbers and deterministic arrays: the statements hold for all of them."""
        parts: list[Pieces] = []
        for scalar in self.context.scalars:
            if scalar.name in self.used:
                kind = "integer " if scalar.integer else ""
                meaning = f" ({scalar.meaning})" if scalar.meaning else ""
                parts.append((kind, *self.notation.pieces(ranged(scalar)), meaning))
        blocks = {name for matrix in matrices(self.context) for name in matrix.blocks}
        whole = tuple(matrix.name for matrix in matrices(self.context))
        if whole:
            weights = joined(((Tex(name, name),) for name in whole), ", ")
            parts.append(("weights ", *weights))
        inverse = inverses(self.context)
        for array in self.context.arrays:
            wanted = isinstance(array, Tensor) and array.name in self.used - blocks
            if wanted and array.name not in inverse:
                name = self.notation.pieces((Formula(Symbol(array.name)),))
                kind = "invertible " if array.name in inverse.values() else ""
                parts.append((kind, *name, space(self.context, self.context.shape(array))))
        return ("The statements hold for all values of ", *joined(parts, ", "), ".")

    def _laws(self) -> Pieces:
        sentences: list[Pieces] = []
        for fact in facts(self.context, self._moments()):
            if fact.kind in LAWS:
                sentences.append((*capital(self.notation.pieces(fact.pieces)), ". "))
        return tuple(piece for sentence in sentences for piece in sentence)

    def _moments(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for checked in self.scribe.accepted.values():
            found |= checked.moments
        return found

    def _layer(self) -> Iterator[Block]:
        """The weights in blocks."""
        blocks = [f.pieces for f in facts(self.context, {}) if f.kind == "block"]
        if blocks:
            yield Paragraph(("The weights in blocks of d entries and one more are",))
            yield Display(joined(blocks, Tex(r",\quad ", ", ")))

    def _definitions(self) -> Iterator[Block]:
        """Definitions in matrix form, short ones together on a line."""
        rest = [x for x in self.context.definitions if x.name in self.used]
        if not rest:
            return
        yield Paragraph(("Write",))
        line: list[Pieces] = []
        size = 0
        for pieces in (*map(self._definition, rest), *self._aliases()):
            own = width_of(pieces)
            if line and size + own > LINE:
                yield Display(joined(line, Tex(r",\qquad ", ", ")))
                line, size = [], 0
            line.append(pieces)
            size += own + 4
        yield Display((*joined(line, Tex(r",\qquad ", ", ")), Tex(".", ".")))

    def _aliases(self) -> Iterator[Pieces]:
        """L and its minimum, by what they stand for."""
        for node, name in self.scribe.aliases.items():
            body = self.notation.matrix(node, ())
            assert body is not None
            yield (Formula(name), BECOMES, body)

    def _definition(self, one: Definition) -> Pieces:
        body = self.context.read(one.body)
        matrix = self.notation.matrix(body, one.parameters)
        if matrix is not None:
            head: Piece = Formula(self.notation.node(Symbol(one.name)))
            return (head, BECOMES, matrix)
        head = Formula(self.notation.node(Symbol(one.name, one.parameters)))
        return (head, BECOMES, Formula(self.notation.node(tidy(body))))

    def _given(self) -> Iterator[Block]:
        """Assumed equations, each with a number; pairs of inverses are said already."""
        pairs = inverse_atoms(self.context)
        atoms = [*self.context.moments, *self.context.given]
        shown = [atom for atom in atoms if atom.name not in pairs]
        if shown:
            yield Paragraph(("Assumed are",))
        for atom in shown:
            yield self.scribe.display(atom)
        yield from self._functions()
        for lemma in self.context.assumptions:
            cited = self.scribe.counters.cite(lemma)
            yield Paragraph((f"Used without proof: {lemma}", *cited, "."))

    def _functions(self) -> Iterator[Block]:
        """The equations of |t| and of hat matrices that certificates name, with numbers."""
        told = [fact.pieces for fact in facts(self.context, {}) if fact.kind == "function"]
        kinds = (Absolute, Hat, Function)
        arrays = [array for array in self.context.arrays if isinstance(array, kinds)]
        for array, pieces in zip(arrays, told, strict=True):
            ending = {Absolute: "squared", Hat: "normal"}.get(type(array), "")
            name = f"{array.name}_{ending}"
            if name in self.names:
                number = self.scribe.counters.equation()
                self.scribe.scope[name] = number
                yield Display(self.notation.pieces(pieces), 0, number)


def titled(name: str) -> str:
    """A name as a title; one that starts with a symbol stays as it is."""
    return name[:1].upper() + name[1:] if name[1:2].isalpha() else name


def _mark(letter: str, count: int) -> Pieces:
    """(a), where there are several parts."""
    return (Tex(rf"\textup{{({letter})}}", f"({letter})"), " ") if count > 1 else ()
