"""Each index stands inside its own quantifier: premises, conclusions, systems, hypotheses.

The statement of the tests is true as a whole and false entry by entry: from P[i,j] = r delta[i,j]
for all i, j follows P[k,k] P[l,l] = r^2 for all k, l, but from one entry follows nothing.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from verifier.document.derivation import derivation_document
from verifier.document.json_record import json_object
from verifier.document.latex import latex_document
from verifier.document.markdown import markdown_document
from verifier.document.output import Style
from verifier.document.replayed import replayed_text
from verifier.document.scope import Scope
from verifier.document.terminal import report_text
from verifier.document.wording import Wording
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Scalar, Tensor
from verifier.proof.record import replay
from verifier.proof.statement import Identity, Implication, Minimum, Sign, Statement
from verifier.theorem import Claim, Derivation, Report, Theorem, check_theorem

CONTEXT = Context(
    scalars=(Scalar("d", Fraction(1), integer=True), Scalar("r")),
    sorts=(("feature", "d"),),
    tensors=(Tensor("P", ("feature", "feature")), Tensor("Q", ("feature", "feature"))),
    hypotheses=(Equation("square", "sum[k](Q[i,k]*Q[k,j])", "Q[i,j]"),),
)
SCALAR = Equation("scalar", "P[i,j]", "r*delta[i,j]")
STEPS = (
    Step(
        "diagonal",
        "identity",
        Identity("P[k,l]*P[l,k]", "r^2*delta[k,l]", (SCALAR,)),
        {"combination": "scalar[k,l]*P[l,k] + r*delta[k,l]*scalar[l,k]"},
        claim="diagonal",
    ),
    Step(
        "one-of-two",
        "cases",
        Implication((SCALAR,), ((Equation("g", "2*P[k,l]", "2*r*delta[k,l]"),),)),
        {"node": "conclude", "system": 0, "by": {"g": {"combination": "2*scalar[k,l]"}}},
        claim="one-of-two",
    ),
    Step("transposed", "identity", Identity("2*P[i,j]", "P[i,j] + P[i,j]"), {}, claim="twice"),
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
    assert f"if {PREMISE}, then (2 Pₖₗ = 2 r δₖₗ {CONCLUDED})" in shown
    assert "all indices k, l" not in shown
    assert "all indices i, j: 2 Pᵢⱼ = Pᵢⱼ + Pᵢⱼ" in shown
    assert "square: ∑ₖ Qᵢₖ Qₖⱼ = Qᵢⱼ for all i, j" in shown


def test_recheck_puts_each_index_in_its_own_scope(report: Report) -> None:
    shown = _one_line(replayed_text(report.record, replay(report.record), Style(), 0.0))
    assert f"if {PREMISE}, then Pₖₗ Pₗₖ = r² δₖₗ {CONCLUDED}" in shown
    assert "all indices k" not in shown
    assert "assumed: square: ∑ₖ Qᵢₖ Qₖⱼ = Qᵢⱼ for all i, j" in shown


def test_json_puts_each_index_in_its_own_scope(report: Report) -> None:
    first, _, last = json_object(report)["claims"]
    assert first["statement"] == (
        "if P[i,j] = r*delta[i,j] for all i, j, then P[k,l]*P[l,k] = r^2*delta[k,l] for all k, l"
    )
    assert not any("indices" in q for q in first["quantifiers"])
    assert last["quantifiers"][-1] == "all indices i, j"
    assert first["hypotheses"] == ["square: sum[k](Q[i,k]*Q[k,j]) = Q[i,j] for all i, j"]


@pytest.mark.parametrize("form", [latex_document, markdown_document])
def test_documents_put_each_index_in_its_own_scope(report: Report, form) -> None:
    text = form(derivation_document(report))
    first = text.partition("Step 1")[2].partition("Step 2")[0]
    head, _, tail = first.partition("then")
    assert r"\text{for all } i, j" in head.partition("if")[2]
    assert "indices" not in head
    assert r"\text{for all } k, l" in tail
    assert r"\text{for all } i, j" in text.partition("Hypothesis square")[2].partition("Step 1")[0]


def test_systems_of_minimisers_hold_for_all_their_indices() -> None:
    systems = ((Equation("a", "P[i,j]", "0"), Equation("b", "r", "0")), (Equation("c", "r", "1"),))
    minimum = Minimum("r^2", "0", ("P", "r"), systems)
    shown = " ".join(Wording().statement(CONTEXT, minimum))
    assert shown.endswith("(Pᵢⱼ = 0 and r = 0 for all i, j), or (r = 1)")


def test_no_index_of_a_premise_is_quantified_outside() -> None:
    statement: Statement = STEPS[0].statement
    assert not any("indices" in q for q in Wording().quantifiers(CONTEXT, statement))
    alone = replace(STEPS[0].statement, given=())
    assert "all indices k, l" in Wording().quantifiers(CONTEXT, alone)


def _checked(hypotheses: tuple[Equation, ...], inverses: tuple[tuple[str, str], ...]) -> Report:
    """A long and a short claim about P in a context with these assumptions."""
    long = " + ".join(["P[i,j]"] * 40)
    steps = (
        Step("long", "identity", Identity(long, "40*P[i,j]"), {}, claim="long"),
        Step("short", "identity", Identity("r + r", "2*r"), {}, claim="short"),
    )
    context = replace(CONTEXT, hypotheses=hypotheses, inverses=inverses)
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
    lines = report_text(_checked((), ()), Style()).splitlines()
    assert "Claims, for all real r" not in lines
    assert next(line for line in lines if "long" in line).endswith("[a]")
    assert "  [a] for all integers d ≥ 1; all P ∈ ℝ^(d×d)" in lines
    assert "      for all real r: r + r = 2 r" in lines


def test_hypotheses_and_inverses_stand_in_the_short_report() -> None:
    square = Equation("square", "sum[k](P[i,k]*P[k,j])", "P[i,j]")
    text = report_text(_checked((square,), (("P", "Q"),)), Style())
    assert "assuming square" in text
    assert "P invertible" in text
    both = Equation("both", "sum[k](P[i,k]*Q[k,j])", "delta[i,j]")
    assert "P⁻¹ = Q, assuming both" in " ".join(
        report_text(_checked((both,), (("P", "Q"),)), Style()).split()
    )


def test_a_sign_names_the_values_of_letters_over_which_other_claims_range() -> None:
    """2 e > 0 with e := r^2 + 1 and d := 2 says "with d = 2" beside claims that range over d."""
    context = Context(
        scalars=(Scalar("r"),),
        sorts=(),
        definitions=(Definition("d", (), "2"), Definition("e", (), "r^2 + 1")),
    )
    sign, words = Sign("d*e", True), Wording()
    assert Scope.of(words, context, sign).conditions == ()
    assert Scope.of(words, context, sign, frozenset({"d", "n"})).conditions == ("d = 2",)
    assert Scope.of(words, context, Sign("e", True), frozenset({"d"})).conditions == ()
