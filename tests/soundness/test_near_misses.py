"""Theorem 1's neighbours: no false claim is proved, every one is refuted; true ones are proved."""

from __future__ import annotations

import contextlib

import pytest
from mutations import text_mutants
from near_misses import false_claims, true_claims
from sampling import mostly_deep

from proofs.theorem1 import THEOREM
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL
from verifier.proof.statements import Claim
from verifier.proof.syntax import Fuel, ProofError, free_indices
from verifier.theorem.refute import refute
from verifier.theorem.theorem import Report, check_theorem
from verifier.theorem.verdict import Verdict

BASE = THEOREM.derive({})
MAIN = BASE.proofs[0]
MINIMISERS = [str(system) for system in BASE.results["minimisers"]]


def derived_loss() -> str:
    """The loss as a polynomial, as the program derives it."""
    (step,) = (step for step in MAIN.steps if step.claim == "loss")
    assert isinstance(step.statement, Claim)
    return step.statement.cases[0][0].right


def meaningful(texts: list[str]) -> list[str]:
    """Those that the kernel can evaluate as one number; others are refused before any proof."""
    meaning, found = Meaning(MAIN.context, Fuel(FUEL)), []
    for text in texts:
        node = MAIN.context.read(text)
        with contextlib.suppress(ProofError):
            meaning.value(node)
            found += [] if free_indices(node) else [text]
    return found


FALSE = false_claims(BASE.results, MINIMISERS)
FALSE += [{"loss": text} for text in meaningful(list(text_mutants(derived_loss(), MAIN.context)))]
TRUE = true_claims(BASE.results, MINIMISERS, derived_loss())


def names(claims: list[dict[str, str]]) -> list[str]:
    return [str(claimed)[1:70] for claimed in claims]


def check(claimed: dict[str, str]) -> Report:
    return check_theorem(THEOREM, claimed=claimed, numerical=False)


def test_there_are_enough() -> None:
    assert len(FALSE) >= 100
    assert len(TRUE) >= 30


@pytest.mark.parametrize("claimed", mostly_deep(FALSE, names(FALSE), 9))
def test_false_claims_are_refuted(claimed: dict[str, str]) -> None:
    report = check(claimed)
    assert report.verdict is Verdict.REFUTED
    for claim in (one for one in report.claims if one.verdict is Verdict.REFUTED):
        assert claim.refutation is not None
        assert claim.context is not None
        assert claim.refutation.statement == claim.statement
        again = refute(claim.context, claim.statement, claim.refutation.point)
        assert again == claim.refutation


@pytest.mark.parametrize("claimed", mostly_deep(TRUE, names(TRUE), 6))
def test_true_claims_in_another_form_are_proved(claimed: dict[str, str]) -> None:
    report = check(claimed)
    assert {c.claim.id: c.reason for c in report.claims if c.verdict is not Verdict.PROVED} == {}
    assert report.verdict is Verdict.PROVED
