"""Moments of general settings, against the Gaussian engine, cubature, quadrature, enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss
from scipy.integrate import quad

from verifier.law_moments.gaussian_vector import GaussianMoments
from verifier.law_moments.general import NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.explicit import explicit_loss, gaussian_explicit_loss
from verifier.numeric.cubature import cubature_loss
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Laplace, Normal, Rademacher, Uniform, radial, student_t
from verifier.setting.layer import ReducedParameters
from verifier.setting.response_grammar import parse_response
from verifier.setting.responses import Linear, Polynomial, ReluNetwork, SingleIndex, Weights

small = st.fractions(min_value=-2, max_value=2, max_denominator=4)
positive = st.fractions(min_value=Fraction(1, 4), max_value=3, max_denominator=4)


@st.composite
def covariances(draw: st.DrawFn, d: int) -> Covariance:
    """L D L' with random rational L and D, positive definite."""
    lower = [[draw(small) if j < i else Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    pivots = [draw(positive) for _ in range(d)]
    rows = [
        [sum(lower[i][k] * pivots[k] * lower[j][k] for k in range(d)) for j in range(d)]
        for i in range(d)
    ]
    return Covariance.full(rows)


@settings(max_examples=15, deadline=None)
@given(st.data(), st.integers(1, 2), positive)
def test_gaussian_pairs_agree_with_the_gaussian_engine(data, d, noise) -> None:
    inputs, tasks = data.draw(covariances(d)), data.draw(covariances(d))
    setting = Setting.gaussian_pair(inputs, tasks, 3, noise)
    general = explicit_loss(general_moments(setting).example_moments())
    other = gaussian_explicit_loss(d, inputs.entries, tasks.entries, noise)
    assert dict(general.polynomial) == dict(other.polynomial)


@pytest.mark.parametrize("law", [Uniform(), Rademacher(), Laplace(), student_t("9"), Normal()])
def test_linear_responses_with_a_task_mean_agree_with_cubature(law) -> None:
    setting = Setting(
        2,
        2,
        Covariates(law, Covariance.full([[2, 1], [1, 3]])),
        Linear(Weights.normal(["1/2", -1], Covariance.full([[1, "1/3"], ["1/3", 2]]))),
        "1/3",
    )
    loss = explicit_loss(general_moments(setting).example_moments()).numeric(n=2)
    rng = np.random.default_rng(5)
    for _ in range(3):
        theta = rng.standard_normal(9) / 2
        sampled = cubature_loss(setting, ReducedParameters.from_vector(theta).full(rng))
        assert loss.loss_and_gradient(theta)[0] == pytest.approx(sampled, rel=1e-9)


def test_polynomial_responses_agree_with_gauss_hermite_quadrature() -> None:
    """All fourth and paired moments of g(t) = t^2 - t + 1/2 at d = 2, normal x and w."""
    inputs = Covariance.full([[1, "1/2"], ["1/2", 2]])
    weights = Weights.normal([1, "-1/2"], Covariance.full([[1, "1/4"], ["1/4", 1]]))
    link = Polynomial.of("1/2", -1, 1)
    setting = Setting(2, 3, Covariates(Normal(), inputs), SingleIndex(link, weights), "1/4")
    moments = general_moments(setting).example_moments()
    nodes, chances = hermegauss(6)
    chances = chances / chances.sum()
    grid = np.array(list(product(nodes, repeat=2)))
    mass = np.array([p * q for p, q in product(chances, repeat=2)])
    x = grid @ inputs.factor().T
    w = grid @ weights.covariance.factor().T + np.array(weights.mean, dtype=float)
    signal = link(w @ x.T)
    # Two noise nodes +-1/2 have the noise's moments up to order 3; E e^4 is corrected below.
    values = np.stack([signal + 0.5, signal - 0.5])
    v = np.stack([np.broadcast_to(x[:, i], values.shape) for i in range(2)] + [values], axis=-1)
    fourth = np.einsum("etxi,etxj,etxk,etxl,t,x->ijkl", v, v, v, v, mass, mass / 2, optimize=True)
    fourth[2, 2, 2, 2] += 3 / 16 - 1 / 16
    second = np.einsum("etxi,etxj,x->tij", v, v, mass / 2)
    paired = np.einsum("tij,tkl,t->ijkl", second, second, mass)
    for index in product(range(3), repeat=4):
        assert float(moments.fourth.get(index, 0)) == pytest.approx(fourth[index], abs=1e-8)
        assert float(moments.paired.get(index, 0)) == pytest.approx(paired[index], abs=1e-8)


@pytest.mark.parametrize("text", ["relu(t)", "abs(t)", "3*relu(t)/2", "t - 2*relu(t)"])
def test_kinked_responses_agree_with_integration_over_the_task(text) -> None:
    """d = 1, Rademacher x, w ~ N(1/3, 2): v = (x, y) has a two-point law given w."""
    link = parse_response(text)
    weights = Weights.normal(["1/3"], Covariance.full([[2]]))
    covariates = Covariates(Rademacher(), Covariance.identity(1))
    setting = Setting(1, 3, covariates, SingleIndex(link, weights), 0)
    moments = general_moments(setting)

    def mean(function) -> float:
        def density(w: float) -> float:
            return float(np.exp(-((w - 1 / 3) ** 2) / 4) / np.sqrt(4 * np.pi)) * function(w)

        return quad(density, -15, 0, epsabs=1e-11)[0] + quad(density, 0, 15, epsabs=1e-11)[0]

    def given_task(i: int, j: int, w: float) -> float:
        pairs = [(x, float(link(np.array(x * w)))) for x in (1.0, -1.0)]
        return sum(x ** ((i, j).count(0)) * y ** ((i, j).count(1)) for x, y in pairs) / 2

    for p, q in product([(0, 0), (0, 1), (1, 1)], repeat=2):
        expected = mean(lambda w, p=p, q=q: given_task(*p, w) * given_task(*q, w))
        assert float(moments.paired.get((p, q), 0)) == pytest.approx(expected, abs=1e-8)
    for count in range(5):
        index = (0,) * (4 - count) + (1,) * count
        expected = mean(
            lambda w, k=count: (
                sum(x ** (4 - k) * float(link(np.array(x * w))) ** k for x in (1.0, -1.0)) / 2
            )
        )
        assert float(moments.fourth.get(index, 0)) == pytest.approx(expected, abs=1e-8)


def test_relu_networks_by_hand() -> None:
    """x ~ N(0, I_2), width 3: E f^2 = 3 E|x|^2/2 = 3; P = 3/4 I; E f^2 x_1^2 = 3 (3+1)/2 = 6."""
    covariates = Covariates(Normal(), Covariance.identity(2))
    moments = general_moments(Setting(2, 4, covariates, ReluNetwork(3), "1/2"))
    assert moments.target_second == Fraction(7, 2)
    three_quarters = Fraction(3, 4)
    assert moments.signal_second() == ((three_quarters, 0), (0, three_quarters))
    assert moments.response_weighted_second() == ((Fraction(13, 2), 0), (0, Fraction(13, 2)))
    assert moments.parity_symmetric
    assert not moments.complete
    with pytest.raises(NoExactMoments, match="E y\\^4"):
        moments.example_moments()


def test_networks_on_stretched_covariates_agree_with_sampling() -> None:
    covariates = Covariates(Uniform(), Covariance.full([[2, 1], [1, 3]]))
    setting = Setting(2, 1, covariates, ReluNetwork(2), "1/2")
    moments = general_moments(setting)
    prompts = setting.sample(np.random.default_rng(1), 400_000)
    x, y = prompts.query, prompts.target
    assert np.mean(y**2) == pytest.approx(float(moments.target_second), rel=0.02)
    weighted = (x * (y**2)[:, None]).T @ x / len(x)
    expected = np.array(moments.response_weighted_second(), dtype=float)
    assert np.abs(weighted - expected).max() < 0.03 * expected.max()
    # E[x_1 y_1 (x_2 y_2)'] over two examples of one task is E[mu mu'].
    s = prompts.x[:, 0] * prompts.y[:, :1]
    signal = s.T @ (x * y[:, None]) / len(x)
    assert np.abs(signal - np.array(moments.signal_second(), dtype=float)).max() < 0.05


@settings(max_examples=20, deadline=None)
@given(st.data(), st.lists(st.integers(0, 3), min_size=2, max_size=2))
def test_gaussian_moments_with_a_mean_shift_like_a_binomial(data, powers) -> None:
    """E (m+u)^a (m'+u')^b expanded binomially in centred moments."""
    covariance = data.draw(covariances(2)).entries
    mean = (data.draw(small), data.draw(small))
    centred = GaussianMoments((Fraction(0),) * 2, covariance)
    expected = Fraction(0)
    for i, j in product(range(powers[0] + 1), range(powers[1] + 1)):
        ways = comb(powers[0], i) * comb(powers[1], j)
        shift = mean[0] ** (powers[0] - i) * mean[1] ** (powers[1] - j)
        expected += ways * shift * centred.moment((i, j))
    assert GaussianMoments(mean, covariance).moment(powers) == expected


def test_what_is_not_rational_says_so() -> None:
    covariates = Covariates(Normal(), Covariance.identity(2))
    for text in ("sin(t)", "abs(t) + t^2", "relu(t - 1)"):
        response = SingleIndex(parse_response(text), Weights.standard(2))
        with pytest.raises(NoExactMoments):
            general_moments(Setting(2, 3, covariates, response, 0))


def test_missing_moments_are_named() -> None:
    short = Covariates(student_t(5), Covariance.identity(2))
    cubic = SingleIndex(Polynomial.of(0, 0, 0, 1), Weights.standard(2))
    with pytest.raises(ValueError, match="no moment of order 12"):
        general_moments(Setting(2, 3, short, cubic, 0))
    ring = Covariates(radial({"2": 1, "4": 3}), Covariance.identity(2))
    with pytest.raises(ValueError, match="order 8"):
        general_moments(
            Setting(2, 3, ring, SingleIndex(Polynomial.of(0, 0, 1), Weights.standard(2)), 0)
        )
