"""A number with what is known of it: exact, algebraic, or estimated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from verifier.arithmetic.roots import AlgebraicNumber

_SAME = 1e-9


class Certainty(Enum):
    """How sure a part of the answer is: the checker, exact arithmetic outside it, or numbers.

    Only `verifier.instantiated` says ``proved``, of what the checker accepted.
    """

    PROVED = "proved"
    COMPUTED = "computed"
    SUPPORTED = "supported"


@dataclass(frozen=True, slots=True)
class Value:
    """A number: ``decimal`` always; ``exact`` if rational; ``polynomial`` if algebraic.

    ``formula`` is a closed form where there is one, such as 2/pi. ``polynomial`` is the minimal
    polynomial over Z, constant first, and ``interval`` isolates the
    root. ``error`` is a standard error where the number was sampled, infinite where not known.
    """

    decimal: float
    exact: Fraction | None = None
    polynomial: tuple[int, ...] | None = None
    interval: tuple[Fraction, Fraction] | None = None
    error: float | None = None
    formula: str = ""

    @classmethod
    def rational(cls, number: Fraction) -> Value:
        """An exact rational number."""
        return cls(_decimal(number), exact=number)

    @classmethod
    def algebraic(cls, number: AlgebraicNumber) -> Value:
        """An exact algebraic number; a rational one is kept as such."""
        exact = number.as_fraction()
        if exact is not None:
            return cls.rational(exact)
        lower, upper = number.lower, number.upper
        return cls(float(number), polynomial=number.polynomial, interval=(lower, upper))

    def differs(self, other: Value) -> bool:
        """Whether two numbers are not the same: exactly if both are exact, else to 9 digits."""
        if self.exact is not None and other.exact is not None:
            return self.exact != other.exact
        scale = max(abs(self.decimal), abs(other.decimal))
        return abs(self.decimal - other.decimal) > _SAME * scale


def _decimal(number: Fraction) -> float:
    """The nearest float, also where numerator and denominator are beyond a float's range."""
    try:
        return float(number)
    except OverflowError:
        return float(Decimal(number.numerator) / Decimal(number.denominator))
