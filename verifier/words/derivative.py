"""Matrix calculus on words: the gradient of a scalar expression in one letter.

A word that holds the letter Z is a trace tr(Z P) after rotation and transposition, and
``d tr(Z P) / dZ = P'``. The product rule over occurrences does the rest; the result is an
expression with the sides of Z, exact for every n and d.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from verifier.words.letters import Chain, Letter, Monomial, collect, split, transpose
from verifier.words.terms import Term, multiply_monomials
from verifier.words.words import Expression


def derivative(expression: Expression, letter: Expression) -> Expression:
    """Return the gradient of a scalar ``expression`` in the named deterministic ``letter``.

    The entry (i, j) is the partial derivative in entry (i, j) of the letter. Raises ValueError if
    the expression is not a scalar, or if ``letter`` is not one unconstrained named letter
    (a symmetric matrix has no entrywise gradient) or occurs inverted.
    """
    if not expression.is_scalar:
        raise ValueError("only a scalar expression has a gradient")
    target = _target(letter)
    return Expression.build(target.rows, target.cols, _rule(expression, target))


def _target(letter: Expression) -> Letter:
    letters = letter.letters()
    if len(letters) != 1 or len(letter.terms) != 1:
        raise ValueError("the gradient is taken in one named letter")
    (target,) = letters
    if target.law or target.transposed or (target.symmetric and target.rows != "1"):
        raise ValueError(f"no entrywise gradient in {target.name}")
    return target


def _rule(expression: Expression, target: Letter) -> Iterator[tuple[Term, Fraction]]:
    for (_, monomial), value in expression.terms.items():
        for k, (word, exponent) in enumerate(monomial):
            fewer = ((word, exponent - 1),) if exponent > 1 else ()
            others: Monomial = tuple(sorted(monomial[:k] + fewer + monomial[k + 1 :]))
            for i, letter in enumerate(word):
                if letter.name != target.name:
                    continue
                if letter.power != 1:
                    raise ValueError(f"{target.name} occurs inverted; its gradient is not a word")
                chain, words = split(_cofactor(word, i))
                yield (chain, multiply_monomials(others, collect(words))), value * exponent


def _cofactor(word: Chain, position: int) -> Chain:
    """Return P' where the word is tr(Z P), Z being the letter at ``position``."""
    rest = word[position + 1 :] + word[:position]
    return rest if word[position].transposed else transpose(rest)
