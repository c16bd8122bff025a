"""About how many letters wide a formula is, so that short ones share a line."""

from __future__ import annotations

import re

from verifier.render.document import BlockMatrix, Formula, Matrix, Piece, Pieces, Tex
from verifier.render.latex_expression import latex
from verifier.render.matrix_latex import tree_latex

LINE = 60  # of what fits into a line
_SCRIPT = re.compile(r"[_^]\{([^{}]*)\}")
_COMMAND = re.compile(r"\\(?:mathbb|mathrm|tilde|bar|hat|text|big[lr]|Big[lr]|top|,|frac)")


def width_of(pieces: Pieces) -> int:
    """The sum over the pieces."""
    return sum(map(_width, pieces))


def _width(piece: Piece) -> int:
    match piece:
        case Formula(node):
            return letters(latex(node))
        case Matrix(tree):
            return letters(tree_latex(tree))
        case Tex(text, _):
            return letters(text)
        case BlockMatrix(_, rows):
            return 8 + max(sum(map(_width, row)) for row in rows)
        case str():
            return len(piece)
    return 4


def letters(text: str) -> int:
    """The width of LaTeX: scripts count half, most commands one letter."""
    scripts = sum(len(_COMMAND.sub("", inside)) for inside in _SCRIPT.findall(text))
    bare = _COMMAND.sub("", _SCRIPT.sub("", text))
    bare = re.sub(r"\\[A-Za-z]+", "x", bare)
    return len(re.sub(r"[{}\s\\]", "", bare)) + scripts // 2 + 2 * len(re.findall("[-+=]", bare))
