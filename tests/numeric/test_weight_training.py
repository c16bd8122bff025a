"""Training in the weights: ends are the exact local minima, and T tells the kinds apart."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.numeric.weight_descent import AT_REST, balanced, minimised, slopes, weights_near
from verifier.numeric.weight_loss import WeightLoss
from verifier.numeric.weight_training import (
    METHODS,
    Method,
    escape_trace,
    level_of,
    random_weights,
    settle,
    train_weights,
)
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import weight_loss, weight_points
from verifier.stationary.weights import least_trace, weights_landscape

BLOCKED = ((3, 4, Fraction(2)), (3, 1, Fraction(0)), (4, 2, Fraction(12)), (5, 1, Fraction(10)))


def loss_of(cell: tuple[int, int, Fraction], r: int) -> WeightLoss:
    return weight_loss(landscape(*cell), r)


def rotated(loss: WeightLoss, flat: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same function by other weights: g W_K, g^-T W_Q, and coordinates of R^d turned."""
    turn = np.linalg.qr(rng.standard_normal((loss.dimension, loss.dimension)))[0]
    outer = np.eye(loss.dimension + 1)
    outer[:-1, :-1] = turn
    g = np.eye(loss.head_dimension) + 0.2 * rng.standard_normal((loss.head_dimension,) * 2)
    keys, queries, values, head = (part[0] for part in loss.split(flat[None]))
    parts = (g @ keys @ outer.T, np.linalg.inv(g).T @ queries @ outer.T, values @ outer.T, head)
    return np.concatenate([part.ravel() for part in parts])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(BLOCKED), st.integers(2, 9), st.integers(0, 10**6))
def test_the_trace_at_a_constructed_point_is_the_least_one(cell, r: int, seed: int) -> None:
    here = landscape(*cell)
    loss = weight_loss(here, r)
    for point in weight_points(here, weights_landscape(here, r)):
        if np.isinf(point.rho):
            other = rotated(loss, point.flat, np.random.default_rng(seed))
            assert escape_trace(loss, other) == pytest.approx(least_trace(cell[0], r), abs=1e-8)


def test_generic_kernels_leave_more_ways_down() -> None:
    """Two lines in R^2 at an angle of 45 degrees, the first direction stretched: by hand."""
    loss = loss_of((3, 4, Fraction(2)), 4)
    keys, queries = np.zeros((2, 4, 4))
    keys[0, 3] = queries[0, 0] = 1
    keys[1, 0], keys[2, 1] = 1, 1  # W_K is blind to e_3 alone
    queries[3, 1], queries[3, 2] = 1, -1  # W_Q to e_2 + e_3
    head = np.eye(4)[3]
    flat = np.concatenate([x.ravel() for x in (keys, queries, np.outer(head, np.eye(4)[0]), head)])
    assert escape_trace(loss, flat) == pytest.approx(2 - 1 / 2)


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_methods_go_down_and_record_it(method: Method, seed: int) -> None:
    loss = loss_of((2, 5, Fraction(1)), 3)
    starts = random_weights(loss, 4, 0.3, np.random.default_rng(seed))
    runs = train_weights(loss, starts, method, steps=200)
    assert (runs.curves[:, 0] == loss.loss_and_gradient(starts)[0]).all()
    assert runs.curves[:, -1] == pytest.approx(runs.loss)
    assert (runs.loss < runs.curves[:, 0]).all()
    if method == "gradient descent":
        assert (np.diff(runs.curves, axis=1) <= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(BLOCKED), st.integers(1, 6), st.integers(0, 10**6), st.booleans())
def test_balancing_changes_no_loss(cell, r: int, seed: int, rows: bool) -> None:
    loss = loss_of(cell, r)
    rng = np.random.default_rng(seed)
    flat = random_weights(loss, 3, 1.0, rng)
    loss.split(flat)[0][:, 0] *= 7
    even = balanced(loss, flat, rows)
    assert loss.loss_and_gradient(even)[0] == pytest.approx(loss.loss_and_gradient(flat)[0])
    lengths = [np.linalg.norm(part.reshape(3, -1), axis=1) for part in loss.split(even)]
    assert np.allclose(lengths, lengths[0])
    zero = np.zeros((1, loss.size))
    assert (balanced(loss, zero, rows) == zero).all()
    if rows:
        # Each hidden direction is as long in W_K as in W_Q, up to the thousandth that is added.
        keys, queries = loss.split(even)[:2]
        one, two = (x @ x.transpose(0, 2, 1) for x in (keys, queries))
        size = np.abs(one).max(axis=(1, 2), keepdims=True)
        assert (np.abs(one - two) <= 0.1 * size).all()


def test_quasi_newton_steps_agree_with_scipy() -> None:
    """From weights beside the global minimum both end there."""
    here = landscape(3, 4, Fraction(2))
    loss = weight_loss(here, 4)
    best = weight_points(here, weights_landscape(here))[0]
    starts = weights_near(np.tile(best.flat, (5, 1)), 0.2, np.random.default_rng(3))
    ends = minimised(loss, starts)
    value, gradient = loss.loss_and_gradient(ends)
    assert value == pytest.approx([3.8] * 5, abs=1e-9)
    assert (slopes(loss, ends, gradient) <= AT_REST).all()


def test_a_run_at_no_end_is_pushed_and_goes_on() -> None:
    """At W_K = W_Q = 0 nothing moves; a push starts it, and it must end at the minimum."""
    here = landscape(1, 3, Fraction(1))
    weights = weights_landscape(here, 2)
    loss = weight_loss(here, 2)
    flat = weight_points(here, weights)[0].flat[None].copy()
    for part in loss.split(flat)[:2]:
        part[:] = 0
    runs = train_weights(loss, flat, "gradient descent", steps=10)
    least = float(weights.minimum)
    ended = settle(
        loss,
        runs,
        lambda x, value: level_of(loss, value, [least]) == 0,
        np.random.default_rng(0),
    )
    assert runs.loss[0] == pytest.approx(2.0)
    assert (bool(ended.pushed[0]), bool(ended.finished[0])) == (True, True)
    assert ended.loss[0] == pytest.approx(1.5, abs=1e-6)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf")])
def test_scales_must_be_positive(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        random_weights(loss_of((2, 3, Fraction(1)), 3), 1, scale, np.random.default_rng(0))
