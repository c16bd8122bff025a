"""What a reader gets out of each form: tables as rows of cells, formulas as values, paragraphs.

Nothing here renders; a law compares what is read with the object that was shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import sympy
from oracles.latex_reading import read_latex
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

from verifier.proof.syntax import show

Rows = list[list[str]]
_SIGNS = {"σ²": " sigma2 ", "−": "-", "·": "*", "²": "^2"}
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def terminal_rows(lines: list[str]) -> Rows:
    """Aligned columns: cells are two or more spaces apart."""
    return [re.split(r" {2,}", line.strip()) for line in lines]


def markdown_tables(text: str) -> Iterator[Rows]:
    """Every table, the row of names first, without mathematics' marks."""
    for block in text.split("\n\n"):
        if block.startswith("| "):
            rows = [_cells(line) for line in block.splitlines()]
            yield [[unmarked(cell) for cell in row] for k, row in enumerate(rows) if k != 1]


def _cells(line: str) -> list[str]:
    return line.removeprefix("| ").removesuffix(" |").split(" | ")


def latex_tables(text: str) -> Iterator[Rows]:
    """Every table, the row of names first, without mathematics' marks."""
    kind = r"\{(?:longtable|tabular)\}"
    for block in re.findall(rf"\\begin{kind}.*?\n(.*?)\\end{kind}", text, re.DOTALL):
        rows = []
        for line in block.splitlines():
            cells = line.removesuffix(r" \endhead").removesuffix(r"\hline").rstrip()
            cells = cells.removesuffix(r"\\")
            rows.append(
                [unmarked(re.sub(r"\\textbf\{(.*?)\}", r"\1", c)) for c in cells.split(" & ")]
            )
        yield rows


def unmarked(text: str) -> str:
    """Text of a document as it was before its mathematics was marked, as far as tests need it."""
    text = text.replace("$`", "").replace("`$", "").replace("$", "").replace("\\_", "_")
    for tex, letter in (
        (r"\sigma^2", "sigma2"),
        (r"L^\star", "L*"),
        (r"\pm", "±"),
        (r"\approx", "≈"),
    ):
        text = text.replace(tex, letter)
    return text.replace("\\", "").strip()


def paragraphs(text: str) -> list[str]:
    """The text in units that belong together: a line of LaTeX, a block of Markdown."""
    return re.split(r"\n+", text) if r"\begin{document}" in text else text.split("\n\n")


def words_of(text: str) -> list[str]:
    """The longer words of a text in order; mathematics, quotes and line ends do not count."""
    return re.findall(r"[a-z]{4,}", text.lower())


def says(unit: str, text: str) -> bool:
    """Whether all longer words of ``text`` stand in ``unit``, in their order."""
    there = iter(words_of(unit))
    return all(word in there for word in words_of(text))


def unicode_value(text: str) -> sympy.Expr:
    """The value of a scalar formula of the terminal, products written by a space."""
    for sign, meaning in _SIGNS.items():
        text = text.replace(sign, meaning)
    text = re.sub("[α-ω]", lambda letter: unicodedata.name(letter[0]).split()[-1].lower(), text)
    text = text.translate(_LOWERED)
    letters = {name: sympy.Symbol(name) for name in re.findall(r"[a-z]\w*", text)}
    rules = (*standard_transformations, convert_xor, implicit_multiplication)
    return parse_expr(text, letters, transformations=rules)


def latex_value(text: str) -> sympy.Expr:
    """The value of a scalar formula in LaTeX."""
    return index_value(show(read_latex(text.replace(r"\BreakProduct ", ""))))


def index_value(text: str) -> sympy.Expr:
    """The value of a scalar expression of the index language."""
    letters = {name: sympy.Symbol(name) for name in re.findall(r"[a-z]\w*", text)}
    return parse_expr(text.replace("^", "**"), letters)
