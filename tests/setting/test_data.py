"""Settings, response families and reference predictors: laws that samples must obey."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Normal, Uniform
from verifier.setting.layer import ReducedParameters
from verifier.setting.predictors import (
    GradientStep,
    PreconditionedStep,
    RidgeRegression,
    ZeroPredictor,
)
from verifier.setting.responses import (
    Linear,
    NumericLink,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    Sine,
    SingleIndex,
    Sum,
    Weights,
)

IDENTITY = Covariates(Normal(), Covariance.identity(3))
STANDARD = Weights.standard(3)


def close(values: np.ndarray, expected: float) -> bool:
    return abs(values.mean() - expected) < 5.5 * values.std() / len(values) ** 0.5


def test_second_moments_of_the_gaussian_pair() -> None:
    """E s = n Lambda mean, E q = n (tr(Lambda (Gamma + m m^T)) + sigma^2)."""
    spread = Covariance.full([[2, 1], [1, 3]])
    gamma = Covariance.diagonal(["1/2", 2])
    weights = Weights.normal(["1/2", -1], gamma)
    setting = Setting(2, 4, Covariates(Normal(), spread), Linear(weights), Fraction(3, 4))
    prompts = setting.sample(np.random.default_rng(1), 100_000)
    # Lambda m = (2/2 - 1, 1/2 - 3) = (0, -5/2).
    s = (prompts.y[:, :, None] * prompts.x).sum(axis=1)
    assert close(s[:, 0], 0.0)
    assert close(s[:, 1], -10.0)
    # tr(Lambda Gamma) = 1 + 6, m^T Lambda m = 5/2, noise 3/4.
    assert close((prompts.y**2).sum(axis=1), 4 * (7 + 2.5 + 0.75))
    assert close(prompts.target**2, 10.25)
    residual = prompts.target - prompts.tasks.evaluate(prompts.query[:, None, :])[:, 0]
    assert close(residual**2, 0.75)
    assert close(residual * prompts.y[:, 0], 0.0)


@pytest.mark.parametrize(
    ("response", "second"),
    [
        # E f(x)^2 for x ~ N(0, I_3), by hand, with |x|^2 moments 3, 15, 105.
        (Linear(STANDARD), 3.0),
        # E (w.x)^4 = 3 E|x|^4 = 45
        (SingleIndex(Polynomial.of(0, 0, 1), STANDARD), 45.0),
        # sin^2 = (1 - cos(2 t))/2, E cos(2 w.x) = E exp(-2|x|^2) = (1 + 4)^(-3/2)
        (SingleIndex(Sine.of(1), STANDARD), 0.5 * (1 - 5**-1.5)),
        (SingleIndex(NumericLink(np.abs, "|t|"), STANDARD), 3.0),
        # width * E relu(u.x)^2 = width * 3/2
        (ReluNetwork(4), 6.0),
        (ReluNetwork(4, normalised=True), 1.5),
        # (1 + |x|^2)^2 = 1 + 6 + 15
        (RadialPolynomial.of(1, 1), 22.0),
        # independent parts, the linear one centred: 3 + 22
        (Sum((Linear(STANDARD), RadialPolynomial.of(1, 1))), 25.0),
    ],
    ids=["linear", "square", "sine", "abs", "relu", "relu-scaled", "radial", "sum"],
)
def test_second_moment_of_every_family(response, second) -> None:
    setting = Setting(3, 1, IDENTITY, response, Fraction(0))
    prompts = setting.sample(np.random.default_rng(5), 200_000)
    assert close(prompts.target**2, second)
    assert close(prompts.y[:, 0] ** 2, second)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5))
@settings(max_examples=20)
def test_functions_belong_to_their_prompt(seed, d, n) -> None:
    """Evaluating one prompt's points alone gives the same values, so nothing leaks across."""
    response = Sum((Linear(Weights.standard(d)), ReluNetwork(3)))
    covariates = Covariates(Uniform(), Covariance.identity(d))
    prompts = Setting(d, n, covariates, response, Fraction(0)).sample(
        np.random.default_rng(seed), 7
    )
    np.testing.assert_allclose(prompts.tasks.evaluate(prompts.x), prompts.y)
    linear, network = prompts.tasks.parts
    for p in range(7):
        hidden = np.maximum(network.u[p] @ prompts.x[p].T, 0)
        expected = prompts.x[p] @ linear.w[p] + network.v[p] @ hidden
        np.testing.assert_allclose(prompts.y[p], expected)


def test_same_seed_same_prompts() -> None:
    setting = Setting.isotropic(2, 3, "1/3")
    first, second = (setting.sample(np.random.default_rng(4), 10) for _ in range(2))
    assert (first.x == second.x).all()
    assert (first.target == second.target).all()
    assert not (setting.sample(np.random.default_rng(5), 10).x == first.x).any()


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5))
@settings(max_examples=25)
def test_reference_predictors(seed, d, n) -> None:
    rng = np.random.default_rng(seed)
    prompts = Setting.isotropic(d, n, 1).sample(rng, 5)
    args = prompts.x, prompts.y, prompts.query
    assert (ZeroPredictor().predict(*args) == 0).all()
    step = GradientStep(0.3).predict(*args)
    np.testing.assert_allclose(PreconditionedStep(0.3 * np.eye(d)).predict(*args), step)
    # The layer with A = 0.3 I, b = 1, a = c = 0 takes the same step.
    layer = ReducedParameters(np.zeros(d), 1.0, 0.3 * np.eye(d), np.zeros(d)).full(rng)
    np.testing.assert_allclose(layer.predict(*args), step, atol=1e-9)
    # P enters as query^T P s, not its transpose.
    matrix = rng.standard_normal((d, d))
    layer = ReducedParameters(np.zeros(d), 1.0, matrix.T, np.zeros(d)).full(rng)
    stepped = PreconditionedStep(matrix).predict(*args)
    np.testing.assert_allclose(layer.predict(*args), stepped, atol=1e-9)
    # Ridge is characterised by its normal equations; a huge penalty makes it a gradient step.
    for p in range(5):
        fit = np.linalg.solve(args[0][p].T @ args[0][p] + 2 * np.eye(d), args[0][p].T @ args[1][p])
        assert RidgeRegression(2.0).predict(*args)[p] == pytest.approx(args[2][p] @ fit)
    huge = RidgeRegression(1e9).predict(*args)
    np.testing.assert_allclose(huge * 1e9, GradientStep(1.0).predict(*args), rtol=1e-6, atol=1e-6)
    # The limit is reached where the penalty is small beside the eigenvalues that are not 0.
    eigenvalues = np.linalg.eigvalsh(args[0].transpose(0, 2, 1) @ args[0])
    clear = ((eigenvalues > 1e-5) | (eigenvalues < 1e-12)).all(axis=1)
    small, limit = (RidgeRegression(p).predict(*args)[clear] for p in (1e-10, 0.0))
    np.testing.assert_allclose(limit, small, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: Setting.isotropic(0, 1, 1), ValueError, "dimension must be at least 1"),
        (lambda: Setting.isotropic(1, 0, 1), ValueError, "context length must be at least 1"),
        (lambda: Setting.isotropic(1, 1, -1), ValueError, "noise variance must not be negative"),
        (lambda: Setting.isotropic(1, 1, 0.1), TypeError, "noise variance"),
        (lambda: Setting(2, 1, IDENTITY, Linear(STANDARD), 1), ValueError, "covariates have dim"),
        (
            lambda: Setting(3, 1, IDENTITY, Linear(Weights.standard(2)), 1),
            ValueError,
            "response has dimension 2",
        ),
        (lambda: Weights.normal([1], Covariance.identity(2)), ValueError, "must agree"),
        (lambda: ReluNetwork(0), ValueError, "network width"),
        (lambda: Sum(()), ValueError, "at least one part"),
        (lambda: RidgeRegression(float("nan")), ValueError, "ridge penalty"),
    ],
)
def test_bad_settings_are_refused_in_one_line(build, error, message) -> None:
    with pytest.raises(error, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_noise_is_exact() -> None:
    assert Setting.isotropic(1, 1, "0.1").noise_variance == Fraction(1, 10)
