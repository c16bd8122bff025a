"""Normal forms: polynomials whose variables are scalars and networks.

A value is a polynomial over a positive integer; the inverse of a scalar polynomial that is shown to
be positive counts as one more scalar until the value is compared with 0.

Trusted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .context import Context
from .networks import BITS, MAX_SCALARS, Networks, Product
from .syntax import Fuel, ProofError

MAX_BITS, MAX_FACTORS = 5_000, 500  # of a coefficient; of the networks in one product

Number = int | Fraction
Poly = dict[Product, Number]
Base = tuple[tuple[int, int], ...]  # packed exponents and coefficients of a denominator
UNIT: Product = (0, ())


@dataclass(frozen=True, slots=True)
class Value:
    """num / den, where num may hold inverses of scalar polynomials as if they were scalars."""

    num: Poly
    den: int = 1


def accumulate(total: Poly, key: Product, coefficient: Number) -> None:
    """Add one term to a polynomial."""
    coefficient = total.get(key, 0) + coefficient
    if coefficient:
        total[key] = coefficient
    else:
        total.pop(key, None)


class Algebra(Networks):
    """Polynomials and values over the scalars and networks of one context."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        super().__init__(context, fuel)
        self.inverses: dict[Base, str] = {}

    # Polynomials

    def limited(self, poly: Poly) -> Poly:
        """The same polynomial; ProofError if a number or a product in it is too long."""
        for (_, ids), c in poly.items():
            if len(ids) > MAX_FACTORS:
                raise ProofError(f"a product of more than {MAX_FACTORS} entries of arrays")
            _short(c)
        return poly

    def times(self, left: Poly, right: Poly) -> Poly:
        """The product of two polynomials."""
        self.fuel.spend(len(left) * len(right))
        self.fuel.spend(sum(len(ids) // 8 for _, ids in left) * len(right))
        self.fuel.spend(sum(len(ids) // 8 for _, ids in right) * len(left))
        total: Poly = {}
        for (p, a), c in left.items():
            for (q, b), d in right.items():
                powers, ids = self.join(a, b)
                accumulate(total, (self.packed(self.packed(p, q), powers), ids), c * d)
        return self.limited(total)

    def power(self, poly: Poly, exponent: int) -> Poly:
        """A natural power of a polynomial."""
        out: Poly = {UNIT: 1}
        for _ in range(exponent):
            out = self.times(out, poly)
        return out

    def divided(self, poly: Poly, scalar: str) -> Poly:
        """The quotient by a scalar that is positive."""
        total, at = dict[Product, Number](), self.shift[scalar]
        for (powers, ids), c in poly.items():
            if powers >> at & (1 << BITS) - 1:
                powers -= 1 << at
            else:
                powers = self.packed(powers, self.inverse(((1 << at, 1),)))
            accumulate(total, (powers, ids), c)
        return total

    def bind(self, poly: Poly, label: int) -> Poly:
        """The sum over a free label."""
        total: Poly = {}
        for (powers, ids), c in poly.items():
            touched = tuple(i for i in ids if label in self.loose[i])
            self.fuel.spend(1 + len(touched) + len(ids) // 8)
            more, summed = self.bound(touched, label)
            rest = tuple(i for i in ids if label not in self.loose[i])
            again, both = self.join(rest, summed)
            accumulate(total, (self.packed(self.packed(powers, more), again), both), c)
        return total

    # Values

    def plus(self, u: Value, v: Value, sign: int = 1) -> Value:
        """u + v, or u - v."""
        den = math.lcm(u.den, v.den)
        total = dict(u.num) if den == u.den else {k: c * (den // u.den) for k, c in u.num.items()}
        self.fuel.spend(len(u.num) + len(v.num))
        for key, c in v.num.items():
            accumulate(total, key, sign * (den // v.den) * c)
        return Value(self.limited(total), _short(den))

    def product(self, u: Value, v: Value) -> Value:
        """u v."""
        return Value(self.times(u.num, v.num), _short(u.den * v.den))

    def quotient(self, u: Value, v: Value) -> Value:
        """u / v; the divisor must be a scalar polynomial that is shown to be positive.

        v = num / (den * product of base^power), so 1/v is what is below v times 1/num, and 1/num a
        new scalar unless num is a number.
        """
        if not self.positive(v, strict=True):
            raise ProofError("division by what is not shown to be a positive number")
        num, below = self.cleared(v)
        scale = math.lcm(*(Fraction(c).denominator for c in num.values()))
        whole = {p: int(c * scale) for (p, _), c in num.items()}
        content = math.gcd(*whole.values())
        result: Poly = {UNIT: v.den * scale}
        for base, exponent in below:
            result = self.times(result, self.power({(p, ()): c for p, c in base}, exponent))
        if set(whole) != {0}:
            base = tuple(sorted((p, c // content) for p, c in whole.items()))
            result = self.times(result, {(self.inverse(base), ()): 1})
        return self.product(u, Value(result, content))

    def inverse(self, base: Base) -> int:
        """The packed exponents of 1 / base."""
        if base not in self.inverses:
            if len(self.shift) >= MAX_SCALARS:
                raise ProofError(f"more than {MAX_SCALARS} scalars, different divisors counted")
            name = self.inverses[base] = f"1/{len(self.inverses)}"
            at = self.shift[name] = BITS * len(self.shift)
            self.alarm |= 1 << at + BITS - 1
        return 1 << self.shift[self.inverses[base]]

    def cleared(self, value: Value) -> tuple[Poly, tuple[tuple[Base, int], ...]]:
        """num and below with value = num / (den * product of base^power), no inverse in num."""
        num, below, mask = value.num, [], (1 << BITS) - 1
        self.fuel.spend(len(self.inverses) * len(num) // 4)
        for base, name in self.inverses.items():
            at, parts = self.shift[name], dict[int, Poly]()
            for (p, ids), c in num.items():
                exponent = p >> at & mask
                parts.setdefault(exponent, {})[p - (exponent << at), ids] = c
            highest = max(parts, default=0)
            if highest:
                num = {}
                for exponent, part in parts.items():
                    factor = self.power({(p, ()): c for p, c in base}, highest - exponent)
                    for key, c in self.times(part, factor).items():
                        accumulate(num, key, c)
                below.append((base, highest))
        return num, tuple(below)

    def vanishes(self, value: Value) -> bool:
        """Whether a value is 0 for all scalars in their ranges, as a normal form."""
        return not value.num or not self.cleared(value)[0]

    def positive(self, value: Value, strict: bool) -> bool:
        """Whether a value is >= 0 (> 0) for all scalars in their ranges; False is "not shown".

        Each scalar is its minimum plus something >= 0: no coefficient may be negative then, nor an
        odd power of a scalar without a minimum occur; > 0 needs one monomial that cannot vanish.
        """
        shifted: dict[tuple[tuple[str, int], ...], Number] = {}
        for (powers, ids), c in self.cleared(value)[0].items():
            if ids:
                return False
            self.fuel.spend(1 + len(self.shift) // 8)
            terms: dict[tuple[tuple[str, int], ...], Number] = {(): c}
            for name, at in self.shift.items():
                exponent = powers >> at & (1 << BITS) - 1
                if not exponent:
                    continue
                low = self.scalars[name].minimum or 0
                self.fuel.spend(exponent * len(terms))
                expansion = [
                    (k, _short(math.comb(exponent, k) * _whole(low) ** (exponent - k)))
                    for k in range(exponent + 1)
                    if low or k == exponent
                ]
                terms = {
                    (*key, (name, k)) if k else key: _short(x * y)
                    for key, x in terms.items()
                    for k, y in expansion
                }
            for key, x in terms.items():
                shifted[key] = shifted.get(key, 0) + x
        sure = False
        for key, x in shifted.items():
            scalars = [(self.scalars[name], exponent) for name, exponent in key]
            if x < 0 or (x and any(s.minimum is None and k % 2 for s, k in scalars)):
                return False
            sure = sure or (x > 0 and all(s.minimum is not None and s.strict for s, _ in scalars))
        return sure or not strict


def _short(number: Any) -> Any:
    """The same number; ProofError if it is too long to calculate with."""
    if number.numerator.bit_length() + number.denominator.bit_length() > MAX_BITS:
        raise ProofError(f"a number of more than {MAX_BITS} bits")
    return number


def _whole(number: Number) -> Number:
    """The same number, as an int where it is one: they multiply faster."""
    return int(number) if number.denominator == 1 else number
