"""A stationary component as people and programs read it: exact numbers, a point, words.

What is shown of an algebraic number: its minimal polynomial, a short rational interval in which
that has no other root, and decimals, each correctly rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.arithmetic.univariate import IntegerPolynomial, count_roots, sturm_chain
from verifier.stationary.representative import Representative, representative
from verifier.stationary.stationary_points import Landscape, StationaryComponent

if TYPE_CHECKING:
    from sympy import Expr

DIGITS, _DIGITS_INSIDE = 12, 30


@dataclass(frozen=True, slots=True)
class Point:
    """A component with a point on it.

    along, across: the eigenvalues of the readout B = b A' + c a' along e = a / ||a|| and across
    it: the rates of the gradient step that the prediction contains (across: None for d = 1).
    """

    component: StationaryComponent
    at: Representative
    along: Decimal
    across: Decimal | None

    @classmethod
    def of(cls, landscape: Landscape, component: StationaryComponent) -> Point:
        """The representative of a component, and the rates there."""
        at = representative(landscape, component)
        radius, b, aligned, diagonal, context = (
            value.decimal(_DIGITS_INSIDE)
            for value in (at.radius, at.b, at.aligned, at.diagonal, at.context)
        )
        along, across = b * aligned + context * radius, b * diagonal
        return cls(component, at, along, None if landscape.dimension == 1 else across)

    @property
    def words(self) -> str:
        """What the layer predicts there, with the rates in decimals."""
        part = self.component
        if part.rho is None or part.rho == 0:
            return part.predictor
        interior = isinstance(part.rho, AlgebraicNumber)
        if self.across is None:
            extra = ", plus terms in X'X and y'y" if interior else ""
            return f"a gradient step with rate {short(self.along)}{extra}"
        if not interior:
            return part.predictor
        return (
            f"a gradient step with rate {short(self.across)} across a direction e and "
            f"{short(self.along)} along it, plus terms in X'X e and y'y along e"
        )


def points(landscape: Landscape) -> tuple[Point, ...]:
    """Every component with its point, in the landscape's order."""
    return tuple(Point.of(landscape, part) for part in landscape.stationary)


def type_words(component: StationaryComponent) -> str:
    """The type, for saddles with the index."""
    if component.type == "saddle":
        return f"saddle, index {component.index}"
    return component.type


def rho_words(rho: AlgebraicNumber | Expr | None, digits: int = 6) -> str:
    """rho for a table."""
    if rho is None:
        return "ω = 0"
    return short(rho, digits) if isinstance(rho, AlgebraicNumber) else "∞"


def short(number: AlgebraicNumber | Decimal, digits: int = 6) -> str:
    """A few significant digits, without trailing zeros; an exact small fraction as it is."""
    if isinstance(number, AlgebraicNumber):
        exact = number.as_fraction()
        if exact is not None and len(str(exact)) <= digits + 2:
            return str(exact)
        number = number.decimal(digits)
    return f"{number:.{digits}g}"


def polynomial_text(polynomial: IntegerPolynomial, variable: str = "x") -> str:
    """The polynomial with SymPy's signs, highest power first."""
    terms = []
    for power in range(len(polynomial) - 1, -1, -1):
        value = polynomial[power]
        if value == 0:
            continue
        symbol = "" if power == 0 else variable if power == 1 else f"{variable}**{power}"
        size = str(abs(value)) if power == 0 or abs(value) != 1 else ""
        body = f"{size}*{symbol}" if size and symbol else size or symbol
        terms.append(("-" if value < 0 else "+", body))
    first = ("-" if terms[0][0] == "-" else "") + terms[0][1]
    return first + "".join(f" {sign} {body}" for sign, body in terms[1:])


def isolating(number: AlgebraicNumber, digits: int = 6) -> tuple[Fraction, Fraction]:
    """A short interval with the number and no other root of its minimal polynomial.

    Its ends are decimals that differ by one unit in a place, at ``digits`` significant digits or
    as many more as it takes; for a rational number both ends are the number.
    """
    exact = number.as_fraction()
    if exact is not None:
        return exact, exact
    chain = sturm_chain(number.polynomial)
    places = digits - 1 - number.decimal(3).adjusted()
    while True:
        unit = Fraction(10) ** -places
        fine = number.within(unit / 1000)
        while floor(fine.lower / unit) != floor(fine.upper / unit):
            fine = fine.halved()
        low = floor(fine.lower / unit) * unit
        if count_roots(chain, low, low + unit) == 1:
            return low, low + unit
        places += 1
