"""Reports that show themselves in a notebook.

A `ShownReport` is a `Report`, and a `ShownClaim` a `ClaimReport`, with the display methods that
notebooks look for; what they show is rendered from the checked objects, as Markdown with the
mathematics that every notebook knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from verifier.render.document import Block, Display, Fold, Paragraph
from verifier.render.facts import ASSUMED, LAWS
from verifier.render.latex import inline as latex_inline
from verifier.render.markdown import block as markdown_block
from verifier.render.markdown import prose, with_dollars
from verifier.render.streams import Style
from verifier.render.wording import Wording
from verifier.reports.check_document import claim_blocks
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import ClaimReport, Report

# Where TeX may break a line: known to our own documents alone.
BREAKS = r"\BreakProduct ", r"\allowbreak"


def _standard(text: str) -> str:
    """LaTeX without the macros that notebooks do not know."""
    for macro in BREAKS:
        text = text.replace(macro, "")
    return text


class Shown:
    """What a console of IPython prints: the text of ``print``, not the fields of the object."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class ShownClaim(Shown, ClaimReport):
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
        return self.markdown(claim_blocks(self))

    def markdown(self, blocks: Iterable[Block]) -> str:
        """The verdict, then ``blocks``."""
        head = f"**{self.claim.id}: {self.verdict.value}**"
        return with_dollars("\n\n".join([head, *map(markdown_block, blocks)]))

    def _repr_latex_(self) -> str:
        head = rf"\text{{{self.claim.id}: {self.verdict.value}}}"
        blocks = [b for b in claim_blocks(self) if isinstance(b, Paragraph | Display)]
        lines = [_standard(latex_inline(block.pieces)) for block in blocks]
        return "\n\n".join([f"${head}$", *lines])


class ShownReport(Shown, Report):
    """A report; ``print`` shows it as the terminal does, a notebook as Markdown."""

    __slots__ = ()
    claims: tuple[ShownClaim, ...]

    def __str__(self) -> str:
        return report_text(self, Style())

    def _repr_markdown_(self) -> str:
        head = f"### {with_dollars(prose(self.theorem.title))}: {self.verdict.value}"
        return "\n\n".join([head, *map(self._claim, self.claims)])

    @staticmethod
    def _claim(claim: ShownClaim) -> str:
        """Without what unfolds: the letters, which are alike for most claims."""
        return claim.markdown(x for x in claim_blocks(claim) if not isinstance(x, Fold))

    def _repr_latex_(self) -> str:
        return "\n\n".join(claim._repr_latex_() for claim in self.claims)

    @classmethod
    def of(cls, report: Report) -> ShownReport:
        """The same report, its claims included, with display methods."""
        claims = tuple(ShownClaim(**values(claim)) for claim in report.claims)
        return cls(**{**values(report), "claims": claims})


def values(instance: Any) -> dict[str, Any]:
    """The fields of a dataclass by name."""
    return {field.name: getattr(instance, field.name) for field in fields(instance)}
