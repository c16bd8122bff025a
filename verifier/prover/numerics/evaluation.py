"""Index texts evaluated with NumPy arrays: another route to what a context says.

An expression over arrays is one array whose axes are its free indices, after a batch axis of
prompts or of weights. Expectations are not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.proof.context import Context, Tensor
from verifier.proof.instances import World
from verifier.proof.syntax import Binary, Neg, Node, Number, Pow, Sum, Symbol

Array = Any  # a NumPy array, its first axis the batch


class Evaluation:
    """Values of arrays, each with a batch axis (of length 1 where it is the same for all)."""

    def __init__(
        self, context: Context, sizes: Mapping[str, int], values: dict[str, Array]
    ) -> None:
        self.context, self.sizes, self.values = context, sizes, values
        self.definitions = {one.name: one for one in context.definitions}

    def text(self, text: str, indices: tuple[str, ...] = ()) -> Array:
        """The value of an index text, axes in this order after the batch."""
        return self._value(self.context.read(text), indices)

    def _value(self, node: Node, axes: tuple[str, ...]) -> Array:
        """The value with these axes after the batch; an axis that it does not have has length 1."""
        import numpy as np

        match node:
            case Number(value):
                return np.full((1,) * (1 + len(axes)), float(value))
            case Symbol("delta", (one, two)):
                eye = np.eye(self._size(one))
                return self._placed(eye[None], (one, two), axes)
            case Symbol(name, indices):
                return self._placed(self._array(name), indices, axes)
            case Neg(body):
                return -self._value(body, axes)
            case Pow(base, exponent):
                return self._value(base, axes) ** exponent
            case Binary(operation, left, right):
                u, v = self._value(left, axes), self._value(right, axes)
                match operation:
                    case "+":
                        return u + v
                    case "-":
                        return u - v
                    case "*":
                        return u * v
                return u / v
            case Sum(indices, body):
                inner = tuple(x for x in axes if x not in indices) + indices
                found = self._value(body, inner)
                kept = len(inner) - len(indices)
                full = [self._size(index) for index in indices]
                found = np.broadcast_to(found, (*found.shape[: 1 + kept], *full))
                summed = found.sum(axis=tuple(range(1 + kept, 1 + len(inner))))
                return self._placed(summed, inner[:kept], axes)
        raise ValueError("an expectation has no value on a sample")

    def _array(self, name: str) -> Array:
        import numpy as np

        if name not in self.values:
            one = self.definitions[name]
            found = self._value(self.context.read(one.body), one.parameters)
            full = [self._size(x) for x in one.parameters]
            self.values[name] = np.broadcast_to(found, (found.shape[0], *full))
        return self.values[name]

    def _placed(self, array: Array, indices: tuple[str, ...], axes: tuple[str, ...]) -> Array:
        """The array with its axes where ``axes`` has them; doubled indices are a diagonal."""
        import numpy as np

        names = list(indices)
        for index in dict.fromkeys(names):
            while names.count(index) > 1:
                first = names.index(index)
                second = names.index(index, first + 1)
                array = np.diagonal(array, axis1=1 + first, axis2=1 + second)
                names = [x for k, x in enumerate(names) if k not in (first, second)] + [index]
        order = [names.index(x) for x in axes if x in names]
        array = np.transpose(array, (0, *(1 + k for k in order)))
        shape = iter(array.shape[1:])
        return array.reshape(array.shape[0], *(next(shape) if x in names else 1 for x in axes))

    def shape(self, indices: Sequence[str]) -> tuple[int, ...]:
        """How many values these indices have."""
        return tuple(self._size(index) for index in indices)

    def _size(self, index: str) -> int:
        return self.sizes[self.context.letters[index]]


def fixed_arrays(world: World) -> dict[str, Array]:
    """The numbers of all scalars and tensors at a point, each the same for the whole batch."""
    tensors = [array for array in world.context.arrays if isinstance(array, Tensor)]
    found = {scalar.name: array_of(world, scalar.name, ()) for scalar in world.context.scalars}
    return found | {one.name: array_of(world, one.name, one.sorts) for one in tensors}


def array_of(world: World, name: str, sorts: tuple[str, ...]) -> Array:
    """The entries of a deterministic array at a point, after a batch axis of length 1."""
    import numpy as np

    entries = [float(world.constant(world.entry(name, place))) for place in world.places(sorts)]
    return as_batch(np.array(entries).reshape([world.size(sort) for sort in sorts]))


def as_batch(value: object) -> Array:
    """An array that is the same for the whole batch."""
    import numpy as np

    return np.asarray(value, dtype=float)[None]
