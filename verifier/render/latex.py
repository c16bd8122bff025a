"""Documents as LaTeX that compiles with pdflatex alone (stdlib only).

Displayed formulas are paragraphs of inline mathematics with a hanging indent, so that TeX itself
breaks a long one at its plus and minus signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

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
from verifier.render.pictures import latex_picture
from verifier.render.prose import marked
from verifier.render.streams import to_ascii

PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=22mm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage{longtable}
\usepackage{array}
\usepackage[hidelinks,pdfusetitle]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{3pt plus 2pt}
\emergencystretch=5em
\binoppenalty=100
\relpenalty=50
\newcommand{\BreakProduct}{\penalty900 }
\newenvironment{formula}[1]{\par\begingroup\raggedright
  \leftskip=\dimexpr 2em + #1em\relax\hangindent=2em\hangafter=1\noindent}{\par\endgroup}
\newcommand{\EquationNumber}[1]{\refstepcounter{equation}\label{#1}\textup{(\theequation)}}
\newtheorem{theorem}{Theorem}
\newtheorem{lemma}{Lemma}
\newenvironment{indented}[1]{\par\begingroup\leftskip=#1em\noindent}{\par\endgroup}
"""
# Of a few pages to paste: no large title, little space.
COMPACT = r"""\makeatletter
\renewcommand{\maketitle}{{\noindent\raggedright\hyphenpenalty10000\Large\@title\par\smallskip\noindent\normalsize\itshape\@author\par}\medskip}
\makeatother
"""
# A column of up to SHORT letters keeps its width; parts of the line that a letter and a gap take.
SHORT, PER_LETTER, GAP = 18, 0.0115, 0.026
WHOLE = 25  # rows of a table that no page break divides
LABEL = "\0"
# What follows stands at the right margin, on a line of its own where there is no room.
AT_MARGIN = r"\unskip\nobreak\hfill\penalty50\hskip1em\mbox{}\nobreak\hfill "
# Brackets in which no line is broken.
_SHORT = re.compile(r"(?<![lr}])\(([^()]{1,60})(?<![lr])\)")
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
    "“": "``",
    "”": "''",
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
        PREAMBLE + (COMPACT if document.label else ""),
        rf"\title{{{prose(document.title)}}}",
        rf"\author{{{prose(document.source)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    body = (labelled(_block(block), document.label) for block in document.blocks)
    return "\n".join([*head, *body, r"\end{document}", ""])


def labelled(text: str, label: str) -> str:
    """The labels of equations and theorems with the document's own one in them."""
    return text.replace(LABEL, f"{label}:" if label else "")


def prose(text: str) -> str:
    """Words, escaped, with the mathematics in them set as such."""
    return marked(text, escape, _dollars).replace(" - ", " $-$ ")


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
        case Display(pieces, depth, number):
            body = f"$\\displaystyle {' '.join(map(_math, pieces))}$"
            body += AT_MARGIN + _numbering(number) + r"\parfillskip=0pt " if number else ""
            return f"\\begin{{formula}}{{{2 * depth}}}{body}\\end{{formula}}"
        case Code(lines):
            return "\n".join([r"\begin{verbatim}", *lines, r"\end{verbatim}"])
        case Grid():
            return _grid(block)
        case Picture():
            return latex_picture(block)
        case Environment(kind, number, title, blocks):
            named = f"[{{{prose(title)}}}]" if title else ""
            named = named.replace("[{", "[{Proof ") if kind == "proof" else named
            label = rf"\label{{{kind}:{LABEL}{number}}}" if number else ""
            body = "\n".join(map(_block, blocks))
            if kind == "proof" and blocks and isinstance(blocks[-1], Paragraph | Display):
                at = body.rindex(r"\end{")
                body = rf"{body[:at]}\qedhere{body[at:]}"
            return f"\\begin{{{kind}}}{named}{label}\n{body}\n\\end{{{kind}}}"
        case Fold(summary, blocks):
            return "\n".join(map(_block, (Paragraph(summary), *blocks)))
        case References(entries):
            items = [rf"\bibitem{{{key}}} {escape(entry)}" for key, entry in entries]
            return "\n".join([r"\begin{thebibliography}{9}", *items, r"\end{thebibliography}"])


def inline(pieces: tuple[Piece, ...]) -> str:
    """Words and formulas in one paragraph; a line may end after a comma between equations."""

    def formula(group: Iterable[Piece]) -> str:
        return _dollars(mathematics(group).replace(r",\quad", r",\allowbreak\quad"))

    return woven(pieces, _words, formula)


def mathematics(pieces: Iterable[Piece]) -> str:
    """LaTeX of formulas one after another, as in a line of mathematics."""
    return " ".join(map(_math, pieces))


def _words(words: Words) -> str:
    match words:
        case Reference(number):
            return rf"\eqref{{eq:{LABEL}{number}}}"
        case Named(kind, number):
            return rf"{kind.capitalize()}~\ref{{{kind}:{LABEL}{number}}}"
        case Citation(keys):
            return rf"\cite{{{','.join(keys)}}}"
    return prose(words)


def _numbering(number: int) -> str:
    return rf"\EquationNumber{{eq:{LABEL}{number}}}"


def _dollars(formula: str) -> str:
    return f"${formula}$"


def _math(piece: Piece) -> str:
    """One piece in mathematics, breakable between brackets."""
    match piece:
        case Formula(node):
            return latex(split_fractions(node)).replace(r")\,", r")\,\BreakProduct ")
        case Matrix(tree):
            text = _SHORT.sub(r"{(\1)}", tree_latex(tree))
            return text.replace(r")}\,", r")}\,\BreakProduct ")
        case Tex(text, _):
            return text
        case BlockMatrix(name, rows):
            lines = r" \\ ".join(" & ".join(map(_math, row)) for row in rows)
            return rf"{name} = \begin{{pmatrix}} {lines} \end{{pmatrix}}"
        case Numbering(number):
            return rf"\quad\text{{{_numbering(number)}}}"
        case str():
            return rf"\text{{{escape(piece)}}}"
    return rf"\text{{{_words(piece)}}}"


def _grid(grid: Grid) -> str:
    """A table that may run over pages where it is long; long cells are broken."""
    head = " & ".join(rf"\textbf{{{prose(name)}}}" for name in grid.columns)
    rows = [" & ".join(map(inline, row)) + r" \\" for row in grid.rows]
    if len(rows) <= WHOLE:
        top = [rf"\begin{{tabular}}{{@{{}}{_form(grid)}@{{}}}}", rf"{head} \\ \hline"]
        return "\n".join([r"{\small\noindent", *top, *rows, r"\end{tabular}\par}"])
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
        case Reference() | Named() | Citation():
            return 9
    return 4 + len(_math(piece)) // 2
