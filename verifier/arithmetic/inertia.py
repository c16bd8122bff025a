"""How many eigenvalues of a symmetric rational matrix lie below and above a number, exactly.

The idea: all roots of the characteristic polynomial of a symmetric matrix are real, so by
Descartes' rule the number of its sign changes is the number of positive eigenvalues, no fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verifier.arithmetic.flint_matrices import rational, to_flint

Rows = Sequence[Sequence[Fraction]]


@dataclass(frozen=True, slots=True)
class Inertia:
    """The numbers of eigenvalues below, at and above a number."""

    below: int
    at: int
    above: int


def inertia(matrix: Rows, number: Fraction | int = 0) -> Inertia:
    """The inertia of the matrix less ``number`` times the identity.

    Raises ValueError for a matrix that is not symmetric.
    """
    size = len(matrix)
    if any(len(row) != size for row in matrix) or any(
        matrix[i][j] != matrix[j][i] for i in range(size) for j in range(i)
    ):
        raise ValueError("the inertia is that of a symmetric matrix")
    shifted = to_flint(matrix)
    for i in range(size):
        shifted[i, i] -= rational(Fraction(number))
    coefficients = [shifted.charpoly()[k] for k in range(size + 1)]
    at = next(k for k, value in enumerate(coefficients) if value != 0)
    signs = [value > 0 for value in coefficients if value != 0]
    above = sum(one != two for one, two in pairwise(signs))
    return Inertia(size - at - above, at, above)
