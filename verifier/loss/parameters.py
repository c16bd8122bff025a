"""The reduced parameters (a, b, A, c) of the layer and their one flat order.

Everywhere in the house theta = (a_1..a_d, b, A row-major, c_1..c_d), of length (d+1)^2. In the
layer's own terms omega = (a, b) and N = [A; c^T]: N_ia is entry a of row i, and row d is c.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.arithmetic.rationals import exact_number
from verifier.setting.magnitudes import check_dimension

Vector = Sequence[int | Fraction]
Matrix = Sequence[Sequence[int | Fraction]]


def parameter_names(dimension: int) -> tuple[str, ...]:
    """Return the (d+1)^2 names a_1.., b, A_1_1.., c_1.. in flat order."""
    d = range(1, check_dimension(dimension) + 1)
    return (
        *(f"a_{i}" for i in d),
        "b",
        *(f"A_{i}_{j}" for i in d for j in d),
        *(f"c_{i}" for i in d),
    )


def omega_position(j: int) -> int:
    """Return the flat position of omega_j, j = 0..d."""
    return j


def layer_position(i: int, a: int, dimension: int) -> int:
    """Return the flat position of N_ia, i = 0..d (row d is c), a = 0..d-1."""
    return dimension + 1 + i * dimension + a


def flatten(a: Vector, b: int | Fraction, A: Matrix, c: Vector) -> tuple[Fraction, ...]:
    """Return exact parameters in flat order; shapes d, scalar, d x d, d.

    Raises TypeError for a float and ValueError for shapes that do not fit.
    """
    d = len(a)
    if len(c) != d or len(A) != d or any(len(row) != d for row in A):
        raise ValueError(f"a, A, c must have shapes ({d},), ({d}, {d}), ({d},)")
    values = [*a, b, *(entry for row in A for entry in row), *c]
    return tuple(exact_number(value) for value in values)
