"""Descents: they find what is there, name it rightly, and never call a halt a minimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isotropic_by_hand import isotropic_function, isotropic_minimum

from verifier.numeric.optimise import optimise
from verifier.numeric.stationary import Landscape, Outcome, balance
from verifier.setting.layer import ReducedParameters

shapes = st.tuples(st.integers(1, 3), st.integers(1, 12), st.sampled_from([0.0, 0.5, 3.0]))
seeds = st.integers(0, 2**32 - 1)


def gradient_point(d: int, rate: float) -> np.ndarray:
    return balance(ReducedParameters(np.zeros(d), 1.0, rate * np.eye(d), np.zeros(d)).to_vector())


@given(shapes, seeds)
@settings(max_examples=20)
def test_the_hand_gradient_is_the_gradient(shape, seed) -> None:
    loss, d = isotropic_function(*shape), shape[0]
    theta, move = np.random.default_rng(seed).standard_normal((2, (d + 1) ** 2))
    slope = (loss(theta + 1e-5 * move)[0] - loss(theta - 1e-5 * move)[0]) / 2e-5
    assert slope == pytest.approx(loss(theta)[1] @ move, rel=1e-5, abs=1e-4 * loss(theta)[0])


@given(shapes, seeds)
@settings(max_examples=12, deadline=None)
def test_every_run_ends_at_a_classified_point_and_the_best_is_global(shape, seed) -> None:
    d = shape[0]
    # Two thirds of the runs end elsewhere for d = 2: thirty leave a chance of 1e-5 to miss L*.
    report = optimise(isotropic_function(*shape), d, np.random.default_rng(seed), starts=30)
    eta, minimum = isotropic_minimum(*shape)
    assert report.not_converged == 0
    assert sum(level.count for level in report.levels) == 30
    assert report.best_loss == pytest.approx(minimum, rel=1e-9)
    readout = ReducedParameters.from_vector(report.best_parameters).readout
    np.testing.assert_allclose(readout, eta * np.eye(d), atol=1e-6 * eta)
    assert all(run.loss >= minimum * (1 - 1e-12) for run in report.runs)


def test_scaling_the_loss_or_the_unbalanced_start_changes_nothing() -> None:
    """The loss in other units, and starts far out on their scaling orbits."""
    base = isotropic_function(2, 5, 0.5)
    scaled = lambda theta: tuple(1e6 * part for part in base(theta))  # noqa: E731
    rng = np.random.default_rng(3)
    starts = [rng.standard_normal(9) for _ in range(6)]
    skewed = [np.concatenate([t[:3] * 1e4, t[3:] / 1e4]) for t in starts]
    reports = [
        optimise(f, 2, np.random.default_rng(0), starts=0, initial=initial)
        for f, initial in ((base, starts), (scaled, starts), (base, skewed))
    ]
    losses = [[run.loss for run in report.runs] for report in reports]
    np.testing.assert_allclose(losses[1], np.array(losses[0]) * 1e6, rtol=1e-7)
    np.testing.assert_allclose(losses[2], losses[0], rtol=1e-7)


def test_a_spurious_local_minimum_is_found_and_survives_attack() -> None:
    """n = 1, d = 2, no noise: runs end above L* = 3/2 too, and there no small move helps."""
    loss = isotropic_function(2, 1, 0.0)
    report = optimise(loss, 2, np.random.default_rng(1), starts=20)
    (spurious,) = report.spurious_levels
    assert report.best_loss == pytest.approx(1.5)
    assert spurious.loss > 1.6
    run = next(r for r in report.runs if abs(r.loss - spurious.loss) < 1e-6)
    assert ReducedParameters.from_vector(run.theta).b == pytest.approx(0.0, abs=1e-5)
    rng = np.random.default_rng(2)
    length = np.linalg.norm(run.theta)
    for size in (1e-4, 1e-3, 1e-2):
        moves = rng.standard_normal((3000, 9))
        moves *= size * length / np.linalg.norm(moves, axis=1)[:, None]
        assert min(loss(run.theta + move)[0] for move in moves) > run.loss - 1e-12


def test_saddles_are_called_saddles_and_left() -> None:
    """theta = 0 is a saddle: every term has degree 2 or 4, and -2 n b tr(A) falls at once."""
    loss = isotropic_function(2, 5, 0.5)
    point = gradient_point(2, isotropic_minimum(2, 5, 0.5)[0])
    landscape = Landscape.of(loss, 2, np.random.default_rng(0))
    assert landscape.classify(np.zeros(9)) is Outcome.SADDLE
    assert landscape.classify(point) is Outcome.LOCAL_MINIMUM
    # Near 0 the plain gradient is tiny although nothing has converged.
    assert landscape.classify(1e-5 * point) is Outcome.NOT_CONVERGED
    assert landscape.classify(1.01 * point) is Outcome.NOT_CONVERGED
    report = optimise(loss, 2, np.random.default_rng(0), starts=0, initial=[np.zeros(9)])
    assert report.runs[0].outcome is Outcome.LOCAL_MINIMUM
    assert report.best_loss < loss(np.zeros(9))[0]


def test_a_degenerate_saddle_is_no_minimum() -> None:
    """L = 1 - p + p^2, p = |omega|^2 |N|^2: at 0 the whole Hessian vanishes, yet 0 is no minimum.

    The zero set of the gradient other than 0 is p = 1/2 with L = 3/4.
    """

    def loss(theta):
        first, second = theta[:3] @ theta[:3], theta[3:] @ theta[3:]
        slope = 2 * first * second - 1
        return 1 - first * second + (first * second) ** 2, slope * np.concatenate(
            [2 * second * theta[:3], 2 * first * theta[3:]]
        )

    landscape = Landscape.of(loss, 2, np.random.default_rng(0))
    assert landscape.classify(np.zeros(9)) is Outcome.SADDLE
    report = optimise(loss, 2, np.random.default_rng(0), starts=5, initial=[np.zeros(9)])
    assert [(level.loss, level.count) for level in report.levels] == [(pytest.approx(0.75), 6)]


def test_a_family_without_signal_ends_at_the_zero_prediction() -> None:
    """L = 1 + |omega|^2 |N|^2: every minimiser predicts 0, along a degenerate cross."""

    def loss(theta):
        first, second = theta[:2] @ theta[:2], theta[2:] @ theta[2:]
        return 1 + first * second, 2 * np.concatenate([second * theta[:2], first * theta[2:]])

    report = optimise(loss, 1, np.random.default_rng(0), starts=8)
    assert report.not_converged == 0
    assert [level.count for level in report.levels] == [8]
    assert report.best_loss == pytest.approx(1.0, abs=1e-9)


def test_a_halt_is_never_called_a_minimum() -> None:
    """A gradient that is wrong by a constant stops every run where nothing is stationary."""
    base = isotropic_function(2, 5, 0.5)

    def wrong(theta):
        value, gradient = base(theta)
        return value, gradient + np.linspace(0.5, 1.0, 9)

    report = optimise(wrong, 2, np.random.default_rng(0), starts=6)
    assert report.not_converged == 6
    assert report.levels == ()
    assert report.spurious_levels == ()


def test_a_given_hessian_and_differences_agree() -> None:
    loss = isotropic_function(2, 3, 0.5)
    rng = np.random.default_rng(0)
    theta = balance(rng.standard_normal(9))
    differences = Landscape.of(loss, 2, rng).hessian(theta)
    # Second directional derivatives of the values alone.
    for _ in range(5):
        move = rng.standard_normal(9)
        h = 1e-3
        second = (loss(theta + h * move)[0] - 2 * loss(theta)[0] + loss(theta - h * move)[0]) / h**2
        assert second == pytest.approx(move @ differences @ move, rel=1e-4, abs=1e-2)
    calls = []

    def hessian(point):
        calls.append(point)
        return Landscape.of(loss, 2, np.random.default_rng(0)).hessian(point)

    given_hessian = optimise(loss, 2, np.random.default_rng(5), starts=4, hessian=hessian)
    without = optimise(loss, 2, np.random.default_rng(5), starts=4)
    assert calls
    assert [x.count for x in given_hessian.levels] == [x.count for x in without.levels]


def test_bad_input() -> None:
    loss = isotropic_function(1, 1, 0.0)
    with pytest.raises(ValueError, match="number of starts"):
        optimise(loss, 1, np.random.default_rng(0), starts=0)
    with pytest.raises(ValueError, match="zero prediction must be positive"):
        optimise(lambda t: (0.0, 0 * t), 1, np.random.default_rng(0))
