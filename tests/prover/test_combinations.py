"""Combinations are found again, the checker accepts them, and what does not follow is not found."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.proof.context import Atom, Context, Definition, Scalar, Sort, Tensor
from verifier.proof.rules import Checker
from verifier.proof.statements import By, Claim, Conclude, Step
from verifier.prover.search.budget import Budget, BudgetSpent
from verifier.prover.search.combinations import Combinations

F, R = "feature", "row"
CONTEXT = Context(
    sorts=(Sort(F, "d", tuple("ijlmpquv")), Sort(R, "n", ("k", "h", "g"))),
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("z", Fraction(0)),
        Scalar("r"),
    ),
    arrays=(
        *(Tensor(name, (F, F)) for name in ("A", "B", "C", "D")),
        *(Tensor(name, (F,)) for name in ("a", "c", "x", "y")),
        Tensor("b"),
        Tensor("M", (R, F)),
    ),
    definitions=(Definition("eta", (), "1/(n+d+z)"),),
)
# Pieces of what may be found: each an equation times letters, as text in the residual's left side.
KNOWN = (
    Atom("one", "A[i,j] - eta*B[j,i]"),
    Atom("two", "a[i]*b", "c[i]"),
    Atom("three", "sum[k](M[k,i]*M[k,j])", "C[i,j]"),
)
PIECES = {
    "one": ("({})", "A[i,j] - eta*B[j,i]"),
    "one turned": ("({})", "A[j,i] - eta*B[i,j]"),
    "one traced": ("delta[i,j]*sum[p](({}))", "A[p,p] - eta*B[p,p]"),
    "one times D": ("sum[p](D[i,p]*({}))", "A[p,j] - eta*B[j,p]"),
    "two times x": ("x[j]*({})", "a[i]*b - c[i]"),
    "two with D": ("D[i,j]*sum[p](x[p]*({}))", "a[p]*b - c[p]"),
    "three": ("({})", "sum[k](M[k,i]*M[k,j]) - C[i,j]"),
    "three times D": ("sum[p](({})*D[j,p])", "sum[k](M[k,i]*M[k,p]) - C[i,p]"),
}
FACTORS = ("1", "2", "-3", "n", "d*z", "(n+1)/2", "1/(n+z)", "r", "eta")
TERMS = st.lists(
    st.tuples(st.sampled_from(sorted(PIECES)), st.sampled_from(FACTORS)), min_size=1, max_size=4
)


def combined(terms: list[tuple[str, str]]) -> str:
    """The sum of pieces times factors, as text."""
    parts = []
    for name, factor in terms:
        pattern, residual = PIECES[name]
        parts.append(f"({factor})*({pattern.format(residual)})")
    return " + ".join(parts)


def accept(goal: Atom, by: By, known: tuple[Atom, ...] = KNOWN, context: Context = CONTEXT) -> None:
    """ProofError unless the checker accepts the goal."""
    Checker(context).check(Step("goal", Claim(known, ((goal,),)), Conclude(0, {"goal": by})))


@given(TERMS)
@settings(max_examples=60, deadline=None)
def test_combinations_are_found_again(terms: list[tuple[str, str]]) -> None:
    goal = Atom("goal", combined(terms))
    by = Combinations(CONTEXT).find(goal, KNOWN, ("x", "D"), 2)
    assert by is not None
    accept(goal, by)


@given(TERMS, st.sampled_from(["x[i]*y[j]", "a[i]*c[j]", "eta*A[i,j]", "delta[i,j]", "r*C[j,i]"]))
@settings(max_examples=60, deadline=None)
def test_perturbed_goals_are_not_found(terms: list[tuple[str, str]], more: str) -> None:
    goal = Atom("goal", f"{combined(terms)} + {more}")
    assert Combinations(CONTEXT).find(goal, KNOWN, ("x", "D"), 2) is None


@pytest.mark.parametrize(
    ("left", "known"),
    [
        ("b", ["b*c[j]"]),
        ("a[i]", ["A[i,j]*a[l]"]),
        ("A[i,j]", ["A[i,j] + A[j,i]"]),
        ("A[i,j]*a[l]", ["A[i,j]*a[l] + A[l,j]*a[i]"]),
        ("A[i,j]", ["sum[p](A[i,p]*B[p,j])"]),
        ("x[i]", ["r*x[i]"]),  # r may be 0
        ("x[i]", ["z*x[i]"]),  # and so may z
        ("x[i]", ["(n-1)*x[i]"]),
        ("1", ["(d-1)*z"]),
    ],
)
def test_false_goals_are_not_found(left: str, known: list[str]) -> None:
    equations = [Atom(f"known{k}", text) for k, text in enumerate(known)]
    goal = Atom("goal", left)
    assert Combinations(CONTEXT).find(goal, equations, ("A", "a", "b", "c", "x"), 2) is None


def test_the_multiplier_is_positive() -> None:
    # (n + z) x = 0 gives x = 0 although (n - 1) x = 0 stands before it; -x = 0 does as well.
    known = (Atom("weak", "(n-1)*x[i]"), Atom("strong", "(n+z)*x[i]"))
    goal = Atom("goal", "x[i]")
    by = Combinations(CONTEXT).find(goal, known, (), 0)
    assert by == By("strong[i]", "(n + z)")
    accept(goal, by, known)
    minus = (Atom("minus", "-(n*x[i])"),)
    by = Combinations(CONTEXT).find(goal, minus, (), 0)
    assert by is not None
    accept(goal, by, minus)


def test_polynomials_without_a_common_zero_do_together() -> None:
    # z x = 0 alone does not do, nor does (1 - z) x; their sum does.
    known = (Atom("one", "z*x[i]"), Atom("two", "(1-z)*x[i]"))
    goal = Atom("goal", "x[i]")
    by = Combinations(CONTEXT).find(goal, known, (), 0)
    assert by is not None
    accept(goal, by, known)


def test_rank_one_and_the_identity() -> None:
    # c a' = eta I has rank one: |c|^2 |a|^2 = (a'c)^2 in every dimension, so d (d - 1) eta^2 = 0.
    rank = Atom("rank", "c[i]*a[j]", "eta*delta[i,j]")
    search = Combinations(CONTEXT)
    assert search.find(Atom("goal", "1"), (rank,), ("a", "c"), 2) is None
    by = search.find(Atom("goal", "d^2", "d"), (rank,), ("a", "c"), 2)
    assert by is not None
    accept(Atom("goal", "d^2", "d"), by, (rank,))


def test_a_lower_degree_is_preferred() -> None:
    known = (Atom("product", "A[i,j]*a[l]"), Atom("zero", "a[i]"))
    by = Combinations(CONTEXT).find(Atom("goal", "A[i,j]*a[l]"), known, ("A",), 1)
    assert by == By("product[i,j,l]")


def test_definitions_may_be_multiplied_with() -> None:
    gram = Definition("S", ("i", "j"), "sum[k](M[k,i]*M[k,j]) + delta[i,j]")
    context = Context(CONTEXT.sorts, CONTEXT.scalars, arrays=CONTEXT.arrays, definitions=(gram,))
    known = (Atom("known", "A[i,j]", "B[i,j]"),)
    goal = Atom("goal", "sum[p](S[i,p]*A[p,j])", "sum[p](S[i,p]*B[p,j])")
    assert Combinations(context).find(goal, known, (), 1) is None
    by = Combinations(context).find(goal, known, ("S",), 1)
    assert by is not None
    accept(goal, by, known, context)


def test_the_budget_is_counted() -> None:
    said: list[str] = []
    budget = Budget(30, said.append)
    goal = Atom("goal", "x[i]*y[j]")
    with pytest.raises(BudgetSpent, match="31 products tried"):
        Combinations(CONTEXT, budget).find(goal, KNOWN, ("A", "D", "x"), 2)
