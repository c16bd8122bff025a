"""One term: a rational number, a monomial in closed words, an open chain."""

from __future__ import annotations

from fractions import Fraction

from verifier.words.letters import Chain, Monomial, letter_label, word_label

Term = tuple[Chain, Monomial]
Number = int | Fraction


def multiply_monomials(left: Monomial, right: Monomial) -> Monomial:
    """Return the product of two monomials in words."""
    if not left or not right:
        return left or right
    counts = dict(left)
    for word, exponent in right:
        counts[word] = counts.get(word, 0) + exponent
    return tuple(sorted(counts.items()))


def degree(monomial: Monomial) -> int:
    """Return the number of letters of a monomial, the first key of the printing order."""
    return sum(len(word) * exponent for word, exponent in monomial)


def term_label(term: Term, value: Fraction, unit: str) -> str:
    """Return plain text for one term; ``unit`` stands for the empty chain ("I" in a matrix)."""
    chain, monomial = term
    factors = [
        word_label(word) if exponent == 1 else f"({word_label(word)})^{exponent}"
        for word, exponent in monomial
    ]
    if chain or unit:
        factors.append(" ".join(letter_label(letter) for letter in chain) or unit)
    if value != 1 or not factors:
        factors.insert(0, str(value) if value > 0 else f"({value})")
    return " * ".join(factors)
