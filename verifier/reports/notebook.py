"""Reports that show themselves in a notebook.

A `ShownReport` is a `Report`, and a `ShownClaim` a `ClaimReport`, with the display methods that
notebooks look for; what they show is rendered from the checked objects.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from verifier.render.document import Block, Display, Paragraph
from verifier.render.facts import ASSUMED, LAWS
from verifier.render.latex import inline as latex_inline
from verifier.render.markdown import block as markdown_block
from verifier.render.statement_blocks import fact_blocks, statement_blocks
from verifier.render.streams import Style
from verifier.render.wording import Wording
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import ClaimReport, Report


class ShownClaim(ClaimReport):
    """The verdict on a claim; a notebook shows what was checked, what it assumes and rests on."""

    __slots__ = ()

    def __str__(self) -> str:
        """The statement, what its setting makes random, and what it rests on, in plain ASCII."""
        words = Wording(unicode=False)
        lines = [f"{self.claim.id}: {self.verdict.value}"]
        if self.context is not None and self.statement is not None:
            told = words.statement(self.context, self.statement, self.minima)
            lines += (f"  {line}" for line in told)
            lines += words.facts(self.context, self.moments, (*LAWS, *ASSUMED))
        lines += (f"rests on {lemma}" for lemma in self.rests_on)
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        head = f"**{self.claim.id}: {self.verdict.value}**"
        return "\n\n".join([head, *map(markdown_block, self._blocks())])

    def _repr_latex_(self) -> str:
        head = rf"\text{{{self.claim.id}: {self.verdict.value}}}"
        blocks = [b for b in self._blocks() if isinstance(b, Paragraph | Display)]
        lines = [latex_inline(block.pieces) for block in blocks]
        return "\n\n".join([f"${head}$", *lines])

    def _blocks(self) -> list[Block]:
        if self.context is None or self.statement is None:
            return []
        basis = [Paragraph((f"Rests on: {'; '.join(self.rests_on)}.",))] if self.rests_on else []
        return [
            *statement_blocks(self.context, self.statement, self.minima),
            *fact_blocks(self.context, self.moments, (*LAWS, *ASSUMED)),
            *basis,
        ]


class ShownReport(Report):
    """A report; ``print`` shows it as the terminal does, a notebook as Markdown."""

    __slots__ = ()
    claims: tuple[ShownClaim, ...]

    def __str__(self) -> str:
        return report_text(self, Style())

    def _repr_markdown_(self) -> str:
        head = f"### {self.theorem.title}: {self.verdict.value}"
        return "\n\n".join([head, *(claim._repr_markdown_() for claim in self.claims)])

    def _repr_latex_(self) -> str:
        return "\n\n".join(claim._repr_latex_() for claim in self.claims)

    @classmethod
    def of(cls, report: Report) -> ShownReport:
        """The same report, its claims included, with display methods."""
        claims = tuple(ShownClaim(**_values(claim)) for claim in report.claims)
        return cls(**{**_values(report), "claims": claims})


def _values(instance: ClaimReport | Report) -> dict[str, Any]:
    return {field.name: getattr(instance, field.name) for field in fields(instance)}
