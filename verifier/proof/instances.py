"""Points of a context: whether they satisfy all that it declares, and which ones it must have.

A point gives exact numbers to the scalars and tensors and a model to every law and hidden source.
`admissible` checks by direct evaluation that it is a model in the sense of docs/meaning.md: ranges,
shapes, moments, what is given, symmetries. A context with assumptions needs such points as
instances (`check_instances`), so that what is proved in it is about something. Trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from .context import (
    RELATIONS,
    Atom,
    Context,
    Definition,
    Draws,
    Function,
    Law,
    Model,
    Normal,
    Point,
    Scalar,
    Slot,
    Tensor,
)
from .direct import UNITS, Direct, bits, model_arrays
from .symmetry import check_symmetries
from .syntax import Expect, Fuel, Node, ProofError, Symbol, free_indices, is_name, nodes

Sorts = tuple[str, ...]
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
            check_symmetries(world, hidden)
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
        self.functions = {n for n, a in self.arrays.items() if isinstance(a, Function)}
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
        functions = self.functions
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
        wanted = [law.name for law in self.context.laws]
        wanted += [hidden.name for hidden in self.context.hidden]
        if sorted(model.source for model in point.models) != sorted(wanted):
            raise ProofError("a point needs one model for each law and each hidden source")
        self.models = {model.source: model for model in point.models}
        for model in point.models:
            self._read_arrays(model)
        for hidden in self.context.hidden:
            if self.models[hidden.name].fields:
                raise ProofError(f"the hidden source {hidden.name!r} has no fields")
        for law in self.context.laws:
            self._read_fields(law)
        for model in point.models:
            for value in [value for outcome in model.outcomes for value in outcome.values]:
                if (model.source, value.name) in self.model_sorts:
                    self._fit(value.name, value.entries, self.model_sorts[model.source, value.name])

    def _read_arrays(self, model: Model) -> None:
        """Normal arrays and outcomes: usable names, known sorts, the weights of a law."""
        arrays = model_arrays(model)
        if len(set(arrays)) != len(arrays):
            raise ProofError(f"two arrays of the model of {model.source!r} have one name")
        for name in arrays:
            if not is_name(name) or name in self.context.taken:
                raise ProofError(f"{name!r} cannot name an array of a model: it has a meaning")
        for array in model.normals:
            if not set(array.sorts) <= set(self.sizes):
                raise ProofError(f"{array.name!r} has an index of no declared sort")
            self.model_sorts[model.source, array.name] = array.sorts
        finite = [sorted(value.name for value in one.values) for one in model.outcomes]
        if any(one != finite[0] for one in finite):
            raise ProofError(f"the outcomes of {model.source!r} must value the same arrays")
        weights = [outcome.weight for outcome in model.outcomes]
        self.fuel.spend(len(weights))
        exact, common = all(type(weight) is Fraction and bits(weight) for weight in weights), 1
        for weight in weights if exact else ():
            common = math.lcm(common, weight.denominator)
            self.fuel.spend(bits(common) // 8)  # no sum of some weights is longer
        if weights and not (exact and min(weights) > 0 and sum(weights) == 1):
            raise ProofError(f"the weights of {model.source!r} must be positive and sum to 1")

    def _read_fields(self, law: Law) -> None:
        """The sorts of an array of outcomes are those of the letters with which it is used."""
        model, fields = self.models[law.name], {field.name: field for field in law.fields}
        if sorted(one.name for one in model.fields) != sorted(fields):
            raise ProofError(f"the model of {law.name!r} must define each of its fields, once")
        for one in model.fields:
            source_of = dict.fromkeys(model_arrays(model), law.name)
            if law.of and not source_of.keys().isdisjoint(model_arrays(self.models[law.of])):
                raise ProofError(f"{law.name!r} and {law.of!r} have an array of the same name")
            if fields[one.name].hidden:
                source_of |= dict.fromkeys(model_arrays(self.models[law.of]), law.of)
            known = {n: self.shapes[n] for n in self.values if n not in self.functions}
            for part in nodes(self.read(one.body)):
                if isinstance(part, Symbol) and part.name in source_of:
                    met = tuple(self.context.letters[i] for i in part.indices)
                    array = (source_of[part.name], part.name)
                    known[part.name] = self.model_sorts.setdefault(array, met)
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
            gap = self.total(((u, 1), (v, -1)))
            if gap and not self.opaque.keys().isdisjoint(n for m in gap for n, _ in m):
                raise ProofError("whether the two sides are equal cannot be decided here")
            square = self.constant(self.expect(self.times(gap, gap), None))
            return Failure(where, square, Fraction(0), mean_square=True) if square else None
        a, b = self.constant(u), self.constant(v)
        holds = a == b if relation == "=" else a >= b if relation == ">=" else a > b
        return None if holds else Failure(where, a, b)
