"""Local minima as full weights W_K, W_Q, W_V, h, constructed from the exact landscape.

With a = |a| e_1 every minimum has W_V = h omega', h a unit vector, and W_K, W_Q of few rows:

    rho < oo   N* = (diag(alpha, delta, ..., delta); gamma e_1') = W_K'W_Q, one row for each of its
               first min(r, d) columns, equally long in W_K and W_Q;
    rho = oo   N* = eta e_{d+1} e_1': one row for it, and r - 1 rows that meet no row of the other
               matrix, chosen so that the kernels overlap as much as they can: unit vectors along
               axes.  W_K is blind to U, W_Q to V inside U (or U inside V), dim U + dim V = 2d - r.

Source: docs/landscape-mathematics.md, section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from verifier.arithmetic.roots import AlgebraicNumber, rational
from verifier.loss.isotropic import IsotropicForm
from verifier.numeric.stationary import FloatArray
from verifier.numeric.weight_loss import WeightLoss
from verifier.setting.covariance import Covariance
from verifier.stationary.cell import cell
from verifier.stationary.reduction import derived_form
from verifier.stationary.representative import local_optimum
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weights import WeightsLandscape

if TYPE_CHECKING:
    from sympy import Expr

MAX_ENTRIES = 10**7


@dataclass(frozen=True, slots=True, eq=False)
class WeightPoint:
    """A local minimum in the weights: W_K, W_Q (r, d+1), W_V (d+1, d+1), h (d+1,).

    rho: |a|^2/b^2 there; loss: its value, correctly rounded; spurious: whether it is not global.
    """

    rho: float
    loss: float
    spurious: bool
    W_K: FloatArray
    W_Q: FloatArray
    W_V: FloatArray
    h: FloatArray

    @property
    def flat(self) -> FloatArray:
        """All weights in the order of `WeightLoss`."""
        return np.concatenate([part.ravel() for part in (self.W_K, self.W_Q, self.W_V, self.h)])


def weight_loss(
    landscape: Landscape, head_dimension: int, form: IsotropicForm | None = None
) -> WeightLoss:
    """The expected loss of one cell as a function of weights of this head dimension."""
    d = landscape.dimension
    here = cell(form or derived_form(), d, landscape.context_length, landscape.noise)
    names = ("constant", "linear", "quadratic", "g1", "g2", "g3", "g4")
    return WeightLoss(d, head_dimension, **{name: float(here.value(name)) for name in names})


def weight_points(landscape: Landscape, weights: WeightsLandscape) -> tuple[WeightPoint, ...]:
    """A global minimum and one point on each family of spurious local minima.

    Raises ValueError where they would take more than 10^7 numbers.
    """
    side, r = landscape.dimension + 1, weights.head_dimension
    count = (1 + len(weights.spurious)) * (2 * r * side + side * side + side)
    if count > MAX_ENTRIES:
        raise ValueError(
            f"full weights for d = {landscape.dimension}, head dimension {r} are {count} numbers; "
            f"at most {MAX_ENTRIES} are written"
        )
    best = _point(landscape, weights, rational(0), weights.minimum, spurious=False)
    others = (_point(landscape, weights, p.rho, p.loss, spurious=True) for p in weights.spurious)
    return (best, *others)


def in_coordinates(point: WeightPoint, covariance: Covariance, scale: float) -> WeightPoint:
    """The weights for x = F z, F F' = covariance, and responses sqrt(scale) times those of z.

    Tokens (x, y) are (F, sqrt(scale)) times those that the point reads, the prediction is
    sqrt(scale) times its own, and the loss scale times.
    """
    d, root = covariance.dimension, scale**0.5
    back = np.zeros((d + 1, d + 1))
    back[:d, :d], back[d, d] = np.linalg.inv(covariance.factor()), 1 / root
    return replace(
        point,
        loss=point.loss * scale,
        W_K=point.W_K @ back,
        W_Q=point.W_Q @ back,
        W_V=point.W_V @ back,
        h=point.h * root,
    )


def _point(
    landscape: Landscape,
    weights: WeightsLandscape,
    rho: AlgebraicNumber | Expr,
    loss: AlgebraicNumber,
    *,
    spurious: bool,
) -> WeightPoint:
    d, r = landscape.dimension, weights.head_dimension
    at = local_optimum(landscape, rho)
    radius, b, aligned, diagonal, context = (
        float(x) for x in (at.radius, at.b, at.aligned, at.diagonal, at.context)
    )
    omega = np.array([radius, *[0.0] * (d - 1), b])
    if isinstance(rho, AlgebraicNumber):
        where, (keys, queries) = float(rho), _inside(d, r, aligned, diagonal, context)
    else:
        where, (keys, queries) = np.inf, _over_infinity(d, r, context)
    head = np.eye(d + 1)[d]
    return WeightPoint(where, float(loss), spurious, keys, queries, np.outer(head, omega), head)


def _inside(
    d: int, r: int, aligned: float, diagonal: float, context: float
) -> tuple[FloatArray, FloatArray]:
    keys, queries = np.zeros((r, d + 1)), np.zeros((r, d + 1))
    size = float(np.hypot(aligned, context))
    keys[0, 0], keys[0, d] = aligned / size**0.5, context / size**0.5
    queries[0, 0] = size**0.5
    for row in range(1, min(r, d)):
        keys[row, row] = queries[row, row] = diagonal**0.5
    return keys, queries


def _over_infinity(d: int, r: int, rate: float) -> tuple[FloatArray, FloatArray]:
    """Kernels U of W_K and V of W_Q spanned by the last axes, dim U - dim V = 0 or 1."""
    keys, queries = np.zeros((r, d + 1)), np.zeros((r, d + 1))
    keys[0, d] = queries[0, 0] = rate**0.5
    both = max(2 * d - r, 0)
    blind_keys, blind_queries = (both + 1) // 2, both // 2
    row = 1
    for axis in range(d - blind_keys):
        keys[row, axis] = 1.0
        row += 1
    for axis in range(1, d - blind_queries):
        queries[row, axis] = 1.0
        row += 1
    return keys, queries
