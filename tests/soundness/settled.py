"""Points completed by what moments and given equations ask of their tensors and scalars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from verifier.proof.context import Atom, Context, Point, Tensor, Value
from verifier.proof.instances import World
from verifier.proof.syntax import Fuel, Symbol, names


def settled(context: Context, point: Point, units: int) -> Point:
    """The point with the values that moments and given equations ask for, where one is missing."""
    sizes = {sort.size for sort in context.sorts}
    free = {s.name for s in context.scalars} - sizes
    tensors = {a.name: a for a in context.arrays if isinstance(a, Tensor)}
    values = {one.name: one for one in point.values}
    for atom in (*context.moments, *context.given):
        if atom.relation != "=":
            continue
        world = World(context, replace(point, values=tuple(values.values())), Fuel(units))
        if world.failure(atom) is None:
            continue
        here = replace(point, values=tuple(values.values()))
        found = _solved(context, here, world, atom, free, tensors)
        values |= {one.name: one for one in found}
    return replace(point, values=tuple(values.values()))


def _solved(
    context: Context,
    point: Point,
    world: World,
    atom: Atom,
    free: set[str],
    tensors: Mapping[str, Tensor],
) -> list[Value]:
    """A tensor that is one side, or a scalar in which one side is linear."""
    left, right = context.read(atom.left), context.read(atom.right)
    for side, other in ((right, left), (left, right)):
        if isinstance(side, Symbol) and side.name in tensors and side.name not in names(other):
            if len(set(side.indices)) != len(side.indices):
                continue

            def level(place: tuple[int, ...], side: Symbol = side, other: Any = other) -> Any:
                if len(place) == len(side.indices):
                    return world.number(other, dict(zip(side.indices, place, strict=True)))
                size = world.size(context.letters[side.indices[len(place)]])
                return tuple(level((*place, k)) for k in range(1, size + 1))

            return [Value(side.name, level(()))]
    unknown = sorted((names(right) | names(left)) & free)
    failure = world.failure(atom)
    if not unknown or failure is None or failure.mean_square:
        return []
    name, at = unknown[-1], dict(failure.where)
    gaps = []
    for value in (Fraction(0), Fraction(1)):
        wide = replace(
            context,
            scalars=tuple(
                replace(s, minimum=None, strict=False, integer=False) if s.name == name else s
                for s in context.scalars
            ),
        )
        moved = (*(x for x in point.values if x.name != name), Value(name, value))
        there = World(wide, replace(point, values=moved), Fuel(world.fuel.units))
        gaps.append(there.number(left, at) - there.number(right, at))
    if gaps[0] == gaps[1]:
        return []
    return [Value(name, gaps[0] / (gaps[0] - gaps[1]))]
