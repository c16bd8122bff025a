"""What a statement speaks of: its texts, names and indices (floor 3; standard library only)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.proof.context import Context, Equation
from verifier.proof.expression import free_indices, parse, symbols
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Statement,
    System,
)


def texts(statement: Statement) -> tuple[str, ...]:
    """Every expression of a statement, as text."""
    match statement:
        case Identity(left, right, given):
            return (left, right, *_sides(given))
        case Sign(text, _):
            return (text,)
        case Bound(objective, value, squares):
            return (objective, value, *(t for s in squares for t in (s.coefficient, s.term)))
        case Implication(given, conclude):
            return (*_sides(given), *(t for system in conclude for t in _sides(system)))
        case Minimum(objective, value, _, minimisers):
            return (objective, value, *(t for system in minimisers for t in _sides(system)))
        case AtMinimum(objective, _, conclude_all):
            return (objective, *_sides(conclude_all))


def parameters(statement: Statement) -> frozenset[str]:
    """The names that the statement itself ranges over."""
    if isinstance(statement, Minimum | AtMinimum):
        return frozenset(statement.parameters)
    return frozenset()


def free_of(statement: Statement) -> tuple[str, ...]:
    """The free indices of an identity without premises, which the statement ranges over.

    With premises they range within the conclusion only; other statements bind or sum theirs.
    """
    if not isinstance(statement, Identity) or statement.given:
        return ()
    return indices_of((Equation("", statement.left, statement.right),))


def indices_of(system: System) -> tuple[str, ...]:
    """The indices for all values of which the equations hold, in order of first appearance."""
    sides = (side for equation in system for side in (equation.left, equation.right))
    return tuple(dict.fromkeys(i for side in sides for i in free_indices(parse(side))))


def mentioned(context: Context, sources: Iterable[str]) -> frozenset[str]:
    """Every name that the expressions reach: through definitions, hypotheses, laws and sizes."""
    bodies: dict[str, tuple[str, ...]] = {x.name: (x.body,) for x in context.definitions}
    for law in context.laws:
        for array in law.arrays:
            bodies[array] = (law.variance, *(value for _, value in law.moments))
    sizes = dict(context.sorts)
    sorts = {t.name: t.sorts for t in context.tensors}
    queue = [*sources, *(side for h in context.hypotheses for side in (h.left, h.right))]
    found: set[str] = set()
    while queue:
        for symbol in symbols(parse(queue.pop())):
            if symbol.name not in found:
                found.add(symbol.name)
                queue += bodies.get(symbol.name, ())
                queue += filter(None, (sizes[s] for s in sorts.get(symbol.name, ())))
    return frozenset(found)


def _sides(system: System) -> tuple[str, ...]:
    return tuple(side for equation in system for side in (equation.left, equation.right))
