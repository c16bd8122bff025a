"""False claims put to a theorem: one claim's step alone (fast), or the whole check (deep tests)."""

from __future__ import annotations

from verifier.proof.rules import examine
from verifier.proof.statements import Proof, Step
from verifier.theorem.refutation import search
from verifier.theorem.refute import Refutation
from verifier.theorem.registry import find
from verifier.theorem.theorem import Derivation

Miss = tuple[str, dict[str, str]]


def counterexample(theorem: str, miss: Miss) -> Refutation:
    """The exact witness against one claim; fails if the checker accepts it or none is found.

    Only the step that states the claim is examined, with the steps before it.
    """
    claim, claimed = miss
    derivation = find(theorem).derive(claimed)
    proof, step = rejected(derivation, miss)
    found = search(proof.context, step, proof, derivation.fillings, 0)
    assert found is not None, f"no counterexample to {claim} for {claimed}"
    assert found.reason
    return found


def rejected(derivation: Derivation, miss: Miss) -> tuple[Proof, Step]:
    """The step that states a false claim, and its proof; fails if the checker accepts it."""
    claim, claimed = miss
    proof = next(p for p in derivation.proofs if any(s.claim == claim for s in p.steps))
    step = next(s for s in proof.steps if s.claim == claim)
    needed = proof.steps[: proof.steps.index(step) + 1]
    accepted, _ = examine(Proof(proof.name, proof.context, needed))
    assert step.name not in accepted, f"accepted: {claimed}"
    return proof, step


def named(misses: list[Miss]) -> list[str]:
    """Identifiers for parametrised tests."""
    return [f"{key}={text[:40]}" for _, claimed in misses for key, text in claimed.items()]
