"""Every registered theorem's proof steps, mutated: what is accepted is true, and says why."""

from __future__ import annotations

import random

import pytest
from mutated_steps import FALSE, NO_POINT, Mutant, mutants, proof_mutants
from proof_files import small_record
from second_shelf import NAMES

from verifier.theorem.registry import theorems

EVERY = dict.fromkeys(NAMES, 4) | {"landscape": 5, "theorem3": 3}


def _assert_true(found: list[Mutant]) -> None:
    false = [m for m in found if m.accepted_as == FALSE]
    assert not false, false[0]
    assert sum(bool(m.refused) for m in found) > len(found) / 2
    assert sum(m.accepted_as == NO_POINT for m in found) <= len(found) / 50


@pytest.mark.parametrize("name", list(theorems()))
def test_mutated_steps_are_refused_or_true(name: str) -> None:
    _assert_true(list(mutants(theorems()[name], 4, every=EVERY.get(name, 1))))


def test_mutants_of_every_rule_are_refused_or_true() -> None:
    (proof,) = small_record().proofs
    _assert_true(list(proof_mutants(proof, (), 12, random.Random(1))))


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_many_mutated_steps_are_refused_or_true(name: str) -> None:
    _assert_true(list(mutants(theorems()[name], 100)))
