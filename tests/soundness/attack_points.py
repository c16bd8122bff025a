"""Points of a context at the edge of its ranges, and statements judged there without normal forms.

The least values that the ranges admit come first (no example, no feature, noise of variance 0, or
-1 where a mutant allows it), at a theorem's own minimisers and at arbitrary parameters. Laws have
the models of the context's instances, as they are and deformed: shifted, doubled, with a biased
coin or a vector that points somewhere, so that a hypothesis which was dropped or changed fails.
Only points that are admissible (`verifier.proof.instances`) count.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from deformed import deformed
from settled import settled

from verifier.proof.context import Context, Definition, Point, Scalar, Tensor
from verifier.proof.instances import World, admissible
from verifier.proof.statements import Attained, Claim, Minimum, Step
from verifier.proof.syntax import Fuel, ProofError, names
from verifier.theorem.refute import _claim, _minimum
from verifier.theorem.witness_points import (
    Filling,
    Start,
    build_point,
    scalars_of,
    tensors_of,
)

FEW, MANY, ATTEMPTS = 4, 8, 40
UNITS = 300_000
UNDEFINED = (ProofError, ZeroDivisionError, LookupError, ValueError, RecursionError)
LARGEST = 2
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """An admissible point of a context, with what is calculated there."""

    point: Point
    world: World


def attack_points(
    context: Context, fillings: tuple[Filling, ...] = (), most: int = 0, attempts: int = ATTEMPTS
) -> list[Place]:
    """At most ``most`` admissible points, the edge of the ranges first."""
    most = most or (FEW if context.laws else MANY)
    found: list[Place] = []
    seen: set[str] = set()
    for point in itertools.islice(_candidates(context, fillings), attempts):
        with suppress(*UNDEFINED):
            point = settled(context, point, UNITS)
            if repr(point) not in seen:
                found.append(Place(point, admissible(context, point, Fuel(UNITS))))
                seen.add(repr(point))
        if len(found) >= most:
            break
    return found


def judged(places: list[Place], step: Step) -> tuple[int, Place | None]:
    """At how many points the statement has a value, and one where it is false."""
    tried = 0
    for place in places:
        try:
            false = _is_false(place, step)
        except UNDEFINED:
            continue
        tried += 1
        if false:
            return tried, place
    return tried, None


def _is_false(place: Place, step: Step) -> bool:
    world = place.world
    world.fuel.units = UNITS
    match step.statement:
        case Claim():
            return _claim(world, step.statement) is not None
        case Minimum():
            return _minimum(world, step.statement) is not None or _missed(place, step)
    raise AssertionError(step)


def _missed(place: Place, step: Step) -> bool:
    """Whether the values that the certificate gives the parameters do not attain the minimum."""
    minimum, by = step.statement, step.certificate
    if not isinstance(minimum, Minimum) or not isinstance(by, Attained):
        return False
    context, point = place.world.context, place.point
    kept = tuple(one for one in point.values if one.name not in minimum.parameters)
    own = tuple(one for one in by.values if one.name in minimum.parameters)
    met = set(minimum.parameters)  # the names that rest on the parameters
    for one in context.definitions:
        met |= {one.name} if met & names(context.read(one.body)) else set()
    before = tuple(one for one in context.definitions if one.name not in met)
    after = tuple(one for one in context.definitions if one.name in met)
    arrays = tuple(array for array in context.arrays if array.name not in minimum.parameters)
    special = replace(context, arrays=arrays, definitions=(*before, *own, *after))
    there = World(special, replace(point, values=kept), Fuel(UNITS))
    objective, value = (there.number(there.read(x)) for x in (minimum.objective, minimum.value))
    return objective != value


# Where to look


def _candidates(context: Context, fillings: tuple[Filling, ...]) -> Iterator[Point]:
    draw = random.Random(1)
    fixed = {scalar.name for scalar in context.scalars}
    fixed |= {array.name for array in context.arrays if isinstance(array, Tensor)}
    own = [tuple(x for x in filling if x.name in fixed) for filling in fillings]
    choices: list[Filling] = [*filter(None, own), (), _tame(context), ()]
    for turn in range(len(choices)):
        for k, start in enumerate(_starts(context, draw)):
            with suppress(*UNDEFINED):
                filling = choices[(k + turn) % len(choices)]
                yield build_point(context, start, filling, draw)


def _tame(context: Context) -> Filling:
    """Simple values that may be asked for: unit vectors' ones, identity matrices."""
    letters: dict[str, list[str]] = {}
    for sort in context.sorts:
        letters[sort.name] = list(sort.letters)
    found = []
    for array in context.arrays:
        if isinstance(array, Tensor) and len(array.sorts) <= 2:
            used = [letters[s][array.sorts[:k].count(s)] for k, s in enumerate(array.sorts)]
            square = len(used) == 2 and len(set(array.sorts)) == 1
            found.append(
                Definition(array.name, tuple(used), f"delta[{','.join(used)}]" if square else "1")
            )
    return tuple(found)


def _values(scalar: Scalar, size: bool) -> list[Fraction]:
    """Values of a scalar from the edge of its range inwards."""
    low = scalar.minimum
    if low is None:
        return [Fraction(x) for x in (1, -1, 0, 2)] + [HALF]
    if size:
        return [low + k for k in range(LARGEST + 1) if low + k <= max(LARGEST, low)]
    steps = [Fraction(k) for k in (0, 1, 2)] if scalar.integer else [Fraction(0), HALF, Fraction(2)]
    if scalar.strict:
        steps = [s for s in steps if s] + ([] if scalar.integer else [Fraction(1, 9)])
    return [low + s for s in steps]


def _grid(context: Context, draw: random.Random) -> Iterator[dict[str, Fraction]]:
    """All at their least values, all off them, then by turns all drawn and one moved alone."""
    sizes = {sort.size for sort in context.sorts}
    ranges = {s.name: _values(s, s.name in sizes) for s in context.scalars}
    least = {name: values[0] for name, values in ranges.items()}
    yield {name: values[:2][-1] for name, values in ranges.items()}
    yield least
    for name, values in ranges.items():
        for value in values[1:]:
            yield {other: draw.choice(found) for other, found in ranges.items()}
            yield {**least, name: value}


def _starts(context: Context, draw: random.Random) -> Iterator[Start]:
    """Scalars on a grid, with the models of an instance where there are laws."""
    known = [_start(context, point) for point in context.instances]
    yield from known
    if not context.laws and not context.hidden:
        yield from (Start(scalars) for scalars in _grid(context, draw))
        return
    for start in known:
        for models in deformed(context, start):
            yield replace(start, models=models)
        for scalars in itertools.islice(_grid(context, draw), 4):
            sizes = {sort.size: start.scalars[sort.size] for sort in context.sorts[1:]}
            yield Start({**scalars, **sizes}, start.models, start.tensors)


def _start(context: Context, point: Point) -> Start:
    """An instance; one that a changed range excludes is looked at in the old one."""
    ranges = tuple(
        replace(s, minimum=min(s.minimum or 0, 0), strict=False) for s in context.scalars
    )
    with suppress(ProofError):
        return Start(scalars_of(context, point), point.models, tensors_of(context, point))
    wide = replace(context, scalars=ranges)
    return Start(scalars_of(wide, point), point.models, tensors_of(wide, point))
