"""Every form says all that a context assumes; what is left out of one shows here."""

from __future__ import annotations

import re

import pytest
from setting import CONTEXT, LEMMA, THEOREM

from verifier.proof.record import replay
from verifier.render.facts import ASSUMED, LAWS, NOTATION, facts
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.streams import Style
from verifier.reports.derivation import derivation_document
from verifier.reports.json_record import json_object
from verifier.reports.replayed import replayed_text
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import Report, check_theorem

SAID = (
    "Z ∈ ℝ^(n×d), u ∈ ℝ^d with independent entries N(0, 1)",
    "ε ∈ ℝ with law N(0, σ²)",
    "D: independent, identically distributed draws, given f, with fields x ∈ ℝ^d, y ∈ ℝ; "
    "y is a function of the draw and of f",
    "Xₖ and yₖ are the fields x and y of the k-th draw of D",
    "xₙ₊₁ and yₙ₊₁ are the fields x and y of one further draw of D",
    "f is drawn once, before the draws",
    "rotations that permute and reflect the feature axes, in all fields of all draws at once, "
    "leave the joint law of all draws as it is",
    "changing the sign of y in all draws at once leaves the joint law of all draws as it is",
    "the hat matrix H of Z: H (Z Zᵀ + (σ² + 1) I) = Z Zᵀ, 0 ≤ H ≤ I",
    "r = |2 ε|",
    "g ∈ ℝ is any function of u, D",
    "independent: Z, u, ε, D, f",
    "equations between random quantities hold almost surely",
    "all moments of the draws of D exist (used: products of at most 2 entries of one draw)",
    "all moments of g exist (used: products of at most 3 of its entries)",
    "given moment centred: E[xₙ₊₁[i]] = 0 for all i",
    "given moment second: E[xₙ₊₁[i] xₙ₊₁[j]] = δᵢⱼ for all i, j",
    "given moment signal: E[∑ᵢ mᵢ²] = d mud",
    "assuming left: ∑ⱼ Fᵢⱼ Fiⱼₗ = δᵢₗ for all i, l",
    "assuming right: ∑ⱼ Fiᵢⱼ Fⱼₗ = δᵢₗ for all i, l",
    "assuming large: b ≥ 1",
    f"assumed: {LEMMA}",
)


@pytest.fixture(scope="module")
def report() -> Report:
    """Proved claims in a context with one of everything."""
    found = check_theorem(THEOREM)
    assert {c.verdict.value for c in found.claims} == {"proved"}
    return found


def _line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("full", [False, True])
def test_the_terminal_says_it_all(report: Report, full: bool) -> None:
    shown = _line(report_text(report, Style(), full))
    assert [fact for fact in SAID if fact not in shown] == []


def test_the_full_report_explains_its_notation(report: Report) -> None:
    shown = _line(report_text(report, Style(), full=True))
    for text in ("indices i, j, l = 1, …, d (feature)", "mᵢ := E_{D}[xₙ₊₁[i] yₙ₊₁]"):
        assert text in shown


def test_recheck_says_it_all(report: Report) -> None:
    shown = _line(replayed_text(report.record, replay(report.record), Style(), 0.0))
    assert [fact for fact in SAID if fact not in shown] == []


def test_json_says_it_all_with_every_claim(report: Report) -> None:
    for claim in json_object(report)["claims"]:
        assert len([*claim["laws"], *claim["hypotheses"]]) == len(SAID)
        assert "independent: Z, u, e, D, f" in claim["laws"]
        assert "assuming large: b >= 1" in claim["hypotheses"]
        assert claim["evidence"][0]["moments"] == {"D": 2, "g": 3, "H": 1, "r": 2}


@pytest.mark.parametrize("form", [latex_document, markdown_document])
def test_documents_say_it_all(report: Report, form) -> None:
    text = form(derivation_document(report)).replace(" ", "").replace(r"\allowbreak", "")
    words = [
        "independententries",
        "identicallydistributeddraws",
        "-thdrawof",
        "onefurtherdrawof",
        "isdrawnonce,beforethedraws",
        "rotationsthatpermuteandreflectthefeatureaxes,inallfieldsofalldrawsatonce,leave",
        "changingthesignof",
        "thehatmatrix",
        r"\lvert2\,\varepsilon\rvert",
        "isanyfunctionof",
        r"Z,\,u,\,\varepsilon,\,D,\,f",
        "equationsbetweenrandomquantitiesholdalmostsurely",
        "productsofatmost2entriesofonedraw",
        "productsofatmost3ofitsentries",
        LEMMA.replace(" ", ""),
    ]
    assert [word for word in words if word not in text] == []
    for word, atoms in (("givenmoment", CONTEXT.moments), ("assuming", CONTEXT.given)):
        for atom in atoms:
            assert re.search(rf"{word}\$`?\\mathrm\{{{atom.name}\}}`?\$:", text)
    assert re.search(r"\\mathrm\{large\}`?\$:\$`?b\\ge1", text)


def test_every_kind_of_fact_is_shown_somewhere() -> None:
    kinds = {fact.kind for fact in facts(CONTEXT, {})} | {"block"}
    assert kinds == {*NOTATION, *LAWS, *ASSUMED}
