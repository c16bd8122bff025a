"""Points for counterexamples satisfy what the context declares, and come simplest first."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.points import build_point, scalar_grid
from verifier.proof.context import Context, Definition, Equation, Scalar, Tensor
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning, evaluate

SQUARE = ("feature", "feature")
CONTEXT = Context(
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("s", Fraction(0), strict=True),
        Scalar("r"),
    ),
    sorts=(("example", "n"), ("feature", "d")),
    tensors=(
        Tensor("F", SQUARE),
        Tensor("Fi", SQUARE),
        Tensor("P", SQUARE),
        Tensor("K", SQUARE),
        Tensor("v", ("example",)),
    ),
    definitions=(Definition("S", ("i", "j"), "sum[k](F[i,k]*F[j,k])", sorts=SQUARE),),
    hypotheses=(Equation("optimal", "K[i,j]", "S[i,j] + s*delta[i,j]"),),
    inverses=(("F", "Fi"), ("P", "K")),
)


@given(st.integers(0, 10_000), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_hypotheses_and_inverses_hold_at_every_point(seed: int, which: int) -> None:
    grid = scalar_grid(CONTEXT)
    scalars = grid[which % len(grid)]
    point = build_point(CONTEXT, scalars, (Definition("r", (), "1/(s+1)"),), random.Random(seed))
    meaning = Meaning(CONTEXT)
    for zero in (
        "sum[i,j]((K[i,j] - S[i,j] - s*delta[i,j])^2)",
        "sum[i,j]((sum[k](P[i,k]*S[k,j]) + s*P[i,j] - delta[i,j])^2)",
        "(r*(s+1) - 1)^2",
    ):
        assert evaluate(meaning, zero, point.scalars, point.tensors) == 0


def test_the_grid_starts_with_the_smallest_sizes_and_respects_ranges() -> None:
    grid = scalar_grid(CONTEXT)
    assert grid[0] == {"n": 1, "d": 1, "s": 1, "r": 1}
    assert all(p["n"] >= 1 and p["d"] >= 1 and p["s"] > 0 for p in grid)
    sums = [sum(p.values()) for p in grid]
    assert sums == sorted(sums)


def test_of_equal_sums_the_cheaper_point_comes_first() -> None:
    """A longer context costs one entry of v, a larger dimension twelve entries of matrices."""
    order = [(p["n"], p["d"]) for p in scalar_grid(CONTEXT)]
    assert order.index((2, 1)) < order.index((1, 2))


def test_a_circular_filling_is_refused() -> None:
    circular = (Definition("v", ("i",), "v[i]"),)
    scalars = scalar_grid(CONTEXT)[0]
    with pytest.raises(ProofError, match="circular"):
        build_point(CONTEXT, scalars, circular, random.Random(0))


def test_a_singular_filling_of_an_invertible_matrix_is_refused() -> None:
    scalars = scalar_grid(CONTEXT)[0]
    with pytest.raises(ProofError, match="singular"):
        build_point(
            CONTEXT, scalars, (Definition("F", ("i", "j"), "0*delta[i,j]"),), random.Random(0)
        )


def test_what_a_hypothesis_defines_as_an_inverse_is_computed() -> None:
    """R = (S + s I)^-1 and u = 1/s, from the equations that say so."""
    context = Context(
        scalars=(
            Scalar("d", Fraction(1), integer=True),
            Scalar("s", Fraction(0), strict=True),
            Scalar("u", Fraction(0), strict=True),
        ),
        sorts=(("feature", "d"),),
        tensors=(Tensor("S", SQUARE), Tensor("R", SQUARE)),
        hypotheses=(
            Equation("resolvent", "sum[j](R[i,j]*(S[j,l] + s*delta[j,l]))", "delta[i,l]"),
            Equation("reciprocal", "u*s", "1"),
        ),
    )
    scalars = {"d": Fraction(2), "s": Fraction(5), "u": Fraction(1)}
    point = build_point(context, scalars, (), random.Random(3))
    meaning = Meaning(context)
    identity = "sum[i,l]((sum[j](R[i,j]*S[j,l]) + s*R[i,l] - delta[i,l])^2)"
    assert evaluate(meaning, identity, point.scalars, point.tensors) == 0
    assert point.scalars["u"] == Fraction(1, 5)
