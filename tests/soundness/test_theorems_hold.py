"""The true statements: proofs of every kind of context are accepted, from their own files."""

from __future__ import annotations

import pytest

from verifier.proof.record import Record, dump, load
from verifier.proof.rules import examine
from verifier.theorem.registry import theorems

PROOFS = [
    proof for name in ("theorem1", "theorem3") for proof in theorems()[name].derive({}).proofs
]


@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_proofs_are_accepted_from_a_file(proof: object) -> None:
    text = dump(Record("one", "One proof", "this test", (proof,)))  # type: ignore[arg-type]
    (read,) = load(text).proofs
    accepted, failed = examine(read)
    assert failed == {}
    assert list(accepted) == [step.name for step in read.steps]
