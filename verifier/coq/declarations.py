"""A context in numbers: sorts, scalars, arrays and sources as coq/kernel/semantics.v has them."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.proof.context import Absolute, Array, Context, Draws, Hat, Normal, Slot, Tensor
from verifier.proof.mean import Meaning
from verifier.proof.syntax import Fuel

FUEL = 10_000_000


class NotExported(Exception):
    """What has no counterpart in coq/kernel; the text says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Det, Normal (scalars of the variance), Field (law, field, slot or None) or Fun (sources)."""

    name: str
    variance: tuple[int, ...] = ()
    field: tuple[int, int, int | None] | None = None
    sources: tuple[tuple[int, bool | None], ...] = ()


class Declarations:
    """Numbers for everything that a context declares.

    Sorts of one size are one sort; a label is a letter's place among the letters of its sort.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.meaning = Meaning(context, Fuel(FUEL))
        sizes = list(dict.fromkeys(sort.size for sort in context.sorts))
        self.sort = {one.name: sizes.index(one.size) for one in context.sorts}
        others = [one.name for one in context.scalars if one.name not in sizes]
        self.scalar = {size: 2 * k for k, size in enumerate(sizes)}
        self.scalar |= {name: 2 * k + 1 for k, name in enumerate(others)}
        self.first_divisor = len(others)
        self.array = {array.name: k for k, array in enumerate(context.arrays, 1)}
        names = [*(law.name for law in context.laws), *(one.name for one in context.hidden)]
        self.source = {name: k for k, name in enumerate(names, len(self.array) + 1)}
        self.source |= {a.name: self.array[a.name] for a in context.arrays if isinstance(a, Normal)}
        self.letter: dict[str, tuple[int, int]] = {}
        places = [0] * len(sizes)
        for one in context.sorts:
            for letter in one.letters:
                at = self.sort[one.name]
                self.letter[letter] = (at, places[at])
                places[at] += 1
        self.first_bound = max(places, default=0)
        self.sort_names = [next(o.name for o in context.sorts if o.size == s) for s in sizes]
        self.slots = {
            name: k
            for k, name in enumerate(
                dict.fromkeys(a.slot for a in context.arrays if isinstance(a, Slot))
            )
        }
        for hidden in context.hidden:
            shared = len({self.sort[name] for name in self.sort}) < len(self.sort)
            if len(hidden.isotropic) > 1 or (hidden.isotropic and shared):
                raise NotExported("rotations of several sorts of indices")

    def sources(self) -> tuple[int, ...]:
        """All sources, in the order in which an expectation over all is written."""
        return tuple(self.source[name] for name in reversed(self.meaning.order))

    def fields(self, law: str) -> list[str]:
        """The names of the fields of a law, in the order of their numbers."""
        return [field.name for field in self.context.law(law).fields]

    def kind(self, array: Array) -> Kind:
        """How an array is random."""
        match array:
            case Tensor():
                return Kind("Det")
            case Normal(name):
                return Kind("Normal", variance=self._variance(name))
            case Draws() | Slot():
                slot = self.slots[array.slot] if isinstance(array, Slot) else None
                at = self.fields(array.law).index(array.field)
                return Kind("Field", field=(self.source[array.law], at, slot))
        head = self.meaning.heads[self.meaning.array_heads[array.name]]
        functions = isinstance(array, Absolute | Hat)
        return Kind(
            "Fun",
            sources=tuple(
                (self.source[name], self._odd(array.name, name) if functions else None)
                for name in self.meaning.order
                if name in head.sources
            ),
        )

    def _odd(self, array: str, source: str) -> bool | None:
        parity = self.meaning.parity.get((array, source), 0)
        return None if parity == 0 else parity < 0

    def _variance(self, name: str) -> tuple[int, ...]:
        """The scalars of which the variance of a normal array is the product."""
        value = self.meaning.variances[name]
        if value.den == 1 and len(value.num) == 1:
            (((powers, ids), coefficient),) = value.num.items()
            known = {s for s in self.meaning.shift if s in self.scalar}
            exponents = {s: powers >> self.meaning.shift[s] & 1023 for s in self.meaning.shift}
            if coefficient == 1 and not ids and {s for s, e in exponents.items() if e} <= known:
                return tuple(self.scalar[s] for s, e in exponents.items() for _ in range(e))
        raise NotExported(f"the variance of {name} is no product of scalars")
