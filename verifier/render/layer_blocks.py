"""The layer's matrices and vectors, put together from the blocks that statements name.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.proof.context import Context, Tensor

_BLOCKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "W_K": (("WKxx", "WKxy"), ("WKyx", "WKyy")),
    "W_Q": (("WQxx", "WQxy"), ("WQyx", "WQyy")),
    "W_V": (("WVxx", "WVxy"), ("WVyx", "WVyy")),
    "h": (("hx",), ("hy",)),
}


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix or vector of the layer, declared in blocks: d entries and one more."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    size: str

    @property
    def blocks(self) -> tuple[str, ...]:
        """The names of all blocks."""
        return tuple(block for row in self.rows for block in row)

    @property
    def order(self) -> int:
        """2 for a matrix, 1 for a vector."""
        return 2 if len(self.rows[0]) == 2 else 1


def matrices(context: Context) -> tuple[Matrix, ...]:
    """W_K, W_Q, W_V and h as far as the context declares all their blocks in their shapes."""
    sizes = {sort.name: sort.size for sort in context.sorts}
    declared = {t.name: t.sorts for t in context.arrays if isinstance(t, Tensor)}
    taken = context.taken - set(context.letters)
    found = []
    for name, rows in _BLOCKS.items():
        sorts = declared.get(rows[0][0], ())
        if sorts and name not in taken and _fits(declared, rows, sorts[0]):
            found.append(Matrix(name, rows, sizes[sorts[0]]))
    return tuple(found)


def _fits(
    declared: Mapping[str, tuple[str, ...]], rows: tuple[tuple[str, ...], ...], sort: str
) -> bool:
    """Whether each block has the sort once for every direction in which it has d entries."""
    return all(
        declared.get(block) == (sort,) * ((r == 0) + (c == 0 and len(row) == 2))
        for r, row in enumerate(rows)
        for c, block in enumerate(row)
    )
