"""Quartics in r that are positive on r >= 0 although some coefficients are negative: by squares.

The idea: write a polynomial of degree <= 4 in r as a sum of quartics q(r) times monomials in the
other variables. Where q has a negative coefficient, look for numbers c >= 0 with

    q = sum_k c_k factor_k term_k^2 + a polynomial without negative coefficients,

the terms from a short fixed list: r - p and r (r - p) for a few p, and (r - 1)^2; factors 1 or r.
That is a linear programme in the c_k, solved exactly. All variables being >= 0, both parts are.

Untrusted: whoever uses the squares checks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sympy.polys.rings import PolyElement

CENTRES = (Fraction(1), Fraction(3, 2), Fraction(7, 4), Fraction(2))
DEGREE = 4

Coefficients = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class SquareShape:
    """factor(r) * term(r)^2; both as coefficients of 1, r, r^2, ..."""

    factor: Coefficients
    term: Coefficients

    @property
    def quartic(self) -> Coefficients:
        """The product, padded to degree 4."""
        product = times(self.factor, times(self.term, self.term))
        return product + (Fraction(0),) * (DEGREE + 1 - len(product))


def times(one: Coefficients, two: Coefficients) -> Coefficients:
    """The product of two polynomials in r."""
    found = [Fraction(0)] * (len(one) + len(two) - 1)
    for i, x in enumerate(one):
        for j, y in enumerate(two):
            found[i + j] += x * y
    return tuple(found)


@cache
def shapes() -> tuple[SquareShape, ...]:
    """The list from which squares are taken."""
    one, r = (Fraction(1),), (Fraction(0), Fraction(1))
    found = []
    for centre in CENTRES:
        line = (-centre, Fraction(1))
        found += [SquareShape(one, line), SquareShape(r, line), SquareShape(one, times(r, line))]
    line = (Fraction(-1), Fraction(1))
    return (*found, SquareShape(one, times(line, line)))


def squares(polynomial: PolyElement, place: int) -> dict[SquareShape, PolyElement]:
    """Which squares, times which polynomials without negative coefficients, to take off.

    ``place``: which generator r is. Nothing is taken for a monomial whose quartic is not a sum of
    such squares: what is left has a negative coefficient there. Nothing at all if r has a power
    above 4.
    """
    quartics: dict[tuple[int, ...], list[Fraction]] = {}
    for exponents, value in polynomial.terms():
        if exponents[place] > DEGREE:
            return {}
        others = (*exponents[:place], 0, *exponents[place + 1 :])
        quartic = quartics.setdefault(others, [Fraction(0)] * (DEGREE + 1))
        quartic[exponents[place]] = Fraction(int(value.numerator), int(value.denominator))
    columns = [shape.quartic for shape in shapes()]
    found: dict[SquareShape, PolyElement] = {}
    field = polynomial.ring.domain
    for others, quartic in quartics.items():
        amounts = weights(columns, quartic) if min(quartic) < 0 else None
        for shape, amount in zip(shapes(), amounts or (), strict=False):
            if amount:
                value = field(amount.numerator) / field(amount.denominator)
                part = polynomial.ring.from_dict({others: value})
                found[shape] = found.get(shape, polynomial.ring.zero) + part
    return found


def weights(columns: Sequence[Coefficients], bound: Sequence[Fraction]) -> list[Fraction] | None:
    """c >= 0 with the least sum such that sum_k c_k columns_k <= bound; None if there is none.

    The dual simplex method with Bland's rule: the start c = 0 is optimal but not feasible, and
    every pivot keeps it optimal. In integers over one denominator (Edmonds' pivots).
    """
    count, rows = len(columns), len(bound)
    scale = lcm(*(value.denominator for row in (*columns, bound) for value in row))
    # Each row: its coefficients of c and of the slacks, then the right side; cost: reduced costs.
    table = [
        [
            *(int(column[i] * scale) for column in columns),
            *(int(i == j) for j in range(rows)),
            int(bound[i] * scale),
        ]
        for i in range(rows)
    ]
    cost = [1] * count + [0] * (rows + 1)
    basis = list(range(count, count + rows))
    over = 1
    while low := [(basis[i], i) for i in range(rows) if table[i][-1] < 0]:
        row = min(low)[1]
        leaving = table[row]
        ratios = [(Fraction(cost[j], -x), j) for j, x in enumerate(leaving[:-1]) if x < 0]
        if not ratios:
            return None
        column = min(ratios)[1]
        over = _pivot(table, cost, row, column, over)
        basis[row] = column
    found = [Fraction(0)] * (count + rows)
    for i, variable in enumerate(basis):
        found[variable] = Fraction(table[i][-1], over)
    return found[:count]


def _pivot(table: list[list[int]], cost: list[int], row: int, column: int, over: int) -> int:
    """Bring a column into the basis; returns the new denominator of all rows."""
    leaving = table[row] = [-x for x in table[row]]
    new = leaving[column]
    for other in (*(one for i, one in enumerate(table) if i != row), cost):
        multiple = other[column]
        other[:] = [(x * new - multiple * y) // over for x, y in zip(other, leaving, strict=True)]
    return new


def rest(
    polynomial: PolyElement, place: int, taken: Mapping[SquareShape, PolyElement]
) -> PolyElement:
    """What is left when the squares are taken off."""
    target = polynomial.ring
    r = target.gens[place]
    left = polynomial
    for shape, amount in taken.items():
        for power, value in enumerate(shape.quartic):
            number = target.domain(value.numerator) / target.domain(value.denominator)
            left -= amount * number * r**power
    return left
