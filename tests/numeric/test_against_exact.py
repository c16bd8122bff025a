"""The two engines meet here only: exact losses against cubature and Monte Carlo by the layer."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.loss.expected_loss import expected_loss
from verifier.numeric.agreement import agreement_test
from verifier.numeric.cubature import cubature_loss
from verifier.numeric.montecarlo import Check, compare, random_points
from verifier.numeric.optimise import optimise
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.layer import ReducedParameters

SPREAD = Covariance.full([[2, "1/2"], ["1/2", 1]])
TASK = Covariance.full([[1, "-1/3"], ["-1/3", "1/2"]])


def exact_pair(n: int, noise: Fraction):
    rows = [[list(row) for row in c.entries] for c in (SPREAD, TASK)]
    return expected_loss(2, n, noise, *rows, method="explicit").numeric()


@given(st.integers(1, 3), st.sampled_from([Fraction(0), Fraction(1, 2)]), st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_cubature_equals_the_exact_loss_of_a_gaussian_pair(n, noise, seed) -> None:
    """Up to rounding, without statistics: the transformer run on every node."""
    rng = np.random.default_rng(seed)
    setting = Setting.gaussian_pair(SPREAD, TASK, n, noise)
    point = ReducedParameters.from_vector(rng.standard_normal(9))
    if n * 2 + 2 + (n if noise else 0) <= 11:
        expected = exact_pair(n, noise).loss_and_gradient(point.to_vector())[0]
        assert cubature_loss(setting, point.full(rng)) == pytest.approx(expected, rel=1e-10)


def test_monte_carlo_agrees_with_the_exact_loss_and_with_no_neighbour_of_it() -> None:
    rng = np.random.default_rng(6)
    setting = Setting.gaussian_pair(SPREAD, TASK, 6, "1/2")
    points = random_points(setting, rng, 4)
    layers = [p.full(rng) for p in points]
    verdicts = []
    for n, noise in ((6, Fraction(1, 2)), (7, Fraction(1, 2)), (6, Fraction(3, 4))):
        exact = exact_pair(n, noise)
        checks = [
            Check("loss", layer, exact.loss_and_gradient(p.to_vector())[0])
            for layer, p in zip(layers, points, strict=True)
        ]
        verdicts.append(agreement_test(compare(setting, checks, rng)).agrees)
    assert verdicts == [True, False, False]


def test_descents_take_the_exact_loss_with_its_hessian() -> None:
    exact = exact_pair(6, Fraction(1, 2))
    with_hessian, without = (
        optimise(exact.loss_and_gradient, 2, np.random.default_rng(0), 8, hessian)
        for hessian in (exact.hessian, None)
    )
    assert with_hessian.not_converged == without.not_converged == 0
    first, second = ([level.loss for level in r.levels] for r in (with_hessian, without))
    np.testing.assert_allclose(first, second, rtol=1e-8)
