"""The sampled part of `explore`: how many prompts, what is tested, and the Bayes predictor."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from verifier.explore.answer import ExploreOptions
from verifier.explore.exploration import explore, layer_vector
from verifier.explore.monte_carlo import ClaimedLayer, affordable_prompts, monte_carlo
from verifier.explore.posterior_mean import PosteriorMean
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.responses import Weights
from verifier.setting.setting_file import parse_setting

FEWEST = BATCHES * SMALLEST_BATCH
QUICK = ExploreOptions(samples=FEWEST, starts=2, seed=1)


def setting(d: int, n: int, text: str = "") -> Setting:
    head = f"[prompt]\ndimension = {d}\ncontext_length = {n}\n"
    return parse_setting((head + text).encode())


@pytest.mark.parametrize("factor", ["10^18", "1/10^18"])
def test_responses_of_another_size_than_the_covariates_agree(factor) -> None:
    assert explore(setting(2, 4, f"[task]\nresponse = '{factor}*t + {factor}'\n"), QUICK).agrees


def test_covariates_that_are_almost_always_zero_tell_nothing() -> None:
    text = "[covariates]\nlaw = 'radial'\nradius_moments = { '2' = 1, '4' = 1000000 }\n"
    found = explore(setting(2, 2, text), QUICK)
    ridge = found.compared[-1]
    assert ridge.loss.error == inf
    assert "too few informative prompts" in ridge.description
    sampled = found.numerical.monte_carlo
    assert sampled is not None
    assert not sampled.tested
    assert "almost all zero" in sampled.note
    assert found.agrees


def test_a_claim_less_precise_than_the_sample_is_not_tested_against_it() -> None:
    one = setting(2, 5, "[noise]\nvariance = 1\n")
    theta = layer_vector(explore(one, QUICK).optimum)
    rng = np.random.default_rng(0)
    for error, tested in ((0.001, True), (0.1, False), (inf, False)):
        claim = ClaimedLayer("sampled", theta, 2.0, error)
        assert monte_carlo(one, [claim], 3.0, rng, FEWEST).tested is tested


def test_monte_carlo_rejects_a_wrong_loss() -> None:
    one = setting(2, 5, "[noise]\nvariance = 1\n")
    optimum = explore(one, QUICK).optimum
    rng = np.random.default_rng(0)
    wrong = ClaimedLayer("wrong", layer_vector(optimum), 1.2 * optimum.loss.decimal)
    assert not monte_carlo(one, [wrong], 3.0, rng, FEWEST).agreement.agrees


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_posterior_mean_of_long_prompts_solves_nothing_larger_than_d(
    noise, monkeypatch
) -> None:
    sizes = []

    def recording(original):
        def recorded(matrix, *rest, **options):
            sizes.append(matrix.shape[-1])
            return original(matrix, *rest, **options)

        return recorded

    for name in ("pinv", "solve", "inv"):
        monkeypatch.setattr(np.linalg, name, recording(getattr(np.linalg, name)))
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 200, 2)), rng.standard_normal((3, 2))
    y = (x @ w[..., None])[..., 0]
    got = PosteriorMean.of(Weights.standard(2), noise).predict(x, y, w)
    assert sizes
    assert max(sizes) == 2
    if not noise:
        assert got == pytest.approx((w * w).sum(axis=1), rel=1e-9)


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("entries", [((2, "1/2"), ("1/2", 1)), ((1, 1), (1, 1)), ((0, 0), (0, 0))])
def test_the_posterior_mean_is_the_conditional_gaussian_mean(n, noise, entries) -> None:
    """Against the textbook conditional mean of the joint Gaussian (w, y), prompt by prompt."""
    weights = Weights.normal([1, "-1/2"], Covariance.full(entries))
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((4, n, 2)), rng.standard_normal((4, n))
    query = np.eye(2)[[0, 1, 0, 1]]
    if not noise:
        # Without noise y comes from a w that the prior allows.
        w = weights.sample(rng, 4)
        y = (x @ w[..., None])[..., 0]
    got = PosteriorMean.of(weights, noise).predict(x, y, query)
    gamma, mean = weights.covariance.array(), np.array(weights.mean, dtype=float)
    for p in range(4):
        spread = x[p] @ gamma @ x[p].T + noise * np.eye(n)
        w = mean + gamma @ x[p].T @ np.linalg.pinv(spread) @ (y[p] - x[p] @ mean)
        assert got[p] == pytest.approx(query[p] @ w, rel=1e-8, abs=1e-8)


def test_affordable_prompts() -> None:
    assert affordable_prompts(setting(2, 5), 64_000) == 64_000
    assert affordable_prompts(setting(2, 10**6), 64_000) == 0
    assert FEWEST <= affordable_prompts(setting(2, 1000), 64_000) < 64_000


def test_dear_responses_allow_fewer_prompts() -> None:
    product = "*".join(["sin(t)"] * 60)
    dear = setting(1, 200, f"[task]\nresponse = '{product}'\n")
    assert affordable_prompts(setting(1, 200), 64_000) == 64_000
    assert affordable_prompts(dear, 64_000) == 0
    network = "[task]\nresponse = { network = 'relu', width = 256 }\n"
    assert affordable_prompts(setting(2, 1000, network), 64_000) == 0


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_posterior_mean_of_few_examples_is_that_of_the_formula(noise) -> None:
    """n < d: equations of size n give what m + F (Z'Z + noise I)^+ Z'(y - X m) does."""
    rng = np.random.default_rng(0)
    factor, mean = rng.standard_normal((4, 4)), rng.standard_normal(4)
    x, y, query = (rng.standard_normal(shape) for shape in ((5, 2, 4), (5, 2), (5, 4)))
    predicted = PosteriorMean(mean, factor, noise).predict(x, y, query)
    for k in range(5):
        Z = x[k] @ factor
        inverse = np.linalg.pinv(Z.T @ Z + noise * np.eye(4), rcond=1e-12)
        weights = mean + factor @ inverse @ Z.T @ (y[k] - x[k] @ mean)
        assert predicted[k] == pytest.approx(float(query[k] @ weights))
