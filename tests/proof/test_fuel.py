"""Hostile proofs end soon, and shipped ones spend less than half of what a file may spend."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from steps import ONE, claim, identity

from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Law,
    Normal,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.rules import FUEL, check, examine
from verifier.proof.statements import Attained, By, Claim, Conclude, Minimum, Proof, Step
from verifier.proof.syntax import Fuel, ProofError
from verifier.theorem.registry import theorems

LETTERS = tuple("abcdefghijklmopq")
NODES = Sort("node", "n", LETTERS)
SIZE = (Scalar("n", ONE, integer=True),)
MATRIX = Tensor("M", ("node", "node"))


def graph(edges: list[tuple[int, int]]) -> Step:
    factors = "*".join(f"M[{LETTERS[i]},{LETTERS[k]}]" for i, k in edges)
    used = sorted({LETTERS[i] for edge in edges for i in edge})
    return identity(f"sum[{','.join(used)}]({factors})")


def nodes(*arrays: Tensor | Normal | Draws | Slot, **parts: object) -> Context:
    return Context((NODES,), SIZE, arrays=arrays, **parts)  # type: ignore[arg-type]


def draws(power: str) -> tuple[Context, Step]:
    law = Law("D", (Field("x"),))
    return (
        nodes(Draws("x", "D", "x", "node"), Tensor("w", ("node",)), laws=(law,)),
        identity(f"E({power})"),
    )


def tower(base: str, body: str, levels: int, *arrays: Tensor, scalars: str = "") -> Context:
    chain = [Definition("x0", (), base)]
    chain += [Definition(f"x{k}", (), body.replace("_", f"x{k - 1}")) for k in range(1, levels)]
    return Context(
        scalars=tuple(Scalar(name, Fraction(0)) for name in scalars),
        arrays=arrays,
        definitions=tuple(chain),
    )


def trivial_minima(count: int) -> tuple[Context, tuple[Step, ...]]:
    """Each minimum builds the context once more."""
    arrays = tuple(Tensor(f"t{k}") for k in range(1000))
    laws = tuple(Law(f"L{k}", (Field("x"),)) for k in range(1000))
    context = Context(arrays=arrays, laws=laws)
    at = Atom("at", "0", "0")
    steps = [
        Step("bound", Claim((), ((Atom("least", "0", "0", ">="),),)), Conclude()),
        Step("equality", Claim((at,), ((),)), Conclude()),
        Step("converse", Claim((), ((at,),)), Conclude()),
    ]
    uses = tuple(step.name for step in steps)
    for k in range(count):
        steps.append(Step(f"m{k}", Minimum("0", "0", (), ((),)), Attained(0, ()), uses))
    return context, tuple(steps)


WIDE = "+".join(["(" + "+".join(["t"] * 100) + ")"] * 100)
HOSTILE: dict[str, Callable[[], tuple[Context, Step | tuple[Step, ...]]]] = {
    "many pairings": lambda: (
        Context(arrays=(Normal("z"), Tensor("c"))),
        identity("E((z*c + 1)^16*(z + c)^16)"),
    ),
    "many pairings over rows": lambda: (
        nodes(Normal("z", ("node",))),
        identity("E(sum[a](z[a])^16)"),
    ),
    "the moment of degree 256": lambda: (
        Context(arrays=(Normal("z"),), definitions=(Definition("high", (), "z^16"),)),
        identity("E(high^16)"),
    ),
    "ten bound rows": lambda: draws("sum[a](x[a]*w[a])^10"),
    "ten free rows": lambda: draws("*".join(f"x[{x}]" for x in LETTERS[:10])),
    "a clique": lambda: (
        nodes(MATRIX),
        graph([(i, k) for i in range(11) for k in range(11) if i != k]),
    ),
    "a star": lambda: (
        nodes(MATRIX, Tensor("v", ("node",))),
        identity("sum[a](sum[b](M[a,b]*v[b])^12)"),
    ),
    "a cycle": lambda: (
        nodes(MATRIX),
        graph([(k, (k + 1) % 16) for k in range(16)] + [((k + 1) % 16, k) for k in range(16)]),
    ),
    "many inverse pairs": lambda: (
        nodes(
            MATRIX,
            given=(Atom("self", "sum[b](M[a,b]*M[b,c])", "delta[a,c]"),),
            instances=tuple(
                Point((Value("n", Fraction(n)), Definition("M", ("a", "b"), "delta[a,b]")))
                for n in (1, 2)
            ),
        ),
        identity("sum[a,b](M[a,b]*M[b,a])^16"),
    ),
    "a large power": lambda: (
        Context(scalars=tuple(Scalar(x) for x in "abcdefgh")),
        identity("(a + b + c + d + e + f + g + h)^16"),
    ),
    "many products": lambda: (
        Context(scalars=tuple(Scalar(x, Fraction(0)) for x in "abcde")),
        identity("*".join(["((a + b + c + d + e + 1)^16)"] * 16)),
    ),
    "definitions that double": lambda: (
        tower("t", "_ + t*_", 900, Tensor("t")),
        identity("x899"),
    ),
    "a tower of squares": lambda: (tower("t", "(_ + s)^2", 30, scalars="st"), identity("x29")),
    "a tower of exponents": lambda: (tower("t", "_^16", 8, scalars="t"), identity("x7")),
    "a tower of numbers": lambda: (tower("9" * 60, "_^16", 8), identity("x7")),
    "a tower of fractions": lambda: (tower("1/7", "_^16", 8), identity("x7")),
    "a tower of entries": lambda: (tower("t", "_^16", 8, Tensor("t")), identity("x7")),
    "many denominators": lambda: (
        Context(scalars=(Scalar("s", Fraction(0)), Scalar("t", Fraction(0)))),
        identity("*".join(f"(1/(t + s + {k}) + 1/(t + {k}))" for k in range(1, 40))),
    ),
    "long minima": lambda: (
        Context(scalars=tuple(Scalar(x, Fraction(10**59 + 1, 10**58 + 3)) for x in "ab")),
        Step(
            "step",
            claim("(a^16)^16*(b^16)^16", "0", ">="),
            Conclude(0, {"concl": By(rest="(a^16)^16*(b^16)^16")}),
        ),
    ),
    "many premises": lambda: (
        Context(arrays=(Tensor("t"),)),
        Step(
            "step",
            Claim(tuple(Atom(f"a{k}", "t") for k in range(40_000)), ()),
            Conclude(),
        ),
    ),
    "many atoms under long premises": lambda: (
        Context(arrays=(Tensor("t"),)),
        Step(
            "step",
            Claim(
                tuple(Atom(f"p{k}", WIDE) for k in range(20)),
                (tuple(Atom(f"a{k}", "t", "t") for k in range(20_000)),),
            ),
            Conclude(),
        ),
    ),
    "many steps about a long definition": lambda: (
        Context(arrays=(Tensor("t"),), definitions=(Definition("long", (), WIDE),)),
        tuple(Step(f"s{k}", claim("long", "long"), Conclude()) for k in range(5_000)),
    ),
    "many minima in a large context": lambda: trivial_minima(5_000),
    "many laws": lambda: (
        Context(
            laws=tuple(Law(f"L{k}", (Field("x"),)) for k in range(2_000)),
            arrays=tuple(Slot(f"s{k}", f"L{k}", "x", "q") for k in range(2_000)),
        ),
        identity("1"),
    ),
}


def spent(name: str, fuel: int) -> float:
    """The seconds of processor time until the proof is refused, or found to be true."""
    context, steps = HOSTILE[name]()
    proof = Proof("hostile", context, steps if isinstance(steps, tuple) else (steps,))
    start = time.process_time()
    with contextlib.suppress(ProofError):
        check(proof, Fuel(fuel))
    return time.process_time() - start


@pytest.mark.parametrize("name", HOSTILE)
def test_a_tenth_of_the_fuel_is_spent_in_seconds(name: str) -> None:
    """So that all of it takes a minute at most."""
    assert spent(name, FUEL // 10) < 6


@pytest.mark.deep
@pytest.mark.parametrize("name", HOSTILE)
def test_all_of_the_fuel_is_spent_in_a_minute(name: str) -> None:
    assert spent(name, FUEL) < 60


@pytest.mark.parametrize("name", sorted(theorems()))
def test_a_shipped_file_spends_half_at_most(name: str) -> None:
    fuel = Fuel(FUEL // 2)
    for proof in theorems()[name].derive({}).proofs:
        _, failed = examine(proof, fuel)
        assert not failed
    assert fuel.units >= 0
