"""Systematic mutation: one change at one place of an expression, statement or certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from verifier.proof.context import RELATIONS, Context, Tensor
from verifier.proof.statements import EXPRESSIONS, Attained, Minimum, Step
from verifier.proof.syntax import (
    Binary,
    Expect,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    children,
    names,
    nodes,
    show,
)
from verifier.render.as_written import rebuilt

Kinded = tuple[str, Any]
Path = tuple[int, ...]

MOST = 60


def text_mutants(text: str, context: Context, most: int = MOST) -> dict[str, str]:
    """Texts that differ by one change at one place, evenly spread, each with its kind of change."""
    node = context.read(text)
    letters = {i for one in nodes(node) if isinstance(one, Symbol | Sum) for i in one.indices}
    found: dict[str, str] = {}
    twins = _twins(context)
    changed = [
        (kind, path, one)
        for path, part in spread(list(_places(node)), most)
        for kind, one in _at(part, sorted(letters), twins, context)
    ]
    for kind, path, one in spread(changed, most):
        found.setdefault(show(_replaced(node, path, one)), kind)
    found.pop(show(node), None)
    return found


def spread(found: list[Any], most: int) -> list[Any]:
    """At most so many, evenly spread over the list."""
    return found if len(found) <= most else [found[k * len(found) // most] for k in range(most)]


def _twins(context: Context) -> dict[str, tuple[str, ...]]:
    """For each name the other names that fit in its place: the same sorts, as random."""
    shapes: dict[str, tuple[tuple[str, ...], bool]] = {s.name: ((), False) for s in context.scalars}
    for array in context.arrays:
        shapes[array.name] = (context.shape(array), not isinstance(array, Tensor))
    for one in context.definitions:
        sorts = tuple(context.letters[i] for i in one.parameters)
        body = context.read(one.body)
        open_names = set(names(body)) if not isinstance(body, Expect) else set()
        shapes[one.name] = (sorts, any(shapes[x][1] for x in open_names if x in shapes))
    return {
        name: tuple(x for x in shapes if x != name and shapes[x] == shapes[name]) for name in shapes
    }


def _places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every part of an expression, with the way to it."""
    yield path, node
    for k, part in enumerate(children(node)):
        yield from _places(part, (*path, k))


def _replaced(node: Node, path: Path, new: Node) -> Node:
    """The expression with another part at a place."""
    if not path:
        return new
    parts = children(node)
    changed = _replaced(parts[path[0]], path[1:], new)
    return rebuilt(node, (*parts[: path[0]], changed, *parts[path[0] + 1 :]))


def _at(
    node: Node, letters: list[str], twins: Mapping[str, tuple[str, ...]], context: Context
) -> Iterator[tuple[str, Node]]:
    match node:
        case Number(value):
            yield "number", Number(value + 1)
            if value:
                yield "number", Number(value - 1)
        case Symbol(name, indices):
            for other in _some(twins.get(name, ()), name):
                yield "name", Symbol(other, indices)
            for k, index in enumerate(indices):
                for other in letters:
                    if other != index and context.letters[other] == context.letters[index]:
                        yield "index", Symbol(name, (*indices[:k], other, *indices[k + 1 :]))
            yield "factor", Binary("*", Number(2), node)
        case Binary(operation, left, right):
            if operation in "+-":
                yield "sign", Binary("-" if operation == "+" else "+", left, right)
            else:
                yield "operator", Binary("/" if operation == "*" else "*", left, right)
                yield "operator", Binary("+", left, right)
            yield "part dropped", left
            yield "part dropped", right
        case Neg(body):
            yield "sign", body
        case Pow(base, exponent):
            for power in (exponent - 1, exponent + 1):
                yield "exponent", Pow(base, power) if power else Number(1)
        case Sum(indices, body):
            yield "sign", Neg(node)
            for k in range(len(indices)):
                rest = indices[:k] + indices[k + 1 :]
                yield "sum dropped", Sum(rest, body) if rest else body
        case Expect(sources, body):
            yield "expectation dropped", body
            every = context.sources
            for other in every if sources is None else ():
                yield "expectation over less", Expect(tuple(s for s in every if s != other), body)
            for k in range(len(sources or ()) if len(sources or ()) > 1 else 0):
                rest = (sources or ())[:k] + (sources or ())[k + 1 :]
                yield "expectation over less", Expect(rest, body)
            for other in (s for s in every if sources is not None and s not in sources):
                yield "expectation over more", Expect((*(sources or ()), other), body)


def _some(found: tuple[str, ...], name: str) -> tuple[str, ...]:
    """At most three other names, different ones for different places in the list."""
    start = sum(map(ord, name)) % max(1, len(found))
    return (found[start:] + found[:start])[:3]


def part_mutants(part: Any, context: Context, what: str = "") -> Iterator[Kinded]:
    """A statement, certificate or group in it with one change at one place.

    Expressions are mutated, members of groups dropped, exchanged with the next and given twice;
    relations, numbers of cases and names of cited steps are changed.
    """
    if isinstance(part, tuple):
        yield from _group_mutants(part, context, what)
    elif isinstance(part, Mapping):
        for name, inner in part.items():
            yield f"{what} dropped", {k: v for k, v in part.items() if k != name}
            for kind, one in part_mutants(inner, context, what):
                yield kind, {**part, name: one}
    elif is_dataclass(part):
        for one in fields(part):
            for kind, value in _field_mutants(part, one.name, context):
                yield kind, replace(part, **{one.name: value})  # type: ignore[type-var]


def _group_mutants(part: tuple[Any, ...], context: Context, what: str) -> Iterator[Kinded]:
    for k, inner in enumerate(part):
        yield f"{what} dropped", part[:k] + part[k + 1 :]
        if k + 1 < len(part):
            yield f"{what} exchanged", (*part[:k], part[k + 1], inner, *part[k + 2 :])
        if is_dataclass(inner) or isinstance(inner, tuple):
            for kind, one in part_mutants(inner, context, what):
                yield kind, (*part[:k], one, *part[k + 1 :])


def _field_mutants(part: Any, name: str, context: Context) -> Iterator[Kinded]:
    value = getattr(part, name)
    if name == "relation":
        yield from (("relation", other) for other in RELATIONS if other != value)
    elif name == "case":
        yield from (("case number", value + step) for step in (-1, 1))
    elif name in EXPRESSIONS and isinstance(value, str):
        texts = _in_scope(value, context)
        yield from ((kind, text) for text, kind in texts.items())
    elif not isinstance(value, str):
        yield from part_mutants(value, context, name)


def _in_scope(text: str, context: Context) -> dict[str, str]:
    try:
        return text_mutants(text, context)
    except ProofError:
        return {}


def step_mutants(step: Step, context: Context) -> Iterator[tuple[str, Step]]:
    """The statement changed, the certificate changed, or both where they belong together."""
    for kind, statement in part_mutants(step.statement, context):
        yield f"statement: {kind}", replace(step, statement=statement)
    for kind, certificate in part_mutants(step.certificate, context):
        yield f"certificate: {kind}", replace(step, certificate=certificate)
    for k in range(len(step.uses)):
        yield "uses dropped", replace(step, uses=step.uses[:k] + step.uses[k + 1 :])
    match step.statement, step.certificate:
        case Minimum(_, _, parameters), Attained(case, values, by):
            for name in parameters:
                fewer = tuple(x for x in parameters if x != name)
                rest = tuple(x for x in values if x.name != name)
                yield (
                    "parameter and its value dropped",
                    replace(
                        step,
                        statement=replace(step.statement, parameters=fewer),
                        certificate=Attained(case, rest, by),
                    ),
                )
