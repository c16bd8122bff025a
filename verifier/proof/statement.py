"""The statements that a proof can establish, each with one fixed meaning.

All are read under the ranges, laws and hypotheses of the proof's context, for all values of the
declared tensors and of free indices. Random quantities outside an expectation are read almost
surely. Trusted base: the meaning of a statement is its docstring here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .context import (
    Equation,
    equation_from_data,
    equation_to_data,
    flag,
    records,
    rows,
    text,
    texts,
)
from .expression import ProofError

System = tuple[Equation, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """If every equation of ``given`` holds, then left = right for all values of its free indices.

    The equations of ``given`` hold for all values of their own indices, whatever their names: what
    the premises and the conclusion call i is not one i.
    """

    left: str
    right: str
    given: System = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """expression >= 0, and > 0 if ``strict``."""

    expression: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Square:
    """coefficient * E sum (term ^ 2), the sum over all free indices of the term."""

    coefficient: str
    term: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """objective = value + the sum of all squares, each coefficient >= 0 (> 0 where strict).

    Hence objective >= value, and objective = value implies term = 0 wherever strict.
    """

    objective: str
    value: str
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Implication:
    """If every equation of ``given`` holds, then so does every equation of one of the systems.

    Each equation is one for all values of its own free indices.
    """

    given: System
    conclude: tuple[System, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """Over all values of the parameters the objective has the minimum ``value``, which is attained.

    The parameters that attain it are exactly those that satisfy one of the systems.
    """

    objective: str
    value: str
    parameters: tuple[str, ...]
    minimisers: tuple[System, ...]


@dataclass(frozen=True, slots=True)
class AtMinimum:
    """All parameters that minimise the objective satisfy every equation of ``conclude``."""

    objective: str
    parameters: tuple[str, ...]
    conclude: System


Statement = Identity | Sign | Bound | Implication | Minimum | AtMinimum


def statement_to_data(statement: Statement) -> dict[str, Any]:
    """The statement as JSON data."""
    match statement:
        case Identity(left, right, given):
            return {
                "kind": "identity",
                "left": left,
                "right": right,
                "given": _system_to_data(given),
            }
        case Sign(expression, strict):
            return {"kind": "sign", "expression": expression, "strict": strict}
        case Bound(objective, value, squares):
            return {
                "kind": "bound",
                "objective": objective,
                "value": value,
                "squares": [
                    {"coefficient": s.coefficient, "term": s.term, "strict": s.strict}
                    for s in squares
                ],
            }
        case Implication(given, conclude):
            return {
                "kind": "implication",
                "given": _system_to_data(given),
                "conclude": [_system_to_data(system) for system in conclude],
            }
        case Minimum(objective, value, parameters, minimisers):
            return {
                "kind": "minimum",
                "objective": objective,
                "value": value,
                "parameters": list(parameters),
                "minimisers": [_system_to_data(system) for system in minimisers],
            }
        case AtMinimum(objective, parameters, conclude_all):
            return {
                "kind": "at-minimum",
                "objective": objective,
                "parameters": list(parameters),
                "conclude": _system_to_data(conclude_all),
            }


def statement_from_data(data: Mapping[str, Any]) -> Statement:
    """A statement from JSON data; raises ProofError."""
    match data.get("kind"):
        case "identity":
            return Identity(text(data, "left"), text(data, "right"), _system(rows(data, "given")))
        case "sign":
            return Sign(text(data, "expression"), flag(data, "strict"))
        case "bound":
            squares = tuple(
                Square(text(s, "coefficient"), text(s, "term"), flag(s, "strict"))
                for s in records(data, "squares")
            )
            return Bound(text(data, "objective"), text(data, "value"), squares)
        case "implication":
            return Implication(_system(rows(data, "given")), _systems(rows(data, "conclude")))
        case "minimum":
            return Minimum(
                text(data, "objective"),
                text(data, "value"),
                texts(data.get("parameters")),
                _systems(rows(data, "minimisers")),
            )
        case "at-minimum":
            return AtMinimum(
                text(data, "objective"),
                texts(data.get("parameters")),
                _system(rows(data, "conclude")),
            )
    raise ProofError(f"unknown kind of statement {str(data.get('kind'))[:40]!r}")


def _system_to_data(system: System) -> list[dict[str, str]]:
    return [equation_to_data(equation) for equation in system]


def _system(data: Any) -> System:
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise ProofError("a system must be a list of equations")
    return tuple(equation_from_data(entry) for entry in data)


def _systems(data: list[Any]) -> tuple[System, ...]:
    return tuple(_system(entry) for entry in data)
