"""Expectations over the independent draws of a law.

Trusted; docs/meaning.md says why.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from .arrays import Arrays, Degrees
from .context import Draws, Slot
from .networks import DELTA, Factor, Head, Sorts
from .normal import Poly, accumulate
from .syntax import ProofError

MAX_ROWS = 10
T = TypeVar("T")
Term = tuple[Any, int, list[Factor], Sorts]


def over_draws(
    here: Arrays, law: str, inside: list[Factor], rest: list[Factor], sorts: Sorts
) -> Poly:
    """E over independent draws, the rows of factors equal or not: Moebius inversion.

    The sum over partitions of the row labels of (labels in a block equal) times the joint
    cumulant of the block's factors, a cumulant being a sum over finer partitions of products
    of moments of one draw. A slot is a draw of its own. Factors may stand at copies of the hidden
    source, which are held fixed.
    """
    place: dict[int | str, list[tuple[str, tuple[int, ...]]]] = {}
    for f in inside:
        array = here.arrays[here.heads[f[0]].name]
        if isinstance(array, Draws):
            place.setdefault(f[1], []).append((array.field, f[2:]))
        elif isinstance(array, Slot):
            place.setdefault(array.slot, []).append((array.field, f[1:]))
    slots = [[row] for row in place if isinstance(row, str)]
    rows = [row for row in place if isinstance(row, int)]
    if len(rows) > MAX_ROWS:
        raise ProofError(f"a product of draws in more than {MAX_ROWS} rows")
    fresh = itertools.count(max(sorts, default=-1) + 1)
    total: Poly = {}
    for blocks in partitions(rows):
        joined: list[Factor] = [(DELTA, b[0], x) for b in blocks for x in b[1:]]
        for finer in itertools.product(*(list(partitions(b)) for b in blocks)):
            here.fuel.spend(len(rows) + len(slots))
            sign = math.prod((-1) ** (len(p) - 1) * math.factorial(len(p) - 1) for p in finer)
            groups: list[Sequence[int | str]] = [*itertools.chain(*finer), *slots]
            draws = [_one_draw(here, law, [x for r in g for x in place[r]], fresh) for g in groups]
            for terms in itertools.product(*draws):
                collect(here, total, sign, (*terms, (1, 0, rest + joined, sorts)))
    return total


def collect(here: Arrays, total: Poly, sign: int, terms: tuple[Term, ...]) -> None:
    """Add a product of terms to a polynomial."""
    factors = [f for term in terms for f in term[2]]
    here.fuel.spend(3 * (len(factors) + 1))
    powers, ids = here.network(factors, {x: s for term in terms for x, s in term[3].items()})
    for _, more, _, _ in terms:
        powers = here.packed(powers, more)
    accumulate(total, (powers, ids), sign * math.prod(term[0] for term in terms))


def _one_draw(
    here: Arrays, law: str, entries: list[tuple[str, tuple[int, ...]]], fresh: Iterator[int]
) -> list[Term]:
    """The moment of one draw: as the context gives it, or a box."""
    fields = {field.name: field for field in here.laws[law].fields}
    here.fuel.spend(len(fields))
    here.degrees[law] = max(here.degrees[law], len(entries))
    ordered = sorted(entries, key=lambda entry: list(fields).index(entry[0]))
    counts = Counter(name for name, _ in ordered)
    key = ((law, tuple(counts[name] for name in fields)),)
    if (law, key) in here.open:
        return given_moment(here, (law, key), [x for _, at in ordered for x in at], fresh)
    box, hidden = next(fresh), here.laws[law].of
    factors = []
    for name, at in ordered:
        sources = frozenset({hidden} if fields[name].hidden else ())
        sorts, copy = (*fields[name].sorts, "^" + law), at[len(fields[name].sorts) :]
        head = Head(f"{law}.{name}", sorts, sources, (law,), (law, name))
        factor: Factor = (here.head(head), *at[: len(fields[name].sorts)], box)
        factors.append(here.boxed(factor, hidden, copy[0]) if copy else factor)
    return [(1, 0, factors, {box: "^" + law})]


def given_moment(
    here: Arrays, key: tuple[str, Degrees], labels: list[int], fresh: Iterator[int]
) -> list[Term]:
    """A given moment at these labels, its own summed labels fresh."""
    places, poly = here.open[key]
    here.fuel.spend(len(poly))
    there = dict(zip(places, labels, strict=True))
    terms: list[Term] = []
    for (powers, ids), c in poly.items():
        factors, sorts = here.spread(ids)
        own = {x: next(fresh) for x in sorts}
        moved = [(f[0], *[own[x] if x >= 0 else there.get(x, x) for x in f[1:]]) for f in factors]
        terms.append((c, powers, moved, {own[x]: sort for x, sort in sorts.items()}))
    return terms


def by_draw(
    here: Arrays, factors: list[Factor]
) -> list[tuple[tuple[str, tuple[int, ...]], list[Factor]]]:
    """The moments of single draws in a product: law, degrees and factors in field order."""
    found = []
    for box in dict.fromkeys(f[-1] for f in factors):
        own = [f for f in factors if f[-1] == box]
        law, _ = here.heads[own[0][0]].moment or ("", "")
        fields = [field.name for field in here.laws[law].fields]
        place = {f: fields.index((here.heads[f[0]].moment or ("", ""))[1]) for f in own}
        degrees = Counter(place[f] for f in own)
        own.sort(key=lambda f: place[f])
        found.append(((law, tuple(degrees[k] for k in range(len(fields)))), own))
    return sorted(found, key=lambda one: one[0])


def partitions(items: list[T]) -> Iterator[list[list[T]]]:
    """All ways to split the items into blocks."""
    if not items:
        yield []
        return
    first, *others = items
    for rest in partitions(others):
        yield [[first], *rest]
        for k in range(len(rest)):
            yield [*rest[:k], [first, *rest[k]], *rest[k + 1 :]]
