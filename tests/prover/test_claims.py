"""What a person claims and what results print is the same object: each is proved of the other."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from test_examples import NAMES, theorem

from verifier.prover.setting_file import parse_symbolic
from verifier.prover.theorem_of import theorem_of
from verifier.theorem import refutation
from verifier.theorem.claim_text import claim_text
from verifier.theorem.refute import Refutation
from verifier.theorem.theorem import Report, check_theorem
from verifier.theorem.verdict import Verdict

QUICK = {"theorem1", "pair", "retrieval", "key_dimension", "diagonal", "every_prefix"}


@cache
def results(name: str) -> dict[str, str]:
    """What is printed for an example, systems of minimisers separated as a claim has them."""
    found = theorem(name).derive({}).results
    return {k: " | ".join(v) if isinstance(v, list) else str(v) for k, v in found.items()}


def claiming(name: str, **claimed: str) -> Report:
    return check_theorem(theorem(name), claimed=claimed, numerical=False)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else [pytest.mark.deep])
        for name in NAMES
        if name != "weight_decay"
    ],
)
def test_all_that_results_print_can_be_claimed_and_is_proved(name: str) -> None:
    assert claiming(name, **results(name)).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("theorem1", "minimisers", "b = 0"),
        ("theorem1", "predictor", "0"),
        ("every_prefix", "learning_rate", "1/(n + d + 1 + sigma2)"),
        ("key_dimension", "lower_bound", "sigma2"),
        ("retrieval", "learning_rate", "1/n"),
        ("pair", "readout", "P[i,j] = delta[i,j]"),
        ("pair", "readout", "Gamma[i,j]/(n + 1)"),
    ],
)
def test_what_is_false_is_refuted(name: str, key: str, text: str) -> None:
    found = claiming(name, **{key: text})
    assert found.verdict is Verdict.REFUTED
    assert any(one.refutation for one in found.claims)


def test_a_readout_is_claimed_by_its_inverse_too() -> None:
    for factor, verdict in (("n+1", Verdict.PROVED), ("n+2", Verdict.REFUTED)):
        text = f"(({factor}) Lambda + (tr(Lambda Gamma) + sigma2) Gamma^-1)^-1"
        assert claiming("pair", readout=text).verdict is verdict


def test_an_equation_may_be_a_multiple_and_have_other_letters() -> None:
    left, right = results("pair")["readout"].split(" = ")
    moved = f"{left}".replace("P[i,j]", "P[i,j]/1")
    claimed = {"readout": f"(n+2)*({moved}) = (n+2)*({right})"}
    assert claiming("pair", **claimed).verdict is Verdict.PROVED
    systems = "2*a[l] = 0; c[i] = 0; b*A[l,j] = eta*delta[l,j] | " + results("theorem1")[
        "minimisers"
    ].split(" | ")[1].replace("c[i]*a[j]", "n*c[l]*a[j]").replace(
        "eta*delta[i,j]", "n*eta*delta[l,j]"
    )
    assert claiming("theorem1", minimisers=systems).verdict is Verdict.PROVED


def test_systems_and_predictions_are_read_as_a_terminal_prints_them() -> None:
    printed = "aᵢ = 0, cⱼ = 0, b Aⱼᵢ = η δᵢⱼ for all i, j\n  or d = 1, b = 0 for all i"
    assert claim_text(printed).replace(" ", "") == ("a[i]=0;c[j]=0;b*A[j,i]=eta*delta[i,j]|d=1;b=0")
    assert claiming("theorem1", predictor="ŷₙ₊₁ = η ∑ᵢ sᵢ xₙ₊₁[i]").verdict is Verdict.PROVED


def test_once_one_claim_is_refuted_little_is_spent_on_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """L >= 0 and what follows from L = 0 are true, so that nothing refutes them."""
    spent, search = [], refutation.search

    def counted(*arguments: Any) -> Refutation | None:
        spent.append(arguments[-1])
        return search(*arguments)

    monkeypatch.setattr(refutation, "search", counted)
    found = claiming("key_dimension", lower_bound="0")
    assert [one.verdict for one in found.claims] == [Verdict.REFUTED] + 2 * [Verdict.UNDECIDED]
    assert spent == [refutation.UNITS, refutation.FEW, refutation.FEW]


NUMBERS = b"""
[prompt]
dimension = 3
context_length = 7
[noise]
variance = "1/2"
"""


def test_numbers_in_place_of_symbols_are_claims_too() -> None:
    """eta = 1/(n + d + 1 + sigma2) = 1/(7 + 3 + 1 + 1/2) and L* = sigma2 + d - n d eta."""
    at_numbers = theorem_of(parse_symbolic(NUMBERS, "numbers.toml"))
    found = check_theorem(at_numbers, numerical=False)
    eta = 1 / (7 + 3 + 1 + Fraction(1, 2))
    here = {
        "learning_rate_here": str(eta),
        "minimum_loss_here": str(Fraction(1, 2) + 3 - 7 * 3 * eta),
    }
    assert found.verdict is Verdict.PROVED
    assert {key: found.results[key] for key in here} == here
    assert check_theorem(at_numbers, claimed=here, numerical=False).verdict is Verdict.PROVED
    for key in here:
        wrong = check_theorem(at_numbers, claimed={key: "1/7"}, numerical=False)
        assert wrong.verdict is Verdict.REFUTED


def test_one_number_leaves_the_other_symbols() -> None:
    at_numbers = theorem_of(parse_symbolic(b"[prompt]\ncontext_length = 1\n", "one.toml"))
    found = check_theorem(at_numbers, numerical=False)
    assert found.verdict is Verdict.PROVED
    assert found.results["learning_rate_here"] == "1/(d + sigma2 + 2)"
