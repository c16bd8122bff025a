"""Every index of a statement has a range, and one range only."""

from __future__ import annotations

from fractions import Fraction

import pytest
from verifier.proof.checker import Proof, Step, check, examine
from verifier.proof.counterexample import Counterexample, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.sorts import Sorts, check_statement, check_system
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

from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor

CONTEXT = Context(
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("t"),
    ),
    sorts=(("row", "n"), ("column", "d")),
    tensors=(
        Tensor("X", ("row", "column")),
        Tensor("u", ("row",)),
        Tensor("v", ("column",)),
        Tensor("w", ("column",)),
    ),
    laws=(Law("normal", ("w",)),),
    definitions=(
        Definition("same", ("i", "j"), "delta[i,j]"),
        Definition("Xv", ("k",), "sum[i](X[k,i]*v[i])"),
        Definition("twice", ("j",), "sum[i](delta[i,j]*2)"),
        Definition("one", ("i",), "delta[i,i]", sorts=("row",)),
        Definition("entry", ("i", "j"), "X[i,j]", sorts=("row", "column")),
    ),
)
DELTA_ONE = Equation("g", "delta[i,j]", "1")


def test_sorts_are_those_of_the_tensors_that_carry_an_index() -> None:
    sorts = Sorts(CONTEXT)
    assert sorts.free("u[i]*v[j]") == {"i": "row", "j": "column"}
    assert sorts.free("delta[i,j] + 0*u[i]") == {"i": "row", "j": "row"}
    assert sorts.free("same[i,j]", "u[j]") == {"i": "row", "j": "row"}
    assert sorts.free("twice[k]*v[k]") == {"k": "column"}
    assert sorts.free("Xv[i]*sum[i](v[i])") == {"i": "row"}
    assert sorts.free("E(entry[a,b]*w[b])") == {"a": "row", "b": "column"}
    assert sorts.free("n + d*t") == {}
    assert sorts.free("u[j]*delta[i,j]") == {"j": "row", "i": "row"}
    assert sorts.free("u[i]*delta[i,j]") == {"i": "row", "j": "row"}
    assert sorts.free("one[i]") == {"i": "row"}
    assert list(sorts.free("v[j]", "u[i]")) == ["j", "i"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("delta[i,j]", "no tensor carries the index 'i'"),
        ("same[i,j]", "no tensor carries"),
        ("twice[i]", "no tensor carries"),
        ("u[i] + delta[j,k]", "no tensor carries the index 'j'"),
        ("sum[i](u[i])*delta[i,i]", "no tensor carries the index 'i'"),
        ("sum[i](1)", "a sum runs over an index that no tensor"),
        ("sum[i,j](delta[i,j])", "a sum runs over an index that no tensor"),
        ("u[i]*v[i]", "both as column and as row"),
        ("u[i]*delta[i,j]*v[j]", "both as column and as row"),
        ("u[i]*v[j]*delta[i,j]", "different sorts"),
        ("u[i]*v[j]*same[i,k]*same[k,j]", "different sorts"),
        ("Xv[i]*v[i]", "both as column and as row"),
        ("sum[i](X[i,i])", "both as column and as row"),
        ("nothing", "'nothing' is not declared"),
        ("nothing[i]", "'nothing' is not declared"),
        ("u", "takes 1 indices, not 0"),
        ("u[i,j]", "takes 1 indices, not 2"),
        ("n[i]", "takes 0 indices, not 1"),
        ("delta[i]", "takes 2 indices, not 1"),
        ("Xv[i,j]", "takes 1 indices, not 2"),
    ],
)
def test_indices_without_one_range_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        Sorts(CONTEXT).free(text)


UNSORTED: list[Statement] = [
    Identity("delta[i,j]", "delta[j,i]"),
    Identity("t", "t", (DELTA_ONE,)),
    Identity("t", "t", (Equation("g", "u[i]", "v[i]"),)),
    Identity("t", "t", (Equation("a b", "t", "0"),)),
    Identity("t", "t", (Equation("sum", "t", "0"),)),
    Identity("t", "t", (Equation("", "t", "0"),)),
    Identity("t", "t", (Equation("g[i]", "t", "0"),)),
    Sign("1 + u[i] - u[i]", True),
    Bound("t^2 + delta[i,i] - 1", "0", (Square("1", "t", True),)),
    Bound("t^2", "0*u[i]", (Square("1", "t", True),)),
    Bound("t^2", "0", (Square("1 + 0*u[i]", "t", True),)),
    Bound("t^2", "0", (Square("1", "t*delta[i,j]", True),)),
    Implication((DELTA_ONE,), ((Equation("c", "t", "t"),),)),
    Implication((), ((Equation("c", "delta[i,i]", "1"),),)),
    Minimum("t^2 + 0*u[i]", "0", ("t",), ((Equation("c", "t", "0"),),)),
    Minimum("t^2", "0*u[i]", ("t",), ((Equation("c", "t", "0"),),)),
    Minimum("t^2", "0", ("t",), ((Equation("c", "t*delta[i,j]", "0"),),)),
    AtMinimum("t^2 + 0*u[i]", ("t",), (Equation("c", "t", "0"),)),
    AtMinimum("t^2", ("t",), (DELTA_ONE,)),
]


@pytest.mark.parametrize("statement", UNSORTED, ids=str)
def test_statements_with_an_index_without_a_range_are_refused(statement: Statement) -> None:
    with pytest.raises(ProofError):
        check_statement(Sorts(CONTEXT), statement)
    _, failed = examine(Proof("p", CONTEXT, (Step("s", "identity", statement, {}),)))
    assert "no rule" not in failed["s"]
    one, entry = Fraction(1), (Fraction(0),)
    point = Counterexample({"n": one, "d": one, "t": one}, {"X": (entry,), "u": entry, "v": entry})
    with pytest.raises(ProofError) as refused:
        Refuter(CONTEXT).refute(statement, point)
    assert str(refused.value) == failed["s"]


def test_an_equation_between_deltas_has_no_place_to_hold() -> None:
    """delta[i,j] = 1 over the columns says d = 1; used over the rows it would say n = 1."""
    given = Equation("g", "delta[i,j] + 0*v[i]*v[j]", "1")
    wrong = Implication((given,), ((Equation("c", "n", "1"),),))
    tree = {
        "node": "derive",
        "equation": {"name": "e", "left": "delta[i,j]", "right": "1"},
        "by": {"combination": "g[i,j]"},
        "then": {
            "node": "conclude",
            "system": 0,
            "by": {"c": {"times": "n", "combination": "0 - sum[i,j](e[i,j]*(1 + 0*u[i]*u[j]))"}},
        },
    }
    with pytest.raises(ProofError, match="no tensor carries"):
        check(Proof("p", CONTEXT, (Step("s", "cases", wrong, tree),)))
    combination = "0 - sum[i,j](g[i,j]*(1 + 0*u[i]*u[j]))"
    over_rows = Identity("n", "1", (given,))
    step = Step("s", "identity", over_rows, {"times": "n", "combination": combination})
    with pytest.raises(ProofError, match="both as"):
        check(Proof("p", CONTEXT, (step,)))
    columns = {"times": "d", "combination": "0 - sum[i,j](g[i,j]*(1 + 0*v[i]*v[j]))"}
    check(Proof("p", CONTEXT, (Step("s", "identity", Identity("d", "1", (given,)), columns),)))


def test_hypotheses_without_a_range_are_refused() -> None:
    where = Context(CONTEXT.scalars, CONTEXT.sorts, CONTEXT.tensors, hypotheses=(DELTA_ONE,))
    with pytest.raises(ProofError, match="no tensor carries"):
        check_system(Sorts(where), where.hypotheses)
    _, failed = examine(Proof("p", where, (Step("s", "identity", Identity("t", "t"), {}),)))
    assert "no tensor carries" in failed["s"]
    with pytest.raises(ProofError, match="no tensor carries"):
        Refuter(where)


@pytest.mark.parametrize("sort", ["", "sum", "d)\x1b[2J", "x[i]", "a  b", " a", "a\nb", "\u00e9"])
def test_sorts_have_names_of_one_or_more_words(sort: str) -> None:
    Context(scalars=(), sorts=(("hidden unit", ""),))
    with pytest.raises(ProofError, match="not a usable name"):
        Context(scalars=(), sorts=((sort, ""),))
