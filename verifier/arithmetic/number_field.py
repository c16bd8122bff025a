"""Arithmetic in Q[x]/(p): reduction, multiplication matrices, characteristic polynomials.

The idea: an element of the field Q(alpha) is a vector of deg p rationals, and multiplication by it
is a linear map; to invert an element is to solve a linear system, and its minimal polynomial hides
in the characteristic polynomial of the map.

Floor 1, used by ``roots``.  Source: H. Cohen (1993), section 4.3; D. Faddeev and U. Le Verrier for
the characteristic polynomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.arithmetic.univariate import IntegerPolynomial


def reduced(g: Sequence[int | Fraction], p: IntegerPolynomial) -> list[Fraction]:
    """Return g mod p over Q, padded to deg p coefficients."""
    rest = [Fraction(value) for value in g]
    degree = len(p) - 1
    while len(rest) > degree:
        factor = rest.pop() / p[-1]
        for k in range(degree):
            rest[len(rest) - degree + k] -= factor * p[k]
    return rest + [Fraction(0)] * (degree - len(rest))


def multiplication_matrix(
    element: Sequence[Fraction], p: IntegerPolynomial
) -> list[list[Fraction]]:
    """Return the matrix of multiplication by ``element`` on Q[x]/(p); column j is element x^j."""
    columns = [list(element)]
    for _ in range(len(p) - 2):
        columns.append(reduced([Fraction(0), *columns[-1]], p))
    return [list(row) for row in zip(*columns, strict=True)]


def solve(matrix: list[list[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """Solve an invertible linear system over Q by elimination.

    Raises ZeroDivisionError for a singular matrix.
    """
    size = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next((i for i in range(column, size) if rows[i][column]), None)
        if pivot is None:
            raise ZeroDivisionError("the matrix is singular")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        inverse = 1 / rows[column][column]
        rows[column] = [value * inverse for value in rows[column]]
        for i in range(size):
            if i != column and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[column], strict=True)]
    return [row[-1] for row in rows]


def characteristic_polynomial(matrix: list[list[Fraction]]) -> list[Fraction]:
    """Return det(x I - M), constant first."""
    size = len(matrix)
    coefficients = [Fraction(1)]
    current = [[Fraction(0)] * size for _ in range(size)]
    for k in range(1, size + 1):
        for i in range(size):
            current[i][i] += coefficients[-1]
        current = [
            [sum((row[m] * current[m][j] for m in range(size)), Fraction(0)) for j in range(size)]
            for row in matrix
        ]
        coefficients.append(-sum((current[i][i] for i in range(size)), Fraction(0)) / k)
    return coefficients[::-1]
