"""The neighbourhood of ``blocked-minimum`` in real weights: it is there, and the loss obeys it.

What the claims state in index notation is computed here with NumPy, from perturbed weights
W_K, W_Q, W_V, h of the constructed minima, for the loss of `WeightLoss`.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from verifier.numeric.weight_descent import weights_near
from verifier.numeric.weight_loss import WeightLoss
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import weight_loss, weight_points
from verifier.stationary.weights import weights_landscape

CELLS = [((3, 1, Fraction(0)), 4), ((3, 4, Fraction(2)), 4), ((4, 2, Fraction(12)), 5)]


def room(loss: WeightLoss, base: np.ndarray, flat: np.ndarray) -> float:
    """The room of ``blocked-minimum`` at ``flat``, Z tilted from that of ``base``."""
    d = loss.dimension
    keys, queries, values, head = (part[0] for part in loss.split(flat[None].copy()))
    omega = values.T @ head
    size = np.linalg.norm(omega[:d])
    v = omega[:d] / size
    keys = keys * size  # (omega, N) -> (omega / |a|, |a| N): the same loss
    queries = queries[:, :d]
    own_keys, own_queries = (part[0] for part in loss.split(base[None])[:2])
    of_keys = np.flatnonzero(np.abs(own_keys[1:, :d]).sum(axis=1)) + 1
    of_queries = np.flatnonzero(np.abs(own_queries[1:, :d]).sum(axis=1)) + 1
    A, c = keys[:, :d].T @ queries, keys[:, d] @ queries
    eta = loss.linear / loss.quadratic
    y, c1 = c - eta * v, c @ v
    Kf = keys[of_keys, :d] - np.outer(keys[of_keys, d], keys[0, :d]) / keys[0, d]
    Qf = queries[of_queries] - np.outer(queries[of_queries] @ v, c) / c1
    Kt, Qt = own_keys[of_keys, :d], own_queries[of_queries, :d]
    kernel = np.eye(d) - Kt.T @ Kt
    other = np.eye(d) - Qt.T @ Qt - np.outer(np.eye(d)[0], np.eye(d)[0])
    Z0 = kernel @ other  # kernels of coordinates: a projection
    Z = (np.eye(d) - Kt.T @ np.linalg.inv(Kf @ Kt.T) @ Kf) @ Z0
    Z = Z @ (np.eye(d) - Qt.T @ np.linalg.inv(Qf @ Qt.T) @ Qf).T
    Pi = Z - np.outer(Z @ v, v)
    across, lead = Pi.T @ (A @ v), Pi.T @ v
    assert (Pi * A).sum() == pytest.approx(across @ c / c1, abs=1e-12)
    gap = np.eye(d) - np.outer(v, v) - Pi + np.outer(v, lead)
    Q, g2, G, g3, g4 = loss.quadratic, loss.g2, loss.g1 + loss.g2, loss.g3, loss.g4
    P = G * g4 - g3**2
    tau = (gap**2).sum() + g2 / G * lead @ lead
    return float(
        loss.linear**2 / g2 * (g2 * P / (Q**2 * G) - tau)
        - 2 * (Q + g3) ** 2 / Q * ((A.T @ v) ** 2).sum()
        - 2 * loss.linear**2 / (Q * c1**2) * (across @ across)
        + 2 * g4 * eta * (v @ y)
    )


@pytest.mark.parametrize(("cell", "r"), CELLS)
def test_the_loss_is_nowhere_lower_where_there_is_room(cell, r) -> None:
    here = landscape(*cell)
    weights = weights_landscape(here, r)
    loss = weight_loss(here, r)
    base = next(p for p in weight_points(here, weights) if np.isinf(p.rho))
    at_rest = loss.linear**2 / loss.g2 * (float(weights.threshold) - weights.least_trace)
    assert room(loss, base.flat, base.flat) == pytest.approx(at_rest)
    assert at_rest > 0
    rng = np.random.default_rng(0)
    inside = 0
    for relative in (1e-4, 1e-3, 1e-2, 5e-2):
        for flat in weights_near(np.tile(base.flat, (50, 1)), relative, rng):
            left = room(loss, base.flat, flat)
            value = float(loss.loss_and_gradient(flat[None])[0][0])
            assert left < 0 or value >= base.loss - 1e-12
            inside += left >= 0
        if relative == 1e-4:
            assert inside == 50
