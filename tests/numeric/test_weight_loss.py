"""The loss in the weights: against the reduced loss by another route, and its gradient."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.numeric.weight_loss import WeightLoss
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import weight_loss

from isotropic_by_hand import isotropic_loss  # isort: skip

cells = st.tuples(st.integers(1, 5), st.integers(1, 30), st.fractions(0, 9, max_denominator=4))


def loss_of(cell: tuple[int, int, Fraction], r: int) -> WeightLoss:
    return weight_loss(landscape(*cell), r)


@settings(max_examples=20, deadline=None)
@given(cells, st.integers(1, 7), st.integers(0, 10**6))
def test_it_is_the_reduced_loss_at_the_product_of_the_weights(cell, r: int, seed: int) -> None:
    d, n, noise = cell
    loss = loss_of(cell, r)
    flat = np.random.default_rng(seed).standard_normal((3, loss.size))
    values, _ = loss.loss_and_gradient(flat)
    for row, value in zip(flat, values, strict=True):
        keys, queries, value_matrix, head = (part[0] for part in loss.split(row[None]))
        omega, stacked = value_matrix.T @ head, (keys.T @ queries)[:, :d]
        theta = np.concatenate([omega, stacked.ravel()])
        assert value == pytest.approx(isotropic_loss(d, n, float(noise), theta)[0], rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(cells, st.integers(1, 6), st.integers(0, 10**6))
def test_the_gradient_is_that_of_the_values(cell, r: int, seed: int) -> None:
    loss = loss_of(cell, r)
    rng = np.random.default_rng(seed)
    at, move = rng.standard_normal((2, 1, loss.size)) / 3
    step = 1e-5 / np.linalg.norm(move)
    ahead, behind = (loss.loss_and_gradient(at + sign * step * move)[0][0] for sign in (1, -1))
    value, gradient = loss.loss_and_gradient(at)
    slope = float(gradient[0] @ move[0])
    size = float(np.linalg.norm(gradient) * np.linalg.norm(move))
    assert (ahead - behind) / (2 * step) == pytest.approx(slope, abs=1e-6 * max(size, value[0]))


def test_the_last_column_of_w_q_never_enters() -> None:
    loss = loss_of((3, 4, Fraction(2)), 4)
    flat = np.random.default_rng(0).standard_normal((2, loss.size))
    moved = flat.copy()
    loss.split(moved)[1][:, :, -1] += 1
    assert not (flat == moved).all()
    one, two = loss.loss_and_gradient(flat), loss.loss_and_gradient(moved)
    assert (one[0] == two[0]).all()
    assert (loss.split(one[1])[1][:, :, -1] == 0).all()
