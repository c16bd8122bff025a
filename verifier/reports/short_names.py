"""Long polynomials in fractions get names of their own, so that a line can hold the fraction.

``Q_1 = d^3 n + ...`` is written once, before the statements, and Q_1 wherever it stands above or
below a bar. A name stands for exactly the tree that it replaces (`restored`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from verifier.render.document import (
    Block,
    Display,
    Environment,
    Fold,
    Grid,
    Heading,
    Matrix,
    Paragraph,
    Piece,
    Pieces,
)
from verifier.render.matrix import SCALAR, Add, Indexed, Leaf, Mean, Quotient, Tree, shape
from verifier.render.matrix_latex import tree_latex
from verifier.render.saying import SIGNS

LETTER = "Q"
LONGEST = 90  # letters of LaTeX that a sum in a fraction may have without a name


def with_short_names(blocks: Sequence[Block], taken: Collection[str]) -> list[Block]:
    """The blocks of one proof, after its heading what the names stand for."""
    found: dict[Tree, str] = {}
    fresh = (x for k in itertools.count(1) if (x := f"{LETTER}{k}") not in taken)
    for tree in _trees(blocks):
        for one in _long(tree):
            if one not in found:
                found[one] = next(fresh)
    if not found:
        return list(blocks)
    equals = SIGNS["="]
    told: list[Block] = [Paragraph(("Long polynomials are written as",))]
    told += [Display((Matrix(Leaf(x, 0)), equals, Matrix(tree))) for tree, x in found.items()]
    first = 1 if isinstance(blocks[0], Heading) else 0
    shown = [_block(block, found) for block in blocks]
    return [*shown[:first], *told, *shown[first:]]


def renamed(tree: Tree, names: Mapping[Tree, str]) -> Tree:
    """The tree with each named part under its name."""
    if tree in names:
        return Leaf(names[tree], 0)
    return _mapped(tree, lambda part: renamed(part, names))


def restored(tree: Tree, names: Mapping[Tree, str]) -> Tree:
    """The tree with each name replaced by what it stands for."""
    bodies = {name: body for body, name in names.items()}
    if isinstance(tree, Leaf) and tree.name in bodies:
        return bodies[tree.name]
    return _mapped(tree, lambda part: restored(part, names))


def _long(tree: Tree, within: bool = False) -> Iterator[Tree]:
    """Sums of numbers in fractions that are too long; ``within``: whether a bar is around."""
    if within and isinstance(tree, Add) and _plain(tree) and len(tree_latex(tree)) > LONGEST:
        yield tree
        return
    for part in _parts(tree):
        yield from _long(part, within or isinstance(tree, Quotient))


def _plain(tree: Tree) -> bool:
    """Whether the tree is a polynomial in scalars; one with a bar in it is named part by part."""
    if isinstance(tree, Mean | Indexed | Quotient) or shape(tree) != SCALAR:
        return False
    return all(map(_plain, _parts(tree)))


def _parts(tree: Tree) -> Iterator[Tree]:
    for field in fields(tree):
        value = getattr(tree, field.name)
        if isinstance(value, Tree):
            yield value
        elif field.name == "factors":
            yield from value


def _mapped(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with each of its parts changed."""
    changed: dict[str, Any] = {}
    for field in fields(tree):
        value = getattr(tree, field.name)
        if isinstance(value, Tree):
            changed[field.name] = change(value)
        elif field.name == "factors":
            changed[field.name] = tuple(map(change, value))
    return replace(tree, **changed)


def _trees(blocks: Sequence[Block]) -> Iterator[Tree]:
    """The trees of all pieces, in their order."""
    for block in blocks:
        match block:
            case Paragraph(pieces) | Display(pieces):
                yield from (piece.tree for piece in pieces if isinstance(piece, Matrix))
            case Grid(_, rows):
                cells = (piece for row in rows for cell in row for piece in cell)
                yield from (piece.tree for piece in cells if isinstance(piece, Matrix))
            case Environment() | Fold():
                yield from _trees(block.blocks)


def _block(block: Block, names: Mapping[Tree, str]) -> Block:
    match block:
        case Paragraph(pieces) | Display(pieces):
            return replace(block, pieces=_pieces(pieces, names))
        case Grid(_, rows):
            return replace(
                block, rows=tuple(tuple(_pieces(cell, names) for cell in row) for row in rows)
            )
        case Environment() | Fold():
            return replace(block, blocks=tuple(_block(one, names) for one in block.blocks))
    return block


def _pieces(pieces: Pieces, names: Mapping[Tree, str]) -> Pieces:
    return tuple(_piece(piece, names) for piece in pieces)


def _piece(piece: Piece, names: Mapping[Tree, str]) -> Piece:
    return Matrix(renamed(piece.tree, names)) if isinstance(piece, Matrix) else piece
