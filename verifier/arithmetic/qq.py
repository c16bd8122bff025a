"""Rational numbers as elements of SymPy's QQ."""

from __future__ import annotations

from fractions import Fraction

from sympy import QQ

from verifier.arithmetic.rationals import exact_number


def to_fraction(value: object) -> Fraction:
    """Return an element of SymPy's QQ as a Fraction."""
    return Fraction(int(value.numerator), int(value.denominator))  # type: ignore[attr-defined]


def from_fraction(value: int | Fraction) -> object:
    """Return an exact number as an element of SymPy's QQ; TypeError for a float."""
    exact = exact_number(value)
    return QQ(exact.numerator, exact.denominator)
