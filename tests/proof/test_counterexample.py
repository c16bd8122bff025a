"""Counterexamples: accepted exactly where the statement is false at the point."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from verifier.proof.checker import Checked, Step
from verifier.proof.context import Context, Equation, Law, Model, Scalar, Tensor
from verifier.proof.counterexample import Counterexample, Refutation, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Square,
    Statement,
)

ONE = Fraction(1)
CONTEXT = Context(
    scalars=(Scalar("n", ONE, integer=True), Scalar("t")),
    sorts=(("row", "n"), ("unsized", "")),
    tensors=(Tensor("b", ()), Tensor("u", ("row",)), Tensor("M", ("row", "row")), Tensor("x", ())),
    laws=(Law("normal", ("x",)),),
)
B_ZERO, U_ZERO = Equation("b0", "b", "0"), Equation("u0", "u[i]", "0")
T_ZERO = Equation("t0", "t", "0")
LOSS = "E((b*x)^2) + 3"
LEAST = Minimum(LOSS, "3", ("b",), ((B_ZERO,),))


def point(b: int = 0, t: int = 0, u: tuple[int, ...] = (0, 0)) -> Counterexample:
    n = len(u)
    matrix = tuple(tuple(Fraction(i + 2 * j) for j in range(n)) for i in range(n))
    return Counterexample(
        {"n": Fraction(n), "t": Fraction(t)},
        {"b": Fraction(b), "u": tuple(map(Fraction, u)), "M": matrix},
    )


def refute(statement: Statement, at: Counterexample) -> Refutation:
    return Refuter(CONTEXT).refute(statement, at)


FALSE: list[tuple[Statement, Counterexample, str, int, int]] = [
    (Identity("b", "t"), point(3, 1), "differ", 4, 0),
    (Identity("u[i]", "t"), point(u=(1, 2)), "differ", 5, 0),
    (Identity("M[i,j]", "M[j,i]"), point(), "differ", 2, 0),
    (Identity("u[i]*u[j]", "delta[i,j]"), point(u=(1, 2)), "differ", 17, 0),
    (Identity("b*x", "0"), point(2), "differ", 4, 0),
    (Identity("u[i]*x", "x"), point(u=(2, 3)), "differ", 5, 0),
    (Identity("b", "1", (T_ZERO,)), point(0, 0), "differ", 1, 0),
    (Sign("t", False), point(t=-2), "sign", -2, 0),
    (Sign("t", True), point(t=-2), "sign", -2, 0),
    (Sign("t", True), point(t=0), "sign", 0, 0),
    (Bound("t", "1", ()), point(t=0), "below", 0, 1),
    (Bound("t^2", "0", (Square("2", "t", True),)), point(t=3), "another number", 9, 18),
    (
        Bound("t^2", "0", (Square("1", "u[i]", True),)),
        point(t=3, u=(1, 1)),
        "another number",
        9,
        2,
    ),
    (Implication((T_ZERO,), ((B_ZERO,), (U_ZERO,))), point(1, 0, (0, 1)), "no conclusion", 0, 0),
    (Implication((), ()), point(), "no conclusion", 0, 0),
    (Minimum(LOSS, "4", ("b",), ((B_ZERO,),)), point(), "lower loss", 3, 4),
    (Minimum(LOSS, "3", ("b",), ((U_ZERO,),)), point(2), "higher loss", 7, 3),
    (Minimum(LOSS, "3", ("b",), ((B_ZERO, T_ZERO),)), point(0, 1), "not listed", 3, 3),
]


@pytest.mark.parametrize(("statement", "at", "why", "found", "claimed"), FALSE)
def test_false_statements_are_refuted_with_their_numbers(
    statement: Statement, at: Counterexample, why: str, found: int, claimed: int
) -> None:
    refutation = refute(statement, at)
    assert why in refutation.reason
    assert (refutation.found, refutation.claimed) == (found, claimed)
    assert (refutation.statement, refutation.point) == (statement, at)


TRUE_HERE: list[tuple[Statement, Counterexample]] = [
    (Identity("b", "t"), point(1, 1)),
    (Identity("u[i]", "1"), point(u=(1, 1))),
    (Identity("E(x^2)", "1"), point()),
    (Identity("b", "1", (T_ZERO,)), point(0, 2)),
    (Sign("t", False), point(t=0)),
    (Sign("t", True), point(t=1)),
    (Bound("t^2", "0", (Square("1", "t", True),)), point(t=3)),
    (Implication((T_ZERO,), ((B_ZERO,), (U_ZERO,))), point(1, 0)),
    (Implication((T_ZERO,), ((B_ZERO,), (U_ZERO,))), point(0, 0, (1, 2))),
    (Implication((T_ZERO,), ()), point(t=1)),
    (LEAST, point(0)),
    (LEAST, point(2)),
    (Minimum(LOSS, "1", ("b",), ((B_ZERO,),)), point(2)),
]


@pytest.mark.parametrize(("statement", "at"), TRUE_HERE)
def test_points_at_which_a_statement_holds_are_refused(
    statement: Statement, at: Counterexample
) -> None:
    with pytest.raises(ProofError, match="true at these values"):
        refute(statement, at)


def test_what_holds_at_a_minimum_is_refuted_at_a_proved_minimiser_only() -> None:
    known = Checked(Step("m", "minimum", LEAST, {}), frozenset(), CONTEXT)
    false = AtMinimum(LOSS, ("b",), (Equation("c", "b", "t"), Equation("e", "2*b", "2*t")))
    refutation = Refuter(CONTEXT, known).refute(false, point(0, 1))
    assert (refutation.found, refutation.claimed) == (5, 0)
    for at in (point(0, 0), point(1, 0), point(1, 1)):
        with pytest.raises(ProofError, match="true at these values"):
            Refuter(CONTEXT, known).refute(false, at)
    bound = Checked(Step("b", "squares", Bound(LOSS, "3", ()), {}), frozenset(), CONTEXT)
    for refuter, statement in (
        (Refuter(CONTEXT), false),
        (Refuter(CONTEXT, bound), false),
        (Refuter(CONTEXT, known), AtMinimum("b", ("b",), false.conclude)),
        (Refuter(CONTEXT, known), AtMinimum(LOSS, (), false.conclude)),
    ):
        with pytest.raises(ProofError, match="no proved minimum"):
            refuter.refute(statement, point(0, 1))


def test_tensors_of_unsized_sorts_have_no_values() -> None:
    context = Context(
        scalars=(), sorts=(("p", ""),), tensors=(Tensor("v", ("p",)), Tensor("x", ("p",)))
    )
    for tensors in ({}, {"v": (ONE,), "x": (ONE,)}):
        with pytest.raises(ProofError):
            Refuter(context).refute(Identity("v[i]", "x[i]"), Counterexample({}, tensors))


def test_an_index_of_no_known_sort_has_no_values() -> None:
    with pytest.raises(ProofError, match="no tensor"):
        refute(Identity("delta[i,j]", "1"), point())


def test_free_moments_must_be_those_of_a_model() -> None:
    """E z^2 = 2 E z^2 is false for signs; a point with other moments refutes nothing."""
    context = Context(
        scalars=(Scalar("m2", Fraction(0)), Scalar("m4", Fraction(0))),
        sorts=(),
        tensors=(Tensor("z", ()),),
        laws=(Law("joint", ("z",), moments=(((2,), "m2"), ((4,), "m4"))),),
        models=(
            Model("unknown fourth moment", (("m2", "3"),)),
            Model("signs", (("m2", "1"), ("m4", "1"))),
            Model("standard normal", (("m2", "1"), ("m4", "3*m2^2"))),
        ),
    )
    refuter = Refuter(context)
    false = Identity("E(z^2)", "2*m2")

    def at(m2: int, m4: int) -> Counterexample:
        return Counterexample({"m2": Fraction(m2), "m4": Fraction(m4)}, {})

    for good in (at(1, 1), at(1, 3)):
        assert refuter.refute(false, good).found == 1
    for bad in (at(1, 2), at(3, 9), at(2, 1)):
        with pytest.raises(ProofError, match="those of a law"):
            refuter.refute(false, bad)


def test_a_table_without_meaning_is_refused_every_time() -> None:
    """A variance that may be negative: E y^2 >= 0 must not be refuted at the second attempt."""
    where = Context(
        scalars=(Scalar("p"),),
        sorts=(),
        tensors=(Tensor("y", ()),),
        laws=(Law("normal", ("y",), "p"),),
    )
    refuter = Refuter(where)
    for _ in range(3):
        with pytest.raises(ProofError, match="not shown to be non-negative"):
            refuter.refute(Sign("E(y^2)", False), Counterexample({"p": Fraction(-1)}, {}))


def test_a_minimum_of_another_context_is_refused() -> None:
    known = Checked(
        Step("m", "minimum", LEAST, {}), frozenset(), replace(CONTEXT, assumptions=("x",))
    )
    with pytest.raises(ProofError, match="another context"):
        Refuter(CONTEXT, known)


RANGES = Context(
    scalars=(
        Scalar("n", ONE, integer=True),
        Scalar("d", ONE, integer=True),
        Scalar("p", ONE, strict=True),
        Scalar("t"),
    ),
    sorts=(("row", "n"), ("column", "d"), ("endless", "")),
    tensors=(Tensor("X", ("row", "column")), Tensor("z", ("endless",))),
    laws=(Law("normal", ("z",)),),
    hypotheses=(Equation("square", "t^2", "p"),),
)
WRONG = Identity("t", "p")


def within(p: str = "4", t: str = "2", n: str = "2", rows: object = None) -> Counterexample:
    scalars = {"n": Fraction(n), "d": ONE, "p": Fraction(p), "t": Fraction(t)}
    given = ((ONE,), (ONE,)) if rows is None else rows
    return Counterexample(scalars, {"X": given})  # type: ignore[dict-item]


def test_values_in_their_ranges_refute() -> None:
    assert Refuter(RANGES).refute(WRONG, within()).found == 4
    assert Refuter(RANGES).refute(WRONG, within("9/4", "3/2")).found == Fraction(9, 16)
    assert Refuter(RANGES).refute(Sign("t", False), within("9/4", "-3/2")).found == Fraction(-3, 2)
    assert Refuter(RANGES).refute(Sign("t + 1", False), within("9/4", "-3/2")).found == -Fraction(
        1, 2
    )


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (within("1", "1"), "'p' = 1 is outside its range"),
        (within("1/4", "1/2"), "'p' = 1/4 is outside its range"),
        (within("4", "1"), "do not satisfy the hypotheses"),
        (within("4", "2", "3/2"), "'n' must be an integer"),
        (within("4", "2", "0", ()), "'n' = 0 is outside its range"),
        (within(rows=((ONE, ONE),)), "no exact value of shape"),
        (within(rows=((ONE,), (ONE, ONE))), "no exact value of shape"),
        (within(rows=((ONE,), (1,))), "no exact value of shape"),
        (within(rows=((ONE,),)), "no exact value of shape"),
    ],
)
def test_values_out_of_their_ranges_refute_nothing(point: Counterexample, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        Refuter(RANGES).refute(WRONG, point)


def test_an_index_without_a_declared_size_has_no_values() -> None:
    with pytest.raises(ProofError, match="without a declared size has no values"):
        Refuter(RANGES).refute(Identity("E(z[i]*z[j])", "0"), within())


def test_a_bound_that_is_attained_with_squares_left_over_is_refuted() -> None:
    bound = Bound("t", "p - 2", (Square("1", "t", True),))
    refutation = Refuter(RANGES).refute(bound, within())
    assert (refutation.found, refutation.claimed) == (2, 6)
