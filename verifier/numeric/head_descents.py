"""Descents for a layer of several heads, of any key dimension, on a quadratic loss.

The prediction is linear in features, one block for each coordinate a of the query: x_a g_p, with g
the entries of G = sum vv' on and above the diagonal (and 1 for a skip). Its coefficients are

    T[a, (i, j)] = sum_h N_h[i, a] omega_h[j] + N_h[j, a] omega_h[i]   (i < j; once for i = j),

with N_h = K_h'Q_h where the key dimension is limited, and L = target - 2 <r, T> + T'M T.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class HeadLoss:
    """theta -> loss and gradient; theta holds omega_h, then N_h or K_h and Q_h, then the skip.

    ``gram`` (F, F) and ``signal`` (F,) with F = d (pairs + skip), blocks by the query's coordinate.
    """

    dimension: int
    heads: int
    key_dimension: int | None
    skip: bool
    target: float
    gram: FloatArray
    signal: FloatArray
    weight_decay: float

    @property
    def size(self) -> int:
        """The number of parameters."""
        d = self.dimension
        rank = self.key_dimension
        inner = (d + 1) * d if rank is None else rank * (2 * d + 1)
        return self.heads * (d + 1 + inner) + (d if self.skip else 0)

    def split(self, theta: FloatArray) -> tuple[FloatArray, tuple[FloatArray, ...], FloatArray]:
        """omega (H, d+1), (N,) or (K, Q) with a leading axis for the heads, and the skip."""
        d, H, rank = self.dimension, self.heads, self.key_dimension
        sizes = [(d + 1, d)] if rank is None else [(rank, d + 1), (rank, d)]
        start = H * (d + 1)
        omega, parts = theta[:start].reshape(H, d + 1), []
        for rows, columns in sizes:
            stop = start + H * rows * columns
            parts.append(theta[start:stop].reshape(H, rows, columns))
            start = stop
        return omega, tuple(parts), theta[start:]

    def merged(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """omega (H, d+1), N (H, d+1, d) and the skip."""
        omega, parts, skip = self.split(theta)
        stacked = parts[0] if len(parts) == 1 else parts[0].transpose(0, 2, 1) @ parts[1]
        return omega, stacked, skip

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The loss and its gradient."""
        d, (omega, stacked, skip) = self.dimension, self.merged(theta)
        full = np.einsum("hia,hj->aij", stacked, omega)
        full = full + full.transpose(0, 2, 1)
        rows, columns = _places(d)
        halves = np.where(rows == columns, 0.5, 1.0)
        table = full[:, rows, columns] * halves
        if self.skip:
            table = np.concatenate([table, skip[:, None]], axis=1)
        T = table.ravel()
        moved = self.gram @ T
        decay = self.weight_decay
        value = self.target - 2 * float(self.signal @ T) + float(T @ moved)
        value += decay * float((omega**2).sum() + (stacked**2).sum())
        slope = 2 * (moved - self.signal).reshape(table.shape)
        inner = np.zeros((d, d + 1, d + 1))
        inner[:, rows, columns] = slope[:, : len(rows)] * halves
        inner = inner + inner.transpose(0, 2, 1)
        in_omega = np.einsum("aij,hia->hj", inner, stacked) + 2 * decay * omega
        in_stacked = np.einsum("aij,hj->hia", inner, omega) + 2 * decay * stacked
        pieces = [in_omega.ravel()]
        if self.key_dimension is None:
            pieces.append(in_stacked.ravel())
        else:
            keys, queries = self.split(theta)[1]
            pieces.append((queries @ in_stacked.transpose(0, 2, 1)).ravel())
            pieces.append((keys @ in_stacked).ravel())
        if self.skip:
            pieces.append(slope[:, -1])
        return value, np.concatenate(pieces)

    def least_squares(self) -> float:
        """The least loss of any coefficients T, decay aside: no layer is below it."""
        solved = np.linalg.lstsq(self.gram, self.signal, rcond=1e-12)[0]
        return self.target - float(self.signal @ solved)


@dataclass(frozen=True, slots=True, eq=False)
class HeadRuns:
    """The best parameters, their loss, and the loss in which each run ended."""

    theta: FloatArray
    loss: float
    ends: tuple[float, ...]


def descend_heads(loss: HeadLoss, rng: np.random.Generator, starts: int) -> HeadRuns:
    """L-BFGS-B from random starts of several sizes."""
    from scipy.optimize import minimize

    unit = loss.target
    # A prediction as large as the target has T of this size, and T is quadratic in theta.
    trace = float(np.trace(loss.gram)) / len(loss.gram)
    length = (unit / max(trace, 1e-300)) ** 0.25

    def scaled(z: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = loss(z * length)
        return value / unit, gradient * (length / unit)

    ends: list[tuple[float, FloatArray]] = []
    for _ in range(starts):
        z = rng.standard_normal(loss.size) * 10 ** rng.uniform(-1.0, 0.0)
        for _ in range(_ROUNDS):
            found = minimize(
                scaled, z, jac=True, method="L-BFGS-B",
                options={"maxiter": 3000, "maxfun": 10_000, "ftol": 1e-15, "gtol": 1e-10},
            )  # fmt: skip
            z = np.asarray(found.x)
        ends.append((float(found.fun) * unit, z * length))
    ends.sort(key=lambda end: end[0])
    return HeadRuns(ends[0][1], ends[0][0], tuple(value for value, _ in ends))


def _places(d: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    pairs = list(combinations_with_replacement(range(d + 1), 2))
    return np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])
