"""Training W_K, W_Q, W_V, h on a sample: the moment form is the empirical loss; where runs end."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isotropic_by_hand import isotropic_function, isotropic_minimum

from verifier.numeric.full_weights import SampledLoss, train_full_weights
from verifier.numeric.stationary import Outcome
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.layer import LayerVariant, LinearAttention
from verifier.setting.responses import Polynomial, SingleIndex, Weights

seeds = st.integers(0, 2**32 - 1)
variants = st.builds(LayerVariant, st.booleans(), st.booleans())


def random_flat(rng: np.random.Generator, d: int) -> np.ndarray:
    return rng.standard_normal(3 * (d + 1) ** 2 + d + 1)


def layer_of(flat: np.ndarray, d: int, variant: LayerVariant) -> LinearAttention:
    keys, queries, values = flat[: -(d + 1)].reshape(3, d + 1, d + 1)
    return LinearAttention(keys, queries, values, flat[-(d + 1) :], variant)


@given(seeds, st.integers(1, 3), st.integers(1, 4), variants)
@settings(max_examples=25, deadline=None)
def test_the_moment_form_is_the_mean_squared_error(seed, d, n, variant) -> None:
    setting = replace(Setting.isotropic(d, n, 1), layer_variant=variant)
    sample = SampledLoss.of(setting, np.random.default_rng(seed), 50)
    drawn = setting.sample(np.random.default_rng(seed), 50)
    flat = random_flat(np.random.default_rng(seed + 1), d)
    layer = layer_of(flat, d, variant)
    direct = ((drawn.target - layer.predict(drawn.x, drawn.y, drawn.query)) ** 2).mean()
    assert sample.weights(flat)[0] == pytest.approx(direct, rel=1e-9)
    reduced = sample.reduced(layer.reduced().to_vector())[0]
    assert reduced == pytest.approx(direct, rel=1e-9)


@given(seeds, st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_gradients_are_the_slopes(seed, d) -> None:
    sample = SampledLoss.of(Setting.isotropic(d, 2, 1), np.random.default_rng(seed), 30)
    rng = np.random.default_rng(seed + 1)
    cases = (
        (sample.weights, random_flat(rng, d)),
        (sample.reduced, rng.standard_normal((d + 1) ** 2)),
    )
    for function, point in cases:
        move = rng.standard_normal(point.size)
        value, gradient = function(point)
        slope = (function(point + 1e-6 * move)[0] - function(point - 1e-6 * move)[0]) / 2e-6
        assert slope == pytest.approx(gradient @ move, rel=1e-4, abs=1e-5 * (1 + value))


@pytest.mark.parametrize("shape", [(1, 3, "1/2"), (2, 5, "1/2"), (3, 5, "1/2")])
def test_training_ends_at_one_gradient_step(shape) -> None:
    """The best of five runs is within sampling error of B = eta I and of L*."""
    d, n, noise = shape
    s2 = float(Fraction(noise))
    eta, minimum = isotropic_minimum(d, n, s2)
    report = train_full_weights(
        Setting.isotropic(*shape),
        np.random.default_rng(4),
        exact=isotropic_function(d, n, s2),
        best_readout=eta * np.eye(d),
    )
    assert report.optimisation.best.outcome is Outcome.LOCAL_MINIMUM
    assert report.optimisation.not_converged == 0
    assert len(report.exact_losses) == len(report.optimisation.runs) == 5
    assert minimum <= report.exact_loss < 1.01 * minimum
    assert 0 < report.readout_distance < 0.08
    assert report.sampled_loss < 1.02 * minimum


def test_a_nonlinear_family_trains_too() -> None:
    """f = (w.x)^2, d = 1: E f^2 = E w^4 E x^4 = 9, and an even f correlates with no predictor."""
    covariates = Covariates(Normal(), Covariance.identity(1))
    response = SingleIndex(Polynomial.of(0, 0, 1), Weights.standard(1))
    setting = Setting(1, 4, covariates, response, Fraction(1))
    report = train_full_weights(setting, np.random.default_rng(0), starts=3)
    assert report.sampled_loss == pytest.approx(1 + 9, rel=0.1)
    assert report.exact_loss is None
    assert report.readout_distance is None
