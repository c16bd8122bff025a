"""Exact covariances: the factorisation decides, and what is not a covariance is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.setting.covariance import Covariance


@st.composite
def gram_matrices(draw, definite: bool = False):
    size = draw(st.integers(1, 4))
    entry = st.fractions(-3, 3, max_denominator=5)
    rows = [[draw(entry) for _ in range(size)] for _ in range(draw(st.integers(1, 4)))]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(size)] for i in range(size)]
    if definite:
        gram = [[v + (i == j) for j, v in enumerate(row)] for i, row in enumerate(gram)]
    return gram


def product(left, right):
    return [
        [sum(a * b for a, b in zip(r, c, strict=True)) for c in zip(*right, strict=True)]
        for r in left
    ]


@given(gram_matrices())
def test_factorisation_multiplies_back_exactly(gram) -> None:
    covariance = Covariance.full(gram)
    scaled = [[v * p for v, p in zip(r, covariance.pivots, strict=True)] for r in covariance.lower]
    assert product(scaled, list(zip(*covariance.lower, strict=True))) == gram
    factor = covariance.factor()
    np.testing.assert_allclose(factor @ factor.T, covariance.array(), atol=1e-9)


@given(gram_matrices(definite=True))
def test_inverse_is_the_inverse(gram) -> None:
    inverse = Covariance.full(gram).inverse()
    size = len(gram)
    assert product(gram, inverse.entries) == [
        [int(i == j) for j in range(size)] for i in range(size)
    ]


@given(gram_matrices(), st.fractions(min_value=Fraction(1, 10**9), max_value=1))
def test_a_negative_direction_is_found_however_small(gram, depth) -> None:
    size = len(gram) + 1
    bad = [[*row, Fraction(0)] for row in gram] + [[Fraction(0)] * (size - 1) + [-depth]]
    with pytest.raises(ValueError, match="positive semidefinite"):
        Covariance.full(bad)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "at least one row"),
        ([[1, 0]], "square"),
        ([[1, 2], [3, 1]], "symmetric"),
        ([[1, 2], [2, 1]], "positive semidefinite"),
        ([[0, 1], [1, 0]], "positive semidefinite"),
        ([["nan"]], "not a number"),
        (["1"], "square|row"),
    ],
)
def test_what_is_no_covariance_is_refused(rows, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Covariance.full(rows)
    assert "\n" not in str(caught.value)


def test_floats_are_refused_and_singular_has_no_inverse() -> None:
    with pytest.raises(TypeError, match=r"covariance entry \(1,2\)"):
        Covariance.full([[1, 0.5], [0.5, 1]])
    with pytest.raises(ValueError, match="singular"):
        Covariance.diagonal([1, 0]).inverse()
