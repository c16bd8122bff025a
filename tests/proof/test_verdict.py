"""The verdict on many claims is the worst of them, and nothing is promoted."""

from __future__ import annotations

import itertools

import pytest

from verifier.theorem.verdict import Verdict, overall

WORST_FIRST = [Verdict.REFUTED, Verdict.UNDECIDED, Verdict.SUPPORTED, Verdict.PROVED]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_worst_decides_in_any_order(size: int) -> None:
    for verdicts in itertools.product(Verdict, repeat=size):
        assert overall(verdicts) is min(verdicts, key=WORST_FIRST.index)


def test_nothing_proves_nothing() -> None:
    assert overall(()) is Verdict.UNDECIDED


def test_exit_codes_are_those_of_the_manual() -> None:
    codes = {verdict.value: verdict.exit_code for verdict in Verdict}
    assert codes == {"proved": 0, "supported": 0, "refuted": 1, "undecided": 3}
