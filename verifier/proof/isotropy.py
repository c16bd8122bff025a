"""Expectations over a hidden source whose law has symmetries.

Trusted; docs/meaning.md says why.
"""

from __future__ import annotations

import itertools
from collections import Counter

from .arrays import Arrays
from .context import Hidden
from .draws import by_draw, collect, given_moment
from .networks import DELTA, Factor, Sorts
from .normal import Poly


def by_symmetry(
    here: Arrays, hidden: Hidden, inside: list[Factor], rest: list[Factor], sorts: Sorts
) -> Poly | None:
    """E over f of a product of moments of draws, by oddness, a given moment, or isotropy.

    None where a factor is no moment of a draw of a law of f, or where nothing applies.
    """
    if any(not here.is_moment(f) for f in inside):
        return None
    boxes = {f[-1] for f in inside}
    whole = inside + [f for f in rest if f[-1] in boxes and _is_still(here, f, hidden)]
    carried = [f for f in rest if not (f[-1] in boxes and _is_still(here, f, hidden))]
    if any(x in boxes for f in carried for x in f[1:]):
        return None
    moments = [here.heads[f[0]].moment or ("", "") for f in whole]
    if sum(field in hidden.odd for _, field in moments) % 2:
        return {}
    fresh = itertools.count(max(sorts, default=-1) + 1)
    drawn = by_draw(here, whole)
    key = tuple(one for one, _ in drawn)
    outer = {x: s for x, s in sorts.items() if x not in boxes}
    total: Poly = {}
    if (hidden.name, key) in here.open:
        labels = [x for _, factors in drawn for f in factors for x in f[1:-1]]
        for term in given_moment(here, (hidden.name, key), labels, fresh):
            collect(here, total, 1, (term, (1, 0, carried, outer)))
        return total
    for sort in hidden.isotropic:
        found = _isotropic(here, hidden, sort, whole, carried, sorts)
        if found is not None:
            return found
    return None


def _is_still(here: Arrays, f: Factor, hidden: Hidden) -> bool:
    """Whether a factor is a moment that does not depend on the hidden source."""
    return here.is_moment(f) and hidden.name not in here.heads[f[0]].sources


def _isotropic(
    here: Arrays,
    hidden: Hidden,
    sort: str,
    whole: list[Factor],
    carried: list[Factor],
    sorts: Sorts,
) -> Poly | None:
    """A tensor that rotations leave as it is, of rank 1, 2 or 3 and symmetric.

    Rank counts the places of this sort, but for those two and two joined by a sum. Ranks 1
    and 3 vanish if the size is at least 2; rank 2 is delta times the trace over the size.
    """
    size = next(s for s in here.context.sorts if s.name == sort).size
    least = here.scalars[size].minimum or 0
    outside = {x for f in carried for x in f[1:]}
    at = [
        (n, k)
        for n, f in enumerate(whole)
        for k, one in enumerate(here.heads[f[0]].sorts, 1)
        if one == sort
    ]
    uses = Counter(whole[n][k] for n, k in at)
    free = [(n, k) for n, k in at if (x := whole[n][k]) < 0 or x in outside or uses[x] != 2]
    own = {x: s for x, s in sorts.items() if any(x in f[1:] for f in whole)}
    ends = [whole[n][k] for n, k in free]
    if any(x in outside and x not in ends for x in own):
        return None
    if not 1 <= len(free) <= 3 or least < 1 or (len(free) != 2 and least < 2):
        return None

    def placed(labels: list[int], more: Sorts) -> tuple[int, tuple[int, ...]]:
        """The tensor at other labels, as networks."""
        rows = [list(f) for f in whole]
        for (n, k), x in zip(free, labels, strict=True):
            rows[n][k] = x
        box = max((*own, *more), default=-1) + 1
        boxed = [
            here.boxed(tuple(r), hidden.name, box)
            if hidden.name in here.heads[r[0]].sources
            else tuple(r)
            for r in rows
        ]
        kept = {x: s for x, s in {**own, **more}.items() if any(x in r[1:] for r in rows)}
        return here.network(boxed, {**kept, box: "^" + hidden.name})

    marks = [here.label(f"place {k} {sort}", sort) for k in range(len(free))]
    swapped = [[*marks[:k], marks[k + 1], marks[k], *marks[k + 2 :]] for k in range(len(free) - 1)]
    if any(placed(other, {}) != placed(marks, {}) for other in swapped):
        return None
    if len(free) != 2:
        return {}
    joint = max(sorts, default=-1) + 1
    trace = here.replaced(*placed([joint, joint], {joint: sort}))
    outer = {x: s for x, s in sorts.items() if x in outside or x in ends}
    product = here.network([*carried, (DELTA, *ends)], outer)
    return here.times(here.divided(trace, size), {product: 1})
