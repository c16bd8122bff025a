"""Local minima of a Gaussian pair's loss in (omega, N), certified near the end of a descent.

The idea: stationary points come in families (``pair_family``). Across the family, in the slice
p + span B, Newton's method in rational arithmetic takes the gradient to about 1e-50, and then

    M = B'HB > t,   eta = |B'g|/t,   2 K eta < t,   K a Lipschitz constant of M in the slice,

shows (Kantorovich) that an exact stationary point of the slice lies within 2 eta of p, with a
positive definite Hessian there. B and the directions of the family span everything there, so it is
a local minimum of the whole loss. All is computed in rational arithmetic, outside the checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from verifier.arithmetic.flint_matrices import to_flint
from verifier.arithmetic.inertia import inertia
from verifier.loss.pair_loss import Matrix, PairLoss, Vector
from verifier.stationary.pair_family import directions

if TYPE_CHECKING:
    from flint import fmpq_mat

FloatArray = NDArray[np.float64]
_BITS, _BASIS_BITS, _STEPS = 200, 40, 12
_RANK_TOLERANCE = 1e-6
_SPREAD = Fraction(1001, 1000)


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A rational point and what holds at it and near it, exactly.

    theta: the point, in the coordinates of `PairLoss`; loss: there; slope: a bound on the norm of
    the gradient; positive, flat: how many eigenvalues of the Hessian in all parameters lie above
    and within +- ``margin``, none lies below; radius: how near an exact local minimum is;
    full_rank: whether N has rank d there, so that for head dimension >= d all weights over it are
    local minima as well.
    """

    theta: tuple[Fraction, ...]
    loss: Fraction
    slope: Fraction
    positive: int
    flat: int
    margin: Fraction
    radius: Fraction
    full_rank: bool


class NotCertified(ValueError):
    """Why a point was not shown to be beside a local minimum, in words."""


def certify(loss: PairLoss, theta: FloatArray, turns: Sequence[Matrix]) -> Certificate:
    """The certificate of a local minimum near ``theta``; `NotCertified` says what fails.

    turns: the rotations that do not change the loss, from `pair_family.symmetries`.
    """
    point = [rounded(float(value), _BITS) for value in theta]
    chosen, across = _frame(directions(loss, point, turns), float(np.linalg.norm(theta)))
    basis = [[rounded(float(value), _BASIS_BITS) for value in row] for row in across]
    point = _newton(loss, point, basis)
    hessian, gradient = loss.hessian(point), loss.gradient(point)
    least = _least_eigenvalue(_turned(basis, hessian))
    if inertia(_gram(basis), _SPREAD**2).above:
        raise NotCertified("the slice has no nearly orthonormal basis")
    eta = root_above(_square([_product(row, gradient) for row in basis])) / least
    radius = 2 * eta * _SPREAD
    third = loss.third_bound(root_above(_square(point)) + radius) * _SPREAD**3
    if not 2 * third * eta < least:
        raise NotCertified("no exact stationary point is shown to be near")
    _require_spanning(basis, [directions(loss, point, turns)[k] for k in chosen], turns, radius)
    margin = least / 4
    if inertia(hessian, -margin).below:
        raise NotCertified("the Hessian has a negative eigenvalue")
    positive = inertia(hessian, margin).above
    return Certificate(
        theta=tuple(point),
        loss=loss.value(point),
        slope=root_above(_square(gradient)),
        positive=positive,
        flat=loss.size - positive,
        margin=margin,
        radius=radius,
        full_rank=_full_rank(loss, point, radius),
    )


def rounded(value: float | Fraction, bits: int) -> Fraction:
    """The nearest multiple of 2^-bits."""
    return Fraction(round(Fraction(value) * 2**bits), 2**bits)


def root_above(value: Fraction) -> Fraction:
    """A rational number a little above the square root."""
    scale = 2 ** (2 * _BITS)
    return Fraction(isqrt(int(value * scale**2)) + 1, scale)


def _frame(tangents: Sequence[Vector], length: float) -> tuple[list[int], FloatArray]:
    """Which tangents are not 0 and independent, and an orthonormal basis across them.

    A rotation that leaves the point as it is has no tangent; ``length`` is that of the point.
    """
    rows = np.array([[float(x) for x in row] for row in tangents]) / length
    sizes = np.linalg.norm(rows, axis=1)
    chosen: list[int] = []
    for k in np.flatnonzero(sizes > _RANK_TOLERANCE):
        tried = [*chosen, int(k)]
        values = np.linalg.svd(rows[tried] / sizes[tried, None], compute_uv=False)
        chosen = tried if values[-1] > _RANK_TOLERANCE else chosen
    across = np.linalg.svd(rows[chosen])[2][len(chosen) :]
    return chosen, np.asarray(across)


def _newton(loss: PairLoss, point: list[Fraction], basis: Matrix) -> list[Fraction]:
    """Newton's method in the slice, in numbers of 200 bits after the point, until it is at rest."""
    before = None
    for _ in range(_STEPS):
        slope = [[_product(row, loss.gradient(point))] for row in basis]
        size = _square([row[0] for row in slope])
        if before is not None and size >= before:
            break
        before, kept = size, point
        try:
            step = to_flint(_turned(basis, loss.hessian(point))).solve(to_flint(slope))
        except ZeroDivisionError:
            raise NotCertified("the Hessian is singular across the family") from None
        moves = [Fraction(int(step[k, 0].p), int(step[k, 0].q)) for k in range(len(basis))]
        point = [
            rounded(x - _product(moves, [row[j] for row in basis]), _BITS)
            for j, x in enumerate(point)
        ]
    return kept


def _least_eigenvalue(matrix: Matrix) -> Fraction:
    """A positive number below all eigenvalues, or `NotCertified`."""
    value = float(np.linalg.eigvalsh(np.array([[float(x) for x in row] for row in matrix]))[0])
    least = Fraction(0.9 * value) if value > 0 else Fraction(0)
    if least <= 0 or inertia(matrix, least).below:
        raise NotCertified("the Hessian is not positive definite across the family")
    return least


def _require_spanning(
    basis: Matrix, tangents: Sequence[Vector], turns: Sequence[Matrix], radius: Fraction
) -> None:
    """B and the tangents span everything at every point within ``radius``, or `NotCertified`.

    Combinations of the tangents that are nearly orthonormal are linear in theta; all singular
    values of B with them are above 1/2 at the point, and move by less than that.
    """
    rows = np.array([[float(x) for x in row] for row in tangents])
    mixed = np.linalg.inv(np.linalg.qr(rows.T)[1].T)
    weights = [[rounded(float(value), _BITS) for value in row] for row in mixed]
    unit = _rows(to_flint(weights) * to_flint(tangents))
    # (omega, -N) is as long as theta; with S a tangent is at most twice |S| times as long.
    sizes = (root_above(_square([x for row in turn for x in row])) for turn in turns)
    growth = 1 + 2 * sum(sizes, Fraction(0))
    moved = growth * radius * sum((abs(x) for row in weights for x in row), Fraction(0))
    if inertia(_gram([*basis, *unit]), Fraction(1, 4)).below or moved >= Fraction(1, 2):
        raise NotCertified("the slice is not shown to cross the family")


def _full_rank(loss: PairLoss, point: Vector, radius: Fraction) -> bool:
    """Whether all singular values of N are above twice the radius at the point."""
    columns = list(zip(*loss.split(point)[1], strict=True))
    return not inertia(_gram(columns), 4 * radius**2).below


def _turned(basis: Matrix, matrix: Matrix) -> Matrix:
    """B'HB."""
    left = to_flint(basis)
    return _rows(left * to_flint(matrix) * left.transpose())


def _gram(rows: Sequence[Vector]) -> Matrix:
    """The inner products of the rows."""
    left = to_flint(rows)
    return _rows(left * left.transpose())


def _rows(matrix: fmpq_mat) -> Matrix:
    size = range(matrix.nrows()), range(matrix.ncols())
    return [[Fraction(int(matrix[i, j].p), int(matrix[i, j].q)) for j in size[1]] for i in size[0]]


def _product(one: Vector, two: Vector) -> Fraction:
    return sum((x * y for x, y in zip(one, two, strict=True)), Fraction(0))


def _square(vector: Vector) -> Fraction:
    return _product(vector, vector)
