"""Points of a context: whether they satisfy all that it declares, and which ones it must have.

A point gives exact numbers to the scalars and tensors and a model to every law and hidden source.
`admissible` checks by direct evaluation that it is a model in the sense of docs/meaning.md: ranges,
shapes, moments, what is given, symmetries. A context with assumptions needs such points as
instances (`check_instances`), so that what is proved in it is about something. Trusted.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from .context import (
    RELATIONS,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
    Hidden,
    Law,
    Model,
    Normal,
    Point,
    Scalar,
    Slot,
    Tensor,
)
from .direct import UNITS, Direct, Place, Poly, bits, entry_of, model_arrays
from .syntax import Expect, Fuel, Node, ProofError, Symbol, free_indices, is_name, nodes

MAX_ARRAYS = 8
Sorts = tuple[str, ...]
Moved = tuple[Place, int]  # where an entry goes, and with which sign
NOWHERE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Failure:
    """Where an atom is false: its index values and sides; ``mean_square``: of the difference."""

    where: tuple[tuple[str, int], ...]
    left: Fraction
    right: Fraction
    mean_square: bool = False


@contextmanager
def shallow() -> Iterator[None]:
    """What is nested too deeply is bad input like any other."""
    try:
        yield
    except RecursionError:
        raise ProofError("an expression is nested too deeply") from None


def evaluate(
    context: Context, point: Point, node: Node, indices: Mapping[str, int] = NOWHERE
) -> Fraction:
    """The value of a deterministic expression at a point; ProofError where it has none."""
    with shallow():
        return World(context, point).number(node, indices)


def admissible(context: Context, point: Point, fuel: Fuel | None = None) -> World:
    """The context at the point; ProofError, one line, unless the point satisfies all of it."""
    with shallow():
        world = World(context, point, fuel)
        for atom in (*context.moments, *context.given):
            if world.failure(atom):
                raise ProofError(f"the point does not satisfy {atom.name!r}")
        for hidden in context.hidden:
            world.check_odd(hidden)
            for sort in hidden.isotropic:
                world.check_isotropic(hidden, sort)
        return world


def check_instances(context: Context, fuel: Fuel | None = None) -> None:
    """Refuse a context with moments or given whose instances do not show that it has models.

    All instances are admissible, each scalar but the integers strictly inside its range and each
    variance positive. One has the smallest sizes, another has sizes of at least 2, of at least 3
    where rotations are assumed.
    """
    smallest, larger = False, False
    least = {scalar.name: scalar.minimum or Fraction(0) for scalar in context.scalars}
    turned = {sort for hidden in context.hidden for sort in hidden.isotropic}
    for point in context.instances:
        world = admissible(context, point, fuel)
        for scalar in context.scalars:
            value = world.number(Symbol(scalar.name))
            if not scalar.integer and scalar.minimum is not None and value == scalar.minimum:
                raise ProofError(f"an instance must have {scalar.name!r} inside its range")
        if not all(world.variance(a.name) for a in context.arrays if isinstance(a, Normal)):
            raise ProofError("an instance must have positive variances")
        sizes = {sort: world.size(sort.name) for sort in context.sorts}
        if not smallest and all(size == least[sort.size] for sort, size in sizes.items()):
            smallest = True
        else:
            wanted = {sort: 3 if sort.name in turned else 2 for sort in sizes}
            larger = larger or all(size >= wanted[sort] for sort, size in sizes.items())
    if (context.moments or context.given) and not (smallest and larger):
        raise ProofError(
            "a context with moments or given needs two instances: one with the smallest sizes, one"
            " with sizes of at least 2 (3 where rotations are assumed)"
        )


class World(Direct):
    """A context at a point that is complete, of the right shapes, and in range."""

    def __init__(self, context: Context, point: Point, fuel: Fuel | None = None) -> None:
        super().__init__(context, fuel or Fuel(UNITS))
        self.shapes: dict[str, Sorts] = {scalar.name: () for scalar in context.scalars}
        self.shapes |= {name: context.shape(array) for name, array in self.arrays.items()}
        for one in context.definitions:
            self.shapes[one.name] = tuple(context.letters[i] for i in one.parameters)
        self.model_sorts: dict[str, Sorts] = {}
        self._read_values(point)
        self._read_models(point)
        for array in context.arrays:
            if isinstance(array, Normal):
                self._well_formed(self.read(array.variance), self.shapes)
                self.variance(array.name)

    # Reading a point

    def _read_values(self, point: Point) -> None:
        scalars = {scalar.name: scalar for scalar in self.context.scalars}
        fixed = set(scalars) | {n for n, a in self.arrays.items() if isinstance(a, Tensor)}
        functions = {n for n, a in self.arrays.items() if isinstance(a, Function)}
        random = {n for n, a in self.arrays.items() if isinstance(a, Normal | Draws | Slot)}
        for one in sorted(point.values, key=lambda value: value.name not in scalars):
            name = one.name
            if name in self.values or name not in fixed | functions:
                raise ProofError(f"{name!r} is valued twice, or is neither scalar nor tensor")
            if isinstance(one, Definition):
                before = set(self.values) - functions | (random if name in functions else set())
                self._read_body(one, self.shapes[name], {x: self.shapes[x] for x in before})
                self.values[name] = one
            elif name in functions:
                raise ProofError(f"the function {name!r} needs a definition, not numbers")
            else:
                self._fit(name, one.entries, self.shapes[name])
                self.values[name] = one.entries
            if name in scalars:
                self._in_range(scalars[name])
        if not fixed <= set(self.values):
            raise ProofError(f"no exact value is given for {min(fixed - set(self.values))!r}")

    def _in_range(self, scalar: Scalar) -> None:
        value, low = self.number(Symbol(scalar.name)), scalar.minimum
        if scalar.integer and value.denominator != 1:
            raise ProofError(f"{scalar.name!r} must be an integer")
        if low is not None and (value < low or (scalar.strict and value == low)):
            raise ProofError(f"{scalar.name!r} = {value} is outside its range")

    def _fit(self, name: str, entries: object, sorts: Sorts) -> None:
        """Nested tuples of Fractions, of the shape that these sorts have here."""
        if not sorts and type(entries) is Fraction:
            bits(entries)
        elif sorts and type(entries) is tuple and len(entries) == self.size(sorts[0]):
            self.fuel.spend(len(entries))
            for entry in entries:
                self._fit(name, entry, sorts[1:])
        else:
            raise ProofError(f"no exact value of the right shape is given for {name!r}")

    def _read_body(self, one: Definition, shape: Sorts, known: Mapping[str, Sorts]) -> None:
        """A definition of a point: a polynomial in what is known, without expectations."""
        letters, node = self.context.letters, self.read(one.body)
        distinct = len(set(one.parameters)) == len(one.parameters)
        if not distinct or tuple(letters.get(i, "") for i in one.parameters) != shape:
            raise ProofError(f"the parameters of {one.name!r} do not fit its indices")
        if not set(free_indices(node)) <= set(one.parameters):
            raise ProofError(f"the definition of {one.name!r} has a stray index")
        if any(isinstance(part, Expect) for part in nodes(node)):
            raise ProofError(f"the definition of {one.name!r} must be a polynomial")
        self._well_formed(node, known)

    def _well_formed(self, node: Node, known: Mapping[str, Sorts]) -> None:
        for part in nodes(node):
            if isinstance(part, Expect) and not set(part.sources or ()) <= set(
                self.context.sources
            ):
                raise ProofError(f"{part.sources} are not all sources of randomness")
            if not isinstance(part, Symbol) or part.name == "delta":
                continue
            if part.name not in known:
                raise ProofError(f"{part.name!r} has no meaning here")
            if tuple(self.context.letters[i] for i in part.indices) != known[part.name]:
                raise ProofError(f"{part.name!r} has other indices than it is used with")

    def _read_models(self, point: Point) -> None:
        wanted = [one.name for one in (*self.context.laws, *self.context.hidden)]
        if sorted(model.source for model in point.models) != sorted(wanted):
            raise ProofError("a point needs one model for each law and each hidden source")
        self.models = {model.source: model for model in point.models}
        names = [name for model in point.models for name in model_arrays(model)]
        for name in names:
            if names.count(name) > 1 or not is_name(name) or name in self.context.taken:
                raise ProofError(f"{name!r} cannot name an array of one model: it has a meaning")
        for model in point.models:
            self._read_outcomes(model)
            for array in model.normals:
                if not set(array.sorts) <= set(self.sizes):
                    raise ProofError(f"{array.name!r} has an index of no declared sort")
                self.model_sorts[array.name] = array.sorts
        for hidden in self.context.hidden:
            if self.models[hidden.name].fields:
                raise ProofError(f"the hidden source {hidden.name!r} has no fields")
        for law in self.context.laws:
            self._read_fields(law)
        for model in point.models:
            for value in (value for outcome in model.outcomes for value in outcome.values):
                if value.name in self.model_sorts:
                    self._fit(value.name, value.entries, self.model_sorts[value.name])

    def _read_outcomes(self, model: Model) -> None:
        finite = [sorted(value.name for value in one.values) for one in model.outcomes]
        if any(one != finite[0] for one in finite):
            raise ProofError(f"the outcomes of {model.source!r} must value the same arrays")
        weights = [outcome.weight for outcome in model.outcomes]
        self.fuel.spend(len(weights))
        if any(type(w) is not Fraction or (bits(w) and w <= 0) for w in weights) or (
            weights and sum(weights) != 1
        ):
            raise ProofError(f"the weights of {model.source!r} must be positive and sum to 1")

    def _read_fields(self, law: Law) -> None:
        """The sorts of an array of outcomes are those of the letters with which it is used."""
        model, fields = self.models[law.name], {field.name: field for field in law.fields}
        if sorted(one.name for one in model.fields) != sorted(fields):
            raise ProofError(f"the model of {law.name!r} must define each of its fields, once")
        constants = {
            name for name in self.values if not isinstance(self.arrays.get(name), Function)
        }
        for one in model.fields:
            usable = set(model_arrays(model))
            if fields[one.name].hidden:
                usable |= set(model_arrays(self.models[law.of]))
            for part in nodes(self.read(one.body)):
                if isinstance(part, Symbol) and part.name in usable:
                    met = tuple(self.context.letters[i] for i in part.indices)
                    self.model_sorts.setdefault(part.name, met)
            known = {name: self.shapes[name] for name in constants}
            known |= {x: self.model_sorts[x] for x in usable if x in self.model_sorts}
            self._read_body(one, fields[one.name].sorts, known)

    # Values

    def number(self, node: Node, at: Mapping[str, int] = NOWHERE) -> Fraction:
        """The value of a deterministic expression at these indices."""
        self._closed(node, at)
        return self.constant(self.polynomial(node, at))

    def _closed(self, node: Node, at: Mapping[str, int]) -> None:
        self._well_formed(node, self.shapes)
        for index in free_indices(node):
            sort = self.context.letters[index]
            if index not in at or not 1 <= at[index] <= self.size(sort):
                raise ProofError(f"index {index!r} needs a value in its range")

    def failure(self, atom: Atom) -> Failure | None:
        """Where the atom is false; None if it holds for all values of its indices."""
        left, right = self.read(atom.left), self.read(atom.right)
        if atom.relation not in RELATIONS:
            raise ProofError(f"{atom.relation!r} is none of {', '.join(RELATIONS)}")
        for side in (left, right):
            self._well_formed(side, self.shapes)
        indices = free_indices(left, right)
        for place in self.places(tuple(self.context.letters[i] for i in indices)):
            at = dict(zip(indices, place, strict=True))
            failure = self._failure(atom.relation, left, right, at)
            if failure:
                return failure
        return None

    def _failure(
        self, relation: str, left: Node, right: Node, at: Mapping[str, int]
    ) -> Failure | None:
        u, v, where = self.polynomial(left, at), self.polynomial(right, at), tuple(at.items())
        if relation == "=" and (u.keys() | v.keys()) - {()}:
            gap = self._sum(((u, 1), (v, -1)))
            if gap and not self.opaque.keys().isdisjoint(n for m in gap for n, _ in m):
                raise ProofError("whether the two sides are equal cannot be decided here")
            square = self.constant(self.expect(self.times(gap, gap), None))
            return Failure(where, square, Fraction(0), mean_square=True) if square else None
        a, b = self.constant(u), self.constant(v)
        holds = a == b if relation == "=" else a >= b if relation == ">=" else a > b
        return None if holds else Failure(where, a, b)

    # Symmetries of the law of a draw, given the hidden source

    def check_odd(self, hidden: Hidden) -> None:
        """Negating some arrays of the models negates the odd fields; ProofError if none do."""
        if not hidden.odd:
            return
        arrays = [x for model in self._family(hidden) for x in model_arrays(model)]
        arrays = [x for x in arrays if x in self.model_sorts]
        if len(arrays) > MAX_ARRAYS:
            raise ProofError(f"oddness is checked with at most {MAX_ARRAYS} arrays of models")
        for signs in itertools.product((1, -1), repeat=len(arrays)):
            sign = dict(zip(arrays, signs, strict=True))

            def move(name: str, place: Place, sign: Mapping[str, int] = sign) -> Moved:
                return place, sign[name]

            def negated(field: Field, place: Place) -> Moved:
                return place, -1 if field.name in hidden.odd else 1

            if self._symmetric(hidden, move, negated):
                return
        raise ProofError(f"the point does not show that {hidden.name!r} is odd: no signs do it")

    def check_isotropic(self, hidden: Hidden, sort: str) -> None:
        """Right angles in the planes of neighbouring coordinates generate the rotations."""
        for k in range(1, self.size(sort)):
            turn = {k: (k + 1, 1), k + 1: (k, -1)}

            def turned(
                sorts: Sorts, place: Place, turn: dict[int, tuple[int, int]] = turn
            ) -> Moved:
                parts = [
                    turn.get(x, (x, 1)) if s == sort else (x, 1)
                    for s, x in zip(sorts, place, strict=True)
                ]
                return tuple(x for x, _ in parts), math.prod(sign for _, sign in parts)

            def move(
                name: str, place: Place, turned: Callable[[Sorts, Place], Moved] = turned
            ) -> Moved:
                return turned(self.model_sorts[name], place)

            def field(
                one: Field, place: Place, turned: Callable[[Sorts, Place], Moved] = turned
            ) -> Moved:
                return turned(one.sorts, place)

            if not self._symmetric(hidden, move, field):
                raise ProofError(
                    f"the point does not show that {hidden.name!r} is isotropic over {sort!r}"
                )

    def _family(self, hidden: Hidden) -> list[Model]:
        """The models of a hidden source and of its laws."""
        laws = [law.name for law in self.context.laws if law.of == hidden.name]
        return [self.models[name] for name in (hidden.name, *laws)]

    def _symmetric(
        self,
        hidden: Hidden,
        move: Callable[[str, Place], Moved],
        wanted: Callable[[Field, Place], Moved],
    ) -> bool:
        """Whether moving the arrays of all models leaves these as they are and moves the fields.

        This is enough for the law of a draw given the hidden source to be moved to one that is as
        likely: normal arrays keep their law when entries change place or sign.
        """
        if not all(self._invariant(model, move) for model in self._family(hidden)):
            return False
        for law in (law for law in self.context.laws if law.of == hidden.name):
            for field in law.fields:
                for place in self.places(field.sorts):
                    there, sign = wanted(field, place)
                    image = self._moved(self.field(law.name, "", field.name, place), move)
                    moved = self.field(law.name, "", field.name, there)
                    if image != {monomial: sign * c for monomial, c in moved.items()}:
                        return False
        return True

    def _moved(self, poly: Poly, move: Callable[[str, Place], Moved]) -> Poly:
        """The polynomial at the moved arrays of the models."""
        total: Poly = {}
        for monomial, c in poly.items():
            powers = []
            for number, power in monomial:
                source, draw, name, place = self.variables[number]
                there, sign = move(name, place)
                powers.append((self._number((source, draw, name, there)), power))
                c *= sign**power
            self._add(total, tuple(sorted(powers)), c)
        return total

    def _invariant(self, model: Model, move: Callable[[str, Place], Moved]) -> bool:
        """Whether the outcomes, moved, are the same with the same probabilities."""
        before, after = Counter[Any](), Counter[Any]()
        for outcome in model.outcomes:
            entries = {}
            for value in outcome.values:
                for place in self.places(self.model_sorts.get(value.name, ())):
                    if value.name in self.model_sorts:
                        entries[value.name, place] = entry_of(value.entries, place)
            moved = {}
            for name, place in entries:
                there, sign = move(name, place)
                moved[name, place] = sign * entries[name, there]
            before[tuple(sorted(entries.items()))] += outcome.weight
            after[tuple(sorted(moved.items()))] += outcome.weight
        return before == after
