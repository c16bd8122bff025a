"""The expected loss without sampling, for small prompts: a sum over all nodes.

For linear tasks the loss of the layer has degree at most 4 in every single scalar variable
(a coordinate of z_i with x_i = F z_i, of the task's normal vector, a noise eps_i): G has degree
2 in each and the loss is quadratic in G. The symmetric three-point rule with nodes 0 and
±sqrt(m4/m2) and weights m2^2/(2 m4) for ±node has the variable's moments up to order 5, so the
product rule gives the expectation exactly, up to rounding: the transformer is run on all
3^(nd + d + n) "prompts". This is a check of the exact loss that shares nothing with it and has no
statistical error, where it is affordable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.numeric.montecarlo import prompt_losses
from verifier.setting.data import Prompts, Setting
from verifier.setting.laws import Radial, Sphere, UnitVariance
from verifier.setting.layer import LinearAttention
from verifier.setting.responses import Linear, LinearTasks, Weights

FloatArray = NDArray[np.float64]

MAXIMUM_NODES = 3**12
_CHUNK = 3**8


def cubature_nodes(setting: Setting) -> int:
    """How many prompts ``cubature_loss`` runs."""
    n, d = setting.context_length, setting.dimension
    return int(3 ** (n * d + d + (n if setting.noise_variance else 0)))


def cubature_loss(setting: Setting, layer: LinearAttention) -> float:
    """E loss of ``layer``, exact up to rounding.

    Raises ``ValueError`` where the rule does not apply: responses that are not linear,
    coordinates that are not independent, the query in the sum, more than 3^12 nodes.
    """
    law = setting.covariates.law
    base = law.base if isinstance(law, UnitVariance) else law
    if not isinstance(setting.response, Linear):
        raise ValueError("cubature needs a linear response")
    if isinstance(base, Radial | Sphere):
        raise ValueError(f"cubature needs independent coordinates, not the law {law.name}")
    if layer.variant.include_query:
        raise ValueError("cubature needs a layer whose sum leaves the query out")
    total = cubature_nodes(setting)
    if total > MAXIMUM_NODES:
        raise ValueError(f"cubature would need {total} prompts; the limit is {MAXIMUM_NODES}")

    n, d = setting.context_length, setting.dimension
    covariate_rule = _three_points(
        float(setting.covariates.base_moment(2)), float(setting.covariates.base_moment(4))
    )
    normal_rule = _three_points(1.0, 3.0)
    variables = round(np.log(total) / np.log(3))
    points = np.array([covariate_rule[0]] * (n * d) + [normal_rule[0]] * (variables - n * d))
    weights = np.array([covariate_rule[1]] * (n * d) + [normal_rule[1]] * (variables - n * d))
    place = 3 ** np.arange(variables)
    scale = float(setting.noise_variance) ** 0.5
    task = setting.response.weights
    if not isinstance(task, Weights) or not task.gaussian:
        raise ValueError("cubature is for normal tasks")
    mean, factor = np.array(task.mean, dtype=float), task.covariance.factor().T

    expected = 0.0
    for start in range(0, total, _CHUNK):
        index = np.arange(start, min(start + _CHUNK, total))[:, None] // place % 3
        values = np.take_along_axis(points.T, index, axis=0)
        weight = np.take_along_axis(weights.T, index, axis=0).prod(axis=1)
        x = values[:, : n * d].reshape(-1, n, d) @ setting.covariates.covariance.factor().T
        w = values[:, n * d : n * d + d] @ factor + mean
        tasks = LinearTasks(w)
        y = tasks.evaluate(x)
        if scale:
            y = y + scale * values[:, n * d + d :]
        unused = np.zeros((len(w), d))
        prompts = Prompts(x, y, unused, unused[:, 0], tasks)
        expected += float(weight @ prompt_losses(setting, layer, prompts))
    return expected


def _three_points(second: float, fourth: float) -> tuple[list[float], list[float]]:
    """Nodes and weights of the symmetric rule with these moments."""
    node = (fourth / second) ** 0.5
    outer = second**2 / (2 * fourth)
    return [-node, 0.0, node], [outer, 1 - 2 * outer, outer]
