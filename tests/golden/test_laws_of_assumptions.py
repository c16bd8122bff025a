"""What a claim assumes and what its verdict rests on stands in every form of a report.

Lemmas, assumptions in words, given equations and moments, symmetries, laws and independence: on the
terminal, in Markdown, LaTeX, JSON, and in what ``recheck`` prints of a proof file.
"""

from __future__ import annotations

import itertools
import re

from forms import Forms, replayed
from reading import latex_tables, markdown_tables, paragraphs, says

from verifier.proof.context import (
    Absolute,
    Context,
    Draws,
    Function,
    Hat,
    Normal,
    Slot,
)
from verifier.render.prose import pretty
from verifier.reports.json_record import CHECKER
from verifier.reports.notebook import ShownReport
from verifier.theorem.theorem import ClaimReport
from verifier.theorem.verdict import Verdict


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
    first, *below = rows_of(text, claim)
    row = [first, *itertools.takewhile(lambda line: line.startswith(" " * 20), below)]
    marks = re.search(r"\[([\w,]+)\]$", row[-1])
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
    """Lemmas and assumptions, by claim; a terminal says those of the setting with its laws."""
    record = {c["id"]: c for c in forms.record["claims"]}
    trusted = forms.record["trusted_base"]
    assert trusted[0] == CHECKER
    for claim in forms.report.claims:
        assumed = claim.context.assumptions if claim.context else ()
        lemmas = {pretty(x) for x in claim.rests_on if x not in assumed}
        for text in (forms.short, forms.full):
            notes = notes_of(text, claim)
            shown = [note for mark, note in notes.items() if mark.isdigit()]
            assert (len(shown), set(shown)) == (len(lemmas), lemmas)
        if claim.verdict is not Verdict.PROVED:
            continue
        (evidence,) = record[claim.claim.id]["evidence"]
        assert evidence["kind"] == "proof"
        assert evidence["rests_on"] == list(claim.rests_on)
        assert evidence["moments"] == dict(claim.moments)
        assert set(claim.rests_on) <= set(trusted)
        for text in forms.documents:
            (basis,) = [p for p in paragraphs(proof_of(forms, text, claim)[1]) if "Rests on" in p]
            summary = paragraphs(text.rpartition("What is trusted")[2])
            for lemma in claim.rests_on:
                assert says(basis, f"assumed: {lemma}" if lemma in assumed else lemma)
            for lemma in claim.rests_on:
                assert any(says(unit, lemma) for unit in summary)


def assert_complete(context: Context, text: str) -> None:
    """Everything that restricts the models of a context, found in a text by words and counts.

    ``text`` has no line ends. What the words say in full is what tests/document/test_facts.py asks.
    """
    for atom in context.moments:
        assert f"given moment {atom.name}: " in text
    for atom in context.given:
        assert f"assuming {atom.name}: " in text
    arrays = context.arrays
    drawn = [a for a in arrays if isinstance(a, Draws | Slot)]
    draws = {(a.law, a.slot if isinstance(a, Slot) else "") for a in drawn}
    functions = [a for a in arrays if isinstance(a, Function)]
    counts = {
        "independent, identically distributed draws": len(context.laws),
        " function of the draw and of | functions of the draw and of ": sum(
            any(f.hidden for f in law.fields) for law in context.laws
        ),
        r"-th draw of | one (?:further )?draw of | another draw of ": len(draws),
        "is drawn once, before the draws": len(context.hidden),
        "rotations that permute": sum(len(h.isotropic) for h in context.hidden),
        "changing the sign": sum(bool(h.odd) for h in context.hidden),
        "the hat matrix": sum(isinstance(a, Hat) for a in arrays),
        "is any function of": len(functions),
        "all moments of the draws of": len(context.laws),
        "all moments of (?!the draws)": len(functions),
        r"\\lvert|= \|": sum(isinstance(a, Absolute) for a in arrays),
        r"(?:entries|law) (?:N\(0,|\$`?N\(0,)": len(
            {a.variance for a in arrays if isinstance(a, Normal)}
        ),
        r"(?:; |^|\s)independent: ": len(context.sources) > 1,
        "hold almost surely": bool(context.sources),
    }
    for pattern, count in counts.items():
        assert len(re.findall(pattern, text)) == count, pattern


def assert_said(context: Context, units: list[str]) -> None:
    """Every assumption in words stands in one of the lines or paragraphs, and is called so."""
    for words in context.assumptions:
        assert any(says(unit, f"assumed: {words}") for unit in units)


def around(text: str, claim: ClaimReport) -> str:
    """All that a report on a terminal says of what a claim holds for."""
    heading = re.split(r"\n  [✓~✗?] ", text.partition("\nClaims")[2])[0].partition("\n  where ")[2]
    heading = heading.partition("\n  notation ")[0]
    notes = [note for mark, note in notes_of(text, claim).items() if not mark.isdigit()]
    given = [note for note in notes if not note.startswith("for all ")]
    return "; ".join([*heading.split("\n"), *given]).replace(";   ", " ")


def test_what_a_claim_assumes_stands_in_every_form(forms: Forms) -> None:
    """Laws, symmetries, independence, given equations and moments, assumptions in words."""
    record = {c["id"]: c for c in forms.record["claims"]}
    for claim in forms.report.claims:
        if claim.context is None:
            continue
        own = record[claim.claim.id]
        assert_complete(claim.context, "; ".join([*own["laws"], *own["hypotheses"]]))
        assumed = [f"assumed: {words}" for words in claim.context.assumptions]
        assert set(assumed) <= set(own["hypotheses"])
        for text in (forms.short, forms.full):
            assert_complete(claim.context, around(text, claim))
            assert all(pretty(words) in around(text, claim) for words in assumed)
        if claim.verdict is not Verdict.PROVED:
            continue
        for text in forms.documents:
            setting = proof_of(forms, text, claim)[0]
            assert_complete(claim.context, unescaped(setting))
            assert_said(claim.context, paragraphs(setting))


def unescaped(text: str) -> str:
    """A document's text on one line, without the marks of its language around words."""
    for mark in (r"\\begin\{indented\}\{0\}", r"\\end\{indented\}"):
        text = re.sub(mark, "", text)
    text = re.sub(r"\$`?\\mathrm\{([^{}]+)\}(?:_\{([0-9]+)\})?`?\$", r"\1\2", text)
    return " ".join(text.replace("\\_", "_").split())


def test_a_replayed_file_says_what_is_assumed_and_rested_on(forms: Forms) -> None:
    """A file whose steps are all accepted: its settings and claims, each with all of it."""
    if Verdict.REFUTED in {c.verdict for c in forms.report.claims}:
        return
    settings = replayed(forms.report.record).split("Setting of the proof ")[1:]
    claims = {c.claim.id: c for c in forms.report.claims}
    for proof, section in zip(forms.report.record.proofs, settings, strict=True):
        setting, *shown = re.split(r"\nproved  ", section)
        flat = " ".join(setting.split())
        assert_complete(proof.context, flat)
        assert all(f"assumed: {pretty(words)}" in flat for words in proof.context.assumptions)
        for part in shown:
            claim = claims[part.split("\n")[0]]
            basis = " ".join(part.split()).partition("rests on: ")[2]
            for lemma in claim.rests_on:
                assert pretty(lemma) in basis


def test_a_notebook_shows_with_a_claim_what_it_assumes_and_rests_on(forms: Forms) -> None:
    for claim in ShownReport.of(forms.report).claims:
        if claim.context is None:
            continue
        for text in (claim._repr_markdown_(), claim._repr_latex_()):
            units = text.split("\n\n")
            assert_complete(claim.context, unescaped(text))
            assert_said(claim.context, units)
            for lemma in claim.rests_on:
                assert any(says(unit, f"Rests on: {lemma}") for unit in units)


def test_the_laws_of_random_arrays_stand_in_every_form() -> None:
    """The variance of a normal law, the moments of a tabled one, and what is independent."""
    forms = Forms.of("specimen")
    record = {c["id"]: c for c in forms.record["claims"]}
    assert record["loss"]["laws"][:3] == [
        "w in R with law N(0, 1)",
        "e in R with law N(0, sigma2)",
        "independent: w, e",
    ]
    assert (
        "given moment second: E(xq[i]*xq[j]) = delta[i,j] for all i, j"
        in (record["tasks"]["hypotheses"])
    )
    text = " ".join(replayed(forms.report.record).split())
    for part in ("w ∈ ℝ with law N(0, 1)", "ε ∈ ℝ with law N(0, σ²)", "independent: w, ε"):
        assert part in text
    assert "given moment second: E[xₙ₊₁[i] xₙ₊₁[j]] = δᵢⱼ for all i, j" in text
    for document in forms.documents:
        setting = document.partition("Proof: shrinkage")[2].partition("Step 1")[0]
        (independent,) = [unit for unit in paragraphs(setting) if "independent: " in unit]
        assert re.search(r"w *, *(?:\\allowbreak)?\\, *\\varepsilon", independent)
    for read in (list(markdown_tables(forms.markdown)), list(latex_tables(forms.latex))):
        assert ["varepsilon in mathbb{R}", "noise", "random"] in read[1]
