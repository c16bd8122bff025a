"""The floating-point loss of a setting against the exact polynomial, and its derivatives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from verifier.explore.sampled import sampled_moments
from verifier.explore.search import best_stacked, search
from verifier.law_moments.of_setting import general_moments
from verifier.loss.explicit import explicit_loss
from verifier.loss.moment_tables import MomentLoss, MomentTables
from verifier.optimum.bound import PairProblem
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Laplace, Normal, Rademacher, Uniform, student_t
from verifier.setting.response_grammar import parse_response
from verifier.setting.responses import Linear, SingleIndex, Weights

UNIFORM = Uniform()


def setting(law=UNIFORM, inputs=((2, 1), (1, 3)), text="t") -> Setting:
    weights = Weights.normal(["1/2", -1], Covariance.full([[1, "1/3"], ["1/3", 2]]))
    response = Linear(weights) if text == "t" else SingleIndex(parse_response(text), weights)
    return Setting(2, 5, Covariates(law, Covariance.full(inputs)), response, "1/2")


def tensors(one: Setting) -> MomentLoss:
    m = general_moments(one)
    tables = MomentTables(m.lower, m.variances, m.target_second, m.fourth, m.paired)
    return MomentLoss.of(tables, one.context_length)


def test_values_agree_with_the_exact_polynomial_after_the_change_of_coordinates() -> None:
    one = setting()
    loss = tensors(one)
    exact = explicit_loss(general_moments(one).example_moments()).numeric(n=5)
    rng = np.random.default_rng(0)
    for _ in range(5):
        theta = rng.standard_normal(9)
        value = exact.loss_and_gradient(loss.original(theta))[0]
        assert loss(theta)[0] == pytest.approx(value, rel=1e-11)


def test_derivatives_agree_with_differences() -> None:
    loss, step = tensors(setting(text="t^2 + t")), 1e-6
    theta = np.random.default_rng(1).standard_normal(9)
    scale = np.abs(loss.hessian(theta)).max()
    ends = [(theta + step * e, theta - step * e) for e in np.eye(9)]
    gradient = [(loss(p)[0] - loss(m)[0]) / (2 * step) for p, m in ends]
    assert np.abs(gradient - loss(theta)[1]).max() < 1e-6 * scale
    hessian = np.array([(loss(p)[1] - loss(m)[1]) / (2 * step) for p, m in ends])
    assert np.abs(hessian - loss.hessian(theta)).max() < 1e-6 * scale


def test_covariates_of_zero_variance_are_left_out() -> None:
    one = setting(inputs=((1, 1), (1, 1)))
    loss = tensors(one)
    assert loss.kept == (0,)
    theta = np.array([0.3, 1.0, 0.2, -0.1])
    exact = explicit_loss(general_moments(one).example_moments()).numeric(n=5)
    assert exact.loss_and_gradient(loss.original(theta))[0] == pytest.approx(loss(theta)[0])


def test_the_best_stacked_matrix_is_the_exact_one() -> None:
    one = setting()
    loss = tensors(one)
    theta = best_stacked(loss, np.array([0.25, -0.5, 1.0]))
    # omega' = M'omega; take the exact layer at the same omega in the original coordinates.
    original = loss.original(theta)
    omega = [Fraction(float(v)).limit_denominator(64) for v in original[:3]]
    layer = PairProblem.of(general_moments(one), 5).best_layer(omega)
    assert loss(theta)[0] == pytest.approx(float(layer.loss), rel=1e-10)
    expected = np.array(layer.stacked, dtype=float).ravel()
    np.testing.assert_allclose(original[3:], expected, rtol=1e-8, atol=1e-12)


def test_the_search_finds_what_a_finer_search_finds() -> None:
    loss = tensors(setting(Normal()))
    one = search(loss, np.random.default_rng(0), 3).best_loss
    other = search(loss, np.random.default_rng(1), 10).best_loss
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("law", [Normal(), Uniform(), Rademacher(), Laplace(), student_t(30)])
def test_sampled_moments_agree_with_exact_ones(law) -> None:
    """A response with known moments, sampled as if it had none: within 6 standard errors."""
    one = setting(law, text="relu(t)")
    exact = general_moments(one)
    sampled = sampled_moments(one, 0, symmetric=False)
    assert set(exact.fourth) <= set(sampled.mean.fourth)
    assert set(exact.paired) <= set(sampled.mean.paired)
    relative = []
    for name in ("fourth", "paired"):
        for key, value in getattr(exact, name).items():
            each = [float(getattr(t, name)[key]) for t in sampled.repetitions]
            error = float(np.std(each, ddof=1)) / len(each) ** 0.5
            room = 6 * error + 1e-9 * abs(float(value))
            assert abs(np.mean(each) - float(value)) < room, (name, key)
            relative.append(error / (1 + abs(float(value))))
    # The errors are themselves small, or the test would say nothing.
    assert np.median(relative) < 0.02


@pytest.mark.parametrize("entry", [Fraction(10**400), Fraction(1, 10**400), 1e130, float("inf")])
def test_moments_beyond_floats_are_refused_by_key(entry) -> None:
    m = general_moments(setting())
    huge = MomentTables(m.lower, m.variances, entry, m.fourth, m.paired)
    with pytest.raises(ValueError, match=r"\[task\] response: "):
        MomentLoss.of(huge, 5)
