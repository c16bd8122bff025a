"""The sides of every part of a question, found from how the parts fit together.

``X'AXBX'CX`` needs no declaration: with X an n x d matrix, A and C are n x n and B is d x d. Every
side is an unknown; products, sums and traces equate unknowns (union-find), and what is left free is
named at the end, the columns of random matrices d and their rows n first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ONE = 0
_FEATURES, _EXAMPLES = ("d", "p", "q", "r"), ("n", "m", "k", "l")


class SidesDiffer(ValueError):
    """Two sides that cannot be equal."""


@dataclass(slots=True)
class Sides:
    """Unknown sides; number 0 is the side 1."""

    parent: list[int] = field(default_factory=lambda: [ONE])
    wide: set[int] = field(default_factory=set)
    labels: dict[int, str] = field(default_factory=lambda: {ONE: "1"})
    preferred: dict[int, str] = field(default_factory=dict)

    def new(self, wide: bool = True) -> int:
        """A new unknown; a ``wide`` one is not the side 1 of a column."""
        self.parent.append(len(self.parent))
        if wide:
            self.wide.add(len(self.parent) - 1)
        return len(self.parent) - 1

    def labelled(self, label: str) -> int:
        """The side of this name; "1" is the side of a column."""
        for root, known in self.labels.items():
            if known == label:
                return self.root(root)
        side = self.new()
        self.labels[side] = label
        return side

    def root(self, side: int) -> int:
        """The representative of all sides equal to this one."""
        while self.parent[side] != side:
            side = self.parent[side]
        return side

    def equate(self, left: int, right: int) -> None:
        """Make two sides equal; `SidesDiffer` where one is 1 and the other is not."""
        p, q = sorted((self.root(left), self.root(right)))
        if p == q:
            return
        if p == ONE and q in self.wide:
            raise SidesDiffer(f"1 and {self.labels.get(q, self.preferred.get(q, 'd'))}")
        if p in self.labels and q in self.labels:
            raise SidesDiffer(f"{self.labels[p]} and {self.labels[q]}")
        self.parent[q] = p
        if q in self.wide:
            self.wide.discard(q)
            self.wide.add(p)
        for table in (self.labels, self.preferred):
            if q in table:
                label = table.pop(q)
                table.setdefault(p, label)

    def prefer(self, side: int, family: str) -> None:
        """Name the side after "d" (features) or "n" (examples) unless it is named already."""
        self.preferred.setdefault(self.root(side), family)

    def is_one(self, side: int) -> bool:
        """Whether the side is known to be 1."""
        return self.root(side) == ONE

    def name_all(self, taken: set[str]) -> None:
        """Give every side a name that is not in ``taken`` (names that mean something else)."""
        known = [side for side in range(1, len(self.parent)) if self.root(side) in self.preferred]
        for side in [*known, *range(1, len(self.parent))]:
            root = self.root(side)
            if root in self.labels:
                continue
            family = _EXAMPLES if self.preferred.get(root) == "n" else _FEATURES
            used = set(self.labels.values()) | taken
            free = [name for name in family if name not in used]
            free += [f"{family[0]}{k}" for k in range(2, len(used) + 3)]
            self.labels[root] = next(name for name in free if name not in used)

    def name(self, side: int) -> str:
        """The name of a side, once all are named."""
        return self.labels[self.root(side)]
