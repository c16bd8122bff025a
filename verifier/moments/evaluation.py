"""The exact value of an answer at given numbers, by products of Fractions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod

import sympy

from verifier.arithmetic.matrices import exact_identity, exact_inverse
from verifier.arithmetic.matrices import product as matrix_product
from verifier.moments.rendering import unit_indices
from verifier.moments.scalars import Condition
from verifier.setting.numbers import exact_number
from verifier.words.letters import Chain, Letter, Monomial

Rows = tuple[tuple[Fraction, ...], ...]
Value = Fraction | tuple[Fraction, ...] | Rows
Triple = tuple[sympy.Expr, Monomial, Chain]


@dataclass(frozen=True, slots=True)
class _Point:
    """Numbers for the sides, the scalars and the matrices of an answer."""

    sizes: Mapping[str, int]
    scalars: Mapping[str, Fraction]
    matrices: Mapping[str, Rows]


def evaluate(
    terms: Iterable[Triple],
    rows: str,
    cols: str,
    values: Mapping[str, object],
    finite: tuple[Condition, ...] = (),
) -> Value:
    """The sum of the terms; ValueError where a value is missing or does not fit, or where the
    mean is not ``finite``.
    """
    triples = list(terms)
    letters = {x for _, words, chain in triples for x in _letters(words, chain)}
    units = {f"e_{i}" for _, words, chain in triples for i in unit_indices(chain, words)}
    point = _point(triples, letters, units, (rows, cols), values, finite)
    numbers = {n: sympy.Rational(v.numerator, v.denominator) for n, v in point.scalars.items()}
    for condition in finite:
        condition.at(numbers, ())
    side_of = {x.name: x.cols if x.transposed else x.rows for x in letters}
    total = [[Fraction(0)] * point.sizes[cols] for _ in range(point.sizes[rows])]
    for coefficient, words, chain in triples:
        number = _number(coefficient, numbers)
        names = [f"e_{i}" for i in unit_indices(chain, words)]
        for places in product(*(range(point.sizes[side_of[name]]) for name in names)):
            here = dict(point.matrices)
            for name, place in zip(names, places, strict=True):
                size = point.sizes[side_of[name]]
                here[name] = tuple((Fraction(int(k == place)),) for k in range(size))
            scale = number * prod(_trace(_multiplied(w, here)) ** e for w, e in words)
            value = _multiplied(chain, here) if chain else exact_identity(point.sizes[rows])
            for p, row in enumerate(value):
                for q, entry in enumerate(row):
                    total[p][q] += scale * entry
    if cols != "1":
        return tuple(map(tuple, total))
    return total[0][0] if rows == "1" else tuple(row[0] for row in total)


def _letters(words: Monomial, chain: Chain) -> tuple[Letter, ...]:
    return (*chain, *(x for word, _ in words for x in word))


def _point(
    triples: list[Triple],
    letters: set[Letter],
    units: set[str],
    outer: tuple[str, str],
    values: Mapping[str, object],
    finite: tuple[Condition, ...],
) -> _Point:
    """What the values give, the sides read off the matrices first."""
    sizes: dict[str, int] = {"1": 1}
    matrices: dict[str, Rows] = {}
    for letter in sorted(letters, key=lambda x: x.name):
        if letter.name in units:
            continue
        if letter.name not in values:
            raise ValueError(f"a value for {letter.name} is missing")
        read = matrices[letter.name] = _matrix(values[letter.name], letter.name)
        shape = (len(read[0]), len(read)) if letter.transposed else (len(read), len(read[0]))
        for side, size in zip((letter.rows, letter.cols), shape, strict=True):
            if sizes.setdefault(side, size) != size:
                raise ValueError(f"{letter.name} does not fit: {side} = {sizes[side]}, not {size}")
        if letter.power == -1:
            matrices[f"{letter.name}^-1"] = _inverse(read, letter.name)
    scalars = {s.name for coefficient, _, _ in triples for s in coefficient.free_symbols}
    scalars |= {s.name for condition in finite for s in condition.margin.free_symbols}
    sides = {*outer, *(x.rows for x in letters), *(x.cols for x in letters)} - {"1"}
    known: dict[str, Fraction] = {}
    for name in sorted(scalars | sides):
        if name not in values and name not in sizes:
            raise ValueError(f"a value for {name} is missing")
        known[name] = exact_number(values.get(name, sizes.get(name)), name)
        if name in sides and known[name] != sizes.setdefault(name, int(known[name])):
            raise ValueError(f"{name} = {known[name]}, but a matrix shows {sizes[name]}")
    return _Point(sizes, known, matrices)


def _trace(rows: Rows) -> Fraction:
    return sum((rows[k][k] for k in range(len(rows))), Fraction(0))


def _number(value: sympy.Expr, known: Mapping[str, sympy.Expr]) -> Fraction:
    point = {sympy.Symbol(name): number for name, number in known.items()}
    above, below = sympy.fraction(sympy.together(value))
    bottom = below.subs(point)
    if bottom == 0:
        raise ValueError(f"the mean does not exist there: {value} has a zero denominator")
    found = above.subs(point) / bottom
    return Fraction(int(found.p), int(found.q))


def _matrix(value: object, name: str) -> Rows:
    """A list of rows, or a list of numbers as a column."""
    tolist = getattr(value, "tolist", None)
    rows = tolist() if callable(tolist) else value
    if isinstance(rows, str) or not isinstance(rows, Sequence) or not rows:
        raise ValueError(f"{name} is a matrix: give a list of rows (or of numbers, for a column)")
    if not isinstance(rows[0], Sequence) or isinstance(rows[0], str):
        rows = [[entry] for entry in rows]
    if any(not isinstance(r, Sequence) or len(r) != len(rows[0]) for r in rows):
        raise ValueError(f"the rows of {name} have different lengths")
    return tuple(tuple(exact_number(v, f"an entry of {name}") for v in row) for row in rows)


def _inverse(rows: Rows, name: str) -> Rows:
    if len(rows) != len(rows[0]):
        raise ValueError(f"{name} has no inverse: it is not square")
    try:
        return exact_inverse(rows)
    except ValueError:
        raise ValueError(f"{name} has no inverse: it is singular") from None


def _letter(letter: Letter, matrices: Mapping[str, Rows]) -> Rows:
    rows = matrices[letter.name if letter.power == 1 else f"{letter.name}^{letter.power}"]
    return tuple(zip(*rows, strict=True)) if letter.transposed else rows


def _multiplied(chain: Chain, matrices: Mapping[str, Rows]) -> Rows:
    return reduce(matrix_product, (_letter(letter, matrices) for letter in chain))
