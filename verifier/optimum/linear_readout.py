"""The best readout of linear responses by matrix products, for every covariates' law.

x = L x' with C = L D L' the covariates' matrix; base moments m_2 = E z_1^2, m_4 = E z_1^4,
m_22 = E z_1^2 z_2^2; y = w.x + e, w ~ -w, E ww' = Gamma. Lambda = E xx' = m_2 C and

    P = E[mu mu'] = Lambda Gamma Lambda,   mu = E[xy | w] = Lambda w,
    E[y^2 xx'] = m_22 (2 C Gamma C + tr(C Gamma) C)
                 + (m_4 - 3 m_22) L diag(D_i^2 (L'Gamma L)_ii) L' + sigma2 Lambda,

whose middle term vanishes for rotation-invariant laws. With Q = E[ss'] the loss of x'B s is
E y^2 - 2n <B, P> + tr(Lambda B Q B'), as in ``exact.optimum``; every layer is above the best of
them by parity. Order d^3, no tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log10
from time import process_time

from flint import fmpq, fmpq_mat

from verifier.arithmetic.flint_matrices import fraction, from_flint, inner, solution, to_flint
from verifier.law_moments.general import NoExactMoments
from verifier.optimum.readout import Kind, Readout
from verifier.setting.covariance import Matrix
from verifier.setting.data import Setting
from verifier.setting.responses import Linear

# Seconds of exact arithmetic that are started; the sizes of numbers grow with d as well.
LONGEST = 120.0
_PROBE = 48
_GROWTH = 4.0


@dataclass(frozen=True, slots=True)
class LinearReadout:
    """Lambda, n P and Q as ``fmpq_mat``s, with Gamma, E y^2 and n."""

    covariance: fmpq_mat
    tasks: fmpq_mat
    signal: fmpq_mat
    second: fmpq_mat
    target_second: Fraction
    context_length: int

    @classmethod
    def of(cls, setting: Setting) -> LinearReadout:
        """Raises `NoExactMoments` where responses are not linear with symmetric tasks."""
        response, covariates = setting.response, setting.covariates
        linear = isinstance(response, Linear) and response.weights.symmetric
        linear = linear and not setting.covariate_mixture
        if not isinstance(response, Linear) or not linear or not covariates.centred:
            raise NoExactMoments(
                "matrix products are for linear responses, tasks of a symmetric law and covariates "
                "of mean 0"
            )
        n, noise = setting.context_length, setting.noise_variance
        second, fourth = covariates.base_moment(2), covariates.base_moment(4)
        mixed = covariates.base_moment(2, 2) if setting.dimension > 1 else fourth / 3
        inputs, tasks = (
            to_flint(covariates.covariance.entries),
            to_flint(response.weights.second_moment()),
        )
        sandwich, power = inputs * tasks * inputs, inner(inputs, tasks)
        weighted = sandwich * _rational(2 * mixed) + inputs * _rational(
            mixed * power + noise * second
        )
        if fourth != 3 * mixed:
            weighted += _own(setting, tasks) * _rational(fourth - 3 * mixed)
        signal = sandwich * _rational(second**2)
        return cls(
            inputs * _rational(second),
            tasks,
            signal * fmpq(n),
            weighted * fmpq(n) + signal * fmpq(n * (n - 1)),
            second * power + noise,
            n,
        )

    def loss(self, readout: fmpq_mat) -> Fraction:
        """E (y_{n+1} - x'B s)^2."""
        spread = inner(self.covariance * readout * self.second, readout)
        return self.target_second - 2 * inner(self.signal, readout) + spread

    def best(self) -> Readout:
        """The best B = n Gamma Lambda Q^-1 with its normal equations checked.

        Raises `NoExactMoments` where Q is singular, and ``ValueError`` in one line, with an
        estimate, where the numbers would grow so long that solving takes minutes.
        """
        size = self.covariance.nrows()
        if not any(self.signal.entries()):
            return Readout(from_flint(fmpq_mat(size, size)), self.target_second, Kind.ZERO, _ZERO)
        diagonal = all(map(_is_diagonal, (self.covariance, self.second, self.signal)))
        readout = self._entrywise() if diagonal else self._solved()
        if not diagonal and self.covariance * readout * self.second != self.signal:
            raise ValueError("the normal equations do not hold")
        # B solves them, so the loss is E y^2 - <nP, B>.
        loss = self.target_second - inner(self.signal, readout)
        rate, step_loss = self.best_step()
        if step_loss == loss:
            # Where Lambda is singular B is not unique, and the simplest is shown.
            scaled = _identity(size) * _rational(rate)
            return Readout(from_flint(scaled), loss, Kind.GRADIENT, rate)
        kind, rate_or_none = self._kind(readout)
        return Readout(from_flint(readout), loss, kind, rate_or_none)

    def best_step(self) -> tuple[Fraction, Fraction]:
        """The best eta for B = eta I, and its loss."""
        curvature = inner(self.covariance, self.second)
        slope = inner(self.signal, _identity(self.covariance.nrows()))
        rate = slope / curvature if curvature else Fraction(0)
        return rate, self.target_second - rate * slope

    def _entrywise(self) -> fmpq_mat:
        """B of diagonal matrices: n P_ii / (Lambda_ii Q_ii), 0 where Lambda_ii is."""
        size = self.covariance.nrows()
        readout = fmpq_mat(size, size)
        for i in range(size):
            bottom = self.covariance[i, i] * self.second[i, i]
            if bottom:
                readout[i, i] = self.signal[i, i] / bottom
        return readout

    def _solved(self) -> fmpq_mat:
        """B = n Gamma Lambda Q^-1."""
        self._refuse_if_long()
        right = self.tasks * self.covariance * fmpq(self.context_length)
        found = solution(self.second, right.transpose())
        if found is None:
            raise NoExactMoments("[covariates] covariance: singular ones go up to dimension 32")
        return found.transpose()

    def _kind(self, readout: fmpq_mat) -> tuple[Kind, Fraction | None]:
        """Preconditioned where B Lambda is a multiple of the identity on the range of Lambda."""
        moved = readout * self.covariance
        places = [i for i in range(readout.nrows()) if self.covariance[i, i]]
        rate = moved[places[0], places[0]]
        if self.covariance * moved == self.covariance * rate:
            return Kind.PRECONDITIONED, fraction(rate)
        return Kind.READOUT, None

    def _refuse_if_long(self) -> None:
        """Solve for a corner first: its time says what the whole takes."""
        size = self.second.nrows()
        if size <= _PROBE or _is_diagonal(self.second):
            return
        rows = self.second.tolist()
        corner = fmpq_mat([row[:_PROBE] for row in rows[:_PROBE]])
        started = process_time()
        solution(corner, _identity(_PROBE))
        seconds = (process_time() - started) * (size / _PROBE) ** _GROWTH
        if seconds > LONGEST:
            digits = round(log10(max(abs(int(v.q)) for row in rows for v in row)))
            raise ValueError(
                f"[covariates] covariance: exact equations of size {size} with numbers of "
                f"{digits} digits take about {seconds / 60:.0f} minutes; round its entries, or "
                "take a smaller dimension"
            )


_ZERO = Fraction(0)


def _own(setting: Setting, tasks: fmpq_mat) -> fmpq_mat:
    """L diag(D_i^2 (L'Gamma L)_ii) L'."""
    covariance = setting.covariates.covariance
    lower: Matrix = covariance.lower
    if covariance.is_diagonal:
        turned = tasks
        left = None
    else:
        left = to_flint(lower)
        turned = left.transpose() * tasks * left
    size = setting.dimension
    diagonal = fmpq_mat(size, size)
    for i, pivot in enumerate(covariance.pivots):
        diagonal[i, i] = _rational(pivot**2) * turned[i, i]
    return diagonal if left is None else left * diagonal * left.transpose()


def _identity(size: int) -> fmpq_mat:
    found = fmpq_mat(size, size)
    for i in range(size):
        found[i, i] = fmpq(1)
    return found


def _is_diagonal(matrix: fmpq_mat) -> bool:
    columns = matrix.ncols()
    return not any(v for k, v in enumerate(matrix.entries()) if v and k // columns != k % columns)


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
