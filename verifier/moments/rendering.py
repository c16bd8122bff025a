"""Answers as text that can be typed back, and as LaTeX."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from verifier.setting.spelling import GREEK_NAMES
from verifier.words.letters import Chain, Letter, Monomial, Word

_UNIT = re.compile(r"e_([a-z])")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_GREEK_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip


class _PositiveFirst:
    """Printers that write n - d - 1 rather than -d + n - 1: by falling degree, n before d."""

    def _as_ordered_terms(self, expression: sympy.Expr, order: Any = None) -> list[sympy.Expr]:
        names = scalar_order(expression)

        def place(term: sympy.Expr) -> tuple[int, ...]:
            powers = [int(sympy.degree(term, name)) if term.has(name) else 0 for name in names]
            return -sum(powers), *(-p for p in powers)

        terms = sorted(expression.args, key=place)
        first = next((t for t in terms if not t.could_extract_minus_sign()), terms[0])
        return [first, *(t for t in terms if t is not first)]


class _Text(_PositiveFirst, StrPrinter):  # type: ignore[misc]  # SymPy has no types
    pass


class _Latex(_PositiveFirst, LatexPrinter):  # type: ignore[misc]  # the same
    pass


def scalar_order(expression: sympy.Expr) -> list[sympy.Symbol]:
    """The names in an expression, numbers of examples (n, ...) first."""
    return sorted(expression.free_symbols, key=lambda s: (not s.name.startswith("n"), s.name))


def coefficient_text(value: sympy.Expr) -> str:
    """A rational function with implied products: n (n + 1)/(n - d)."""
    text: str = _Text().doprint(value)
    return text.replace("**", "^").replace("*", " ")


def coefficient_latex(value: sympy.Expr) -> str:
    """A rational function in LaTeX."""
    names = {s: latex_name(s.name) for s in value.free_symbols}
    text: str = _Latex({"symbol_names": names}).doprint(value)
    return text


def unit_indices(chain: Chain, words: Monomial) -> list[str]:
    """The indices of the unit vectors e_i in a term, over which it is summed."""
    letters = [*chain, *(x for word, _ in words for x in word)]
    return sorted({m[1] for x in letters if (m := _UNIT.fullmatch(x.name))})


def term_text(value: sympy.Expr, words: Monomial, chain: Chain, scalar: bool) -> str:
    """One term without its sign, e.g. ``n tr(A Sigma) Sigma``."""
    pieces = [f"sum_{index}" for index in unit_indices(chain, words)]
    for word, exponent in words:
        text = word_text(word)
        if word[0].rows == "1" and (len(words) > 1 or chain or exponent > 1 or value != 1):
            text = f"({text})"
        pieces.append(text if exponent == 1 else f"{text}^{exponent}")
    if not scalar:
        pieces.append(chain_text(chain) if chain else "I")
    if value != 1 or not pieces:
        text = coefficient_text(value)
        pieces.insert(0, f"({text})" if value.is_Add and pieces else text)
    return " ".join(pieces)


def term_latex(value: sympy.Expr, words: Monomial, chain: Chain, scalar: bool) -> str:
    r"""One term without its sign, e.g. ``n \operatorname{tr}\left(A \Sigma\right) \Sigma``."""
    pieces = [rf"\sum_{{{index}}}" for index in unit_indices(chain, words)]
    for word, exponent in words:
        raised = f"^{{{exponent}}}" if exponent > 1 else ""
        text = rf"\left({chain_latex(word)}\right)"
        if word[0].rows != "1":
            text = rf"\operatorname{{tr}}{raised}{text}"
        elif len(words) > 1 or chain or raised or value != 1:
            text += raised
        else:
            text = chain_latex(word)
        pieces.append(text)
    if not scalar:
        pieces.append(chain_latex(chain) if chain else "I")
    if value != 1 or not pieces:
        text = coefficient_latex(value)
        pieces.insert(0, rf"\left({text}\right)" if value.is_Add and pieces else text)
    return r" \, ".join(pieces)


def _runs(chain: Chain) -> list[tuple[Letter, int]]:
    """Equal neighbours together; a transposed letter stays alone."""
    found: list[tuple[Letter, int]] = []
    for letter, group in groupby(chain):
        count = len(list(group))
        found += [(letter, 1)] * count if letter.transposed else [(letter, count)]
    return found


def word_text(word: Word) -> str:
    """A closed word: ``tr(A Sigma)`` or ``u' A v``."""
    return chain_text(word) if word[0].rows == "1" else f"tr({chain_text(word)})"


def chain_text(chain: Chain) -> str:
    """A matrix product: ``Sigma^2 A' Sigma^-1``."""
    pieces = []
    for letter, count in _runs(chain):
        exponent = letter.power * count
        power = "" if exponent == 1 else f"^{exponent}"
        pieces.append(f"{letter.name}{power}{chr(39) if letter.transposed else ''}")
    return " ".join(pieces)


def chain_latex(chain: Chain) -> str:
    r"""A matrix product: ``\Sigma^{2} A^{\top} \Sigma^{-1}``."""
    pieces = []
    for letter, count in _runs(chain):
        exponent = letter.power * count
        mark = (r"\top" if exponent == 1 else r"-\top") if letter.transposed else str(exponent)
        name = latex_name(letter.name)
        pieces.append(name if mark == "1" else rf"{name}^{{{mark}}}")
    return " ".join(pieces)


def latex_name(name: str) -> str:
    r"""``Sigma_x`` is ``\Sigma_{x}``; ``sigma2`` is the variance."""
    if name == "sigma2":
        return r"\sigma^{2}"
    stem, _, below = name.partition("_")
    if not below and (numbered := re.fullmatch(r"([A-Za-z]+)([0-9]+)", stem)):
        stem, below = numbered[1], numbered[2]
    base = "\\" + stem if stem in GREEK_NAMES else stem
    below = latex_name(below) if below and not below.isdigit() else below
    return rf"{base}_{{{below}}}" if below else base


def pretty(text: str) -> str:
    """The text with Greek letters, raised exponents and a true minus sign."""
    text = re.sub(r"(?<![A-Za-z0-9_])sigma2\^([0-9]+)", lambda m: f"sigma^{2 * int(m[1])}", text)
    text = re.sub(r"\^(-?[0-9]+)", lambda m: m[1].translate(_RAISED), text)
    text = text.replace("-", "−")
    text = re.sub(r"(?<![A-Za-z0-9_])sigma2(?![A-Za-z0-9_])", "σ²", text)
    text = re.sub(r"(?<![A-Za-z0-9_])sum_(?=[a-z])", "∑_", text)
    return re.sub(
        r"(?<![A-Za-z0-9_])([A-Za-z]+)(?=[^A-Za-z]|$)",
        lambda m: _GREEK_LETTERS.get(m[1], m[1]),
        text,
    )


def question_latex(question: str) -> str:
    r"""A question in LaTeX: ``\mathbb{E}[S A S]``, ``\operatorname{Cov}[...]``."""
    text = re.sub(r"(?<![A-Za-z])E(?=\[)", r"\\mathbb{E}", question)
    text = re.sub(r"(?<![A-Za-z])(tr|Cov)(?=[(\[])", r"\\operatorname{\1}", text)
    text = re.sub(r"\^(-?[0-9]+)", r"^{\1}", text).replace("'", r"^{\top}")
    return re.sub(
        r"(?<![A-Za-z\\])([A-Za-z]+(?:_?[A-Za-z0-9]+)?)(?![A-Za-z{])",
        lambda m: latex_name(m[1]),
        text,
    )
