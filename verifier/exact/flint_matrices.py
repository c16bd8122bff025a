"""Products and linear equations of rational matrices through FLINT (floor 2).

Fractions go in and come out; in between there are `fmpq_mat`s, which multiply and solve a few
hundred times faster than loops over Fractions do.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mat

from verifier.exact.matrices import RationalMatrix

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


def is_identity(matrix: fmpq_mat) -> bool:
    """Whether it is the identity matrix."""
    columns = matrix.ncols()
    return all(
        v == (1 if k // columns == k % columns else 0) for k, v in enumerate(matrix.entries())
    )
