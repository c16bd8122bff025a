"""Matrix expressions of every size at once: the dimension-free algebra over Q.

An `Expression` is a sum of terms ``coefficient * monomial * chain``: a rational number, a product
of canonical closed words (see `verifier.words.letters`) and an open matrix product. A scalar
expression has empty chains, so it is a polynomial over Q in words; equality is equality of
dictionaries, hence of normal forms. Nothing here knows about probability
(see `verifier.words.wick`) or about attention.

    >>> A, u, v = matrix("A"), vector("u"), vector("v")
    >>> (u.T @ A @ v) == (v.T @ A.T @ u)
    True
    >>> print(trace(A @ u @ v.T))
    u' A' v
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from types import MappingProxyType

from verifier.arithmetic.rationals import exact_number
from verifier.words.letters import (
    Chain,
    Letter,
    Monomial,
    Word,
    cancel,
    close,
    collect,
    scalar_letter,
    split,
    transpose,
)
from verifier.words.terms import Number, Term, degree, multiply_monomials, term_label


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Expression:
    """A matrix expression with sides ``rows`` x ``cols``, each "1" or the name of a dimension.

    Build one with `matrix`, `vector`, `scalar`, `identity`, and combine with ``+ - * @ .T ** /``
    and `trace`. ``*`` multiplies by numbers and scalar expressions, ``@`` multiplies matrices.
    Sides that do not fit raise ValueError; floats raise TypeError.
    """

    rows: str
    cols: str
    terms: Mapping[Term, Fraction]

    @staticmethod
    def build(rows: str, cols: str, items: Iterable[tuple[Term, Fraction]]) -> Expression:
        """Return the sum of ``items``, like terms merged and zeros dropped."""
        merged: dict[Term, Fraction] = {}
        for term, coefficient in items:
            merged[term] = merged.get(term, Fraction(0)) + coefficient
        kept = {term: value for term, value in merged.items() if value}
        return Expression(rows, cols, MappingProxyType(kept))

    @property
    def is_scalar(self) -> bool:
        """Whether both sides are "1"."""
        return self.rows == "1" and self.cols == "1"

    @property
    def T(self) -> Expression:
        """The transpose."""
        return Expression.build(
            self.cols, self.rows, (((transpose(c), m), v) for (c, m), v in self.terms.items())
        )

    @property
    def inv(self) -> Expression:
        """The inverse of a single named square matrix (ValueError for anything else)."""
        chain, monomial = next(iter(self.terms), ((), ()))
        if len(self.terms) != 1 or len(chain) != 1 or monomial or self.terms[chain, monomial] != 1:
            raise ValueError("only a single named square matrix can be inverted")
        return Expression.build(self.rows, self.cols, [(((chain[0].inverted(),), ()), Fraction(1))])

    def _coerce(self, other: object) -> Expression:
        if isinstance(other, Expression):
            return other
        return constant(exact_number(other))

    def __add__(self, other: object) -> Expression:
        right = self._coerce(other)
        if (self.rows, self.cols) != (right.rows, right.cols):
            raise ValueError(
                f"cannot add {self.rows} x {self.cols} and {right.rows} x {right.cols}"
            )
        return Expression.build(self.rows, self.cols, [*self.terms.items(), *right.terms.items()])

    __radd__ = __add__

    def __neg__(self) -> Expression:
        return self * -1

    def __sub__(self, other: object) -> Expression:
        return self + -self._coerce(other)

    def __rsub__(self, other: object) -> Expression:
        return -self + other

    def __mul__(self, other: object) -> Expression:
        right = self._coerce(other)
        if not (self.is_scalar or right.is_scalar):
            raise ValueError("* multiplies by a scalar; write @ for the matrix product")
        rows, cols = (right.rows, right.cols) if self.is_scalar else (self.rows, self.cols)
        return Expression.build(
            rows,
            cols,
            (
                ((c or e, multiply_monomials(m, k)), v * u)
                for (c, m), v in self.terms.items()
                for (e, k), u in right.terms.items()
            ),
        )

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Expression:
        return self * (1 / exact_number(other))

    def __pow__(self, exponent: int) -> Expression:
        if not self.is_scalar or exponent < 0:
            raise ValueError("only a scalar can be raised to a power, and the power must be >= 0")
        return reduce(lambda left, right: left * right, [self] * exponent, constant(1))

    def __matmul__(self, other: Expression) -> Expression:
        if not isinstance(other, Expression):
            raise TypeError(f"@ needs a matrix expression, not {type(other).__name__}")
        if self.cols != other.rows:
            raise ValueError(
                f"cannot multiply {self.rows} x {self.cols} by {other.rows} x {other.cols}"
            )
        return Expression.build(self.rows, other.cols, self._products(other))

    def _products(self, other: Expression) -> Iterator[tuple[Term, Fraction]]:
        for (c, m), v in self.terms.items():
            for (e, k), u in other.terms.items():
                chain, words = split(c + e)
                factor = multiply_monomials(m, k)
                yield (chain, multiply_monomials(factor, collect(words))), v * u

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, Fraction)):
            other = constant(other)
        if not isinstance(other, Expression):
            return NotImplemented
        return (self.rows, self.cols) == (other.rows, other.cols) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash((self.rows, self.cols, frozenset(self.terms.items())))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def sorted_terms(self) -> list[tuple[Term, Fraction]]:
        """Return the terms in one fixed order: by degree, then alphabetically."""
        return sorted(self.terms.items(), key=lambda item: (degree(item[0][1]), item[0]))

    def words(self) -> list[Word]:
        """Return the closed words that occur, in alphabetical order."""
        return sorted({word for _, monomial in self.terms for word, _ in monomial})

    def letters(self) -> set[Letter]:
        """Return every letter that occurs, in words and in chains."""
        inside = {letter for word in self.words() for letter in word}
        return inside | {letter for chain, _ in self.terms for letter in chain}

    def coefficients(
        self, constants: Iterable[str] = ("n", "d", "sigma2")
    ) -> dict[Term, Expression]:
        """Return the expression as a polynomial with coefficients in Q[constants].

        Keys are (chain, monomial in all other words); values are scalar expressions.
        """
        fixed = {(scalar_letter(name),) for name in constants}
        groups: dict[Term, list[tuple[Term, Fraction]]] = {}
        for (chain, monomial), value in self.terms.items():
            inner = tuple(item for item in monomial if item[0] in fixed)
            outer = tuple(item for item in monomial if item[0] not in fixed)
            groups.setdefault((chain, outer), []).append((((), inner), value))
        return {key: Expression.build("1", "1", items) for key, items in groups.items()}

    def coefficient(
        self, of: Expression | int, constants: Iterable[str] = ("n", "d", "sigma2")
    ) -> Expression:
        """Return the coefficient of one product of words, a polynomial in ``constants``.

        ``of`` is an expression with a single term, e.g. ``b * trace(A)``; ``1`` asks for the
        part free of other words. A number in front of ``of`` divides the answer.
        """
        target = of if isinstance(of, Expression) else constant(of)
        if len(target.terms) != 1:
            raise ValueError("the coefficient of exactly one product of words can be asked for")
        (key, factor), *_ = target.terms.items()
        found = self.coefficients(constants).get(key, constant(0))
        return found / factor

    def substitute(self, values: Mapping[str, Expression | int | Fraction]) -> Expression:
        """Replace named deterministic letters by expressions of the same sides.

        A transposed or inverted occurrence becomes the transpose or inverse of the replacement.
        """
        replaced = {name: self._coerce(value) for name, value in values.items()}

        def image(chain: Chain, start: Expression) -> Expression:
            result = start
            for letter in chain:
                factor = replaced.get(letter.name)
                if factor is None:
                    factor = _single(letter)
                else:
                    factor = factor.inv if letter.power == -1 else factor
                    factor = factor.T if letter.transposed else factor
                result = result @ factor
            return result

        items: list[tuple[Term, Fraction]] = []
        for (chain, monomial), value in self.terms.items():
            scale = constant(value)
            for word, exponent in monomial:
                scale = scale * trace(image(word, identity(word[0].rows))) ** exponent
            items += (scale * image(chain, identity(self.rows))).terms.items()
        return Expression.build(self.rows, self.cols, items)

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        unit = "" if self.is_scalar else "I"
        return " + ".join(term_label(term, value, unit) for term, value in self.sorted_terms())

    def __repr__(self) -> str:
        return f"Expression({self.rows} x {self.cols}: {self})"


def _single(letter: Letter) -> Expression:
    if letter.rows == "1" and letter.cols == "1":
        return Expression.build("1", "1", [(((), (((letter,), 1),)), Fraction(1))])
    return Expression.build(letter.rows, letter.cols, [(((letter,), ()), Fraction(1))])


def constant(value: Number) -> Expression:
    """Return a rational number as a scalar expression."""
    return Expression.build("1", "1", [(((), ()), exact_number(value))])


def scalar(name: str) -> Expression:
    """Return a named scalar; ``scalar("n")`` and ``scalar("d")`` are the dimensions."""
    return _single(scalar_letter(name))


def vector(name: str, space: str = "d") -> Expression:
    """Return a named column vector over ``space``."""
    return _single(Letter(name, _space(space), "1"))


def matrix(name: str, rows: str = "d", cols: str = "d", *, symmetric: bool = False) -> Expression:
    """Return a named deterministic matrix, d x d unless told otherwise."""
    if symmetric and rows != cols:
        raise ValueError(f"a symmetric matrix is square, not {rows} x {cols}")
    return _single(Letter(name, _space(rows), _space(cols), symmetric=symmetric))


def identity(space: str = "d") -> Expression:
    """Return the identity matrix on ``space`` (the number 1 on the space "1")."""
    return Expression.build(_space(space), space, [(((), ()), Fraction(1))])


def random_letter(
    name: str, rows: str, cols: str, row_covariance: Expression, col_covariance: Expression
) -> Expression:
    """Return the centred matrix-normal letter Z with E[Z_ia Z_jb] = R_ij C_ab.

    ``row_covariance`` R and ``col_covariance`` C must be symmetric products of named matrices
    (single terms), with a monomial of scalars as factor; ValueError otherwise.
    """
    scale: Monomial = ()
    chains: list[Chain] = []
    for covariance, space in ((row_covariance, _space(rows)), (col_covariance, _space(cols))):
        if len(covariance.terms) != 1 or (covariance.rows, covariance.cols) != (space, space):
            raise ValueError(f"the covariance of {name} must be one {space} x {space} product")
        ((chain, monomial), value), *_ = covariance.terms.items()
        if value != 1 or covariance != covariance.T:
            raise ValueError(f"the covariance of {name} must be symmetric with coefficient 1")
        scale = multiply_monomials(scale, monomial)
        chains.append(chain)
    return _single(Letter(name, rows, cols, law=(scale, chains[0], chains[1])))


def trace(expression: Expression) -> Expression:
    """Return the trace, a polynomial in canonical words (ValueError if not square)."""
    if expression.rows != expression.cols:
        raise ValueError(f"no trace: the expression is {expression.rows} x {expression.cols}")
    return Expression.build(
        "1",
        "1",
        (
            (((), multiply_monomials(m, collect(close(cancel(c), expression.rows)))), v)
            for (c, m), v in expression.terms.items()
        ),
    )


def _space(name: str) -> str:
    if name != "1" and not name.isidentifier():
        raise ValueError(f"unknown space {name!r}: a side is 1 or a name such as d or n")
    return name
