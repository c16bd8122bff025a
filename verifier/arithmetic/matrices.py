"""Exact covariance matrices: reading, checking, factoring, inverting.

A covariance is a symmetric positive semidefinite matrix of Fractions. Its factorisation
M = L D L' with L unit lower triangular stays rational, where a Cholesky factor would not.
"""

from __future__ import annotations

from fractions import Fraction

from verifier.setting.given import square_rows

RationalMatrix = tuple[tuple[Fraction, ...], ...]


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
    unit_lower_factor(matrix)
    return matrix


def unit_lower_factor(matrix: RationalMatrix) -> tuple[RationalMatrix, tuple[Fraction, ...]]:
    """Return (L, D) with M = L diag(D) L', L unit lower triangular, D >= 0.

    Raises ValueError if the symmetric matrix is not positive semidefinite.
    """
    size = len(matrix)
    lower = [list(row) for row in exact_identity(size)]
    pivots: list[Fraction] = []
    rest = [list(row) for row in matrix]
    for k in range(size):
        pivot = rest[k][k]
        pivots.append(pivot)
        if pivot < 0 or (pivot == 0 and any(rest[i][k] for i in range(k + 1, size))):
            raise ValueError("the covariance is not positive semidefinite")
        for i in range(k + 1, size):
            lower[i][k] = rest[i][k] / pivot if pivot else Fraction(0)
            for j in range(k + 1, size):
                rest[i][j] -= lower[i][k] * rest[k][j]
    return tuple(map(tuple, lower)), tuple(pivots)


def exact_inverse(matrix: RationalMatrix) -> RationalMatrix:
    """Return the inverse of a square matrix by Gauss-Jordan; ValueError if it is singular."""
    size = len(matrix)
    rows = [[*row, *unit] for row, unit in zip(matrix, exact_identity(size), strict=True)]
    for k in range(size):
        pivot_row = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot_row is None:
            raise ValueError("the matrix is singular, so it has no inverse")
        rows[k], rows[pivot_row] = rows[pivot_row], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


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
