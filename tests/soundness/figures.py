"""The figures of docs/soundness.md on claims, statements and contexts, as printed text."""

from __future__ import annotations

from collections.abc import Iterator

from contexts import ContextVerdict, verdicts
from mutated_steps import FALSE, NO_POINT, Mutant, mutants
from refusals import refusal_class
from tables import table
from true_variants import FORMS, Variant, claim_variants, not_proved, variants

from verifier.theorem.registry import theorems
from verifier.theorem.theorem import Report, check_theorem
from verifier.theorem.verdict import Verdict


def false_claims() -> Iterator[str]:
    """Near misses of Theorem 1, through `check`: who refuted them, and why no proof was found."""
    import test_near_misses as near

    reports = [(next(iter(claimed)), near.check(claimed)) for claimed in near.FALSE]
    yield f"false claims near Theorem 1: {len(reports)}"
    yield table((key, _fate(report)) for key, report in reports)


def _fate(report: Report) -> str:
    """The verdict; with an exact counterexample beside it, why the kernel accepted no proof."""
    wrong = [c for c in report.claims if c.verdict is Verdict.REFUTED]
    if report.verdict is not Verdict.REFUTED or not all(c.refutation for c in wrong):
        return f"NOT REFUTED ({report.verdict.value})"
    return f"exact counterexample; proof refused: {refusal_class(wrong[0].reason)}"


def true_claims() -> Iterator[str]:
    """Claims in another form through `check`, by hand for Theorem 1 and rewritten for all."""
    import test_near_misses as near

    found = [("theorem1, by hand", "", near.THEOREM, claimed) for claimed in near.TRUE]
    for name, theorem in theorems().items():
        found += [(name, kind, theorem, claimed) for kind, claimed in claim_variants(theorem)]
    lines, wrong = [], []
    for name, kind, theorem, claimed in found:
        reasons = not_proved(check_theorem(theorem, claimed=claimed, numerical=False))
        lines.append((name, "REFUSED" if reasons else "proved"))
        if reasons:
            wrong.append(f"REFUSED {name}, {kind}: {claimed}: {reasons}")
    yield f"true claims in another form: {len(lines)}"
    yield table(lines)
    yield from wrong


def true_statements() -> Iterator[str]:
    """Every proof step in every other form, certificates kept."""
    found: list[Variant] = []
    for name, theorem in theorems().items():
        before = len(found)
        for proof in theorem.derive({}).proofs:
            for kind in FORMS:
                found += variants(proof, kind)
        yield f"{name}: {len(found) - before}"
        yield from (f"REFUSED {v}" for v in found[before:] if v.reason)
    wrong = [v for v in found if v.reason]
    yield f"true statements in another form: {len(found)}, refused {len(wrong)}"
    yield table((v.kind, "REFUSED" if v.reason else "accepted") for v in found)


def mutated_steps(most: int) -> Iterator[str]:
    """Mutants of the statements and certificates of all steps."""
    found: list[Mutant] = []
    for name, theorem in theorems().items():
        before = len(found)
        found += mutants(theorem, most, refute_refused=True)
        yield f"{name}: {len(found) - before}"
    refused, accepted = [m for m in found if m.refused], [m for m in found if not m.refused]
    false = [m for m in accepted if m.accepted_as == FALSE]
    yield f"mutated steps: {len(found)}, refused {len(refused)}, FALSE {len(false)}"
    yield table((m.kind, m.outcome) for m in found)
    wrong = sum(m.refuted for m in refused)
    yield f"of the {len(refused)} refused, {wrong} are false at an exact point as well:"
    yield table((m.refused, "refuted" if m.refuted else _tried(m.points)) for m in refused)
    yield "accepted, true at every point tried, by number of points:"
    yield table((m.kind, f"{m.points} points:") for m in accepted if m.points)
    yield from (f"{m.accepted_as} {m}" for m in accepted if m.accepted_as in (FALSE, NO_POINT))


def mutated_contexts(texts: int) -> Iterator[str]:
    """Mutants of the contexts of all proofs."""
    found: list[ContextVerdict] = []
    for name, theorem in theorems().items():
        derivation, before = theorem.derive({}), len(found)
        for proof in derivation.proofs:
            found += verdicts(proof, derivation.fillings, texts)
        yield f"{name}: {len(found) - before}"
    false = [v for v in found if v.outcome == FALSE]
    accepted = sum(v.accepted for v in found)
    yield f"steps in mutated contexts: {len(found)}, accepted {accepted}, FALSE {len(false)}"
    yield table((v.kind, v.outcome) for v in found)
    yield "accepted, true at every point tried, by number of points:"
    yield table((v.kind, f"{v.points} points:") for v in found if v.points)
    yield from (f"{v.outcome} {v}" for v in found if v.outcome in (FALSE, NO_POINT))


def _tried(points: int) -> str:
    return "not refuted at the points tried" if points else "not evaluated"
