"""Lines and columns of plain text (standard library only)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from fractions import Fraction

NARROWEST = 12  # columns of a wrapped cell
_ANSI = re.compile(r"\033\[[0-9;]*m")


def fold(text: str, width: int, first: str, following: str | None = None) -> list[str]:
    """Lines of at most ``width`` columns; what follows the first is indented as told.

    A no-break space becomes a space at which no line ends.
    """
    after = first + "  " if following is None else following
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in lines]


def shorten(text: str, width: int) -> str:
    """The text, cut with an ellipsis if it has more than ``width`` columns."""
    return text if len(text) <= width else f"{text[: max(width - 2, 0)].rstrip()} …"


def with_decimal(value: Fraction) -> str:
    """``1/4 = 0.25`` and ``1/3 ≈ 0.333333``: six digits, with ≈ where they are rounded."""
    decimal = f"{float(value):.6g}"
    return f"{value} {'=' if Fraction(decimal) == value else '≈'} {decimal}"


def columns_of(text: str) -> int:
    """How many columns the text takes, colour codes aside."""
    return len(_ANSI.sub("", text))


def aligned(rows: Sequence[Sequence[str]], indent: str) -> list[str]:
    """Rows as lines with aligned columns: numbers to the right, all else to the left."""
    if not rows:
        return []
    size = max(map(len, rows))
    padded = [[*row, *[""] * (size - len(row))] for row in rows]
    widths = [max(columns_of(row[k]) for row in padded) for k in range(size)]
    right = [all(_numeric(row[k]) for row in padded[1:]) and len(padded) > 1 for k in range(size)]
    return [(indent + "  ".join(map(_cell, row, widths, right))).rstrip() for row in padded]


def fitted(rows: Sequence[Sequence[str]], indent: str, width: int) -> list[str]:
    """Rows as `aligned`, none longer than ``width``: columns of words are wrapped.

    Where that is not enough each row after the first is written on lines of its own, with the names
    of its columns.
    """
    lines = aligned(rows, indent)
    if max(map(columns_of, lines), default=0) <= width:
        return lines
    size = max(map(len, rows))
    padded = [[*row, *[""] * (size - len(row))] for row in rows]
    widths = [max(columns_of(row[k]) for row in padded) for k in range(size)]
    least = [max((_longest_word(row[k]) for row in padded), default=0) for k in range(size)]
    excess = len(indent) + sum(widths) + 2 * (size - 1) - width
    while excess > 0:
        room = [widths[k] - max(least[k], NARROWEST) for k in range(size)]
        widest = max(range(size), key=lambda k: (room[k] > 0, widths[k]))
        if room[widest] <= 0:
            return _records(padded, indent, width)
        taken = min(room[widest], excess)
        widths[widest] -= taken
        excess -= taken
    right = [all(_numeric(row[k]) for row in padded[1:]) and len(padded) > 1 for k in range(size)]
    return [line for row in padded for line in _wrapped(row, widths, right, indent)]


def _longest_word(cell: str) -> int:
    """The least width of a cell; a painted one is not wrapped."""
    return columns_of(cell) if "\033" in cell else max(map(len, cell.split()), default=0)


def _wrapped(
    row: Sequence[str], widths: Sequence[int], right: Sequence[bool], indent: str
) -> list[str]:
    """A row on as many lines as its longest cell takes."""
    cells = [
        [cell] if columns_of(cell) <= width else fold(cell, width, "", "")
        for cell, width in zip(row, widths, strict=True)
    ]
    found = []
    for k in range(max(map(len, cells))):
        parts = (cell[k] if k < len(cell) else "" for cell in cells)
        line = "  ".join(map(_cell, parts, widths, right))
        found.append((indent + line).rstrip())
    return found


def _records(rows: Sequence[Sequence[str]], indent: str, width: int) -> list[str]:
    """Each row after the first as ``name value; name value``."""
    names, *body = rows
    lines = []
    for row in body:
        first, *rest = zip(names, row, strict=True)
        cells = (f"{name} {cell}".strip() for name, cell in rest if cell)
        start = " ".join(filter(None, first))
        text = ": ".join(filter(None, (start, "; ".join(cells))))
        lines += fold(text, width, indent, indent + "    ")
    return lines


def _cell(text: str, width: int, right: bool) -> str:
    blank = " " * (width - columns_of(text))
    return blank + text if right else text + blank


def _numeric(text: str) -> bool:
    return re.fullmatch(r"[-+−]?[0-9][0-9.,/e+−-]*%?|—|-|", text) is not None
