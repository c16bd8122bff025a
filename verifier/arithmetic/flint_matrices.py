"""Products and linear equations of rational matrices through FLINT.

Fractions go in and come out; in between there are `fmpq_mat`s, which multiply and solve a few
hundred times faster than loops over Fractions do.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from verifier.arithmetic.matrices import RationalMatrix

Rows = Sequence[Sequence[Fraction]]


def to_flint(matrix: Rows) -> fmpq_mat:
    """The same matrix as an ``fmpq_mat``."""
    entries = [fmpq(v.numerator, v.denominator) for row in matrix for v in row]
    return fmpq_mat(len(matrix), len(matrix[0]), entries)


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
    found = solution(matrix, right)
    if found is not None:
        return found
    rows, columns = matrix.nrows(), matrix.ncols()
    entries = [
        right[i, 0] if j == columns else matrix[i, j]
        for i in range(rows)
        for j in range(columns + 1)
    ]
    reduced, rank = fmpq_mat(rows, columns + 1, entries).rref()
    found = fmpq_mat(columns, 1)
    for i in range(rank):
        pivot = next(j for j in range(columns + 1) if reduced[i, j])
        if pivot == columns:
            raise ValueError("the linear equations contradict each other")
        found[pivot, 0] = reduced[i, columns]
    return found


def is_identity(matrix: fmpq_mat) -> bool:
    """Whether it is the identity matrix."""
    columns = matrix.ncols()
    return all(
        v == (1 if k // columns == k % columns else 0) for k, v in enumerate(matrix.entries())
    )
