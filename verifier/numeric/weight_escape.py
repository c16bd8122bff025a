"""The way down from weights over rho = oo, along the curve of order 4.

There a != 0, b = 0, N = (0; eta a'/|a|^2), and where the kernels of W_K and W_Q leave T > tau* ways
down, the loss falls along b = |a| t^2, N + t^2 (M; 0)/|a| by (n/((n+2) m^2)) (T (n+2) m^2 - p) t^4.
Random pushes seldom find this direction: the Hessian is positive semidefinite where T_0 <= tau*.

W_K and W_Q reach N + t^2 M/|a| by t^2 dK, t^2 dQ, and by t Phi, t Psi in hidden directions that
neither uses. Source: docs/landscape-mathematics.md, section 8, Theorem B (b).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.numeric.stationary import FloatArray
from verifier.numeric.weight_loss import WeightLoss

RANK_TOLERANCE = 1e-3
_SIZES = np.geomspace(0.03, 1.0, 16)


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """How W_K and W_Q meet over rho = oo.

    keys, queries: bases of ker W_K (in R^d) and of ker W_Q[:, :d], orthonormal, as columns; free:
    how many hidden directions neither uses; left, right, cosines: pairs of directions in W^-1 ker
    W_K and in ker W_Q with the cosines of their angles, falling; W stretches a by sqrt(G/g2).
    """

    keys: FloatArray
    queries: FloatArray
    free: int
    left: FloatArray
    right: FloatArray
    cosines: FloatArray

    def trace(self, dimension: int) -> float:
        """T = d - 1 - sum over i > s of cos^2."""
        return float(dimension - 1 - (self.cosines[self.free :] ** 2).sum())


def kernels(loss: WeightLoss, flat: FloatArray) -> Kernels:
    """The kernels at weights near rho = oo, in R^d."""
    d, r = loss.dimension, loss.head_dimension
    keys, queries, values, head = (part[0] for part in loss.split(flat[None]))
    a = (values.T @ head)[:d]
    along = a / np.linalg.norm(a)
    of_keys, of_queries = _ranks(keys, queries[:, :d], r)
    blind_keys = _rows(keys)[of_keys:].T[:d]
    blind_queries = _rows(queries[:, :d])[of_queries:].T
    stretch = ((loss.g1 + loss.g2) / loss.g2) ** 0.5
    shrunk = blind_keys - (1 - 1 / stretch) * np.outer(along, along @ blind_keys)
    one, two = np.linalg.qr(shrunk)[0], np.linalg.qr(blind_queries)[0]
    left, cosines, right = np.linalg.svd(one.T @ two, full_matrices=False)
    free = r - of_keys - of_queries + 1
    return Kernels(blind_keys, blind_queries, free, one @ left, two @ right.T, cosines)


def way_down(loss: WeightLoss, flat: FloatArray) -> FloatArray | None:
    """Lower weights on the curve, or None where none of its points is lower.

    The loss is least at about the t that is returned, of sixteen that are tried.
    """
    keys, queries, values, head = (part[0] for part in loss.split(flat[None]))
    omega = values.T @ head
    size = float(np.linalg.norm(omega[:-1]))
    if size == 0 or not head.any():
        return None
    move = _move(loss, flat, omega[:-1] / size) / size
    meeting = kernels(loss, flat)
    blind = meeting.keys @ np.linalg.pinv(meeting.keys)
    seen = meeting.queries @ np.linalg.pinv(meeting.queries)
    inside = blind @ move @ seen
    u, values_inside, v = np.linalg.svd(inside)
    take = min(meeting.free, len(values_inside))
    root = np.sqrt(values_inside[:take])
    phi, psi = root[:, None] * u.T[:take], root[:, None] * v[:take]
    to_keys, to_queries = _idle(keys, queries[:, :-1], take)
    rest = np.vstack([move - phi.T @ psi, np.zeros(len(move))])
    d_queries = np.linalg.pinv(keys.T) @ rest
    d_keys = ((rest - keys.T @ d_queries) @ np.linalg.pinv(queries[:, :-1])).T
    here = float(loss.loss_and_gradient(flat[None])[0][0])
    best, lowest = None, here
    for t in _SIZES:
        moved = flat.copy()
        own = loss.split(moved[None])
        own[0][0] += t**2 * d_keys
        own[0][0][:, :-1] += t * to_keys @ phi
        own[1][0][:, :-1] += t**2 * d_queries + t * to_queries @ psi
        own[2][0][:, -1] += head * (size * t**2 - omega[-1]) / (head @ head)
        value = float(loss.loss_and_gradient(moved[None])[0][0])
        if value < lowest:
            best, lowest = moved, value
    return best


def _move(loss: WeightLoss, flat: FloatArray, along: FloatArray) -> FloatArray:
    """M = (lin/g2) X - (g3 eta/G) e e', X the nearest to D that the kernels allow."""
    d, cross = loss.dimension, loss.g1 + loss.g2
    meeting = kernels(loss, flat)
    lost = meeting.left[:, meeting.free :] * meeting.cosines[meeting.free :]
    allowed = np.eye(d) - np.outer(along, along) - lost @ meeting.right[:, meeting.free :].T
    # Back from the stretched coordinates.
    allowed -= (1 - (loss.g2 / cross) ** 0.5) * np.outer(along, along @ allowed)
    eta = loss.linear / loss.quadratic
    return np.asarray(
        loss.linear / loss.g2 * allowed - loss.g3 * eta / cross * np.outer(along, along)
    )


def _idle(keys: FloatArray, queries: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Hidden directions for W_K that W_Q does not use, and partners for W_Q that W_K does not.

    ``count`` columns each, the i-th of one orthogonal to all of the other but the i-th.
    """
    r = len(keys)
    of_keys, of_queries = _ranks(keys, queries, r)
    for_keys = np.linalg.svd(queries)[0][:, of_queries:]
    for_queries = np.linalg.svd(keys)[0][:, of_keys:]
    left, values, right = np.linalg.svd(for_keys.T @ for_queries)
    size = np.maximum(values[:count], 1e-300)
    return for_keys @ left[:, :count], for_queries @ right.T[:, :count] / size


def _ranks(keys: FloatArray, queries: FloatArray, r: int) -> tuple[int, int]:
    """The ranks of W_K and W_Q near a point over rho = oo, where they add up to r + 1 at most.

    Singular values below 1/1000 of the largest count as 0, and then the smallest, one by one.
    """
    values = [np.linalg.svd(matrix, compute_uv=False) for matrix in (keys, queries)]
    relative = [found / max(float(found[0]), 1e-300) for found in values]
    ranks = [int((found > RANK_TOLERANCE).sum()) for found in relative]
    while sum(ranks) > r + 1:
        least = [found[max(rank - 1, 0)] for found, rank in zip(relative, ranks, strict=True)]
        ranks[int(np.argmin(least))] -= 1
    return ranks[0], ranks[1]


def _rows(matrix: FloatArray) -> FloatArray:
    """An orthonormal basis of the space of rows, by falling singular values, then the kernel's."""
    return np.asarray(np.linalg.svd(matrix)[2])
