"""The four verdicts, kept apart everywhere: evidence is never promoted to proof."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What is known of a claim."""

    PROVED = "proved"
    REFUTED = "refuted"
    SUPPORTED = "supported"
    UNDECIDED = "undecided"

    @property
    def exit_code(self) -> int:
        """0 proved or supported as documented, 1 refuted, 3 undecided."""
        return {"proved": 0, "supported": 0, "refuted": 1, "undecided": 3}[self.value]


def overall(verdicts: tuple[Verdict, ...]) -> Verdict:
    """One verdict for many claims: the worst news first, and ``proved`` only if all are."""
    for verdict in (Verdict.REFUTED, Verdict.UNDECIDED, Verdict.SUPPORTED):
        if verdict in verdicts:
            return verdict
    return Verdict.PROVED if verdicts else Verdict.UNDECIDED
