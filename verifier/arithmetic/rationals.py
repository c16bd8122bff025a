"""Rational numbers as Fractions; no package is imported for them."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational

RationalMatrix = tuple[tuple[Fraction, ...], ...]


def exact_number(value: object) -> Fraction:
    """Return ``value`` as a Fraction; a float, or anything not rational, is a TypeError."""
    if isinstance(value, bool) or not isinstance(value, Rational):
        raise TypeError(f"an exact number (int or Fraction) is needed, not {type(value).__name__}")
    return Fraction(int(value.numerator), int(value.denominator))
