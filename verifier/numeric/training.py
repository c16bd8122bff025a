"""Training the layer as one would train it: fresh prompts at every step (numeric: floor 2).

All of W_K, W_Q, W_V and h move, by Adam or plain SGD, on the mean squared error of a new batch of
prompts; nothing exact is used. With tokens v_i, omega = W_V^T h, N = first d columns of
W_K^T W_Q, g = sum_i v_i (v_i . omega) and residual r = x^T N^T g - y for the query x,

    dL/dN = 2 mean(r g x^T),   dL/d omega = 2 mean(r sum_i v_i (v_i . N x)),

and the chain rule carries both to the four matrices. Independent runs are one more array axis.
``full_weights`` minimises one sample's loss to the end; here one sees what training sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from verifier.setting.data import Setting
from verifier.setting.layer import LinearAttention
from verifier.setting.numbers import positive_integer

FloatArray = NDArray[np.float64]
Method = Literal["adam", "sgd"]

ADAM_MEMORY = (0.9, 0.99)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    steps, batch: number of updates and of fresh prompts in each. learning_rate: of the first
    update; it falls to 0 along half a cosine, so that the weights settle. method: ``"adam"``
    (Kingma & Ba 2015) or ``"sgd"``. clip: the largest norm of a run's gradient (SGD only: Adam
    has its own scale; batches are heavy-tailed). initial_scale: the standard deviation of the
    initial weights. curve_points: at how many moments the learning curve is recorded.
    Raises ``ValueError`` for sizes below 1, rates, scales or clips that are not positive, and
    other methods.
    """

    steps: int = 1500
    batch: int = 64
    learning_rate: float = 0.03
    method: Method = "adam"
    clip: float = 1.0
    initial_scale: float = 0.2
    curve_points: int = 30

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "curve_points"):
            positive_integer(getattr(self, name), name)
        for name in ("learning_rate", "clip", "initial_scale"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        if self.method not in ("adam", "sgd"):
            raise ValueError(f"the method is 'adam' or 'sgd', not {self.method!r}")

    def rate(self, step: int) -> float:
        """The learning rate of update number ``step``."""
        return self.learning_rate * (1 + cos(pi * step / self.steps)) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Where every run ended, and how it got there.

    layers: the trained layers, one per run, in order. curve_steps (C,) and curve (runs, C): the
    mean loss on the prompts of the updates since the last recorded moment, an unbiased estimate
    of the loss on the way, since every prompt is seen once. snapshots (runs, C, (d+1)^2): the
    reduced parameters at those moments. recipe, prompts: what was asked for; prompts per run.
    """

    layers: tuple[LinearAttention, ...]
    curve_steps: NDArray[np.int64]
    curve: FloatArray
    snapshots: FloatArray
    recipe: Recipe
    prompts: int

    @property
    def final(self) -> FloatArray:
        """The reduced parameters at the end, (runs, (d+1)^2)."""
        return np.asarray(self.snapshots[:, -1])


@dataclass(slots=True)
class _Weights:
    """W_K, W_Q, W_V (runs, d+1, d+1) and h (runs, d+1); also the shape of their gradients."""

    keys: FloatArray
    queries: FloatArray
    values: FloatArray
    head: FloatArray

    def parts(self) -> tuple[FloatArray, ...]:
        return self.keys, self.queries, self.values, self.head


def train(
    setting: Setting,
    rng: np.random.Generator,
    runs: int = 5,
    recipe: Recipe | None = None,
    start: LinearAttention | None = None,
) -> Training:
    """Trains ``runs`` layers from independent initial weights on independent fresh prompts.

    Without ``start`` the initial weights are normal with standard deviation
    ``recipe.initial_scale``; with it they are those of ``start`` plus such a perturbation, so
    that the neighbourhood of a point can be explored. Raises ``ValueError`` for a ``start`` of
    another dimension or variant, and ``FloatingPointError`` where weights overflow, naming the
    learning rate.
    """
    recipe = recipe or Recipe()
    positive_integer(runs, "number of runs")
    weights = _initial(setting, rng, runs, recipe.initial_scale, start)
    move = _Adam(weights) if recipe.method == "adam" else _Clipped(recipe.clip)
    marks = np.unique(np.linspace(0, recipe.steps, recipe.curve_points + 1).astype(int)[1:])
    losses, snapshots, since = [], [], np.zeros(runs)
    last = 0
    for step in range(recipe.steps):
        loss, gradient = _loss_and_gradient(setting, rng, weights, recipe.batch)
        since += loss
        move(weights, gradient, recipe.rate(step))
        if step + 1 == marks[len(losses)]:
            losses.append(since / (step + 1 - last))
            snapshots.append(_reduced(weights))
            since, last = np.zeros(runs), step + 1
            if not np.isfinite(snapshots[-1]).all():
                raise FloatingPointError(
                    f"training diverged at a learning rate of {recipe.learning_rate}; lower it"
                )
    layers = tuple(
        LinearAttention(*(part[run] for part in weights.parts()), setting.layer_variant)
        for run in range(runs)
    )
    curve, path = np.stack(losses, axis=1), np.stack(snapshots, axis=1)
    return Training(layers, marks, curve, path, recipe, recipe.steps * recipe.batch)


def batch_loss_and_gradient(
    setting: Setting, rng: np.random.Generator, layer: LinearAttention, batch: int
) -> tuple[float, tuple[FloatArray, ...]]:
    """The mean squared error of one fresh batch and its gradients in W_K, W_Q, W_V, h."""
    weights = _Weights(*(np.array(getattr(layer, k))[None] for k in ("W_K", "W_Q", "W_V", "h")))
    loss, gradient = _loss_and_gradient(setting, rng, weights, batch)
    return float(loss[0]), tuple(part[0] for part in gradient.parts())


def _initial(
    setting: Setting,
    rng: np.random.Generator,
    runs: int,
    scale: float,
    start: LinearAttention | None,
) -> _Weights:
    size = setting.dimension + 1
    shapes = ((runs, size, size),) * 3 + ((runs, size),)
    parts = [scale * rng.standard_normal(shape) for shape in shapes]
    if start is not None:
        if start.dimension != setting.dimension or start.variant != setting.layer_variant:
            raise ValueError("the start must be a layer of the setting's dimension and variant")
        for part, name in zip(parts, ("W_K", "W_Q", "W_V", "h"), strict=True):
            part += getattr(start, name)
    return _Weights(*parts)


def _loss_and_gradient(
    setting: Setting, rng: np.random.Generator, weights: _Weights, batch: int
) -> tuple[FloatArray, _Weights]:
    """Loss (runs,) on a fresh batch per run, and its gradient (module docstring)."""
    runs, size = weights.head.shape
    drawn = setting.sample(rng, runs * batch)
    tokens = np.concatenate([drawn.x, drawn.y[:, :, None]], axis=2)
    if setting.layer_variant.include_query:
        asking = np.concatenate([drawn.query, np.zeros((len(drawn), 1))], axis=1)
        tokens = np.concatenate([tokens, asking[:, None, :]], axis=1)
    scale = 1 / setting.context_length if setting.layer_variant.normalise else 1.0
    gram = (scale * tokens.transpose(0, 2, 1) @ tokens).reshape(runs, batch, size, size)
    query = drawn.query.reshape(runs, batch, size - 1)
    target = drawn.target.reshape(runs, batch)

    omega = (weights.head[:, None, :] @ weights.values)[:, 0]
    product = weights.keys.transpose(0, 2, 1) @ weights.queries
    asked = query @ product[:, :, :-1].transpose(0, 2, 1)
    attended = (gram @ omega[:, None, :, None])[..., 0]
    residual = (attended * asked).sum(axis=2) - target
    slope = (2 / batch) * residual
    # The last column of W_K^T W_Q meets the query's zero response and has no gradient.
    to_product = np.zeros_like(product)
    to_product[:, :, :-1] = (attended * slope[..., None]).transpose(0, 2, 1) @ query
    weighted = asked * slope[..., None]
    to_omega = (weighted[:, :, None, :] @ gram)[:, :, 0].sum(axis=1)
    gradient = _Weights(
        weights.queries @ to_product.transpose(0, 2, 1),
        weights.keys @ to_product,
        weights.head[:, :, None] * to_omega[:, None, :],
        (weights.values @ to_omega[:, :, None])[..., 0],
    )
    return np.asarray((residual**2).mean(axis=1)), gradient


def _reduced(weights: _Weights) -> FloatArray:
    """theta = (a, b, A row by row, c) of every run, (runs, (d+1)^2)."""
    omega = (weights.head[:, None, :] @ weights.values)[:, 0]
    product = weights.keys.transpose(0, 2, 1) @ weights.queries
    return np.concatenate([omega, product[:, :, :-1].reshape(len(omega), -1)], axis=1)


class _Adam:
    """Adam's moving averages of gradients and their squares, corrected for their start at 0."""

    def __init__(self, weights: _Weights) -> None:
        self.first = [np.zeros_like(part) for part in weights.parts()]
        self.second = [np.zeros_like(part) for part in weights.parts()]
        self.step = 0

    def __call__(self, weights: _Weights, gradient: _Weights, rate: float) -> None:
        self.step += 1
        fast, slow = ADAM_MEMORY
        bias = (1 - slow**self.step) ** 0.5 / (1 - fast**self.step)
        for part, slope, mean, square in zip(
            weights.parts(), gradient.parts(), self.first, self.second, strict=True
        ):
            mean *= fast
            mean += (1 - fast) * slope
            square *= slow
            square += (1 - slow) * slope**2
            part -= rate * bias * mean / (np.sqrt(square) + _TINY)


class _Clipped:
    """Gradient steps, each run's gradient shortened to at most ``limit``."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __call__(self, weights: _Weights, gradient: _Weights, rate: float) -> None:
        flat = [part.reshape(len(part), -1) for part in gradient.parts()]
        norm = np.sqrt(sum((part**2).sum(axis=1) for part in flat))
        factor = rate * np.minimum(1.0, self.limit / np.maximum(norm, _TINY))
        for part, slope in zip(weights.parts(), gradient.parts(), strict=True):
            part -= factor.reshape(-1, *[1] * (part.ndim - 1)) * slope
