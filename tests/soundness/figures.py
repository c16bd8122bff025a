"""The figures of docs/soundness.md on statements, claims and contexts, as printed text."""

from __future__ import annotations

from collections.abc import Iterator

from contexts import FALSE, NO_POINT, ContextVerdict, verdicts
from refusals import refusal_class
from steps import UNEXPLAINED, Mutant, mutants
from tables import table
from true_variants import Variant, all_variants, claim_variants, not_proved

from verifier.proof.verdict import Verdict
from verifier.registry import theorems
from verifier.theorem import Report, check_theorem

SLOW = 4


def false_claims() -> Iterator[str]:
    """Near misses of Theorem 1, through `check`: who refuted them, and why no proof was found."""
    import test_near_misses as near

    with near.steps_checked_once():
        reports = [(next(iter(claimed)), near.check(claimed)) for claimed in near.FALSE]
    yield f"false claims near Theorem 1: {len(reports)}"
    yield table((key, _fate(report)) for key, report in reports)


def _fate(report: Report) -> str:
    """The verdict; with an exact counterexample beside it, why the checker accepted no proof."""
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
    with near.steps_checked_once():
        for name, kind, theorem, claimed in found:
            report = check_theorem(theorem, claimed=claimed, numerical=False)
            reasons = not_proved(report)
            lines.append((name, "REJECTED" if reasons else "proved"))
            if reasons:
                wrong.append(f"REJECTED {name}, {kind}: {claimed}: {reasons}")
    yield f"true claims in another form: {len(lines)}"
    yield table(lines)
    yield from wrong


def true_statements() -> Iterator[str]:
    """Every proof step in every other form, certificates kept."""
    found: list[Variant] = []
    for name, theorem in theorems().items():
        before = len(found)
        for proof in theorem.derive({}).proofs:
            found += all_variants(proof, SLOW)
        yield f"{name}: {len(found) - before}"
        yield from (f"REJECTED {v}" for v in found[before:] if v.reason)
    wrong = [v for v in found if v.reason]
    yield f"true statements in another form: {len(found)}, rejected {len(wrong)}"
    yield table((v.kind, "REJECTED" if v.reason else "accepted") for v in found)


def mutated_steps(most: int) -> Iterator[str]:
    """Mutants of the statements of all steps."""
    found: list[Mutant] = []
    for theorem in theorems().values():
        found += mutants(theorem, most)
    rejected, accepted = [m for m in found if m.refused], [m for m in found if not m.refused]
    holes = [m for m in accepted if m.accepted_as == UNEXPLAINED]
    yield f"mutated statements: {len(found)}, rejected {len(rejected)}, holes {len(holes)}"
    yield table((m.kind, m.outcome) for m in found)
    refuted = sum(m.refuted for m in rejected)
    yield f"of the {len(rejected)} rejected, {refuted} are false at an exact point as well:"
    yield table((m.refused, "refuted" if m.refuted else _tried(m.points)) for m in rejected)
    yield "accepted, true at every point tried, by number of points:"
    judged = [m for m in accepted if m.points]
    yield table((type(m.statement).__name__, f"{m.points} points:") for m in judged)
    yield from (f"HOLE {m}" for m in holes)


def mutated_contexts(texts: int) -> Iterator[str]:
    """Mutants of the contexts of all proofs."""
    found: list[ContextVerdict] = []
    for name, theorem in theorems().items():
        derivation, before = theorem.derive({}), len(found)
        for proof in derivation.proofs:
            found += verdicts(proof, derivation.fillings, texts)
        yield f"{name}: {len(found) - before}"
        yield from (f"HOLE {v}" for v in found[before:] if v.outcome.startswith(FALSE))
    holes = [v for v in found if v.outcome.startswith(FALSE)]
    accepted = sum(v.accepted for v in found)
    yield f"steps in mutated contexts: {len(found)}, accepted {accepted}, holes {len(holes)}"
    yield table((v.kind, v.outcome.partition(" at Counter")[0]) for v in found)
    yield "accepted, true at every point tried, by number of points:"
    yield table((v.kind, f"{v.points} points:") for v in found if v.points)
    yield from (f"not measured {v}" for v in found if v.outcome == NO_POINT)


def _tried(points: int) -> str:
    return "not refuted at the points tried" if points else "not evaluated"
