"""Exact covariance matrices: reading, checking, multiplying, inverting.

A covariance is a symmetric positive semidefinite matrix of Fractions.
"""

from __future__ import annotations

from fractions import Fraction

from verifier.arithmetic.flint_matrices import from_flint, to_flint
from verifier.arithmetic.rationals import RationalMatrix
from verifier.setting.covariance import unit_lower_factor
from verifier.setting.given import square_rows


def exact_identity(dimension: int) -> RationalMatrix:
    """Return the identity matrix of Fractions."""
    return tuple(tuple(Fraction(int(i == j)) for j in range(dimension)) for i in range(dimension))


def exact_covariance(value: object, dimension: int) -> RationalMatrix:
    """Return ``value`` as a d x d covariance of Fractions; see `verifier.setting.given`.

    Raises TypeError for a float and ValueError for a matrix of the wrong size, not symmetric or
    not positive semidefinite.
    """
    try:
        matrix = square_rows(value, dimension)
    except (TypeError, ValueError) as error:
        raise type(error)(f"the covariance: {error}") from None
    if matrix != tuple(zip(*matrix, strict=True)):
        raise ValueError("the covariance is not symmetric")
    unit_lower_factor(matrix)  # refuses what is not positive semidefinite
    return matrix


def exact_inverse(matrix: RationalMatrix) -> RationalMatrix:
    """Return the inverse of a square matrix; ValueError if it is singular."""
    try:
        return from_flint(to_flint(matrix).inv())
    except ZeroDivisionError:
        raise ValueError("the matrix is singular, so it has no inverse") from None


def product(left: RationalMatrix, right: RationalMatrix) -> RationalMatrix:
    """The matrix product."""
    columns = tuple(zip(*right, strict=True))
    return tuple(
        tuple(
            sum((u * v for u, v in zip(row, column, strict=True) if u and v), Fraction(0))
            for column in columns
        )
        for row in left
    )


def transposed(matrix: RationalMatrix) -> RationalMatrix:
    """The transpose."""
    return tuple(zip(*matrix, strict=True))
