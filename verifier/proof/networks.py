"""Networks: products of array entries in which the entries that share a summed label hang together.

A *factor* is an entry of an array, (head, label, ...); factors that share a summed label form a
*network*, kept once in a table under canonical labels, so that equal networks are one number.
Labels >= 0 are summed, labels < 0 are free indices. A label of a box (sort ``^source``) stands for
an independent copy of that source, integrated; for everything here it is a summed label of size 1.

Any renaming of summed labels is sound; which one is chosen decides only what is found equal.

Trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .context import Context, Scalar
from .syntax import Fuel, ProofError

BITS = 10  # the exponent of a scalar is below 2^9; the highest bit of its field is the alarm
DELTA = 0
MAX_SCALARS = 200  # declared ones and inverses; a monomial has ten bits for each

Factor = tuple[int, ...]
Sorts = dict[int, str]
Product = tuple[int, tuple[int, ...]]  # packed exponents of scalars, and networks


@dataclass(frozen=True, slots=True)
class Head:
    """What a factor is an entry of: an array, ``boxes`` the sources over which it is integrated.

    ``sources``: what it still depends on. ``moment``: a field of one draw, its box the last label
    but those of boxes that came later.
    """

    name: str
    sorts: tuple[str, ...]
    sources: frozenset[str] = frozenset()
    boxes: tuple[str, ...] = ()
    moment: tuple[str, str] | None = None


class Networks:
    """The networks of array entries over the sorts and scalars of one context."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        self.context, self.fuel = context, fuel
        if len(context.scalars) > MAX_SCALARS:
            raise ProofError(f"a context of more than {MAX_SCALARS} scalars")
        self.scalars: dict[str, Scalar] = {s.name: s for s in context.scalars}
        self.shift = {name: BITS * k for k, name in enumerate(self.scalars)}
        self.alarm = sum(1 << at + BITS - 1 for at in self.shift.values())
        self.sizes = {sort.name: sort.size for sort in context.sorts}
        self.heads: list[Head] = []
        self.head_ids: dict[Head, int] = {}
        self.head(Head("delta", ()))
        self.partners: set[tuple[int, int]] = set()
        self.labels: dict[str, int] = {}
        self.free_sorts: list[str] = []
        self.table: list[tuple[Factor, ...]] = []
        self.ids: dict[tuple[Factor, ...], int] = {}
        self.known: dict[tuple[Factor, ...], int] = {}
        self.loose: list[frozenset[int]] = []
        self.sources: list[frozenset[str]] = []
        self.deltas: set[int] = set()
        self.joined: dict[tuple[tuple[int, ...], tuple[int, ...]], Product] = {}
        self.summed: dict[tuple[tuple[int, ...], int], Product] = {}

    def head(self, head: Head) -> int:
        """The number of a head."""
        if head not in self.head_ids:
            self.head_ids[head] = len(self.heads)
            self.heads.append(head)
        return self.head_ids[head]

    def label(self, index: str, sort: str) -> int:
        """The free label of an index; one index has one sort."""
        if index not in self.labels:
            self.free_sorts.append(sort)
            self.labels[index] = -len(self.free_sorts)
        found = self.labels[index]
        if self.free_sorts[-1 - found] != sort:
            raise ProofError(f"index {index!r} is used for two sorts")
        return found

    def size(self, sort: str) -> int:
        """The packed exponents of the number of values of a summed label; a box counts once."""
        return 0 if sort[0] == "^" else 1 << self.shift[self.sizes[sort]]

    def packed(self, one: int, two: int) -> int:
        """The sum of packed exponents; the only place where exponents are added."""
        total = one + two
        if total & self.alarm:
            raise ProofError(f"a scalar to a power above {2 ** (BITS - 1) - 1}")
        return total

    def intern(self, part: tuple[Factor, ...]) -> int:
        """The number of a network in canonical labels."""
        found = self.ids.get(part)
        if found is None:
            found = self.ids[part] = len(self.table)
            self.table.append(part)
            self.loose.append(frozenset(x for f in part for x in f[1:] if x < 0))
            self.sources.append(frozenset().union(*(self.heads[f[0]].sources for f in part)))
            if part[0][0] == DELTA:
                self.deltas.add(found)
        return found

    def canonical(self, part: Iterable[Factor]) -> int:
        """The number of a connected network with any summed labels."""
        first: dict[int, int] = {}
        key = tuple(sorted(part))
        for f in key:
            for x in f[1:]:
                if x >= 0:
                    first.setdefault(x, len(first))
        key = tuple((f[0], *[first[x] if x >= 0 else x for x in f[1:]]) for f in key)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self.intern(self._canonical(key, len(first)))
        return found

    def _canonical(self, part: tuple[Factor, ...], count: int) -> tuple[Factor, ...]:
        """The least form over all orders of labels that colour refinement leaves open."""
        best: tuple[Factor, ...] | None = None
        stack = [[0] * count]
        while stack:
            colour, kinds = stack.pop(), 0
            while True:  # a label's colour is refined by the factors in which it occurs
                self.fuel.spend(len(part) + count)
                marks: list[list[tuple[Factor, int]]] = [[] for _ in range(count)]
                for f in part:
                    shown = (f[0], *[colour[x] if x >= 0 else x for x in f[1:]])
                    for at, x in enumerate(f[1:]):
                        if x >= 0:
                            marks[x].append((shown, at))
                ranks = [(colour[x], tuple(sorted(marks[x]))) for x in range(count)]
                place = {rank: k for k, rank in enumerate(sorted(set(ranks)))}
                colour = [place[rank] for rank in ranks]
                if len(place) == kinds:
                    break
                kinds = len(place)
            sizes = Counter(colour)
            tie = next((k for k in range(kinds) if sizes[k] > 1), None)
            if tie is None:
                coded = sorted((f[0], *[colour[x] if x >= 0 else x for x in f[1:]]) for f in part)
                best = min(best or tuple(coded), tuple(coded))
            else:
                for x in range(count):  # single out each label of the first tied colour
                    if colour[x] == tie:
                        stack.append([2 * k + (k >= tie and j != x) for j, k in enumerate(colour)])
        return best or ()

    def network(self, factors: list[Factor], sorts: Mapping[int, str]) -> Product:
        """Packed exponents and networks of a product summed over all labels in ``sorts``.

        Deltas are contracted, matrices that meet their inverse become a delta, and a summed label
        that no factor carries any more counts the values of its sort.
        """
        self.fuel.spend(len(factors) + 1)
        plain = [f for f in factors if f[0] != DELTA]
        pairs = [f for f in factors if f[0] == DELTA]
        place: dict[int, int] = {}
        kept: list[int] = []
        gone: set[int] = set()

        def find(x: int) -> int:
            while x in place:
                x = place[x]
            return x

        while True:
            for _, a, b in pairs:
                a, b = find(a), find(b)
                if a != b:
                    if a < 0 and b < 0:
                        a, b = max(a, b), min(a, b)
                        kept.append(b)
                    elif a >= 0:
                        a, b = b, a
                    place[b] = a
            if place:
                plain = [(f[0], *map(find, f[1:])) for f in plain]
            meeting = self._inverse_pair(plain) if self.partners else None
            if meeting is None:
                break
            left, right = meeting
            plain.remove(left)
            plain.remove(right)
            gone.add(left[2])
            pairs = [(DELTA, left[1], right[2])]
        seen = {x for f in plain for x in f[1:]} | gone
        powers = 0
        for x, sort in sorts.items():
            if x not in seen and x not in place:
                powers = self.packed(powers, self.size(sort))
        ids = [self.canonical(group) for group in _groups(plain)]
        ids += [self.intern(((DELTA, b, find(b)),)) for b in kept]
        return powers, tuple(sorted(ids))

    def _inverse_pair(self, plain: list[Factor]) -> tuple[Factor, Factor] | None:
        """Factors M[i,j] N[j,k], N given as the inverse of M, with j summed and nowhere else."""
        self.fuel.spend(len(plain) ** 2 // 16)
        for f in plain:
            for g in plain:
                meet = (f[0], g[0]) in self.partners and f is not g and g[1] == f[2] >= 0
                if meet and sum(h[1:].count(f[2]) for h in plain) == 2:
                    return f, g
        return None

    def spread(self, ids: Iterable[int]) -> tuple[list[Factor], Sorts]:
        """All factors of some networks, summed labels made distinct, and the sorts of these."""
        out: list[Factor] = []
        sorts: Sorts = {}
        top = 0
        for i in ids:
            high = top
            for f in self.table[i]:
                g = [f[0]]
                for x, sort in zip(f[1:], self.heads[f[0]].sorts, strict=False):
                    if x >= 0:
                        x += top
                        sorts[x] = sort
                        high = max(high, x + 1)
                    g.append(x)
                out.append(tuple(g) if f[0] != DELTA else f)
            top = high
        return out, sorts

    def join(self, one: tuple[int, ...], two: tuple[int, ...]) -> Product:
        """The product of two products of networks; deltas rename the free labels of the other."""
        if not one or not two:
            return 0, one or two
        if self.deltas and not (self.deltas.isdisjoint(one) and self.deltas.isdisjoint(two)):
            found = self.joined.get((one, two))
            if found is None:
                found = self.joined[one, two] = self.network(*self.spread(one + two))
            return found
        return 0, tuple(sorted(one + two))

    def bound(self, ids: tuple[int, ...], label: int) -> Product:
        """A product of networks that carry a free label, summed over it."""
        found = self.summed.get((ids, label))
        if found is None:
            factors, sorts = self.spread(ids)
            new = max(sorts, default=-1) + 1
            sorts[new] = self.free_sorts[-1 - label]
            renamed = [(f[0], *[new if x == label else x for x in f[1:]]) for f in factors]
            found = self.summed[ids, label] = self.network(renamed, sorts)
        return found


def _groups(factors: list[Factor]) -> list[list[Factor]]:
    """The factors in groups that are connected by summed labels."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for f in factors:
        labels, members, apart = {x for x in f[1:] if x >= 0}, [f], []
        for group in groups:
            if labels.isdisjoint(group[0]):
                apart.append(group)
            else:
                labels |= group[0]
                members += group[1]
        groups = [*apart, (labels, members)]
    return [members for _, members in groups]
