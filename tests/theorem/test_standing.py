"""Every source of a registered claim says how the claim stands to what is published."""

import re

import pytest

from verifier.theorem.registry import theorems
from verifier.theorem.standing import Standing, standing

SOURCES = sorted({claim.source for one in theorems().values() for claim in one.claims})
WORK = re.compile(r"Theorem \d|\(\d{4}\)|its (averaging )?lemma|textbook")


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_as_published_names_where(source: str) -> None:
    if standing(source) is Standing.PUBLISHED:
        assert WORK.search(source)
    if source.startswith(("new", "beyond")):
        assert standing(source) is Standing.NEW


def test_by_hand() -> None:
    assert standing("Theorem 1") is Standing.PUBLISHED
    assert standing("Theorem 1, completed") is Standing.STRONGER
    assert standing("new; for one head Theorem 1") is Standing.NEW
    assert standing("exact, with noise; a bound without noise: Zhang (2024)") is Standing.STRONGER
