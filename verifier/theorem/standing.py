"""How a claim stands to what is published, read off the first words of its source."""

from __future__ import annotations

from enum import StrEnum

_OWN = (
    "new",
    "beyond",
    "by other routes",
    "docs/",
    "shared derivation",
    "the case",
    "variable projection",
)
_MORE = ("stronger", "exact", "every pair")


class Standing(StrEnum):
    """New here, more than a published statement says, or as published."""

    NEW = "new"
    STRONGER = "stronger"
    PUBLISHED = "as published"


def standing(source: str) -> Standing:
    """By the first words: new or beyond, our own pages; stronger or exact, "Theorem 1, completed".

    Whatever else a source says names the work that has the statement.
    """
    if source.startswith(_OWN):
        return Standing.NEW
    if source.startswith(_MORE) or source.endswith(", completed"):
        return Standing.STRONGER
    return Standing.PUBLISHED
