"""A float evaluator compiled from the dimension-free loss, fast at large d.

The gradient in (a, b, A, c) is derived on words (`verifier.words.derivative`), so nothing is
typed in. Loss and gradient are one program (`verifier.loss.word_program`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from verifier.loss.word_program import WordProgram, compiled
from verifier.words.words import Expression

Floats = NDArray[np.float64]
FIELDS = ("a", "b", "A", "c")


@dataclass(frozen=True, slots=True, eq=False)
class NumericWordLoss:
    """Float loss over flat theta of length (d+1)^2; leading axes of theta are a batch."""

    dimension: int
    value: WordProgram
    slope: WordProgram
    fixed: dict[str, Floats]

    @staticmethod
    def compile(
        dimension: int,
        expression: Expression,
        gradients: tuple[Expression, ...],
        covariances: Sequence[tuple[str, Expression, object]],
    ) -> NumericWordLoss:
        """Bind the letters of the covariances, each with its role and its d x d array or None.

        ``gradients`` in the order of `FIELDS`. ValueError if an array is missing or superfluous.
        """
        fixed = {"d": np.full((1, 1), float(dimension))}
        for role, matrix, given in covariances:
            letters = sorted(matrix.letters())
            unbound = {letter.name for letter in letters} - fixed.keys()
            if given is not None and not unbound:
                raise ValueError(f"leave {role} out: this loss was derived with {matrix}")
            if given is None and unbound:
                raise ValueError(f"give {role}: the loss depends on {', '.join(unbound)}")
            for letter in letters:
                if given is not None:
                    fixed[letter.name] = _square(given, dimension, role)
                if letter.power == -1:
                    fixed[f"{letter.name}^-1"] = _inverse(fixed[letter.name], letter.name)
        return NumericWordLoss(
            dimension, compiled([expression]), compiled([expression, *gradients]), fixed
        )

    @property
    def size(self) -> int:
        """The number of parameters, (d+1)^2."""
        return (self.dimension + 1) ** 2

    def loss(self, theta: ArrayLike) -> Floats:
        """Return L for theta of shape (..., (d+1)^2), as an array of shape (...)."""
        arrays, batch = self._arrays(theta)
        return self.value.run(arrays, self.dimension, batch)[0][..., 0, 0]

    def loss_and_gradient(self, theta: ArrayLike) -> tuple[Floats, Floats]:
        """Return L of shape (...) and its gradient of shape (..., (d+1)^2)."""
        arrays, batch = self._arrays(theta)
        loss, *parts = self.slope.run(arrays, self.dimension, batch)
        gradient = np.concatenate([part.reshape(*batch, -1) for part in parts], axis=-1)
        return loss[..., 0, 0], gradient

    def hessian(self, theta: ArrayLike) -> Floats:
        """Return the (d+1)^2 x (d+1)^2 second derivatives at one theta.

        Along one coordinate L is a quadratic, so the central difference of the exact gradient has
        no truncation error, whatever its step; the step follows the size of theta.
        """
        point = np.asarray(theta, dtype=float)
        if point.ndim != 1:
            raise ValueError("the Hessian is taken at one theta at a time")
        step = max(1.0, float(np.max(np.abs(point), initial=0.0)))
        moves = step * np.eye(self.size)
        ahead = self.loss_and_gradient(point + moves)[1]
        behind = self.loss_and_gradient(point - moves)[1]
        hessian = (ahead - behind) / (2 * step)
        return (hessian + hessian.T) / 2

    def _arrays(self, theta: ArrayLike) -> tuple[dict[str, Floats], tuple[int, ...]]:
        """Every letter's array, and the leading axes of theta."""
        d = self.dimension
        values = np.asarray(theta, dtype=float)
        if values.shape[-1:] != (self.size,):
            raise ValueError(f"theta must end in an axis of {self.size} entries")
        batch = values.shape[:-1]
        arrays = self.fixed | {
            "a": values[..., :d, None],
            "b": values[..., d : d + 1, None],
            "A": values[..., d + 1 : -d].reshape(*batch, d, d),
            "c": values[..., -d:, None],
        }
        return arrays, batch


def _square(given: object, dimension: int, role: str) -> Floats:
    array = np.asarray(given, dtype=float)
    if array.shape != (dimension, dimension):
        raise ValueError(f"{role} must be {dimension} x {dimension}, not {array.shape}")
    return array


def _inverse(array: Floats, name: str) -> Floats:
    try:
        return np.asarray(np.linalg.inv(array), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(f"{name} is singular, and the loss depends on its inverse") from None
