"""Theorem 1: what is derived, against the paper, hand calculations and the explicit loss."""

from fractions import Fraction
from pathlib import Path

import pytest
from checked import checked
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.shared import evidence
from proofs.theorem1 import THEOREM
from verifier.loss.expected_loss import expected_loss
from verifier.proof.record import Record, dump, load, replay
from verifier.proof.rules import examine
from verifier.theorem.registry import find
from verifier.theorem.theorem import Options, Report, check_theorem
from verifier.theorem.verdict import Verdict

SMALL = st.fractions(min_value=-2, max_value=2, max_denominator=4)
NOISES = st.fractions(min_value=0, max_value=3, max_denominator=5)


@pytest.fixture(scope="module")
def report() -> Report:
    return checked("theorem1")


def at(report: Report, key: str, d: int, n: int, noise: Fraction) -> Fraction:
    scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
    return evidence.number(report.results[key], scalars)


def test_every_claim_is_proved(report: Report) -> None:
    assert {item.verdict for item in report.claims} == {Verdict.PROVED}


def test_the_rate_of_one_example_by_hand(report: Report) -> None:
    """n = d = 1, no noise: E(w x q - r q x^2 w)^2 = 1 - 2r E x^2 + r^2 E x^4 = 1 - 2r + 3r^2.

    Least at r = 1/3, where it is 2/3.
    """
    assert at(report, "learning_rate", 1, 1, Fraction(0)) == Fraction(1, 3)
    assert at(report, "minimum_loss", 1, 1, Fraction(0)) == Fraction(2, 3)


@given(st.integers(1, 3), st.integers(1, 6), NOISES, st.data())
@settings(max_examples=25, deadline=None)
def test_no_other_layer_is_better_and_the_gradient_vanishes(report, d, n, noise, data) -> None:
    loss = expected_loss(d, n, noise, method="explicit")
    rate, minimum = (at(report, key, d, n, noise) for key in ("learning_rate", "minimum_loss"))
    zero = [Fraction(0)] * d
    step = [[rate * (i == j) for j in range(d)] for i in range(d)]
    assert loss.evaluate(zero, 1, step, zero) == minimum
    vector = st.lists(SMALL, min_size=d, max_size=d)
    a, c = data.draw(vector), data.draw(vector)
    A = data.draw(st.lists(vector, min_size=d, max_size=d))
    b = data.draw(SMALL)
    assert loss.evaluate(a, b, A, c) >= minimum
    moved = [[x + y / 8 for x, y in zip(p, q, strict=True)] for p, q in zip(step, A, strict=True)]
    assert loss.evaluate(zero, 1, moved, zero) > minimum or moved == step


def test_the_mean_square_of_the_prediction_is_what_the_ratio_says(report: Report) -> None:
    """n = d = 1: E w s = E w^2 x^2 = 1 and E s^2 = E (x^2 w + x e)^2 = 3 + sigma2."""
    noise = Fraction(2, 7)
    assert at(report, "learning_rate", 1, 1, noise) == 1 / (3 + noise)


MINIMISERS = THEOREM.derive({}).results["minimisers"]
MISSES = [
    ("loss", {"loss": "d + sigma2"}),
    ("decomposition", {"learning_rate": "1/(n + d + 2 + sigma2)"}),
    ("decomposition", {"minimum_loss": "sigma2"}),
    ("equality", {"minimisers": "a[i] = 0; c[i] = 0; b*A[i,j] = 2*eta*delta[i,j]"}),
    ("minimum", {"minimisers": "a[i] = 0; c[i] = 0; b*A[i,j] = eta*delta[i,j]"}),
    ("minimum", {"minimisers": f"{MINIMISERS[0]} | {MINIMISERS[1]} | b = 0"}),
    ("prediction", {"prediction": "2*eta*sum[i](xq[i]*s[i])"}),
    ("learning-rate", {"learning_rate": "1/(n + d + sigma2)"}),
    ("ridge-ratio", {"learning_rate": "1/(n + d + sigma2)"}),
]


@pytest.mark.parametrize("miss", MISSES, ids=[f"{c}-{k}" for k, (c, _) in enumerate(MISSES)])
def test_false_claims_are_not_proved(miss: tuple[str, dict[str, str]]) -> None:
    claim, claimed = miss
    proved = set()
    for proof in THEOREM.derive(claimed).proofs:
        accepted, _ = examine(proof)
        proved |= {step.step.claim for step in accepted.values()}
    assert claim not in proved
    assert "any-prediction" in proved


def test_the_second_family_at_dimension_one_attains_the_minimum(report: Report) -> None:
    loss = expected_loss(1, 3, Fraction(1, 2), method="explicit")
    rate = at(report, "learning_rate", 1, 3, Fraction(1, 2))
    minimum = at(report, "minimum_loss", 1, 3, Fraction(1, 2))
    assert loss.evaluate([2], 0, [[0]], [rate / 2]) == minimum
    plane = expected_loss(2, 3, Fraction(1, 2), method="explicit")
    at_plane = at(report, "minimum_loss", 2, 3, Fraction(1, 2))
    rate = at(report, "learning_rate", 2, 3, Fraction(1, 2))
    assert plane.evaluate([1, 0], 0, [[0, 0], [0, 0]], [rate, 0]) > at_plane


def test_the_proof_replays_from_its_file(report: Report) -> None:
    copy = load(dump(report.record))
    assert isinstance(copy, Record)
    claims = [c.step.claim for _, steps in replay(copy) for c in steps if c.step.claim]
    assert sorted(claims) == sorted(item.claim.id for item in report.claims)


def test_numerical_evidence_agrees_and_a_wrong_loss_would_not() -> None:
    options = Options(dimensions=(2,), context_lengths=(3,), starts=6, samples=32_000)
    report = check_theorem(find("theorem1"), options)
    assert report.verdict is Verdict.PROVED
    assert [t.passed for t in report.tables if t.passed is False] == []
    from verifier.loss.dimension_free import dimension_free_loss
    from verifier.setting.data import Setting

    setting = Setting.isotropic(2, 3, Fraction(1, 2))
    wrong = dimension_free_loss().numeric(2, 4, Fraction(1, 2))
    rate = float(at(report, "learning_rate", 2, 3, Fraction(1, 2)))
    import numpy as np

    case = evidence.Case(("2",), setting, wrong, wrong.loss(np.zeros(9)), rate * np.eye(2))
    assert not evidence.monte_carlo_table([case], options, ("d",)).passed
    assert not evidence.optimisation_table([case], options, ("d",)).passed


def test_the_file_reads_like_a_section() -> None:
    """Within 100 lines: setting, claims in words, what is special."""
    import proofs.theorem1 as module

    source = Path(module.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 100
