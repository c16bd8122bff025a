"""Ridge is Bayes: proved as stated; wrong penalties, risks and predictors are refuted."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from proofs.ridge_bayes import CLAIMABLE, THEOREM
from verifier.proof.lemmas import FUBINI, ISSERLIS
from verifier.setting.data import Setting
from verifier.setting.predictors import RidgeRegression
from verifier.theorem.theorem import Options, check_theorem
from verifier.theorem.verdict import Verdict

NUMERICAL = {"risk-numbers", "tower-numbers"}
WEIGHTS = "ridge_weights[i]"
READOUT = "sum[j](B[i,j]*s[j])"


def outcomes(only: str = "", **claimed: str) -> dict[str, object]:
    """The verdicts without numerics, on all claims or on one (one search for a witness)."""
    claims = tuple(c for c in THEOREM.claims if only in ("", c.id))
    report = check_theorem(replace(THEOREM, claims=claims), claimed=claimed, numerical=False)
    return {claim.claim.id: claim for claim in report.claims}


def test_every_mathematical_claim_is_proved() -> None:
    found = outcomes()
    proved = {name for name, claim in found.items() if claim.verdict is Verdict.PROVED}
    assert proved == set(found) - NUMERICAL
    assert any("uncorrelated are independent" in lemma for lemma in found["bayes"].rests_on)
    # Uncorrelatedness itself rests on nothing but independence and Gaussian moments.
    assert set(found["orthogonality"].rests_on) == {FUBINI, ISSERLIS}


@pytest.mark.parametrize(
    ("claimed", "refuted"),
    [
        ({"penalty": "2*sigma2"}, "orthogonality"),
        ({"penalty": "sigma2/2"}, "orthogonality"),
        ({"penalty": "sigma2/n"}, "orthogonality"),
        ({"penalty": "n*sigma2"}, "orthogonality"),
        ({"penalty": "sigma2 + 1"}, "orthogonality"),
        ({"penalty": "sigma2^2"}, "orthogonality"),
        ({"penalty": "1"}, "orthogonality"),
        ({"penalty": "2*sigma2"}, "error-covariance"),
        ({"penalty": "2*sigma2"}, "bayes"),
        ({"penalty": "2*sigma2"}, "risk"),
        ({"penalty": "2*sigma2"}, "excess"),
        ({"prediction": "2*sum[i](xq[i]*ridge_weights[i])"}, "bayes"),
        ({"prediction": "-sum[i](xq[i]*ridge_weights[i])"}, "bayes"),
        ({"prediction": "sum[i](xq[i]*s[i])/(n + d + 1 + sigma2)"}, "bayes"),
        ({"prediction": "0"}, "bayes"),
        ({"prediction": "2*sum[i](xq[i]*ridge_weights[i])"}, "noiseless-bayes"),
        ({"bayes_risk": "sigma2"}, "bayes"),
        ({"bayes_risk": "sigma2*sum[i,j](xq[i]*R[i,j]*xq[j])"}, "bayes"),
        ({"bayes_risk": "sigma2 + sum[i,j](xq[i]*R[i,j]*xq[j])"}, "bayes"),
        ({"error_covariance": "T[i,j]"}, "error-covariance"),
        ({"error_covariance": "sigma2^2*T[i,j]"}, "error-covariance"),
        ({"error_covariance": "sigma2*sum[l](T[i,l]*T[l,j])"}, "error-covariance"),
        ({"risk": "sigma2*sum[i](T[i,i])"}, "risk"),
        ({"risk": "sigma2 + sum[i](T[i,i])"}, "risk"),
        ({"risk": "sigma2 + sigma2*d"}, "risk"),
        ({"risk": "sigma2 + sigma2*sum[i](T[i,i])/n"}, "risk"),
        ({"excess": f"2*sum[i](({READOUT} - {WEIGHTS})^2)"}, "excess"),
        ({"excess": f"sum[i](({READOUT} + {WEIGHTS})^2)"}, "excess"),
        ({"excess": f"sum[i](({READOUT})^2)"}, "excess"),
        ({"excess": f"sum[i](({READOUT} - w[i])^2)"}, "excess"),
        ({"ratio_numerator": "n*d + sigma2"}, "tower-value"),
        ({"ratio_numerator": "n"}, "tower-value"),
        ({"ratio_numerator": "n*(n + d + 1)"}, "tower-value"),
        ({"noiseless_risk": "d"}, "noiseless-risk"),
        ({"noiseless_risk": "d - n"}, "noiseless-risk"),
        ({"noiseless_risk": "sum[i,j](T[i,j]*S[j,i])"}, "noiseless-risk"),
    ],
)
def test_near_misses_are_refuted_or_rejected(claimed, refuted) -> None:
    claim = outcomes(refuted, **claimed)[refuted]
    assert claim.verdict is Verdict.REFUTED, claim.reason


@pytest.mark.parametrize("penalty", ["2*sigma2", "0"])
def test_with_another_penalty_nothing_that_rests_on_it_is_proved(penalty) -> None:
    found = outcomes(penalty=penalty)
    for name in ("ridge-regression", "orthogonality", "bayes", "risk", "excess", "tower"):
        assert found[name].verdict is not Verdict.PROVED


def test_equal_penalties_in_other_words_are_proved() -> None:
    found = outcomes(penalty="(n*sigma2 + sigma2)/(n + 1)")
    assert found["bayes"].verdict is Verdict.PROVED
    assert found["orthogonality"].verdict is Verdict.PROVED


def test_the_claimed_risk_is_what_ridge_regression_loses() -> None:
    """Fixed X, sampled w and noise, through the predictor itself: 4 standard errors."""
    rng = np.random.default_rng(0)
    n, d, noise, count = 4, 3, 0.5, 200_000
    x = rng.standard_normal((n, d))
    w = rng.standard_normal((count, d))
    y = w @ x.T + noise**0.5 * rng.standard_normal((count, n))
    query = rng.standard_normal((count, d))
    examples = np.broadcast_to(x, (count, n, d))
    signal = (w * query).sum(axis=1)
    losses = (RidgeRegression(noise).predict(examples, y, query) - signal) ** 2 + noise
    resolvent = np.linalg.inv(x.T @ x + noise * np.eye(d))
    claimed = noise + noise * np.trace(resolvent)
    assert CLAIMABLE["risk"] == "sigma2 + sigma2*sum[i](T[i,i])"
    assert abs(losses.mean() - claimed) < 4 * losses.std() / count**0.5


def test_no_other_penalty_does_better_on_sampled_prompts() -> None:
    """Common prompts, so that differences are seen: 3 standard errors at penalties 1/2 and 2 x."""
    setting = Setting.isotropic(3, 5, 1)
    prompts = setting.sample(np.random.default_rng(2), 60_000)

    def losses(penalty: float) -> np.ndarray:
        predicted = RidgeRegression(penalty).predict(prompts.x, prompts.y, prompts.query)
        return (predicted - prompts.target) ** 2

    best = losses(1.0)
    for penalty in (0.3, 3.0):
        more = losses(penalty) - best
        assert more.mean() > 3 * more.std() / len(more) ** 0.5


def test_numbers_support_the_numerical_claims() -> None:
    options = Options((1, 2), (3,), (Fraction(0), Fraction(1, 2)), samples=32_000)
    report = check_theorem(THEOREM, options)
    verdicts = {c.claim.id: c.verdict for c in report.claims}
    assert {verdicts[name] for name in NUMERICAL} == {Verdict.SUPPORTED}
    assert report.verdict is Verdict.SUPPORTED
    price = report.tables[0]
    assert len(price.rows) == 4
    # sigma2 = 0 and n > d: the Bayes predictor knows w, and any loss of the GD step is infinite.
    assert [row[6] for row in price.rows if row[2] == "0"] == ["infinite", "infinite"]
    assert all(float(row[5]) > 0 for row in price.rows)


def test_only_noiseless_settings_leave_the_closed_form_out() -> None:
    report = check_theorem(THEOREM, Options((1,), (2,), (Fraction(0),), samples=32_000))
    assert report.verdict is Verdict.SUPPORTED
    assert report.tables[1].rows == ()
