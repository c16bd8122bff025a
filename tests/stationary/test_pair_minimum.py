"""Certificates of local minima of Gaussian pairs: other routes to each number, and refusals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.inertia import inertia
from verifier.law_moments.of_setting import general_moments
from verifier.loss.dimension_free import dimension_free_loss
from verifier.loss.pair_loss import PairLoss
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.stationary.pair_family import directions, symmetries
from verifier.stationary.pair_minimum import NotCertified, certify, root_above
from verifier.stationary.representative import representative
from verifier.stationary.stationary_points import landscape
from verifier.stationary.whitening import gaussian_pair

numbers = st.fractions(-2, 2, max_denominator=3)
identity = Covariance.identity


def pair_loss(covariates: Covariance, tasks: Covariance, n: int, noise: Fraction) -> PairLoss:
    return PairLoss.of(general_moments(Setting.gaussian_pair(covariates, tasks, n, noise)), n)


SKEW = Covariance.full([[2, 1], [1, 3]]), Covariance.full([[1, "1/2"], ["1/2", 2]])


@given(st.lists(numbers, min_size=9, max_size=9), st.lists(numbers, min_size=9, max_size=9))
@settings(max_examples=20, deadline=None)
def test_gradient_and_hessian_are_those_of_the_loss_along_any_line(point, towards) -> None:
    """A quartic f(t): f'(0) = (8 (f(1) - f(-1)) - f(2) + f(-2))/12, f''(0) from the same values."""
    loss = pair_loss(*SKEW, 3, Fraction(1, 2))
    f = {
        t: loss.value([x + t * y for x, y in zip(point, towards, strict=True)])
        for t in range(-2, 3)
    }
    slope = (8 * (f[1] - f[-1]) - f[2] + f[-2]) / 12
    bend = (16 * (f[1] + f[-1]) - f[2] - f[-2] - 30 * f[0]) / 12
    gradient, hessian = loss.gradient(point), loss.hessian(point)
    assert sum(x * y for x, y in zip(gradient, towards, strict=True)) == slope
    rows = [sum(x * y for x, y in zip(row, towards, strict=True)) for row in hessian]
    assert sum(x * y for x, y in zip(rows, towards, strict=True)) == bend


@given(st.lists(numbers, min_size=9, max_size=9), st.lists(numbers, min_size=9, max_size=9))
@settings(max_examples=30, deadline=None)
def test_third_derivatives_are_below_their_bound(point, towards) -> None:
    """That of a quartic f at 0 is (f(2) - 2 f(1) + 2 f(-1) - f(-2))/2."""
    loss = pair_loss(*SKEW, 3, Fraction(1, 2))
    f = {
        t: loss.value([x + t * y for x, y in zip(point, towards, strict=True)])
        for t in range(-2, 3)
    }
    third = (f[2] - 2 * f[1] + 2 * f[-1] - f[-2]) / 2
    length, size = (root_above(sum(x * x for x in v)) for v in (point, towards))
    assert abs(third) <= loss.third_bound(length) * size**3


@given(st.lists(numbers, min_size=9, max_size=9))
@settings(max_examples=20, deadline=None)
def test_the_isotropic_pair_is_theorem_1(point) -> None:
    """Another derivation of the loss, dimension-free, by Wick contraction of words."""
    loss = pair_loss(identity(2), identity(2), 4, Fraction(1, 2))
    numeric = dimension_free_loss().numeric(2, 4, Fraction(1, 2))
    theta = np.array([float(x) for x in point])
    assert float(loss.value(point)) == pytest.approx(numeric.loss(theta), rel=1e-12)


@given(st.lists(numbers, min_size=9, max_size=9))
@settings(max_examples=20, deadline=None)
def test_the_loss_does_not_change_along_the_family(point) -> None:
    covariates, tasks = Covariance.full([[2, 1], [1, 2]]), Covariance.full([[4, 2], [2, 4]])
    pair = gaussian_pair(Setting.gaussian_pair(covariates, tasks, 3, Fraction(1)))
    loss = pair_loss(covariates, tasks, 3, Fraction(1))
    # Covariances 2 + 1 and 2 - 1 along the axes (1, 1), (1, -1): nothing turns but the sign.
    assert symmetries(loss.variances, pair.tasks_inside) == []
    isotropic = pair_loss(identity(2, 2), identity(2, 3), 3, Fraction(1))
    turns = symmetries(isotropic.variances, identity(2, 3).entries)
    assert len(turns) == 1
    for one in (loss, isotropic):
        gradient = one.gradient(point)
        for direction in directions(one, point, turns if one is isotropic else []):
            assert sum(x * y for x, y in zip(gradient, direction, strict=True)) == 0


def test_how_many_rotations_leave_a_pair_as_it_is() -> None:
    three = identity(3).entries
    assert len(symmetries((Fraction(1),) * 3, three)) == 3
    assert len(symmetries((Fraction(1), Fraction(1), Fraction(2)), three)) == 1
    assert symmetries((Fraction(1), Fraction(2), Fraction(3)), three) == []
    # Gamma = 1/Lambda: rotations of the whitened coordinates.
    halves = Covariance.diagonal([1, "1/2", "1/3"]).entries
    assert len(symmetries((Fraction(1), Fraction(2), Fraction(3)), halves)) == 3
    assert symmetries((Fraction(1),), identity(1).entries) == []
    with pytest.raises(ValueError, match="positive definite"):
        symmetries((Fraction(1), Fraction(0)), identity(2).entries)


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=6), st.integers(-3, 3), st.randoms())
@settings(max_examples=40, deadline=None)
def test_inertia_of_a_congruent_diagonal_matrix(values, number, draw) -> None:
    """Orthogonal 0-1 matrices keep eigenvalues; a shift counts those below, at and above it."""
    order = list(range(len(values)))
    draw.shuffle(order)
    matrix = [[Fraction(values[i]) if i == j else Fraction(0) for j in order] for i in order]
    found = inertia(matrix, number)
    assert found.below == sum(v < number for v in values)
    assert found.at == sum(v == number for v in values)


def test_inertia_by_hand() -> None:
    """[[0, 1], [1, 0]] has the eigenvalues -1 and 1, all ones 0, 0, 3."""
    flip = [[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]]
    ones = [[Fraction(1)] * 3 for _ in range(3)]
    assert (inertia(flip).below, inertia(flip).above) == (1, 1)
    assert (inertia(ones).at, inertia(ones).above) == (2, 1)
    assert inertia(ones, 3).at == 1
    with pytest.raises(ValueError, match="symmetric"):
        inertia([[Fraction(1), Fraction(2)], [Fraction(0), Fraction(1)]])


def test_certificates_agree_with_the_exact_landscape() -> None:
    """(d, n, sigma2) = (2, 4, 1/2): 43/30 at rho = 0, and one local minimum inside, algebraic."""
    here = landscape(2, 4, Fraction(1, 2))
    loss = pair_loss(identity(2), identity(2), 4, Fraction(1, 2))
    turns = symmetries(loss.variances, identity(2).entries)
    assert str(here.stationary[0].loss.as_fraction()) == "43/30"
    for part in here.stationary:
        theta = np.array([float(x) for x in representative(here, part).decimals()])
        if not part.type.endswith("minimum"):
            if part.rho is not None:
                with pytest.raises(NotCertified):
                    certify(loss, theta, turns)
            continue
        found = certify(loss, theta, turns)
        exact = part.loss.as_fraction() or Fraction(str(part.loss.decimal(60)))
        assert abs(found.loss - exact) < Fraction(1, 10**50)
        assert (found.positive, found.flat) == (9 - part.nullity, part.nullity)
        assert found.radius < Fraction(1, 10**50)
        assert found.full_rank


def test_no_certificate_away_from_stationary_points() -> None:
    loss = pair_loss(*SKEW, 3, Fraction(1, 2))
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(5):
        try:
            found = certify(loss, 3 * rng.standard_normal(9), [])
        except NotCertified:
            refused += 1
        else:
            # Newton's method may lead to a minimum from afar: then it must be one.
            assert found.slope < Fraction(1, 10**40)
    assert refused >= 3


def test_roots_are_rounded_up() -> None:
    for value in (Fraction(2), Fraction(1, 7), Fraction(0), Fraction(10**40)):
        assert root_above(value) ** 2 > value
        assert (root_above(value) - Fraction(1, 10**50)) ** 2 <= value or value == 0
