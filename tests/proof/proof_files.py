"""A small record that uses every rule, and random edits of proof files."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
    Hat,
    Hidden,
    Law,
    Model,
    Normal,
    Outcome,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.record import Record, _digest
from verifier.proof.statements import (
    Attained,
    By,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Minimum,
    Null,
    Proof,
    Split,
    Square,
    Step,
)

Path = tuple[Any, ...]
HALF = Fraction(1, 2)
OBJECTIVE = "E((z - u)^2) + (u*c)^2"


def _point(n: int) -> Point:
    """c = 3, v = (1, ..., n), y a fair sign times the sign f."""
    values: tuple[Value | Definition, ...] = (
        Value("n", Fraction(n)),
        Value("s", Fraction(2)),
        Value("t", Fraction(-1)),
        Value("u", Fraction(0)),
        Value("c", Fraction(3)),
        Value("v", tuple(Fraction(k + 1) for k in range(n))),
        Definition("M", ("i", "j"), "delta[i,j]"),
        Definition("g", (), "z^2"),
    )
    signs = tuple(Outcome(HALF, (Value("sign", Fraction(x)),)) for x in (1, -1))
    coins = tuple(Outcome(HALF, (Value("coin", Fraction(x)),)) for x in (1, -1))
    fields = (Definition("y", (), "coin*sign"), Definition("x", ("i",), "normal[i]"))
    models = (Model("f", (), signs), Model("D", (Tensor("normal", ("row",)),), coins, fields))
    return Point(values, models)


def small_context() -> Context:
    """Every kind of declaration."""
    return Context(
        sorts=(Sort("row", "n", ("i", "j", "k")), Sort("column", "n", ("l",))),
        scalars=(
            Scalar("n", Fraction(1), integer=True),
            Scalar("s", HALF, strict=True, meaning="variance"),
            Scalar("t"),
        ),
        hidden=(Hidden("f", (), ("y",), "the sign"),),
        laws=(Law("D", (Field("x", ("row",)), Field("y", (), hidden=True)), "f", "a draw"),),
        arrays=(
            Tensor("u"),
            Tensor("c"),
            Tensor("v", ("row",), "a vector"),
            Tensor("M", ("row", "row")),
            Normal("z", (), "s", "noise"),
            Normal("X", ("row", "column")),
            Draws("x", "D", "x", "row"),
            Slot("yq", "D", "y", "q", "the response of the query"),
            Absolute("r", ("i",), "v[i]*z"),
            Hat("H", "X", "s"),
            Function("g", (), ("z",)),
        ),
        definitions=(Definition("Q", (), "sum[i](v[i]^2)", "energy"),),
        moments=(Atom("square", "E(yq^2)", "1"),),
        given=(Atom("root", "c^2", "9"), Atom("above", "c", "0", ">")),
        instances=(_point(1), _point(3)),
        assumptions=("none",),
    )


def small_record() -> Record:
    """E (z - u)^2 + (u c)^2 with z ~ N(0, s) has the minimum s at u = 0; and a little beside."""
    zero = (Atom("u0", "u"),)
    least, at = Atom("least", OBJECTIVE, "s", ">="), Atom("at", OBJECTIVE, "s")
    squares = (Square("1", "u", "u1"), Square("1", "u*c"))
    steps = (
        Step("energy", Claim((), ((Atom("e", "E(z^2*Q)", "s*Q"),),)), Conclude(), (), "energy"),
        Step(
            "moment", Claim((), ((Atom("m", "E(yq^2)*c^2", "9"),),)), Conclude(0, {"m": By("root")})
        ),
        Step(
            "positive",
            Claim((), ((Atom("p", "s + n^2 - 1", "1/2", ">"),),)),
            Conclude(0, {"p": By(rest="s + n^2 - 3/2")}),
        ),
        Step("bound", Claim((), ((least,),)), Conclude(0, {"least": By(squares=squares)})),
        Step(
            "equality",
            Claim((at,), (zero,)),
            Null(squares, By("at"), Conclude(0, {"u0": By("u1")})),
        ),
        Step(
            "converse",
            Claim(zero, ((Atom("back", OBJECTIVE, "s"),),)),
            Conclude(0, {"back": By("u0*u + u0*u*c^2")}),
        ),
        Step(
            "minimum",
            Minimum(OBJECTIVE, "s", ("u",), (zero,)),
            Attained(0, (Definition("u", (), "0"),)),
            ("bound", "equality", "converse"),
            "minimum",
        ),
        Step(
            "cases",
            Claim(
                (Atom("h", "u*(t - 1)*M[i,j]"),),
                ((Atom("um", "u*M[i,j]"),), (Atom("t1", "t", "1"),)),
            ),
            Split(
                Atom("um0", "u*M[i,j]"),
                Atom("t0", "t - 1"),
                By("h[i,j]"),
                (Conclude(0, {"um": By("um0[i,j]")}), Conclude(1, {"t1": By("t0")})),
            ),
        ),
        Step(
            "cited",
            Claim((Atom("h", "s*u*(t - 1)"),), ((Atom("w", "u*(t - 1)*M[i,j]"),),)),
            Derive(
                Atom("plain", "u*(t - 1)"),
                By("h", "s"),
                Cite(
                    "cases",
                    {"h": By("plain*M[i,j]")},
                    (
                        Conclude(0, {"w": By("(t - 1)*um[i,j]")}),
                        Conclude(0, {"w": By("u*t1*M[i,j]")}),
                    ),
                ),
            ),
        ),
        Step("absurd", Claim((Atom("h", "1 + s"),), ()), Contradiction(By("h", "1 + s"))),
    )
    return Record("small", "A small record", "this test", (Proof("small", small_context(), steps),))


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
