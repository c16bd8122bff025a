"""The Bayes risk by quadrature over eigenvalues, against moments, sampling and duality."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import chi2

from verifier.numeric.ridge import mean_spectral_sum, ridge_excess
from verifier.numeric.ridge_tower import tower_comparisons, tower_quadrature
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.responses import Polynomial, SingleIndex, Weights

sizes = st.integers(1, 30)


@given(sizes, sizes)
@settings(max_examples=20, deadline=None)
def test_spectral_sums_give_the_wishart_moments(n, d) -> None:
    """E tr I = min(n, d), E tr S = n d, E tr S^2 = n d (n + d + 1) (Letac, Massam 2004)."""
    found = [mean_spectral_sum(n, d, f) for f in (np.ones_like, lambda x: x, lambda x: x**2)]
    assert found == pytest.approx([min(n, d), n * d, n * d * (n + d + 1)], rel=1e-10)


@given(sizes, sizes, st.floats(1e-4, 100))
@settings(max_examples=20, deadline=None)
def test_covariates_and_examples_may_be_exchanged(n, d, noise) -> None:
    """X'X and XX' share their non-zero eigenvalues: excess(n, d) - excess(d, n) = d - n."""
    one, two = ridge_excess(n, d, noise), ridge_excess(d, n, noise)
    assert one.value - two.value == pytest.approx(d - n, abs=1e-9)
    assert one.error < 1e-7 * one.value


@given(sizes, sizes, st.floats(1e-3, 10), st.floats(1.1, 5))
@settings(max_examples=15, deadline=None)
def test_the_excess_grows_with_noise_and_falls_with_examples(n, d, noise, factor) -> None:
    """Between its limits max(d - n, 0) at no noise and d at infinite noise; Jensen bounds it."""
    value = ridge_excess(n, d, noise).value
    assert max(d - n, 0) < value < d
    assert value < ridge_excess(n, d, factor * noise).value
    assert value > ridge_excess(n + 1, d, noise).value
    # E tr (S + z)^-1 >= d / (E tr S / d + z) since 1/x is convex.
    assert value >= noise * d / (n + noise) * (1 - 1e-12)


@pytest.mark.parametrize(("n", "noise"), [(1, 0.5), (2, 0.01), (3, 2.0), (8, 0.5)])
def test_one_dimension_is_a_chi_squared_mean(n, noise) -> None:
    """Straight from the density of sqrt(S), by another quadrature."""

    def integrand(root: float) -> float:
        return noise / (root**2 + noise) * 2 * root * chi2.pdf(root**2, n)

    direct = sum(quad(integrand, a, b, epsabs=1e-13)[0] for a, b in ((0, 1), (1, 4), (4, 20)))
    assert ridge_excess(n, 1, noise).value == pytest.approx(direct, abs=1e-9)


@pytest.mark.parametrize(("n", "d", "noise"), [(2, 2, 0.1), (5, 3, 0.5), (3, 4, 2.0)])
def test_the_excess_is_the_mean_over_sampled_matrices(n, d, noise) -> None:
    rng = np.random.default_rng(n)
    x = rng.standard_normal((40_000, n, d))
    eigenvalues = np.linalg.eigvalsh(x.swapaxes(1, 2) @ x)
    sums = (noise / (eigenvalues + noise)).sum(axis=1)
    error = sums.std() / len(sums) ** 0.5
    assert abs(sums.mean() - ridge_excess(n, d, noise).value) < 4.5 * error
    assert error < 0.004


def test_no_noise_leaves_what_is_not_determined() -> None:
    assert [ridge_excess(n, 3, 0.0).value for n in (1, 2, 3, 9)] == [2, 1, 0, 0]
    assert ridge_excess(2, 5, 1e-8).value == pytest.approx(3, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 1.0), "context length"),
        ((1, 0, 1.0), "dimension"),
        ((1, 1, -1.0), "not negative"),
        ((1, 1, float("nan")), "finite"),
        ((61, 61, 1.0), "up to 60"),
    ],
)
def test_bad_sizes_get_one_line(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        ridge_excess(*arguments)


@given(st.integers(1, 12), st.floats(0.01, 10))
@settings(max_examples=10, deadline=None)
def test_both_sides_of_the_tower_identity_are_n_in_one_dimension(n, noise) -> None:
    assert tower_quadrature(n, noise) == pytest.approx((n, n), rel=1e-9)


def test_the_tower_quadrature_would_see_another_penalty(monkeypatch) -> None:
    """E[s^2 / (T + p)] with p = 2 sigma^2 is below n: the identity is not one of the method."""
    real = np.polynomial.hermite_e.hermegauss

    def halved(count):
        points, weights = real(count)
        return points / 2**0.5, weights

    monkeypatch.setattr(np.polynomial.hermite_e, "hermegauss", halved)
    assert tower_quadrature(3, 1.0)[0] < 2


@pytest.mark.parametrize("shape", [(2, 5, "1/2"), (3, 2, 1), (3, 2, 0)])
def test_sampled_prompts_show_the_tower_identity(shape) -> None:
    """4.5 standard errors; where sigma^2 = 0 and d > n both sides agree prompt by prompt."""
    d, n, noise = shape
    rng = np.random.default_rng(1)
    ridge, difference = tower_comparisons(Setting.isotropic(*shape), rng, 20_000)
    assert ridge.claimed == n * d
    assert abs(ridge.z) < 4.5
    assert abs(difference.z) < 4.5
    assert difference.standard_error < 0.5 * ridge.standard_error
    assert (difference.below + difference.above == 0) == (noise == 0)


def test_the_tower_identity_is_about_linear_responses() -> None:
    covariates = Covariates(Normal(), Covariance.identity(1))
    response = SingleIndex(Polynomial.of(0, 0, 1), Weights.standard(1))
    with pytest.raises(ValueError, match="linear responses"):
        tower_comparisons(Setting(1, 2, covariates, response, 1), np.random.default_rng(0), 100)
    with pytest.raises(ValueError, match="positive"):
        tower_quadrature(2, 0.0)
