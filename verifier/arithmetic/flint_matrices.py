"""Products and linear equations of rational matrices through FLINT.

Fractions go in and come out; in between there are `fmpq_mat`s, which multiply and solve a few
hundred times faster than loops over Fractions do.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from verifier.arithmetic.rationals import RationalMatrix

Rows = Sequence[Sequence[Fraction]]


def to_flint(matrix: Rows) -> fmpq_mat:
    """The same matrix as an ``fmpq_mat``."""
    entries = [rational(v) for row in matrix for v in row]
    return fmpq_mat(len(matrix), len(matrix[0]), entries)


def rational(value: Fraction) -> fmpq:
    """One number as an ``fmpq``."""
    return fmpq(value.numerator, value.denominator)


def from_flint(matrix: fmpq_mat) -> RationalMatrix:
    """The same matrix as Fractions."""
    columns = range(matrix.ncols())
    return tuple(
        tuple(fraction(matrix[i, j]) for j in columns)  # one entry at a time: no bulk door
        for i in range(matrix.nrows())
    )


def fraction(value: fmpq) -> Fraction:
    """One entry."""
    return Fraction(int(value.p), int(value.q))


def inner(left: fmpq_mat, right: fmpq_mat) -> Fraction:
    """<left, right> = tr(left right')."""
    total = fmpq(0)
    for u, v in zip(left.entries(), right.entries(), strict=True):
        if u and v:
            total += u * v
    return fraction(total)


def solution(matrix: fmpq_mat, right: fmpq_mat) -> fmpq_mat | None:
    """X with ``matrix`` X = ``right``; None where the matrix is singular."""
    try:
        return matrix.solve(right)
    except ZeroDivisionError:
        return None


def any_solution(matrix: fmpq_mat, right: fmpq_mat) -> fmpq_mat:
    """A solution x of ``matrix`` x = ``right``, a column; what is free is 0 where it is singular.

    Raises ``ValueError`` if there is no solution.
    """
    rows, columns = matrix.nrows(), matrix.ncols()
    found = solution(matrix, right) if rows == columns else None
    if found is not None:
        return found
    entries = [
        right[i, 0] if j == columns else matrix[i, j]
        for i in range(rows)
        for j in range(columns + 1)
    ]
    reduced, pivots = echelon(fmpq_mat(rows, columns + 1, entries))
    if columns in pivots:
        raise ValueError("the linear equations contradict each other")
    found = fmpq_mat(columns, 1)
    for i, pivot in enumerate(pivots):
        found[pivot, 0] = reduced[i, columns]
    return found


def echelon(matrix: fmpq_mat) -> tuple[fmpq_mat, list[int]]:
    """The reduced row echelon form, and the columns of its pivots."""
    reduced, rank = matrix.rref()
    pivots: list[int] = []
    column = 0
    for i in range(rank):
        while not reduced[i, column]:
            column += 1
        pivots.append(column)
    return reduced, pivots


def kernel(matrix: fmpq_mat) -> list[list[Fraction]]:
    """A basis of the vectors x with ``matrix`` x = 0: one for each free coordinate, which is 1."""
    reduced, pivots = echelon(matrix)
    count = matrix.ncols()
    found = []
    for free in (j for j in range(count) if j not in pivots):
        vector = [Fraction(int(j == free)) for j in range(count)]
        for i, pivot in enumerate(pivots):
            vector[pivot] = -fraction(reduced[i, free])
        found.append(vector)
    return found


def is_identity(matrix: fmpq_mat) -> bool:
    """Whether it is the identity matrix."""
    columns = matrix.ncols()
    return all(
        v == (1 if k // columns == k % columns else 0) for k, v in enumerate(matrix.entries())
    )
