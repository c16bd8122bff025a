"""NumPy's values of index texts are those of the kernel's direct evaluation."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.proof.context import Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.instances import World
from verifier.proof.syntax import free_indices
from verifier.prover.numerics.evaluation import Evaluation, fixed_arrays

SIZES = {"n": 3, "d": 2}
CONTEXT = Context(
    sorts=(Sort("row", "n", ("k", "h")), Sort("column", "d", ("i", "j", "l"))),
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("t"),
    ),
    arrays=(
        Tensor("X", ("row", "column")),
        Tensor("M", ("column", "column")),
        Tensor("v", ("column",)),
        Tensor("y", ("row",)),
    ),
    definitions=(
        Definition("N", ("j", "i"), "M[i,j] + v[i] + sum[l](M[j,l]*M[l,i])"),
        Definition("one", ("k",), "1"),
    ),
)
LETTERS = {"row": "kh", "column": "ijl"}
LEAVES = st.one_of(
    st.sampled_from(["2", "t", "n", "d"]),
    *(
        st.builds(
            lambda name, letters: f"{name}[{','.join(letters)}]",
            st.just(name),
            st.tuples(*(st.sampled_from(LETTERS[sort]) for sort in sorts)),
        )
        for name, sorts in (
            ("X", ("row", "column")),
            ("M", ("column", "column")),
            ("N", ("column", "column")),
            ("delta", ("column", "column")),
            ("delta", ("row", "row")),
            ("v", ("column",)),
            ("y", ("row",)),
            ("one", ("row",)),
        )
    ),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from("+-*"), inner)
    return st.one_of(
        pairs.map(lambda x: f"(({x[0]}) {x[1]} ({x[2]}))"),
        inner.map(lambda x: f"(0 - ({x}))^2"),
        inner.map(lambda x: f"(-({x}))/(n + 1)"),
        st.tuples(st.sampled_from(["k", "h", "i", "j", "l", "i,j", "k,l", "l,k,h"]), inner).map(
            lambda x: f"sum[{x[0]}]({x[1]})"
        ),
    )


def _world() -> World:
    numbers = iter(range(1, 100))

    def entries(*shape: int) -> object:
        if not shape:
            k = next(numbers)
            return Fraction((-1) ** k * (k % 5 + 1), k % 3 + 1)
        return tuple(entries(*shape[1:]) for _ in range(shape[0]))

    shapes = {"t": (), "X": (3, 2), "M": (2, 2), "v": (2,), "y": (3,)}
    values = [Value(name, Fraction(size)) for name, size in SIZES.items()]
    values += [Value(name, entries(*shape)) for name, shape in shapes.items()]  # type: ignore[arg-type]
    return World(CONTEXT, Point(tuple(values)))


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, _grown, max_leaves=8))
def test_evaluation_agrees_with_direct_evaluation(text: str) -> None:
    world = _world()
    node = world.context.read(text)
    free = free_indices(node)
    evaluation = Evaluation(CONTEXT, {"row": 3, "column": 2}, fixed_arrays(world))
    found = evaluation.text(text, free)[0]
    found = np.broadcast_to(found, evaluation.shape(free))
    for place in itertools.product(*(range(size) for size in found.shape)):
        at = {index: k + 1 for index, k in zip(free, place, strict=True)}
        exact = float(world.number(node, at))
        assert abs(found[place] - exact) <= 1e-9 * max(1.0, abs(exact))


def test_a_batch_has_a_value_for_each_of_its_points() -> None:
    world = _world()
    values = {**fixed_arrays(world), "t": np.array([1.0, 2.0, 5.0])}
    found = Evaluation(CONTEXT, {"row": 3, "column": 2}, values).text("t*v[i]", ("i",))
    assert np.array_equal(found, np.outer([1.0, 2.0, 5.0], fixed_arrays(world)["v"][0]))
