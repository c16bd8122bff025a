"""Index letters of texts: other letters for free indices."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from verifier.proof.context import Context

_BRACKETS = re.compile(r"\[([^\]]*)\]")


def fresh_letters(context: Context, slots: Sequence[str], avoid: Collection[str]) -> dict[str, str]:
    """Other letters of the same sorts."""
    pools = {
        sort.name: iter([one for one in sort.letters if one not in avoid]) for sort in context.sorts
    }
    return {slot: next(pools[context.letters[slot]]) for slot in slots}


def renamed(text: str, place: Mapping[str, str]) -> str:
    """A text with other letters; no sum in it may bind one of the new ones."""
    return _BRACKETS.sub(
        lambda found: "[" + ",".join(place.get(x, x) for x in found[1].split(",")) + "]", text
    )
