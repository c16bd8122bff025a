"""Prompts sampled at a point, and the forward pass of a layer on them, in its full weights.

Normal arrays have their variance, laws the point's models: normal arrays and finitely many
outcomes. What the context defines is evaluated as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from verifier.proof.context import Context, Draws, Law, Model, Normal, Slot
from verifier.proof.instances import World
from verifier.prover.data_model import EXAMPLES, QUERY, RESPONSES, TARGET
from verifier.prover.numerics.evaluation import Array, Evaluation, fixed_arrays
from verifier.prover.problem import indexed

if TYPE_CHECKING:
    import numpy as np

CHUNK = 4000  # prompts at once
Prediction = tuple[Context, str, Mapping[str, Array]]  # a text, and the weights in it


class Sampler:
    """Draws of all arrays of the data at a point, the world of which has no weights."""

    def __init__(
        self, world: World, rng: np.random.Generator, outputs: tuple[str, ...] = ()
    ) -> None:
        self.world, self.rng, self.outputs = world, rng, outputs
        self.context = world.context
        self.sizes = {sort.name: world.size(sort.name) for sort in self.context.sorts}
        self.fixed = fixed_arrays(world)

    def prompts(self, count: int) -> dict[str, Array]:
        """The values of all arrays on this many prompts, with the responses that they define."""
        import numpy as np

        values = dict(self.fixed)
        for array in self.context.arrays:
            if isinstance(array, Normal):
                shape = (count, *(self.sizes[sort] for sort in array.sorts))
                scale = float(self.world.variance(array.name)) ** 0.5
                values[array.name] = scale * self.rng.standard_normal(shape)
        for law in self.context.laws:
            values |= self._law(law, count)
        evaluation = Evaluation(self.context, self.sizes, values)
        rows = ("k", *self.outputs)
        wanted = ((EXAMPLES, ("k", "i")), (RESPONSES, rows), (QUERY, ("i",)), (TARGET, rows[1:]))
        for name, indices in wanted:
            found = evaluation.text(indexed(name, indices), indices)
            shape = (count, *evaluation.shape(indices))
            evaluation.values[name] = np.broadcast_to(found, shape)
        return evaluation.values

    def _law(self, law: Law, count: int) -> dict[str, Array]:
        """The rows and slots of a law's draws."""
        arrays = [a for a in self.context.arrays if isinstance(a, Draws | Slot)]
        arrays = [array for array in arrays if array.law == law.name]
        rows = next((self.sizes[a.rows] for a in arrays if isinstance(a, Draws)), 0)
        model = self.world.models[law.name]
        drawn = {
            field: found.reshape(count, rows, *found.shape[1:])
            for field, found in self._draws(law, model, count * rows).items()
        }
        slots: dict[str, dict[str, Array]] = {}
        values = {}
        for array in arrays:
            if isinstance(array, Draws):
                values[array.name] = drawn[array.field]
                continue
            if array.slot not in slots:
                slots[array.slot] = self._draws(law, model, count)
            values[array.name] = slots[array.slot][array.field]
        return values

    def _draws(self, law: Law, model: Model, count: int) -> dict[str, Array]:
        """The fields of independent draws."""
        import numpy as np

        values = dict(self.fixed)
        for array in model.normals:
            shape = (count, *(self.sizes[sort] for sort in array.sorts))
            values[array.name] = self.rng.standard_normal(shape)
        if model.outcomes:
            weights = [float(one.weight) for one in model.outcomes]
            chosen = self.rng.choice(len(weights), size=count, p=weights)
            for number, value in enumerate(model.outcomes[0].values):
                table = [one.values[number].entries for one in model.outcomes]
                values[value.name] = np.array(table, dtype=float)[chosen]
        evaluation = Evaluation(self.context, self.sizes, values)
        sorts = {field.name: field.sorts for field in law.fields}
        return {
            one.name: np.broadcast_to(
                evaluation.text(one.body, one.parameters),
                (count, *(self.sizes[sort] for sort in sorts[one.name])),
            )
            for one in model.fields
        }


def squared_errors(
    sampler: Sampler, predictions: Sequence[Prediction], count: int
) -> Iterator[Array]:
    """(yq - prediction)^2 on common prompts, summed over the outputs, (predictions, prompts)."""
    import numpy as np

    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        prompts = sampler.prompts(size)
        errors = []
        for context, text, weights in predictions:
            evaluation = Evaluation(context, sampler.sizes, {**prompts, **weights})
            error = (prompts[TARGET] - evaluation.text(text, sampler.outputs)) ** 2
            errors.append(error.sum(axis=tuple(range(1, error.ndim))))
        yield np.array(errors)
