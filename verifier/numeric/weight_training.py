"""Gradient descent and Adam on W_K, W_Q, W_V, h with the exact loss, many runs at once.

Nothing is reduced: the runs move in the weights, where products of matrices add stationary points.
What plain steps have not brought to rest goes on in ``weight_descent``.  Over rho = oo the kernels
of W_K and W_Q at the end decide what it is: ``escape_trace`` measures them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import cos, pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from verifier.numeric.basins import joined_curves
from verifier.numeric.stationary import FloatArray
from verifier.numeric.weight_descent import AT_REST, IsEnd, settled, slopes
from verifier.numeric.weight_escape import kernels, way_down
from verifier.numeric.weight_loss import WeightLoss
from verifier.setting.numbers import positive_integer

Method = Literal["gradient descent", "Adam"]
METHODS: tuple[Method, ...] = ("gradient descent", "Adam")
STEPS = 3000
LEVEL_TOLERANCE = 1e-7
_ADAM_RATE, _ADAM_MEMORY, _TINY = 0.02, (0.9, 0.99), 1e-12
_CURVE_POINTS, _LOOK_EVERY = 120, 20


@dataclass(frozen=True, slots=True, eq=False)
class WeightRuns:
    """Where R runs ended, and how they got there.

    flat (R, size): the weights; loss (R,); slope (R,): the unit-free gradient norm |g| |x| / c0;
    curve_steps (C,), curves (R, C): the loss by the number of steps; finished, pushed (R,): which
    runs L-BFGS went on with, which of them had to be pushed.
    """

    flat: FloatArray
    loss: FloatArray
    slope: FloatArray
    curve_steps: FloatArray
    curves: FloatArray
    finished: NDArray[np.bool_]
    pushed: NDArray[np.bool_]


def random_weights(
    loss: WeightLoss, count: int, scale: float, rng: np.random.Generator
) -> FloatArray:
    """``count`` sets of weights, entries normal of standard deviation scale/sqrt(d + 1)."""
    positive_integer(count, "number of starts")
    if not 0 < scale < np.inf:
        raise ValueError(f"the scale of the starts must be positive, got {scale}")
    size = scale / (loss.dimension + 1) ** 0.5
    return np.asarray(rng.standard_normal((count, loss.size)) * size)


def train_weights(
    loss: WeightLoss, starts: FloatArray, method: Method, steps: int = STEPS
) -> WeightRuns:
    """All runs by one method, until they are at rest or ``steps`` are done.

    Gradient descent halves its rate where Armijo's condition fails and raises it by a fifth where
    it holds; Adam (Kingma & Ba 2015) has a rate that falls to 0 along half a cosine.
    """
    flat = np.array(starts, dtype=float)
    positive_integer(steps, "steps")
    advance = (_descent if method == "gradient descent" else _adam)(loss, flat, steps)
    value, gradient = loss.loss_and_gradient(flat)
    marks = np.unique(np.geomspace(1, steps, _CURVE_POINTS).astype(int))
    seen, curve, step = [0], [value.copy()], 0
    moving = np.arange(len(flat))
    while step < steps and len(moving):
        step += 1
        advance(step, moving, value, gradient)
        if step == marks[len(seen) - 1]:
            seen.append(step)
            curve.append(value.copy())
        if step % _LOOK_EVERY == 0:
            moving = moving[slopes(loss, flat[moving], gradient[moving]) > AT_REST]
    if seen[-1] < step:
        seen.append(step)
        curve.append(value.copy())
    idle = np.zeros(len(flat), dtype=bool)
    steps_seen = np.array(seen, dtype=float)
    return WeightRuns(
        flat, value, slopes(loss, flat, gradient), steps_seen, np.stack(curve, axis=1), idle, idle
    )


Advance = Callable[[int, NDArray[np.intp], FloatArray, FloatArray], None]


def _descent(loss: WeightLoss, flat: FloatArray, _steps: int) -> Advance:
    rate = np.full(len(flat), np.nan)

    def advance(
        step: int, moving: NDArray[np.intp], value: FloatArray, gradient: FloatArray
    ) -> None:
        if step == 1:
            size = np.maximum(np.linalg.norm(gradient, axis=1), 1e-300)
            rate[:] = 1e-3 * np.linalg.norm(flat, axis=1) / size
        own = rate[moving]
        new = flat[moving] - own[:, None] * gradient[moving]
        new_value, new_gradient = loss.loss_and_gradient(new)
        drop = own * (gradient[moving] ** 2).sum(axis=1)
        good = new_value <= value[moving] - 0.25 * drop
        accepted = moving[good]
        flat[accepted], value[accepted] = new[good], new_value[good]
        gradient[accepted] = new_gradient[good]
        rate[moving] = own * np.where(good, 1.2, 0.5)

    return advance


def _adam(loss: WeightLoss, flat: FloatArray, steps: int) -> Advance:
    mean, square = np.zeros_like(flat), np.zeros_like(flat)
    keep, keep_square = _ADAM_MEMORY

    def advance(
        step: int, moving: NDArray[np.intp], value: FloatArray, gradient: FloatArray
    ) -> None:
        own = gradient[moving]
        mean[moving] = keep * mean[moving] + (1 - keep) * own
        square[moving] = keep_square * square[moving] + (1 - keep_square) * own**2
        ahead = mean[moving] / (1 - keep**step)
        spread = np.sqrt(square[moving] / (1 - keep_square**step)) + _TINY
        rate = _ADAM_RATE * (1 + cos(pi * step / steps)) / 2
        flat[moving] -= rate * ahead / spread
        value[moving], gradient[moving] = loss.loss_and_gradient(flat[moving])

    return advance


def settle(
    loss: WeightLoss, runs: WeightRuns, is_end: IsEnd, rng: np.random.Generator
) -> WeightRuns:
    """The same runs; those not at rest at an end go on by L-BFGS, pushed where that does not help:
    along the curve that leads down from rho = oo where there is one, else at random.

    ``is_end(weights, loss)`` says whether a point is a known local minimum.
    """
    known = [is_end(x, float(v)) for x, v in zip(runs.flat, runs.loss, strict=True)]
    left = (runs.slope > AT_REST) | ~np.array(known, dtype=bool)
    flat, value, pushed = runs.flat.copy(), runs.loss.copy(), np.zeros(len(left), dtype=bool)
    if left.any():
        found = settled(loss, flat[left], is_end, lambda x: way_down(loss, x), rng)
        flat[left], value[left], pushed[left] = found
    slope = slopes(loss, flat, loss.loss_and_gradient(flat)[1])
    return replace(runs, flat=flat, loss=value, slope=slope, finished=left, pushed=pushed)


def joined_runs(parts: Sequence[WeightRuns]) -> WeightRuns:
    """The runs of several calls as one, as ``basins.joined`` does."""
    steps, curves = joined_curves([(part.curve_steps, part.curves) for part in parts])
    return WeightRuns(
        flat=np.concatenate([part.flat for part in parts]),
        loss=np.concatenate([part.loss for part in parts]),
        slope=np.concatenate([part.slope for part in parts]),
        curve_steps=steps,
        curves=curves,
        finished=np.concatenate([part.finished for part in parts]),
        pushed=np.concatenate([part.pushed for part in parts]),
    )


def escape_trace(loss: WeightLoss, flat: FloatArray) -> float:
    """T at weights over rho = oo: d - 1 - sum over i > s of cos^2 of the angles between kernels.

    The angles are the principal ones between W^-1 ker W_K and ker W_Q[:, :d] in R^d, W stretching
    the direction of a by sqrt(G/g2); s = r - rank W_K - rank W_Q + 1 hidden directions are free.
    """
    return kernels(loss, flat).trace(loss.dimension)


def level_of(loss: WeightLoss, value: float, levels: Sequence[float]) -> int | None:
    """The number of the first level that a loss has, within 1e-7 of c0; None for none."""
    same = np.abs(np.asarray(levels) - value) <= LEVEL_TOLERANCE * loss.constant
    return int(same.argmax()) if same.any() else None
