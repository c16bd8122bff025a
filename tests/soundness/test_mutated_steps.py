"""Every registered theorem's proof steps, mutated: what is accepted is true, and says why."""

from __future__ import annotations

import pytest
from steps import tally

from verifier.registry import theorems

SLOW = ("landscape",)


def _check(theorem: str, most: int) -> int:
    counts, accepted = tally(theorems()[theorem], most)
    holes = [mutant for mutant in accepted if mutant.accepted_as.startswith("unexplained")]
    assert not holes, holes[0]
    return counts["rejected"]


def test_mutated_statements_are_rejected_or_true() -> None:
    assert sum(_check(name, 1 if name in SLOW else 5) for name in theorems()) >= 300


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_many_mutated_statements_are_rejected_or_true(name: str) -> None:
    _check(name, 400)
