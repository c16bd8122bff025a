"""Constructed minima as a NumPy file of full weights (floor 3).

Arrays, the minima along the first axis, the global one first: ``W_K``, ``W_Q`` (k, r, d+1), ``W_V``
(k, d+1, d+1), ``h`` (k, d+1), ``loss``, ``rho``, ``spurious`` (k,); and ``d``, ``n``, ``noise`` (an
exact text). They are ready for ``h @ sum_i (W_V @ v_i) * ((W_K @ v_i) @ (W_Q @ v_query))``.
"""

from __future__ import annotations

from typing import IO, Any

import numpy as np

from verifier.exact.landscape import Landscape
from verifier.exact.landscape_weights import WeightsLandscape
from verifier.weight_points import weight_points


def write_weights(landscape: Landscape, weights: WeightsLandscape, file: IO[bytes]) -> None:
    """Write one point on each family of local minima in the weights; equal input, equal file.

    Raises ValueError in one line where that would be more than 10^7 numbers.
    """
    points = weight_points(landscape, weights)
    names = ("W_K", "W_Q", "W_V", "h", "loss", "rho", "spurious")
    arrays: dict[str, Any] = {
        name: np.array([getattr(point, name) for point in points]) for name in names
    }
    cell: dict[str, Any] = {
        "d": landscape.dimension,
        "n": landscape.context_length,
        "noise": str(landscape.noise),
    }
    np.savez(file, **arrays, **cell)
