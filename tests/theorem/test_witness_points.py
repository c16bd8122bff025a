"""Points for counterexamples satisfy what the context declares, and come simplest first."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Field,
    Law,
    Model,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.instances import admissible, evaluate
from verifier.proof.syntax import ProofError
from verifier.theorem.registry import find
from verifier.theorem.witness_points import (
    STARTS,
    Start,
    build_point,
    scalars_of,
    smallest,
    starts,
    tensors_of,
)

SORTS = (Sort("example", "n", ("k",)), Sort("feature", "d", ("i", "j", "l")))
SQUARE = ("feature", "feature")
SIZES = (Scalar("n", Fraction(1), integer=True), Scalar("d", Fraction(1), integer=True))
CONTEXT = Context(
    SORTS,
    (*SIZES, Scalar("s", Fraction(0), strict=True), Scalar("r")),
    arrays=(
        *(Tensor(name, SQUARE) for name in ("F", "Fi", "P", "K")),
        Tensor("v", ("example",)),
    ),
    definitions=(Definition("S", ("i", "j"), "sum[l](F[i,l]*F[j,l])"),),
    given=(
        Atom("optimal", "K[i,j]", "S[i,j] + s*delta[i,j]"),
        Atom("right", "sum[j](F[i,j]*Fi[j,l])", "delta[i,l]"),
        Atom("left", "sum[j](Fi[i,j]*F[j,l])", "delta[i,l]"),
        Atom("precision", "sum[j](P[i,j]*K[j,l])", "delta[i,l]"),
    ),
)


@given(st.integers(0, 10_000), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_what_is_given_holds_at_every_point(seed: int, which: int) -> None:
    choices = starts(CONTEXT)
    filling = (Definition("r", (), "1/(s + 1)"),)
    point = build_point(CONTEXT, choices[which % len(choices)], filling, random.Random(seed))
    admissible(CONTEXT, point)
    assert evaluate(CONTEXT, point, CONTEXT.read("(r*(s + 1) - 1)^2")) == 0


def test_the_grid_starts_with_the_smallest_sizes_and_respects_ranges() -> None:
    grid = [start.scalars for start in starts(CONTEXT)]
    assert grid[0] == {"n": 1, "d": 1, "s": 1, "r": 1}
    assert all(p["n"] >= 1 and p["d"] >= 1 and p["s"] > 0 for p in grid)
    sums = [sum(p.values()) for p in grid]
    assert sums == sorted(sums)


def test_of_equal_sums_the_cheaper_point_comes_first() -> None:
    """A longer context costs one entry of v, a larger dimension twelve entries of matrices."""
    order = [(start.scalars["n"], start.scalars["d"]) for start in starts(CONTEXT)]
    assert order.index((2, 1)) < order.index((1, 2))


@pytest.mark.parametrize(
    ("filling", "reason"),
    [
        (Definition("v", ("k",), "v[k]"), "circular"),
        (Definition("F", ("i", "j"), "0*delta[i,j]"), "singular"),
        (Definition("v", ("i",), "1"), "does not fit"),
        (Definition("v", ("k",), "unknown"), "no value"),
    ],
)
def test_fillings_that_do_not_fit_are_refused(filling: Definition, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        build_point(CONTEXT, starts(CONTEXT)[0], (filling,), random.Random(0))


def test_what_is_given_as_an_inverse_is_computed() -> None:
    """R = (S + s I)^-1 and u = 1/s, from the equations that say so."""
    context = Context(
        SORTS[1:],
        (SIZES[1], Scalar("s", Fraction(0), strict=True), Scalar("u", Fraction(0), strict=True)),
        arrays=(Tensor("S", SQUARE), Tensor("R", SQUARE)),
        given=(
            Atom("resolvent", "sum[j](R[i,j]*(S[j,l] + s*delta[j,l]))", "delta[i,l]"),
            Atom("reciprocal", "u*s", "1"),
        ),
    )
    start = Start({"d": Fraction(2), "s": Fraction(5), "u": Fraction(1)})
    point = build_point(context, start, (), random.Random(3))
    admissible(context, point)
    assert scalars_of(context, point)["u"] == Fraction(1, 5)


def test_laws_have_the_models_of_instances_and_their_moments() -> None:
    """E x^2 = 4 at the only instance; other sizes keep model and moment, tensors are drawn."""
    model = Model("D", (Tensor("z"),), (), (Definition("x", (), "2*z"),))
    values = (*(Value(name, Fraction(1)) for name in "nd"), Definition("m", (), "2^2"))
    context = Context(
        SORTS,
        (*SIZES, Scalar("m", Fraction(0))),
        laws=(Law("D", (Field("x"),)),),
        arrays=(Slot("xq", "D", "x", "q"), Tensor("v", ("example",))),
        moments=(Atom("second", "E(xq^2)", "m"),),
        instances=(Point((*values, Definition("v", ("k",), "7")), (model,)),),
    )
    found = starts(context)
    assert {start.scalars["n"] for start in found} == {1, 2}
    for start in found:
        point = build_point(context, start, (), random.Random(1))
        admissible(context, point)
        assert scalars_of(context, point)["m"] == 4
        assert len(tensors_of(context, point)["v"]) == start.scalars["n"]  # type: ignore[arg-type]


def test_a_filling_with_letters_of_another_context_does_not_fit() -> None:
    """As for heads where there is one: the search goes on with other points."""
    context = find("theorem1").derive({}).proofs[0].context
    filling = (Definition("hx", ("mh", "i"), "0"),)
    with pytest.raises(ProofError, match="does not fit"):
        build_point(context, starts(context)[0], filling, random.Random(0))


INCREASING = st.lists(st.fractions(-3, 3, max_denominator=3), min_size=1, max_size=4, unique=True)


@given(st.lists(INCREASING.map(sorted), max_size=4))
def test_the_smallest_come_first_and_all_come(ranges: list[list[Fraction]]) -> None:
    found = [values for _, values in smallest(ranges)]
    assert found == sorted(itertools.product(*ranges), key=lambda p: (sum(p), p))


def test_of_many_scalars_only_so_many_starts_are_made() -> None:
    """Twelve: 5^12 combinations were made and sorted, a minute before the first was tried."""
    context = Context(scalars=tuple(Scalar(f"u{k}", Fraction(0)) for k in range(12)))
    found = starts(context)
    assert len(found) == STARTS
    assert set(found[0].scalars.values()) == {0}
