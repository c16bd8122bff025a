"""The features' weights T as a quadratic polynomial in the layer's letters, for descents.

    T(z) = T_0 + L z + z' Q z

by values at 0, at units and at sums of two units, which determine a polynomial of degree 2.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.proof.instances import World
from verifier.prover.layer import Layer
from verifier.prover.numerics.evaluation import Evaluation, fixed_arrays
from verifier.prover.problem import Problem

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class WeightMap:
    """start (m,), linear (m, p), and the symmetric bent (m, p, p)."""

    start: np.ndarray
    linear: np.ndarray
    bent: np.ndarray

    @property
    def letters(self) -> int:
        """How many entries the letters have."""
        return int(self.linear.shape[1])

    def at(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """T and its derivative, (m,) and (m, p)."""
        half = self.bent @ z
        return self.start + self.linear @ z + half @ z, self.linear + 2 * half


def weight_map(problem: Problem, world: World) -> WeightMap:
    """The polynomial of a layer at a point of its data; ValueError if it is of higher degree."""
    import numpy as np

    at = _Weights(problem, world)
    count = sum(math.prod(shape) for shape in at.shapes.values())
    units = np.eye(count)
    pairs = list(itertools.combinations(range(count), 2))
    sums = np.array([units[i] + units[j] for i, j in pairs]).reshape(-1, count)
    check = np.arange(1.0, count + 1)[None]
    values = at(np.concatenate([0 * check, units, 2 * units, sums, check]))
    start, one, two = values[0], values[1 : 1 + count], values[1 + count : 1 + 2 * count]
    diagonal = (two - 2 * one + start) / 2
    bent = np.zeros((len(start), count, count))
    bent[:, range(count), range(count)] = diagonal.T
    for (i, j), value in zip(pairs, values[1 + 2 * count : -1], strict=True):
        bent[:, i, j] = bent[:, j, i] = (value - one[i] - one[j] + start) / 2
    found = WeightMap(start, (one - start - diagonal).T, bent)
    if not np.allclose(found.at(check[0])[0], values[-1], rtol=1e-9):
        raise ValueError("the weights are no polynomial of degree 2 in the letters")
    return found


class _Weights:
    """The entries of all features' weights at letters (batch, p): (batch, m)."""

    def __init__(self, problem: Problem, world: World) -> None:
        self.context, self.layer = problem.reduced, problem.layer
        self.sizes = {sort.name: world.size(sort.name) for sort in self.context.sorts}
        self.fixed = fixed_arrays(world)
        self.shapes = {
            letter.name: tuple(self.sizes[sort] for sort in letter.sorts)
            for letter in problem.layer.letters
        }

    def __call__(self, letters: np.ndarray) -> np.ndarray:
        values, place = dict(self.fixed), 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            values[name] = letters[:, place : place + size].reshape(-1, *shape)
            place += size
        return weights_at(self.layer, Evaluation(self.context, self.sizes, values))


def weights_at(layer: Layer, evaluation: Evaluation) -> np.ndarray:
    """The entries of all features' weights, one after another, (batch, m)."""
    import numpy as np

    found = []
    for feature in layer.features.values():
        slots = (*feature.slots, *layer.outputs)
        weight = evaluation.text(feature.weight, slots)
        shape = (weight.shape[0], *evaluation.shape(slots))
        found.append(np.broadcast_to(weight, shape).reshape(weight.shape[0], -1))
    batch = max(map(len, found))
    return np.concatenate([np.broadcast_to(w, (batch, w.shape[1])) for w in found], axis=1)
