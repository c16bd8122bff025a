"""Each index stands inside its own quantifier: premises, conclusions, systems, hypotheses.

The statement of the tests is true as a whole and false entry by entry: from P[i,j] = r delta[i,j]
for all i, j follows P[k,k] P[l,l] = r^2 for all k, l, but from one entry follows nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from verifier.proof import statements
from verifier.proof.context import Atom, Context, Point, Scalar, Sort, Tensor, Value
from verifier.proof.record import replay
from verifier.proof.statements import By, Conclude, Minimum, Proof, Step
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.streams import Style
from verifier.render.wording import Wording
from verifier.reports.derivation import derivation_document
from verifier.reports.json_record import json_object
from verifier.reports.replayed import replayed_text
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import Claim, Derivation, Report, Theorem, check_theorem


def _point(d: int) -> Point:
    """Identity matrices, which satisfy all that is assumed below."""
    unit = tuple(tuple(Fraction(i == j) for j in range(d)) for i in range(d))
    return Point(
        (Value("d", Fraction(d)), Value("r", Fraction(1)), Value("P", unit), Value("Q", unit))
    )


CONTEXT = Context(
    sorts=(Sort("feature", "d", ("i", "j", "k", "l")),),
    scalars=(Scalar("d", Fraction(1), integer=True), Scalar("r")),
    arrays=(Tensor("P", ("feature", "feature")), Tensor("Q", ("feature", "feature"))),
    given=(Atom("square", "sum[k](Q[i,k]*Q[k,j])", "Q[i,j]"),),
    instances=(_point(1), _point(2)),
)
SCALAR = Atom("scalar", "P[i,j]", "r*delta[i,j]")


def _step(name: str, left: str, right: str, why: str = "0", given: tuple[Atom, ...] = ()) -> Step:
    goal = Atom("goal", left, right)
    return Step(name, statements.Claim(given, ((goal,),)), Conclude(0, {"goal": By(why)}), (), name)


DIAGONAL = "scalar[k,l]*P[l,k] + r*delta[k,l]*scalar[l,k]"
STEPS = (
    _step("diagonal", "P[k,l]*P[l,k]", "r^2*delta[k,l]", DIAGONAL, (SCALAR,)),
    Step(
        "one-of-two",
        statements.Claim(
            (SCALAR,),
            ((Atom("double", "2*P[k,l]", "2*r*delta[k,l]"),), (Atom("none", "P[i,j]"),)),
        ),
        Conclude(0, {"double": By("2*scalar[k,l]")}),
        claim="one-of-two",
    ),
    _step("twice", "2*P[i,j]", "P[i,j] + P[i,j]"),
)


@pytest.fixture(scope="module")
def report() -> Report:
    theorem = Theorem(
        "scope",
        "Scope",
        "nobody",
        "Scalar matrices.",
        tuple(Claim(step.claim, "words", "nobody") for step in STEPS),
        lambda claimed: Derivation((Proof("all", CONTEXT, STEPS),), {}),
        lambda derivation, options, progress: (),
    )
    found = check_theorem(theorem)
    assert [c.verdict.value for c in found.claims] == ["proved"] * 3
    return found


PREMISE = "Pᵢⱼ = r δᵢⱼ for all i, j"
CONCLUDED = "for all k, l"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_terminal_puts_each_index_in_its_own_scope(report: Report) -> None:
    shown = _one_line(report_text(report, Style(), full=True))
    assert f"if {PREMISE}, then Pₖₗ Pₗₖ = r² δₖₗ {CONCLUDED}" in shown
    assert f"if {PREMISE}, then (2 Pₖₗ = 2 r δₖₗ {CONCLUDED}), or (Pᵢⱼ = 0 for all i, j)" in shown
    assert "all indices k, l" not in shown
    assert "all indices i, j: 2 Pᵢⱼ = Pᵢⱼ + Pᵢⱼ" in shown
    assert "assuming square: ∑ₖ Qᵢₖ Qₖⱼ = Qᵢⱼ for all i, j" in shown


def test_recheck_puts_each_index_in_its_own_scope(report: Report) -> None:
    shown = _one_line(replayed_text(report.record, replay(report.record), Style(), 0.0))
    assert f"if {PREMISE}, then Pₖₗ Pₗₖ = r² δₖₗ {CONCLUDED}" in shown
    assert "all indices k" not in shown
    assert "assuming square: ∑ₖ Qᵢₖ Qₖⱼ = Qᵢⱼ for all i, j" in shown


def test_json_puts_each_index_in_its_own_scope(report: Report) -> None:
    first, _, last = json_object(report)["claims"]
    assert first["statement"] == (
        "if P[i,j] = r*delta[i,j] for all i, j, then P[k,l]*P[l,k] = r^2*delta[k,l] for all k, l"
    )
    assert not any("indices" in q for q in first["quantifiers"])
    assert last["quantifiers"][-1] == "all indices i, j"
    assert first["hypotheses"] == ["assuming square: sum[k](Q[i,k]*Q[k,j]) = Q[i,j] for all i, j"]


@pytest.mark.parametrize("form", [latex_document, markdown_document])
def test_documents_put_each_index_in_its_own_scope(report: Report, form) -> None:
    text = form(derivation_document(report))
    first = text.partition("Step 1")[2].partition("Step 2")[0]
    head, _, tail = first.partition("then")
    assert r"\text{for all } i, j" in head.partition("if")[2]
    assert "indices" not in head
    assert r"\text{for all } k, l" in tail
    given = re.split(r"assuming \$`?\\mathrm\{square\}", text)[1].partition("Step 1")[0]
    assert r"\text{for all } i, j" in given


def test_systems_of_minimisers_hold_for_all_their_indices() -> None:
    systems = ((Atom("a", "P[i,j]"), Atom("b", "r")), (Atom("c", "r", "1"),))
    minimum = Minimum("r^2", "0", ("P", "r"), systems)
    shown = " ".join(Wording().statement(CONTEXT, minimum))
    assert shown.endswith("(Pᵢⱼ = 0 and r = 0 for all i, j), or (r = 1)")


def test_no_index_of_a_premise_is_quantified_outside() -> None:
    statement = STEPS[0].statement
    assert not any("indices" in q for q in Wording().quantifiers(CONTEXT, statement))
    alone = replace(statement, given=())
    assert "all indices k, l" in Wording().quantifiers(CONTEXT, alone)


def test_a_premise_is_the_minimum_only_where_the_minimum_is_known() -> None:
    best = (Atom("best", "P[i,j]", "r*delta[i,j]"),)
    minimum = Minimum("r^2", "0", ("P",), (best,))
    at = statements.Claim((Atom("at", "r^2"), Atom("more", "r", "1")), (best,))
    says = Wording().statement(CONTEXT, at, (minimum,))
    assert says[0] == "whenever P minimises r² and r = 1:"
    assert Wording().statement(CONTEXT, at)[0] == "if r² = 0 and r = 1,"
    other = replace(minimum, value="1")
    assert Wording().statement(CONTEXT, at, (other,)) == Wording().statement(CONTEXT, at)
    ranges = Wording().quantifiers(CONTEXT, at, (minimum,))
    assert "all P, Q ∈ ℝ^(d×d)" in Wording().quantifiers(CONTEXT, at)
    assert "all Q ∈ ℝ^(d×d)" in ranges


def _checked(given: tuple[Atom, ...]) -> Report:
    """A long and a short claim in a context with these assumptions."""
    long = " + ".join(["P[i,j]"] * 40)
    steps = (_step("long", long, "40*P[i,j]"), _step("short", "r + r", "2*r"))
    context = replace(CONTEXT, given=given)
    theorem = Theorem(
        "scope",
        "Scope",
        "nobody",
        "Matrices.",
        tuple(Claim(step.claim, "words", "nobody") for step in steps),
        lambda claimed: Derivation((Proof("all", context, steps),), {}),
        lambda derivation, options, progress: (),
    )
    return check_theorem(theorem)


def test_the_range_of_a_claim_stays_where_its_formula_is_left_out() -> None:
    lines = report_text(_checked(()), Style()).splitlines()
    assert "Claims, for all real r" not in lines
    assert next(line for line in lines if "long" in line).endswith("[a]")
    assert "  [a] for all integers d ≥ 1; all P ∈ ℝ^(d×d)" in lines
    assert "      for all real r: r + r = 2 r" in lines


def test_hypotheses_stand_in_the_short_report_as_equations() -> None:
    square = Atom("square", "sum[k](P[i,k]*P[k,j])", "P[i,j]")
    large = Atom("large", "r", "1", ">=")
    text = " ".join(report_text(_checked((square, large)), Style()).split())
    assert "assuming square: ∑ₖ Pᵢₖ Pₖⱼ = Pᵢⱼ for all i, j" in text
    assert "assuming large: r ≥ 1" in text
