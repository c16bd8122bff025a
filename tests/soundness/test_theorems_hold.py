"""The true statements: Theorem 1 and a semidefinite case are accepted, from one small file."""

from __future__ import annotations

from proofs.theorem1 import THEOREM
from verifier.proof.checker import examine
from verifier.proof.record import Record, dump, load


def test_theorem_1_is_accepted_from_its_own_file() -> None:
    record = Record(THEOREM.id, THEOREM.title, THEOREM.source, THEOREM.derive({}).proofs)
    for proof in load(dump(record)).proofs:
        accepted, failed = examine(proof)
        assert failed == {}
        assert list(accepted) == [step.name for step in proof.steps]
