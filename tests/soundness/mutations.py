"""Systematic mutation of expressions and statements: every number, sign, power, index and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from verifier.proof.checker import random_names
from verifier.proof.context import Context, Equation
from verifier.proof.expression import (
    Add,
    Div,
    Expect,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    Sub,
    Sum,
    Symbol,
    parse,
    show,
    symbols,
)
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Square,
    Statement,
    System,
)

Kinded = tuple[str, Node]


def expression_mutants(text: str, context: Context) -> list[str]:
    """All texts that differ from this one by one change at one place, each once, in fixed order."""
    return list(labelled_mutants(text, context))


def labelled_mutants(text: str, context: Context) -> dict[str, str]:
    """The same, each with the kind of its change."""
    node = parse(text)
    scope = sorted({i for symbol in symbols(node) for i in symbol.indices})
    found: dict[str, str] = {}
    for kind, mutant in _mutants(node, scope, _ranks(context)):
        found.setdefault(show(mutant), kind)
    found.pop(show(node), None)
    return found


def _ranks(context: Context) -> dict[str, tuple[str, ...]]:
    """For each name the other names that fit in its place: as many indices, as random."""
    random = random_names(context)
    shapes: dict[str, tuple[object, bool]] = {s.name: ((), False) for s in context.scalars}
    shapes |= {t.name: (t.sorts, t.name in random) for t in context.tensors}
    for x in context.definitions:
        used = {symbol.name for symbol in symbols(parse(x.body))}
        known = x.sorts or len(x.parameters) or ()
        shapes[x.name] = (known, any(shapes[name][1] for name in used if name in shapes))
    return {
        name: tuple(
            other
            for other in shapes
            if other != name
            and shapes[name][1] == shapes[other][1]
            and _fits(shapes[name][0], shapes[other][0])
        )
        for name in shapes
    }


def _fits(one: object, two: object) -> bool:
    size = [x if isinstance(x, int) else len(x) for x in (one, two)]  # type: ignore[arg-type]
    return one == two or (size[0] == size[1] and (isinstance(one, int) or isinstance(two, int)))


def _mutants(node: Node, scope: list[str], ranks: dict[str, tuple[str, ...]]) -> Iterator[Kinded]:
    match node:
        case Number(value):
            yield "number", Number(value + 1)
            if value:
                yield "number", Number(value - 1)
        case Symbol(name, indices):
            for other in _some(ranks.get(name, ()), name):
                yield "name", Symbol(other, indices)
            for k, index in enumerate(indices):
                for other in scope:
                    if other != index:
                        yield "index", Symbol(name, (*indices[:k], other, *indices[k + 1 :]))
            yield "factor", Mul(Number(2), node)
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            for kind, one in _mutants(left, scope, ranks):
                yield kind, type(node)(one, right)
            for kind, one in _mutants(right, scope, ranks):
                yield kind, type(node)(left, one)
            yield from _operators(node, left, right)
        case Neg(body):
            yield "sign", body
            for kind, one in _mutants(body, scope, ranks):
                yield kind, Neg(one)
        case Pow(base, exponent):
            for power in (exponent - 1, exponent + 1):
                yield "exponent", Pow(base, power) if power else Number(1)
            for kind, one in _mutants(base, scope, ranks):
                yield kind, Pow(one, exponent)
        case Sum(indices, body):
            for kind, one in _mutants(body, scope, ranks):
                yield kind, Sum(indices, one)
            yield "sign", Neg(node)
        case Expect(arrays, body):
            for kind, one in _mutants(body, scope, ranks):
                yield kind, Expect(arrays, one)


def _operators(node: Node, left: Node, right: Node) -> Iterator[Kinded]:
    if isinstance(node, (Add, Sub)):
        yield "sign", Sub(left, right) if isinstance(node, Add) else Add(left, right)
    else:
        yield "operator", Div(left, right) if isinstance(node, Mul) else Mul(left, right)
        yield "operator", Add(left, right)
    yield "part dropped", left
    yield "part dropped", right


def _some(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """At most three other names, different ones for different places in the list."""
    start = sum(map(ord, name)) % max(1, len(names))
    return (names[start:] + names[:start])[:3]


def system_mutants(system: System, context: Context) -> Iterator[tuple[str, System]]:
    """One side of one equation mutated, or one equation dropped."""
    for k, equation in enumerate(system):
        before, after = system[:k], system[k + 1 :]
        yield "equation dropped", (*before, *after)
        for kind, one in _in_fields(equation, ("left", "right"), context):
            yield kind, (*before, one, *after)


def _in_fields(value: Any, names: tuple[str, ...], context: Context) -> Iterator[tuple[str, Any]]:
    """One of the named expressions of a statement, square or equation mutated."""
    for name in names:
        for text, kind in labelled_mutants(getattr(value, name), context).items():
            yield kind, replace(value, **{name: text})


def _in_systems(
    systems: tuple[System, ...], context: Context
) -> Iterator[tuple[str, tuple[System, ...]]]:
    for k, system in enumerate(systems):
        yield "system dropped", (*systems[:k], *systems[k + 1 :])
        for kind, one in system_mutants(system, context):
            yield kind, (*systems[:k], one, *systems[k + 1 :])
    yield "system added", (*systems, (Equation("extra", "0", "0"),))


def statement_mutants(statement: Statement, context: Context) -> Iterator[tuple[str, Statement]]:
    """Every statement that one change makes of this one, with the kind of the change."""
    match statement:
        case Identity(_, _, given):
            yield from _in_fields(statement, ("left", "right"), context)
            for kind, system in system_mutants(given, context):
                yield f"premise: {kind}", replace(statement, given=system)
        case Sign(expression, strict):
            yield "strictness", Sign(expression, not strict)
            yield from _in_fields(statement, ("expression",), context)
        case Bound(_, _, squares):
            yield from _in_fields(statement, ("objective", "value"), context)
            for k, square in enumerate(squares):
                for kind, kept in _square_mutants(square, context):
                    changed = (*squares[:k], *kept, *squares[k + 1 :])
                    yield kind, replace(statement, squares=changed)
        case Implication(given, conclude):
            for kind, system in system_mutants(given, context):
                yield f"premise: {kind}", Implication(system, conclude)
            for kind, systems in _in_systems(conclude, context):
                yield kind, Implication(given, systems)
        case Minimum(_, _, parameters, minimisers):
            yield from _in_fields(statement, ("objective", "value"), context)
            for rest in _one_less(parameters):
                yield "parameter dropped", replace(statement, parameters=rest)
            for kind, systems in _in_systems(minimisers, context):
                yield kind, replace(statement, minimisers=systems)
        case AtMinimum(objective, parameters, conclude_all):
            yield from _in_fields(statement, ("objective",), context)
            for rest in _one_less(parameters):
                yield "parameter dropped", replace(statement, parameters=rest)
            for kind, system in system_mutants(conclude_all, context):
                yield kind, AtMinimum(objective, parameters, system)


def _one_less(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for k in range(len(names)):
        yield names[:k] + names[k + 1 :]


def _square_mutants(square: Square, context: Context) -> Iterator[tuple[str, tuple[Square, ...]]]:
    yield "strictness", (replace(square, strict=not square.strict),)
    for kind, one in _in_fields(square, ("coefficient", "term"), context):
        yield kind, (one,)
    yield "square dropped", ()
