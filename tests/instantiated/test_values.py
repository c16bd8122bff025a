"""Exact evaluation of index texts against the kernel's own direct evaluation and by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verifier.instantiated.evaluation import Numbers, substituted
from verifier.proof.context import Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.instances import evaluate

CONTEXT = Context(
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("t"),
    ),
    sorts=(Sort("example", "n", ("k", "h")), Sort("feature", "d", ("i", "j", "l", "i1"))),
    arrays=(Tensor("A", ("feature", "feature")), Tensor("B", ("feature", "feature"))),
    definitions=(Definition("tr", (), "sum[i](A[i,i])"),),
)
A = ((Fraction(1), Fraction(-2)), (Fraction(1, 3), Fraction(5)))
B = ((Fraction(0), Fraction(7, 2)), (Fraction(4), Fraction(-1)))
VALUES: dict[str, object] = {
    "n": Fraction(3),
    "d": Fraction(2),
    "t": Fraction(2, 5),
    "A": A,
    "B": B,
}
POINT = Point(tuple(Value(name, value) for name, value in VALUES.items()), ())  # type: ignore[arg-type]
NUMBERS = Numbers(CONTEXT, {"example": 3, "feature": 2}, VALUES)
TEXTS = (
    "sum[i,j,l](A[i,j]*B[j,l]*A[l,i])",
    "sum[i,j](A[i,j]*B[i,j]) - 3*sum[i](A[i,i])*tr/(n + t^2)",
    "sum[i](A[i,i]*(sum[i](B[i,i]) + A[i,i]))",
    "sum[k](1)*t + sum[k,i](A[i,i])",
    "sum[i,j](-(A[i,j] - delta[i,j])^2)",
    "sum[i,j,l,i1](delta[i,j]*delta[j,l]*A[l,i1]*B[i1,i])",
    "sum[i](sum[j](A[i,j]*sum[l](B[j,l]*A[l,i])))",
)


@pytest.mark.parametrize("text", TEXTS)
def test_numbers_are_those_of_the_kernel(text: str) -> None:
    assert NUMBERS.number(text) == evaluate(CONTEXT, POINT, CONTEXT.read(text))


@pytest.mark.parametrize(
    "text",
    [
        "A[i,i]*B[i,j] + t",
        "sum[l](A[i,l]*B[j,l])*A[j,i]",
        "A[j,i]",
        "sum[l](delta[i,l]*A[l,j])",
        "sum[l](A[l,i]*delta[l,j])",
        "sum[l](A[l,i]*B[l,j])",
    ],
)
def test_free_indices_are_the_axes(text: str) -> None:
    node, found = CONTEXT.read(text), NUMBERS.array(text, ("i", "j"))
    for i in (1, 2):
        for j in (1, 2):
            assert found[i - 1, j - 1] == evaluate(CONTEXT, POINT, node, {"i": i, "j": j})


def test_a_vector_becomes_its_coefficient() -> None:
    context = Context(
        scalars=CONTEXT.scalars,
        sorts=CONTEXT.sorts,
        arrays=(*CONTEXT.arrays, Tensor("v", ("feature",)), Tensor("w", ("feature",))),
    )
    node = substituted(context.read("2*sum[i,j](v[i]*A[j,i]*w[j])"), {"v": "l", "w": "i1"})
    found = Numbers(context, {"example": 3, "feature": 2}, VALUES).of_node(node, ("l", "i1"))
    assert [[found[i][j] for j in (0, 1)] for i in (0, 1)] == [
        [2 * A[j][i] for j in (0, 1)] for i in (0, 1)
    ]


def test_what_has_no_value_is_said() -> None:
    bare = Numbers(CONTEXT, {"example": 3, "feature": 2}, {"A": A})
    with pytest.raises(ValueError, match="B has no value here"):
        bare.number("sum[i](B[i,i])")
