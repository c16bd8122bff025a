"""Documents as Markdown with the mathematics that GitHub renders (floor 3; stdlib only)."""

from __future__ import annotations

import re

from verifier.document.blocks import (
    Block,
    Code,
    Display,
    Document,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Piece,
    Tex,
    woven,
)
from verifier.document.latex_expression import latex, split_fractions
from verifier.document.pictures import text_picture
from verifier.document.prose import MATHEMATICS, is_mathematics, to_latex

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown_document(document: Document) -> str:
    """A complete page, the same for the same report."""
    head = [f"# {prose(document.title)}", f"*{prose(document.source)}*"]
    return "\n\n".join([*head, *map(block, document.blocks)]) + "\n"


def prose(text: str) -> str:
    """Words, escaped, with the mathematics in them set as such."""
    pieces, at = [], 0
    for match in MATHEMATICS.finditer(text):
        if is_mathematics(match.group()):
            words = _SPECIAL.sub(r"\\\1", text[at : match.start()])
            pieces += [words, _dollars(to_latex(match.group()))]
            at = match.end()
    return "".join([*pieces, _SPECIAL.sub(r"\\\1", text[at:])])


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph."""
    return woven(pieces, prose, lambda group: _dollars(" ".join(map(_math, group))))


def _dollars(formula: str) -> str:
    """Inline mathematics in the form in which Markdown leaves it alone."""
    return f"$`{formula}`$"


def _math(piece: Piece) -> str:
    match piece:
        case Formula(node):
            return latex(split_fractions(node))
        case Tex(text, _):
            return text
    return rf"\text{{{piece}}}"


def block(content: Block) -> str:
    """One block."""
    match content:
        case Heading(level, text):
            return f"{'#' * (level + 1)} {prose(text)}"
        case Paragraph(pieces, depth):
            return "> " * depth + inline(pieces)
        case Display(pieces, depth):
            quote = "> " * depth
            body = " ".join(map(_math, pieces))
            return "\n".join(f"{quote}{line}" for line in ("```math", body, "```"))
        case Code(lines):
            return "\n".join(["```", *lines, "```"])
        case Picture() as picture:
            return "\n".join(["```text", text_picture(picture), "```"])
        case Grid(columns, rows):
            head = ["| " + " | ".join(map(prose, columns)) + " |", "|---" * len(columns) + "|"]
            return "\n".join([*head, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _cell(pieces: tuple[Piece, ...]) -> str:
    """A table cell; a bar inside mathematics would end it."""
    return inline(pieces).replace(r"\|", "&#124;")
