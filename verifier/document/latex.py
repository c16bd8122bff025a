"""Documents as LaTeX that compiles with pdflatex alone (floor 3; stdlib only).

Displayed formulas are paragraphs of inline mathematics with a hanging indent, so that TeX itself
breaks a long one at its plus and minus signs.
"""

from __future__ import annotations

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
    Picture,
    Piece,
    Tex,
    woven,
)
from verifier.document.latex_expression import latex, split_fractions
from verifier.document.output import to_ascii
from verifier.document.pictures import latex_picture
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
# A column of up to SHORT letters keeps its width; parts of the line that a letter and a gap take.
SHORT, PER_LETTER, GAP = 18, 0.0115, 0.026
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
        case Picture():
            return latex_picture(block)


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph."""
    return woven(pieces, prose, lambda group: _dollars(" ".join(map(_math, group))))


def _dollars(formula: str) -> str:
    return f"${formula}$"


def _math(piece: Piece) -> str:
    """One piece in mathematics, breakable between brackets."""
    match piece:
        case Formula(node):
            return latex(split_fractions(node)).replace(r")\,", r")\,\BreakProduct ")
        case Tex(text, _):
            return text
    return rf"\text{{{escape(piece)}}}"


def _grid(grid: Grid) -> str:
    """A table that may run over pages; long cells are broken."""
    head = " & ".join(rf"\textbf{{{prose(name)}}}" for name in grid.columns)
    rows = [" & ".join(map(inline, row)) + r" \\" for row in grid.rows]
    top = [rf"\begin{{longtable}}[l]{{@{{}}{_form(grid)}@{{}}}}", rf"{head} \\ \hline \endhead"]
    return "\n".join([r"{\small", *top, *rows, r"\end{longtable}}"])


def _form(grid: Grid) -> str:
    """Column types: short columns at their natural width, the others share what is left."""
    longest = [len(name) for name in grid.columns]
    for row in grid.rows:
        for k, cell in enumerate(row):
            longest[k] = max(longest[k], min(sum(map(_columns, cell)), 60))
    total = sum(size for size in longest if size > SHORT)
    left = 0.97 - sum(PER_LETTER * size + GAP for size in longest if size <= SHORT)
    forms = [
        rf">{{\raggedright\arraybackslash}}p{{\dimexpr "
        rf"{max(left, 0.2) * size / total:.3f}\linewidth-2\tabcolsep\relax}}"
        if size > SHORT
        else "l"
        for size in longest
    ]
    return "".join(forms)


def _columns(piece: Piece) -> int:
    """About how many columns a piece takes."""
    match piece:
        case str():
            return len(piece)
        case Tex(text, _):
            return 2 + sum(letter.isalnum() for letter in text) // 2
    return 4 + len(_math(piece)) // 2
