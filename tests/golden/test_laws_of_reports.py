"""Every verdict, number and assumption of a checked report stands in each of its forms.

The forms: terminal (short and full), Markdown, LaTeX, JSON, the replayed proof file, the coverage
table and a notebook. What is read out of a form is compared with the `Report` that was checked.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
import sympy
from reading import (
    index_value,
    latex_tables,
    latex_value,
    markdown_tables,
    paragraphs,
    says,
    terminal_rows,
    unicode_value,
)
from remembered import THEOREMS, check_once

from verifier.document.coverage import coverage_table
from verifier.document.derivation import derivation_document
from verifier.document.json_record import CHECKER, json_text
from verifier.document.latex import latex_document
from verifier.document.markdown import markdown_document
from verifier.document.notebook import ShownReport
from verifier.document.output import Style
from verifier.document.prose import pretty
from verifier.document.replayed import replayed_text
from verifier.document.terminal import report_text
from verifier.proof.checker import examine
from verifier.proof.record import replay
from verifier.proof.verdict import Verdict
from verifier.theorem import ClaimReport, Report

SIGNS = {"proved": "✓", "supported": "~", "refuted": "✗", "undecided": "?"}
WRONG_RATE = {"learning_rate": "1/(2 + sigma2)"}
SUBJECTS = ("specimen", "opposed", "refuted", "ridge-bayes", "von-oswald-construction")
LARGE = ("theorem1", "theorem2", "gaussian-pair", "theorem3", "landscape")


@dataclass(frozen=True)
class Forms:
    """A report and all that is shown of it."""

    report: Report
    short: str
    full: str
    markdown: str
    latex: str
    record: dict

    @property
    def documents(self) -> tuple[str, str]:
        """The two forms of the derivation."""
        return self.markdown, self.latex


@pytest.fixture(
    scope="module",
    params=[*SUBJECTS, *(pytest.param(name, marks=pytest.mark.deep) for name in LARGE)],
)
def forms(request: pytest.FixtureRequest) -> Forms:
    """Every kind of report: proved, supported, refuted, undecided, opposed by numbers."""
    name = "specimen" if request.param == "refuted" else request.param
    claimed = WRONG_RATE if request.param == "refuted" else {}
    numerical = name in ("specimen", "opposed")
    report = check_once(THEOREMS[name], claimed=claimed, numerical=numerical)
    document = derivation_document(report)
    return Forms(
        report,
        report_text(report, Style()),
        report_text(report, Style(), full=True),
        markdown_document(document),
        latex_document(document),
        json.loads(json_text(report)),
    )


def test_the_subjects_have_every_verdict() -> None:
    reports = [check_once(THEOREMS["specimen"], claimed=c) for c in ({}, WRONG_RATE)]
    assert {c.verdict for report in reports for c in report.claims} == set(Verdict)


def test_every_verdict_is_the_checked_one(forms: Forms) -> None:
    expected = {c.claim.id: c.verdict.value for c in forms.report.claims}
    assert {c["id"]: c["verdict"] for c in forms.record["claims"]} == expected
    for text in (forms.short, forms.full):
        found = re.findall(r"^  ([✓~✗?]) (\w+) +([\w-]+)  ", text, re.MULTILINE)
        assert {name: verdict for _, verdict, name in found} == expected
        assert all(SIGNS[verdict] == sign for sign, verdict, _ in found)
    for tables in (markdown_tables(forms.markdown), latex_tables(forms.latex)):
        head, *rows = next(t for t in tables if t[0][0] == "claim")
        assert head == ["claim", "in words", "verdict", "source"]
        assert {row[0]: row[2] for row in rows} == expected
    notebook = ShownReport.of(forms.report)._repr_markdown_()
    assert dict(re.findall(r"\*\*([\w-]+): (\w+)\*\*", notebook)) == expected
    table = coverage_table([forms.report], {forms.report.theorem.id: "file"})
    rows = [line for line in table.splitlines() if f"`{forms.report.theorem.id}`" in line]
    sampled = {c.claim.id for c in forms.report.claims if c.statement is None}
    assert {
        row.split("` ")[-1].split(" | ")[0]: row.split(" | ")[-1].strip(" |") for row in rows
    } == {name: "sampled" if name in sampled else verdict for name, verdict in expected.items()}


def test_the_overall_verdict_is_the_checked_one(forms: Forms) -> None:
    verdict, name = forms.report.verdict.value, forms.report.theorem.id
    counted = [c.verdict.value for c in forms.report.claims]
    assert forms.record["verdict"] == verdict
    for text in (forms.short, forms.full):
        closing = text.splitlines()[-2]
        assert closing.startswith(f"{SIGNS[verdict]} {verdict} ")
        assert f" {name}: " in closing
        assert closing.partition(" claims")[0].endswith(f" of {len(counted)}")
        numbers = re.findall(rf"(\d+) ({'|'.join(SIGNS)})", closing)
        assert {word: int(number) for number, word in numbers} == {
            word: counted.count(word) for word in set(counted)
        }
        failed = sum(table.passed is False for table in forms.report.tables)
        assert (f"{failed} numerical checks disagree" in closing) == bool(failed)
    for text in forms.documents:
        assert f"Verdict: {verdict}." in text


def test_a_proof_in_the_documents_is_one_that_the_checker_accepts(forms: Forms) -> None:
    for text in forms.documents:
        sections = text.split("Proof: ")[1:]
        for proof, section in zip(forms.report.record.proofs, sections, strict=True):
            accepted, failed = examine(proof)
            parts = re.split(r"Step \d+: ", section)[1:]
            for step, part in zip(proof.steps, parts, strict=True):
                assert ("did not accept" in part) == (step.name in failed)
                assert (f"Rule {step.rule}" in part) == (step.name in accepted)


def test_every_scalar_result_has_the_derived_value(forms: Forms) -> None:
    for label, value in forms.report.results.items():
        if label not in ("learning_rate", "minimum_loss", "at_unit_noise"):
            continue
        expected = index_value(str(value))
        name = label.replace("_", " ")
        shown = re.search(rf"^  {name} +(.*)$", forms.short, re.MULTILINE)
        assert shown is not None
        assert sympy.simplify(unicode_value(shown[1]) - expected) == 0
        assert sympy.simplify(sympy.parse_expr(forms.record["results"][label]) - expected) == 0
        title = f"{name.capitalize()}:"
        fenced = re.search(rf"{title}\n\n```math\n(.*)\n```", forms.markdown)
        display = re.search(rf"{title}.*\n.*displaystyle (.*)\$\\end", forms.latex)
        for found in (fenced, display):
            assert found is not None
            assert sympy.simplify(latex_value(found[1]) - expected) == 0


def test_every_numerical_table_is_shown_as_it_came_out(forms: Forms) -> None:
    """Columns, rows and verdict; a table that failed is nowhere shown as passed."""
    words = {True: "agrees", False: "disagrees", None: "for information"}
    signs = {True: "✓ ", False: "✗ ", None: ""}
    tables = forms.report.tables
    assert [t["passed"] for t in forms.record["numerical"]["tables"]] == [t.passed for t in tables]
    for table, data in zip(tables, forms.record["numerical"]["tables"], strict=True):
        expected = [list(table.columns), *map(list, table.rows)]
        assert [data["columns"], *data["rows"]] == expected
        assert (data["title"], data["supports"]) == (table.title, list(table.supports))
        lines = forms.full.splitlines()
        at = lines.index(f"{signs[table.passed]}{table.title}") + 1
        at += bool(table.note)
        assert terminal_rows(lines[at : at + len(expected)]) == expected
        title = f"{signs[table.passed]}{table.title}"
        assert re.search(rf"^{title}( \(|  |$)", forms.short, re.MULTILINE)
        for text in forms.documents:
            assert f"{table.title} ({words[table.passed]})" in text
        for read in (markdown_tables(forms.markdown), latex_tables(forms.latex)):
            assert expected in list(read)


def _marks(line: str) -> list[str]:
    found = re.search(r"\[([\w,]+)\]$", line)
    return found[1].split(",") if found else []


def _notes(text: str) -> dict[str, str]:
    """The footnotes of a report by their marks."""
    flat = re.sub(
        r"\n {6}(?! )", " ", text.partition("\n  [")[0] + "\n  [" + text.partition("\n  [")[2]
    )
    return dict(re.findall(r"^  \[(\w+)\] (.*)$", flat, re.MULTILINE))


def test_what_a_verdict_rests_on_stands_in_every_form(forms: Forms) -> None:
    """Lemmas and assumptions, by claim; assumptions of the setting are called so."""
    record = {c["id"]: c for c in forms.record["claims"]}
    trusted = forms.record["trusted_base"]
    assert trusted[0] == CHECKER
    for claim in forms.report.claims:
        assumed = claim.context.assumptions if claim.context else ()
        expected = [f"assumed: {x}" if x in assumed else x for x in claim.rests_on]
        for text in (forms.short, forms.full):
            notes = _notes(text)
            line = next(
                x for x in text.splitlines() if re.match(rf"  \S \w+ +{claim.claim.id}  ", x)
            )
            shown = [notes[mark] for mark in _marks(line) if mark.isdigit()]
            assert shown == [pretty(x) for x in expected]
        if claim.verdict is Verdict.PROVED:
            (evidence,) = record[claim.claim.id]["evidence"]
            assert evidence["rests_on"] == list(claim.rests_on)
            assert set(claim.rests_on) <= set(trusted)
            for text in forms.documents:
                head, _, after = text.partition(f"(claim {claim.claim.id})")
                assert after
                (basis,) = [
                    p for p in paragraphs(re.split(r"Step \d+: ", after)[0]) if "Rests on" in p
                ]
                for lemma in claim.rests_on:
                    assert says(basis, lemma) or any(
                        says(p, f"Assumed: {lemma}") for p in paragraphs(head)
                    ), (claim.claim.id, lemma)
                    assert any(
                        says(p, lemma) for p in paragraphs(text.partition("What is trusted")[2])
                    )


def _hypotheses(claim: ClaimReport) -> list[str]:
    assert claim.context is not None
    return [h.name for h in claim.context.hypotheses]


def test_what_a_claim_assumes_stands_in_every_form(forms: Forms) -> None:
    """Hypotheses, assumptions in words, sign symmetries and inverse matrices."""
    record = {c["id"]: c for c in forms.record["claims"]}
    replayed = _replayed(forms)
    full = " ".join(forms.full.split())
    for claim in forms.report.claims:
        if claim.context is None:
            continue
        context = claim.context
        lines = record[claim.claim.id]["hypotheses"]
        expected = len(context.hypotheses) + len(context.flips) + len(context.inverses)
        assert len(lines) == expected + len(context.assumptions)
        short = _scope(forms.short, claim)
        for name in _hypotheses(claim):
            assert any(line.startswith(f"{name}: ") for line in lines)
            assert re.search(rf"assuming [\w, ]*\b{name}\b", short)
            assert f"{name}: " in full.partition("(assumed: ")[2]
            assert f"assumed: {name}: " in replayed
            for text in forms.documents:
                assert f"Hypothesis {name}:" in text
        for words in context.assumptions:
            assert words in lines
            assert words in full.partition("(assumed: ")[2]
            assert f"assumed: {words}" in replayed
            for text in forms.documents:
                assert any(says(p, f"Assumed: {words}") for p in paragraphs(text))
        for text in (replayed, full, *forms.documents, " ".join(lines)):
            assert text.lower().count("changing the sign") >= bool(context.flips)
            assert text.count("inverse matrices") >= bool(context.inverses)
        for pair in context.inverses:
            if set(pair) <= set(
                re.findall(r"\w+", " ".join(record[claim.claim.id]["quantifiers"]))
            ):
                assert "⁻¹ = " in short


def _scope(text: str, claim: ClaimReport) -> str:
    """All that the short report says of the range of one claim."""
    lines = text.splitlines()
    at = next(k for k, x in enumerate(lines) if re.match(rf"  \S \w+ +{claim.claim.id}  ", x))
    own = lines[at + 1] if lines[at + 1].startswith("      ") else ""
    heading = next(x for x in lines if x.startswith("Claims"))
    notes = _notes(text)
    return " ".join([heading, own, *(notes[mark] for mark in _marks(lines[at]))])


def _replayed(forms: Forms) -> str:
    """What ``recheck`` says, in one line; nothing where a step is not accepted."""
    if any(examine(proof)[1] for proof in forms.report.record.proofs):
        accepted = check_once(THEOREMS["specimen"]).record
        return " ".join(replayed_text(accepted, replay(accepted), Style(), 0.0).split())
    record = forms.report.record
    return " ".join(replayed_text(record, replay(record), Style(), 0.0).split())


def test_the_laws_of_random_arrays_stand_in_every_form() -> None:
    """The variance of a normal law, the moments of a tabled one."""
    report = check_once(THEOREMS["specimen"])
    document = derivation_document(report)
    record = {c["id"]: c for c in json.loads(json_text(report))["claims"]}
    assert record["loss"]["laws"] == ["w in R is N(0, 1)", "e in R is N(0, sigma2)"]
    assert record["length"]["laws"][0].endswith(
        "E[z[s1]] = 0, E[z[s1] z[s2]] = sigma2*delta[s1,s2]"
    )
    text = replayed_text(report.record, replay(report.record), Style(), 0.0)
    assert "ε ∈ ℝ is N(0, σ²)" in text
    assert "E[z[s1] z[s2]] = σ² δ[s1,s2]" in text
    for tables in (
        markdown_tables(markdown_document(document)),
        latex_tables(latex_document(document)),
    ):
        read = list(tables)
        assert ["varepsilon in mathbb{R}", "noise", "N(0, sigma2 )"] in read[1]
        assert any(t[0] == ["degrees", "moment"] and t[1] == ["1", "0"] for t in read)


def test_a_witness_is_the_exact_one(forms: Forms) -> None:
    record = {c["id"]: c for c in forms.record["claims"]}
    for claim in forms.report.claims:
        if claim.refutation is None:
            continue
        found = claim.refutation
        (evidence,) = record[claim.claim.id]["evidence"]
        assert (evidence["found"], evidence["claimed"]) == (str(found.found), str(found.claimed))
        for name, value in evidence["scalars"].items():
            assert value == str(found.point.scalars[name])
        after = forms.short.partition(f" {claim.claim.id} ")[2]
        assert f"found: {found.found}" in after.partition(" undecided ")[0].replace("\n", " ")
