"""Arithmetic in Q[x]/(p): reduction and multiplication matrices.

The idea: an element of the field Q(alpha) is a vector of deg p rationals, and multiplication by it
is a linear map; to invert an element is to solve a linear system, and its minimal polynomial hides
in the characteristic polynomial of the map.

Source: H. Cohen (1993), section 4.3.
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
