"""Single letters, bounded products, powers and inverses of expressions of words."""

from __future__ import annotations

from fractions import Fraction

from verifier.words.letters import Letter
from verifier.words.words import Expression, constant, identity

MAXIMUM_TERMS = 20_000


def single(letter: Letter) -> Expression:
    """One letter as an expression."""
    if letter.rows == letter.cols == "1":
        plain = letter._replace(symmetric=True) if not letter.law else letter
        return Expression.build("1", "1", [(((), (((plain,), 1),)), Fraction(1))])
    return Expression.build(letter.rows, letter.cols, [(((letter,), ()), Fraction(1))])


def times(left: Expression, right: Expression) -> Expression:
    """The product. ValueError where it has too many terms before like ones are merged."""
    count = len(left.terms) * len(right.terms)
    if count > MAXIMUM_TERMS:
        raise ValueError(
            f"multiplied out this has about {count} terms; at most {MAXIMUM_TERMS} are computed"
        )
    return left * right if left.is_scalar or right.is_scalar else left @ right


def power(base: Expression, exponent: int) -> Expression:
    """A scalar or a square matrix to a natural power."""
    total = constant(1) if base.is_scalar else identity(base.rows)
    for _ in range(exponent):
        total = times(total, base)
    return total


def inverse(matrix: Expression, what: str) -> Expression:
    """The inverse of a product of named square matrices, by (A B)^-1 = B^-1 A^-1.

    Raises ValueError, naming ``what``, for a sum.
    """
    ((chain, monomial), value), *more = [*matrix.terms.items(), (((), ()), Fraction(0))]
    if (
        len(more) > 1
        or monomial
        or not value
        or any(x.rows != x.cols or x.rows == "1" for x in chain)
    ):
        raise ValueError(
            f"the inverse of {what} is not a word; name the matrix "
            "((X'X)^-1 is S^-1 with S ~ wishart(n, Sigma))"
        )
    total = identity(matrix.rows) / value
    for letter in reversed(chain):
        total = total @ single(letter.inverted())
    return total
