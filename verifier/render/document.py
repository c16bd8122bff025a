"""A document as a list of blocks, before it becomes LaTeX or Markdown (stdlib only).

A formula is kept as the expression object that was checked; only a back end turns it into letters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from verifier.proof.context import Context
from verifier.proof.syntax import Node, Symbol
from verifier.render.as_written import tidy
from verifier.render.matrix import Tree


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


@dataclass(frozen=True, slots=True)
class Matrix:
    """An expression without indices (`verifier.render.matrix`)."""

    tree: Tree


@dataclass(frozen=True, slots=True)
class BlockMatrix:
    """A matrix of blocks: a name and its rows."""

    name: str
    rows: tuple[tuple[Matrix | Formula, ...], ...]


@dataclass(frozen=True, slots=True)
class Numbering:
    """Gives the equation before it this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The equation of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Named:
    """A numbered theorem or lemma: its kind and number."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Citation:
    """Works of the bibliography, by their keys."""

    keys: tuple[str, ...]


Piece = str | Formula | Tex | Matrix | BlockMatrix | Numbering | Reference | Named | Citation
Words = str | Reference | Named | Citation
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
    """A displayed formula; it may be broken over lines. A ``number`` stands at the margin."""

    pieces: tuple[Piece, ...]
    depth: int = 0
    number: int = 0


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


@dataclass(frozen=True, slots=True)
class Environment:
    """A theorem, a lemma (numbered) or a proof, with the blocks in it."""

    kind: str
    number: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A line that unfolds to blocks; on paper they follow it."""

    summary: tuple[Piece, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The works that are cited: key and entry, in the order of their numbers."""

    entries: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Display | Grid | Code | Picture | Environment | Fold | References


@dataclass(frozen=True, slots=True)
class Document:
    """A title, its source, and the blocks. ``label`` goes into labels of equations."""

    title: str
    source: str
    blocks: tuple[Block, ...]
    label: str = ""

    def formulas(self) -> Iterator[Formula]:
        """Every formula in indices of the document, in order."""
        return (piece for piece in self.pieces() if isinstance(piece, Formula))

    def pieces(self) -> Iterator[Piece]:
        """Every piece of the document, in order; a matrix of blocks comes apart."""
        for piece in _pieces(self.blocks):
            if isinstance(piece, BlockMatrix):
                yield from (cell for row in piece.rows for cell in row)
            else:
                yield piece


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    for block in blocks:
        match block:
            case Paragraph(pieces) | Display(pieces):
                yield from pieces
            case Grid(_, rows):
                yield from (piece for row in rows for cell in row for piece in cell)
            case Environment():
                yield from _pieces(block.blocks)
            case Fold(summary, inside):
                yield from summary
                yield from _pieces(inside)


def joined(parts: Iterable[tuple[Piece, ...]], between: Piece) -> tuple[Piece, ...]:
    """The parts one after another with a piece in between."""
    result: list[Piece] = []
    for part in parts:
        result += [between, *part] if result else part
    return tuple(result)


def woven(
    pieces: Iterable[Piece],
    words: Callable[[Words], str],
    mathematics: Callable[[Iterable[Piece]], str],
) -> str:
    """Words and formulas in one paragraph; neighbouring formulas go to ``mathematics`` together."""
    result = []
    for is_words, group in itertools.groupby(pieces, lambda piece: isinstance(piece, Words)):
        if is_words:
            result += [words(piece) for piece in group if isinstance(piece, Words)]
        else:
            result.append(mathematics(group))
    return "".join(result)
