"""Exact covariances: factor and inverse multiply back, bad matrices are named."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.matrices import (
    exact_covariance,
    exact_identity,
    exact_inverse,
)
from verifier.loss.parameters import (
    flatten,
    layer_position,
    omega_position,
    parameter_names,
)
from verifier.setting.covariance import unit_lower_factor

fractions = st.fractions(min_value=-2, max_value=2, max_denominator=3)


@st.composite
def roots(draw: st.DrawFn) -> np.ndarray:
    size = draw(st.integers(1, 3))
    columns = draw(st.integers(1, 3))
    entries = draw(st.lists(fractions, min_size=size * columns, max_size=size * columns))
    return np.array(entries, dtype=object).reshape(size, columns)


@given(roots())
@settings(max_examples=80, deadline=None)
def test_a_gram_matrix_is_a_covariance_and_factors(root: np.ndarray) -> None:
    gram = exact_covariance((root @ root.T).tolist(), len(root))
    lower, pivots = (np.array(part, dtype=object) for part in unit_lower_factor(gram))
    assert (lower @ np.diag(pivots) @ lower.T == np.array(gram, dtype=object)).all()
    assert (np.diag(lower) == 1).all()
    assert (np.triu(lower, 1) == 0).all()
    assert (pivots >= 0).all()


@given(roots(), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_negative_direction_is_found(root: np.ndarray, depth: int) -> None:
    """G - (v'Gv / |v|^2 + depth) I is negative along v = (1, ..., 1)."""
    gram, size = root @ root.T, len(root)
    v = np.array([Fraction(1)] * size, dtype=object)
    shifted = gram - (v @ gram @ v / size + depth) * np.array(exact_identity(size), dtype=object)
    with pytest.raises(ValueError, match="semidefinite"):
        exact_covariance(shifted.tolist(), size)


@given(st.integers(1, 3), st.data())
@settings(max_examples=60, deadline=None)
def test_inverse_multiplies_back(size: int, data: st.DataObject) -> None:
    row = st.lists(fractions, min_size=size, max_size=size)
    matrix = data.draw(st.lists(row, min_size=size, max_size=size))
    try:
        inverse = exact_inverse(tuple(map(tuple, matrix)))
    except ValueError:
        columns = np.array(matrix, dtype=float)
        assert np.linalg.matrix_rank(columns, tol=1e-9) < size
        return
    product = np.array(matrix, dtype=object) @ np.array(inverse, dtype=object)
    assert tuple(map(tuple, product)) == exact_identity(size)


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        ([[1, 2], [3, 1]], ValueError, "symmetric"),
        ([[1]], ValueError, "has 1 rows; dimension is 2"),
        ([[1, 0], [0]], ValueError, "row 2 has not 2 entries"),
        ([1, 2, 3], ValueError, "has 3 entries; dimension is 2"),
        ([1, [2, 3]], ValueError, "mixture of numbers and rows"),
        ([[0, 1], [1, 0]], ValueError, "semidefinite"),
        ([[1.0, 0], [0, 1]], TypeError, "float"),
        ("eye", TypeError, "must be 'identity', a list"),
    ],
)
def test_what_is_no_covariance_is_named(matrix: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        exact_covariance(matrix, 2)


def test_flat_order_is_a_b_rows_of_A_then_c() -> None:
    assert parameter_names(2) == (
        *("a_1", "a_2", "b", "A_1_1", "A_1_2"),
        *("A_2_1", "A_2_2", "c_1", "c_2"),
    )
    assert flatten([1, 2], 3, [[4, 5], [6, 7]], [8, 9]) == tuple(range(1, 10))
    assert [omega_position(j) for j in range(3)] == [0, 1, 2]
    assert [layer_position(i, a, 2) for i in range(3) for a in range(2)] == [3, 4, 5, 6, 7, 8]
