"""Every bound, hypothesis, law and definition mutated: a step still accepted is still true."""

from __future__ import annotations

from collections import Counter

import pytest
from contexts import FALSE, NO_POINT, verdicts

from verifier.registry import theorems

EVERY = {"landscape": 37, "theorem1": 13, "theorem2": 31, "theorem3": 31, "gaussian-pair": 31}


def _check(name: str, texts: int, every: int, slow: int) -> Counter[str]:
    derivation, counts = theorems()[name].derive({}), Counter[str]()
    for proof in derivation.proofs:
        for verdict in verdicts(proof, derivation.fillings, texts, every, slow):
            assert not verdict.outcome.startswith(FALSE), verdict
            counts[verdict.outcome] += 1
    return counts


@pytest.mark.parametrize("name", list(theorems()))
def test_steps_accepted_in_mutated_contexts_are_true(name: str) -> None:
    counts = _check(name, 1, EVERY.get(name, 7), slow=0)
    assert len(counts) >= 3, counts


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_steps_accepted_in_all_mutated_contexts_are_true(name: str) -> None:
    counts = _check(name, 2, 1, slow=3)
    assert counts[NO_POINT] < sum(counts.values()) / 50, counts
