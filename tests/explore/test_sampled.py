"""Answers on sampled moments: their kinds, their errors, and what is split off exactly."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from verifier.explore.answer import ExploreOptions
from verifier.explore.exploration import explore
from verifier.explore.sampled import sampled_moments
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.optimum.readout import Kind
from verifier.setting.setting_file import parse_setting

QUICK = ExploreOptions(samples=BATCHES * SMALLEST_BATCH, starts=2, seed=1)


def setting(d: int, n: int, text: str):
    return parse_setting(f"[prompt]\ndimension = {d}\ncontext_length = {n}\n{text}".encode())


def optimum(text: str, d: int = 2, n: int = 6):
    return explore(setting(d, n, text), QUICK).optimum


@pytest.mark.parametrize("text", ["cos(t)", "exp(-t^2) + t^2/9", "sin(t)*tanh(t)"])
def test_even_responses_are_best_predicted_by_zero(text) -> None:
    found = optimum(f"[task]\nresponse = '{text}'\nmean = [1, 2]\n")
    assert found.kind is Kind.ZERO
    assert not any(v.decimal for row in found.B for v in row)


def test_a_gradient_step_is_seen_where_the_best_readout_is_not_unique() -> None:
    """Fair signs and w = v (1, 1): t is 0 or 2v, so y X'y spans one direction only."""
    text = "[covariates]\nlaw = 'rademacher'\n[task]\ncovariance = [[1, 1], [1, 1]]\n"
    assert optimum(f"{text}response = 'sin(t)'\n").kind is Kind.GRADIENT


def test_a_small_difference_of_variances_is_not_taken_for_a_multiple_of_the_identity() -> None:
    found = optimum("[task]\ncovariance = [1, '101/100']\nresponse = 'sin(t) + t'\n")
    assert found.kind is Kind.READOUT
    difference = found.B[0][0].decimal - found.B[1][1].decimal
    assert found.B[0][0].error is not None
    assert found.B[0][0].error < abs(difference) < 0.01


def test_kinds_do_not_depend_on_the_units_of_the_coordinates() -> None:
    """x_2 and 1/w_2 in units of 10^6: B is no multiple of I, although it is nearly so in one."""
    text = "[covariates]\ncovariance = [1, '1e12']\n"
    found = optimum(f"{text}[task]\ncovariance = [1, '1e-12']\nresponse = 'sin(t)'\n")
    assert found.kind is Kind.PRECONDITIONED


def test_a_layer_that_gains_nothing_on_the_readout_is_not_shown() -> None:
    """w.x has a small mean, so parity is all but true."""
    found = optimum("[task]\nmean = ['1/100000', 0]\nresponse = 'sin(t)'\n")
    assert found.kind is Kind.GRADIENT


def test_the_loss_of_a_layer_has_an_error_and_is_within_it_of_another_seed() -> None:
    text = "[task]\nresponse = 'tanh(t)'\nmean = [2, 0]\n"
    one = optimum(text).loss
    options = ExploreOptions(samples=QUICK.samples, starts=2, seed=2)
    other = explore(setting(2, 6, text), options).optimum.loss
    assert one.error is not None
    assert 0 < one.error < 0.02 * one.decimal
    assert abs(one.decimal - other.decimal) < 6 * (one.error + (other.error or 0))


@pytest.mark.parametrize(
    "text",
    [
        "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = '9/2'\n"
        "[task]\nresponse = 't + sin(t)'\n",
        "[task]\nresponse = 't^3*tanh(t)^2'\n",
        "[task]\nresponse = 'exp(t/9)'\n",
    ],
)
def test_errors_that_the_sample_does_not_tell_are_unknown(text) -> None:
    found = explore(setting(2, 6, text), QUICK)
    assert found.optimum.loss.error == inf
    assert all(item.loss.error == inf for item in found.compared[:3])


@pytest.mark.parametrize("power", [3, 5])
def test_the_moments_of_a_polynomial_part_are_exact(power) -> None:
    """d = 1, x and w normal, by Gauss-Hermite quadrature: E y^2 and E y^2 x^2."""
    one = setting(1, 6, f"[task]\nresponse = 't^{power} + sin(t)'\n")
    sampled = sampled_moments(one, 0, symmetric=True)
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    weights = weights / weights.sum()
    t = np.outer(nodes, nodes)
    square = (t**power + np.sin(t)) ** 2
    for power_of_x, name in ((0, "target"), (2, "fourth")):
        truth = float(weights @ square @ (weights * nodes**power_of_x))
        each = [
            float(m.target_second if name == "target" else m.fourth[0, 0, 1, 1])
            for m in sampled.repetitions
        ]
        error = sampled.error(each)
        assert error < 1e-3 * truth
        assert abs(np.mean(each) - truth) < 6 * error


def test_descents_into_the_errors_of_the_moments_are_no_contradiction() -> None:
    """n^2 times a sampled E[mu mu'] that is all error may be negative: the loss has no minimum."""
    covariance = f"covariance = {list(range(1, 7))}"
    text = f"[covariates]\n{covariance}\n[task]\nresponse = 'sin(3*t)'\n"
    found = explore(setting(6, 10**6, text), QUICK)
    assert found.optimum.kind is Kind.ZERO
    assert found.numerical.search.best_loss < found.optimum.loss.decimal
    assert found.agrees


def test_descents_may_fit_the_errors_of_sampled_moments() -> None:
    """At d = 20 the 400 entries of B do so by more than the error of the loss of one layer."""
    from verifier.explore.evidence import contradiction
    from verifier.explore.exploration import best_layer

    text = b"[prompt]\ndimension = 20\ncontext_length = 40\n[task]\nresponse = 'tanh(t)'\n"
    options = ExploreOptions(starts=1)
    found = best_layer(parse_setting(text), options, np.random.default_rng(0), 1)
    assert found.search is not None
    gained = found.optimum.loss.decimal - found.search.best_loss
    assert 0 < gained <= found.fitted * (1 + 1e-6)
    sure = (found.optimum, found.search, found.compared, found.gain_error)
    assert contradiction(*sure, found.fitted) == ""
    assert "below the layer shown" in contradiction(*sure)
