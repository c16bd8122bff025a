"""Every range, hypothesis, law and definition mutated: a step still accepted is still true."""

from __future__ import annotations

from collections import Counter

import pytest
from checked import derived
from contexts import FALSE, NO_POINT, REFUSED, verdicts
from proof_files import small_record
from second_shelf import BY_HAND, SETTINGS

from verifier.proof.statements import Proof
from verifier.theorem.registry import theorems
from verifier.theorem.witness_points import Filling

EVERY = (
    dict.fromkeys(SETTINGS, 61)
    | dict.fromkeys(BY_HAND, 11)
    | {
        "retrieval": 41,
        "landscape": 53,
        "theorem1": 13,
        "theorem2": 43,
        "theorem3": 37,
        "gaussian-pair": 43,
    }
)


def _outcomes(proof: Proof, fillings: tuple[Filling, ...], texts: int, every: int) -> Counter[str]:
    counts = Counter[str]()
    for verdict in verdicts(proof, fillings, texts, every):
        assert verdict.outcome != FALSE, verdict
        counts[verdict.outcome] += 1
    return counts


def _of_theorem(name: str, texts: int, every: int) -> Counter[str]:
    derivation = derived(name)
    found = (_outcomes(p, derivation.fillings, texts, every) for p in derivation.proofs)
    return sum(found, Counter[str]())


@pytest.mark.parametrize("name", list(theorems()))
def test_steps_accepted_in_mutated_contexts_are_true(name: str) -> None:
    assert len(_of_theorem(name, 1, EVERY.get(name, 7))) >= 2


def test_every_kind_of_declaration_mutated() -> None:
    (proof,) = small_record().proofs
    counts = _outcomes(proof, (), 1, 2)
    assert sum(number for outcome, number in counts.items() if outcome.startswith(REFUSED)) > 20
    assert len(counts) >= 8, counts


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_steps_accepted_in_all_mutated_contexts_are_true(name: str) -> None:
    counts = _of_theorem(name, 4, 1)
    assert counts[NO_POINT] < sum(counts.values()) / 50, counts
