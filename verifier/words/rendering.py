"""Dimension-free expressions as SymPy objects and as LaTeX.

A scalar symbol becomes the plain SymPy symbol of its name; any other word becomes one commutative
symbol whose name is its plain-text label, so that SymPy never reorders a matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy

from verifier.words.letters import Chain, Letter, Word, word_label
from verifier.words.terms import Term
from verifier.words.words import Expression

_LETTERS = """
    Lambda Gamma Sigma Omega Theta Phi alpha beta gamma eta mu tau rho omega epsilon sigma lambda
    theta phi
"""
VARIANCE = r"\sigma^{2}"
_GREEK = {"sigma2": VARIANCE} | {name: "\\" + name for name in _LETTERS.split()}


def to_sympy(expression: Expression) -> sympy.Expr:
    """Return a scalar expression as a SymPy polynomial (ValueError for a matrix)."""
    if not expression.is_scalar:
        raise ValueError(f"a scalar is needed, not a {expression.rows} x {expression.cols} matrix")
    return sympy.Add(
        *(
            sympy.Rational(value.numerator, value.denominator)
            * sympy.Mul(*(sympy.Symbol(word_label(w)) ** e for w, e in monomial))
            for (_, monomial), value in expression.terms.items()
        )
    )


def to_poly(expression: Expression, names: Iterable[str] = ("n", "d", "sigma2")) -> sympy.Poly:
    """Return a scalar expression as a SymPy Poly over Q in the named symbols."""
    return sympy.Poly(to_sympy(expression), *map(sympy.Symbol, names), domain="QQ")


def to_latex(expression: Expression) -> str:
    """Return deterministic LaTeX, terms by degree and then alphabetically."""
    if not expression.terms:
        return "0"
    unit = "" if expression.is_scalar else "I"
    parts = [_latex_term(term, value, unit) for term, value in expression.sorted_terms()]
    return " + ".join(parts).replace("+ -", "- ")


def _latex_term(term: Term, value: Fraction, unit: str) -> str:
    chain, monomial = term
    scalars = [item for item in monomial if item[0][0].rows == item[0][0].cols == "1"]
    others = [item for item in monomial if item not in scalars]
    factors = [_latex_power(_latex_word(w), e) for w, e in scalars + others]
    if chain or unit:
        factors.append(_latex_chain(chain) or unit)
    if abs(value) == 1 and factors:
        sign = "-" if value < 0 else ""
        return sign + r"\, ".join(factors)
    return r"\, ".join([_latex_number(value), *factors])


def _latex_number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _latex_power(text: str, exponent: int) -> str:
    if exponent == 1:
        return text
    if text == VARIANCE:
        return rf"\sigma^{{{2 * exponent}}}"
    return rf"{text}^{{{exponent}}}" if len(text) == 1 else rf"\left({text}\right)^{{{exponent}}}"


def _latex_word(word: Word) -> str:
    text = _latex_chain(word)
    return text if word[0].rows == "1" else rf"\operatorname{{tr}}\left({text}\right)"


def _latex_chain(chain: Chain) -> str:
    return " ".join(_latex_letter(letter) for letter in chain)


def _latex_letter(letter: Letter) -> str:
    name = _GREEK.get(letter.name, letter.name)
    mark = {(1, False): "", (1, True): r"\top", (-1, False): "-1", (-1, True): r"-\top"}
    power = mark[letter.power, letter.transposed]
    return rf"{name}^{{{power}}}" if power else name
