"""Points at given sizes with generic numbers, at which a setting's claims are attacked.

Tensors and scalars that no moment or equation ties get small random rationals, matrices with an
inverse a random one and its exact inverse; laws are the data model's own, optimal tensors are
solved for. A point is used only if the kernel's direct evaluation finds it admissible.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.arithmetic.matrices import exact_inverse
from verifier.proof.context import Context, Definition, Model, Point, Scalar, Tensor, Value
from verifier.proof.instances import admissible
from verifier.proof.syntax import Fuel, ProofError, names
from verifier.prover.data_model import EXAMPLE, FEATURE, KEY, DataModel
from verifier.prover.instances import letters_of_sorts, nested
from verifier.prover.problem import Problem

NOISE = "noise variance"  # the meaning of the scalar that takes the user's noise levels
PARTS = tuple(Fraction(x, 4) for x in (2, 3, 5, 6))
ENTRIES = (-1, Fraction(-1, 2), 0, Fraction(1, 2), 1, Fraction(3, 2))
OTHER_SIZES = 2  # of sorts that are neither examples nor features, such as heads
UNITS = 4_000_000  # of the kernel's direct evaluation


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers that a user chooses."""

    dimension: int
    length: int
    noise: Fraction


def data_point(problem: Problem, data: Context, sizes: Sizes, rng: random.Random) -> Point:
    """A point of the data alone; ValueError, in words, where none was found.

    ``data``: a context without the layer's weights and the optimum's unknowns. What moments and
    given equations mention keeps the data model's values where random ones do not satisfy them.
    """
    context = replace(data, moments=problem.model.moments, given=problem.model.given)
    reason = "no law is known at these sizes"
    for free in (True, False):
        values = tuple(_values(problem.model, context, sizes, rng if free else None))
        for models in _laws(problem.model, sizes):
            point = Point(values, models)
            try:
                admissible(context, point, Fuel(UNITS))
            except ProofError as error:
                reason = str(error)
            else:
                return point
    raise ValueError(reason)


def _values(
    model: DataModel, context: Context, sizes: Sizes, rng: random.Random | None
) -> Iterator[Value | Definition]:
    """Scalars, then tensors; without ``rng`` the values of the data model's own instances."""
    for scalar in context.scalars:
        yield Value(scalar.name, _number(model, context, scalar, sizes, rng))
    counts = {sort.name: _size(context, sort.name, sizes) for sort in context.sorts}
    own = {value.name: value for value in model.values}
    inverse = {b: a for a, b in model.inverses}
    for array in context.arrays:
        if not isinstance(array, Tensor) or array.name in inverse:
            continue
        other = next((b for a, b in model.inverses if a == array.name), "")
        if rng is None:
            default = Definition(array.name, letters_of_sorts(context, array.sorts), "1")
            yield own.get(array.name, default)
            if other:
                yield own[other]
        elif other:
            yield from _pair(array.name, other, counts[FEATURE], rng)
        else:
            places = itertools.product(*(range(1, counts[sort] + 1) for sort in array.sorts))
            yield Value(array.name, nested({p: Fraction(rng.choice(ENTRIES)) for p in places}))


def _number(
    model: DataModel, context: Context, scalar: Scalar, sizes: Sizes, rng: random.Random | None
) -> Fraction:
    """A size, a noise level, a number that moments fix, or a random one."""
    if any(sort.size == scalar.name for sort in context.sorts):
        named = next(sort.name for sort in context.sorts if sort.size == scalar.name)
        wanted = _size(context, named, sizes)
        if wanted < (scalar.minimum or 0):
            raise ValueError(f"{scalar.name} is at least {scalar.minimum}")
        return Fraction(wanted)
    known, least = dict(model.numbers), scalar.minimum or Fraction(0)
    if scalar.name in known:
        return known[scalar.name]
    if rng is None or scalar.integer or scalar.name in _tied(model, context):
        return least + 1
    if scalar.meaning == NOISE:
        return sizes.noise
    sign = rng.choice((1, -1)) if scalar.minimum is None else 1
    return least + sign * rng.choice(PARTS)


def _size(context: Context, sort: str, sizes: Sizes) -> int:
    """How many values an index of a sort has."""
    if sort in (FEATURE, EXAMPLE, KEY):
        return sizes.length if sort == EXAMPLE else sizes.dimension
    name = next(one.size for one in context.sorts if one.name == sort)
    least = next(scalar.minimum for scalar in context.scalars if scalar.name == name)
    return max(OTHER_SIZES, int(least or 0))


def _tied(model: DataModel, context: Context) -> frozenset[str]:
    """The names in moments and given equations."""
    texts = [text for atom in (*model.moments, *model.given) for text in (atom.left, atom.right)]
    return frozenset().union(*(names(context.read(text)) for text in texts))


def _pair(one: str, two: str, size: int, rng: random.Random) -> Iterator[Value]:
    """A random matrix and its inverse."""
    while True:
        rows = [[Fraction(rng.choice(ENTRIES)) for _ in range(size)] for _ in range(size)]
        matrix = tuple(map(tuple, rows))
        try:
            inverse = exact_inverse(matrix)
        except ValueError:
            continue
        yield Value(one, matrix)
        yield Value(two, inverse)
        return


def _laws(model: DataModel, sizes: Sizes) -> Iterator[tuple[Model, ...]]:
    """Models of all laws, each at one of the sizes."""
    candidates: list[list[Model]] = []
    for size in dict.fromkeys((sizes.length, sizes.dimension, OTHER_SIZES)):
        for number, one in enumerate(model.laws_at(size)):
            if number == len(candidates):
                candidates.append([])
            if one not in candidates[number]:
                candidates[number].append(one)
    return itertools.product(*candidates)
