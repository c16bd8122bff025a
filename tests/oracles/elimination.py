"""Linear algebra in Fractions alone, by Gauss and Jordan; the one on FLINT has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Rows = Sequence[Sequence[Fraction]]


def reduced(rows: Rows) -> tuple[list[list[Fraction]], list[int]]:
    """The reduced row echelon form, and the columns of its pivots."""
    left = [list(row) for row in rows]
    pivots: list[int] = []
    for column in range(len(left[0])):
        top = len(pivots)
        row = next((k for k in range(top, len(left)) if left[k][column]), None)
        if row is None:
            continue
        left[top], left[row] = left[row], left[top]
        left[top] = [x / left[top][column] for x in left[top]]
        for k, other in enumerate(left):
            if k != top and other[column]:
                factor = other[column]
                left[k] = [x - factor * y for x, y in zip(other, left[top], strict=True)]
        pivots.append(column)
    return left, pivots


def times(left: Rows, right: Rows) -> list[list[Fraction]]:
    """The matrix product."""
    columns = list(zip(*right, strict=True))
    return [
        [sum((u * v for u, v in zip(row, c, strict=True)), Fraction(0)) for c in columns]
        for row in left
    ]
