"""Exact covariance matrices: validated, factored and inverted over the rationals.

A covariance C is kept with its factorisation C = L D L^T (L unit lower triangular, D diagonal
and non-negative), which decides positive semidefiniteness exactly and is the map by which
covariates are drawn: x = L D^{1/2} z. All even moments of x are then rational although
D^{1/2} is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from verifier.setting.numbers import Exact, exact_number, positive_integer

Matrix = tuple[tuple[Fraction, ...], ...]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Covariance:
    """A symmetric positive semidefinite matrix with rational entries, and its L and D.

    Build it with ``identity``, ``diagonal`` or ``full``, which validate.
    """

    entries: Matrix
    lower: Matrix
    pivots: tuple[Fraction, ...]

    @classmethod
    def identity(cls, dimension: int, scale: Exact = 1) -> Covariance:
        """``scale`` times the identity."""
        return cls.diagonal([scale] * positive_integer(dimension, "dimension"))

    @classmethod
    def diagonal(cls, variances: Sequence[Exact]) -> Covariance:
        """The diagonal matrix of the given variances, each non-negative."""
        size = len(variances)
        return cls.full(
            [[v if i == j else 0 for j in range(size)] for i, v in enumerate(variances)]
        )

    @classmethod
    def full(cls, rows: Sequence[Sequence[Exact]]) -> Covariance:
        """Any symmetric positive semidefinite matrix.

        Raises ``TypeError`` for floats and ``ValueError`` for a matrix that is empty, not
        square, not symmetric or not positive semidefinite (decided exactly).
        """
        size = len(rows)
        if size == 0:
            raise ValueError("covariance must have at least one row")
        for i, row in enumerate(rows):
            if isinstance(row, str) or len(row) != size:
                raise ValueError(f"covariance must be square: row {i + 1} has not {size} entries")
        entries = tuple(
            tuple(exact_number(v, f"covariance entry ({i + 1},{j + 1})") for j, v in enumerate(row))
            for i, row in enumerate(rows)
        )
        for i in range(size):
            for j in range(i):
                if entries[i][j] != entries[j][i]:
                    raise ValueError(
                        f"covariance must be symmetric: entry ({i + 1},{j + 1}) is {entries[i][j]} "
                        f"and entry ({j + 1},{i + 1}) is {entries[j][i]}"
                    )
        lower, pivots = unit_lower_factor(entries)
        return cls(entries, lower, pivots)

    @property
    def dimension(self) -> int:
        """The number of rows."""
        return len(self.entries)

    @property
    def definite(self) -> bool:
        """Whether the matrix is positive definite (all pivots positive)."""
        return all(p > 0 for p in self.pivots)

    @property
    def is_identity(self) -> bool:
        """Whether the matrix is exactly the identity."""
        return self.is_diagonal and all(pivot == 1 for pivot in self.pivots)

    @property
    def is_diagonal(self) -> bool:
        """Whether all entries off the diagonal are 0."""
        return not any(v for i, row in enumerate(self.lower) for v in row[:i])

    def inverse(self) -> Covariance:
        """The exact inverse, from L and D. Raises ``ValueError`` if the matrix is singular."""
        if not self.definite:
            raise ValueError("covariance is singular and has no inverse")
        if self.is_diagonal:
            return Covariance.diagonal([1 / pivot for pivot in self.pivots])
        size = self.dimension
        # Rows of L^{-1}, by forward substitution; then C^{-1} = L^{-T} D^{-1} L^{-1}.
        inverted: list[list[Fraction]] = []
        for i in range(size):
            row = [Fraction(int(i == j)) for j in range(size)]
            for k in range(i):
                row = [r - self.lower[i][k] * v for r, v in zip(row, inverted[k], strict=True)]
            inverted.append(row)
        rows = [
            [
                sum(
                    (r[i] * r[j] / p for r, p in zip(inverted, self.pivots, strict=True)),
                    Fraction(0),
                )
                for j in range(size)
            ]
            for i in range(size)
        ]
        return Covariance.full(rows)

    def array(self) -> FloatArray:
        """The matrix as floats, (d, d)."""
        return np.array(self.entries, dtype=float)

    def factor(self) -> FloatArray:
        """F = L D^{1/2} as floats, with F F^T the matrix."""
        roots: FloatArray = np.sqrt(np.array(self.pivots, dtype=float))
        if self.is_diagonal:
            return np.diag(roots)
        found: FloatArray = np.array(self.lower, dtype=float) * roots
        return found


def unit_lower_factor(entries: Matrix) -> tuple[Matrix, tuple[Fraction, ...]]:
    """(L, D) with C = L diag(D) L^T, L unit lower triangular, D >= 0; both exact.

    A zero pivot of a semidefinite matrix has zeros below it. ``ValueError`` if the symmetric matrix
    is not positive semidefinite.
    """
    size = len(entries)
    rest = [list(row) for row in entries]
    lower = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    pivots = []
    for k in range(size):
        pivot = rest[k][k]
        below = [rest[i][k] for i in range(k + 1, size)]
        if pivot < 0 or (pivot == 0 and any(below)):
            raise ValueError(
                "covariance must be positive semidefinite: it has a negative direction"
            )
        pivots.append(pivot)
        for i in range(k + 1, size):
            if rest[i][k] == 0:
                continue
            lower[i][k] = ratio = rest[i][k] / pivot
            for j in range(k, size):
                rest[i][j] -= ratio * rest[k][j]
    return tuple(map(tuple, lower)), tuple(pivots)
