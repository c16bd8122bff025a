"""Descents in bulk: what they may and may not do, on losses written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isotropic_by_hand import isotropic_loss, isotropic_minimum

from verifier.numeric.basins import (
    LEVEL_TOLERANCE,
    BatchLoss,
    Descents,
    balance_all,
    balanced_layer,
    descend_all,
    finished,
    random_starts,
    scaled_gradients,
    starts_near,
    tally,
    train_near,
)
from verifier.numeric.stationary import Landscape
from verifier.setting.data import Setting


def batch(d: int, n: int, s2: float) -> BatchLoss:
    """The loss by hand, one theta after another."""

    def loss(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        both = [isotropic_loss(d, n, s2, row) for row in theta]
        return np.array([value for value, _ in both]), np.array([slope for _, slope in both])

    return loss


def units(d: int, n: int, s2: float) -> Landscape:
    """Its units."""
    return Landscape.of(lambda t: isotropic_loss(d, n, s2, t), d, np.random.default_rng(0))


def along_one_direction(d: int, n: int, s2: float) -> np.ndarray:
    """a = e_1, c = e_1 / M, all else 0: the optimal step along e_1 alone (M = n + d + 1 + s2)."""
    theta = np.zeros((d + 1) ** 2)
    theta[0], theta[-d] = 1.0, 1 / (n + d + 1 + s2)
    return theta


def test_all_runs_of_a_benign_loss_reach_the_minimum() -> None:
    d, n, s2 = 1, 3, 0.5
    starts = random_starts(d, 40, 0.5, np.random.default_rng(1))
    runs = descend_all(batch(d, n, s2), starts, units(d, n, s2))
    least = isotropic_minimum(d, n, s2)[1]
    found = tally(runs, [least, s2 + d], s2 + d)
    assert (found.counts, found.unexpected, found.not_converged) == ((40, 0), 0, 0)


def test_a_spurious_minimum_keeps_what_starts_near_it() -> None:
    # d = 2, n = 1, s2 = 1: M = 5, so the loss at theta is 3 - 1/5, and the minimum is 3 - 2/5.
    d, n, s2 = 2, 1, 1.0
    loss, unit = batch(d, n, s2), units(d, n, s2)
    theta = along_one_direction(d, n, s2)
    level = float(loss(theta[None])[0][0])
    assert level == pytest.approx(3 - 1 / 5)
    assert isotropic_minimum(d, n, s2)[1] == pytest.approx(3 - 2 / 5)
    starts = starts_near(loss, theta, 8, level + 1e-3, np.random.default_rng(0))
    assert (loss(starts)[0] < level + 1e-3).all()
    assert np.linalg.norm(starts - starts[0], axis=1)[1:].min() > 1e-3
    runs = finished(
        descend_all(loss, starts, unit, steps=400), unit, [level], np.random.default_rng(1)
    )
    assert tally(runs, [isotropic_minimum(d, n, s2)[1], level], 3.0).counts == (0, 8)


def test_starts_near_refuses_a_ceiling_below_the_point() -> None:
    loss, theta = batch(1, 2, 1.0), np.full(4, 0.3)
    with pytest.raises(ValueError, match="above the ceiling"):
        starts_near(loss, theta, 3, float(loss(theta[None])[0][0]), np.random.default_rng(0))


def test_what_gradient_steps_leave_moving_is_finished_and_says_so() -> None:
    d, n, s2 = 1, 2, 1.0
    loss, unit = batch(d, n, s2), units(d, n, s2)
    starts = random_starts(d, 6, 1.0, np.random.default_rng(3))
    short = descend_all(loss, starts, unit, steps=3)
    assert tally(short, [0.0], 2.0).not_converged == 6
    least = isotropic_minimum(d, n, s2)[1]
    whole = finished(short, unit, [least], np.random.default_rng(1))
    assert (tally(whole, [least], 2.0).counts, tally(whole, [least], 2.0).finished) == ((6,), 6)
    assert not short.finished.any()


@settings(max_examples=15, deadline=None)
@given(d=st.integers(1, 3), n=st.integers(1, 9), seed=st.integers(0, 99), size=st.floats(0.05, 2))
def test_descents_only_go_down(d: int, n: int, seed: int, size: float) -> None:
    starts = random_starts(d, 3, size, np.random.default_rng(seed))
    loss = batch(d, n, 0.5)
    runs = descend_all(loss, starts, units(d, n, 0.5), steps=60)
    assert (np.diff(runs.curves, axis=1) <= 0).all()
    np.testing.assert_array_equal(runs.curves[:, 0], loss(starts)[0])
    np.testing.assert_allclose(runs.curves[:, -1], runs.loss)
    np.testing.assert_allclose(loss(runs.theta)[0], runs.loss, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(d=st.integers(1, 3), seed=st.integers(0, 999), t=st.floats(0.1, 10))
def test_gradients_and_balance_do_not_see_the_scaling(d: int, seed: int, t: float) -> None:
    theta = np.random.default_rng(seed).standard_normal((2, (d + 1) ** 2))
    scaled = np.concatenate([theta[:, : d + 1] * t, theta[:, d + 1 :] / t], axis=1)
    loss, unit = batch(d, 4, 1.0), units(d, 4, 1.0)
    np.testing.assert_allclose(balance_all(scaled), balance_all(theta), rtol=1e-9)
    sizes = [scaled_gradients(x, loss(x)[1], unit) for x in (theta, scaled)]
    np.testing.assert_allclose(sizes[0], sizes[1], rtol=1e-6)
    balanced = balance_all(theta)
    direct = np.linalg.norm(loss(balanced)[1], axis=1) * np.maximum(
        np.linalg.norm(balanced, axis=1), unit.length
    )
    np.testing.assert_allclose(sizes[0], direct / unit.zero_loss, rtol=1e-6)


@given(
    ends=st.lists(st.tuples(st.floats(0, 4), st.sampled_from([1e-9, 1.0])), min_size=1),
    levels=st.lists(st.sampled_from([0.0, 1.0, 2.0, 2.0 + LEVEL_TOLERANCE / 2]), min_size=1),
)
def test_every_run_is_filed_once(ends: list[tuple[float, float]], levels: list[float]) -> None:
    runs = _ended([loss for loss, _ in ends], [slope for _, slope in ends])
    found = tally(runs, levels, 1.0)
    assert found.runs == len(ends)
    assert found.not_converged == sum(slope == 1.0 for _, slope in ends)
    resting = [loss for loss, slope in ends if slope < 1]
    known = [x for x in resting if any(abs(x - y) <= LEVEL_TOLERANCE for y in levels)]
    assert found.unexpected == len(resting) - len(known)


def test_of_equal_levels_the_first_is_taken() -> None:
    runs = _ended([1.0, 1.0], [0.0, 0.0])
    assert tally(runs, [1.0 + LEVEL_TOLERANCE / 2, 1.0], 1.0).counts == (2, 0)
    assert tally(replace(runs, gradient=np.ones(2)), [1.0], 1.0).not_converged == 2


def _ended(losses: list[float], gradients: list[float]) -> Descents:
    count = len(losses)
    return Descents(
        theta=np.zeros((count, 4)),
        loss=np.array(losses),
        gradient=np.array(gradients),
        curve_steps=np.zeros(1),
        curves=np.zeros((count, 1)),
        finished=np.zeros(count, dtype=bool),
    )


@settings(max_examples=30, deadline=None)
@given(d=st.integers(1, 4), seed=st.integers(0, 999))
def test_the_balanced_layer_has_the_given_reduced_parameters(d: int, seed: int) -> None:
    theta = np.random.default_rng(seed).standard_normal((d + 1) ** 2)
    layer = balanced_layer(theta)
    np.testing.assert_allclose(layer.reduced().to_vector(), theta, atol=1e-12)
    assert np.linalg.norm(layer.W_K) == pytest.approx(np.linalg.norm(layer.W_Q))
    assert np.linalg.norm(layer.W_V) == pytest.approx(np.linalg.norm(layer.h))
    # The nuclear norm bounds |W_K|^2 from below for every factorisation.
    nuclear = np.linalg.svd(layer.reduced().stacked, compute_uv=False).sum()
    assert np.linalg.norm(layer.W_K) ** 2 == pytest.approx(nuclear)


def test_sgd_near_the_minimum_stays_and_repeats_itself() -> None:
    d, n, s2 = 1, 3, 1.0
    theta = np.array([0.0, 1.0, isotropic_minimum(d, n, s2)[0], 0.0])
    loss, unit = batch(d, n, s2), units(d, n, s2)
    setting = Setting.isotropic(d, n, "1")

    def excess(seed: int, cap: float) -> np.ndarray:
        rng = np.random.default_rng(seed)
        near = train_near(setting, loss, theta, unit, rng, runs=2, steps=150, excess=cap)
        assert near.prompts == 150 * near.batch
        return near.excess

    first = excess(0, 1.0)
    np.testing.assert_array_equal(first, excess(0, 1.0))
    assert not np.array_equal(first, excess(1, 1.0))
    # No loss is below the global minimum, and none came near that of the prediction 0.
    assert first.min() >= -1e-12
    assert first.max() < 0.2 * n / (n + d + 1 + s2)
    assert excess(0, 1e-9)[:, 0].max() < first[:, 0].max()


@pytest.mark.parametrize("size", [0.0, -1.0, np.inf, np.nan])
def test_starts_need_a_positive_size(size: float) -> None:
    with pytest.raises(ValueError, match="size of the starts"):
        random_starts(2, 3, size, np.random.default_rng(0))
