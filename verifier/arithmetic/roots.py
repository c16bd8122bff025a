"""Real algebraic numbers: isolate real roots over Q, compare, map by rational functions, print.

The idea: a real algebraic number is its minimal polynomial over Z and a rational interval in which
that polynomial has one root.  Sign, order and equality are then decided by integer arithmetic
(bisection and Sturm's theorem), and the image under a rational function u/v is found from the
characteristic polynomial of multiplication by u/v in the field Q(alpha).  No float decides.

Sources: C. Sturm (1829); H. Cohen, A Course in
Computational Algebraic Number Theory (1993), chapters 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from verifier.arithmetic.flint_matrices import fraction, from_flint, to_flint
from verifier.arithmetic.number_field import multiplication_matrix, reduced
from verifier.arithmetic.univariate import (
    IntegerPolynomial,
    common_divisor,
    count_roots,
    derivative,
    exact_quotient,
    from_rationals,
    irreducible_factors,
    remainder,
    sign_at,
    sturm_chain,
)

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True, eq=False)
class AlgebraicNumber:
    """The one root of ``polynomial`` in (lower, upper), or the rational lower = upper.

    ``polynomial``: the minimal polynomial over Z, constant first, primitive, leading coefficient
    positive.  Made by ``rational``, ``real_roots`` and the methods, not directly.
    """

    polynomial: IntegerPolynomial
    lower: Fraction
    upper: Fraction

    @property
    def degree(self) -> int:
        """The degree over Q."""
        return len(self.polynomial) - 1

    def as_fraction(self) -> Fraction | None:
        """Return the value if it is rational, else None."""
        return self.lower if self.degree == 1 else None

    def halved(self) -> AlgebraicNumber:
        """Return the same number with an isolating interval of half the width."""
        if self.degree == 1:
            return self
        middle = (self.lower + self.upper) / 2
        # An irreducible polynomial of degree >= 2 has no rational root, so no sign here is zero.
        if sign_at(self.polynomial, middle) == sign_at(self.polynomial, self.lower):
            return AlgebraicNumber(self.polynomial, middle, self.upper)
        return AlgebraicNumber(self.polynomial, self.lower, middle)

    def within(self, width: Fraction) -> AlgebraicNumber:
        """Return the same number with an isolating interval no wider than ``width`` > 0."""
        if width <= 0:
            raise ValueError(f"the width must be positive, not {width}")
        number = self
        while number.upper - number.lower > width:
            number = number.halved()
        return number

    def sign(self) -> int:
        """Return -1, 0 or 1."""
        return self.sign_of((0, 1))

    def sign_of(self, coefficients: Sequence[int | Fraction]) -> int:
        """Return the sign of g(alpha) for a polynomial g over Q, constant first."""
        g = from_rationals(coefficients)
        if not g or not remainder(g, self.polynomial):
            return 0
        number = self
        while True:
            low, high = _enclosure(g, (number.lower, number.upper))
            if low > 0 or high < 0:
                return 1 if low > 0 else -1
            number = number.halved()

    def compared(self, other: AlgebraicNumber | Fraction | int) -> int:
        """Return the sign of self - other, decided exactly."""
        left, right = self, _number(other)
        if left.polynomial == right.polynomial and left._same_root(right):
            return 0
        while left.lower < right.upper and right.lower < left.upper:
            left, right = left.halved(), right.halved()
        return -1 if left.upper <= right.lower else 1

    def _same_root(self, other: AlgebraicNumber) -> bool:
        if self.degree == 1:
            return True
        lower, upper = max(self.lower, other.lower), min(self.upper, other.upper)
        return lower < upper and sign_at(self.polynomial, lower) != sign_at(self.polynomial, upper)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (AlgebraicNumber, Fraction, int)):
            return NotImplemented
        return self.compared(other) == 0

    def __hash__(self) -> int:
        value = self.as_fraction()
        return hash(self.polynomial) if value is None else hash(value)

    def __lt__(self, other: AlgebraicNumber | Fraction | int) -> bool:
        return self.compared(other) < 0

    def __le__(self, other: AlgebraicNumber | Fraction | int) -> bool:
        return self.compared(other) <= 0

    def __gt__(self, other: AlgebraicNumber | Fraction | int) -> bool:
        return self.compared(other) > 0

    def __ge__(self, other: AlgebraicNumber | Fraction | int) -> bool:
        return self.compared(other) >= 0

    def __float__(self) -> float:
        return float(self.decimal(25))

    def decimal(self, digits: int = 12) -> Decimal:
        """Return the value correctly rounded to ``digits`` >= 1 significant digits."""
        if not isinstance(digits, int) or digits < 1:
            raise ValueError(f"the number of digits must be an integer >= 1, not {digits!r}")
        number = self
        while True:
            low, high = _rounded(number.lower, digits), _rounded(number.upper, digits)
            if low == high:
                return low
            number = number.halved()

    def image(
        self, numerator: Sequence[int | Fraction], denominator: Sequence[int | Fraction] = (1,)
    ) -> AlgebraicNumber:
        """Return u(alpha) / v(alpha); u and v are polynomials over Q, constant first.

        Raises ZeroDivisionError if v(alpha) = 0.
        """
        u, v = reduced(numerator, self.polynomial), reduced(denominator, self.polynomial)
        if not any(v):
            raise ZeroDivisionError("the denominator vanishes at the algebraic number")
        divisor = to_flint(multiplication_matrix(v, self.polynomial))
        (element,) = from_flint(divisor.solve(to_flint([u]).transpose()).transpose())
        times = multiplication_matrix(element, self.polynomial)
        characteristic = from_rationals([fraction(x) for x in to_flint(times).charpoly()])
        # Q(alpha) is a field: the characteristic polynomial is a power of the minimal one.
        minimal = exact_quotient(
            characteristic, common_divisor(characteristic, derivative(characteristic))
        )
        if minimal[-1] < 0:
            minimal = tuple(-value for value in minimal)
        if len(minimal) == 2:
            return rational(Fraction(-minimal[0], minimal[1]))
        chain, number = sturm_chain(minimal), self
        while True:
            low, high = _enclosure(element, (number.lower, number.upper))
            if low < high and count_roots(chain, low, high) == 1:
                return AlgebraicNumber(minimal, low, high)
            number = number.halved()

    def square_root(self) -> AlgebraicNumber:
        """Return the non-negative square root.  Raises ValueError for a negative number."""
        if self.sign() < 0:
            raise ValueError("a negative number has no real square root")
        doubled = [0] * (2 * self.degree + 1)
        doubled[::2] = self.polynomial
        for candidate in real_roots(tuple(doubled)):
            if candidate.sign() >= 0 and candidate.image((0, 0, 1)) == self:
                return candidate
        raise ValueError("the isolating interval holds no root")

    def __str__(self) -> str:
        value = self.as_fraction()
        return str(value) if value is not None else f"{self.decimal(12)} (degree {self.degree})"


def rational(value: Fraction | int) -> AlgebraicNumber:
    """Return a rational number as an AlgebraicNumber.  Raises TypeError for a float."""
    if not isinstance(value, (Fraction, int)):
        raise TypeError(f"expected an int or Fraction, not {type(value).__name__}")
    value = Fraction(value)
    return AlgebraicNumber((-value.numerator, value.denominator), value, value)


def real_roots(coefficients: Sequence[int | Fraction]) -> tuple[AlgebraicNumber, ...]:
    """Return the distinct real roots of a polynomial over Q (constant first), in rising order.

    Raises ValueError for the zero polynomial, TypeError for a float coefficient.
    """
    return tuple(root for root, _ in real_roots_with_multiplicity(coefficients))


def real_roots_with_multiplicity(
    coefficients: Sequence[int | Fraction],
) -> tuple[tuple[AlgebraicNumber, int], ...]:
    """Return the distinct real roots in rising order, each with its multiplicity."""
    found = [
        (AlgebraicNumber(factor, *interval), multiplicity)
        for factor, multiplicity in irreducible_factors(from_rationals(coefficients))
        for interval in _isolate(factor)
    ]
    # Insertion by exact comparison: roots of different factors differ.
    ordered: list[tuple[AlgebraicNumber, int]] = []
    for item in found:
        position = sum(item[0].compared(other) > 0 for other, _ in ordered)
        ordered.insert(position, item)
    return tuple(ordered)


def _isolate(p: IntegerPolynomial) -> list[Interval]:
    """Isolating intervals of the real roots of an irreducible polynomial, in rising order."""
    if len(p) == 2:
        root = Fraction(-p[0], p[1])
        return [(root, root)]
    # Cauchy's bound: every root is smaller in absolute value.
    bound = Fraction(1 + max(abs(value) for value in p[:-1]) // abs(p[-1]) + 1)
    chain = sturm_chain(p)
    stack, intervals = [(-bound, bound)], []
    while stack:
        lower, upper = stack.pop()
        roots = count_roots(chain, lower, upper)
        if roots == 1:
            intervals.append((lower, upper))
        elif roots > 1:
            middle = (lower + upper) / 2
            stack += [(middle, upper), (lower, middle)]
    return intervals


def _number(value: AlgebraicNumber | Fraction | int) -> AlgebraicNumber:
    return value if isinstance(value, AlgebraicNumber) else rational(value)


def _rounded(value: Fraction, digits: int) -> Decimal:
    with localcontext() as context:
        context.prec = digits
        return Decimal(value.numerator) / Decimal(value.denominator)


def _enclosure(g: Sequence[int | Fraction], x: Interval) -> Interval:
    """Interval arithmetic by Horner's rule: an interval that contains g(x)."""
    low = high = Fraction(0)
    for coefficient in reversed(g):
        ends = (low * x[0], low * x[1], high * x[0], high * x[1])
        low, high = min(ends) + coefficient, max(ends) + coefficient
    return low, high
