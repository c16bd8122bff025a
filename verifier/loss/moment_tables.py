"""The loss of a layer in floating point, from one example's moments.

    L = E y^2 - 2n <N omega', C> + tr(N Lambda N' T_omega),   T_omega[i,k] = sum T_ijkl w_j w_l,

in the diagonal coordinates of `GeneralMoments`, on those that do not vanish. Moments come in as
sparse tables, exact ones or sampled ones alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, permutations
from math import isfinite

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Number = Fraction | float
Pair = tuple[int, int]
Four = tuple[int, int, int, int]
# The loss multiplies a few moments with each other; floats end at 1e308.
_LARGEST = Fraction(10**120)


@dataclass(frozen=True, slots=True)
class MomentTables:
    """Moments in diagonal coordinates as in `GeneralMoments`, exact or sampled."""

    lower: Sequence[Sequence[Number]]
    variances: Sequence[Number]
    target_second: Number
    fourth: Mapping[Four, Number]
    paired: Mapping[tuple[Pair, Pair], Number]

    def check_sizes(self) -> None:
        """Raises ``ValueError`` unless all moments are 0 or between 1e-120 and 1e120 in size."""
        others = [*self.variances, self.target_second]
        values: Iterable[Number] = chain(others, self.fourth.values(), self.paired.values())
        for value in values:
            if isinstance(value, float) and not isfinite(value):
                raise ValueError("[task] response: its sampled moments are not finite")
            # As a Fraction: an exact moment may be beyond all floats.
            if value and not 1 / _LARGEST <= abs(Fraction(value)) <= _LARGEST:
                raise ValueError(
                    "[task] response: a moment of y and x is not between 1e-120 and 1e120 in "
                    "absolute value; rescale the response or the covariances"
                )


@dataclass(frozen=True, slots=True, eq=False)
class MomentLoss:
    """theta -> loss, gradient, Hessian; theta is flat, in the kept diagonal coordinates.

    pair_matrix[(i, k), (j, l)] = T_ijkl; cross (D, D, r); variances (r,), D = r + 1.
    """

    kept: tuple[int, ...]
    lower: FloatArray
    target_second: float
    context_length: int
    variances: FloatArray
    cross: FloatArray
    pair_matrix: FloatArray

    @classmethod
    def of(cls, tables: MomentTables, context_length: int) -> MomentLoss:
        """Dense arrays from sparse tables; ``ValueError`` for moments beyond 1e120."""
        tables.check_sizes()
        n, d = context_length, len(tables.variances)
        kept = tuple(i for i, v in enumerate(tables.variances) if v)
        place = {old: new for new, old in enumerate((*kept, d))}
        size = len(place)
        fourth = np.zeros((size,) * 4)
        for index, value in tables.fourth.items():
            if all(i in place for i in index):
                for i, j, k, m in set(permutations(place[i] for i in index)):
                    fourth[i, j, k, m] = float(value)
        paired = np.zeros((size,) * 4)
        for (p, q), value in tables.paired.items():
            if all(i in place for i in p + q):
                (i, j), (k, m) = (place[p[0]], place[p[1]]), (place[q[0]], place[q[1]])
                for u, v in ((i, j), (j, i)):
                    for w, z in ((k, m), (m, k)):
                        paired[u, v, w, z] = float(value)
        tensor = n * fourth + n * (n - 1.0) * paired
        return cls(
            kept=kept,
            lower=np.array(tables.lower, dtype=float),
            target_second=float(tables.target_second),
            context_length=n,
            variances=np.array([float(tables.variances[i]) for i in kept]),
            cross=paired[:, :, : size - 1, size - 1].copy(),
            pair_matrix=tensor.transpose(0, 2, 1, 3).reshape(size**2, size**2).copy(),
        )

    @property
    def dimension(self) -> int:
        """How many coordinates are kept."""
        return len(self.kept)

    @property
    def covariance(self) -> FloatArray:
        """E xx' in the original coordinates."""
        kept = self.lower[:, list(self.kept)]
        return np.asarray((kept * self.variances) @ kept.T)

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The loss and its gradient."""
        omega, stacked, gram, signal, weighted = self._parts(theta)
        n, size = self.context_length, len(omega)
        outer = (stacked * self.variances) @ stacked.T
        value = self.target_second - 2 * n * np.sum(stacked * signal) + np.sum(outer * gram)
        in_stacked = 2 * gram @ weighted - 2 * n * signal
        folded = (outer.ravel() @ self.pair_matrix).reshape(size, size)
        in_omega = 2 * folded @ omega - 2 * n * np.einsum("ia,ija->j", stacked, self.cross)
        return float(value), np.concatenate([in_omega, in_stacked.ravel()])

    def many(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Losses (K,) and gradients for K points at once, ``theta`` (K, (r+1)^2)."""
        size, n, count = self.dimension + 1, self.context_length, len(theta)
        omega, stacked = theta[:, :size], theta[:, size:].reshape(count, size, size - 1)
        outer = np.einsum("kj,kl->kjl", omega, omega).reshape(count, -1)
        gram = (outer @ self.pair_matrix.T).reshape(count, size, size)
        signal = np.einsum("kj,ija->kia", omega, self.cross)
        weighted = stacked * self.variances
        squares = weighted @ stacked.transpose(0, 2, 1)
        value = self.target_second - 2 * n * (stacked * signal).sum(axis=(1, 2))
        value = value + (squares * gram).sum(axis=(1, 2))
        in_stacked = 2 * gram @ weighted - 2 * n * signal
        folded = (squares.reshape(count, -1) @ self.pair_matrix).reshape(count, size, size)
        in_omega = 2 * (folded @ omega[:, :, None])[..., 0]
        in_omega = in_omega - 2 * n * np.einsum("kia,ija->kj", stacked, self.cross)
        return value, np.concatenate([in_omega, in_stacked.reshape(count, -1)], axis=1)

    def hessian(self, theta: FloatArray) -> FloatArray:
        """All second derivatives."""
        omega, stacked, gram, _, weighted = self._parts(theta)
        n, size, r = self.context_length, len(omega), self.dimension
        outer = (stacked * self.variances) @ stacked.T
        tensor = self.pair_matrix.reshape((size,) * 4)
        half = np.einsum("ikjl,l->ikj", tensor, omega)
        mixed = 2 * np.einsum("ikj,ka->iaj", half, weighted)
        other = np.einsum("iklj,l->ikj", tensor, omega)
        mixed += 2 * np.einsum("ikj,ka->iaj", other, weighted)
        mixed -= 2 * n * self.cross.transpose(0, 2, 1)
        full = np.zeros((size + size * r,) * 2)
        full[:size, :size] = 2 * (outer.ravel() @ self.pair_matrix).reshape(size, size)
        full[size:, :size] = mixed.reshape(size * r, size)
        full[:size, size:] = full[size:, :size].T
        full[size:, size:] = 2 * np.kron(gram, np.diag(self.variances))
        return full

    def original(self, theta: FloatArray) -> FloatArray:
        """Flat theta in the original coordinates: omega = M^-T omega', N = M^-T N' L^-1."""
        d, size = len(self.lower), self.dimension + 1
        omega = np.zeros(d + 1)
        stacked = np.zeros((d + 1, d))
        rows = [*self.kept, d]
        omega[rows] = theta[:size]
        stacked[np.ix_(rows, list(self.kept))] = theta[size:].reshape(size, size - 1)
        inverse = np.linalg.inv(self.lower)
        omega[:d] = inverse.T @ omega[:d]
        stacked = stacked @ inverse
        stacked[:d] = inverse.T @ stacked[:d]
        return np.concatenate([omega, stacked.ravel()])

    def inward(self, theta: FloatArray) -> FloatArray:
        """The inverse of `original` on the kept coordinates: omega' = M'omega, N' = M'N L."""
        d = len(self.lower)
        omega, stacked = theta[: d + 1].copy(), theta[d + 1 :].reshape(d + 1, d) @ self.lower
        omega[:d] = self.lower.T @ omega[:d]
        stacked[:d] = self.lower.T @ stacked[:d]
        rows = [*self.kept, d]
        return np.concatenate([omega[rows], stacked[np.ix_(rows, list(self.kept))].ravel()])

    def _parts(
        self, theta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """omega, N, T_omega, C omega and N Lambda."""
        size = self.dimension + 1
        omega = theta[:size]
        stacked = theta[size:].reshape(size, size - 1)
        gram = (self.pair_matrix @ np.outer(omega, omega).ravel()).reshape(size, size)
        signal = np.einsum("ija,j->ia", self.cross, omega)
        return omega, stacked, gram, signal, stacked * self.variances
