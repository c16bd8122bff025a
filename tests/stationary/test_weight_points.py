"""Constructed minima in the weights: stationary, of the exact loss, and nothing leaves them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from verifier.numeric.weight_loss import WeightLoss
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import WeightPoint, weight_loss, weight_points
from verifier.stationary.weights import weights_landscape

cells = st.tuples(st.integers(1, 6), st.integers(1, 200), st.fractions(0, 99, max_denominator=4))


def constructed(
    cell: tuple[int, int, Fraction], r: int
) -> tuple[WeightLoss, tuple[WeightPoint, ...]]:
    here = landscape(*cell)
    return weight_loss(here, r), weight_points(here, weights_landscape(here, r))


def hessian(loss: WeightLoss, flat: np.ndarray) -> np.ndarray:
    """By central differences of the gradient."""
    step = 1e-5 * float(np.linalg.norm(flat))
    moves = step * np.eye(loss.size)
    ahead, behind = (loss.loss_and_gradient(flat + sign * moves)[1] for sign in (1, -1))
    found = (ahead - behind) / (2 * step)
    return (found + found.T) / 2


@settings(max_examples=25, deadline=None)
@given(cells, st.integers(1, 9))
def test_the_points_are_stationary_and_have_the_exact_loss(cell, r: int) -> None:
    loss, points = constructed(cell, r)
    for point in points:
        value, gradient = loss.loss_and_gradient(point.flat[None])
        away = loss.loss_and_gradient(1.01 * point.flat[None])[1]
        assert value[0] == pytest.approx(point.loss, rel=1e-10)
        assert np.linalg.norm(gradient) <= 1e-9 * np.linalg.norm(away)
    assert [point.spurious for point in points] == [False] + [True] * (len(points) - 1)


@settings(max_examples=12, deadline=None)
@given(
    st.tuples(st.integers(2, 4), st.integers(1, 60), st.fractions(0, 20, max_denominator=2)),
    st.integers(1, 6),
)
def test_their_hessians_have_no_negative_eigenvalue(cell, r: int) -> None:
    loss, points = constructed(cell, r)
    for point in points:
        curvatures = np.linalg.eigvalsh(hessian(loss, point.flat))
        assert curvatures[0] > -1e-6 * curvatures[-1]


def ends(loss: WeightLoss, start: np.ndarray, relative: float, count: int) -> list[float]:
    """Losses at which descents from perturbed weights end."""

    def one(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = loss.loss_and_gradient(flat[None])
        return float(value[0]), gradient[0]

    rng = np.random.default_rng(0)
    size = relative * float(np.linalg.norm(start)) / start.size**0.5
    options = {"maxiter": 20000, "maxfun": 40000, "ftol": 1e-16, "gtol": 1e-10}
    starts = start + size * rng.standard_normal((count, start.size))
    return [minimize(one, x, jac=True, method="L-BFGS-B", options=options).fun for x in starts]


# (d, n, sigma2, r): blocked, inside, for low rank, and both.
@pytest.mark.parametrize(
    ("cell", "r"),
    [
        ((3, 4, Fraction(2)), 4),
        ((5, 1, Fraction(10)), 6),
        ((4, 3, Fraction(1)), 2),
        ((3, 30, Fraction(0)), 4),
        ((2, 6, Fraction(1)), 2),
        ((4, 40, Fraction(0)), 2),
    ],
    ids=lambda value: str(value),
)
def test_descents_from_one_per_cent_away_come_back(cell, r: int) -> None:
    loss, points = constructed(cell, r)
    assert len(points) > 1
    if cell[:2] == (4, 40):
        assert 0 < points[1].rho < np.inf
    for point in points:
        gap = cell[1] / (cell[1] + 1 + cell[0] + float(cell[2]))
        assert ends(loss, point.flat, 0.01, 8) == pytest.approx([point.loss] * 8, abs=1e-6 * gap)


def test_the_point_of_the_issue_keeps_what_starts_near_it_and_a_wider_head_frees_it() -> None:
    """(4, 3, 2): loss 4.6 against L* = 3.8, ranks 3 and 2; one more hidden row opens a way down."""
    cell = (3, 4, Fraction(2))
    loss, (best, blocked) = constructed(cell, 4)
    assert (best.loss, blocked.loss) == (3.8, 4.6)
    ranks = [int(np.linalg.matrix_rank(x)) for x in (blocked.W_K, blocked.W_Q[:, :3])]
    assert sorted(ranks) == [2, 3]
    assert ends(loss, blocked.flat, 0.01, 5) == pytest.approx([4.6] * 5, abs=1e-6)
    wide = weight_loss(landscape(*cell), 5)
    padded = [np.vstack([x, np.zeros((1, 4))]) for x in (blocked.W_K, blocked.W_Q)]
    start = np.concatenate([x.ravel() for x in (*padded, blocked.W_V, blocked.h)])
    assert ends(wide, start, 0.01, 5) == pytest.approx([3.8] * 5, abs=1e-6)
