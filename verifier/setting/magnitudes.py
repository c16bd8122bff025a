"""Bounds on the sizes of what people type, so that no later arithmetic overflows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verifier.setting.numbers import exact_number
from verifier.setting.response_grammar import ExpressionLink

LARGEST = Fraction(10**30)
SMALLEST = 1 / LARGEST
_REACH = 100.0
_EXPONENT = 20.0
_PROBES = 4001
_HEIGHT = 1e12


def within_bounds(number: Fraction) -> bool:
    """Whether a number is 0 or between 1e-30 and 1e30 in absolute value."""
    return not number or SMALLEST <= abs(number) <= LARGEST


def check_dimension(dimension: int) -> int:
    """Return ``dimension``; TypeError unless an int, ValueError below 1."""
    if isinstance(dimension, bool) or not isinstance(dimension, int):
        raise TypeError(f"the dimension is an integer, not {type(dimension).__name__}")
    if dimension < 1:
        raise ValueError(f"the dimension must be at least 1, not {dimension}")
    return dimension


def check_numbers(value: Any) -> None:
    """Every number in a TOML value, however deep, is 0 or between 1e-30 and 1e30 in size.

    Texts that are no numbers are left to their readers. Raises ``ValueError`` in one line.
    """
    if isinstance(value, list):
        for item in value:
            check_numbers(item)
    elif isinstance(value, dict):
        for item in value.values():
            check_numbers(item)
    elif isinstance(value, int | str) and not isinstance(value, bool):
        try:
            number = exact_number(value)
        except ValueError:
            if isinstance(value, str):
                return
            raise
        if not within_bounds(number):
            raise ValueError("a number is not 0 and not between 1e-30 and 1e30 in absolute value")


def check_link(link: ExpressionLink) -> None:
    """Coefficients between 1e-30 and 1e30; other functions below 1e12 (1 + |t|)^degree.

    The latter is probed for |t| <= 100, for functions that grow like exp(r|t|) for |t| <= 20/r.
    Raises ``ValueError`` in one line.
    """
    if link.form is not None:
        for coefficient in (*link.form.smooth, *link.form.kink):
            if not within_bounds(coefficient):
                raise ValueError(
                    "a coefficient of the expression is not between 1e-30 and 1e30 in absolute "
                    "value"
                )
        return
    rate = float(link.growth.rate)
    reach = min(_REACH, _EXPONENT / rate) if rate else _REACH
    t = np.linspace(-reach, reach, _PROBES)
    with np.errstate(all="ignore"):
        sizes = np.abs(link(t)) / (1 + np.abs(t)) ** link.growth.degree
    too_large = ~(sizes <= _HEIGHT)
    if too_large.any():
        nearest = t[too_large][np.argmin(np.abs(t[too_large]))]
        raise ValueError(f"the expression is too large at t = {nearest:g}: above 1e12")
