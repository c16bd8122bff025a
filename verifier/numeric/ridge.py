"""The risk of ridge regression at any n and d, by quadrature to near machine precision.

For x_i, w ~ N(0, I_d) and penalty sigma^2 (the Bayes predictor) the loss is
sigma^2 + sigma^2 E tr (S + sigma^2 I)^-1 with S = X^T X. The m = min(n, d) non-zero eigenvalues of
S have joint density proportional to prod w(l_i) prod_{i<j} |l_i - l_j|,
w(l) = l^{(N-m-1)/2} e^{-l/2}, N = max(n, d) (James 1964). By de Bruijn's formula (1955)

    E prod f(l_i) = Pf A_f / Pf A_1,   A_f[i,j] = int int sign(y - x) (p_i f w)(x) (p_j f w)(y),

for any polynomials p_0..p_{m-1} of these degrees, bordered by int p_i f w for odd m. With
f = 1 + t g the derivative at t = 0 is E sum g(l_i) = 1/2 tr(A^-1 A'): one-dimensional integrals
only, taken in t = sqrt(l), where w is smooth, by Gauss-Legendre rules on panels. The polynomials
are orthonormal under w^2, which keeps A well conditioned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from verifier.setting.numbers import positive_integer

FloatArray = NDArray[np.float64]

NODES = 20
# Beyond 13 standard deviations of the largest singular value the weight is below 1e-36.
_REACH = 13.0
_MOST = 60


@dataclass(frozen=True, slots=True)
class Accurate:
    """A number, and how much it changes under a rule with half as many panels, plus rounding."""

    value: float
    error: float


def ridge_excess(context_length: int, dimension: int, noise: float) -> Accurate:
    """E ||w_ridge - w||^2 = sigma^2 E tr (S + sigma^2 I)^-1: the Bayes loss minus sigma^2.

    At sigma^2 = 0 it is max(d - n, 0). Raises ``ValueError`` for n or d below 1, a noise variance
    that is negative or not finite, and min(n, d) above 60.
    """
    positive_integer(context_length, "context length")
    positive_integer(dimension, "dimension")
    if not 0 <= noise < inf:
        raise ValueError(f"the noise variance must be finite and not negative, got {noise}")
    missing = max(dimension - context_length, 0)
    if noise == 0:
        return Accurate(float(missing), 0.0)
    fine, coarse = (
        mean_spectral_sum(
            context_length, dimension, lambda x: noise / (x + noise), noise**0.5, refine
        )
        for refine in (2, 1)
    )
    return Accurate(missing + fine, abs(fine - coarse) + 1e-14 * (missing + fine))


def mean_spectral_sum(
    context_length: int,
    dimension: int,
    function: Callable[[FloatArray], FloatArray],
    scale: float = 1.0,
    refine: int = 2,
) -> float:
    """E sum_i function(l_i) over the min(n, d) non-zero eigenvalues l_i of S = X^T X.

    ``function`` maps an array of eigenvalues to an array; ``scale`` is the length in sqrt(l) on
    which it varies near 0; the number of panels is proportional to ``refine``. Raises
    ``ValueError`` for min(n, d) above 60.
    """
    size, longer = sorted((context_length, dimension))
    if size > _MOST:
        raise ValueError(f"the quadrature is for min(n, d) up to {_MOST}, not {size}")
    # The singular values lie around sqrt(N) - sqrt(m) to sqrt(N) + sqrt(m) (Davidson, Szarek 2001).
    start = max(0.0, longer**0.5 - size**0.5 - _REACH)
    stop = longer**0.5 + size**0.5 + _REACH
    rule = _Panels.graded(start, stop, scale, refine * (20 + size))
    t = rule.nodes
    with np.errstate(divide="ignore"):
        log_weight = (longer - size) * np.log(t) - t**2 / 2
    weight = np.exp(log_weight - log_weight.max())
    values = function(t**2)
    basis = _orthonormal(t**2, weight**2 * rule.weights, size)
    plain, changed = basis * weight, basis * (weight * values)
    skew = rule.skew(plain, plain)
    slope = rule.skew(changed, plain) + rule.skew(plain, changed)
    if size % 2:
        skew = _bordered(skew, plain @ rule.weights)
        slope = _bordered(slope, changed @ rule.weights)
    return float(np.trace(np.linalg.solve(skew, slope))) / 2


@dataclass(frozen=True, slots=True, eq=False)
class _Panels:
    """Gauss-Legendre nodes on consecutive panels, and running integrals from the left end."""

    nodes: FloatArray
    weights: FloatArray
    running: FloatArray
    widths: FloatArray

    @classmethod
    def graded(cls, start: float, stop: float, scale: float, panels: int) -> _Panels:
        """Equal panels on [start, stop]; from 0, panels that double from a quarter of scale."""
        edges = list(np.linspace(start, stop, panels + 1))
        if start == 0:
            first = edges[1]
            while first > scale / 4:
                first /= 2
                edges.insert(1, first)
        x, w = np.polynomial.legendre.leggauss(NODES)
        vandermonde = np.polynomial.legendre.legvander(x, NODES - 1)
        antiderivative = [np.polynomial.legendre.legint(row, lbnd=-1) for row in np.eye(NODES)]
        integrals = np.stack(
            [np.polynomial.legendre.legval(x, row) for row in antiderivative], axis=1
        )
        half = np.diff(edges) / 2
        nodes = (np.array(edges[:-1]) + half)[:, None] + half[:, None] * x
        running = np.linalg.solve(vandermonde.T, integrals.T).T.astype(np.float64)
        return cls(nodes.ravel(), (half[:, None] * w).ravel(), running, half)

    def skew(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """int int sign(y - x) left_i(x) right_j(y), for functions given at the nodes by rows."""
        split = left.reshape(len(left), -1, NODES)
        totals = (left * self.weights).reshape(split.shape).sum(axis=2)
        before = np.cumsum(totals, axis=1) - totals
        inside = (split @ self.running.T) * self.widths[:, None]
        upto = (before[:, :, None] + inside).reshape(left.shape)
        signed = 2 * upto - totals.sum(axis=1)[:, None]
        return np.asarray((signed * self.weights) @ right.T)


def _orthonormal(x: FloatArray, measure: FloatArray, count: int) -> FloatArray:
    """The first polynomials in x, orthonormal under the discrete measure, as rows."""
    rows = [np.full_like(x, 1 / measure.sum() ** 0.5)]
    while len(rows) < count:
        row = x * rows[-1]
        # Twice is enough: the second pass removes what rounding left of the first.
        for _ in range(2):
            for other in rows[-2:]:
                row = row - ((row * other) @ measure) * other
        rows.append(row / ((row * row) @ measure) ** 0.5)
    return np.array(rows)


def _bordered(matrix: FloatArray, border: FloatArray) -> FloatArray:
    """((matrix, border), (-border', 0))."""
    size = len(matrix)
    full = np.zeros((size + 1, size + 1))
    full[:size, :size] = matrix
    full[:size, size], full[size, :size] = border, -border
    return full
