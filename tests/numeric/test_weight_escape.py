"""The explicit way down from weights over rho = oo: there where T > tau*, and only there."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.numeric.weight_descent import settled
from verifier.numeric.weight_escape import kernels, way_down
from verifier.numeric.weight_loss import WeightLoss
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import weight_loss
from verifier.stationary.weights import weights_landscape

# (d, n, sigma2), r, dim ker W_K, dim ker W_Q: with dim + dim = 2 d - r + s, s free directions.
PLACES = (
    ((3, 4, Fraction(2)), 4, 1, 1),
    ((3, 1, Fraction(0)), 5, 1, 1),
    ((5, 1, Fraction(10)), 6, 2, 2),
    ((8, 2, Fraction(40)), 9, 4, 3),
    ((8, 2, Fraction(40)), 9, 4, 4),
    ((4, 2, Fraction(12)), 5, 3, 1),
)


def over_infinity(
    loss: WeightLoss, blind_keys: int, blind_queries: int, aligned: bool, seed: int
) -> np.ndarray:
    """Weights over rho = oo with kernels of these dimensions, one inside the other if aligned."""
    d, r = loss.dimension, loss.head_dimension
    rng = np.random.default_rng(seed)
    one, two = np.eye(d)[:, ::-1], np.eye(d - 1)[:, ::-1]
    if not aligned:
        one = np.linalg.qr(rng.standard_normal((d, d)))[0]
        two = np.linalg.qr(rng.standard_normal((d - 1, d - 1)))[0]
    keys, queries = np.zeros((r, d + 1)), np.zeros((r, d + 1))
    keys[0, d] = queries[0, 0] = (loss.linear / loss.quadratic) ** 0.5
    row = 1
    for k in range(blind_keys, d):
        keys[row, :d] = one[:, k]
        row += 1
    for k in range(blind_queries, d - 1):
        queries[row, 1:d] = two[:, k]
        row += 1
    g = np.linalg.qr(rng.standard_normal((r, r)))[0] * rng.uniform(0.5, 2, r)
    head = rng.standard_normal(d + 1)
    size = 1 + rng.random()
    values = np.outer(head, np.eye(d + 1)[0]) * size / (head @ head)
    parts = (g @ keys / size, np.linalg.inv(g).T @ queries, values, head)
    return np.concatenate([part.ravel() for part in parts])


@given(st.sampled_from(PLACES), st.booleans(), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_it_leads_down_exactly_where_the_kernels_leave_more_than_tau(place, aligned, seed) -> None:
    cell, r, blind_keys, blind_queries = place
    here = landscape(*cell)
    loss = weight_loss(here, r)
    flat = over_infinity(loss, blind_keys, blind_queries, aligned, seed)
    value, gradient = loss.loss_and_gradient(flat[None])
    assert np.linalg.norm(gradient) < 1e-9 * float(value[0]) * np.linalg.norm(flat)
    trace = kernels(loss, flat).trace(cell[0])
    threshold = float(weights_landscape(here, r).threshold)
    lower = way_down(loss, flat)
    if trace < threshold - 1e-6:
        assert lower is None
    elif trace > threshold + 0.05:
        assert lower is not None
        assert loss.loss_and_gradient(lower[None])[0][0] < value[0]


def test_from_there_descents_reach_the_minimum() -> None:
    """(d, n, sigma2) = (8, 2, 40), r = 9: T_0 < tau* < T, the Hessian shows no way down."""
    here = landscape(8, 2, Fraction(40))
    loss = weight_loss(here, 9)
    flat = over_infinity(loss, 4, 4, aligned=True, seed=3)
    least = float(weights_landscape(here, 9).minimum)
    _, value, pushed = settled(
        loss,
        flat[None],
        lambda x, value: abs(value - least) < 1e-6,
        lambda x: way_down(loss, x),
        np.random.default_rng(0),
    )
    assert pushed.all()
    assert value[0] == pytest.approx(least, rel=1e-7)


def test_nothing_is_found_without_omega() -> None:
    loss = weight_loss(landscape(2, 3, Fraction(1)), 3)
    assert way_down(loss, np.zeros(loss.size)) is None
