"""What a claim assumes and what its verdict rests on stands in every form of a report.

Lemmas, assumptions in words, hypotheses, sign symmetries, inverse matrices and the laws of random
arrays: on the terminal, in Markdown, LaTeX, JSON, and in what ``recheck`` prints of a proof file.
"""

from __future__ import annotations

import re

from forms import Forms, replayed
from reading import latex_tables, markdown_tables, paragraphs, says, unmarked

from verifier.document.json_record import CHECKER
from verifier.document.notebook import ShownReport
from verifier.document.prose import pretty
from verifier.proof.context import Context
from verifier.proof.verdict import Verdict
from verifier.theorem import ClaimReport


def rows_of(text: str, claim: ClaimReport) -> list[str]:
    """The lines of a terminal report that are about one claim: its row and what is below it."""
    lines = text.splitlines()
    at = next(k for k, x in enumerate(lines) if re.match(rf"  \S \w+ +{claim.claim.id}  ", x))
    below = next(k for k in range(at + 1, len(lines)) if not lines[k].startswith(" " * 6))
    return lines[at:below]


def notes_of(text: str, claim: ClaimReport) -> dict[str, str]:
    """The footnotes that a claim's row points to, by their marks."""
    after = "\n  [" + text.partition("\n  [")[2]
    whole = re.sub(r"\n {6}(?! )", " ", after)
    notes = dict(re.findall(r"^  \[(\w+)\] (.*)$", whole, re.MULTILINE))
    marks = re.search(r"\[([\w,]+)\]$", rows_of(text, claim)[0])
    return {mark: notes[mark] for mark in marks[1].split(",")} if marks else {}


def proof_of(forms: Forms, text: str, claim: ClaimReport) -> tuple[str, str]:
    """The setting of the proof that carries a claim in a document, and the step that states it."""
    sections = text.partition("Numerical checks")[0].split("Proof: ")[1:]
    proofs = zip(forms.report.record.proofs, sections, strict=True)
    steps = {step.claim: (proof, part) for proof, part in proofs for step in proof.steps}
    proof, part = steps[claim.claim.id]
    setting, *shown = re.split(r"Step \d+: ", part)
    number = next(k for k, step in enumerate(proof.steps) if step.claim == claim.claim.id)
    return setting, shown[number]


def test_what_a_verdict_rests_on_stands_in_every_form(forms: Forms) -> None:
    """Lemmas and assumptions, by claim; assumptions of the setting are called so."""
    record = {c["id"]: c for c in forms.record["claims"]}
    trusted = forms.record["trusted_base"]
    assert trusted[0] == CHECKER
    for claim in forms.report.claims:
        assumed = claim.context.assumptions if claim.context else ()
        expected = [f"assumed: {x}" if x in assumed else x for x in claim.rests_on]
        for text in (forms.short, forms.full):
            notes = notes_of(text, claim)
            shown = [note for mark, note in notes.items() if mark.isdigit()]
            assert shown == [pretty(x) for x in expected]
        if claim.verdict is not Verdict.PROVED:
            continue
        (evidence,) = record[claim.claim.id]["evidence"]
        assert (evidence["kind"], evidence["rule"]) == ("proof", claim.rule)
        assert evidence["rests_on"] == list(claim.rests_on)
        assert set(claim.rests_on) <= set(trusted)
        for text in forms.documents:
            (basis,) = [p for p in paragraphs(proof_of(forms, text, claim)[1]) if "Rests on" in p]
            summary = paragraphs(text.rpartition("What is trusted")[2])
            for lemma in expected:
                assert says(basis, lemma)
            for lemma in claim.rests_on:
                assert any(says(unit, lemma) for unit in summary)


def test_what_a_claim_assumes_stands_in_every_form(forms: Forms) -> None:
    """Hypotheses, assumptions in words, sign symmetries and inverse matrices."""
    record = {c["id"]: c for c in forms.record["claims"]}
    for claim in forms.report.claims:
        if claim.context is None:
            continue
        context, lines = claim.context, record[claim.claim.id]["hypotheses"]
        assumed = (context.hypotheses, context.flips, context.inverses, context.assumptions)
        assert len(lines) == sum(map(len, assumed))
        full = " ".join(" ".join(rows_of(forms.full, claim)).split()).partition("(assumed: ")[2]
        for text in ("; ".join(lines), full):
            _assert_complete(context, text, "{}: ")
        for text in forms.documents:
            setting = proof_of(forms, text, claim)[0]
            _assert_complete(context, unmarked(setting), "Hypothesis {}:")
            for words in context.assumptions:
                assert any(says(unit, f"Assumed: {words}") for unit in paragraphs(setting))
        short = _range(forms.short, claim)
        for hypothesis in context.hypotheses:
            assert re.search(rf"assuming [\w, -]*\b{hypothesis.name}\b", short)
        quantified = set(re.findall(r"\w+", " ".join(record[claim.claim.id]["quantifiers"])))
        if any(set(pair) <= quantified for pair in context.inverses):
            assert "⁻¹ = " in short


def _assert_complete(context: Context, text: str, naming: str) -> None:
    """Every hypothesis by name, and as many symmetries and inverses as there are."""
    for hypothesis in context.hypotheses:
        _, named, after = text.partition(naming.format(hypothesis.name))
        assert named
        assert "=" in after
    assert text.lower().count("changing the sign of") == len(context.flips)
    assert text.count("are inverse matrices") == len(context.inverses)
    if naming == "{}: ":
        assert all(words in text for words in context.assumptions)


def _range(text: str, claim: ClaimReport) -> str:
    """All that the short report says of what a claim holds for."""
    heading = text.partition("\nClaims")[2].partition("\n  ✓")[0]
    own = " ".join(x.strip() for x in rows_of(text, claim)[1:])
    return " ".join([*heading.split(), own, *notes_of(text, claim).values()])


def test_a_replayed_file_says_what_is_assumed_and_rested_on(forms: Forms) -> None:
    """A file whose steps are all accepted: its settings and claims, each with all of it."""
    if Verdict.REFUTED in {c.verdict for c in forms.report.claims}:
        return
    settings = replayed(forms.report.record).split("Setting of the proof ")[1:]
    claims = {c.claim.id: c for c in forms.report.claims}
    for proof, section in zip(forms.report.record.proofs, settings, strict=True):
        setting, *shown = re.split(r"\nproved  ", section)
        flat = " ".join(setting.split())
        _assert_complete(proof.context, flat, "assumed: {}: ")
        for words in proof.context.assumptions:
            assert f"assumed: {words}" in flat
        for part in shown:
            claim = claims[part.split("\n")[0]]
            basis = " ".join(part.split()).partition("rests on: ")[2]
            for lemma in claim.rests_on:
                assert lemma in basis


def test_a_notebook_shows_with_a_claim_what_it_assumes_and_rests_on(forms: Forms) -> None:
    for claim in ShownReport.of(forms.report).claims:
        if claim.context is None:
            continue
        for text in (claim._repr_markdown_(), claim._repr_latex_()):
            _assert_complete(claim.context, unmarked(text), "Hypothesis {}:")
            units = text.split("\n\n")
            for words in claim.context.assumptions:
                assert any(says(unit, f"Assumed: {words}") for unit in units)
            for lemma in claim.rests_on:
                assert any(says(unit, f"Rests on: {lemma}") for unit in units)


def test_the_laws_of_random_arrays_stand_in_every_form() -> None:
    """The variance of a normal law, the moments of a tabled one, and what is independent."""
    forms = Forms.of("specimen")
    record = {c["id"]: c for c in forms.record["claims"]}
    laws = record["loss"]["laws"]
    assert laws[:3] == ["w in R is N(0, 1)", "e in R is N(0, sigma2)", "independent: w, e"]
    moments = "E[z[s1]] = 0, E[z[s1] z[s2]] = sigma2*delta[s1,s2]"
    assert record["length"]["laws"][0].endswith(moments)
    text = replayed(forms.report.record)
    assert "ε ∈ ℝ is N(0, σ²)" in text
    assert "independent: w, ε" in text
    for document in forms.documents:
        setting = document.partition("Proof: shrinkage")[2].partition("Step 1")[0]
        (independent,) = [unit for unit in paragraphs(setting) if "Independent: " in unit]
        assert re.search(r"\bw, *\\varepsilon", independent)
    assert "E[z[s1] z[s2]] = σ² δ[s1,s2]" in text
    for read in (list(markdown_tables(forms.markdown)), list(latex_tables(forms.latex))):
        assert ["varepsilon in mathbb{R}", "noise", "N(0, sigma2 )"] in read[1]
        assert any(t[0] == ["degrees", "moment"] and t[1] == ["1", "0"] for t in read)
