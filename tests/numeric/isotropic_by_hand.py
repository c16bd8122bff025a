"""The isotropic loss by hand, a stand-in for the exact engine that shares no code with it."""

from collections.abc import Callable

import numpy as np


def isotropic_loss(d: int, n: int, s2: float, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Value and gradient for x, w ~ N(0, I), from E|B s - w|^2 + E|A^T S a + b q c|^2:
    E s w^T = n I, E s s^T = n M I, E S Q S = n(n+1) Q + n tr(Q) I, E q S = k I, E q^2 = m.

    L = s2 + d - 2n(b trA + c.a) + nM |B|^2 + n(n+1)|A^T a|^2 + n|A|^2|a|^2
        + 2k b (A^T a).c + m b^2 |c|^2,
    M = n + d + 1 + s2, k = n(nd + 2 + n s2), m = n(n+2)(d(d+2) + 2 d s2 + s2^2).
    """
    a, b, c = theta[:d], theta[d], theta[-d:]
    A = theta[d + 1 : -d].reshape(d, d)
    M = n + d + 1 + s2
    k = n * (n * d + 2 + n * s2)
    m = n * (n + 2) * (d * (d + 2) + 2 * d * s2 + s2**2)
    B = b * A.T + np.outer(c, a)
    v = A.T @ a
    square = (A * A).sum()
    value = (
        s2 + d - 2 * n * (b * np.trace(A) + c @ a) + n * M * (B * B).sum()
        + n * (n + 1) * (v @ v) + n * square * (a @ a) + 2 * k * b * (v @ c) + m * b * b * (c @ c)
    )  # fmt: skip
    to_B = 2 * n * M * B - 2 * n * np.eye(d)
    to_v = 2 * n * (n + 1) * v + 2 * k * b * c
    gradient = [
        to_B.T @ c + A @ to_v + 2 * n * square * a,
        [(to_B * A.T).sum() + 2 * k * (v @ c) + 2 * m * b * (c @ c)],
        (b * to_B.T + np.outer(a, to_v) + 2 * n * (a @ a) * A).ravel(),
        to_B @ a + 2 * k * b * v + 2 * m * b * b * c,
    ]
    return float(value), np.concatenate(gradient)


def isotropic_function(
    d: int, n: int, s2: float
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """theta -> (value, gradient)."""
    return lambda theta: isotropic_loss(d, n, s2, theta)


def isotropic_minimum(d: int, n: int, s2: float) -> tuple[float, float]:
    """(eta, L*) where B = eta I, a = c = 0: minimise s2 + d - 2 n d eta + n M d eta^2."""
    M = n + d + 1 + s2
    return 1 / M, s2 + d - n * d / M
