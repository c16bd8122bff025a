"""Theorem 1's neighbours: no false claim is proved, every one is refuted; true ones are proved."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from independent import confirm
from mutations import expression_mutants
from near_misses import false_claims, true_claims
from sampling import mostly_deep

from proofs.theorem1 import MINIMISERS, THEOREM
from verifier.proof import checker
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning
from verifier.proof.statement import Identity, Minimum
from verifier.proof.verdict import Verdict
from verifier.theorem import Report, check_theorem

BASE = THEOREM.derive({})
MAIN = BASE.proofs[0]
LOSS = next(
    s.statement.right for s in MAIN.steps if s.claim == "loss" and isinstance(s.statement, Identity)
)


def meaningful(texts: list[str]) -> list[str]:
    """Those that the checker can evaluate; the others can be neither proved nor refuted."""
    found = []
    for text in texts:
        with contextlib.suppress(ProofError):
            Meaning(MAIN.context).value(text)
            found.append(text)
    return found


FALSE = false_claims(BASE.results, list(MINIMISERS))
FALSE += [{"loss": text} for text in meaningful(expression_mutants(LOSS, MAIN.context)[::25])]
TRUE = true_claims(BASE.results, list(MINIMISERS), LOSS)


def names(claims: list[dict[str, str]]) -> list[str]:
    return [str(claimed)[1:70] for claimed in claims]


@pytest.fixture(scope="module", autouse=True)
def _once() -> Iterator[None]:
    with steps_checked_once():
        yield


@contextlib.contextmanager
def steps_checked_once() -> Iterator[None]:
    """A step with the same context, statement, certificate and premises is checked once."""
    original, memory = checker._apply, {}

    def apply(context: Any, step: Any, accepted: Mapping[str, Any]) -> frozenset[str]:
        premises = tuple(accepted[name].step.statement for name in step.uses)
        certificate = json.dumps(step.certificate, sort_keys=True)
        key = (context, step.rule, step.statement, certificate, premises)
        if key not in memory:
            memory[key] = original(context, step, accepted)
        return memory[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker, "_apply", apply)
        yield


def check(claimed: dict[str, str]) -> Report:
    return check_theorem(THEOREM, claimed=claimed, numerical=False)


def test_there_are_enough() -> None:
    assert len(FALSE) >= 70
    assert len(TRUE) >= 30


@pytest.mark.parametrize("claimed", mostly_deep(FALSE, names(FALSE), 12))
def test_false_claims_are_refuted(claimed: dict[str, str]) -> None:
    report = check(claimed)
    assert report.verdict is Verdict.REFUTED
    refuted = [c for c in report.claims if c.verdict is Verdict.REFUTED]
    minima = {
        s.statement.objective: s.statement
        for p in report.record.proofs
        for s in p.steps
        if isinstance(s.statement, Minimum)
    }
    for claim in refuted:
        assert claim.refutation is not None
        assert claim.refutation.statement == claim.statement
        assert claim.context is not None
        confirm(claim.context, claim.refutation, minima)


@pytest.mark.parametrize("claimed", mostly_deep(TRUE, names(TRUE), 12))
def test_true_claims_in_another_form_are_proved(claimed: dict[str, str]) -> None:
    report = check(claimed)
    assert {c.claim.id: c.reason for c in report.claims if c.verdict is not Verdict.PROVED} == {}
    assert report.verdict is Verdict.PROVED
