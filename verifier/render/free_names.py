"""What a statement speaks of: its names and indices (standard library only)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.proof.context import (
    Absolute,
    Array,
    Atom,
    Context,
    Draws,
    Function,
    Hat,
    Normal,
    Slot,
)
from verifier.proof.statements import Claim, Statement
from verifier.proof.syntax import free_indices, names


def free_of(context: Context, statement: Statement) -> tuple[str, ...]:
    """The free indices of a claim of one system without premises, which it ranges over.

    In any other statement an index ranges within its own system.
    """
    match statement:
        case Claim((), (case,)):
            return indices_of(context, case)
    return ()


def indices_of(context: Context, atoms: tuple[Atom, ...]) -> tuple[str, ...]:
    """The indices for all values of which the atoms hold, in order of first appearance."""
    return free_indices(*(context.read(t) for atom in atoms for t in (atom.left, atom.right)))


def mentioned(context: Context, texts: Iterable[str]) -> frozenset[str]:
    """Every name that the expressions, or what is given, reach."""
    given = (text for atom in context.given for text in (atom.left, atom.right))
    return reached(context, (*texts, *given))


def reached(context: Context, texts: Iterable[str]) -> frozenset[str]:
    """Every name that the expressions reach.

    Definitions, variances, arguments, sizes, sources, and the moments of laws are followed.
    """
    bodies = {x.name: (x.body,) for x in context.definitions}
    arrays = {array.name: array for array in context.arrays}
    sizes = {sort.name: sort.size for sort in context.sorts}
    found: set[str] = set()

    def follow(texts: Iterable[str]) -> None:
        todo = list(texts)
        while todo:
            for name in names(context.read(todo.pop())) - found:
                found.add(name)
                todo += bodies.get(name, ())
                if name in arrays:
                    found.update(sizes[s] for s in context.shape(arrays[name]))
                    todo += _inside(arrays[name])
                    todo += sources_of(context, arrays[name])

    follow(texts)
    waiting = list(context.moments)
    while met := [x for x in waiting if found & laws_of(context, x)]:
        follow(t for atom in met for t in (atom.left, atom.right))
        waiting = [x for x in waiting if x not in met]
    return frozenset(found)


def sources_of(context: Context, array: Array) -> tuple[str, ...]:
    """The sources of randomness of which an array is made."""
    match array:
        case Normal(name):
            return (name,)
        case Draws() | Slot():
            law = context.law(array.law)
            return (law.name, law.of) if context.field(array).hidden else (law.name,)
        case Hat():
            return (array.design,)
        case Function():
            return array.of
    return ()


def _inside(array: Array) -> Iterator[str]:
    match array:
        case Normal():
            yield array.variance
        case Absolute():
            yield array.argument
        case Hat():
            yield array.penalty


def laws_of(context: Context, moment: Atom) -> set[str]:
    """The laws of whose draws a moment speaks."""
    bodies = {x.name: x.body for x in context.definitions}
    arrays = {array.name: array for array in context.arrays}
    todo, seen, laws = [moment.left], set[str](), set[str]()
    while todo:
        for name in names(context.read(todo.pop())) - seen:
            seen.add(name)
            array = arrays.get(name)
            if isinstance(array, Draws | Slot):
                laws.add(array.law)
            todo += [bodies[name]] if name in bodies else []
    return laws
