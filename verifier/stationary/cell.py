"""One cell (d, n, sigma2) of the landscape: the numbers and polynomials in rho that decide it.

The idea: what is derived once with symbols (``landscape_reduction``) is turned into tables of
exponents and rational coefficients; a cell then costs a few hundred exact additions and no algebra.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from sympy import Poly, Symbol

from verifier.arithmetic.univariate import IntegerPolynomial, from_rationals
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.reduction import (
    COEFFICIENT_NAMES,
    Terms,
    coefficient_terms,
    evaluate,
    reduction,
    terms_of,
)

RationalPolynomial = tuple[Fraction, ...]
ReducedLoss = tuple[RationalPolynomial, RationalPolynomial]


@dataclass(frozen=True, slots=True)
class Cell:
    """The loss at integer d, n and rational sigma2, after eliminating N.

    dimension: d, or the greatest rank of N where that is smaller (``at_rank``);
    values: the seven coefficients of the form, in the order of ``COEFFICIENT_NAMES``;
    slope: a positive multiple of F, the numerator of l', constant first, over Z.
    """

    dimension: int
    values: tuple[Fraction, ...]
    slope: IntegerPolynomial

    def value(self, name: str) -> Fraction:
        """Return one coefficient of the form by name."""
        return self.values[COEFFICIENT_NAMES.index(name)]

    def reduced_loss(self) -> ReducedLoss:
        """Return numerator and denominator of l(rho), constant first, over Q."""
        point = (Fraction(self.dimension), *self.values)
        numerator, denominator = _loss_tables()
        return (
            tuple(evaluate(terms, point) for terms in numerator),
            tuple(evaluate(terms, point) for terms in denominator),
        )

    def convexity(self) -> tuple[RationalPolynomial, ...]:
        """Return the polynomials in rho whose positivity makes the loss strictly convex in N."""
        point = (Fraction(self.dimension), *self.values)
        return tuple(
            tuple(evaluate(terms, point) for terms in table) for table in _convexity_tables()
        )


def cell(form: IsotropicForm, dimension: int, context_length: int, noise: Fraction) -> Cell:
    """Return the cell at d = ``dimension``, n = ``context_length``, sigma2 = ``noise``.

    Raises ValueError or TypeError for arguments out of range (see ``require_cell``).
    """
    require_cell(dimension, context_length, noise)
    return _cell(form, dimension, context_length, Fraction(noise))


# A landscape asks for the same cell once for each of its points.
@lru_cache(maxsize=16)
def _cell(form: IsotropicForm, dimension: int, context_length: int, noise: Fraction) -> Cell:
    point = (Fraction(context_length), Fraction(dimension), noise)
    values = tuple(evaluate(terms, point) for terms in _form_tables(form))
    return Cell(dimension, values, _slope(dimension, values))


def at_rank(here: Cell, rank: int) -> Cell:
    """Return the cell with N of rank <= ``rank`` <= d: d - 1 in l and F becomes ``rank`` - 1.

    That is the loss left after minimising over such N wherever it keeps the direction of a (beyond
    rho_c, see ``landscape_weights``), and at rho = 0.
    """
    return Cell(rank, here.values, _slope(rank, here.values))


def _slope(rank: int, values: tuple[Fraction, ...]) -> IntegerPolynomial:
    inner = (Fraction(rank), *values)
    return from_rationals([evaluate(terms, inner) for terms in _slope_tables()])


def require_cell(dimension: int, context_length: int, noise: Fraction | int) -> None:
    """Raise TypeError or ValueError unless d, n are integers >= 1 and the noise is exact, >= 0."""
    for name, value in (("dimension", dimension), ("context_length", context_length)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} must be an int, not {type(value).__name__}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if isinstance(noise, bool) or not isinstance(noise, (int, Fraction)):
        raise TypeError(f"noise must be an exact Fraction, not {type(noise).__name__}")
    if noise < 0:
        raise ValueError(f"noise must be at least 0, not {noise}")


_INNER = tuple(Symbol(name) for name in ("d", *COEFFICIENT_NAMES))


@lru_cache(maxsize=8)
def _form_tables(form: IsotropicForm) -> tuple[Terms, ...]:
    tables = coefficient_terms(form)
    return tuple(tables[name] for name in COEFFICIENT_NAMES)


def _tables(polynomial: Poly) -> tuple[Terms, ...]:
    """The coefficients in rho, constant first, as tables in d and the form's coefficients."""
    return tuple(terms_of(value, _INNER) for value in reversed(polynomial.all_coeffs()))


@lru_cache(maxsize=1)
def _slope_tables() -> tuple[Terms, ...]:
    return _tables(reduction().slope)


@lru_cache(maxsize=1)
def _convexity_tables() -> tuple[tuple[Terms, ...], ...]:
    return tuple(_tables(polynomial) for polynomial in reduction().convexity)


@lru_cache(maxsize=1)
def _loss_tables() -> tuple[tuple[Terms, ...], tuple[Terms, ...]]:
    scalar, minor = reduction().convexity
    return _tables(reduction().numerator), _tables(scalar * minor)
