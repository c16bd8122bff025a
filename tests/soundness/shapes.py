"""Proofs in another shape: sides swapped, everything on the left, scaled, reordered.

Where a change of shape changes what a certificate says (the sign of its combination, the place of
a system), the certificate is changed with it, and only there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from verifier.proof.checker import Proof, Step
from verifier.proof.context import Equation
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
)


def _combinations(data: Any, change: Callable[[str], str]) -> Any:
    """A certificate with its combinations changed."""
    return {**data, "combination": change(data.get("combination", "0"))}


def _by_step(change: Callable[[Step], Step]) -> Callable[[Proof], Proof]:
    return lambda proof: replace(proof, steps=tuple(map(change, proof.steps)))


def _factor(front: str) -> Callable[[Step], Step]:
    """Both sides times a number: -1 for identities only, which have no sign to keep."""

    def times(text: str) -> str:
        return f"{front}({text})"

    def change(step: Step) -> Step:
        match step.statement:
            case Identity(left, right, given) if step.rule == "identity":
                statement: Any = Identity(times(left), times(right), given)
                certificate = _combinations(step.certificate, times)
                return replace(step, statement=statement, certificate=certificate)
            case Sign(expression, strict) if front != "-":
                return replace(step, statement=Sign(times(expression), strict))
            case Bound(objective, value, squares) if front != "-":
                scaled = tuple(replace(s, coefficient=times(s.coefficient)) for s in squares)
                statement = Bound(times(objective), times(value), scaled)
                certificate = _combinations(step.certificate, times)
                return replace(step, statement=statement, certificate=certificate)
            case Minimum() if front != "-":
                value = times(step.statement.value)
                objective = times(step.statement.objective)
                statement = replace(step.statement, objective=objective, value=value)
                return replace(step, statement=statement)
            case AtMinimum() if front != "-":
                objective = times(step.statement.objective)
                return replace(step, statement=replace(step.statement, objective=objective))
        return step

    return change


def _swapped(step: Step) -> Step:
    if step.rule != "identity" or not isinstance(step.statement, Identity):
        return step
    left, right, given = step.statement.left, step.statement.right, step.statement.given
    certificate = _combinations(step.certificate, lambda text: f"-({text})")
    return replace(step, statement=Identity(right, left, given), certificate=certificate)


def _to_the_left(step: Step) -> Step:
    def moved(value: Any) -> Any:
        match value:
            case Equation(name, left, right) if right != "0":
                return Equation(name, f"({left}) - ({right})", "0")
            case tuple():
                return tuple(map(moved, value))
        return value

    statement: Any = step.statement
    changes = {f.name: moved(getattr(statement, f.name)) for f in fields(statement)}
    if isinstance(statement, Identity) and step.rule == "identity":
        changes |= {"left": f"({statement.left}) - ({statement.right})", "right": "0"}
    if isinstance(statement, (Minimum, AtMinimum)):
        changes["parameters"] = statement.parameters
    return replace(step, statement=replace(statement, **changes))


def _parameters_reversed(step: Step) -> Step:
    if isinstance(step.statement, (Minimum, AtMinimum)):
        turned = step.statement.parameters[::-1]
        return replace(step, statement=replace(step.statement, parameters=turned))
    return step


def _equations_reversed(step: Step) -> Step:
    """Within each concluded system; premises of a minimum stay in the order of its squares."""
    match step.statement:
        case Implication(given, conclude):
            turned = tuple(system[::-1] for system in conclude)
            return replace(step, statement=Implication(given, turned))
        case Minimum():
            turned = tuple(system[::-1] for system in step.statement.minimisers)
            return replace(step, statement=replace(step.statement, minimisers=turned))
        case AtMinimum():
            turned_one = step.statement.conclude[::-1]
            return replace(step, statement=replace(step.statement, conclude=turned_one))
        case Identity(left, right, given):
            return replace(step, statement=Identity(left, right, given[::-1]))
    return step


def _families_reversed(step: Step) -> Step:
    """The systems in the other order, and the certificate's entries for them with them."""
    statement: Any = step.statement
    if isinstance(statement, Implication):
        turned = {"conclude": statement.conclude[::-1]}
        last = len(statement.conclude) - 1
    elif isinstance(statement, Minimum):
        turned, last = {"minimisers": statement.minimisers[::-1]}, len(statement.minimisers) - 1
    elif isinstance(statement, AtMinimum):
        turned, last = {}, 0
    else:
        return step

    def follow(data: Any) -> Any:
        if isinstance(data, dict):
            found = {key: follow(value) for key, value in data.items()}
            for key in ("converse", "systems"):
                if isinstance(found.get(key), list):
                    found[key] = found[key][::-1]
            if isinstance(found.get("system"), int):
                found["system"] = last - found["system"]
            return found
        return [follow(one) for one in data] if isinstance(data, list) else data

    changed = replace(statement, **turned)
    return replace(step, statement=changed, certificate=follow(dict(step.certificate)))


def _premise_added(proof: Proof) -> Proof:
    """0 = 0 among the premises, except where a minimum counts them."""
    counted = {name for s in proof.steps for name in s.uses}

    def change(step: Step) -> Step:
        free = step.name not in counted and step.rule != "tower"
        if free and isinstance(step.statement, (Identity, Implication)):
            given = (*step.statement.given, Equation("always", "0", "0"))
            return replace(step, statement=replace(step.statement, given=given))
        return step

    return _by_step(change)(proof)


def declared_backwards(proof: Proof) -> Proof:
    """Scalars, tensors, sorts and hypotheses declared in the other order."""
    names = ("scalars", "tensors", "sorts", "hypotheses", "inverses", "flips")
    turned = {name: getattr(proof.context, name)[::-1] for name in names}
    return replace(proof, context=replace(proof.context, **turned))


SHAPES: dict[str, Callable[[Proof], Proof]] = {
    "sides swapped": _by_step(_swapped),
    "all on the left": _by_step(_to_the_left),
    "times 3": _by_step(_factor("3*")),
    "times -1": _by_step(_factor("-")),
    "parameters permuted": _by_step(_parameters_reversed),
    "equations permuted": _by_step(_equations_reversed),
    "families permuted": _by_step(_families_reversed),
    "premise 0 = 0 added": _premise_added,
}
