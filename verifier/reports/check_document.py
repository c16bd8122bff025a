"""What a check found, as a document: each verdict unfolds to what it rests on.

The statements are rendered from the objects that the checker accepted or refuted.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.proof.context import Context, Definition
from verifier.proof.statements import texts
from verifier.render.document import (
    Block,
    Code,
    Display,
    Document,
    Fold,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Pieces,
    Tex,
)
from verifier.render.facts import ASSUMED, LAWS
from verifier.render.free_names import mentioned
from verifier.render.saying import BECOMES
from verifier.render.statement_blocks import fact_blocks, statement_blocks
from verifier.render.wording import Wording
from verifier.reports.derivation import result_blocks, table_blocks
from verifier.reports.json_record import trusted_base
from verifier.reports.witness import Witness
from verifier.theorem.theorem import ClaimReport, Report
from verifier.theorem.verdict import Verdict

MARKS = {
    Verdict.PROVED: "✓",
    Verdict.SUPPORTED: "~",
    Verdict.REFUTED: "✗",
    Verdict.UNDECIDED: "?",
}


def check_document(report: Report) -> Document:
    """The whole report."""
    return Document(report.theorem.title, report.theorem.source, tuple(_blocks(report)))


def _blocks(report: Report) -> Iterator[Block]:
    yield Paragraph((report.theorem.statement,))
    yield verdict_line(report)
    for name, text in report.claimed.items():
        yield Paragraph((f"Claimed instead: {name.replace('_', ' ')} = {text}",))
    yield Heading(1, "Claims")
    yield from claim_folds(report)
    yield from result_blocks(report)
    if report.tables:
        yield Heading(1, "Numerical checks")
        yield Paragraph((f"All randomness comes from the seed {report.options.seed}.",))
    yield from table_blocks(report)
    yield Heading(1, "What is trusted")
    yield Grid(("trusted",), tuple(((entry,),) for entry in trusted_base(report)))
    yield Paragraph(("The same result, and its proof as data for the checker alone:",))
    name = report.theorem.id
    yield Code(
        (
            f"python -m verifier check {name} --proof {name}.json",
            f"python -S -m verifier recheck {name}.json",
        )
    )


def verdict_line(report: Report) -> Paragraph:
    """The verdict, and how many claims have which."""
    verdicts = [claim.verdict for claim in report.claims]
    counts = ", ".join(f"{verdicts.count(v)} {v.value}" for v in Verdict if v in verdicts)
    word = verdict_word(report.verdict)
    return Paragraph((f"Verdict: {word}: {counts} of {len(verdicts)} claims.",))


def claim_folds(report: Report) -> Iterator[Fold]:
    """Each claim by its words and verdict; it unfolds to the statement and what it rests on."""
    for claim in report.claims:
        summary = f"{verdict_word(claim.verdict)}: {claim.claim.words} ({claim.claim.id})"
        yield Fold((summary,), tuple(claim_blocks(claim)))


def verdict_word(verdict: Verdict) -> str:
    """The verdict with its mark."""
    return f"{MARKS[verdict]} {verdict.value}"


def claim_blocks(claim: ClaimReport) -> Iterator[Block]:
    """Statement, setting, letters, and what the verdict rests on."""
    yield Paragraph((f"Source: {claim.claim.source}.",))
    context, statement = claim.context, claim.statement
    if context is not None and statement is not None:
        yield from statement_blocks(context, statement, claim.minima)
        yield from fact_blocks(context, claim.moments, (*LAWS, *ASSUMED))
    if claim.rests_on:
        yield Paragraph((f"Rests on: {'; '.join(claim.rests_on)}.",))
    if claim.reason:
        yield Paragraph((f"Not accepted: {claim.reason}.",))
    if claim.refutation is not None and context is not None:
        words = Wording()
        found = Witness.of(context, claim.refutation)
        yield Paragraph((f"Witness: {found.point_text(words, context)}.",))
        yield Paragraph((f"{found.numbers_text()}.",))
    if context is not None and statement is not None:
        used = mentioned(context, texts(statement))
        letters = [one for one in context.definitions if one.name in used]
        if letters:
            yield Fold(("where …",), tuple(Display(_definition(context, k)) for k in letters))


def _definition(context: Context, one: Definition) -> Pieces:
    head = Formula.symbol(one.name, one.parameters)
    body = Formula.of(context, one.body)
    meaning: Pieces = (Tex(r"\quad", "  "), f"({one.meaning})") if one.meaning else ()
    return (head, BECOMES, body, *meaning)
