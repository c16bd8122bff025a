"""Expectations over the sources of a context, one after the other.

Normal entries by Isserlis' theorem; draws of a law by Moebius inversion over the partitions of
their rows; what no rule computes stays as a *box*, a network of independent copies. Boxes vanish by
parity, are rewritten by the moments that the context gives, and carry the symmetry of a hidden
source.

Trusted; docs/meaning.md says why each rule is sound.
"""

from __future__ import annotations

import math
from collections import Counter

from .arrays import Arrays
from .context import Absolute, Context, Draws, Function, Hat, Normal, Slot
from .draws import over_draws
from .gaussian import wick
from .isotropy import by_symmetry
from .networks import Factor, Sorts
from .normal import Poly, Value, accumulate
from .syntax import Fuel, ProofError


class Expectations(Arrays):
    """Expectations of polynomials in networks."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        super().__init__(context, fuel)
        self.variances: dict[str, Value] = {}
        self.order: tuple[str, ...] = ()
        self.means: dict[tuple[str, tuple[int, ...]], Poly] = {}

    def expect(self, poly: Poly, over: tuple[str, ...] | None) -> Poly:
        """The expectation over the named sources (None: all), one after the other."""
        unknown = set(over or ()) - set(self.order)
        if unknown:
            raise ProofError(f"{min(unknown)!r} is not a source of randomness")
        self.fuel.spend(sum(1 + len(ids) // 8 for _, ids in poly))
        met = frozenset().union(*(self.sources[i] for _, ids in poly for i in ids))
        for source in self.order:
            if source in met and (over is None or source in over):
                poly = self._over(source, poly)
        return self.limited(poly)

    def _over(self, source: str, poly: Poly) -> Poly:
        """The expectation over one source; what does not depend on it is kept."""
        self.fuel.spend(len(poly))
        total: Poly = {}
        for (powers, ids), c in poly.items():
            mine = tuple(i for i in ids if source in self.sources[i])
            if not mine:
                accumulate(total, (powers, ids), c)
                continue
            if (source, mine) not in self.means:
                self.means[source, mine] = self._mean(source, mine)
            rest = tuple(i for i in ids if source not in self.sources[i])
            self.fuel.spend(len(self.means[source, mine]))
            for (more, new), d in self.means[source, mine].items():
                again, both = self.join(rest, new)
                accumulate(total, (self.packed(self.packed(powers, more), again), both), c * d)
        return total

    def _mean(self, source: str, ids: tuple[int, ...]) -> Poly:
        """E_source of a product of networks that all depend on it."""
        factors, sorts = self.spread(ids)
        inside = [f for f in factors if source in self.heads[f[0]].sources]
        rest = [f for f in factors if source not in self.heads[f[0]].sources]
        plain = all(not self.heads[f[0]].boxes for f in inside)
        kinds = {type(self.arrays.get(self.heads[f[0]].name)) for f in inside}
        if plain and kinds == {Normal}:
            return wick(self, self.variances[source], inside, rest, sorts)
        if source in self.laws and kinds <= {Draws, Slot}:
            poly = over_draws(self, source, inside, rest, sorts)
            return poly if plain else _at_copies(self, poly)
        return _box(self, source, inside, rest, sorts)


def _box(here: Arrays, source: str, inside: list[Factor], rest: list[Factor], sorts: Sorts) -> Poly:
    """What no rule computes is an independent copy of the source; odd ones vanish."""
    parity = math.prod(here.parity_of(f, source) for f in inside)
    if parity == -1:
        return {}
    for name, count in Counter(_asked(here, f) for f in inside).items():
        if name:
            here.degrees[name] = max(here.degrees[name], count)
    if source in here.hidden:
        found = by_symmetry(here, here.hidden[source], inside, rest, sorts)
        if found is not None:
            return found
    fresh = max(sorts, default=-1) + 1
    boxed = [here.boxed(f, source, fresh) for f in inside]
    powers, ids = here.network(rest + boxed, {**sorts, fresh: "^" + source})
    return here.replaced(powers, ids)


def _at_copies(here: Arrays, poly: Poly) -> Poly:
    """Means over copies of a hidden source that was integrated before its draws were."""
    total: Poly = {}
    for (powers, ids), c in poly.items():
        product: Poly = {(powers, ()): c}
        for i in ids:
            product = here.times(product, _at_copy(here, i))
        for key, coefficient in product.items():
            accumulate(total, key, coefficient)
    return total


def _at_copy(here: Arrays, i: int) -> Poly:
    """A network, by the symmetries and moments of the hidden source of which it has one copy."""
    factors, sorts = here.spread((i,))
    copies = [x for x, sort in sorts.items() if sort in {"^" + one for one in here.hidden}]
    if len(copies) == 1:
        hidden = here.hidden[sorts.pop(copies[0])[1:]]
        inside = [here.stripped(f) for f in factors if copies[0] in f[1:]]
        rest = [f for f in factors if copies[0] not in f[1:]]
        found = by_symmetry(here, hidden, inside, rest, sorts)
        if found is not None:
            return found
    return here.replaced(0, (i,))


def _asked(here: Arrays, f: Factor) -> str:
    """The law or function of whose moments a factor in a box is one; those of normals exist."""
    array = here.arrays.get(here.heads[f[0]].name)
    if isinstance(array, Draws | Slot):
        return array.law
    return array.name if isinstance(array, Function | Absolute | Hat) else ""
