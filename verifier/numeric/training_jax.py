"""Gradients of the forward pass by automatic differentiation, with JAX.

An optional second route for ``training``: the layer is written token by token as it is defined,
without reduced parameters, and JAX differentiates it. The extra ``train`` installs it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np


def jax_gradient() -> Callable[..., tuple[Any, tuple[Any, ...]]]:
    """The function (weights, tokens, query, target) -> (loss, gradients), an axis of runs first.

    Raises ``ImportError`` with one line where JAX is not installed.
    """
    try:
        jax, jnp = import_module("jax"), import_module("jax.numpy")
    except ImportError:
        raise ImportError(
            "the JAX backend needs the extra 'train': pip install 'icl-verifier[train]'"
        ) from None
    jax.config.update("jax_enable_x64", True)

    def loss(weights: Any, tokens: Any, query: Any, target: Any) -> Any:
        keys, queries, values, head = weights
        asking = jnp.concatenate([query, jnp.zeros((len(query), 1))], axis=1)
        scores = jnp.einsum("pik,pk->pi", tokens @ keys.T, asking @ queries.T)
        attended = jnp.einsum("pi,piv->pv", scores, tokens @ values.T)
        return ((attended @ head - target) ** 2).mean()

    slopes = jax.jit(jax.vmap(jax.value_and_grad(loss)))

    def gradient(
        parts: tuple[Any, ...], tokens: Any, query: Any, target: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        value, found = slopes(parts, tokens, query, target)
        return np.asarray(value), tuple(np.asarray(part) for part in found)

    return gradient
