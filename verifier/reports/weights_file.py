"""Constructed minima as a NumPy file of full weights.

Arrays, the minima along the first axis, the global one first: ``W_K``, ``W_Q`` (k, r, d+1), ``W_V``
(k, d+1, d+1), ``h`` (k, d+1), ``loss``, ``rho``, ``spurious`` (k,); and ``d``, ``n``, ``noise`` (an
exact text). They are ready for ``h @ sum_i (W_V @ v_i) * ((W_K @ v_i) @ (W_Q @ v_query))``.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import numpy as np

from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weight_points import in_coordinates, weight_points
from verifier.stationary.weights import WeightsLandscape

if TYPE_CHECKING:
    from verifier.stationary.whitening import GaussianPair


def write_weights(
    landscape: Landscape,
    weights: WeightsLandscape,
    file: IO[bytes],
    pair: GaussianPair | None = None,
) -> None:
    """Write one point on each family of local minima in the weights; equal input, equal file.

    ``pair``: the setting whose landscape it is by a change of variables, for tokens of its own.
    Raises ValueError in one line where that would be more than 10^7 numbers.
    """
    points = weight_points(landscape, weights)
    noise = landscape.noise
    if pair is not None and pair.scale is not None:
        covariance, scale = pair.setting.covariates.covariance, float(pair.scale)
        points = tuple(in_coordinates(point, covariance, scale) for point in points)
        noise = pair.setting.noise_variance
    names = ("W_K", "W_Q", "W_V", "h", "loss", "rho", "spurious")
    arrays: dict[str, Any] = {
        name: np.array([getattr(point, name) for point in points]) for name in names
    }
    cell: dict[str, Any] = {
        "d": landscape.dimension,
        "n": landscape.context_length,
        "noise": str(noise),
    }
    np.savez(file, **arrays, **cell)
