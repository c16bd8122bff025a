"""The loss for every dimension at once: its shape, its floats, its refusals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.loss.dimension_free import (
    dimension_free_loss,
    gaussian_prompt,
    reduced_layer,
)
from verifier.loss.expected_loss import expected_loss
from verifier.words.wick import expect
from verifier.words.words import matrix, scalar, trace, vector

LAMBDA = matrix("Lambda", symmetric=True)
GAMMA = matrix("Gamma", symmetric=True)
n, d, s2 = scalar("n"), scalar("d"), scalar("sigma2")


def test_second_moments_of_the_prompt_by_hand() -> None:
    """Isotropic: E q = n (d + s2); E s s' : s = S w + X'eps, so E|s|^2 = E tr S^2 + s2 E tr S."""
    prompt = gaussian_prompt()
    assert expect(prompt.q) == n * (d + s2)
    assert expect(trace(prompt.S)) == n * d
    assert expect(prompt.s.T @ prompt.s) == n * d * (n + d + 1) + s2 * n * d
    assert expect(prompt.w.T @ prompt.s) == n * d
    assert not expect(prompt.s)


def test_completion_of_the_square_holds_for_every_pair() -> None:
    """L = sigma2 + E|Bs - w|^2_Lambda + E|A'Sa + bqc|^2_Lambda, each mean taken separately."""
    prompt, layer = gaussian_prompt(LAMBDA, GAMMA), reduced_layer()
    a, b, A, c = layer.a, layer.b, layer.A, layer.c
    B = b * A.T + c @ a.T
    first = B @ prompt.s - prompt.w
    second = A.T @ prompt.S @ a + b * prompt.q * c
    total = s2 + expect(first.T @ LAMBDA @ first) + expect(second.T @ LAMBDA @ second)
    assert dimension_free_loss(LAMBDA, GAMMA).expression == total


def test_theorem2_is_the_pair_with_the_inverse() -> None:
    sigma = matrix("Lambda", symmetric=True)
    pair = dimension_free_loss(LAMBDA, GAMMA).expression
    assert dimension_free_loss(sigma, sigma.inv).expression == pair.substitute({"Gamma": sigma.inv})
    loss = expected_loss(covariance="symbolic", task_covariance="inverse-covariates")
    assert loss.coefficient(1) == d + s2
    assert loss.expression == dimension_free_loss(sigma, sigma.inv).expression


def test_the_forward_pass_is_the_reduced_formula() -> None:
    """sum_i (omega.v_i)(v_i.Nx) = x'(A'Sa + bA's + c(s'a) + bqc), before any expectation."""
    prompt, layer = gaussian_prompt(), reduced_layer()
    a, b, A, c = layer.a, layer.b, layer.A, layer.c
    S, s, q = prompt.S, prompt.s, prompt.q
    u = A.T @ S @ a + b * A.T @ s + c * (s.T @ a) + b * q * c
    assert layer.prediction(prompt) == prompt.query.T @ u


@given(st.integers(1, 4), st.integers(1, 9), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_float_words_match_the_exact_loss(dimension: int, length: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    size = (dimension + 1) ** 2
    integers = random.integers(-4, 5, size)
    theta = integers / 4
    exact = [Fraction(int(k), 4) for k in integers]
    rows = [exact[dimension + 1 + i * dimension :][:dimension] for i in range(dimension)]
    reference = expected_loss(dimension, length, Fraction(1, 2), method="explicit")
    value = reference.evaluate(exact[:dimension], exact[dimension], rows, exact[-dimension:])
    words = dimension_free_loss().numeric(dimension, length, Fraction(1, 2))
    polynomial = reference.numeric()
    assert words.loss(theta) == pytest.approx(float(value), rel=1e-12)
    loss, gradient = words.loss_and_gradient(theta)
    assert loss == pytest.approx(float(value), rel=1e-12)
    other = polynomial.loss_and_gradient(theta)[1]
    np.testing.assert_allclose(gradient, other, rtol=1e-9, atol=1e-8)
    hessian = polynomial.hessian(theta)
    scale = np.abs(hessian).max()
    np.testing.assert_allclose(words.hessian(theta), hessian, rtol=0, atol=1e-10 * scale)


def test_float_words_with_covariances_and_batches() -> None:
    sigma, task = [[2, 1], [1, 3]], [[1, -1], [-1, 4]]
    reference = expected_loss(2, 3, 1, sigma, task, method="explicit").numeric()
    words = dimension_free_loss(LAMBDA, GAMMA).numeric(2, 3, 1, sigma, task)
    batch = np.random.default_rng(5).normal(size=(4, 3, 9))
    np.testing.assert_allclose(words.loss(batch), reference.loss(batch), rtol=1e-12)
    loss, gradient = words.loss_and_gradient(batch)
    assert loss.shape == (4, 3)
    np.testing.assert_allclose(gradient, reference.loss_and_gradient(batch)[1], rtol=1e-9)
    inverse = dimension_free_loss(LAMBDA, LAMBDA.inv).numeric(2, 3, 1, sigma)
    twin = dimension_free_loss(LAMBDA, GAMMA).numeric(2, 3, 1, sigma, np.linalg.inv(sigma))
    np.testing.assert_allclose(inverse.loss(batch), twin.loss(batch), rtol=1e-12)


def test_specialised_symbols_disappear() -> None:
    loss = expected_loss(None, 3, Fraction(1, 2))
    names = {letter.name for letter in loss.expression.letters()}
    assert "n" not in names
    assert "sigma2" not in names
    assert loss.at_dimension(2).polynomial == expected_loss(2, 3, Fraction(1, 2)).polynomial


def test_missing_and_superfluous_covariances_are_refused() -> None:
    with pytest.raises(ValueError, match="leave covariance out"):
        dimension_free_loss().numeric(2, 3, 1, covariance=np.eye(2))
    with pytest.raises(ValueError, match="give covariance"):
        dimension_free_loss(LAMBDA).numeric(2, 3, 1)
    with pytest.raises(ValueError, match="leave task_covariance out"):
        dimension_free_loss(LAMBDA, LAMBDA.inv).numeric(2, 3, 1, np.eye(2), np.eye(2))
    with pytest.raises(ValueError, match="must be 2 x 2"):
        dimension_free_loss(LAMBDA).numeric(2, 3, 1, covariance=np.eye(3))
    with pytest.raises(ValueError, match="singular"):
        dimension_free_loss(LAMBDA, LAMBDA.inv).numeric(2, 3, 1, covariance=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="give the entries of Lambda"):
        dimension_free_loss(LAMBDA).at_dimension(2)
    with pytest.raises(TypeError, match="float"):
        dimension_free_loss().numeric(2, 3, 0.5)
    with pytest.raises(ValueError, match="9 entries"):
        dimension_free_loss().numeric(2, 3, 1).loss(np.zeros(8))
    with pytest.raises(ValueError, match="one theta"):
        dimension_free_loss().numeric(2, 3, 1).hessian(np.zeros((2, 9)))


def test_latex_shows_the_derived_terms() -> None:
    text = dimension_free_loss()._repr_latex_()
    assert text.startswith("$L = d + \\sigma^{2}")
    assert r"\operatorname{tr}\left(A A^{\top}\right)" in text
    assert str(vector("a").T @ matrix("A") @ vector("c")) == "a' A c"
