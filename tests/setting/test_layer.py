"""The layer by its definition, and the reduced parameters that predict the same."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.setting.layer import LayerVariant, LinearAttention, ReducedParameters

seeds = st.integers(0, 2**32 - 1)
dimensions = st.integers(1, 4)
lengths = st.integers(1, 5)
variants = st.builds(LayerVariant, st.booleans(), st.booleans())


def fractions_like(rng: np.random.Generator, *shape: int) -> np.ndarray:
    flat = [
        Fraction(int(rng.integers(-9, 10)), int(rng.integers(1, 8))) for _ in range(np.prod(shape))
    ]
    return np.array(flat, dtype=object).reshape(shape)


def random_layer(rng, d: int, variant: LayerVariant, draw) -> LinearAttention:
    size = d + 1
    return LinearAttention(
        draw(rng, size, size),
        draw(rng, size, size),
        draw(rng, size, size),
        draw(rng, size),
        variant,
    )


def normals(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def by_hand(layer: LinearAttention, x, y, query):
    """The formula of the paper with plain loops, one prompt at a time."""
    results = []
    for xs, ys, ask in zip(x, y, query, strict=True):
        tokens = [np.append(xi, yi) for xi, yi in zip(xs, ys, strict=True)]
        last = np.append(ask, ask[0] * 0)
        if layer.variant.include_query:
            tokens.append(last)
        total = sum((layer.W_V @ v) * ((layer.W_K @ v) @ (layer.W_Q @ last)) for v in tokens)
        scale = len(ys) if layer.variant.normalise else 1
        results.append((layer.h @ total) / scale)
    return np.array(results)


@given(seeds, dimensions, lengths, variants)
@settings(max_examples=40)
def test_full_reduced_and_hand_agree_exactly(seed, d, n, variant) -> None:
    rng = np.random.default_rng(seed)
    layer = random_layer(rng, d, variant, fractions_like)
    x, y, query = (fractions_like(rng, *s) for s in ((2, n, d), (2, n), (2, d)))
    expected = by_hand(layer, x, y, query)
    assert (layer.predict(x, y, query) == expected).all()
    assert (layer.reduced().predict(x, y, query) == expected).all()
    assert (layer.reduced().full().predict(x, y, query) == expected).all()


@given(seeds, dimensions, lengths, variants)
@settings(max_examples=40)
def test_predictions_survive_balancing_and_random_realisation(seed, d, n, variant) -> None:
    rng = np.random.default_rng(seed)
    layer = random_layer(rng, d, variant, normals)
    x, y, query = (normals(rng, *s) for s in ((6, n, d), (6, n), (6, d)))
    expected = by_hand(layer, x, y, query)
    tolerance = 1e-9 * (1 + np.abs(expected).max())
    reduced = layer.reduced()
    balanced = reduced.balanced()
    assert np.linalg.norm(balanced.omega) == pytest.approx(np.linalg.norm(balanced.stacked))
    for predictor in (layer, reduced, balanced, balanced.full(rng)):
        assert np.abs(predictor.predict(x, y, query) - expected).max() < tolerance


@given(seeds, dimensions, lengths, st.booleans())
@settings(max_examples=25)
def test_shared_queries_read_off_the_linear_map(seed, d, n, normalise) -> None:
    rng = np.random.default_rng(seed)
    layer = random_layer(rng, d, LayerVariant(normalise=normalise), normals)
    x, y, query = (normals(rng, *s) for s in ((5, n, d), (5, n), (5, d)))
    u = layer.predict_shared(x, y, np.eye(d))
    np.testing.assert_allclose((u * query).sum(1), layer.predict(x, y, query), atol=1e-9)


@given(seeds, dimensions)
def test_vector_round_trip_and_order(seed, d) -> None:
    theta = np.random.default_rng(seed).standard_normal((d + 1) ** 2)
    point = ReducedParameters.from_vector(theta)
    assert (point.to_vector() == theta).all()
    assert (point.a == theta[:d]).all()
    assert point.b == theta[d]
    assert point.A[0, d - 1] == theta[2 * d]
    assert (point.c == theta[-d:]).all()
    np.testing.assert_allclose(point.readout, point.b * point.A.T + np.outer(point.c, point.a))


def test_examples_may_be_permuted_but_not_weighed() -> None:
    rng = np.random.default_rng(0)
    layer = random_layer(rng, 3, LayerVariant(), normals)
    x, y, query = normals(rng, 4, 5, 3), normals(rng, 4, 5), normals(rng, 4, 3)
    order = rng.permutation(5)
    first = layer.predict(x, y, query)
    np.testing.assert_allclose(layer.predict(x[:, order], y[:, order], query), first)
    assert not np.allclose(layer.predict(x[:, order], y, query), first)


def test_shapes_and_values_are_checked_in_one_line() -> None:
    eye = np.eye(3)
    with pytest.raises(ValueError, match="W_Q must have shape"):
        LinearAttention(eye, np.eye(2), eye, np.ones(3))
    with pytest.raises(ValueError, match="finite"):
        LinearAttention(eye, eye, eye, np.array([1.0, np.nan, 0.0]))
    layer = LinearAttention(eye, eye, eye, np.ones(3))
    with pytest.raises(ValueError, match="x must have shape"):
        layer.predict(np.ones((1, 2, 3)), np.ones((1, 2)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="length"):
        ReducedParameters.from_vector(np.ones(7))
    with pytest.raises(ValueError, match="finite"):
        ReducedParameters.from_vector(np.array([1.0, np.inf, 1.0, 1.0]))
    with pytest.raises(ValueError, match="leaves the query out"):
        LinearAttention(eye, eye, eye, np.ones(3), LayerVariant(include_query=True)).predict_shared(
            np.ones((1, 2, 2)), np.ones((1, 2)), np.eye(2)
        )


def test_the_layer_cannot_be_changed_from_outside() -> None:
    weights = np.eye(2)
    layer = LinearAttention(weights, weights, weights, np.ones(2))
    weights[0, 0] = 5.0
    assert layer.W_K[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        layer.W_K[0, 0] = 5.0
