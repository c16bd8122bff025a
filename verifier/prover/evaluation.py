"""Index texts evaluated with NumPy arrays: another route to what a context says.

An expression over arrays is one array whose axes are its free indices, after a batch axis of
prompts or of weights. Expectations are not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from verifier.proof.context import Context
from verifier.proof.syntax import Binary, Neg, Node, Number, Pow, Sum, Symbol

if TYPE_CHECKING:
    import numpy as np

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

    def _size(self, index: str) -> int:
        return self.sizes[self.context.letters[index]]


def sizes_of(context: Context, numbers: Mapping[str, float]) -> dict[str, int]:
    """The size of each sort."""
    return {sort.name: int(numbers[sort.size]) for sort in context.sorts}


def as_batch(value: object) -> np.ndarray:
    """An array that is the same for the whole batch."""
    import numpy as np

    return np.asarray(value, dtype=float)[None]
