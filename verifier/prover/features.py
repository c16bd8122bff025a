"""What a layer can predict: a sum of random parts, each with a weight made of the layer's letters.

    yhat = sum over features of sum[slots](weight * random)

The letters are the few arrays through which the weights act, such as a, b, A, c. The best
prediction has ``optimum`` in place of each weight.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One random part, and its weight: index texts with the free indices ``slots``."""

    slots: tuple[str, ...]
    random: str
    weight: str
    optimum: str = "0"
