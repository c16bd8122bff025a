"""Points at which all holds that a context assumes, so that the kernel accepts the context."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from verifier.proof.context import Context, Definition, Point, Tensor, Value
from verifier.proof.instances import World
from verifier.prover.optimum import Optimum, normal_left
from verifier.prover.problem import Problem

SIZES = (1, 2)


def instances(problem: Problem, best: Optimum, full: Context) -> tuple[Point, ...]:
    """Two points of ``full``, of the smallest sizes and of sizes of at least 2.

    Tensors that normal equations define are solved for, by direct evaluation.
    """
    if not (full.moments or full.given):
        return ()
    return tuple(_point(problem, best, full, size) for size in SIZES)


def _point(problem: Problem, best: Optimum, full: Context, size: int) -> Point:
    solved = {tensor.name for tensor in best.unknowns}
    counts = {sort.size for sort in full.sorts}
    known = dict(problem.model.numbers)
    numbers: list[Value | Definition] = []
    given = {value.name for value in problem.model.values}
    for scalar in full.scalars:
        if scalar.name in given:
            continue
        least = scalar.minimum or Fraction(0)
        one = max(least, Fraction(size)) if scalar.name in counts else least + 1
        numbers.append(Value(scalar.name, known.get(scalar.name, one)))
    tensors = [
        Definition(array.name, _letters(full, array.sorts), "1")
        for array in full.arrays
        if isinstance(array, Tensor) and array.name not in given | solved
    ]
    rates = [Definition(rate.tensor.name, (), rate.closed) for rate in best.rates]
    values = (*numbers, *problem.model.values, *tensors, *rates)
    point = Point(values, problem.model.laws_at(size))
    if not best.tensors:
        return point
    return replace(point, values=(*point.values, *_solved(problem, best, full, point)))


def _letters(context: Context, sorts: Sequence[str]) -> tuple[str, ...]:
    """Distinct index letters of these sorts."""
    pools = {sort.name: iter(sort.letters) for sort in context.sorts}
    return tuple(next(pools[sort]) for sort in sorts)


def _solved(problem: Problem, best: Optimum, full: Context, point: Point) -> list[Value]:
    """The entries of the tensors that solve the normal equations at a point.

    The equations are affine in the entries: they are evaluated at 0 and at each unit.
    """
    others = {tensor.name for tensor in best.unknowns} - {t.name for t in best.tensors.values()}
    kept = tuple(array for array in full.arrays if array.name not in others)
    bare = replace(full, arrays=kept, given=(), instances=())
    sizes = World(replace(bare, arrays=problem.full.arrays), point).size
    places = {
        name: list(itertools.product(*(range(1, sizes(s) + 1) for s in tensor.sorts)))
        for name, tensor in best.tensors.items()
    }
    entries = [(name, place) for name in best.tensors for place in places[name]]

    def tensors(unit: tuple[str, tuple[int, ...]] | None) -> list[Value]:
        return [
            Value(tensor.name, _nested({p: Fraction((name, p) == unit) for p in places[name]}))
            for name, tensor in best.tensors.items()
        ]

    def gaps(unit: tuple[str, tuple[int, ...]] | None) -> list[Fraction]:
        world = World(bare, replace(point, values=(*point.values, *tensors(unit))))
        return [
            world.number(
                world.read(normal_left(best, name)),
                dict(zip(best.features[name].slots, place, strict=True)),
            )
            for name, place in entries
        ]

    start = gaps(None)
    columns = [gaps(unit) for unit in entries]
    rows = [[column[k] - start[k] for column in columns] + [-start[k]] for k in range(len(entries))]
    found = dict(zip(entries, _least_squares(rows), strict=True))
    solution = [
        Value(tensor.name, _nested({place: found[name, place] for place in places[name]}))
        for name, tensor in best.tensors.items()
    ]
    if best.inverse is not None:
        world = World(bare, replace(point, values=(*point.values, *solution)))
        entry = world.read(best.inverse.matrix)
        matrix = {
            place: world.number(entry, dict(zip("ij", place, strict=True)))
            for place in places["readout"]
        }
        solution.append(Value(best.inverse.tensor.name, _nested(matrix)))
    return solution


def _least_squares(rows: list[list[Fraction]]) -> list[Fraction]:
    """A solution of a consistent system, free unknowns 0; each row ends with its right side."""
    count = len(rows[0]) - 1
    pivots: list[int] = []
    for column in range(count):
        row = next((k for k in range(len(pivots), len(rows)) if rows[k][column]), None)
        if row is None:
            continue
        top = len(pivots)
        rows[top], rows[row] = rows[row], rows[top]
        rows[top] = [x / rows[top][column] for x in rows[top]]
        for k, other in enumerate(rows):
            if k != top and other[column]:
                factor = other[column]
                rows[k] = [x - factor * y for x, y in zip(other, rows[top], strict=True)]
        pivots.append(column)
    found = [Fraction(0)] * count
    for k, column in enumerate(pivots):
        found[column] = rows[k][count]
    return found


def _nested(entries: Mapping[tuple[int, ...], Fraction]) -> Any:
    """The entries as nested tuples."""
    if () in entries:
        return entries[()]
    rows: dict[int, dict[tuple[int, ...], Fraction]] = {}
    for place, value in entries.items():
        rows.setdefault(place[0], {})[place[1:]] = value
    return tuple(_nested(rows[k]) for k in sorted(rows))
