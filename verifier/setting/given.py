"""Covariances from what people give: one reader for setting files and for Python.

``"identity"``, a list of d numbers (a diagonal), or a d x d matrix as nested lists, tuples or a
NumPy array of integers. Numbers are those of `verifier.setting.numbers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verifier.setting.numbers import exact_number

IDENTITY = "identity"
Rows = tuple[tuple[Fraction, ...], ...]


def square_rows(value: object, dimension: int) -> Rows:
    """The d x d matrix of Fractions that ``value`` means.

    Raises TypeError for another kind of object and for floats, ValueError for another size or a
    text that is no number; each message is one line that does not name the quantity.
    """
    size = range(dimension)
    if isinstance(value, str) and value == IDENTITY:
        return tuple(tuple(Fraction(int(i == j)) for j in size) for i in size)
    plain = _plain(value)
    if isinstance(plain, str) or not isinstance(plain, Sequence):
        raise TypeError("must be 'identity', a list for a diagonal, or a matrix as a list of lists")
    rows: list[Any] = [_plain(row) for row in plain]
    nested = [isinstance(row, Sequence) and not isinstance(row, str) for row in rows]
    if any(nested) and not all(nested):
        raise ValueError("is a mixture of numbers and rows; give a diagonal or a whole matrix")
    if len(rows) != dimension:
        raise ValueError(
            f"has {len(rows)} {'rows' if any(nested) else 'entries'}; dimension is {dimension}"
        )
    if not all(nested):
        entries = [exact_number(v, f"entry {i + 1}") for i, v in enumerate(rows)]
        return tuple(tuple(entries[i] if i == j else Fraction(0) for j in size) for i in size)
    for i, row in enumerate(rows):
        if len(row) != dimension:
            raise ValueError(f"must be square: row {i + 1} has not {dimension} entries")
    return tuple(
        tuple(exact_number(v, f"entry ({i + 1},{j + 1})") for j, v in enumerate(row))
        for i, row in enumerate(rows)
    )


def _plain(value: object) -> object:
    """An array as nested lists of Python numbers; anything else as it is."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else value
