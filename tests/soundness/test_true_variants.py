"""True statements in varied form: the kernel accepts every one, with its certificate."""

from __future__ import annotations

import pytest
from checked import derived
from second_shelf import SETTINGS
from true_variants import FORMS, claim_variants, not_proved, variants

from verifier.theorem.registry import theorems
from verifier.theorem.theorem import check_theorem

EVERY = dict.fromkeys(SETTINGS, 13) | {
    "landscape": 29,
    "theorem3": 13,
    "theorem2": 7,
    "gaussian-pair": 7,
    "theorem1": 5,
}


def _check_proofs(name: str, every: int) -> int:
    """Every k-th pair of a proof and a form, shifted from proof to proof."""
    counted = 0
    for k, proof in enumerate(derived(name).proofs):
        for kind in list(FORMS)[7 * k % every :: every]:
            for variant in variants(proof, kind):
                counted += 1
                assert variant.reason == "", variant
    return counted


@pytest.mark.parametrize("name", list(theorems()))
def test_true_statements_in_another_form_are_accepted(name: str) -> None:
    assert _check_proofs(name, EVERY.get(name, 3)) >= 10


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_all_true_statements_in_every_other_form_are_accepted(name: str) -> None:
    assert _check_proofs(name, 1) >= 100


@pytest.mark.deep
@pytest.mark.parametrize("name", list(theorems()))
def test_true_claims_in_every_other_form_are_proved(name: str) -> None:
    for _, claimed in claim_variants(theorems()[name]):
        report = check_theorem(theorems()[name], claimed=claimed, numerical=False)
        assert not_proved(report) == {}, claimed
