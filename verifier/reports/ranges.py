"""Under what a claim holds: its ranges, and what its setting assumes (stdlib only).

A report says what all of its claims share once, in the heading; the ranges that a claim has beside
that stand in front of its formula, or where the formula is too long for a line in a footnote with a
letter, and so does what its setting assumes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.render.facts import ASSUMED, LAWS
from verifier.render.saying import INDICES, Quantity, quantified
from verifier.render.wording import Wording
from verifier.theorem.theorem import ClaimReport


@dataclass(frozen=True, slots=True)
class Scope:
    """What a statement ranges over, and what its setting assumes, in words."""

    quantified: tuple[Quantity, ...] = ()
    setting: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: Wording, claim: ClaimReport) -> Scope:
        """All that a claim is made under."""
        if claim.context is None or claim.statement is None:
            return cls()
        setting = words.facts(claim.context, claim.moments, (*LAWS, *ASSUMED))
        return cls(quantified(claim.context, claim.statement, claim.minima), setting)

    @classmethod
    def common(cls, scopes: Sequence[Scope]) -> Scope:
        """What all of them have."""
        if not scopes:
            return cls()
        first = scopes[0]
        return cls(
            tuple(x for x in first.quantified if all(x in s.quantified for s in scopes)),
            tuple(x for x in first.setting if all(x in s.setting for s in scopes)),
        )

    def without(self, other: Scope) -> Scope:
        """What is not in the other one."""
        return Scope(
            tuple(x for x in self.quantified if x not in other.quantified),
            tuple(x for x in self.setting if x not in other.setting),
        )

    def without_indices(self) -> Scope:
        """For a footnote, which no formula follows: its indices would name nothing."""
        return Scope(tuple(x for x in self.quantified if x.before != INDICES), self.setting)

    def ranges(self, words: Wording) -> str:
        """``for all ...``; '' if there is nothing to say."""
        return f"for {'; '.join(words.grouped(self.quantified))}" if self.quantified else ""

    def assumed(self) -> str:
        """What the setting assumes, on one line."""
        return "; ".join(self.setting)


def shared(scopes: Mapping[str, Scope]) -> dict[str, tuple[str, ...]]:
    """For each claim what its setting assumes, in parts: each the facts of the very same claims."""
    owners: dict[str, list[str]] = {}
    for name, scope in scopes.items():
        for fact in scope.setting:
            owners.setdefault(fact, []).append(name)
    parts: dict[tuple[str, ...], list[str]] = {}
    for fact, names in owners.items():
        parts.setdefault(tuple(names), []).append(fact)
    return {
        name: tuple("; ".join(facts) for names, facts in parts.items() if name in names)
        for name in scopes
    }
