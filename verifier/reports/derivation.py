"""The derivation of a checked theorem as a document that a reader can follow.

Every formula comes from a statement, context or certificate that the checker accepted in this run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.proof.context import Atom
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL, Checked, examine
from verifier.proof.statements import Minimum, Proof
from verifier.proof.syntax import Fuel
from verifier.render.certificate_blocks import certificate_blocks, rule_of
from verifier.render.document import (
    Block,
    Code,
    Display,
    Document,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Piece,
    Tex,
)
from verifier.render.rests_on import rests_on
from verifier.render.saying import system
from verifier.render.statement_blocks import context_blocks, statement_blocks
from verifier.reports.json_record import trusted_base, versions
from verifier.reports.results import (
    Equations,
    contexts_of,
    labelled,
    meanings,
    results_of,
)
from verifier.reports.results import Formula as FormulaResult
from verifier.theorem.theorem import Curve, Report


def derivation_document(report: Report) -> Document:
    """The whole document: theorem, results, proofs step by step, checks, trusted base."""
    return Document(report.theorem.title, report.theorem.source, tuple(_blocks(report)))


def _blocks(report: Report) -> Iterator[Block]:
    yield Heading(1, "The theorem")
    yield Paragraph((report.theorem.statement,))
    rows = tuple(
        ((c.claim.id,), (c.claim.words,), (c.verdict.value,), (c.claim.source,))
        for c in report.claims
    )
    yield Grid(("claim", "in words", "verdict", "source"), rows)
    yield Paragraph((f"Verdict: {report.verdict.value}.",))
    yield from result_blocks(report)
    for proof in report.record.proofs:
        yield from _proof(proof)
    if report.tables:
        yield Heading(1, "Numerical checks")
        yield Paragraph((f"All randomness comes from the seed {report.options.seed}.",))
    yield from table_blocks(report)
    yield from _trusted(report)


def table_blocks(report: Report) -> Iterator[Block]:
    """The numerical tables, with their curves."""
    for table in report.tables:
        state = {True: "agrees", False: "disagrees", None: "for information"}[table.passed]
        yield Paragraph((f"{table.title} ({state}). {table.note}".rstrip(),))
        yield Grid(table.columns, tuple(tuple((cell,) for cell in row) for row in table.rows))
        if table.curve is not None:
            yield picture_of(table.curve)


def picture_of(curve: Curve) -> Picture:
    """The curve and its marks scaled to the unit square."""
    xs = [x for x, _ in curve.points] + [x for x, _, _ in curve.marks]
    ys = [y for _, y in curve.points] + [y for _, y, _ in curve.marks]
    left, low = min(xs), min(ys)
    width, height = (max(xs) - left) or 1.0, (max(ys) - low) or 1.0
    return Picture(
        curve.x_label,
        curve.y_label,
        tuple(((x - left) / width, (y - low) / height) for x, y in curve.points),
        tuple(((x - left) / width, (y - low) / height, label) for x, y, label in curve.marks),
        f"{low:.4g}",
        f"{max(ys):.4g}",
    )


def result_blocks(report: Report) -> Iterator[Block]:
    """What was derived, each value under its name."""
    if report.results:
        yield Heading(1, "Results")
    for label, value in labelled(results_of(report), contexts_of(report)):
        yield Paragraph((f"{label.capitalize()}:",))
        if isinstance(value, Equations):
            for k, one in enumerate(value.systems):
                opening = (Tex(r"\text{or}\quad "),) if k else ()
                equations = tuple(Atom("", left, right) for left, right in one)
                yield Display((*opening, *system(value.context, equations)))
        elif isinstance(value, FormulaResult):
            yield Display((Formula.of(value.context, value.text),))
        else:
            yield Paragraph((value.text,), depth=1)
    for name, meaning in meanings(report).items():
        yield Paragraph(("where ", Formula.symbol(name), f": {meaning}"))


def _proof(proof: Proof) -> Iterator[Block]:
    accepted, failed = examine(proof)
    context, moments = proof.context, dict[str, int]()
    for checked in accepted.values():
        moments |= checked.moments
    yield Heading(1, f"Proof: {proof.name}")
    yield Heading(2, "Setting")
    yield from context_blocks(context, moments)
    statements = {name: checked.step.statement for name, checked in accepted.items()}
    minima = [one for one in statements.values() if isinstance(one, Minimum)]
    meaning = Meaning(context, Fuel(FUEL)) if accepted else None
    for number, step in enumerate(proof.steps, 1):
        claim = f" (claim {step.claim})" if step.claim else ""
        yield Heading(2, f"Step {number}: {step.name}{claim}")
        if meaning is None or step.name not in accepted:
            yield Paragraph((f"The checker did not accept this step: {failed[step.name]}.",))
            continue
        yield from statement_blocks(context, step.statement, minima)
        yield Paragraph(_because(proof, accepted[step.name], accepted))
        yield from certificate_blocks(meaning, step, statements)


def _because(proof: Proof, checked: Checked, accepted: Mapping[str, Checked]) -> tuple[Piece, ...]:
    step = checked.step
    uses = f" It uses {', '.join(step.uses)}." if step.uses else ""
    basis = rests_on(proof.context, checked, accepted)
    return (f"Why: {rule_of(step)}.{uses} Rests on: ", *basis, ".")


def _trusted(report: Report) -> Iterator[Block]:
    yield Heading(1, "What is trusted")
    rows = tuple(((str(k),), (entry,)) for k, entry in enumerate(trusted_base(report), 1))
    yield Grid(("", "trusted"), rows)
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    yield Paragraph((f"Written with {found}.",))
    yield Paragraph(("The same result, and its proof as data for the checker alone:",))
    name = report.theorem.id
    yield Code(
        (
            f"python -m verifier check {name} --proof {name}.json",
            f"python -S -m verifier recheck {name}.json",
        )
    )
