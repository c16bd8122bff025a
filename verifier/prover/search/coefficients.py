"""Coefficients in the scalars: residues modulo a prime, polynomials, signs, text.

A coefficient maps packed exponents of scalars to numbers, as `verifier.proof.normal` has it, and
the scalars include inverses of positive polynomials. Residues are quick and polynomials exact; what
is positive is what the kernel sees to be. Not trusted.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpz_mpoly_ctx

from verifier.proof.context import Context
from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS
from verifier.proof.normal import Base, Number
from verifier.proof.syntax import Fuel, Node

PRIME = (1 << 61) - 1
FUEL = 10**12  # what is spent here is counted by the search itself
SEED = 7

Coefficient = dict[int, Number]
Polynomial = Any  # flint's fmpz_mpoly


class Coefficients:
    """The scalars of one context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.meaning = Meaning(context, Fuel(FUEL))
        self.ring = fmpz_mpoly_ctx.get([s.name for s in context.scalars], "degrevlex")
        self.random = random.Random(SEED)
        self.points = (self._point(corner=False), self._point(corner=True))
        self.residues: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.written: dict[str, Node] = {}

    def read(self, text: str) -> Node:
        """The expression that a text means; the same one for the same text."""
        if text not in self.written:
            self.written[text] = self.context.read(text)
        return self.written[text]

    def _point(self, corner: bool) -> dict[str, int]:
        """A number modulo the prime for each scalar.

        At the corner it is the minimum, if that is attained, and 0 for a scalar without one: what
        the kernel sees to be positive cannot vanish there.
        """
        found = {}
        for one in self.context.scalars:
            found[one.name] = self.random.randrange(2, PRIME)
            if corner and not (one.strict and one.minimum is not None):
                found[one.name] = _modulo(one.minimum or 0)
        return found

    def residue(self, coefficient: Coefficient, corner: bool = False) -> int:
        """A coefficient modulo the prime, at the fixed point or at the corner."""
        known = self.residues[corner]
        total = 0
        for powers, number in coefficient.items():
            if powers not in known:
                known[powers] = self._monomial(powers, self.points[corner])
            total += _modulo(number) * known[powers]
        return total % PRIME

    def _monomial(self, powers: int, point: dict[str, int]) -> int:
        result = 1
        for name, exponent in self.exponents(powers).items():
            if name not in point:
                base = self._bases()[name]
                value = sum(c * self._monomial(p, point) for p, c in base) % PRIME
                point[name] = pow(value, -1, PRIME)
            result = result * pow(point[name], exponent, PRIME) % PRIME
        return result

    def exponents(self, powers: int) -> dict[str, int]:
        """The exponent of each scalar in a packed monomial, zeros left out."""
        mask = (1 << BITS) - 1
        return {n: e for n, at in self.meaning.shift.items() if (e := powers >> at & mask)}

    def _bases(self) -> dict[str, Base]:
        return {name: base for base, name in self.meaning.inverses.items()}

    def cleared(self, row: Sequence[Coefficient]) -> tuple[list[Polynomial], Polynomial]:
        """Coefficients times one polynomial that leaves no denominator, and that polynomial."""
        bases = {name: self._plain(base) for name, base in self._bases().items()}
        terms = [[(self.exponents(p), Fraction(c)) for p, c in one.items()] for one in row]
        highest: Counter[str] = Counter()
        whole = 1
        for one in terms:
            for exponents, number in one:
                whole = math.lcm(whole, number.denominator)
                for name in exponents.keys() & bases.keys():
                    highest[name] = max(highest[name], exponents[name])
        below = self.ring.from_dict({self._key({}): whole})
        for name, exponent in highest.items():
            below *= bases[name] ** exponent
        found = []
        for one in terms:
            total = self.ring.from_dict({})
            for exponents, number in one:
                part = self.ring.from_dict({self._key(exponents): int(number * whole)})
                for name, exponent in highest.items():
                    part *= bases[name] ** (exponent - exponents.get(name, 0))
                total += part
            found.append(total)
        return found, below

    def _key(self, exponents: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(exponents.get(s.name, 0) for s in self.context.scalars)

    def _plain(self, base: Base) -> Polynomial:
        return self.ring.from_dict({self._key(self.exponents(p)): int(c) for p, c in base})

    def positive(self, polynomial: Polynomial) -> bool:
        """Whether the kernel sees that a polynomial is > 0 in the ranges of the scalars."""
        value = self.meaning.value(self.read(f"({polynomial})"))
        return self.meaning.positive(value, strict=True)

    def split_sign(self, polynomial: Polynomial) -> tuple[Polynomial, Polynomial]:
        """positive * rest: rest is 1, -1 or has only factors that are not shown to be > 0."""
        content, factors = polynomial.factor()
        positive, rest = (
            self.ring.from_dict({self._key({}): abs(int(content))}),
            (self.ring.from_dict({self._key({}): -1 if content < 0 else 1})),
        )
        for factor, exponent in factors:
            if self.positive(factor):
                positive *= factor**exponent
            elif self.positive(-factor):
                positive *= (-factor) ** exponent
                rest *= (-1) ** exponent
            else:
                rest *= factor**exponent
        return positive, rest

    def polynomial_text(self, polynomial: Polynomial) -> str:
        """A polynomial in the scalars, factored; a sign stands in front."""
        if polynomial.is_constant():
            return str(polynomial)
        content, factors = polynomial.factor()
        texts = [str(f) if str(f) in self.meaning.scalars else f"({f})" for f, _ in factors]
        parts = [f"{t}^{e}" if e > 1 else t for t, (_, e) in zip(texts, factors, strict=True)]
        sign, size = ("-" if content < 0 else ""), abs(int(content))
        return sign + "*".join([*([] if size == 1 else [str(size)]), *parts])

    def coefficient_text(self, coefficient: Coefficient) -> str:
        """A coefficient as a quotient of polynomials."""
        return self.quotient(*self._fraction(coefficient))

    def inverse_text(self, coefficient: Coefficient) -> str:
        """1 over a coefficient, as a quotient of polynomials."""
        above, below = self._fraction(coefficient)
        return self.quotient(below, above)

    def _fraction(self, coefficient: Coefficient) -> tuple[Polynomial, Polynomial]:
        """Numerator and denominator, reduced where the kernel sees the denominator's sign."""
        (above,), below = self.cleared([coefficient])
        common = above.gcd(below)
        if self.positive(below / common):
            return above / common, below / common
        return above, below

    def quotient(self, above: Polynomial, below: Polynomial) -> str:
        """A fraction as text."""
        text, under = self.polynomial_text(above), self.polynomial_text(below)
        if below == 1:
            return text
        single = under.isalnum() or (len(below.factor()[1]) == 1 and under[0] == "(")
        return f"{text}/{under}" if single and "^" not in under else f"{text}/({under})"


def _modulo(number: Number) -> int:
    if number.denominator == 1:
        return int(number) % PRIME
    return int(number.numerator) * pow(int(number.denominator), -1, PRIME) % PRIME
