"""Documents of derivations: every formula is the checked object, and TeX accepts the whole."""

from __future__ import annotations

import shutil
from fractions import Fraction

import pytest
from oracles.latex_reading import read_latex

import verifier
from verifier.proof.context import Context, Scalar
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL
from verifier.proof.statements import texts
from verifier.proof.syntax import Binary, Expect, Fuel, Node, children, show
from verifier.render import pdf
from verifier.render.as_written import rebuilt
from verifier.render.document import Formula
from verifier.render.latex import escape, latex_document
from verifier.render.latex_expression import latex, split_fractions
from verifier.render.markdown import markdown_document
from verifier.render.signs import from_minima
from verifier.reports.derivation import derivation_document
from verifier.reports.derived import rendered
from verifier.reports.notebook import ShownReport
from verifier.theorem.theorem import Report

THEOREMS = sorted(verifier.theorems())


def test_every_formula_of_every_document_reads_back(registered: Report) -> None:
    document = derivation_document(registered)
    source = latex_document(document).replace(r"\BreakProduct ", "")
    formulas = list(document.formulas())
    assert len(formulas) > 20
    for formula in formulas:
        printed = latex(split_fractions(formula.node))
        assert read_latex(printed) == split_fractions(formula.node)
        assert printed in source


def test_every_statement_reads_back_with_the_same_meaning(registered: Report) -> None:
    for proof in registered.record.proofs:
        meaning = Meaning(proof.context, Fuel(FUEL))
        for step in proof.steps:
            for text in texts(step.statement):
                back = read_latex(latex(Formula.of(proof.context, text).node))
                # Equal integrands have equal expectations, and are compared in no time.
                sides = _integrand(proof.context.read(text)), _integrand(back)
                assert meaning.vanishes(meaning.value(Binary("-", *sides)))


def _integrand(node: Node) -> Node:
    """The expression with every expectation taken away."""
    if isinstance(node, Expect):
        return _integrand(node.body)
    return rebuilt(node, tuple(map(_integrand, children(node))))


def test_documents_are_the_same_every_time(report: Report) -> None:
    for form in ("latex", "markdown"):
        assert rendered(report, form) == rendered(report, form)


def test_a_document_contains_everything_that_was_checked(report: Report) -> None:
    for text in (
        latex_document(derivation_document(report)),
        markdown_document(derivation_document(report)),
    ):
        for word in ("Galton", "Step 5: minimum", "shrinkage", "Isserlis", "recheck toy.json"):
            assert word in text
        assert r"\frac{\sigma^2}{1 + \sigma^2}" in text
        assert "Loss by sampling" in text


def test_a_refuted_theorem_has_a_document_that_says_so(refuted: Report) -> None:
    text = latex_document(derivation_document(refuted))
    assert "Verdict: refuted" in text
    assert "did not accept this step" in text


def test_signs_are_shown_from_the_minima() -> None:
    sizes = tuple(Scalar(name, Fraction(1), integer=True) for name in ("n", "d"))
    meaning = Meaning(Context(scalars=sizes), Fuel(FUEL))
    rests, terms = from_minima(meaning, meaning.context.read("n*d - 1"))
    # (1 + n1)(1 + d1) - 1 = n1 d1 + n1 + d1, and no constant is left.
    assert rests == {"n": (1, "n1"), "d": (1, "d1")}
    assert sorted(map(show, terms)) == ["d1", "n1", "n1*d1"]


@pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")
def test_tex_accepts_the_document(report: Report, refuted: Report) -> None:
    for shown in (report, refuted):
        found = rendered(shown, "pdf")
        assert found.startswith(b"%PDF")
    assert rendered(report, "pdf") == rendered(report, "pdf")


def test_without_latexmk_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match=r"\A[^\n]*latexmk[^\n]*lmodern\Z"):
        pdf.require_latexmk()


def test_escape_leaves_no_active_character() -> None:
    assert escape(r"50% of a_b & #1 {x} ~ ^ $ \ é") == (
        r"50\% of a\_b \& \#1 \{x\} $\sim$ \textasciicircum{} \$ \textbackslash{} é"
    )


def test_a_notebook_shows_the_checked_statement(report: Report) -> None:
    shown = ShownReport.of(report)
    claim = next(c for c in shown.claims if c.claim.id == "minimum")
    for text in (claim._repr_latex_(), claim._repr_markdown_(), shown._repr_markdown_()):
        assert r"\frac{\sigma^2}{1 + \sigma^2}" in text
        assert "proved" in text
    assert str(shown).startswith("Shrink a noisy observation")
    assert isinstance(shown, Report)
