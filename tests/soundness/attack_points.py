"""Points of a context at the edge of its ranges, and statements judged there without the checker.

The least values that the ranges admit come first (no example, no feature, noise of variance 0, or
-1 where a mutant allows it), at a theorem's own minimisers and at arbitrary parameters. Whatever a
point claims to satisfy (ranges, hypotheses, inverses) is asserted by `independent.Point`.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from independent import Point, is_false
from slow_evaluation import Atoms, World
from tabled import TabledWorld

from verifier.document.tidy import rename
from verifier.points import Filling, build_point
from verifier.proof.context import Context, Definition, Equation, Scalar
from verifier.proof.counterexample import Counterexample
from verifier.proof.expression import Mul, ProofError, Sum, Symbol, parse, show
from verifier.proof.statement import Minimum, Statement

LARGEST = 2
FEW, MANY = 6, 16
HALF = Fraction(1, 2)


class TabledPoint(Point):
    """A point whose expectations come from the declared tables; inverses are asserted too."""

    def __init__(self, context: Context, point: Counterexample) -> None:
        super().__init__(context, point)
        for one, two in context.inverses:
            assert self.holds((Equation("", f"sum[k]({one}[i,k]*{two}[k,j])", "delta[i,j]"),))

    def _world(self, atoms: Mapping[tuple[str, ...], Atoms]) -> World:
        """By the tables; no law is named, so there are no atoms."""
        return TabledWorld(self.context, self.point.scalars, self.point.tensors)


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
    sizes = {dimension for _, dimension in context.sorts if context.tensors}
    ranges = {s.name: _values(s, s.name in sizes) for s in context.scalars}
    least = {name: values[0] for name, values in ranges.items()}
    small = {name: value for name, value in least.items() if name in sizes and value}
    yield least
    yield {name: values[:2][-1] for name, values in ranges.items()} | small
    for name, values in ranges.items():
        for value in values[1:]:
            yield {other: draw.choice(found) for other, found in ranges.items()} | small
            yield {**least, name: value}


def _normalised(context: Context) -> Context:
    """sum[j](M[i,j]*T[j,l]) = delta[i,l] as sum[j](T[i,j]*M[j,l]), which `build_point` solves."""

    def turned(h: Equation) -> Equation:
        match parse(h.left), parse(h.right):
            case (
                Sum((j,), Mul(body, Symbol(name, (middle, last)))),
                Symbol("delta", (first, _)),
            ) if middle == j and not isinstance(body, Symbol):
                matrix = rename(rename(body, {first: "row", j: "column"}), {"row": j})
                matrix = rename(matrix, {"column": last})
                left = Sum((j,), Mul(Symbol(name, (first, j)), matrix))
                return replace(h, left=show(left))
        return h

    return replace(context, hypotheses=tuple(map(turned, context.hypotheses)))


def _tame(context: Context, square: str, other: str) -> Filling:
    """Simple values that hypotheses such as v'v = 1, tr A = 0 or M M' = R may ask for."""
    bodies = {1: "1", 2: square}
    found = []
    for tensor in context.tensors:
        width = len(tensor.sorts)
        if tensor.name not in context.random() and width in bodies:
            body = other if len(set(tensor.sorts)) == 2 else bodies[width]
            found.append(Definition(tensor.name, ("i", "j")[:width], body))
    return tuple(found)


def _settled(point: TabledWorld, context: Context, scalars: Mapping[str, Fraction]) -> Any:
    """The scalars that hypotheses define, given their values, until nothing changes."""
    values = dict(scalars)
    for _ in range(3):
        world = replace(point, scalars=values)
        before = dict(values)
        for h in context.hypotheses:
            for name, other in ((h.left, h.right), (h.right, h.left)):
                if name in values:
                    values[name] = world.value(other)
                    world = replace(world, scalars=values)
                    break
        if values == before:
            break
    return values


def _cost(context: Context, scalars: Mapping[str, Fraction]) -> int:
    """The product of the sizes of all sorts; a size of 0 costs nothing."""
    if not context.tensors:
        return 1
    return math.prod(int(scalars[size]) or 1 for _, size in context.sorts if size)


@lru_cache(maxsize=64)
def attack_points(
    context: Context, fillings: tuple[Filling, ...] = (), most: int = 0
) -> tuple[TabledPoint, ...]:
    """At most ``most`` points that satisfy the context, the edge of its ranges first.

    Neighbouring points differ in their scalars and in the parameters that a theorem suggests. By
    default there are as many as the slow evaluation of expectations allows.
    """
    most = most or (FEW if context.laws else MANY)
    draw, found, seen = random.Random(1), [], set()
    names = {t.name for t in context.tensors} | {s.name for s in context.scalars}
    fitting = [tuple(d for d in filling if d.name in names) for filling in fillings]
    kinds = itertools.product(("delta[i,j]", "0"), "10") if context.hypotheses else ()
    tame = [_tame(context, square, other) for square, other in kinds]
    choices: list[Filling] = [*fitting, *tame, (), ()]
    solvable = _normalised(context)
    grid = [scalars for scalars in _grid(context, draw) if _cost(context, scalars) <= LARGEST]
    for turn, (k, scalars) in itertools.product(range(len(choices)), enumerate(grid)):
        try:
            point = build_point(solvable, scalars, choices[(k + turn) % len(choices)], draw)
            world = TabledWorld(context, point.scalars, point.tensors)
            settled = replace(point, scalars=_settled(world, context, point.scalars))
            candidate = TabledPoint(context, settled)
        except (ProofError, AssertionError, ZeroDivisionError, ValueError, KeyError):
            continue
        key = repr((settled.scalars, settled.tensors))
        if key not in seen:
            seen.add(key)
            found.append(candidate)
        if len(found) >= most:
            break
    return tuple(found)


def given_all(context: Context) -> Context:
    """The same with all that functions of random arrays depend on held fixed."""
    fixed = {name for t in context.tensors for name in t.depends_on}
    return replace(
        context,
        laws=tuple(law for law in context.laws if not set(law.arrays) & fixed),
        tensors=tuple(replace(t, depends_on=()) for t in context.tensors),
        flips=tuple(flip for flip in context.flips if not set(flip) & fixed),
    )


def judged(
    points: tuple[TabledPoint, ...], statement: Statement, minimum: Minimum | None = None
) -> tuple[int, TabledPoint | None]:
    """At how many points the statement has a value and is true, and one where it is false.

    Tables need not be the moments of a law, so that a sum of squares may come out negative: below
    them a minimum is judged at its minimisers only.
    """
    tried = 0
    for point in points:
        try:
            false = is_false(point, statement, minimum)
            if false and isinstance(statement, Minimum) and _lawless(point.context):
                false = any(point.holds(system) for system in statement.minimisers) and (
                    point.value(statement.objective) != point.value(statement.value)
                )
        except (ProofError, ZeroDivisionError, KeyError, AssertionError):
            continue
        tried += 1
        if false:
            return tried, point
    return tried, None


def _lawless(context: Context) -> bool:
    return any(law.kind != "normal" for law in context.laws)
