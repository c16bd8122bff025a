"""A small proof that every rule of coq/kernel serves, and random alterations of proofs."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from verifier.proof.codec import decode, encode
from verifier.proof.context import Atom, Context, Definition, Normal, Scalar, Sort, Tensor
from verifier.proof.statements import (
    EXPRESSIONS,
    Attained,
    By,
    Claim,
    Conclude,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
)

LOSS = "E((z - sum[i](u[i]*x[i]))^2)"
_CHANGES = (
    (r"\d+", lambda rng, m: str(int(m.group()) + 1)),
    (r"[+-]", lambda rng, m: "-" if m.group() == "+" else "+"),
    (r"\*", lambda rng, m: "+"),
    (r"\^2", lambda rng, m: ""),
    (r"\[(\w)", lambda rng, m: "[" + rng.choice("ij")),
    (r"\b[a-z]\w*\b", lambda rng, m: f"2*{m.group()}"),
)


def small_proof() -> Proof:
    """min over u of E((z - u'x)^2) is v, the variance of z, attained at u = 0 only."""
    zero = Fraction(0)
    context = Context(
        sorts=(Sort("feature", "d", ("i", "j", "at")),),
        scalars=(Scalar("d", zero, integer=True), Scalar("s", zero), Scalar("v", zero)),
        arrays=(Tensor("u", ("feature",)), Normal("x", ("feature",)), Normal("z", (), "v")),
        definitions=(Definition("S", ("i",), "sum[j](delta[i,j]*u[j])"),),
    )
    bound = Step(
        "bound",
        Claim((), ((Atom("bound", LOSS, "v", ">="),),)),
        Conclude(0, {"bound": By(squares=(Square("1", "sum[i](S[i]*x[i])"),))}),
    )
    premise, case = Atom("minimal", LOSS, "v"), (Atom("zero", "u[at]"),)
    equality = Step(
        "equality",
        Claim((premise,), (case,)),
        Null(
            (Square("1", "u[i]", "gap"),),
            By("minimal"),
            Conclude(0, {"zero": By("gap[at]")}),
        ),
    )
    converse = Step(
        "converse",
        Claim(case, ((premise,),)),
        Conclude(0, {"minimal": By("sum[i](u[i]*zero[i])")}),
    )
    minimum = Step(
        "minimum",
        Minimum(LOSS, "v", ("u",), (case,)),
        Attained(0, (Definition("u", ("i",), "0"),)),
        uses=("bound", "equality", "converse"),
        claim="minimum",
    )
    ratio = Step(
        "ratio",
        Claim((), ((Atom("equal", "(s + 1)/(s + 1)*E(z^2)", "v"),),)),
        Conclude(0, {}),
        claim="ratio",
    )
    return Proof("small", context, (bound, equality, converse, minimum, ratio))


def altered(proof: Proof, rng: random.Random) -> tuple[Proof, int] | None:
    """The proof with one text of one step changed, and the place of the step."""
    place = rng.randrange(len(proof.steps))
    data = encode(proof.steps[place])
    texts = list(_texts(data))
    holder, key = rng.choice(texts)
    pattern, change = rng.choice(_CHANGES)
    found = list(re.finditer(pattern, holder[key]))
    if not found:
        return None
    match = rng.choice(found)
    text = holder[key]
    holder[key] = text[: match.start()] + change(rng, match) + text[match.end() :]
    steps = list(proof.steps)
    steps[place] = decode(Step, data)
    return replace(proof, steps=tuple(steps)), place


def _texts(data: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every expression in a step, as the record and the key at which it stands."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in EXPRESSIONS and isinstance(value, str):
                yield data, key
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
