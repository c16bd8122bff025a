"""A theorem as a page of the documentation: what is claimed, why, in numbers, how to run it.

All formulas are rendered from what the checker accepted; the idea is the author's, from the
theorem's file.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.render.document import Block, Code, Heading, Paragraph, Piece
from verifier.reports.check_document import claim_folds, verdict_line
from verifier.reports.derivation import result_blocks
from verifier.theorem.theorem import Report


def gallery_blocks(report: Report, idea: str, extra: tuple[Block, ...] = ()) -> Iterator[Block]:
    """From the statement to the commands; ``extra`` stands between the idea and the results.

    ``idea`` is text as in a docstring: paragraphs, and formulas on lines that are indented.
    """
    theorem = report.theorem
    yield Paragraph((theorem.statement,))
    yield verdict_line(report)
    yield Paragraph((f"Source: {theorem.source}.",))
    if idea:
        yield Heading(1, "Idea")
        yield from idea_blocks(idea)
    yield from extra
    yield from result_blocks(report)
    yield Heading(1, "Claims")
    yield from claim_folds(report)
    yield Heading(1, "Run it")
    yield Code(
        (
            f"python -m verifier check {theorem.id}",
            f"python -m verifier derive {theorem.id} -o {theorem.id}.pdf",
            f"python -m verifier check {theorem.id} --no-numerics --proof {theorem.id}.json",
            f"python -S -m verifier recheck {theorem.id}.json",
        )
    )


def idea_blocks(text: str) -> Iterator[Block]:
    """Paragraphs of a docstring; what is indented stays as it is typed."""
    for part in text.strip().split("\n\n"):
        if part.startswith(" "):
            yield Code(tuple(line.removeprefix("    ") for line in part.splitlines()))
        else:
            words: tuple[Piece, ...] = (" ".join(part.replace("``", "").split()),)
            yield Paragraph(words)
