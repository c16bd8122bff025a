"""Training the whole layer, W_K, W_Q, W_V and h, on a fixed sample of prompts.

The prediction is sum_{kji} N_kj G_ki omega_i x_j with x the query: linear in the features
z_kji = G_ki x_j and in the tensor N (x) omega. So the mean squared error on a sample is a
quadratic form in N (x) omega whose coefficients, the sample's moments of z and the target, are
gathered once; every evaluation after that is independent of the number of prompts. The chain
rule carries the gradient to the matrices (N = first d columns of W_K^T W_Q, omega = W_V^T h).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.numeric.optimise import OptimisationReport, Run, summarise
from verifier.numeric.stationary import (
    FloatArray,
    Landscape,
    LossFunction,
    balance,
)
from verifier.setting.data import Prompts, Setting
from verifier.setting.layer import LayerVariant, LinearAttention, ReducedParameters
from verifier.setting.numbers import positive_integer

# L-BFGS-B stops where the loss changes in its last digits only: gradients of about 1e-8.
TRAINING_TOLERANCE = 1e-6
_CHUNK_FLOATS = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class SampledLoss:
    """Mean squared error over a sample of prompts, with noisy targets, as a function of weights.

    gram (K, K), cross (K,), energy: the sample means of z z^T, target z and target^2, with
    K = (d+1)^2 d features per prompt.
    """

    gram: FloatArray
    cross: FloatArray
    energy: float
    dimension: int

    @classmethod
    def of(cls, setting: Setting, rng: np.random.Generator, prompts: int) -> SampledLoss:
        """Samples ``prompts`` prompts of the setting, in chunks."""
        positive_integer(prompts, "number of prompts")
        d = setting.dimension
        size = (d + 1) ** 2 * d
        gram, cross, energy = np.zeros((size, size)), np.zeros(size), 0.0
        chunk = max(1, _CHUNK_FLOATS // (size + (setting.context_length + 1) * (d + 1)))
        for start in range(0, prompts, chunk):
            drawn = setting.sample(rng, min(chunk, prompts - start))
            features = _features(drawn, setting.layer_variant)
            gram += features.T @ features
            cross += drawn.target @ features
            energy += float(drawn.target @ drawn.target)
        return cls(gram / prompts, cross / prompts, energy / prompts, d)

    def reduced(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Value and gradient at reduced parameters theta."""
        d = self.dimension
        omega, stacked = theta[: d + 1], theta[d + 1 :].reshape(d + 1, d)
        tensor = np.multiply.outer(stacked, omega).ravel()
        product = self.gram @ tensor
        slope = 2 * (product - self.cross).reshape(d + 1, d, d + 1)
        value = self.energy - 2 * float(self.cross @ tensor) + float(tensor @ product)
        to_stacked = slope @ omega
        to_omega = np.tensordot(stacked, slope, axes=2)
        return value, np.concatenate([to_omega, to_stacked.ravel()])

    def weights(self, flat: FloatArray) -> tuple[float, FloatArray]:
        """Value and gradient at all entries of (W_K, W_Q, W_V, h), flattened in this order."""
        size = self.dimension + 1
        keys, queries, values, head = _unpack(flat, size)
        product = keys.T @ queries
        omega = values.T @ head
        theta = np.concatenate([omega, product[:, :-1].ravel()])
        value, gradient = self.reduced(theta)
        to_omega = gradient[:size]
        # The last column of W_K^T W_Q meets the query's zero response and has no gradient.
        to_product = np.zeros((size, size))
        to_product[:, :-1] = gradient[size:].reshape(size, size - 1)
        parts = (
            queries @ to_product.T,
            keys @ to_product,
            np.outer(head, to_omega),
            values @ to_omega,
        )
        return value, np.concatenate([p.ravel() for p in parts])


@dataclass(frozen=True, slots=True, eq=False)
class TrainingReport:
    """Runs on one sample, described at their reduced parameters, and the best layer.

    optimisation: runs, distinct final sampled losses, number not converged. exact_losses: the
    supplied exact loss at the end of every run, in the order of the runs (empty without one).
    readout_distance: |B - B*| / |B*| for the best layer (|B| where B* = 0; ``None`` without B*).
    """

    optimisation: OptimisationReport
    layer: LinearAttention
    prompts: int
    sampled_loss: float
    exact_losses: tuple[float, ...]
    readout_distance: float | None

    @property
    def exact_loss(self) -> float | None:
        """The exact loss of the best layer, where an exact loss was supplied."""
        return self.exact_losses[0] if self.exact_losses else None


def train_full_weights(
    setting: Setting,
    rng: np.random.Generator,
    starts: int = 5,
    prompts: int = 50_000,
    exact: LossFunction | None = None,
    best_readout: FloatArray | None = None,
) -> TrainingReport:
    """L-BFGS-B on all 3(d+1)^2 + (d+1) weights from random starts, on one sample of prompts.

    Initial weights are normal, scaled so that predictions start at about a tenth of the
    responses' size. A run is called a local minimum of the sampled loss only if the point in
    reduced parameters is one. The best layer's sampled loss is below the exact minimum by
    overfitting of order (number of features) / prompts; its exact loss is above.
    """
    positive_integer(starts, "number of starts")
    sample = SampledLoss.of(setting, rng, prompts)
    landscape = Landscape.of(sample.reduced, setting.dimension, rng)
    runs: list[tuple[Run, FloatArray]] = []
    for _ in range(starts):
        flat = _descend(sample, landscape, _start(sample, rng))
        runs.append((_describe(landscape, _reduced_vector(flat, sample.dimension)), flat))
    runs.sort(key=lambda r: (r[0].loss, r[0].outcome.value))
    best, flat = runs[0]
    layer = LinearAttention(*_unpack(flat, setting.dimension + 1), setting.layer_variant)
    return TrainingReport(
        optimisation=summarise([run for run, _ in runs], landscape),
        layer=layer,
        prompts=prompts,
        sampled_loss=best.loss,
        exact_losses=() if exact is None else tuple(float(exact(r.theta)[0]) for r, _ in runs),
        readout_distance=None if best_readout is None else _distance(layer.reduced(), best_readout),
    )


def _features(drawn: Prompts, variant: LayerVariant) -> FloatArray:
    """z_kji = G_ki x_j per prompt, (P, K)."""
    tokens = np.concatenate([drawn.x, drawn.y[:, :, None]], axis=2)
    if variant.include_query:
        asking = np.concatenate([drawn.query, np.zeros((len(drawn), 1))], axis=1)
        tokens = np.concatenate([tokens, asking[:, None, :]], axis=1)
    gram = tokens.transpose(0, 2, 1) @ tokens
    if variant.normalise:
        gram = gram / drawn.x.shape[1]
    found: FloatArray = (gram[:, :, None, :] * drawn.query[:, None, :, None]).reshape(
        len(drawn), -1
    )
    return found


def _unpack(flat: FloatArray, size: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    square = size * size
    keys, queries, values = flat[: 3 * square].reshape(3, size, size)
    return keys, queries, values, flat[3 * square :]


def _reduced_vector(flat: FloatArray, dimension: int) -> FloatArray:
    layer = LinearAttention(*_unpack(flat, dimension + 1))
    return np.asarray(layer.reduced().to_vector())


def _start(sample: SampledLoss, rng: np.random.Generator) -> FloatArray:
    size = sample.dimension + 1
    flat = rng.standard_normal(3 * size * size + size)
    theta = _reduced_vector(flat, sample.dimension)
    tensor = np.multiply.outer(theta[size:], theta[:size]).ravel()
    power = float(tensor @ sample.gram @ tensor)
    # The prediction has degree 4 in the weights, its power degree 8.
    return flat * (0.01 * sample.energy / power) ** 0.125 if power > 0 else flat


def _descend(sample: SampledLoss, landscape: Landscape, flat: FloatArray) -> FloatArray:
    from scipy.optimize import minimize

    unit = landscape.zero_loss

    def scaled(weights: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = sample.weights(weights)
        return value / unit, gradient / unit

    options = {"maxiter": 500, "maxfun": 1000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30}
    for _ in range(4):
        result = minimize(scaled, flat, jac=True, method="L-BFGS-B", options=options)
        flat = np.asarray(result.x)
        theta = balance(_reduced_vector(flat, sample.dimension))
        slope = landscape.scaled_gradient(theta, sample.reduced(theta)[1])
        if slope <= 0.01 * TRAINING_TOLERANCE:
            break
    return flat


def _describe(landscape: Landscape, theta: FloatArray) -> Run:
    theta = balance(theta)
    value, gradient = landscape.loss(theta)
    return Run(
        theta=theta,
        loss=float(value),
        scaled_gradient=landscape.scaled_gradient(theta, gradient),
        smallest_curvature=float(landscape.curvatures(theta)[0][0]),
        outcome=landscape.classify(theta, TRAINING_TOLERANCE),
    )


def _distance(point: ReducedParameters, best: FloatArray) -> float:
    scale = float(np.linalg.norm(best))
    return float(np.linalg.norm(point.readout - best)) / (scale or 1.0)
