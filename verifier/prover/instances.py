"""Points at which all holds that a context assumes, so that the kernel accepts the context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import mul
from typing import Any

from verifier.proof.context import Context, Definition, Point, Tensor, Value
from verifier.proof.instances import World
from verifier.proof.syntax import ProofError
from verifier.prover.numerics.quadratic import Entry, Moments, data_context, indices, solution
from verifier.prover.optimum import Inverse, Optimum
from verifier.prover.problem import Problem
from verifier.theorem.witness_points import inverted

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
        Definition(array.name, letters_of_sorts(full, array.sorts), "1")
        for array in full.arrays
        if isinstance(array, Tensor) and array.name not in given | solved
    ]
    values = (*numbers, *problem.model.values, *tensors)
    return completed(problem, best, full, Point(values, problem.model.laws_at(size)))


def letters_of_sorts(context: Context, sorts: Sequence[str]) -> tuple[str, ...]:
    """Distinct index letters of these sorts."""
    pools = {sort.name: iter(sort.letters) for sort in context.sorts}
    return tuple(next(pools[sort]) for sort in sorts)


def completed(problem: Problem, best: Optimum, full: Context, point: Point) -> Point:
    """A point with the optimal weights' unknowns: rates in closed form, tensors solved for."""
    rates = [Definition(rate.tensor.name, (), rate.closed) for rate in best.rates]
    point = replace(point, values=(*point.values, *rates))
    if not best.tensors:
        return point
    unknown = [tensor.name for tensor in best.unknowns]
    bare = data_context(full, problem.layer, unknown)
    values = tuple(v for v in point.values if v.name not in problem.layer.parameters)
    features = {name: best.features[name] for name in best.relevant}
    world = World(bare, replace(point, values=values))
    if best.inverse is not None:
        return replace(point, values=(*point.values, *_inverses(best.inverse, world)))
    moments = Moments(world, features, problem.layer.outputs)
    solved = _solved(best, moments, replace(point, values=values))
    return replace(point, values=(*point.values, *solved))


def _solved(best: Optimum, moments: Moments, point: Point) -> list[Value]:
    """The entries of the tensors that solve the normal equations of their features at a point.

    The optimal weights are affine in these entries: they are evaluated at 0 and at each unit. With
    several outputs the equation is summed over the output that has its own response.
    """
    tensors = tuple(best.tensors.values())
    data = moments.world.context
    known = replace(data, arrays=(*data.arrays, *tensors))
    world, outputs = moments.world, best.outputs
    every = list(world.places(tuple(data.letters[index] for index in outputs)))
    own = [(name, p) for name, one in best.tensors.items() for p in world.places(one.sorts)]

    def weights(entries: Mapping[Entry, Fraction]) -> list[Fraction]:
        world = World(known, replace(point, values=(*point.values, *_values(best, entries))))
        return optimal_weights(world, best, moments.entries)

    zero = dict.fromkeys(own, Fraction(0))
    start = weights(zero)
    columns = [
        [x - y for x, y in zip(weights({**zero, entry: Fraction(1)}), start, strict=True)]
        for entry in own
    ]
    rows = []
    for name, place in own:
        same = [(name, (*place, *output, *output)) for output in every]
        moment = [
            sum((moments.cross(one, two) for one in same), Fraction(0)) for two in moments.entries
        ]
        right = sum((moments.target(one) for one in same), Fraction(0))
        left = [sum(map(mul, moment, column), Fraction(0)) for column in columns]
        rows.append([*left, right - sum(map(mul, moment, start), Fraction(0))])
    return _values(best, dict(zip(own, solution(rows), strict=True)))


def _inverses(pair: Inverse, world: World) -> tuple[Value, Value]:
    """The readout P and its inverse K = M; ProofError where a claimed M has no inverse."""
    entry = world.context.read(pair.matrix)
    places = world.places(pair.tensor.sorts)
    matrix = nested({p: world.number(entry, dict(zip("ij", p, strict=True))) for p in places})
    try:
        readout = inverted(matrix)
    except ProofError as error:
        raise ProofError(f"precision: {error}") from None
    return Value(pair.readout.name, readout), Value(pair.tensor.name, matrix)


def optimal_weights(world: World, best: Optimum, entries: Sequence[Entry]) -> list[Fraction]:
    """The optimal weights at a point that has values for the unknowns."""
    found = []
    for name, place in entries:
        feature = best.features[name]
        at = indices(feature, place, best.outputs)
        found.append(world.number(world.context.read(feature.optimum), at))
    return found


def _values(best: Optimum, entries: Mapping[Entry, Fraction]) -> list[Value]:
    """The tensors with these entries."""
    return [
        Value(tensor.name, nested({p: x for (n, p), x in entries.items() if n == name}))
        for name, tensor in best.tensors.items()
    ]


def nested(entries: Mapping[tuple[int, ...], Fraction]) -> Any:
    """The entries as nested tuples."""
    if () in entries:
        return entries[()]
    rows: dict[int, dict[tuple[int, ...], Fraction]] = {}
    for place, value in entries.items():
        rows.setdefault(place[0], {})[place[1:]] = value
    return tuple(nested(rows[k]) for k in sorted(rows))
