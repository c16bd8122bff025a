"""Concrete rational points of a context, for counterexamples to be looked for.

A point gives suggested tensors their suggested values, makes matrices that are given as inverse to
each other inverse, computes what a given equation defines (``K[i,j] = ...``, or as an inverse:
``sum[j](R[i,j]*(...)) = delta[i,l]``, ``ti*(...) = 1``) and draws the rest from small rationals.
Laws and hidden sources have the models of the context's instances, functions of sources what they
are at the first one, and the scalars that are moments the values that go with them. Not trusted:
the kernel checks every point that is used.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from verifier.proof.context import (
    Context,
    Definition,
    Entries,
    Function,
    Model,
    Point,
    Tensor,
    Value,
)
from verifier.proof.direct import UNITS, Direct
from verifier.proof.instances import World
from verifier.proof.syntax import (
    Binary,
    Fuel,
    Node,
    Number,
    ProofError,
    Sum,
    Symbol,
    names,
    show,
)

Filling = tuple[Definition, ...]
Matrix = list[list[Fraction]]
SMALL = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(2))
WIDE = (0, 1, 5, 30, 1000)
STARTS = 2000
DIAGONAL = (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3))


@dataclass(frozen=True, slots=True)
class Start:
    """Where a point begins: scalars, the models of laws, and tensors if an instance has them."""

    scalars: Mapping[str, Fraction]
    models: tuple[Model, ...] = ()
    tensors: Mapping[str, Entries] = field(default_factory=dict)


def scalars_of(context: Context, point: Point) -> dict[str, Fraction]:
    """The numbers that the scalars are at a point."""
    world = World(context, point)
    return {one.name: world.number(Symbol(one.name)) for one in context.scalars}


def tensors_of(context: Context, point: Point) -> dict[str, Entries]:
    """The entries of all deterministic arrays at a point, as nested tuples."""
    world = World(context, point)
    tensors = [array for array in context.arrays if isinstance(array, Tensor)]
    return {one.name: _entries(world, one.name, one.sorts) for one in tensors}


def build_point(context: Context, start: Start, filling: Filling, draw: random.Random) -> Point:
    """A point that begins so; ProofError where the filling is circular or does not fit."""
    return _Builder(context, start, filling, draw).point()


class _Builder:
    """Values found so far, and what is still to be valued."""

    def __init__(
        self, context: Context, start: Start, filling: Filling, draw: random.Random
    ) -> None:
        self.context, self.start, self.draw = context, start, draw
        self.direct = Direct(context, Fuel(UNITS))
        self.direct.values = dict(start.scalars)
        self.direct.models = {model.source: model for model in start.models}
        self.sorts = {a.name: a.sorts for a in context.arrays if isinstance(a, Tensor)}
        self.scalars = {scalar.name for scalar in context.scalars}
        self.partner: dict[str, str] = {}
        self.inverse_rules: set[str] = set()
        self.rules = {d.name: d for d in (*self._given_rules(), *filling)}
        self.inverse_rules -= {definition.name for definition in filling}
        self.bodies = {one.name: context.read(one.body) for one in context.definitions}

    def _given_rules(self) -> Iterator[Definition]:
        """Given equations that say what a tensor or scalar is, or what its inverse is."""
        for atom in self.context.given:
            if atom.relation != "=":
                continue
            match self.context.read(atom.left), self.context.read(atom.right):
                case Symbol(name, indices), _ if name in self.sorts or self._is_free(name):
                    yield Definition(name, indices, atom.right)
                case (
                    Sum((joined,), Binary("*", Symbol(name, (_, middle)), body)),
                    Symbol("delta", (_, last)),
                ) if name in self.sorts and middle == joined:
                    if isinstance(body, Symbol) and body.name in self.sorts:
                        self.partner |= {name: body.name, body.name: name}
                    else:
                        self.inverse_rules.add(name)
                        yield Definition(name, (joined, last), show(body))
                case Binary("*", Symbol(name, ()), body), Number(1) if self._is_free(name):
                    self.inverse_rules.add(name)
                    yield Definition(name, (), show(body))

    def _is_free(self, name: str) -> bool:
        """A scalar that is no size; those of instances keep their values."""
        sizes = {sort.size for sort in self.context.sorts}
        return name in self.scalars - sizes and not self.start.models

    def point(self) -> Point:
        for scalar in self.context.scalars:
            fixed = self.start.models or scalar.minimum is not None
            if not fixed and scalar.name not in self.rules:
                self.direct.values[scalar.name] = self.draw.choice(SMALL)
        for name in self.scalars & set(self.rules):
            self.direct.values.pop(name, None)
        waiting = [name for name in self.sorts if not self._draw_free(name)]
        waiting += sorted(self.scalars & set(self.rules))
        while waiting:
            done = [name for name in waiting if self._resolve(name)]
            if not done:
                done = [w for w in waiting if w in self.partner and w not in self.rules][:1]
                if not done:
                    raise ProofError("the filling is circular")
                self.direct.values[done[0]] = self._invertible(self._shape(done[0])[0])
            waiting = [name for name in waiting if name not in done]
        values = (Value(name, entries) for name, entries in self.direct.values.items())
        return Point((*values, *self._functions()), self.start.models)

    def _functions(self) -> Iterator[Definition]:
        """Functions of sources as the first instance has them."""
        names = {one.name for one in self.context.arrays if isinstance(one, Function)}
        for point in self.context.instances[:1]:
            for value in point.values:
                if isinstance(value, Definition) and value.name in names:
                    yield value

    def _shape(self, name: str) -> list[int]:
        return [self.direct.size(sort) for sort in self.sorts.get(name, ())]

    def _draw_free(self, name: str) -> bool:
        if name in self.rules:
            return False
        if name in self.start.tensors:
            self.direct.values[name] = self.start.tensors[name]
        elif name in self.partner:
            return False
        else:
            self.direct.values[name] = self._drawn(self._shape(name))
        return True

    def _resolve(self, name: str) -> bool:
        """Value a tensor by its rule or as the inverse of its partner, if that is possible now."""
        rule, partner = self.rules.get(name), self.partner.get(name, "")
        if rule is not None and self._needs(self.context.read(rule.body)) <= set(
            self.direct.values
        ):
            value = self._by_rule(rule)
            self.direct.values[name] = inverted(value) if name in self.inverse_rules else value
            return True
        if rule is None and partner in self.direct.values:
            self.direct.values[name] = inverted(self.direct.values[partner])
            return True
        return False

    def _needs(self, body: Node) -> set[str]:
        """The tensors and scalars on which a rule's body rests, through definitions."""
        queue, seen = [body], set[str]()
        while queue:
            for name in names(queue.pop()) - seen:
                seen.add(name)
                if name in self.bodies:
                    queue.append(self.bodies[name])
        return seen & (set(self.sorts) | self.scalars)

    def _by_rule(self, rule: Definition) -> Entries:
        """All entries of a rule's value."""
        sorts = tuple(self.context.letters.get(i, "") for i in rule.parameters)
        if sorts != self.sorts.get(rule.name, ()):
            raise ProofError(f"the value of {rule.name!r} does not fit its indices")
        node = self.context.read(rule.body)

        def level(place: tuple[int, ...]) -> Entries:
            if len(place) == len(sorts):
                at = dict(zip(rule.parameters, place, strict=True))
                return self.direct.constant(self.direct.polynomial(node, at))
            size = self.direct.size(sorts[len(place)])
            return tuple(level((*place, k)) for k in range(1, size + 1))

        return level(())

    def _drawn(self, shape: list[int]) -> Entries:
        if not shape:
            return self.draw.choice(SMALL)
        return tuple(self._drawn(shape[1:]) for _ in range(shape[0]))

    def _invertible(self, size: int) -> Entries:
        """A lower triangular matrix with a positive diagonal."""
        return tuple(
            tuple(
                self.draw.choice(DIAGONAL if i == j else SMALL) if j <= i else Fraction(0)
                for j in range(size)
            )
            for i in range(size)
        )


def _entries(world: World, name: str, sorts: tuple[str, ...]) -> Entries:
    def level(place: tuple[int, ...]) -> Entries:
        if len(place) == len(sorts):
            return world.constant(world.entry(name, place))
        size = world.size(sorts[len(place)])
        return tuple(level((*place, k)) for k in range(1, size + 1))

    return level(())


def inverted(value: Entries) -> Entries:
    """The inverse of a number, or of a matrix; ProofError if there is none."""
    if isinstance(value, Fraction):
        if not value:
            raise ProofError("a number that must be invertible is zero at this point")
        return 1 / value
    from verifier.arithmetic.flint_matrices import from_flint, to_flint  # slow to import

    rows = [[x for x in row if isinstance(x, Fraction)] for row in map(_row, value)]
    try:
        return from_flint(to_flint(rows).inv())
    except ZeroDivisionError:
        raise ProofError("a matrix that must be invertible is singular at this point") from None


def _row(value: Entries) -> tuple[Entries, ...]:
    return () if isinstance(value, Fraction) else value


def starts(context: Context) -> list[Start]:
    """Where to look, the simplest first: by the sum of the scalars, then by tensor entries.

    Scalars on a grid in their ranges, a wide one where there is nothing else to value; with laws,
    those of the instances at other sizes as well.
    """
    found = [] if context.laws or context.hidden else [Start(one) for one in _grid(context)]
    for point in context.instances:
        found += _around(context, point)
    return sorted(found, key=lambda one: (sum(one.scalars.values()), _count(context, one.scalars)))


def _grid(context: Context) -> list[dict[str, Fraction]]:
    sizes = {sort.size for sort in context.sorts}
    ranges, wide = [], []
    for scalar in context.scalars:
        low = scalar.minimum
        if low is None:
            ranges.append([Fraction(1)])
        elif scalar.name in sizes:
            ranges.append([low + k for k in (0, 1)] if low >= 1 else [Fraction(1), Fraction(2)])
        else:
            first = low + 1 if scalar.strict else low
            step = Fraction(1) if scalar.integer else Fraction(1, 2)
            ranges.append([first, first + step, first + 2])
        wide.append([low + scalar.strict + k for k in WIDE] if low is not None else ranges[-1])
    every = heapq.merge(smallest(ranges), () if sizes else smallest(wide))
    grid = itertools.islice((values for (_, values), _ in itertools.groupby(every)), STARTS)
    return [{s.name: v for s, v in zip(context.scalars, p, strict=True)} for p in grid]


def smallest(
    ranges: Sequence[Sequence[Fraction]],
) -> Iterator[tuple[Fraction, tuple[Fraction, ...]]]:
    """The product of increasing ranges, each tuple after its sum, by sum and then in order.

    What comes next is one step up in one place from what came, so little of it is ever made.
    """
    first = tuple(one[0] for one in ranges)
    heap = [(sum(first, Fraction(0)), first, (0,) * len(ranges))]
    seen = {heap[0][2]}
    while heap:
        total, values, places = heapq.heappop(heap)
        yield total, values
        for k, place in enumerate(places):
            moved = (*places[:k], place + 1, *places[k + 1 :])
            if place + 1 < len(ranges[k]) and moved not in seen:
                seen.add(moved)
                value = ranges[k][place + 1]
                up = (*values[:k], value, *values[k + 1 :])
                heapq.heappush(heap, (total - values[k] + value, up, moved))


def _around(context: Context, point: Point) -> Iterator[Start]:
    """An instance, and it with its first size, the number of examples, lowered or raised."""
    scalars, tensors = scalars_of(context, point), tensors_of(context, point)
    tied = {name for atom in context.given for name in names(context.read(atom.left))}
    tied |= _behind(
        context, {x for atom in context.moments for x in names(context.read(atom.right))}
    )
    own = {name: value for name, value in tensors.items() if name in tied}
    yield Start(scalars, point.models, own)
    for sort in context.sorts[:1]:
        for other in {Fraction(1), Fraction(2)} - {scalars[sort.size]}:
            yield Start({**scalars, sort.size: other}, point.models)


def _behind(context: Context, found: set[str]) -> set[str]:
    """Names, and what stands behind those of them that are defined: a law ties all of these."""
    for one in reversed(context.definitions):
        if one.name in found:
            found = found | names(context.read(one.body))
    return found


def _count(context: Context, scalars: Mapping[str, Fraction]) -> Fraction:
    """How many entries the tensors have that a point must value: what its checking costs."""
    sizes = {sort.name: scalars[sort.size] for sort in context.sorts}
    fixed = [array for array in context.arrays if isinstance(array, Tensor)]
    return sum((prod((sizes[s] for s in t.sorts), start=Fraction(1)) for t in fixed), Fraction(0))
