"""A float evaluator compiled from the dimension-free loss, fast at large d.

The gradient in (a, b, A, c) is derived on words (`verifier.words.derivative`), so nothing is
typed in. Evaluation multiplies chains out; products of shared prefixes are computed once, and a
chain is multiplied from its vector end, so a bilinear form never costs a matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from verifier.words.letters import Chain, Letter, Monomial
from verifier.words.words import Expression

Floats = NDArray[np.float64]
FIELDS = ("a", "b", "A", "c")


@dataclass(frozen=True, slots=True, eq=False)
class NumericWordLoss:
    """Float loss over flat theta of length (d+1)^2; leading axes of theta are a batch."""

    dimension: int
    expression: Expression
    gradients: tuple[Expression, ...]
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
        return NumericWordLoss(dimension, expression, gradients, fixed)

    @property
    def size(self) -> int:
        """The number of parameters, (d+1)^2."""
        return (self.dimension + 1) ** 2

    def loss(self, theta: ArrayLike) -> Floats:
        """Return L for theta of shape (..., (d+1)^2), as an array of shape (...)."""
        return np.asarray(self._products(theta).value(self.expression)[..., 0, 0])

    def loss_and_gradient(self, theta: ArrayLike) -> tuple[Floats, Floats]:
        """Return L of shape (...) and its gradient of shape (..., (d+1)^2)."""
        products = self._products(theta)
        batch = products.batch
        parts = [
            np.broadcast_to(part, (*batch, *part.shape[-2:])).reshape(*batch, -1)
            for part in (products.value(expression) for expression in self.gradients)
        ]
        loss = np.broadcast_to(products.value(self.expression)[..., 0, 0], batch)
        return np.array(loss), np.concatenate(parts, axis=-1)

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

    def _products(self, theta: ArrayLike) -> _Products:
        d = self.dimension
        values = np.asarray(theta, dtype=float)
        if values.shape[-1:] != (self.size,):
            raise ValueError(f"theta must end in an axis of {self.size} entries")
        batch = values.shape[:-1]
        bounds = np.cumsum([d, 1, d * d])
        a, b, A, c = np.split(values, bounds, axis=-1)
        arrays = self.fixed | {
            "a": a[..., :, None],
            "b": b[..., :, None],
            "A": A.reshape(*batch, d, d),
            "c": c[..., :, None],
        }
        return _Products(arrays, d, batch, {})


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


@dataclass(slots=True)
class _Products:
    """Matrix products at one theta, each chain computed once."""

    arrays: dict[str, Floats]
    dimension: int
    batch: tuple[int, ...]
    memo: dict[Chain, Floats]

    def value(self, expression: Expression) -> Floats:
        """Return the expression as an array of shape (..., rows, cols)."""
        rows = 1 if expression.rows == "1" else self.dimension
        cols = 1 if expression.cols == "1" else self.dimension
        total = np.zeros((*self.batch, rows, cols))
        for (chain, monomial), value in expression.terms.items():
            scale = self._monomial(monomial) * float(value)
            total = total + scale * (self._chain(chain) if chain else np.eye(rows))
        return total

    def _monomial(self, monomial: Monomial) -> Floats:
        scale = np.ones((1, 1))
        for word, exponent in monomial:
            scale = scale * self._word(word) ** exponent
        return scale

    def _word(self, word: Chain) -> Floats:
        if word[0].rows == "1" or len(word) == 1:
            product = self._chain(word)
            return np.trace(product, axis1=-2, axis2=-1)[..., None, None]
        half = (len(word) + 1) // 2
        left, right = self._chain(word[:half]), self._chain(word[half:])
        return np.einsum("...ij,...ji->...", left, right)[..., None, None]

    def _chain(self, chain: Chain) -> Floats:
        known = self.memo.get(chain)
        if known is None:
            known = self.memo[chain] = self._multiply(chain)
        return known

    def _multiply(self, chain: Chain) -> Floats:
        if len(chain) == 1:
            return self._letter(chain[0])
        inner = next((i for i in range(1, len(chain)) if chain[i].rows == "1"), None)
        if inner is not None:
            return self._chain(chain[:inner]) @ self._chain(chain[inner:])
        if chain[-1].cols == "1":
            return self._chain(chain[:1]) @ self._chain(chain[1:])
        return self._chain(chain[:-1]) @ self._chain(chain[-1:])

    def _letter(self, letter: Letter) -> Floats:
        name = letter.name if letter.power == 1 else f"{letter.name}^{letter.power}"
        array = self.arrays[name]
        return np.swapaxes(array, -1, -2) if letter.transposed else array
