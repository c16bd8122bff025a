"""Scalars that stand for rational functions, such as 1/(n - d - 1).

The algebra of words has polynomial coefficients. A quotient enters it as one more scalar letter,
whose value is kept here as a SymPy expression and put back when the answer is collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy

from verifier.words.letters import Monomial
from verifier.words.words import Expression, scalar


@dataclass(frozen=True, slots=True)
class Condition:
    """A mean is finite only where ``margin`` is positive; ``text`` says the same."""

    margin: sympy.Expr
    text: str

    def at(self, known: Mapping[str, sympy.Expr], sides: Iterable[str]) -> Condition | None:
        """The condition once some names have values; None where it holds.

        Raises ValueError where it fails, also for every value that the ``sides`` can have: they
        are at least 1, and no margin grows with one.
        """
        margin = sympy.expand(self.margin.subs({sympy.Symbol(n): v for n, v in known.items()}))
        if margin.is_number and margin > 0:
            return None
        greatest = margin.subs({sympy.Symbol(side): 1 for side in sides})
        if greatest.is_number and greatest <= 0:
            raise ValueError(f"the mean does not exist: it is finite only for {self.text}")
        return self


@dataclass(frozen=True, slots=True)
class Quotients:
    """The letters introduced so far with their values, and the conditions met on the way."""

    values: dict[str, sympy.Expr] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)

    def letter(self, value: sympy.Expr) -> Expression:
        """A scalar letter that stands for ``value``, the same for the same value."""
        name = f"_({value})"
        self.values[name] = value
        return scalar(name)

    def value(self, expression: Expression) -> sympy.Expr:
        """A scalar without traces or forms as a rational function of its names.

        Raises ValueError where it has other words.
        """
        total = sympy.Integer(0)
        for (chain, monomial), number in expression.terms.items():
            plain, others = self.split(monomial)
            if chain or others:
                raise ValueError("only numbers and scalars such as n and d can stand below a slash")
            total += sympy.Rational(number.numerator, number.denominator) * plain
        return sympy.together(total)

    def split(self, monomial: Monomial) -> tuple[sympy.Expr, Monomial]:
        """The product of the named scalars in a monomial, and all its other words."""
        value, others = sympy.Integer(1), []
        for word, exponent in monomial:
            letter = word[0]
            if len(word) > 1 or letter.rows != "1" or letter.cols != "1":
                others.append((word, exponent))
            else:
                known = self.values.get(letter.name)
                base = sympy.Symbol(letter.name) if known is None else known
                value *= base**exponent
        return value, tuple(others)
