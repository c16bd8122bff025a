"""Training the layer as one would train it: fresh prompts at every step.

All of W_K, W_Q, W_V and h move, by Adam or plain SGD, on the mean squared error of a new batch of
prompts; nothing exact is used. With tokens v_i, omega = W_V^T h, N = first d columns of
W_K^T W_Q, g = sum_i v_i (v_i . omega) and residual r = x^T N^T g - y for the query x,

    dL/dN = 2 mean(r g x^T),   dL/d omega = 2 mean(r sum_i v_i (v_i . N x)),

and the chain rule carries both to the four matrices. Independent runs are one more array axis.
``full_weights`` minimises one sample's loss to the end; here one sees what training sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from verifier.numeric.training_jax import jax_gradient
from verifier.setting.data import Prompts, Setting
from verifier.setting.layer import LinearAttention
from verifier.setting.numbers import positive_integer

FloatArray = NDArray[np.float64]
Method = Literal["adam", "sgd"]
Backend = Literal["numpy", "jax"]
Parts = tuple[FloatArray, ...]

ADAM_MEMORY = (0.9, 0.99)
_TINY = 1e-12
# Times the first loss; batches are heavy-tailed, but not that much.
_DIVERGED = 1e10


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

    steps: int = 2000
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
    """W_K, W_Q, W_V (runs, d+1, d+1) and h (runs, d+1), which the optimisers move in place."""

    keys: FloatArray
    queries: FloatArray
    values: FloatArray
    head: FloatArray

    def parts(self) -> Parts:
        return self.keys, self.queries, self.values, self.head


def train(
    setting: Setting,
    rng: np.random.Generator,
    runs: int = 5,
    recipe: Recipe | None = None,
    start: LinearAttention | None = None,
    backend: Backend = "numpy",
) -> Training:
    """Trains ``runs`` layers from independent initial weights on independent fresh prompts.

    Without ``start`` the initial weights are normal with standard deviation
    ``recipe.initial_scale``; with it they are those of ``start`` plus such a perturbation, so
    that the neighbourhood of a point can be explored. ``backend="jax"`` takes the gradients from
    automatic differentiation of the forward pass instead of the formulas above; it needs the
    extra ``train``. Raises ``ValueError`` for a ``start`` of another dimension or variant,
    ``ImportError`` where JAX is absent, and ``FloatingPointError`` where the loss explodes,
    naming the learning rate.
    """
    recipe = recipe or Recipe()
    positive_integer(runs, "number of runs")
    gradient_of = _gradient_function(setting, backend)
    weights = _initial(setting, rng, runs, recipe.initial_scale, start)
    move = _Adam(weights) if recipe.method == "adam" else _Clipped(recipe.clip)
    marks = np.unique(np.linspace(0, recipe.steps, recipe.curve_points + 1).astype(int))[1:]
    losses: list[FloatArray] = []
    snapshots: list[FloatArray] = []
    since, last, limit = np.zeros(runs), 0, np.full(runs, np.inf)
    for step in range(recipe.steps):
        drawn = setting.sample(rng, runs * recipe.batch)
        loss, gradient = gradient_of(weights.parts(), *_batches(setting, drawn, runs))
        limit = _DIVERGED * loss if step == 0 else limit
        if not (loss <= limit).all():
            raise FloatingPointError(
                f"training diverged at a learning rate of {recipe.learning_rate}; lower it"
            )
        since += loss
        move(weights, gradient, recipe.rate(step))
        if step + 1 == marks[len(losses)]:
            losses.append(since / (step + 1 - last))
            snapshots.append(_reduced(weights))
            since, last = np.zeros(runs), step + 1
    layers = tuple(
        LinearAttention(keys, queries, values, head, setting.layer_variant)
        for keys, queries, values, head in zip(*weights.parts(), strict=True)
    )
    curve, path = np.stack(losses, axis=1), np.stack(snapshots, axis=1)
    return Training(layers, marks, curve, path, recipe, recipe.steps * recipe.batch)


def batch_loss_and_gradient(
    setting: Setting, layer: LinearAttention, prompts: Prompts, backend: Backend = "numpy"
) -> tuple[float, Parts]:
    """The layer's mean squared error on ``prompts`` and its gradients in W_K, W_Q, W_V, h."""
    parts = tuple(np.array(getattr(layer, name))[None] for name in ("W_K", "W_Q", "W_V", "h"))
    loss, gradient = _gradient_function(setting, backend)(parts, *_batches(setting, prompts, 1))
    return float(loss[0]), tuple(part[0] for part in gradient)


def _gradient_function(
    _setting: Setting, backend: Backend
) -> Callable[..., tuple[FloatArray, Parts]]:
    if backend == "jax":
        return jax_gradient()
    if backend != "numpy":
        raise ValueError(f"the backend is 'numpy' or 'jax', not {backend!r}")
    return _loss_and_gradient


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


def _batches(
    setting: Setting, drawn: Prompts, runs: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Tokens (runs, P, tokens, d+1), queries (runs, P, d) and targets (runs, P).

    A layer that divides its sum by n gets tokens divided by sqrt(n), which is the same.
    """
    tokens = np.concatenate([drawn.x, drawn.y[:, :, None]], axis=2)
    if setting.layer_variant.include_query:
        asking = np.concatenate([drawn.query, np.zeros((len(drawn), 1))], axis=1)
        tokens = np.concatenate([tokens, asking[:, None, :]], axis=1)
    if setting.layer_variant.normalise:
        tokens = tokens / setting.context_length**0.5
    return (
        tokens.reshape(runs, -1, *tokens.shape[1:]),
        drawn.query.reshape(runs, -1, setting.dimension),
        drawn.target.reshape(runs, -1),
    )


def _loss_and_gradient(
    parts: Parts, tokens: FloatArray, query: FloatArray, target: FloatArray
) -> tuple[FloatArray, Parts]:
    """Loss (runs,) on each run's prompts, and its gradient (module docstring)."""
    keys, queries, values, head = parts
    gram = tokens.swapaxes(2, 3) @ tokens
    omega = (head[:, None, :] @ values)[:, 0]
    product = keys.swapaxes(1, 2) @ queries
    asked = query @ product[:, :, :-1].swapaxes(1, 2)
    attended = (gram @ omega[:, None, :, None])[..., 0]
    residual = (attended * asked).sum(axis=2) - target
    slope = (2 / target.shape[1]) * residual
    # The last column of W_K^T W_Q meets the query's zero response and has no gradient.
    to_product = np.zeros_like(product)
    to_product[:, :, :-1] = (attended * slope[..., None]).swapaxes(1, 2) @ query
    weighted = asked * slope[..., None]
    to_omega = (weighted[:, :, None, :] @ gram)[:, :, 0].sum(axis=1)
    gradient = (
        queries @ to_product.swapaxes(1, 2),
        keys @ to_product,
        head[:, :, None] * to_omega[:, None, :],
        (values @ to_omega[:, :, None])[..., 0],
    )
    return np.asarray((residual**2).mean(axis=1)), gradient


def _reduced(weights: _Weights) -> FloatArray:
    """theta = (a, b, A row by row, c) of every run, (runs, (d+1)^2)."""
    omega = (weights.head[:, None, :] @ weights.values)[:, 0]
    product = weights.keys.swapaxes(1, 2) @ weights.queries
    return np.concatenate([omega, product[:, :, :-1].reshape(len(omega), -1)], axis=1)


class _Adam:
    """Adam's moving averages of gradients and their squares, corrected for their start at 0."""

    def __init__(self, weights: _Weights) -> None:
        self.first = [np.zeros_like(part) for part in weights.parts()]
        self.second = [np.zeros_like(part) for part in weights.parts()]
        self.step = 0

    def __call__(self, weights: _Weights, gradient: Parts, rate: float) -> None:
        self.step += 1
        fast, slow = ADAM_MEMORY
        bias = (1 - slow**self.step) ** 0.5 / (1 - fast**self.step)
        for part, slope, mean, square in zip(
            weights.parts(), gradient, self.first, self.second, strict=True
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

    def __call__(self, weights: _Weights, gradient: Parts, rate: float) -> None:
        flat = [part.reshape(len(part), -1) for part in gradient]
        norm = np.sqrt(sum((part**2).sum(axis=1) for part in flat))
        factor = rate * np.minimum(1.0, self.limit / np.maximum(norm, _TINY))
        for part, slope in zip(weights.parts(), gradient, strict=True):
            part -= factor.reshape(-1, *[1] * (part.ndim - 1)) * slope
