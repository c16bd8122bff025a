"""Functions p(t) + r(t) |t| with rational coefficients, the ring of relu and abs.

|t| |t| = t^2 closes the ring. What moments of a response g(w.x) need is less than g: the even
part of g^2 and g^4, the odd part of g and g^3 (the other halves average to zero over x -> -x). For
relu all four are plain polynomials, relu(t)^p -> t^p / 2, so its moments are rational.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

Coefficients = tuple[Fraction, ...]

MAXIMUM_DEGREE = 12
MAXIMUM_BITS = 4096


@dataclass(frozen=True, slots=True)
class Kinked:
    """p(t) + r(t) |t|; coefficients from the constant up, no trailing zeros.

    Operations raise ``ValueError`` for a degree beyond 12 or numbers of more than 4096 bits.
    """

    smooth: Coefficients
    kink: Coefficients = ()

    @classmethod
    def constant(cls, value: Fraction) -> Kinked:
        """The constant function."""
        return cls(_trim((value,)))

    @property
    def degree(self) -> int:
        """The growth exponent at infinity; 0 for constants."""
        return max(len(self.smooth) - 1, len(self.kink), 0)

    @property
    def is_constant(self) -> bool:
        """Whether the function does not depend on t."""
        return len(self.smooth) <= 1 and not self.kink

    @property
    def odd_monomial(self) -> bool:
        """Whether it is c t^k with an odd k and c not 0."""
        power = len(self.smooth) - 1
        return power % 2 == 1 and not self.kink and not any(self.smooth[:power])

    def __add__(self, other: Kinked) -> Kinked:
        return Kinked(_add(self.smooth, other.smooth), _add(self.kink, other.kink))

    def scaled(self, factor: Fraction) -> Kinked:
        """factor times the function."""
        return Kinked(
            _trim(tuple(factor * v for v in self.smooth)),
            _trim(tuple(factor * v for v in self.kink)),
        )

    def __mul__(self, other: Kinked) -> Kinked:
        if self.degree + other.degree > MAXIMUM_DEGREE * 4:
            raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")
        square = (Fraction(0), Fraction(0), *_multiply(self.kink, other.kink))
        return Kinked(
            _add(_multiply(self.smooth, other.smooth), square),
            _add(_multiply(self.smooth, other.kink), _multiply(self.kink, other.smooth)),
        )

    def power(self, exponent: int) -> Kinked:
        """The function to a non-negative integer power."""
        result = Kinked.constant(Fraction(1))
        for _ in range(exponent):
            result = result * self
        return result

    def absolute(self) -> Kinked | None:
        """|c t^k| or |c t^k |t||, or None for anything with more than one term."""
        terms = [(k, v, 0) for k, v in enumerate(self.smooth) if v]
        terms += [(k, v, 1) for k, v in enumerate(self.kink) if v]
        if not terms:
            return self
        if len(terms) > 1:
            return None
        degree = terms[0][0] + terms[0][2]
        value = abs(terms[0][1])
        if degree % 2 == 0:
            return Kinked(_monomial(value, degree))
        return Kinked((), _monomial(value, degree - 1))

    def parity_part(self, parity: int) -> Coefficients | None:
        """The even (0) or odd (1) part if it is a polynomial, else None."""
        if any(v for k, v in enumerate(self.kink) if k % 2 == parity):
            return None
        return _trim(
            tuple(v if k % 2 == parity else Fraction(0) for k, v in enumerate(self.smooth))
        )

    def ends(self) -> tuple[tuple[int, Fraction], tuple[int, Fraction]]:
        """(degree, leading coefficient) of the polynomial for t > 0, and the same in -t for t < 0.

        The zero polynomial gives (0, 0).
        """
        shifted = (Fraction(0), *self.kink)
        right = _add(self.smooth, shifted)
        mirrored = tuple(-v if k % 2 else v for k, v in enumerate(self.smooth))
        # |t| r(t) at t = -u is u r(-u).
        kinked = (Fraction(0), *(-v if k % 2 else v for k, v in enumerate(self.kink)))
        left = _add(mirrored, kinked)
        return _leading(right), _leading(left)


def noisy_powers(
    link: Kinked,
    noise: Fraction,
    noise_second: Fraction | None = None,
    label: Sequence[Coefficients] | None = None,
    mirrored: bool = True,
) -> tuple[Coefficients, Coefficients, Coefficients, Coefficients] | None:
    """The odd part of E y, even part of E y^2, odd part of E y^3, even part of E y^4 given t.

    y = l + e, where l = g(t), or a label whose moments given t are the polynomials ``label`` in
    g(t), and e ~ N(0, v) with E v = noise and E v^2 = ``noise_second`` (noise^2 if not given):
    E y^2 = E l^2 + noise, E y^3 = E l^3 + 3 noise E l, E y^4 = E l^4 + 6 noise E l^2 + 3 E v^2.
    With ``mirrored`` false, where -x has another law than x, all of each is needed. None where one
    of them is not a polynomial.
    """
    if noise_second is None:
        noise_second = noise**2
    given = [link.power(k) for k in (1, 2, 3, 4)]
    if label is not None:
        given = [_composed(polynomial, link) for polynomial in label]
    one, two, three, four = given
    powers = (
        one,
        two + Kinked.constant(noise),
        three + one.scaled(3 * noise),
        four + two.scaled(6 * noise) + Kinked.constant(3 * noise_second),
    )
    found = []
    for k, power in enumerate(powers):
        part = power.parity_part((k + 1) % 2) if mirrored else power.smooth
        if part is None or (not mirrored and power.kink):
            return None
        found.append(part)
    return found[0], found[1], found[2], found[3]


def _composed(polynomial: Coefficients, link: Kinked) -> Kinked:
    """The polynomial of g."""
    total = Kinked(())
    for power, coefficient in enumerate(polynomial):
        if coefficient:
            total = total + link.power(power).scaled(coefficient)
    return total


def _trim(values: Coefficients) -> Coefficients:
    size = len(values)
    while size and not values[size - 1]:
        size -= 1
    kept = values[:size]
    if any(max(v.numerator.bit_length(), v.denominator.bit_length()) > MAXIMUM_BITS for v in kept):
        raise ValueError(f"a coefficient has more than {MAXIMUM_BITS} bits")
    return kept


def _add(left: Coefficients, right: Coefficients) -> Coefficients:
    return _trim(tuple(u + v for u, v in zip_longest(left, right, fillvalue=Fraction(0))))


def _multiply(left: Coefficients, right: Coefficients) -> Coefficients:
    if not left or not right:
        return ()
    result = [Fraction(0)] * (len(left) + len(right) - 1)
    for i, u in enumerate(left):
        for j, v in enumerate(right):
            result[i + j] += u * v
    return _trim(tuple(result))


def _monomial(value: Fraction, degree: int) -> Coefficients:
    return (Fraction(0),) * degree + (value,)


def _leading(values: Coefficients) -> tuple[int, Fraction]:
    return (len(values) - 1, values[-1]) if values else (0, Fraction(0))
