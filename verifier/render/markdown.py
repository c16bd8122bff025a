"""Documents as Markdown with the mathematics that GitHub renders (stdlib only)."""

from __future__ import annotations

import re

from verifier.render.document import (
    Block,
    BlockMatrix,
    Citation,
    Code,
    Display,
    Document,
    Environment,
    Fold,
    Formula,
    Grid,
    Heading,
    Matrix,
    Named,
    Numbering,
    Paragraph,
    Picture,
    Piece,
    Reference,
    References,
    Tex,
    Words,
    woven,
)
from verifier.render.latex_expression import latex, split_fractions
from verifier.render.matrix_latex import tree_latex
from verifier.render.pictures import text_picture
from verifier.render.prose import marked

_DISPLAYED = re.compile(r"^((?:> )*)```math\n(.*)\n(?:> )*```$", re.MULTILINE)
_INLINE = re.compile(r"\$`([^`]*)`\$")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown_document(document: Document) -> str:
    """A complete page, the same for the same report."""
    head = [f"# {prose(document.title)}", f"*{prose(document.source)}*"]
    return "\n\n".join([*head, *map(block, document.blocks)]) + "\n"


def prose(text: str) -> str:
    """Words, escaped, with the mathematics in them set as such."""
    return marked(text, escape, _dollars)


def escape(text: str) -> str:
    """Words without any mark-up."""
    return _SPECIAL.sub(r"\\\1", text)


def with_dollars(text: str) -> str:
    """Markdown of this module for readers of $...$ and $$...$$, such as notebooks."""
    displayed = _DISPLAYED.sub(lambda found: f"{found[1]}$$\n{found[2]}\n{found[1]}$$", text)
    return _INLINE.sub(lambda found: f"${found[1].strip()}$", displayed)


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph."""
    return woven(pieces, _words, lambda group: _dollars(" ".join(map(_math, group))))


def _words(words: Words) -> str:
    match words:
        case Reference(number):
            return f"({number})"
        case Named(kind, number):
            return f"{kind.capitalize()} {number}"
        case Citation(keys):
            return "".join(f"[^{key}]" for key in keys)
    return prose(words)


def _dollars(formula: str) -> str:
    """Inline mathematics in the form in which Markdown leaves it alone."""
    return f"$`{formula}`$"


def _math(piece: Piece) -> str:
    match piece:
        case Formula(node):
            return latex(split_fractions(node))
        case Matrix(tree):
            return tree_latex(tree)
        case Tex(text, _):
            return text.replace(r"\allowbreak", "")  # TeX alone knows it
        case BlockMatrix(name, rows):
            lines = r" \\ ".join(" & ".join(map(_math, row)) for row in rows)
            return rf"{name} = \begin{{pmatrix}} {lines} \end{{pmatrix}}"
        case Numbering(number):
            return rf"\quad({number})"
        case str():
            return rf"\text{{{piece}}}"
    return rf"\text{{{_words(piece)}}}"


def block(content: Block) -> str:
    """One block."""
    match content:
        case Heading(level, text):
            return f"{'#' * (level + 1)} {prose(text)}"
        case Paragraph(pieces, depth):
            return "> " * depth + inline(pieces)
        case Display(pieces, depth, number):
            quote = "> " * depth
            body = " ".join(map(_math, pieces)) + (rf" \tag{{{number}}}" if number else "")
            return "\n".join(f"{quote}{line}" for line in ("```math", body, "```"))
        case Code(lines):
            return "\n".join(["```", *lines, "```"])
        case Picture() as picture:
            return "\n".join(["```text", text_picture(picture), "```"])
        case Environment():
            return _environment(content)
        case Fold(summary, blocks):
            return "\n\n".join(map(block, (Paragraph(summary), *blocks)))
        case References(entries):
            return "\n".join(f"[^{key}]: {escape(entry)}" for key, entry in entries)
        case Grid(columns, rows):
            head = ["| " + " | ".join(map(prose, columns)) + " |", "|---" * len(columns) + "|"]
            return "\n".join([*head, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _environment(content: Environment) -> str:
    """A theorem, a lemma or a proof: its heading, its blocks, and a square after a proof."""
    name = " ".join(filter(None, (content.kind.capitalize(), str(content.number or ""))))
    title = f" ({prose(content.title)})" if content.title else ""
    end = ("∎",) if content.kind == "proof" else ()
    return "\n\n".join([f"**{name}{title}.**", *map(block, content.blocks), *end])


def _cell(pieces: tuple[Piece, ...]) -> str:
    """A table cell; a bar inside mathematics would end it."""
    return inline(pieces).replace(r"\|", "&#124;")
