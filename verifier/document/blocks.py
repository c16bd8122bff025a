"""A document as a list of blocks, before it becomes LaTeX or Markdown (floor 3; stdlib only).

A formula is kept as the expression object that was checked; only a back end turns it into letters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from verifier.document.tidy import tidy
from verifier.proof.context import Context
from verifier.proof.syntax import Node, Symbol


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of the index language, as it is printed."""

    node: Node

    @classmethod
    def of(cls, context: Context, text: str) -> Formula:
        """The expression of a checked object in the form in which people write it."""
        return cls(tidy(context.read(text)))

    @classmethod
    def symbol(cls, name: str, indices: tuple[str, ...] = ()) -> Formula:
        """A name with indices."""
        return cls(Symbol(name, indices))


@dataclass(frozen=True, slots=True)
class Tex:
    """A relation or a word between formulas, in LaTeX and, for a terminal, in plain Unicode."""

    text: str
    plain: str = ""


Piece = str | Formula | Tex
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section title; level 1 is a section."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words and inline formulas; ``depth`` counts the cases that it stands in."""

    pieces: tuple[Piece, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed formula; it may be broken over lines."""

    pieces: tuple[Piece, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; cells are pieces."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Piece, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Commands to type."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A curve on axes: points and marks in [0, 1] x [0, 1], and what the axes show.

    ``marks`` are (x, y, label); ``lowest`` and ``highest`` label the ends of the vertical axis.
    """

    x_label: str
    y_label: str
    points: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, float, str], ...]
    lowest: str
    highest: str


Block = Heading | Paragraph | Display | Grid | Code | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A title, its source, and the blocks."""

    title: str
    source: str
    blocks: tuple[Block, ...]

    def formulas(self) -> Iterator[Formula]:
        """Every formula of the document, in order."""
        for block in self.blocks:
            match block:
                case Paragraph(pieces, _) | Display(pieces, _):
                    yield from _formulas(pieces)
                case Grid(_, rows):
                    for row in rows:
                        for cell in row:
                            yield from _formulas(cell)


def _formulas(pieces: Iterable[Piece]) -> Iterator[Formula]:
    return (piece for piece in pieces if isinstance(piece, Formula))


def joined(parts: Iterable[tuple[Piece, ...]], between: Piece) -> tuple[Piece, ...]:
    """The parts one after another with a piece in between."""
    result: list[Piece] = []
    for part in parts:
        result += [between, *part] if result else part
    return tuple(result)


def woven(
    pieces: Iterable[Piece],
    words: Callable[[str], str],
    mathematics: Callable[[Iterable[Piece]], str],
) -> str:
    """Words and formulas in one paragraph; neighbouring formulas go to ``mathematics`` together."""
    result = []
    for is_words, group in itertools.groupby(pieces, lambda piece: isinstance(piece, str)):
        if is_words:
            result += [words(str(piece)) for piece in group]
        else:
            result.append(mathematics(group))
    return "".join(result)
