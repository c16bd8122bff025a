"""False claims put to a theorem: one claim's step alone (fast), or the whole check (deep tests)."""

from __future__ import annotations

from verifier.proof.checker import Proof, examine
from verifier.proof.counterexample import Refutation
from verifier.refutation import search
from verifier.registry import find

Miss = tuple[str, dict[str, str]]


def counterexample(theorem: str, miss: Miss) -> Refutation:
    """The exact witness against one claim; fails if the checker accepts it or none is found.

    Only the step that states the claim is examined, with what it rests on for predictions.
    """
    claim, claimed = miss
    derivation = find(theorem).derive(claimed)
    proof = next(p for p in derivation.proofs if any(s.claim == claim for s in p.steps))
    step = next(s for s in proof.steps if s.claim == claim)
    alone = not step.uses
    needed = (step,) if alone else proof.steps[: proof.steps.index(step) + 1]
    known = "prediction" in claimed or alone
    accepted, _ = examine(Proof(proof.name, proof.context, needed)) if known else ({}, {})
    assert step.name not in accepted, f"accepted: {claimed}"
    found = search(proof.context, step, accepted, proof, derivation.fillings, 0)
    assert found is not None, f"no counterexample to {claim} for {claimed}"
    assert found.reason
    return found


def named(misses: list[Miss]) -> list[str]:
    """Identifiers for parametrised tests."""
    return [f"{key}={text[:40]}" for _, claimed in misses for key, text in claimed.items()]
