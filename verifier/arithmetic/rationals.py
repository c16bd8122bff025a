"""Rational numbers as Fractions and as elements of SymPy's QQ."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational

from sympy import QQ

RationalMatrix = tuple[tuple[Fraction, ...], ...]


def exact_number(value: object) -> Fraction:
    """Return ``value`` as a Fraction; a float, or anything not rational, is a TypeError."""
    if isinstance(value, bool) or not isinstance(value, Rational):
        raise TypeError(f"an exact number (int or Fraction) is needed, not {type(value).__name__}")
    return Fraction(int(value.numerator), int(value.denominator))


def to_fraction(value: object) -> Fraction:
    """Return an element of SymPy's QQ as a Fraction."""
    return Fraction(int(value.numerator), int(value.denominator))  # type: ignore[attr-defined]


def from_fraction(value: int | Fraction) -> object:
    """Return an exact number as an element of SymPy's QQ; TypeError for a float."""
    exact = exact_number(value)
    return QQ(exact.numerator, exact.denominator)
