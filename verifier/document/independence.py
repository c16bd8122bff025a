"""Which random arrays are independent, and given which others a table of moments holds (floor 3).

A normal array is independent of everything listed after it; the rows or the arrays of a table have
its moments given everything listed after it (`verifier.proof.context`). Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.proof.context import Context, Law

ALMOST_SURELY = "equations between random quantities hold almost surely"
SIGN_CHANGE = "together leaves the joint law of all random arrays as it is"


def independent(context: Context) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Each list of independent blocks of arrays: normal ones, and all that follow them as one."""
    laws = list(context.laws)
    while laws:
        blocks: list[tuple[str, ...]] = []
        while laws and laws[0].kind == "normal":
            blocks.append(laws.pop(0).arrays)
        if laws:
            blocks.append(tuple(name for law in laws for name in law.arrays))
        if len(blocks) > 1:
            yield tuple(blocks)
        while laws and laws[0].kind != "normal":
            laws.pop(0)


def listed_after(context: Context, law: Law) -> tuple[str, ...]:
    """The arrays given which the table of this law holds."""
    after = context.laws[context.laws.index(law) + 1 :]
    return tuple(name for other in after for name in other.arrays)
