"""Words of the command line that several commands read alike: whole numbers, axes."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from verifier.setting.numbers import nonnegative_number

MAX_DIGITS = 18
MAX_AXIS = 10**5
_NATURAL = re.compile(r"[+-]?[0-9]+")


def natural(text: str, name: str, minimum: int) -> int:
    """A whole number of at least ``minimum`` from text; ValueError with one line."""
    word = text.strip()
    if not _NATURAL.fullmatch(word):
        raise ValueError(f"{name}: {word[:40]!r} is not a whole number")
    if len(word.lstrip("+-")) > MAX_DIGITS:
        raise ValueError(f"{name}: {word[:40]} is too large: at most {MAX_DIGITS} digits are taken")
    if int(word) < minimum:
        raise ValueError(f"{name}: {word} is below {minimum}")
    return int(word)


def whole_axis(text: str, name: str) -> tuple[int, ...]:
    """Rising whole numbers from "a:b", "a:b:count", "a,b,c" or "a"; ValueError in one line.

    Of a:b:count the evenly spaced values are rounded to whole numbers.
    """

    def end(word: str) -> Fraction:
        return Fraction(natural(word, name, 1))

    return tuple(dict.fromkeys(round(value) for value in _axis(text, name, end)))


def exact_axis(text: str, name: str) -> tuple[Fraction, ...]:
    """Rising exact numbers >= 0 from "a:b" (steps of one), "a:b:count", "a,b,c" or "a"."""
    return tuple(_axis(text, name, lambda word: nonnegative_number(word, name)))


def _axis(text: str, name: str, end: Callable[[str], Fraction]) -> list[Fraction]:
    if ":" not in text:
        return sorted({end(word) for word in text.split(",")})
    low, high, *rest = text.split(":")
    if len(rest) > 1:
        raise ValueError(f"{name}: {text[:40]!r} is not of the form START:STOP or START:STOP:COUNT")
    start, stop = end(low), end(high)
    if start > stop:
        raise ValueError(f"{name}: the range {text[:40]!r} starts beyond its end")
    count = natural(rest[0], name, 1) if rest else int(stop - start) + 1
    if count > MAX_AXIS:
        raise ValueError(f"{name}: {count} values are too many; at most {MAX_AXIS}")
    if count == 1 and start < stop:
        raise ValueError(
            f"{name}: {text[:40]!r} asks for one value of a range; give that value alone, or ask "
            "for two or more"
        )
    if not rest or count == 1:
        return [start + k for k in range(count)]
    return sorted({start + (stop - start) * k / (count - 1) for k in range(count)})
