"""Every verdict and number of a checked report stands in each of its forms.

The forms: terminal (short and full), Markdown, LaTeX, JSON, the coverage table and a notebook. What
is read out of a form is compared with the `Report` that was checked.
"""

from __future__ import annotations

import re
from fractions import Fraction

import sympy
from forms import WRONG_RATE, Forms
from reading import (
    index_value,
    latex_tables,
    latex_value,
    markdown_tables,
    terminal_rows,
    unicode_value,
)
from remembered import THEOREMS, check_once

from verifier.proof.context import Value
from verifier.proof.rules import examine
from verifier.render.kinds import Form, form_of
from verifier.render.prose import pretty
from verifier.reports.coverage import coverage_table
from verifier.reports.notebook import ShownReport
from verifier.theorem.verdict import Verdict

SIGNS = {"proved": "✓", "supported": "~", "refuted": "✗", "undecided": "?"}


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
    # The table lists every claim, those too that a check without numbers leaves out.
    stated = {c.claim.id for c in forms.report.claims if c.statement is not None}
    assert {
        row.split("` ")[-1].split(" | ")[0]: row.split(" | ")[-1].strip(" |") for row in rows
    } == {
        c.id: expected[c.id] if c.id in stated else "sampled" for c in forms.report.theorem.claims
    }


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
        alarm = re.findall(r"(\d+) numerical checks? disagree", closing)
        assert alarm == ([str(failed)] if failed else [])
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
                assert ("Why: " in part) == (step.name in accepted)


def test_every_scalar_result_has_the_derived_value(forms: Forms) -> None:
    for label, value in forms.report.results.items():
        if label not in ("learning_rate", "minimum_loss", "at_unit_noise") or "[" in str(value):
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
        columns = list(map(pretty, table.columns))
        assert terminal_rows(lines[at : at + len(expected)]) == [columns, *expected[1:]]
        title = f"{signs[table.passed]}{table.title}"
        assert re.search(rf"^{title}( \(|  |$)", forms.short, re.MULTILINE)
        for text in forms.documents:
            assert f"{table.title} ({words[table.passed]})" in text
        for read in (markdown_tables(forms.markdown), latex_tables(forms.latex)):
            assert expected in list(read)


def test_a_witness_is_the_exact_one(forms: Forms) -> None:
    record = {c["id"]: c for c in forms.record["claims"]}
    for claim in forms.report.claims:
        if claim.refutation is None:
            continue
        found = claim.refutation
        (evidence,) = record[claim.claim.id]["evidence"]
        assert (evidence["found"], evidence["claimed"]) == (str(found.found), str(found.claimed))
        for name, value in evidence["scalars"].items():
            assert Value(name, Fraction(value)) in found.point.values
        after = forms.short.partition(f" {claim.claim.id} ")[2]
        assert f"found {found.found}" in after.partition(" undecided ")[0].replace("\n", " ")


def test_a_predictor_is_an_equation_exactly_where_it_is_a_checked_statement(forms: Forms) -> None:
    """As docs/json.md says of results; its sides are those of the statement."""
    predictor = forms.record["results"].get("predictor", "")
    proved = [
        c.statement
        for c in forms.report.claims
        if c.verdict is Verdict.PROVED
        and c.statement is not None
        and form_of(c.statement, c.minima) is Form.AT_MINIMUM
        and len(c.statement.cases) == 1
    ]
    assert (" = " in predictor) == bool(proved and predictor)
    if proved and predictor:
        assert predictor == "; ".join(f"{e.left} = {e.right}" for e in proved[0].cases[0])
