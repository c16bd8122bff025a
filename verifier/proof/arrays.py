"""The arrays of a context as heads of networks: their sources, parities, boxes and known moments.

Trusted.
"""

from __future__ import annotations

import math
from collections import Counter

from .context import Absolute, Context, Draws, Function, Hat, Normal, Slot
from .networks import Factor, Head
from .normal import Algebra, Poly, Value
from .syntax import Fuel

Degrees = tuple[tuple[str, tuple[int, ...]], ...]


class Arrays(Algebra):
    """The declared arrays, on which sources each depends, and what a box of them is known to be.

    ``open``: given moments with indices, by source and degrees in the fields of each draw;
    ``closed``: given numbers by network. ``degrees``: of how many entries of one draw of each law,
    and of each function, an expectation took the product so far.
    """

    def __init__(self, context: Context, fuel: Fuel) -> None:
        super().__init__(context, fuel)
        fuel.spend(len(context.arrays) * (1 + len(context.laws)))
        self.arrays = {array.name: array for array in context.arrays}
        self.array_heads: dict[str, int] = {}
        self.parity: dict[tuple[str, str], int] = {}
        self.laws = {law.name: law for law in context.laws}
        self.hidden = {one.name: one for one in context.hidden}
        self.open: dict[tuple[str, Degrees], tuple[tuple[int, ...], Poly]] = {}
        self.closed: dict[int, Poly] = {}
        self.degrees: Counter[str] = Counter()
        for array in context.arrays:
            if not isinstance(array, Absolute):
                self.declare(array.name, self._sources(array))

    def declare(self, name: str, sources: frozenset[str]) -> None:
        """Give an array its head: its name, shape and sources."""
        shape = self.context.shape(self.arrays[name])
        self.array_heads[name] = self.head(Head(name, shape, sources))

    def _sources(self, array: object) -> frozenset[str]:
        match array:
            case Normal(name):
                return frozenset({name})
            case Draws() | Slot():
                law, field = self.context.law(array.law), self.context.field(array)
                return frozenset({law.name, law.of} if field.hidden else {law.name})
            case Hat():
                return frozenset({array.design})
            case Function():
                return frozenset(array.of)
        return frozenset()

    def random(self, value: Value) -> frozenset[str]:
        """The sources on which a value depends."""
        self.fuel.spend(len(value.num))
        used = {i for _, ids in self.cleared(value)[0] for i in ids}
        return frozenset().union(*(self.sources[i] for i in used))

    def reflected(self, ids: tuple[int, ...], source: str) -> int:
        """1, -1 or 0 (not known): what the reflection of a normal source does to a product."""
        factors = [f for i in ids for f in self.table[i]]
        mine = [f for f in factors if source in self.heads[f[0]].sources]
        return math.prod(self.parity_of(f, source) for f in mine)

    def parity_of(self, f: Factor, source: str) -> int:
        """1, -1 or 0 (not known): what the reflection of a normal source does to a factor."""
        name = self.heads[f[0]].name
        return -1 if name == source else self.parity.get((name, source), 0)

    def is_moment(self, f: Factor) -> bool:
        """Whether a factor is a field of one draw, integrated over that draw and nothing else."""
        head = self.heads[f[0]]
        return head.moment is not None and len(head.boxes) == 1

    def boxed(self, f: Factor, source: str, box: int) -> Factor:
        """The factor at the copy ``box`` of a source; boxes stand in the order of the sources."""
        head = self.heads[f[0]]
        boxes = tuple(s for s in self.context.sources if s == source or s in head.boxes)
        at = len(f) - len(boxes) + boxes.index(source) + 1
        sorts = (*head.sorts[: at - 1], "^" + source, *head.sorts[at - 1 :])
        new = Head(head.name, sorts, head.sources - {source}, boxes, head.moment)
        return (self.head(new), *f[1:at], box, *f[at:])

    def stripped(self, f: Factor) -> Factor:
        """A moment of one draw without the copy of the hidden source at which it stands."""
        head = self.heads[f[0]]
        if head.moment is None or len(head.boxes) != 2:
            return f
        law, hidden = head.boxes
        sources = head.sources | {hidden}
        return (self.head(Head(head.name, head.sorts[:-1], sources, (law,), head.moment)), *f[1:-1])

    def replaced(self, powers: int, ids: tuple[int, ...]) -> Poly:
        """A product of networks, those that the context gives replaced."""
        total: Poly = {(powers, tuple(i for i in ids if i not in self.closed)): 1}
        for i in ids:
            if i in self.closed:
                total = self.times(total, self.closed[i])
        return total
