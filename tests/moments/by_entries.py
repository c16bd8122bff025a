"""The second route: small matrices of ring generators, multiplied out, every monomial averaged.

Nothing here knows about words, traces or pairings of sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from math import prod

import numpy as np
from sympy import QQ
from sympy.polys.rings import PolyElement, ring

Array = np.ndarray
Counts = Mapping[tuple[str, int, int], int]


def variables(shapes: Mapping[str, tuple[int, int]]) -> tuple[dict[str, Array], dict[str, tuple]]:
    """Arrays of generators for names with shapes, and the place (name, i, j) of every generator."""
    places = {
        f"{name}_{i}_{j}": (name, i, j)
        for name, (rows, cols) in shapes.items()
        for i in range(rows)
        for j in range(cols)
    }
    _, *generators = ring(list(places), QQ)
    by_name = dict(zip(places, generators, strict=True))
    arrays = {
        name: np.array(
            [[by_name[f"{name}_{i}_{j}"] for j in range(cols)] for i in range(rows)], dtype=object
        )
        for name, (rows, cols) in shapes.items()
    }
    return arrays, places


def average(entry: object, places: Mapping[str, tuple], moment: Callable) -> Fraction:
    """The mean of one polynomial; ``moment`` gives that of a product of generators."""
    if not isinstance(entry, PolyElement):
        return Fraction(int(entry.numerator), int(entry.denominator))
    names = [str(symbol) for symbol in entry.ring.symbols]
    total = Fraction(0)
    for monomial, value in entry.items():
        counts = {places[n]: e for n, e in zip(names, monomial, strict=True) if e}
        total += Fraction(int(value.numerator), int(value.denominator)) * moment(counts)
    return total


def gaussian(covariance: Callable[[tuple, tuple], Fraction]) -> Callable[[Counts], Fraction]:
    """Isserlis: the first of all factors is paired with every other one."""

    def paired(items: tuple) -> Fraction:
        if not items:
            return Fraction(1)
        return sum(
            (
                covariance(items[0], items[k]) * paired(items[1:k] + items[k + 1 :])
                for k in range(1, len(items))
                if covariance(items[0], items[k])
            ),
            Fraction(0),
        )

    return lambda counts: paired(tuple(p for p, e in counts.items() for _ in range(e)))


def independent(moment: Callable[[int], Fraction]) -> Callable[[Counts], Fraction]:
    """Independent entries: the moments multiply; odd ones vanish."""
    return lambda counts: prod(
        (Fraction(0) if e % 2 else moment(e) for e in counts.values()), start=Fraction(1)
    )


def sphere(d: int) -> Callable[[Counts], Fraction]:
    """E prod z_i^p_i = prod (p_i - 1)!! / (d (d + 2) ...) for z uniform on the unit sphere."""

    def moment(counts: Counts) -> Fraction:
        if any(e % 2 for e in counts.values()):
            return Fraction(0)
        above = prod(prod(range(1, e, 2)) for e in counts.values())
        return Fraction(above, prod(d + 2 * j for j in range(sum(counts.values()) // 2)))

    return moment


def multiplied(factors: list[Array]) -> Array:
    """The matrix product."""
    return reduce(np.matmul, factors)


def rationals(rows: list[list[int | Fraction]]) -> Array:
    """An array of elements of QQ, which multiply generators."""
    exact = [[Fraction(v) for v in row] for row in rows]
    return np.array([[QQ(v.numerator, v.denominator) for v in row] for row in exact], dtype=object)


def as_rows(array: Array) -> tuple[tuple[Fraction, ...], ...]:
    """An array as `Answer.evaluate` gives it."""
    return tuple(tuple(Fraction(v) for v in row) for row in array)
