"""Linear algebra on FLINT agrees with plain elimination in Fractions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.elimination import reduced, times

from verifier.arithmetic.flint_matrices import any_solution, echelon, from_flint, kernel, to_flint
from verifier.arithmetic.matrices import exact_identity, exact_inverse, product

entries = st.fractions(min_value=-3, max_value=3, max_denominator=3) | st.just(Fraction(0))


def rows(draw: st.DrawFn, height: int, width: int) -> list[list[Fraction]]:
    row = st.lists(entries, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=height, max_size=height))


@st.composite
def matrices(draw: st.DrawFn) -> list[list[Fraction]]:
    return rows(draw, draw(st.integers(1, 4)), draw(st.integers(1, 4)))


@given(matrices())
@settings(deadline=None)
def test_the_echelon_form_and_the_kernel(matrix: list[list[Fraction]]) -> None:
    found, pivots = echelon(to_flint(matrix))
    assert ([list(row) for row in from_flint(found)], pivots) == reduced(matrix)
    basis = kernel(to_flint(matrix))
    assert len(basis) == len(matrix[0]) - len(pivots)
    for vector in basis:
        assert not any(x for (x,) in times(matrix, [[x] for x in vector]))


@given(st.data())
@settings(deadline=None)
def test_a_solution_solves_or_none_exists(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    matrix = data.draw(st.composite(rows)(height, width))
    right = data.draw(st.composite(rows)(height, 1))
    solvable = width not in reduced([a + b for a, b in zip(matrix, right, strict=True)])[1]
    if not solvable:
        with pytest.raises(ValueError, match="contradict"):
            any_solution(to_flint(matrix), to_flint(right))
    else:
        found = from_flint(any_solution(to_flint(matrix), to_flint(right)))
        assert times(matrix, found) == right


@given(st.data(), st.integers(1, 4))
@settings(deadline=None)
def test_inverse_and_product(data: st.DataObject, size: int) -> None:
    matrix = tuple(map(tuple, data.draw(st.composite(rows)(size, size))))
    other = data.draw(st.composite(rows)(size, size))
    assert [list(row) for row in product(matrix, other)] == times(matrix, other)
    if len(reduced(matrix)[1]) < size:
        with pytest.raises(ValueError, match="singular"):
            exact_inverse(matrix)
    else:
        unit = exact_identity(size)
        assert product(matrix, exact_inverse(matrix)) == unit
        whole = [[*row, *one] for row, one in zip(matrix, unit, strict=True)]
        assert [row[size:] for row in reduced(whole)[0]] == [list(r) for r in exact_inverse(matrix)]
