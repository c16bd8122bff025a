"""ExactLoss as a value: calculus, symmetries, and refusal of what is not exact."""

from dataclasses import FrozenInstanceError
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.loss.exact import ExactLoss
from verifier.loss.expected_loss import expected_loss
from verifier.loss.parameters import flatten, parameter_names

fractions = st.fractions(min_value=-2, max_value=2, max_denominator=4)


@cache
def isotropic(dimension: int) -> ExactLoss:
    return expected_loss(dimension, method="explicit")


@st.composite
def points(draw: st.DrawFn, d: int) -> tuple:
    vectors = st.lists(fractions, min_size=d, max_size=d)
    matrices = st.lists(vectors, min_size=d, max_size=d)
    return draw(vectors), draw(fractions), draw(matrices), draw(vectors)


def at(polynomial: object, theta: tuple, n: int, noise: Fraction) -> Fraction:
    values = [sympy.Rational(x.numerator, x.denominator) for x in map(Fraction, theta)]
    image = polynomial.as_expr().subs(
        dict(zip(polynomial.ring.symbols, [*values, n, sympy.Rational(noise)], strict=True))
    )
    return Fraction(int(image.p), int(image.q))


def value(loss: ExactLoss, theta: list, n: int, noise: Fraction) -> Fraction:
    d = loss.dimension
    rows = [theta[d + 1 + i * d : d + 1 + (i + 1) * d] for i in range(d)]
    return loss.evaluate(theta[:d], theta[d], rows, theta[-d:], n=n, noise=noise)


@given(points(2), st.integers(0, 8), st.integers(0, 8), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_derivatives_are_exact_central_differences(point: tuple, i: int, j: int, n: int) -> None:
    """L has degree 2 in each coordinate, so central differences have no truncation error."""
    loss, noise, step = isotropic(2), Fraction(1, 3), Fraction(3, 7)
    theta = list(flatten(*point))

    def moved(*changes: tuple[int, Fraction]) -> Fraction:
        shifted = list(theta)
        for k, change in changes:
            shifted[k] += change
        return value(loss, shifted, n, noise)

    slope = (moved((i, step)) - moved((i, -step))) / (2 * step)
    assert at(loss.gradient()[i], tuple(theta), n, noise) == slope
    if i == j:
        curvature = (moved((i, step)) - 2 * moved() + moved((i, -step))) / step**2
    else:
        corners = [
            sign * other * moved((i, sign * step), (j, other * step))
            for sign in (1, -1)
            for other in (1, -1)
        ]
        curvature = sum(corners) / (4 * step**2)
    assert at(loss.hessian()[i][j], tuple(theta), n, noise) == curvature
    assert loss.hessian()[i][j] == loss.hessian()[j][i]


@given(points(2), fractions.filter(bool), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_scaling_symmetry(point: tuple, t: Fraction, n: int) -> None:
    a, b, A, c = point
    loss, noise = isotropic(2), Fraction(1, 2)
    scaled = (
        [t * x for x in a],
        t * b,
        [[x / t for x in row] for row in A],
        [x / t for x in c],
    )
    assert loss.evaluate(*scaled, n=n, noise=noise) == loss.evaluate(*point, n=n, noise=noise)


@given(points(2), st.integers(-4, 4), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_rotation_invariance(point: tuple, k: int, n: int) -> None:
    """(a, b, A, c) -> (Ra, b, RAR', Rc) with the rational rotation of tangent half-angle k/3."""
    t = Fraction(k, 3)
    cosine, sine = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
    R = np.array([[cosine, -sine], [sine, cosine]], dtype=object)
    a, A, c = (np.array(point[k], dtype=object) for k in (0, 2, 3))
    turned = (list(R @ a), point[1], (R @ A @ R.T).tolist(), list(R @ c))
    loss, noise = isotropic(2), Fraction(2, 3)
    assert loss.evaluate(*turned, n=n, noise=noise) == loss.evaluate(*point, n=n, noise=noise)


@given(points(2))
@settings(max_examples=15, deadline=None)
def test_covariance_reparametrisation(point: tuple) -> None:
    """x = P z turns (Lambda, Gamma, a, A, c) into (I, P'Gamma P, P'a, P'AP, P'c)."""
    P = np.array([[2, 0], [1, Fraction(1, 2)]], dtype=object)
    gamma = np.array([[2, 1], [1, 3]], dtype=object)
    a, A, c = (np.array(point[k], dtype=object) for k in (0, 2, 3))
    outer = expected_loss(2, 3, Fraction(1, 2), (P @ P.T).tolist(), gamma.tolist())
    inner = expected_loss(2, 3, Fraction(1, 2), "identity", (P.T @ gamma @ P).tolist())
    moved = (list(P.T @ a), point[1], (P.T @ A @ P).tolist(), list(P.T @ c))
    assert outer.evaluate(*point) == inner.evaluate(*moved)


@given(points(2), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_float_evaluator_matches_exact_values(point: tuple, n: int) -> None:
    loss, noise = isotropic(2), Fraction(1, 3)
    theta = np.array([float(x) for x in flatten(*point)])
    numeric = loss.numeric(n, noise)
    exact = loss.evaluate(*point, n=n, noise=noise)
    assert numeric.loss(theta) == pytest.approx(float(exact), rel=1e-12)
    found, gradient = numeric.loss_and_gradient(theta)
    assert found == pytest.approx(float(exact), rel=1e-12)
    fixed = loss.specialise(n, noise)
    expected = [float(at(g, flatten(*point), n, noise)) for g in fixed.gradient()]
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-9)


def test_float_hessian_matches_the_exact_one_and_batches_are_rows() -> None:
    loss = isotropic(2)
    numeric = loss.numeric(3, Fraction(1, 2))
    theta = np.arange(1.0, 10.0) / 4
    exact = [
        [float(at(h, tuple(Fraction(k, 4) for k in range(1, 10)), 3, Fraction(1, 2))) for h in row]
        for row in loss.hessian()
    ]
    np.testing.assert_allclose(numeric.hessian(theta), exact, rtol=1e-12)
    batch = np.stack([theta, 2 * theta, -theta])
    np.testing.assert_allclose(numeric.loss(batch), [numeric.loss(row) for row in batch])
    values, gradients = numeric.loss_and_gradient(batch)
    assert values.shape == (3,)
    np.testing.assert_allclose(gradients[1], numeric.loss_and_gradient(2 * theta)[1])
    np.testing.assert_allclose(numeric.hessian(batch)[2], numeric.hessian(-theta))


def test_the_zero_layer_predicts_zero() -> None:
    """L = E y^2 = tr(Lambda Gamma) + sigma2 when nothing is predicted."""
    loss = expected_loss(2, 5, Fraction(1, 7), [[2, 1], [1, 3]], [[1, 0], [0, 4]])
    assert loss.evaluate([0, 0], 0, [[0, 0], [0, 0]], [0, 0]) == 2 + 12 + Fraction(1, 7)


def test_expression_and_latex_come_from_the_polynomial() -> None:
    loss = expected_loss(1, 2, Fraction(1, 2))
    expression = loss.as_expr()
    point = dict(zip(map(sympy.Symbol, parameter_names(1)), (2, 3, 5, 7), strict=True))
    value_ = loss.evaluate([2], 3, [[5]], [7])
    assert expression.subs(point) == sympy.Rational(value_.numerator, value_.denominator)
    assert r"\sigma^{2}" in isotropic(1)._repr_latex_()
    assert loss.symbols == ()


def test_what_is_not_exact_or_does_not_fit_is_refused() -> None:
    loss = isotropic(2)
    good = ([1, 0], 1, [[1, 0], [0, 1]], [0, 0])
    with pytest.raises(TypeError, match="float"):
        loss.evaluate([1.0, 0], *good[1:], n=1, noise=0)
    with pytest.raises(TypeError, match="float"):
        loss.evaluate(*good, n=1, noise=0.5)
    with pytest.raises(ValueError, match="give a value for sigma2"):
        loss.evaluate(*good, n=1)
    with pytest.raises(ValueError, match="shapes"):
        loss.evaluate([1, 0], 1, [[1, 0]], [0, 0], n=1, noise=0)
    with pytest.raises(ValueError, match="dimension 2"):
        loss.evaluate([1], 1, [[1]], [0], n=1, noise=0)
    with pytest.raises(ValueError, match="no symbol mu"):
        loss.specialise(values={"mu": 1})
    with pytest.raises(ValueError, match="give a value for n"):
        loss.numeric(noise=1)
    with pytest.raises(ValueError, match="9 entries"):
        loss.numeric(1, 1).loss(np.zeros(4))
    with pytest.raises(FrozenInstanceError):
        loss.dimension = 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dimension": 0}, ValueError, "at least 1"),
        ({"dimension": 2.0}, TypeError, "integer"),
        ({"dimension": 2, "context_length": 0}, ValueError, "at least 1"),
        ({"dimension": 2, "context_length": 1.5}, TypeError, "integer"),
        ({"noise": -1}, ValueError, "negative"),
        ({"noise": 0.1}, TypeError, "float"),
        ({"method": "guess"}, ValueError, "one of"),
        ({"method": "explicit"}, ValueError, "needs a dimension"),
        ({"dimension": 2, "method": "definition"}, ValueError, "context length"),
        ({"covariance": [[1]]}, ValueError, "needs a dimension"),
        ({"dimension": 2, "covariance": [[1]]}, ValueError, "dimension is 2"),
        ({"dimension": 2, "covariance": [[1, 2], [0, 1]]}, ValueError, "symmetric"),
        ({"dimension": 2, "covariance": [[1, 2], [2, 1]]}, ValueError, "semidefinite"),
        ({"dimension": 1, "covariance": [[0.5]]}, TypeError, "float"),
        ({"dimension": 1, "covariance": "diagonal"}, ValueError, "one of"),
        (
            {"dimension": 1, "covariance": "symbolic", "task_covariance": "inverse-covariates"},
            ValueError,
            "not polynomial",
        ),
        (
            {"dimension": 1, "covariance": [[0]], "task_covariance": "inverse-covariates"},
            ValueError,
            "singular",
        ),
    ],
)
def test_bad_requests_get_one_clear_line(arguments: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        expected_loss(**arguments)
    assert "\n" not in str(caught.value)
