"""Lines and columns of plain text (floor 3; standard library only)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from fractions import Fraction

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


def _cell(text: str, width: int, right: bool) -> str:
    blank = " " * (width - columns_of(text))
    return blank + text if right else text + blank


def _numeric(text: str) -> bool:
    return re.fullmatch(r"[-+−]?[0-9][0-9.,/e+−-]*%?|—|-|", text) is not None
