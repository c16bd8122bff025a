"""Losses at which training of W_K and W_Q pauses on its way to the best readout.

Where a = c = 0 the loss is that of x'B s with B = b W_Q'W_K-like products of two matrices, and in
W_K, W_Q, W_V, h every B that is best among those of rank k is stationary: in whitened coordinates
C = Lambda^(1/2) B Q^(1/2) the loss is E y^2 - |M|^2 + |C - M|^2 with M = n Lambda^(-1/2) P
Q^(-1/2), and the gradients W_K (dL/dN) vanish where C is a part of M's singular value expansion.
With s_1 >= s_2 >= ... the singular values of M, the losses are

    E y^2 - s_1^2 - ... - s_k^2,   k = 0, 1, ..., d:

from small weights training meets them in this order (2501.16265). On a Gaussian pair
s_i^2 = n g_i^2 / ((n+1) g_i + t) for the eigenvalues g_i of Lambda Gamma.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import numpy as np

from verifier.arithmetic.rationals import RationalMatrix
from verifier.explore.values import Value
from verifier.optimum.readout import ReadoutProblem

_ROUNDING = 1e-12


def plateau_losses(problem: ReadoutProblem) -> tuple[Value, ...]:
    """The losses for k = 0, 1, ..., rank; exact where all matrices are diagonal, else in floats."""
    matrices = (problem.covariance, problem.signal, problem.readout_second)
    if all(map(_diagonal, matrices)):
        gains = sorted(_exact_gains(problem), reverse=True)
        steps = accumulate(gains, lambda loss, gain: loss - gain, initial=problem.target_second)
        return tuple(map(Value.rational, steps))
    target = float(problem.target_second)
    values = [v for v in _float_gains(problem) if v > _ROUNDING * target]
    return tuple(Value(v) for v in accumulate(values, lambda u, v: u - v, initial=target))


def _exact_gains(problem: ReadoutProblem) -> list[Fraction]:
    """(n P_ii)^2 / (Lambda_ii Q_ii), those that are not 0."""
    found = []
    for i, row in enumerate(problem.signal):
        bottom = problem.covariance[i][i] * problem.readout_second[i][i]
        if bottom and row[i]:
            found.append((problem.context_length * row[i]) ** 2 / bottom)
    return found


def _float_gains(problem: ReadoutProblem) -> list[float]:
    """Squared singular values of M, the largest first."""
    inner, outer = (_root(m) for m in (problem.covariance, problem.readout_second))
    signal = problem.context_length * np.array(problem.signal, dtype=float)
    found = np.linalg.svd(inner @ signal @ outer, compute_uv=False) ** 2
    return [float(v) for v in found]


def _root(matrix: RationalMatrix) -> np.ndarray:
    """The inverse square root on the range."""
    values, vectors = np.linalg.eigh(np.array(matrix, dtype=float))
    scales = np.where(values > _ROUNDING * values[-1], values, np.inf) ** -0.5
    return np.asarray((vectors * scales) @ vectors.T)


def _diagonal(matrix: RationalMatrix) -> bool:
    return not any(v for i, row in enumerate(matrix) for j, v in enumerate(row) if i != j)
