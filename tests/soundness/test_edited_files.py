"""Random edits of proof files: refused, or what is proved is true (shown as what it is)."""

from __future__ import annotations

import pytest
from file_edits import with_digest, without_digest
from proof_files import small_record

from proofs.theorem1 import THEOREM
from verifier.proof.record import Record, dump, load, replay


def theorem_record() -> Record:
    """Theorem 1's proof file."""
    return Record(THEOREM.id, THEOREM.title, THEOREM.source, THEOREM.derive({}).proofs)


def test_the_small_record_is_accepted() -> None:
    record = small_record()
    assert load(dump(record)) == record
    ((proof, accepted),) = replay(load(dump(record)))
    assert [one.step.name for one in accepted] == [step.name for step in proof.steps]


def test_edits_that_keep_the_digest_are_refused() -> None:
    for record in (small_record(), theorem_record()):
        counts = without_digest(record, 500, 0)
        assert not counts["FALSE"]
        assert counts["refused"] > 400


def test_edits_with_a_fresh_digest_prove_true_statements_only() -> None:
    counts, false = with_digest(small_record(), 250, 0)
    assert not false, false[0]
    assert counts["refused"] > 120
    assert counts["no point"] <= 20, counts


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1, 5))
def test_many_edits(seed: int) -> None:
    assert not without_digest(theorem_record(), 2_500, seed)["FALSE"]
    counts, false = with_digest(small_record(), 2_500, seed)
    assert not false, false[0]
    assert sum(counts.values()) == 2_500
