"""Exact numbers from what people type.

One rule for every place where a user gives a number: integers, ``Fraction``s, ``"p/q"`` and
decimals mean exactly what they say (``"0.1"`` is 1/10), and a binary float is refused, because
it has already lost what was meant. Text is matched against a grammar, never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from numbers import Rational

from verifier.setting.spelling import plain_formula

MAXIMUM_LENGTH = 200
MAXIMUM_EXPONENT = 100

Exact = int | Fraction | str

_RATIO = re.compile(r"([+-]?[0-9]+)\s*/\s*([0-9]+)")
_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")


def exact_number(value: object, name: str = "number") -> Fraction:
    """The rational number that ``value`` denotes.

    Accepts ``int``, ``Fraction``, other rational types (NumPy's integers) and the texts ``"3"``,
    ``"-3/7"``, ``"0.1"``, ``"2.5e-3"``. ``name`` says in an error which quantity was wrong.

    Raises ``TypeError`` for a float, a bool or any other type, and ``ValueError`` for a text that
    is not a number, a zero denominator, more than 200 characters (integers: digits) or a decimal
    exponent beyond ±100. Each message is one line.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Rational) and not isinstance(value, bool):
        value = Fraction(int(value.numerator), int(value.denominator))
        if abs(value) >= 10**MAXIMUM_LENGTH:
            raise ValueError(f"{name} has more than {MAXIMUM_LENGTH} digits")
        return value
    if not isinstance(value, str):
        hint = f": write '{value}'" if isinstance(value, float) and isfinite(value) else ""
        raise TypeError(
            f"{name} must be an integer, a Fraction or a text such as '1/3' or '0.1', "
            f"not {type(value).__name__}{hint}"
        )
    text = plain_formula(value).strip()
    if len(text) > MAXIMUM_LENGTH:
        raise ValueError(f"{name} has more than {MAXIMUM_LENGTH} characters")
    if ratio := _RATIO.fullmatch(text):
        numerator, denominator = int(ratio[1]), int(ratio[2])
        if denominator == 0:
            raise ValueError(f"{name} {text!r} has a zero denominator")
        return Fraction(numerator, denominator)
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None or not (decimal[2] or decimal[3]):
        raise ValueError(f"{name} {text!r} is not a number; write it as 3, 1/3 or 0.1")
    exponent = int(decimal[4] or 0)
    if abs(exponent) > MAXIMUM_EXPONENT:
        raise ValueError(f"{name} {text!r} has an exponent beyond ±{MAXIMUM_EXPONENT}")
    fraction_digits = decimal[3] or ""
    magnitude = int(decimal[2] + fraction_digits)
    power = exponent - len(fraction_digits)
    sign = -1 if decimal[1] == "-" else 1
    return sign * magnitude * (Fraction(10) ** power)


def exact_vector(values: Sequence[Exact], name: str = "vector") -> tuple[Fraction, ...]:
    """``exact_number`` of every entry, the entry named in an error."""
    return tuple(exact_number(v, f"{name} entry {i + 1}") for i, v in enumerate(values))


def nonnegative_number(value: object, name: str) -> Fraction:
    """``exact_number`` that also refuses a negative value with ``ValueError``."""
    number = exact_number(value, name)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number}")
    return number


def positive_integer(value: object, name: str) -> int:
    """``value`` if it is an integer of at least 1; ``TypeError`` or ``ValueError`` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return value
