"""Covariate laws: exact moments against samples, integrals and invariances."""

from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.laws import (
    Laplace,
    Normal,
    Rademacher,
    Sphere,
    Uniform,
    UnitVariance,
    radial,
    student_t,
)

LAWS = [
    Normal(),
    Uniform(),
    Rademacher(),
    Laplace(),
    student_t(13),
    Sphere(),
    radial({"2": "1", "4": "11"}),
    UnitVariance(Uniform()),
    UnitVariance(student_t("25/2")),
]
SKEWED = Covariance.full([["2", "1/2", "-1"], ["1/2", "1", "0"], ["-1", "0", "3"]])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("covariance", [Covariance.identity(3), SKEWED], ids=["identity", "full"])
def test_exact_moments_agree_with_samples(law, covariance) -> None:
    covariates = Covariates(law, covariance)
    x = covariates.sample(np.random.default_rng(3), (200_000,))
    for order in (1, 2, 3, 4):
        for indices in combinations_with_replacement(range(3), order):
            products = x[:, indices].prod(axis=1)
            error = products.std() / len(x) ** 0.5
            assert abs(products.mean() - float(covariates.moment(*indices))) <= 5.5 * error + 1e-12


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_fourth_moments_by_the_cumulant_formula(law) -> None:
    """E x_i x_j x_k x_l = m22 (3 pairings) + (m4 - 3 m22) sum_r D_r^2 L_ir L_jr L_kr L_lr."""
    covariates = Covariates(law, SKEWED)
    m4, m22 = covariates.base_moment(4), covariates.base_moment(2, 2)
    c, lower, pivots = SKEWED.entries, SKEWED.lower, SKEWED.pivots
    for i, j, k, m in combinations_with_replacement(range(3), 4):
        pairings = c[i][j] * c[k][m] + c[i][k] * c[j][m] + c[i][m] * c[j][k]
        own = sum(
            pivots[r] ** 2 * lower[i][r] * lower[j][r] * lower[k][r] * lower[m][r] for r in range(3)
        )
        assert covariates.moment(i, j, k, m) == m22 * pairings + (m4 - 3 * m22) * own


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_rotation_invariance_is_what_it_says(law) -> None:
    """The law is rotation invariant only if m4 = 3 m22 (rotate by 45 degrees in a plane)."""
    covariates = Covariates(law, Covariance.identity(3))
    assert law.rotation_invariant == (covariates.base_moment(4) == 3 * covariates.base_moment(2, 2))
    assert covariates.isotropic == law.rotation_invariant


@given(st.integers(1, 8), st.sampled_from([Normal(), Sphere()]))
def test_radius_moments_of_normal_and_sphere(dimension, law) -> None:
    """E|z|^4 = d m4 + d(d-1) m22, which is d(d+2) for the normal law and 1 on the sphere."""
    covariates = Covariates(law, Covariance.identity(dimension))
    fourth = dimension * covariates.base_moment(4)
    if dimension > 1:
        fourth += dimension * (dimension - 1) * covariates.base_moment(2, 2)
    assert fourth == (dimension * (dimension + 2) if law == Normal() else 1)


def test_one_dimensional_moments_by_numerical_integration() -> None:
    grid = np.linspace(-60, 60, 2_000_001)
    step = grid[1] - grid[0]
    densities = {
        Normal(): np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi),
        Laplace(): np.exp(-np.abs(grid)) / 2,
        Uniform(): (np.abs(grid) < 1) / 2,
    }
    for law, density in densities.items():
        for power in (2, 4, 6):
            integral = float((grid**power * density).sum() * step)
            exact = Covariates(law, Covariance.identity(1)).base_moment(power)
            assert integral == pytest.approx(float(exact), rel=1e-4)


def test_unit_variance_has_unit_variance_and_same_kurtosis() -> None:
    raw = Covariates(Uniform(), Covariance.identity(2))
    unit = Covariates(UnitVariance(Uniform()), Covariance.identity(2))
    assert unit.base_moment(2) == 1
    assert unit.base_moment(4) == raw.base_moment(4) / raw.base_moment(2) ** 2


def test_missing_moments_are_named() -> None:
    heavy = Covariates(student_t(4), Covariance.identity(2))
    assert heavy.base_moment(2) == 2
    with pytest.raises(ValueError, match="no moment of order 4"):
        heavy.moment(0, 0, 0, 0)
    with pytest.raises(ValueError, match="no moment of order 2"):
        Covariates(student_t("3/2"), Covariance.identity(1)).second_moment()
    with pytest.raises(ValueError, match="order 6"):
        Covariates(radial({"2": 1, "4": 2}), Covariance.identity(2)).base_moment(6)


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        ({"2": 1}, "orders 2 and 4"),
        ({"2": 1, "4": 2, "6": 9}, "orders 2 and 4"),
        ({"2": 2, "4": 3}, "square of moment 2"),
        ({"2": 0, "4": 3}, "positive"),
        ({"2": "-1", "4": 3}, "negative"),
    ],
)
def test_impossible_radii_are_refused(moments, message) -> None:
    with pytest.raises(ValueError, match=message):
        radial(moments)


def test_degrees_of_freedom_are_checked() -> None:
    with pytest.raises(ValueError, match="positive"):
        student_t(0)
    with pytest.raises(TypeError, match="degrees of freedom"):
        student_t(9.0)
    assert student_t("9").degrees_of_freedom == Fraction(9)
