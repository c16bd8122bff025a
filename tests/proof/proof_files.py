"""A small record that uses every rule, and random edits of proof files."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from verifier.proof.checker import Proof, Step
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Square,
)

from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
from verifier.proof.record import Record, _digest

Path = tuple[Any, ...]


def small_record() -> Record:
    """E (y - u)^2 + (u c)^2 with y ~ N(0, p) has the minimum p at u = 0; and a little beside."""
    zero = (Equation("u0", "u", "0"),)
    objective = "E((y - u)^2) + (u*c)^2"
    context = Context(
        scalars=(
            Scalar("n", Fraction(1), integer=True),
            Scalar("p", Fraction(1, 2), strict=True, meaning="variance"),
            Scalar("c"),
        ),
        sorts=(("row", "n"),),
        tensors=(
            Tensor("u", ()),
            Tensor("y", ()),
            Tensor("X", ("row",)),
            Tensor("z", ("row",)),
            Tensor("r", (), ("X",)),
            Tensor("M", ("row", "row")),
            Tensor("N", ("row", "row")),
        ),
        laws=(
            Law("normal", ("y",), "p"),
            Law("rows", ("X", "z"), moments=(((2, 0), "1"), ((1, 1), "0"), ((0, 2), "p"))),
        ),
        flips=(("X",),),
        definitions=(Definition("Q", (), "sum[k](X[k]^2)", "energy"),),
        hypotheses=(Equation("unit", "r*X[k]", "X[k]"),),
        inverses=(("M", "N"),),
        assumptions=("none",),
    )
    squares = (Square("1", "u", True), Square("1", "u*c", False))
    steps = (
        Step("energy", "identity", Identity("E(Q)", "n"), {}, (), "energy"),
        Step("sign", "sign", Sign("p^2 + n - 1", True), {}),
        Step("inverse", "identity", Identity("sum[j](M[i,j]*N[j,k])", "delta[i,k]"), {}),
        Step("bound", "squares", Bound(objective, "p", squares), {}),
        Step(
            "equality",
            "cases",
            Implication((Equation("sq", "u", "0"),), (zero,)),
            {"node": "conclude", "system": 0, "by": {"u0": {"combination": "sq"}}},
        ),
        Step(
            "minimum",
            "minimum",
            Minimum(objective, "p", ("u",), (zero,)),
            {
                "converse": [[{"combination": "u0"}, {"combination": "c*u0"}]],
                "witness": {
                    "system": 0,
                    "values": [{"name": "u", "parameters": [], "body": "0"}],
                    "by": {},
                },
            },
            ("bound", "equality"),
            "minimum",
        ),
        Step(
            "at",
            "at-minimum",
            AtMinimum(objective, ("u",), (Equation("square", "u^2", "0"),)),
            {"systems": [{"square": {"combination": "u*u0"}}]},
            ("minimum",),
        ),
        Step("given", "identity", Identity("E[y](y^2*Q)", "p*Q"), {}),
        Step("tower", "tower", Identity("E(y^2*Q)", "n*p"), {}, ("given",)),
        Step(
            "cases",
            "cases",
            Implication(
                (Equation("h", "u*(c - 1)", "0"),),
                ((Equation("u0", "u", "0"),), (Equation("c1", "c", "1"),)),
            ),
            {
                "node": "split",
                "factors": [
                    {"name": "f", "left": "u", "right": "0"},
                    {"name": "g", "left": "c - 1", "right": "0"},
                ],
                "by": {"combination": "h"},
                "branches": [
                    {"node": "conclude", "system": 0, "by": {"u0": {"combination": "f"}}},
                    {"node": "conclude", "system": 1, "by": {"c1": {"combination": "g"}}},
                ],
            },
        ),
        Step(
            "scaled",
            "identity",
            Identity("u", "0", (Equation("h", "p*u", "0"),)),
            {"combination": "h", "times": "p"},
        ),
    )
    return Record("small", "A small record", "this test", (Proof("small", context, steps),))


def digested(data: Mapping[str, Any]) -> str:
    """The file's text with its digest computed afresh, as a forger would."""
    body = {key: value for key, value in data.items() if key != "digest"}
    return json.dumps({**body, "digest": _digest(body)})


def paths(data: Any, before: Path = ()) -> Iterator[Path]:
    """The path of every value in nested JSON data."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        yield (*before, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*before, key))


def edited(data: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """A copy with one random edit: of text, of a number or flag, or of the order or place."""
    changed: dict[str, Any] = copy.deepcopy(dict(data))
    every = [path for path in paths(changed) if path[0] == "proofs"]
    path = draw.choice(every)
    holder = _at(changed, path[:-1])
    value = holder[path[-1]]
    if isinstance(value, str):
        holder[path[-1]] = _edited_text(value, draw)
    elif isinstance(value, bool):
        holder[path[-1]] = not value
    elif isinstance(value, int):
        holder[path[-1]] = value + draw.choice((-1, 1, 2))
    elif isinstance(value, list) and value and draw.random() < 0.7:
        at = draw.randrange(len(value))
        if draw.random() < 0.4:
            del value[at]
        elif draw.random() < 0.5:
            value.insert(draw.randrange(len(value) + 1), copy.deepcopy(value[at]))
        else:
            value.insert(draw.randrange(len(value)), value.pop(at))
    else:
        other = draw.choice(every)
        source = copy.deepcopy(_at(changed, other))
        if other[: len(path)] != path:
            holder[path[-1]] = source
    return changed


def _edited_text(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    kind = draw.randrange(4)
    if kind == 0 or not text:
        return text[:at] + draw.choice("0123456789+-*/^()[],ijkabcnpuM ") + text[at:]
    at = draw.randrange(len(text))
    if kind == 1:
        return text[:at] + text[at + 1 :]
    swaps = {"+": "-", "-": "+", "*": "+", "1": "2", "2": "3", "i": "j", "j": "i", "0": "1"}
    if kind == 2:
        places = [k for k, c in enumerate(text) if c in swaps]
        at = draw.choice(places) if places else at
        return text[:at] + swaps.get(text[at], "n") + text[at + 1 :]
    return text[:at] + draw.choice("0123456789+-*/^()[],ijkabcnpuM") + text[at + 1 :]


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data
