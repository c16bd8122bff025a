"""The optimal readout of a Gaussian pair as numbers: exact for Fractions, fast in floats.

For x ~ N(0, Lambda), w ~ N(0, Gamma) and noise variance sigma2, every global minimiser predicts
x_{n+1}' B s with

    B = Gamma ((n+1) Lambda Gamma + t I)^-1,  L* = t - n tr(Lambda B Lambda Gamma),
    t = tr(Lambda Gamma) + sigma2 > 0,

which is proved in ``proofs/gaussian_pair.py`` (claims ``minimum`` and ``singular``); singular
covariances are allowed. Where t = 0 the responses vanish and the best loss is 0, at B = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SYMMETRY_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class FloatOptimum:
    """The optimal readout B (d, d) and its loss L*, in floats."""

    readout: Floats
    loss: float


def pair_optimum(
    covariance: ArrayLike, task_covariance: ArrayLike, context_length: int, noise: float
) -> FloatOptimum:
    """B and L* in floats; one linear solve of size d.

    Shapes: both covariances (d, d), symmetric positive semidefinite. Raises ValueError for any
    other matrix, for entries that are not finite, n below 1 or a negative noise variance.
    """
    Lam, Gam = _floats("covariance", covariance), _floats("task covariance", task_covariance)
    if Lam.shape != Gam.shape:
        raise ValueError(f"the covariances have sizes {len(Lam)} and {len(Gam)}; they must agree")
    _check_sizes(context_length, noise)
    both = Lam @ Gam
    total = float(np.trace(both)) + float(noise)
    if total <= 0:
        return FloatOptimum(np.zeros_like(Lam), 0.0)
    system = (context_length + 1) * both + total * np.eye(len(Lam))
    readout: Floats = np.asarray(np.linalg.solve(system.T, Gam).T, dtype=np.float64)
    loss = total - context_length * float(np.einsum("ij,ji->", Lam @ readout, both))
    return FloatOptimum(readout, loss)


def _check_sizes(context_length: int, noise: float | Fraction) -> None:
    if isinstance(context_length, bool) or not isinstance(context_length, int):
        raise TypeError("the context length is an integer")
    if context_length < 1:
        raise ValueError(f"the context length must be at least 1, not {context_length}")
    if not noise >= 0:
        raise ValueError(f"the noise variance must be a number of at least 0, not {noise}")


def _floats(role: str, value: ArrayLike) -> Floats:
    matrix = np.asarray(value, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"the {role} must be a square matrix, not of shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"the {role} has an entry that is not a finite number")
    size = float(np.abs(matrix).max())
    if np.abs(matrix - matrix.T).max() > SYMMETRY_TOLERANCE * size:
        raise ValueError(f"the {role} is not symmetric")
    allowance = (SYMMETRY_TOLERANCE * size * len(matrix) or 1.0) * np.eye(len(matrix))
    try:
        np.linalg.cholesky(matrix + allowance)
    except np.linalg.LinAlgError:
        raise ValueError(f"the {role} is not positive semidefinite") from None
    return matrix
