"""Under what a claim holds, in one phrase: ranges, values, hypotheses (floor 3; stdlib only).

A report says what all of its claims share once, in the heading; what a claim has beside that stands
in front of its formula, or where the formula is too long for a line in a footnote with a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.document.wording import INDICES, Wording, grouped
from verifier.proof.context import Context
from verifier.proof.statement import Statement


@dataclass(frozen=True, slots=True)
class Scope:
    """Quantified things (pattern and name), conditions on them, and names of hypotheses."""

    quantified: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        words: Wording,
        context: Context,
        statement: Statement,
        letters: frozenset[str] = frozenset(),
    ) -> Scope:
        """All that the statement is claimed under; ``letters``: those of the whole report."""
        return cls(
            words.quantified(context, statement),
            (*words.inverses(context, statement), *words.values(context, statement, letters)),
            tuple(h.name for h in context.hypotheses),
        )

    @classmethod
    def common(cls, scopes: Sequence[Scope]) -> Scope:
        """What all of them have."""
        if not scopes:
            return cls()
        first = scopes[0]
        return cls(
            tuple(x for x in first.quantified if all(x in s.quantified for s in scopes)),
            tuple(x for x in first.conditions if all(x in s.conditions for s in scopes)),
            tuple(x for x in first.hypotheses if all(x in s.hypotheses for s in scopes)),
        )

    def without(self, other: Scope) -> Scope:
        """What is not in the other one."""
        return Scope(
            tuple(x for x in self.quantified if x not in other.quantified),
            tuple(x for x in self.conditions if x not in other.conditions),
            tuple(x for x in self.hypotheses if x not in other.hypotheses),
        )

    def without_indices(self) -> Scope:
        """For a footnote, which no formula follows: its indices would name nothing."""
        kept = tuple(x for x in self.quantified if x[0] != INDICES)
        return Scope(kept, self.conditions, self.hypotheses)

    def phrase(self) -> str:
        """``for all ... with ..., assuming ...``; '' if there is nothing to say."""
        ranges = f"for {'; '.join(grouped(self.quantified))}" if self.quantified else ""
        given = f"with {', '.join(self.conditions)}" if self.conditions else ""
        assumed = f"assuming {', '.join(self.hypotheses)}" if self.hypotheses else ""
        start = " ".join(filter(None, (ranges, given)))
        return ", ".join(filter(None, (start, assumed)))
