"""Three derivations that share no step give one and the same polynomial."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.loss.expected_loss import expected_loss

SIZES = [(d, n) for d in (1, 2, 3) for n in (1, 2, 3)]

fractions = st.fractions(min_value=-2, max_value=2, max_denominator=4)


@st.composite
def covariances(draw: st.DrawFn, dimension: int) -> list[list[Fraction]]:
    """F F' for a random rational F: positive semidefinite, often singular."""
    row = st.lists(fractions, min_size=dimension, max_size=dimension)
    root = draw(st.lists(row, min_size=dimension, max_size=dimension))
    return [
        [sum((p * q for p, q in zip(r, s, strict=True)), Fraction(0)) for s in root] for r in root
    ]


@pytest.mark.parametrize(("dimension", "n"), SIZES)
def test_isotropic_polynomials_agree(dimension: int, n: int) -> None:
    reference = expected_loss(dimension, n, method="definition")
    assert reference.symbols == ("sigma2",)
    for method in ("explicit", "dimension_free"):
        assert expected_loss(dimension, n, method=method).polynomial == reference.polynomial


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 6])
def test_explicit_and_dimension_free_agree_with_everything_symbolic(dimension: int) -> None:
    explicit = expected_loss(dimension, method="explicit")
    assert explicit.symbols == ("n", "sigma2")
    assert explicit.polynomial == expected_loss(dimension).polynomial


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("task_covariance", ["identity", "symbolic"])
def test_symbolic_covariances_agree(dimension: int, task_covariance: str) -> None:
    explicit, words = (
        expected_loss(
            dimension, covariance="symbolic", task_covariance=task_covariance, method=method
        )
        for method in ("explicit", "dimension_free")
    )
    assert "Lambda_1_1" in explicit.symbols
    assert explicit.polynomial == words.polynomial


@given(st.data())
@settings(max_examples=12, deadline=None)
def test_random_gaussian_pairs_agree(data: st.DataObject) -> None:
    dimension, n = data.draw(st.sampled_from([(1, 1), (1, 3), (2, 1), (2, 2)]))
    inputs = data.draw(covariances(dimension))
    tasks = data.draw(covariances(dimension))
    noise = data.draw(st.fractions(min_value=0, max_value=3, max_denominator=5))
    first, second, third = (
        expected_loss(dimension, n, noise, inputs, tasks, method=method).polynomial
        for method in ("definition", "explicit", "dimension_free")
    )
    assert first == second == third


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_values_agree_at_random_rational_points(data: st.DataObject) -> None:
    d, n = data.draw(st.sampled_from([(1, 2), (2, 1), (2, 2), (3, 1)]))
    vectors = st.lists(fractions, min_size=d, max_size=d)
    a, c = data.draw(vectors), data.draw(vectors)
    b, matrix = data.draw(fractions), data.draw(st.lists(vectors, min_size=d, max_size=d))
    noise = data.draw(st.fractions(min_value=0, max_value=3, max_denominator=5))
    values = {
        expected_loss(d, n, noise, method="definition").evaluate(a, b, matrix, c),
        expected_loss(d, n, method="explicit").evaluate(a, b, matrix, c, noise=noise),
        expected_loss(d).evaluate(a, b, matrix, c, n=n, noise=noise),
    }
    assert len(values) == 1
    assert values.pop() >= noise


def test_theorem2_pair_agrees_at_a_rational_covariance() -> None:
    sigma = [[2, 1], [1, Fraction(3, 2)]]
    inverse = [[Fraction(3, 4), Fraction(-1, 2)], [Fraction(-1, 2), 1]]
    reference = expected_loss(2, 2, None, sigma, inverse, method="definition").polynomial
    for method in ("definition", "explicit", "dimension_free"):
        loss = expected_loss(2, 2, None, sigma, "inverse-covariates", method=method)
        assert loss.polynomial == reference


@pytest.mark.parametrize("method", ["definition", "explicit", "dimension_free"])
def test_one_feature_one_example_no_noise_by_hand(method: str) -> None:
    """d = n = 1, noise 0, b = 0, c = 0: prediction a A x_1^2 x, target w x, w, x, x_1 ~ N(0, 1).

    E (w x - a A x_1^2 x)^2 = E w^2 + (a A)^2 E x_1^4 = 1 + 3 (a A)^2.
    With a = 0, A = 0: prediction b c y_1^2 x, y_1 = w x_1, so 1 + (b c)^2 E w^4 E x_1^4 = 1 + 9.
    """
    loss = expected_loss(1, 1, 0, method=method)
    assert loss.evaluate([2], 0, [[5]], [0]) == 1 + 3 * 100
    assert loss.evaluate([0], 1, [[0]], [1]) == 10


@pytest.mark.deep
@pytest.mark.parametrize(("dimension", "n"), [(1, 6), (2, 5), (3, 4), (4, 2)])
def test_larger_definitions_agree(dimension: int, n: int) -> None:
    reference = expected_loss(dimension, n, method="definition").polynomial
    assert expected_loss(dimension, n, method="explicit").polynomial == reference
    assert expected_loss(dimension, n).polynomial == reference
