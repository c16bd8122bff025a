"""A best readout is given by its normal equations: a `given` equation, and no rule of its own.

For any law of (phi, yq) and any P with E((yq - P.phi) phi) = 0, every B has the loss of P and the
mean square of (B - P).phi above it. Nothing is computed: D is any law, phi and y any fields.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q

import pytest
from steps import FEATURES, SIZES, refusal

from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Field,
    Law,
    Model,
    Outcome,
    Point,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import Attained, By, Claim, Conclude, Minimum, Null, Square, Step

BEST = Atom("best", "E((yq - sum[j](P[j]*phi[j]))*phi[i])")
LOSS, VALUE = "E((yq - sum[j](B[j]*phi[j]))^2)", "E((yq - sum[j](P[j]*phi[j]))^2)"
GAP = "sum[j]((B[j] - P[j])*phi[j])"
COMBINATION = "-2*sum[j]((B[j] - P[j])*best[j])"


def point(size: int) -> Point:
    """phi uniform on the unit vectors and y = 3 where phi = e_1, else 1: P = (3, 1, ..., 1)."""
    axes = [tuple(Q(i == k) for i in range(size)) for k in range(size)]
    outcomes = tuple(
        Outcome(Q(1, size), (Value("axis", axis), Value("reply", Q(1 if k else 3))))
        for k, axis in enumerate(axes)
    )
    fields = (Definition("phi", ("i",), "axis[i]"), Definition("y", (), "reply"))
    best = tuple(Q(1 if k else 3) for k in range(size))
    values = (Value("d", Q(size)), Value("P", best), Value("B", best))
    return Point(values, (Model("D", (), outcomes, fields),))


SETTING = Context(
    (FEATURES,),
    SIZES[1:],
    laws=(Law("D", (Field("phi", ("feature",)), Field("y"))),),
    arrays=(
        Slot("phi", "D", "phi", "q"),
        Slot("yq", "D", "y", "q"),
        Tensor("P", ("feature",)),
        Tensor("B", ("feature",)),
    ),
    given=(BEST,),
    instances=(point(1), point(2)),
)
BOUND = Atom("least", LOSS, VALUE, ">=")
ATTAINS = Atom("attains", LOSS, VALUE)
EQUAL = Atom("equal", GAP)


def steps(combination: str = COMBINATION) -> tuple[Step, ...]:
    squares = (Square("1", GAP, "gap"),)
    return (
        Step(
            "bound",
            Claim((), ((BOUND,),)),
            Conclude(0, {"least": By(combination, squares=squares)}),
        ),
        Step(
            "equality",
            Claim((ATTAINS,), ((EQUAL,),)),
            Null(
                squares,
                By(f"attains - ({combination})"),
                Conclude(0, {"equal": By("gap")}),
            ),
        ),
        Step(
            "converse",
            Claim((EQUAL,), ((ATTAINS,),)),
            Conclude(0, {"attains": By(f"E(equal*({GAP})) + {combination}")}),
        ),
        Step(
            "minimum",
            Minimum(LOSS, VALUE, ("B",), ((EQUAL,),)),
            Attained(0, (Definition("B", ("i",), "P[i]"),)),
            ("bound", "equality", "converse"),
        ),
    )


def test_the_normal_equations_give_the_minimum() -> None:
    assert refusal(SETTING, *steps()) == ""


@pytest.mark.parametrize("combination", ["0", COMBINATION.replace("-2", "2")])
def test_without_the_normal_equations_there_is_none(combination: str) -> None:
    assert "differ" in refusal(SETTING, *steps(combination))


def test_what_is_no_solution_is_refused_as_an_instance() -> None:
    false = Atom("best", "E((yq - 2*sum[j](P[j]*phi[j]))*phi[i])")
    assert "does not satisfy 'best'" in refusal(replace(SETTING, given=(false,)))
