"""The best readout x'B s on sampled moments, and what it is within their errors.

    L(B) = E y^2 - 2n <B, P> + tr(Lambda B Q B'),   best where Lambda B Q = n P,

as in ``exact.optimum``. Whether B = eta R for a simple R is asked of that equation, n P - eta
Lambda R Q = 0: where Q is singular B is not unique, the equation is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.explore.mixed_loss import AnyTables, MixedTables
from verifier.explore.sampled import SampledMoments
from verifier.loss.moment_tables import FloatArray, MomentTables
from verifier.optimum.readout import Kind, generalised_inverse
from verifier.setting.data import Setting

# A residual entry of up to this many standard errors counts as zero ...
_ERRORS = 4.0
# ... if all of them together are a small part of what they are left of.
_SHARE = 0.05
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ReadoutMoments:
    """E y^2, n P and, for each part of a mixture, its share of Lambda = E xx' and its Q.

    In the original coordinates: signal (d, d); covariances, seconds (parts, d, d).
    """

    covariances: FloatArray
    signal: FloatArray
    seconds: FloatArray
    target: float

    @classmethod
    def of(cls, tables: AnyTables, n: int, scalar: bool) -> ReadoutMoments:
        """``scalar`` states that P and Q are multiples of I; they are then averaged to be so."""
        if not isinstance(tables, MixedTables):
            return cls._of_one(tables, n, scalar)
        parts = [(share, cls._of_one(table, n, scalar)) for share, table in tables.parts]
        return cls(
            np.concatenate([share * part.covariances for share, part in parts]),
            np.asarray(sum(share * part.signal for share, part in parts)),
            np.concatenate([part.seconds for _, part in parts]),
            tables.target_second,
        )

    @classmethod
    def _of_one(cls, tables: MomentTables, n: int, scalar: bool) -> ReadoutMoments:
        lower = np.array(tables.lower, dtype=float)
        d = len(lower)
        covariance = (lower * np.array([float(v) for v in tables.variances])) @ lower.T
        signal, weighted = np.zeros((d, d)), np.zeros((d, d))
        for i in range(d):
            for j in range(d):
                signal[i, j] = float(tables.paired.get(((i, d), (j, d)), 0.0))
                weighted[i, j] = float(tables.fourth.get((min(i, j), max(i, j), d, d), 0.0))
        signal, weighted = lower @ signal @ lower.T, lower @ weighted @ lower.T
        if scalar:
            signal = np.eye(d) * np.trace(signal) / d
            weighted = np.eye(d) * np.trace(weighted) / d
        second = n * weighted + n * (n - 1.0) * signal
        return cls(covariance[None], n * signal, second[None], float(tables.target_second))

    @property
    def units(self) -> FloatArray:
        """What rows (x) and columns (s) of n P and of the residual are measured in."""
        return np.outer(_roots(self.covariances.sum(axis=0)), _roots(self.seconds.mean(axis=0)))

    def loss(self, B: FloatArray) -> float:
        """L(B)."""
        spread = float((self._moved(B) * B).sum())
        return self.target - 2 * float((self.signal * B).sum()) + spread

    def best(self, inverse: FloatArray) -> FloatArray:
        """The best B; ``inverse`` is a generalised inverse of Lambda.

        For a mixture the d^2 equations sum_k Lambda_k B Q_k = n P are solved, least B first.
        """
        if len(self.seconds) == 1:
            return np.asarray(inverse @ self.signal @ _pseudo_inverse(self.seconds[0]))
        pairs = zip(self.covariances, self.seconds, strict=True)
        system = np.asarray(sum(np.kron(left, second) for left, second in pairs))
        return np.asarray(
            (_pseudo_inverse(system) @ self.signal.ravel()).reshape(self.signal.shape)
        )

    def rate(self, reference: FloatArray) -> float:
        """The best eta for B = eta R."""
        curvature = float((self._moved(reference) * reference).sum())
        return float((self.signal * reference).sum()) / curvature if curvature else 0.0

    def residual(self, B: FloatArray) -> FloatArray:
        """n P - Lambda B Q, zero at the best B."""
        return np.asarray(self.signal - self._moved(B))

    def _moved(self, B: FloatArray) -> FloatArray:
        """Lambda B Q, summed over the parts."""
        return np.asarray((self.covariances @ B @ self.seconds).sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class FoundReadout:
    """B, its kind, eta where it has one; and each repetition's B, eta and loss of the pooled B."""

    B: FloatArray
    kind: Kind
    rate: float | None
    loss: float
    each_B: FloatArray
    each_rate: tuple[float, ...]
    each_loss: tuple[float, ...]


def find_readout(
    setting: Setting, sampled: SampledMoments[AnyTables], scalar: bool
) -> FoundReadout:
    """The simplest B that is best within the errors of the moments; else the best B."""
    pooled, each = readout_moments(setting, sampled, scalar)
    d = setting.dimension
    inverse = np.array(generalised_inverse(setting.second_moment), dtype=float)
    B, kind, rate = pooled.best(inverse), Kind.READOUT, None
    references = [(Kind.ZERO, np.zeros((d, d))), (Kind.GRADIENT, np.eye(d))]
    if not scalar:
        references.append((Kind.PRECONDITIONED, inverse))
    units = pooled.units
    for name, reference in references:
        eta = pooled.rate(reference)
        residuals = [m.residual(eta * reference) / units for m in each]
        if _vanishes(residuals, pooled.signal / units):
            B, kind, rate = eta * reference, name, eta
            break
    reference = dict(references).get(kind, np.zeros((d, d)))
    rates = tuple(m.rate(reference) for m in each)
    bests = [m.best(inverse) if rate is None else r * reference for m, r in _zip(each, rates)]
    losses = tuple(m.loss(B) for m in each)
    return FoundReadout(B, kind, rate, pooled.loss(B), np.array(bests), rates, losses)


def readout_moments(
    setting: Setting, sampled: SampledMoments[AnyTables], scalar: bool
) -> tuple[ReadoutMoments, tuple[ReadoutMoments, ...]]:
    """Those of all repetitions together, and of each."""
    n = setting.context_length
    each = tuple(ReadoutMoments.of(table, n, scalar) for table in sampled.repetitions)
    return ReadoutMoments.of(sampled.mean, n, scalar), each


def _pseudo_inverse(matrix: FloatArray) -> FloatArray:
    """In units of the diagonal, so that what counts as singular does not depend on units."""
    units = np.outer(_roots(matrix), _roots(matrix))
    return np.asarray(np.linalg.pinv(matrix / units, 1e-10, hermitian=True) / units)


def _roots(matrix: FloatArray) -> FloatArray:
    """Square roots of the diagonal; 1 where it is not positive."""
    diagonal = np.diagonal(matrix)
    return np.sqrt(np.where(diagonal > 0, diagonal, 1.0))


def _zip(
    each: tuple[ReadoutMoments, ...], rates: tuple[float, ...]
) -> zip[tuple[ReadoutMoments, float]]:
    return zip(each, rates, strict=True)


def _vanishes(residuals: list[FloatArray], whole: FloatArray) -> bool:
    """Whether the mean residual is zero within its errors, and the errors are small.

    For B = 0 the residual is n P itself and only its errors decide.
    """
    values = np.array(residuals)
    mean, size = values.mean(axis=0), float(np.abs(whole).max())
    error = values.std(axis=0, ddof=1) / len(values) ** 0.5
    if not bool((np.abs(mean) <= _ERRORS * error + _ROUNDING * size).all()):
        return False
    itself = np.allclose(mean, whole, rtol=1e-6, atol=0.0)
    return itself or float(np.linalg.norm(mean)) <= _SHARE * float(np.linalg.norm(whole))
