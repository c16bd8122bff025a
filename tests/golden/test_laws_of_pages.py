"""What a written proof and a page for a browser say is the checked object's, all of it."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from remembered import THEOREMS, check_once
from test_laws_of_relations import kinds, relations

from verifier.proof.rules import examine
from verifier.proof.statements import Claim, Minimum
from verifier.render.document import Document
from verifier.render.html import html_document
from verifier.render.markdown import markdown_document
from verifier.render.notation import Notation
from verifier.reports.appendix import appendix_document
from verifier.reports.check_document import MARKS, check_document
from verifier.reports.scribe import Counters, Scribe
from verifier.theorem.theorem import Report
from verifier.theorem.verdict import Verdict

SUBJECTS = ("specimen", "opposed", "refuted", "ridge-bayes")


@pytest.fixture(scope="module", params=SUBJECTS)
def found(request: pytest.FixtureRequest) -> Report:
    """A checked report; the refuted one has a false learning rate."""
    name = "specimen" if request.param == "refuted" else request.param
    claimed = {"learning_rate": "1/(2 + sigma2)"} if request.param == "refuted" else {}
    numerical = name in ("specimen", "opposed")
    return check_once(THEOREMS[name], claimed=claimed, numerical=numerical)


def text_of(page: str) -> str:
    """What a browser shows, on one line."""
    body = page.partition("<main>")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub("<[^>]*>", "", body)).split())


def words(text: str) -> list[str]:
    """The longer words, which no mathematics is made of."""
    return re.findall("[A-Za-zö]{6,}", text)


def test_each_verdict_stands_with_its_claim(found: Report) -> None:
    page = html_document(check_document(found))
    summaries = re.findall(r"<summary>(.*?)</summary>", page)
    told = [unescape(re.sub("<[^>]*>", "", one)) for one in summaries if "where …" not in one]
    assert len(told) == len(found.claims)
    for text, claim in zip(told, found.claims, strict=True):
        assert text.startswith(f"{MARKS[claim.verdict]} {claim.verdict.value}: ")
        assert text.endswith(f"({claim.claim.id})")
    assert f"Verdict: {MARKS[found.verdict]} {found.verdict.value}" in text_of(page)


def test_what_a_claim_assumes_and_rests_on_is_on_its_page(found: Report) -> None:
    page = html_document(check_document(found))
    for claim in found.claims:
        start = f"({claim.claim.id})</summary>"
        part = text_of(f"<main>{page.partition(start)[2].partition('<summary>✓')[0]}</main>")
        if claim.context is not None:
            for lemma in claim.context.assumptions:
                assert set(words(lemma)) <= set(words(part))
            # One for each; the moments and the equations that are given.
            assert part.count("given moment ") >= len(claim.context.moments)
            assert part.count("assuming ") >= len(claim.context.given)
        for lemma in claim.rests_on:
            assert set(words(lemma)) <= set(words(part))


def test_every_table_says_how_it_came_out_with_all_of_its_rows(found: Report) -> None:
    page = html_document(check_document(found))
    for table in found.tables:
        state = {True: "agrees", False: "disagrees", None: "for information"}[table.passed]
        assert f"{table.title} ({state})." in text_of(page)
        for row in table.rows:
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
            assert cells in page


def test_a_written_proof_names_what_is_not_proved(found: Report) -> None:
    text = markdown_document(appendix_document(found))
    missing = [claim for claim in found.claims if claim.verdict is not Verdict.PROVED]
    assert ("Not proved" in text) is bool(missing)
    table = text.partition("Not proved")[2].partition("\n\n")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [row[1].removesuffix(" |") for row in rows] == [claim.verdict.value for claim in missing]


def test_relations_in_a_written_proof_are_those_that_were_checked(found: Report) -> None:
    for proof in found.record.proofs:
        accepted, _ = examine(proof)
        notation = Notation.of(proof.context, found.theorem.exposition.notation)
        for name, checked in accepted.items():
            statement = checked.step.statement
            scribe = Scribe(proof, accepted, notation, Counters())
            blocks = tuple(scribe.statement(checked.step, frozenset()))
            atoms = [atom for case in statement.cases for atom in case]
            if isinstance(statement, Claim):
                atoms = [*statement.given, *atoms]
            wanted = kinds(*(atom.relation == ">" for atom in atoms if atom.relation != "="))
            for text in (
                markdown_document(Document("t", "s", blocks)),
                text_of(html_document(Document("t", "s", blocks))),
            ):
                assert relations(text) == wanted, name
            assert isinstance(statement, Claim | Minimum)
