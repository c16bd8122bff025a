"""Proofs that once cost more than they paid for, or ended in a traceback; all are refused now."""

from __future__ import annotations

from fractions import Fraction

import pytest
from steps import identity, refusal

from verifier.proof import atoms, rules, statements
from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
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
from verifier.proof.rules import examine
from verifier.proof.statements import Claim, Proof
from verifier.proof.syntax import Fuel, ProofError
from verifier.theorem.refute import refute

ZERO = Fraction(0)
N, D = Scalar("n", ZERO, integer=True), Scalar("d", ZERO, integer=True)
ROW, FEATURE = Sort("row", "n", ("k",)), Sort("feature", "d", ("i",))
OUT_OF_FUEL = "the proof asks for more steps than are allowed"


def spent(context: Context, left: str, right: str = "0") -> int:
    """The fuel that it takes to check, or refuse, the identity."""
    fuel = Fuel(10**6)
    examine(Proof("test", context, (identity(left, right),)), fuel)
    return 10**6 - fuel.units


@pytest.mark.parametrize("rows", [10**8, 10**30])
def test_a_range_beside_an_empty_one_is_not_listed(rows: int) -> None:
    """The product of the sizes is 0: no fuel was spent, and the other range was stored whole."""
    context = Context(
        (ROW, FEATURE),
        (N, D),
        arrays=(Normal("X", ("row", "feature")),),
        given=(Atom("g", "E(X[k,i])"),),
        instances=(Point((Value("n", Fraction(rows)), Value("d", ZERO))),),
    )
    assert "needs two instances" in refusal(context, identity("n", "n"))


def test_the_symmetry_of_a_source_without_laws_is_paid_for() -> None:
    """One turn for each coordinate, of which a point may have 10^18."""
    point = Point((Value("d", Fraction(10**18)),), (Model("f"),))
    context = Context((FEATURE,), (D,), (Hidden("f", ("feature",)),), instances=(point,))
    _, failed = examine(Proof("test", context, (identity("d", "d"),)), Fuel(10**5))
    assert failed == {"step": OUT_OF_FUEL}


def test_scalars_are_bounded_because_a_monomial_has_room_for_each() -> None:
    many = Context(scalars=tuple(Scalar(f"s{k}") for k in range(201)))
    assert refusal(many, identity("s0", "s0")) == "a context of more than 200 scalars"
    divisors = " + ".join(f"1/(n + {k})" for k in range(1, 201))
    context = Context(scalars=(N,))
    assert refusal(context, identity(divisors, divisors)).startswith("more than 200 scalars")


def test_fields_are_bounded_and_indices_are_few() -> None:
    fields = tuple(Field(f"f{k}") for k in range(5_001))
    assert "5001 names or fields" in refusal(lambda: Context(laws=(Law("D", fields),)))
    letters = Sort("row", "n", tuple(f"i{k}" for k in range(20)))
    for size, refused in ((15, False), (16, True)):
        sorts = ("row",) * size
        parts = (
            {"arrays": (Tensor("T", sorts),)},
            {"arrays": (Normal("z"), Function("F", sorts, ("z",)))},
            {"arrays": (Absolute("A", letters.letters[:size], "1"),)},
            {"laws": (Law("L", (Field("y", sorts),)),)},
            {"definitions": (Definition("Q", letters.letters[:size], "1"),)},
        )
        for part in parts:
            line = refusal(lambda part=part: Context((letters,), (N,), **part))
            assert ("indices" in line or "parameters" in line) == refused, (part, line)


def test_a_draw_with_many_fields_costs_more() -> None:
    def cost(count: int) -> int:
        law = Law("D", tuple(Field(f"f{k}") for k in range(count)))
        arrays = (Draws("Y", "D", "f0", "row"),)
        context = Context((Sort("row", "n", ("k", "h")),), (N,), laws=(law,), arrays=arrays)
        return spent(context, "E(Y[k]*Y[h])")

    assert cost(1000) - cost(10) > 900


def test_copies_of_a_long_polynomial_are_paid_for() -> None:
    """Each sum, sign, expectation or question for randomness went through all terms for nothing."""
    names = [f"a{k}" for k in range(30)]
    context = Context(
        arrays=tuple(map(Tensor, names)), definitions=(Definition("Q", (), "+".join(names)),)
    )
    for form in ("Q + 1", "-Q", "E(Q)"):
        once = form.replace("Q", "(Q)")
        twice = form.replace("Q", f"({once})")
        assert spent(context, twice) - spent(context, once) >= 30, form


def test_products_of_many_entries_are_paid_for_by_their_length() -> None:
    names = [f"a{k}" for k in range(20)]
    whole = "+".join(names)
    context = Context(
        arrays=(*map(Tensor, names), Tensor("x")),
        definitions=(Definition("Q", (), f"({whole})*x^16*x^16*x^16*x^16"),),
    )
    assert spent(context, "Q*Q") > 20 * 20 * 2 * (64 // 8)


def test_a_context_that_is_refused_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was read again for every step of its proof."""
    read: list[Context] = []

    def refuse(context: Context, fuel: Fuel) -> None:
        read.append(context)
        raise ProofError("no")

    monkeypatch.setattr(atoms, "Meaning", refuse)
    steps = tuple(statements.Step(f"s{k}", Claim((), ()), statements.Conclude()) for k in range(5))
    accepted, failed = examine(Proof("test", Context(), steps))
    assert (accepted, set(failed), len(read)) == ({}, {one.name for one in steps}, 1)


def test_the_closure_of_names_is_paid_for() -> None:
    """What a step rests on unfolds every definition, for each step anew."""
    chain = [Definition("c0", (), "1")]
    chain += [Definition(f"c{k}", (), f"c{k - 1}") for k in range(1, 100)]
    context = Context(definitions=tuple(chain))
    fuel = Fuel(10**6)
    steps = [
        statements.Step(f"s{k}", Claim((), ((Atom("a", "c99", "1"),),)), statements.Conclude())
        for k in (0, 1)
    ]
    checker = rules.Checker(context, fuel)
    checker.check(steps[0])
    before = fuel.units
    checker.check(steps[1])
    assert before - fuel.units >= 100


def test_a_division_by_what_is_not_positive_refutes_nothing() -> None:
    """The language divides by positive numbers only; elsewhere a statement says nothing."""
    context = Context(scalars=(Scalar("t"),))
    point = Point((Value("t", Fraction(-1)),))
    with pytest.raises(ProofError, match="division by a negative"):
        refute(context, Claim((), ((Atom("a", "1/t", "0", ">"),),)), point)


def at_outcomes(body: str, outcomes: tuple[Outcome, ...]) -> str:
    """What the kernel says to a law with the field y = body at these outcomes of c."""
    model = Model("D", (), outcomes, (Definition("y", (), body),))
    context = Context(
        laws=(Law("D", (Field("y"),)),),
        arrays=(Slot("y1", "D", "y", "one"), Tensor("t")),
        moments=(Atom("m", "E(y1)", "t"),),
        instances=(Point((Value("t", ZERO),), (model,)),),
    )
    return refusal(context, identity("t", "t"))


def test_a_power_of_an_outcome_is_not_taken_if_it_is_too_long() -> None:
    """The sum of two fractions of millions of digits was worked out for minutes."""
    body = "c"
    for _ in range(6):
        body = f"({body})^16"
    half = Fraction(1, 2)
    outcomes = tuple(
        Outcome(half, (Value("c", value),)) for value in (Fraction(3, 7), Fraction(5, 11))
    )
    line = at_outcomes(body, outcomes)
    assert line in ("a number of more than 20000 bits", OUT_OF_FUEL)


def test_weights_have_a_short_common_denominator() -> None:
    """Partial sums of fractions with different denominators grew with each one."""
    weights = [*(Fraction(1, 10**59 + 2 * k + 1) for k in range(3000)), Fraction(1, 2)]
    outcomes = tuple(Outcome(w, (Value("c", Fraction(k)),)) for k, w in enumerate(weights))
    assert at_outcomes("c", outcomes) == "a number of more than 20000 bits"
