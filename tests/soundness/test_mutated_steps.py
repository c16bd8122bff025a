"""Every registered theorem's proof steps, mutated: what is accepted is true, and says why."""

from __future__ import annotations

import pytest
from steps import UNEXPLAINED, mutants

from verifier.registry import theorems

MOST = {"landscape": 1, "ridge-bayes": 3}


def _check(theorem: str, most: int, thorough: bool) -> None:
    found = list(mutants(theorems()[theorem], most, thorough))
    holes = [m for m in found if m.accepted_as == UNEXPLAINED or (m.accepted_as and m.refuted)]
    assert not holes, holes[0]
    assert sum(bool(m.refused) for m in found) > len(found) / 2


@pytest.mark.parametrize("name", list(theorems()))
def test_mutated_statements_are_rejected_or_true(name: str) -> None:
    _check(name, MOST.get(name, 4), thorough=False)


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_many_mutated_statements_are_rejected_or_true(name: str) -> None:
    _check(name, 400, thorough=True)
