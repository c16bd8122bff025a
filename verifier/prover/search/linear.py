"""A vector as a combination of others: modulo a prime first, then exactly.

Vectors are `Form`s, so coefficients are rational functions of the scalars. At a fixed point modulo
a prime almost every dependence shows at once and is nearly always a dependence everywhere; which
columns it needs is then solved for with polynomials, and what does not hold exactly is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flint import nmod_mat

from .coefficients import PRIME, Polynomial
from .forms import Form, Forms, Networks

Residues = dict[Networks, int]


@dataclass(frozen=True, slots=True)
class Solution:
    """times * target = sum of weight * column, all polynomials in the scalars."""

    times: Polynomial
    weights: tuple[tuple[int, Polynomial], ...]


def residues(forms: Forms, form: Form, corner: bool = False) -> Residues:
    """A form modulo the prime at the fixed point (at the corner), zeros left out."""
    return {ids: value for ids, part in form.items() if (value := forms.residue(part, corner))}


def solve(
    forms: Forms,
    columns: Sequence[tuple[Form, Residues]],
    target: Form,
    positive: bool = True,
) -> Solution | None:
    """The target from the columns, those further left preferred; None if they do not span it.

    A polynomial that the kernel sees to be positive does not vanish in the corner where all scalars
    have their minima. With ``positive`` the dependence has to hold there too, and the columns that
    it needs there are preferred.
    """
    wanted = residues(forms, target)
    if not wanted:
        return Solution(_one(forms), ())
    active = _useful([column for _, column in columns], wanted)
    if not all(any(key in columns[j][1] for j in active) for key in wanted):
        return None
    if positive:
        there = [residues(forms, columns[j][0], corner=True) for j in active]
        found = _support(there, residues(forms, target, corner=True))
        if found is None:
            return None
        first = [active[k] for k in (*found[0], *found[1])]
        active = [*first, *(j for j in active if j not in set(first))]
    found = _support([columns[j][1] for j in active], wanted)
    if found is None:
        return None
    support = [active[k] for k in found[0]]
    return _exact(forms, [columns[j][0] for j in support], support, target)


def flattened(form: Form) -> Form:
    """The form with monomials in the scalars as axes of their own, so that numbers are the field.

    A combination over numbers needs no polynomial as multiplier, which might not be positive.
    """
    return {(*ids, ~powers): {0: c} for ids, part in form.items() for powers, c in part.items()}


def _support(columns: Sequence[Residues], wanted: Residues) -> tuple[list[int], list[int]] | None:
    """The columns that a solution needs, the leftmost that will do, and other independent ones."""
    rows = sorted({key for column in columns for key in column} | set(wanted))
    width, place = len(columns) + 1, {key: k for k, key in enumerate(rows)}
    entries = [0] * (width * len(rows))
    for at, column in enumerate(columns):
        for key, value in column.items():
            entries[place[key] * width + at] = value
    for key, value in wanted.items():
        entries[place[key] * width + width - 1] = value
    reduced, rank = nmod_mat(len(rows), width, entries, PRIME).rref()
    used: list[int] = []
    idle: list[int] = []
    pivot = 0
    for k in range(rank):
        while not int(reduced[k, pivot]):
            pivot += 1
        if pivot == width - 1:
            return None
        (used if int(reduced[k, width - 1]) else idle).append(pivot)
    return used, idle


def _useful(columns: Sequence[Residues], wanted: Residues) -> list[int]:
    """Columns reachable from the target that bring no network which nothing else cancels."""
    reached, active = set(wanted), set[int]()
    while True:
        more = {j for j, c in enumerate(columns) if j not in active and not reached.isdisjoint(c)}
        if not more:
            break
        active |= more
        reached |= {key for j in more for key in columns[j]}
    while True:
        counts = Counter(key for j in active for key in columns[j])
        lone = {j for j in active if any(counts[k] == 1 and k not in wanted for k in columns[j])}
        if not lone:
            return sorted(active)
        active -= lone


def _exact(
    forms: Forms, columns: Sequence[Form], names: Sequence[int], target: Form
) -> Solution | None:
    """Fraction-free elimination; None if the dependence holds at the fixed point only."""
    keys = sorted({key for column in (*columns, target) for key in column})
    size = len(columns)
    rows = []
    for key in keys:
        row, _ = forms.cleared([one.get(key, {}) for one in (*columns, target)])
        if any(row):
            rows.append(_primitive(row))
    for at in range(size):
        pivots = [k for k in range(at, len(rows)) if rows[k][at]]
        if not pivots:
            return None
        best = min(pivots, key=lambda k: sum(len(x) for x in rows[k]))
        rows[at], rows[best] = rows[best], rows[at]
        pivot = rows[at]
        for k, row in enumerate(rows):
            if k != at and row[at]:
                common = row[at].gcd(pivot[at])
                one, two = pivot[at] / common, row[at] / common
                rows[k] = _primitive([one * x - two * y for x, y in zip(row, pivot, strict=True)])
    if any(row[size] for row in rows[size:]):
        return None
    times = _one(forms)
    for row, at in zip(rows, range(size), strict=False):
        below = row[at] / row[at].gcd(row[size])
        times = times * (below / times.gcd(below))
    if times.leading_coefficient() < 0:
        times = -times
    weights = tuple(
        (name, times * rows[at][size] / rows[at][at])
        for at, name in enumerate(names)
        if rows[at][size]
    )
    return Solution(times, weights)


def _one(forms: Forms) -> Polynomial:
    return forms.ring.from_dict({(0,) * len(forms.context.scalars): 1})


def _primitive(row: list[Polynomial]) -> list[Polynomial]:
    """A row divided by the greatest common divisor of its entries."""
    common = None
    for entry in row:
        if entry:
            common = entry if common is None else common.gcd(entry)
            if common.is_one():
                return row
    return row if common is None else [entry / common for entry in row]
