"""The kernel in Python against the checker extracted from Coq: Python accepts less."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from functools import cache

import pytest
from checked import checked
from proofs_to_alter import altered, small_proof

from verifier.coq.checking import by_ocaml, program, verdicts_of
from verifier.coq.data import proof as data_of
from verifier.coq.exporting import ProofInCoq, export
from verifier.proof.record import Record
from verifier.proof.rules import examine
from verifier.proof.statements import Proof
from verifier.proof.syntax import ProofError
from verifier.theorem.registry import theorems

pytestmark = pytest.mark.skipif(
    shutil.which("ocamlfind") is None, reason="needs OCaml: docs/coq.md"
)
LIMIT = 60.0
SLOW = frozenset({"decomposition", "loss"})  # of the layer's risk: seconds each


@cache
def record(name: str) -> Record:
    """The proofs of a shipped theorem."""
    return checked(name).record


def in_coq(proof: Proof) -> ProofInCoq:
    """A proof in Coq's form."""
    return export(Record("one", "one", "one", (proof,))).proofs[0]


def extracted(found: ProofInCoq, places: set[int]) -> dict[int, bool]:
    """What the extracted checker says of the steps at some places that are for it."""
    if found.steps is None:
        return {}
    stated = [part.exported for part in found.parts if part.exported is not None]
    asked = [p.checked for p in found.parts if p.checked is not None and p.place in places]
    return verdicts_of(program(), list(data_of(found.steps, stated, asked)), LIMIT)


def disagreements(
    proof: Proof, rounds: int, seed: int, skip: frozenset[str]
) -> tuple[Counter[tuple[bool, bool]], list[str]]:
    """Of altered proofs: verdicts (Python, Coq), and what Python accepts and Coq does not."""
    rng, found = random.Random(seed), []
    verdicts: Counter[tuple[bool, bool]] = Counter()
    for _ in range(rounds):
        change = altered(proof, rng)
        if change is None or proof.steps[change[1]].name in skip:
            continue
        other, place = change
        accepted, _ = examine(other)
        try:
            verdict = extracted(in_coq(other), {place}).get(place)
        except (ProofError, LookupError, ValueError):  # no meaning: it cannot be written for Coq
            verdict = False
        except subprocess.TimeoutExpired:
            continue
        if verdict is None:
            continue
        step = other.steps[place]
        verdicts[step.name in accepted, verdict] += 1
        if step.name in accepted and not verdict:
            found.append(f"{proof.name}: {step}")
    return verdicts, found


def test_altered_steps_of_a_small_proof() -> None:
    verdicts, found = disagreements(small_proof(), 120, 0, frozenset())
    assert not found
    assert verdicts[True, True] > 5
    assert verdicts[False, False] > 40


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(theorems()))
def test_altered_steps_of_shipped_proofs(name: str) -> None:
    for proof in record(name).proofs:
        found = disagreements(proof, 40, 1, SLOW)[1]
        assert not found


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(theorems()))
def test_no_step_that_is_exported_is_refused(name: str) -> None:
    """`by_ocaml` raises where one is; some take longer than the limit."""
    answer = by_ocaml(export(record(name)), LIMIT)
    assert answer.assumptions or answer.unfinished
