"""Documents as LaTeX that compiles with pdflatex alone (floor 3; stdlib only).

Displayed formulas are paragraphs of inline mathematics with a hanging indent, so that TeX itself
breaks a long one at its plus and minus signs.
"""

from __future__ import annotations

import itertools
import unicodedata

from verifier.document.blocks import (
    Block,
    Code,
    Display,
    Document,
    Formula,
    Grid,
    Heading,
    Paragraph,
    Piece,
    Tex,
)
from verifier.document.latex_expression import latex
from verifier.document.output import to_ascii
from verifier.document.prose import MATHEMATICS, is_mathematics, to_latex

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=22mm]{geometry}
\usepackage{amsmath,amssymb}
\usepackage{longtable}
\usepackage{array}
\usepackage[hidelinks,pdfusetitle]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 2pt}
\emergencystretch=3em
\binoppenalty=100
\relpenalty=50
\newcommand{\BreakProduct}{\penalty900 }
\newenvironment{formula}[1]{\par\begingroup\raggedright
  \leftskip=\dimexpr 2em + #1em\relax\hangindent=2em\hangafter=1\noindent}{\par\endgroup}
\newenvironment{indented}[1]{\par\begingroup\leftskip=#1em\noindent}{\par\endgroup}
"""
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"$\sim$",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"\textbar{}",
    '"': "''",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "∞": r"$\infty$",
    "→": r"$\to$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "σ": r"$\sigma$",
    "η": r"$\eta$",
    "²": r"$^2$",
    "μ": r"$\mu$",
    "τ": r"$\tau$",
    "ρ": r"$\rho$",
    "Λ": r"$\Lambda$",
    "Γ": r"$\Gamma$",
    "Σ": r"$\Sigma$",
    "√": r"$\surd$",
}


def latex_document(document: Document) -> str:
    """A complete document, the same for the same report."""
    head = [
        PREAMBLE,
        rf"\title{{{prose(document.title)}}}",
        rf"\author{{{prose(document.source)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    return "\n".join([*head, *map(_block, document.blocks), r"\end{document}", ""])


def prose(text: str) -> str:
    """Words, escaped, with the mathematics in them set as such."""
    pieces, at = [], 0
    for match in MATHEMATICS.finditer(text):
        if is_mathematics(match.group()):
            pieces += [escape(text[at : match.start()]), f"${to_latex(match.group())}$"]
            at = match.end()
    return "".join([*pieces, escape(text[at:])]).replace(" - ", " $-$ ")


def escape(text: str) -> str:
    """Plain text for LaTeX; letters that pdflatex does not know become their nearest ASCII."""
    return "".join(_ESCAPES.get(letter) or _letter(letter) for letter in text)


def _letter(letter: str) -> str:
    latin = unicodedata.name(letter, "").startswith("LATIN")
    return letter if letter.isascii() or latin else to_ascii(letter)


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            command = "section" if level == 1 else "subsection"
            return f"\\{command}*{{{prose(text)}}}"
        case Paragraph(pieces, depth):
            return f"\\begin{{indented}}{{{2 * depth}}}{inline(pieces)}\\end{{indented}}"
        case Display(pieces, depth):
            body = " ".join(map(_math, pieces))
            return f"\\begin{{formula}}{{{2 * depth}}}$\\displaystyle {body}$\\end{{formula}}"
        case Code(lines):
            return "\n".join([r"\begin{verbatim}", *lines, r"\end{verbatim}"])
        case Grid():
            return _grid(block)


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph."""
    result = []
    for words, group in itertools.groupby(pieces, lambda piece: isinstance(piece, str)):
        if words:
            result += [prose(str(piece)) for piece in group]
        else:
            result.append(_dollars(" ".join(map(_math, group))))
    return "".join(result)


def _dollars(formula: str) -> str:
    return f"${formula}$"


def _math(piece: Piece) -> str:
    """One piece in mathematics, breakable between brackets."""
    match piece:
        case Formula(node):
            return latex(node).replace(r")\,", r")\,\BreakProduct ")
        case Tex(text):
            return text
    return rf"\text{{{escape(piece)}}}"


def _grid(grid: Grid) -> str:
    """A table that may run over pages; long cells are broken."""
    shares = _shares(grid)
    form = "".join(
        rf">{{\raggedright\arraybackslash}}p{{\dimexpr {share:.3f}\linewidth-2\tabcolsep\relax}}"
        for share in shares
    )
    head = " & ".join(rf"\textbf{{{prose(name)}}}" for name in grid.columns)
    rows = [" & ".join(map(inline, row)) + r" \\" for row in grid.rows]
    top = [rf"\begin{{longtable}}[l]{{@{{}}{form}@{{}}}}", rf"{head} \\ \hline \endhead"]
    return "\n".join([r"{\small", *top, *rows, r"\end{longtable}}"])


def _shares(grid: Grid) -> list[float]:
    """The part of the line that each column gets, by its longest cell."""
    longest = [len(name) + 4 for name in grid.columns]
    for row in grid.rows:
        for k, cell in enumerate(row):
            size = sum(_columns(piece) for piece in cell)
            longest[k] = max(longest[k], min(size + 4, 60))
    total = sum(longest)
    return [size / total for size in longest]


def _columns(piece: Piece) -> int:
    """About how many columns a piece takes."""
    match piece:
        case str():
            return len(piece) + 2
        case Tex(text):
            return 2 + sum(letter.isalnum() for letter in text) // 2
    return 4 + len(_math(piece)) // 2
