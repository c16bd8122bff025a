"""The best layer of one concrete setting, exactly, with a certificate.

For given x_{n+1} the prediction splits as x'B s + x'(A'S a + b q c), B = bA' + ca'. Where
E[v_i v_j v_k v_l] and E[E[v_i v_j | task] E[v_k v_l | task]], v = (x, y), vanish for an odd number
of y's, the two parts are uncorrelated, target and all, so

    L = [E y^2 - 2n <B, P> + tr(Lambda B Q B')] + E[(x'(A'S a + b q c))^2],
    P = E[mu mu'],  Q = E[s s'] = n E[y^2 x x'] + n(n-1) P,  mu = E[x y | task].

The second part is a mean square; the first is a convex quadratic, minimised where
Lambda B Q = n P. A layer with a = c = 0 attains both minima at once: it is a global minimiser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from verifier.arithmetic.matrices import (
    exact_inverse,
    product,
    transposed,
)
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.general import GeneralMoments
from verifier.setting.covariance import unit_lower_factor


class Kind(Enum):
    """What the best layer does."""

    ZERO = "predicts 0"
    GRADIENT = "gradient descent"
    PRECONDITIONED = "preconditioned gradient descent"
    READOUT = "other linear readout"
    QUADRATIC = "more than a linear readout"


@dataclass(frozen=True, slots=True)
class Readout:
    """A predictor x'B s: its B (d, d), its exact loss, what it is, and its rate.

    ``learning_rate`` is eta where B = eta I (gradient descent) or eta Lambda^{-1}
    (preconditioned; any generalised inverse where Lambda is singular).
    """

    B: RationalMatrix
    loss: Fraction
    kind: Kind
    learning_rate: Fraction | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """Facts checked exactly, from which ``loss`` is the global minimum over all layers."""

    loss: Fraction
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadoutProblem:
    """What the loss of x'B s depends on: Lambda, P, Q as in the module docstring, E y^2 and n."""

    covariance: RationalMatrix
    signal: RationalMatrix
    readout_second: RationalMatrix
    target_second: Fraction
    context_length: int

    @classmethod
    def of(cls, moments: GeneralMoments, context_length: int) -> ReadoutProblem:
        """From one example's moments and n >= 1."""
        n = context_length
        signal = moments.signal_second()
        weighted = moments.response_weighted_second()
        second = tuple(
            tuple(n * u + n * (n - 1) * v for u, v in zip(left, right, strict=True))
            for left, right in zip(weighted, signal, strict=True)
        )
        return cls(moments.covariance(), signal, second, moments.target_second, n)

    def loss(self, B: RationalMatrix) -> Fraction:
        """E (y_{n+1} - x'B s)^2."""
        inner = _inner(self.signal, B)
        spread = _inner(product(product(self.covariance, B), self.readout_second), B)
        return self.target_second - 2 * self.context_length * inner + spread

    def best(self) -> Readout:
        """The global minimiser over all B; where it is not unique, the simplest kind among them.

        That a simpler readout is a minimiser too is decided by comparing exact losses.
        """
        n, d = self.context_length, len(self.covariance)
        scaled = tuple(tuple(n * v for v in row) for row in self.signal)
        half = solve_semidefinite(self.covariance, scaled)
        B = transposed(solve_semidefinite(self.readout_second, transposed(half)))
        loss = self.loss(B)
        if loss == self.target_second:
            return Readout(_scalar(Fraction(0), d), loss, Kind.ZERO, Fraction(0))
        for simpler in (self.best_gradient_step(), self.best_preconditioned_step()):
            if simpler.loss == loss:
                return simpler
        return Readout(B, loss, Kind.READOUT, None)

    def best_gradient_step(self) -> Readout:
        """The best B = eta I: eta = n tr P / tr(Lambda Q)."""
        identity = _scalar(Fraction(1), len(self.covariance))
        return self._best_multiple(identity, Kind.GRADIENT)

    def best_preconditioned_step(self) -> Readout:
        """The best B = eta Lambda^-; all generalised inverses act alike on the range of Lambda."""
        return self._best_multiple(generalised_inverse(self.covariance), Kind.PRECONDITIONED)

    def _best_multiple(self, matrix: RationalMatrix, kind: Kind) -> Readout:
        """The best B = eta M: eta = n <P, M> / <Lambda M Q, M>."""
        slope = self.context_length * _inner(self.signal, matrix)
        spread = product(product(self.covariance, matrix), self.readout_second)
        curvature = _inner(spread, matrix)
        rate = slope / curvature if curvature else Fraction(0)
        B = tuple(tuple(rate * v for v in row) for row in matrix)
        return Readout(B, self.loss(B), kind if rate else Kind.ZERO, rate)


def kind_of(B: RationalMatrix, covariance: RationalMatrix) -> tuple[Kind, Fraction | None]:
    """What x'B s does, and eta where B = eta I or eta Lambda^-1."""
    if not any(v for row in B for v in row):
        return Kind.ZERO, Fraction(0)
    for kind, matrix in ((Kind.GRADIENT, B), (Kind.PRECONDITIONED, product(B, covariance))):
        if matrix == _scalar(matrix[0][0], len(B)):
            return kind, matrix[0][0]
    return Kind.READOUT, None


def certify(moments: GeneralMoments, problem: ReadoutProblem, readout: Readout) -> Certificate:
    """Check that no layer does better than ``readout`` (module docstring); exact arithmetic only.

    Raises ``ValueError`` naming the first fact that fails.
    """
    if not moments.parity_symmetric:
        raise ValueError("a moment of degree four with an odd number of responses is not zero")
    n = problem.context_length
    left = product(product(problem.covariance, readout.B), problem.readout_second)
    right = tuple(tuple(n * v for v in row) for row in problem.signal)
    if left != right:
        raise ValueError("the normal equations do not hold")
    for matrix in (problem.covariance, problem.readout_second):
        unit_lower_factor(matrix)
    if problem.loss(readout.B) != readout.loss:
        raise ValueError("the loss at the readout is not the one stated")
    return Certificate(
        readout.loss,
        (
            "with v = (x, y), every E[v_i v_j v_k v_l] and every E[E[v_i v_j | task] "
            "E[v_k v_l | task]] with an odd number of y's is exactly 0, so the loss is a quadratic "
            "in B plus a mean square",
            "the quadratic is convex: Lambda = E[xx'] and E[ss'], s = X'y, have non-negative exact "
            "pivots",
            "Lambda B E[ss'] = n E[mu mu'] with mu = E[x y | task] holds exactly: B is a minimiser "
            "of the quadratic",
            "a = c = 0, b = 1, A = B' makes the mean square 0",
        ),
    )


def solve_semidefinite(matrix: RationalMatrix, rhs: RationalMatrix) -> RationalMatrix:
    """A solution X of ``matrix`` X = ``rhs`` for a symmetric positive semidefinite matrix.

    Coordinates of zero pivots are 0. Raises ``ValueError`` if there is no solution.
    """
    lower, pivots = unit_lower_factor(matrix)
    size, width = len(matrix), len(rhs[0])
    rows = [list(row) for row in rhs]
    for i in range(size):
        for k in range(i):
            if lower[i][k]:
                rows[i] = [v - lower[i][k] * u for v, u in zip(rows[i], rows[k], strict=True)]
    for i, pivot in enumerate(pivots):
        if pivot == 0 and any(rows[i]):
            raise ValueError("the linear equations contradict each other")
        rows[i] = [v / pivot for v in rows[i]] if pivot else [Fraction(0)] * width
    for i in reversed(range(size)):
        for k in range(i + 1, size):
            if lower[k][i]:
                rows[i] = [v - lower[k][i] * u for v, u in zip(rows[i], rows[k], strict=True)]
    return tuple(map(tuple, rows))


def generalised_inverse(matrix: RationalMatrix) -> RationalMatrix:
    """X = L'^-1 D^+ L^-1 for the semidefinite M = L D L': M X M = M."""
    lower, pivots = unit_lower_factor(matrix)
    inverse = exact_inverse(lower)
    scaled = tuple(
        tuple(v / pivot if pivot else Fraction(0) for v in row)
        for row, pivot in zip(inverse, pivots, strict=True)
    )
    return product(transposed(inverse), scaled)


def _inner(left: RationalMatrix, right: RationalMatrix) -> Fraction:
    return sum(
        (
            u * v
            for p, q in zip(left, right, strict=True)
            for u, v in zip(p, q, strict=True)
            if u and v
        ),
        Fraction(0),
    )


def _scalar(value: Fraction, size: int) -> RationalMatrix:
    return tuple(tuple(value if i == j else Fraction(0) for j in range(size)) for i in range(size))
