"""Systematic mutation of expressions and statements: every number, sign, power, index and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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


def expression_mutants(text: str, context: Context) -> list[str]:
    """All texts that differ from this one by one change at one place, each once, in fixed order."""
    node = parse(text)
    scope = sorted({i for symbol in symbols(node) for i in symbol.indices})
    found = dict.fromkeys(show(mutant) for mutant in _mutants(node, scope, _ranks(context)))
    found.pop(show(node), None)
    return list(found)


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


def _mutants(node: Node, scope: list[str], ranks: dict[str, tuple[str, ...]]) -> Iterator[Node]:
    match node:
        case Number(value):
            yield Number(value + 1)
            if value:
                yield Number(value - 1)
        case Symbol(name, indices):
            for other in _some(ranks.get(name, ()), name):
                yield Symbol(other, indices)
            for k, index in enumerate(indices):
                for other in scope:
                    if other != index:
                        yield Symbol(name, (*indices[:k], other, *indices[k + 1 :]))
            yield Mul(Number(2), node)
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            for one in _mutants(left, scope, ranks):
                yield type(node)(one, right)
            for one in _mutants(right, scope, ranks):
                yield type(node)(left, one)
            yield from _operators(node, left, right)
        case Neg(body):
            yield body
            for one in _mutants(body, scope, ranks):
                yield Neg(one)
        case Pow(base, exponent):
            for power in (exponent - 1, exponent + 1):
                yield Pow(base, power) if power else Number(1)
            for one in _mutants(base, scope, ranks):
                yield Pow(one, exponent)
        case Sum(indices, body):
            for one in _mutants(body, scope, ranks):
                yield Sum(indices, one)
            yield Neg(node)
        case Expect(arrays, body):
            for one in _mutants(body, scope, ranks):
                yield Expect(arrays, one)


def _operators(node: Node, left: Node, right: Node) -> Iterator[Node]:
    if isinstance(node, (Add, Sub)):
        yield Sub(left, right) if isinstance(node, Add) else Add(left, right)
    else:
        yield Div(left, right) if isinstance(node, Mul) else Mul(left, right)
        yield Add(left, right)
    yield left
    yield right


def _some(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """At most three other names, different ones for different places in the list."""
    start = sum(map(ord, name)) % max(1, len(names))
    return (names[start:] + names[:start])[:3]


def system_mutants(system: System, context: Context) -> Iterator[System]:
    """One side of one equation mutated, one equation dropped, or its sides summed to another."""
    for k, equation in enumerate(system):
        before, after = system[:k], system[k + 1 :]
        yield (*before, *after)
        for left in expression_mutants(equation.left, context):
            yield (*before, replace(equation, left=left), *after)
        for right in expression_mutants(equation.right, context):
            yield (*before, replace(equation, right=right), *after)


def _within(systems: tuple[System, ...], context: Context) -> Iterator[tuple[System, ...]]:
    for k, system in enumerate(systems):
        yield (*systems[:k], *systems[k + 1 :])
        for one in system_mutants(system, context):
            yield (*systems[:k], one, *systems[k + 1 :])
    yield (*systems, (Equation("extra", "0", "0"),))


def statement_mutants(statement: Statement, context: Context) -> Iterator[Statement]:
    """Every statement that one change makes of this one, its proof's certificate left as it is."""
    match statement:
        case Identity(_, _, given):
            for side in ("left", "right"):
                for text in expression_mutants(getattr(statement, side), context):
                    yield replace(statement, **{side: text})
            for system in system_mutants(given, context):
                yield replace(statement, given=system)
        case Sign(expression, strict):
            yield Sign(expression, not strict)
            for text in expression_mutants(expression, context):
                yield Sign(text, strict)
        case Bound(objective, value, squares):
            for text in expression_mutants(objective, context):
                yield replace(statement, objective=text)
            for text in expression_mutants(value, context):
                yield replace(statement, value=text)
            for k, square in enumerate(squares):
                for one in (*_square_mutants(square, context), None):
                    kept = () if one is None else (one,)
                    yield replace(statement, squares=(*squares[:k], *kept, *squares[k + 1 :]))
        case Implication(given, conclude):
            for system in system_mutants(given, context):
                yield Implication(system, conclude)
            for systems in _within(conclude, context):
                yield Implication(given, systems)
        case Minimum(objective, value, parameters, minimisers):
            for text in expression_mutants(objective, context):
                yield replace(statement, objective=text)
            for text in expression_mutants(value, context):
                yield replace(statement, value=text)
            for k in range(len(parameters)):
                yield replace(statement, parameters=parameters[:k] + parameters[k + 1 :])
            for systems in _within(minimisers, context):
                yield replace(statement, minimisers=systems)
        case AtMinimum(objective, parameters, conclude_all):
            for text in expression_mutants(objective, context):
                yield replace(statement, objective=text)
            for k in range(len(parameters)):
                yield replace(statement, parameters=parameters[:k] + parameters[k + 1 :])
            for system in system_mutants(conclude_all, context):
                yield AtMinimum(objective, parameters, system)


def _square_mutants(square: Square, context: Context) -> Iterator[Square]:
    yield replace(square, strict=not square.strict)
    for text in expression_mutants(square.coefficient, context):
        yield replace(square, coefficient=text)
    for text in expression_mutants(square.term, context):
        yield replace(square, term=text)
