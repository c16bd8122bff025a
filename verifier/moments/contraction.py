"""Means of words over one random letter at a time, for every law in `symbols.LAWS`.

* normal: X = M + Z with Z centred, and Wick's theorem (`verifier.words.wick`).
* Wishart: S = X'X, and the same. In S, S^-1 a letter is one random matrix; where both meet in one
  product after cancelling, there is no finite formula and the question is refused.
* inverse Wishart: orthogonal Weingarten functions (`verifier.moments.inverse_wishart`).
* independent entries: cumulants (`verifier.moments.independent`).
* sphere: the Gaussian mean of degree 2k divided by d (d + 2) ... (d + 2k - 2).

Different letters are independent, so that they are integrated out one after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import sympy

from verifier.moments.independent import EntryLaw, independent_mean
from verifier.moments.inverse_wishart import inverse_mean
from verifier.moments.products import inverse, single
from verifier.moments.rendering import coefficient_text
from verifier.moments.scalars import Condition, Quotients
from verifier.words.letters import Chain, Letter, transpose
from verifier.words.terms import Term
from verifier.words.wick import expect
from verifier.words.words import Expression, constant, matrix, scalar

MAXIMUM_DEGREE = 24
# Terms remembered by one contraction: about twenty seconds.
MAXIMUM_TERMS = 200_000


@dataclass(frozen=True, slots=True)
class Normal:
    """X = mean + Z, E[Z_ia Z_jb] = rows_ij columns_ab; a mean of None is zero."""

    name: str
    rows: str
    cols: str
    mean: Expression | None
    row_covariance: Expression
    column_covariance: Expression

    def integrate(self, expression: Expression, quotients: Quotients) -> Expression:
        """The mean over this letter."""
        _refuse_power(expression, self.name, "a normal matrix")
        left, back_left = _as_chain(self.row_covariance, f"_rows_{self.name}")
        right, back_right = _as_chain(self.column_covariance, f"_columns_{self.name}")
        z = _letter(f"_z_{self.name}", self.rows, self.cols, left, right)
        value = z if self.mean is None else self.mean + z
        found = expect(expression.substitute({self.name: value}), MAXIMUM_TERMS)
        return found.substitute(back_left | back_right)


@dataclass(frozen=True, slots=True)
class Wishart:
    """S = X'X with ``degrees`` rows N(0, scale); ``inverse``: the letter is S^-1 of such an S.

    ``degrees`` is a scalar expression and ``side`` the dimension of S.
    """

    name: str
    side: str
    degrees: Expression
    scale: Expression
    inverse: bool = False

    def integrate(self, expression: Expression, quotients: Quotients) -> Expression:
        """The mean over this letter; ValueError where it occurs with both signs in one product."""
        regular: list[tuple[Term, Fraction]] = []
        inverted: list[tuple[Term, Fraction]] = []
        for term, value in expression.terms.items():
            signs = {x.power for x in _letters(term) if x.name == self.name}
            if len(signs) > 1:
                raise ValueError(
                    f"{self.name} and its inverse meet in one product; only means of one or the "
                    "other are known here"
                )
            of_inverse = bool(signs) and (-1 in signs) != self.inverse
            (inverted if of_inverse else regular).append((term, value))
        rows, cols = expression.rows, expression.cols
        total = Expression.build(rows, cols, [])
        if regular:
            total += self._regular(Expression.build(rows, cols, regular))
        if inverted:
            scale = self.scale if self.inverse else inverse(self.scale, f"the scale of {self.name}")
            chain, back = _as_chain(scale, f"_scale_{self.name}")
            part = Expression.build(rows, cols, inverted)
            degrees = quotients.value(self.degrees)
            gap = degrees - sympy.Symbol(self.side) - 1
            most = max(degree_in(term, self.name) for term, _ in inverted)
            text = f"{coefficient_text(degrees)} > {self.side} + {2 * most - 1}"
            quotients.conditions.append(Condition(gap + 2 - 2 * most, text))
            found = inverse_mean(part, self.name, self.side, chain, gap, quotients)
            total += found.substitute(back)
        return total

    def _regular(self, expression: Expression) -> Expression:
        scale = inverse(self.scale, f"the scale of {self.name}") if self.inverse else self.scale
        chain, back = _as_chain(scale, f"_scale_{self.name}")
        rows = f"_degrees_{self.name}"
        x = _letter(f"_x_{self.name}", rows, self.side, (), chain)
        if self.inverse:
            expression = _renamed_inverse(expression, self.name)
        found = expect(expression.substitute({self.name: x.T @ x}), MAXIMUM_TERMS)
        return found.substitute(back | {rows: self.degrees})


@dataclass(frozen=True, slots=True)
class Independent:
    """A vector or matrix of independent entries, all of one symmetric law."""

    name: str
    rows: str
    cols: str
    law: EntryLaw

    def integrate(self, expression: Expression, quotients: Quotients) -> Expression:
        """The mean over this letter."""
        _refuse_power(expression, self.name, "such a matrix")
        return independent_mean(expression, self.name, self.rows, self.cols, self.law)


@dataclass(frozen=True, slots=True)
class Sphere:
    """A vector uniform on the unit sphere of R^side."""

    name: str
    side: str

    def integrate(self, expression: Expression, quotients: Quotients) -> Expression:
        """The mean over this letter."""
        d = sympy.Symbol(self.side)
        total = Expression.build(expression.rows, expression.cols, [])
        by_degree: dict[int, list[tuple[Term, Fraction]]] = {}
        for term, value in expression.terms.items():
            by_degree.setdefault(degree_in(term, self.name), []).append((term, value))
        z = _letter(f"_z_{self.name}", self.side, "1", (), ())
        for degree, terms in by_degree.items():
            part = Expression.build(expression.rows, expression.cols, terms)
            if degree % 2:
                continue
            rising = prod((d + 2 * j for j in range(degree // 2)), start=sympy.Integer(1))
            scale = quotients.letter(1 / rising) if degree else constant(1)
            total += scale * expect(part.substitute({self.name: z}), MAXIMUM_TERMS)
        return total


RandomLetter = Normal | Wishart | Independent | Sphere


def mean(
    expression: Expression, letters: tuple[RandomLetter, ...], quotients: Quotients
) -> Expression:
    """The mean over all random letters. ValueError where it is not offered."""
    for letter in letters:
        degree = max((degree_in(term, letter.name) for term in expression.terms), default=0)
        if degree * (2 if isinstance(letter, Wishart) else 1) > MAXIMUM_DEGREE:
            raise ValueError(
                f"{letter.name} occurs {degree} times in one product; at most "
                f"{MAXIMUM_DEGREE // (2 if isinstance(letter, Wishart) else 1)} are computed "
                "(the number of terms grows like the number of partitions and the time with it)"
            )
        if degree:
            expression = letter.integrate(expression, quotients)
    return expression


def degree_in(term: Term, name: str) -> int:
    """How often a letter occurs in a term."""
    chain, monomial = term
    inside = sum(x.name == name for x in chain)
    return inside + sum(e * sum(x.name == name for x in word) for word, e in monomial)


def _letters(term: Term) -> Iterator[Letter]:
    chain, monomial = term
    yield from chain
    for word, _ in monomial:
        yield from word


def _letter(name: str, rows: str, cols: str, left: Chain, right: Chain) -> Expression:
    """The centred Gaussian letter with these covariances of rows and of columns."""
    return single(Letter(name, rows, cols, law=((), left, right)))


def _as_chain(covariance: Expression, name: str) -> tuple[Chain, dict[str, Expression]]:
    """A covariance as a chain: its own letters if it is a plain product, else one new letter that
    is replaced afterwards.
    """
    if len(covariance.terms) == 1:
        ((chain, monomial), value), *_ = covariance.terms.items()
        if value == 1 and not monomial and transpose(chain) == chain:
            return chain, {}
    side = covariance.rows
    letter = scalar(name) if side == "1" else matrix(name, side, side, symmetric=True)
    if side == "1":
        return (Letter(name, "1", "1", symmetric=True),), {name: covariance}
    ((chain, _), _), *_ = letter.terms.items()
    return chain, {name: covariance}


def _renamed_inverse(expression: Expression, name: str) -> Expression:
    """V^-1 as the letter V itself, where V is the inverse of a Wishart matrix."""
    items = []
    for (chain, monomial), value in expression.terms.items():
        flipped = tuple(_positive(x, name) for x in chain)
        words = tuple(sorted((tuple(_positive(x, name) for x in w), e) for w, e in monomial))
        items.append(((flipped, words), value))
    return Expression.build(expression.rows, expression.cols, items)


def _positive(letter: Letter, name: str) -> Letter:
    return letter._replace(power=1) if letter.name == name else letter


def _refuse_power(expression: Expression, name: str, what: str) -> None:
    for term in expression.terms:
        if any(x.name == name and x.power != 1 for x in _letters(term)):
            raise ValueError(f"{name}^-1: the inverse of {what} has no mean here")
