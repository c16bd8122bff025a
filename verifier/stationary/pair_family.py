"""The directions in which the loss of a Gaussian pair does not change, exactly.

The loss is the same at (t omega, N/t), and at (R'a, b, R'A R, R'c) for every R that leaves the laws
of covariates and tasks as they are. So stationary points come in families, whose tangents are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.arithmetic.flint_matrices import kernel, to_flint
from verifier.loss.pair_loss import Matrix, PairLoss, Vector


def symmetries(variances: Vector, tasks: Sequence[Vector]) -> list[Matrix]:
    """A basis of all S = Omega D^-1, Omega skew, with D C Omega = Omega C D.

    x' -> (I + S) x' keeps N(0, D), as S D is skew, and w' -> (I + S)^-T w' keeps N(0, C). ``tasks``
    is C, ``variances`` the diagonal of D; ValueError for a variance of 0.
    """
    if not all(variances):
        raise ValueError("the covariance of the covariates must be positive definite")
    d = len(variances)
    planes = [(i, j) for i in range(d) for j in range(i + 1, d)]
    scaled = [[variances[i] * tasks[i][j] for j in range(d)] for i in range(d)]
    columns = []
    for p, q in planes:
        # D C Omega - Omega C D for Omega = e_p e_q' - e_q e_p'.
        change = [[Fraction(0)] * d for _ in range(d)]
        for i in range(d):
            change[i][q] += scaled[i][p]
            change[i][p] -= scaled[i][q]
            change[p][i] -= scaled[i][q]
            change[q][i] += scaled[i][p]
        columns.append([x for row in change for x in row])
    found = []
    for vector in kernel(to_flint(columns).transpose()) if planes else []:
        turn = [[Fraction(0)] * d for _ in range(d)]
        for (p, q), value in zip(planes, vector, strict=True):
            turn[p][q], turn[q][p] = value / variances[q], -value / variances[p]
        found.append(turn)
    return found


def directions(loss: PairLoss, theta: Vector, turns: Sequence[Matrix]) -> list[list[Fraction]]:
    """(omega, -N), and (S'a, 0, S'A + A S, S'c) for each S: linear in theta."""
    d = loss.dimension
    omega, stacked = loss.split(theta)
    found = [[*omega, *(-x for row in stacked for x in row)]]
    for turn in turns:
        columns = list(zip(*turn, strict=True))
        into = [list(column) for column in zip(*stacked[:d], strict=True)]
        rows = [
            [dot(columns[i], into[j]) + dot(stacked[i], columns[j]) for j in range(d)]
            for i in range(d)
        ]
        first = [dot(column, omega[:d]) for column in columns]
        last = [dot(column, stacked[d]) for column in columns]
        found.append([*first, Fraction(0), *(x for row in rows for x in row), *last])
    return found


def dot(one: Vector, two: Vector) -> Fraction:
    """The sum of the products."""
    return sum((x * y for x, y in zip(one, two, strict=True)), Fraction(0))
