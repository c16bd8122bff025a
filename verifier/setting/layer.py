"""The transformer as defined, and the few numbers on which its prediction depends.

One layer of linear self-attention with matrices W_K, W_Q, W_V in R^{(d+1)x(d+1)} and a linear
head h in R^{d+1} (Mahankali, Hashimoto, Ma 2023, section 2):

    prediction = h^T sum_{i<=n} (W_V v_i) ((W_K v_i)^T W_Q v_{n+1}),
    v_i = (x_i, y_i),   v_{n+1} = (x_{n+1}, 0).

``LinearAttention`` computes exactly this, token by token. ``ReducedParameters`` computes the
same prediction from omega = W_V^T h = (a, b) and N = (A; c^T), the first d columns of
W_K^T W_Q. Everything works on float arrays and on object arrays of ``Fraction``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class LayerVariant:
    """What papers do differently in the sum over tokens.

    normalise      divide the sum by the number n of examples
    include_query  let the query token (x_{n+1}, 0) take part in the sum
    Zhang, Frei, Bartlett 2024 do both; Mahankali et al. 2023 (the default) neither.
    """

    normalise: bool = False
    include_query: bool = False


STANDARD = LayerVariant()


@dataclass(frozen=True, slots=True, eq=False)
class LinearAttention:
    """One layer of linear self-attention: ``W_K``, ``W_Q``, ``W_V`` (d+1, d+1) and ``h`` (d+1,).

    The arrays are copied and made read-only. Raises ``ValueError`` for wrong shapes or entries
    that are not finite.
    """

    W_K: Array
    W_Q: Array
    W_V: Array
    h: Array
    variant: LayerVariant = STANDARD

    def __post_init__(self) -> None:
        for name in ("W_K", "W_Q", "W_V", "h"):
            object.__setattr__(self, name, _frozen(getattr(self, name), name))
        size = self.h.size
        if self.h.ndim != 1 or size < 2:
            raise ValueError(f"h must be a vector of length d+1 >= 2, got shape {self.h.shape}")
        for name in ("W_K", "W_Q", "W_V"):
            if getattr(self, name).shape != (size, size):
                raise ValueError(
                    f"{name} must have shape {(size, size)}, got {getattr(self, name).shape}"
                )

    @property
    def dimension(self) -> int:
        """d, the dimension of the covariates."""
        return self.h.size - 1

    def predict(self, x: Array, y: Array, query: Array) -> Array:
        """Predictions (P,) for P prompts: ``x`` (P, n, d), ``y`` (P, n), ``query`` (P, d)."""
        _check_prompts(x, y, query, self.dimension)
        context_length = x.shape[1]
        asking = _with_last(query, _zeros(query.shape[:1], query))
        tokens = _with_last(x, y)
        if self.variant.include_query:
            tokens = np.concatenate([tokens, asking[:, None, :]], axis=1)
        keys = _apply(self.W_K, tokens)
        values = _apply(self.W_V, tokens)
        scores = (keys @ _apply(self.W_Q, asking)[:, :, None])[..., 0]
        attended = (scores[:, None, :] @ values)[:, 0, :]
        return self._scaled(attended @ self.h, context_length)

    def predict_shared(self, x: Array, y: Array, queries: Array) -> Array:
        """Predictions (P, m) of every prompt for the same m queries (m, d).

        The same sum as ``predict``, with the query-independent keys and values shared. With the
        identity matrix for ``queries`` it reads off the linear map that the layer applies to a
        query. Raises ``ValueError`` where the query takes part in the sum: the prediction is
        then no function of the examples alone, and ``predict`` is the one to use.
        """
        if self.variant.include_query:
            raise ValueError("predict_shared needs a layer whose sum leaves the query out")
        _check_prompts(x, y, queries[:1].repeat(len(x), axis=0), self.dimension)
        asking = _with_last(queries, _zeros(queries.shape[:1], queries))
        tokens = _with_last(x, y)
        keys = _apply(self.W_K, tokens)
        weights = _apply(self.W_V, tokens) @ self.h
        scores = _apply(asking @ self.W_Q.T, keys)
        return self._scaled((weights[:, None, :] @ scores)[:, 0, :], x.shape[1])

    def reduced(self) -> ReducedParameters:
        """The reduced parameters, with which the layer gives the same predictions."""
        d = self.dimension
        omega = self.W_V.T @ self.h
        stacked = (self.W_K.T @ self.W_Q)[:, :d]
        return ReducedParameters(omega[:d], omega[d], stacked[:d], stacked[d], self.variant)

    def _scaled(self, total: Array, context_length: int) -> Array:
        return total / context_length if self.variant.normalise else total


@dataclass(frozen=True, slots=True, eq=False)
class ReducedParameters:
    """The (d+1)^2 numbers that decide the prediction: a (d,), b, A (d, d), c (d,).

        u = A^T S a + b A^T s + c (s^T a) + b q c,   prediction = x_{n+1}^T u,

    S = X^T X, s = X^T y, q = y^T y over the examples. One symmetry is left:
    (omega, N) -> (t omega, N / t) with omega = (a, b), N = (A; c^T).
    """

    a: Array
    b: Any
    A: Array
    c: Array
    variant: LayerVariant = STANDARD

    def __post_init__(self) -> None:
        for name in ("a", "A", "c"):
            object.__setattr__(self, name, _frozen(getattr(self, name), name))
        if not np.isscalar(self.b) and not isinstance(self.b, Fraction):
            object.__setattr__(self, "b", np.asarray(self.b)[()])
        _frozen(np.asarray(self.b), "b")
        d = self.a.size
        if self.a.ndim != 1 or d < 1:
            raise ValueError(f"a must be a vector of length d >= 1, got shape {self.a.shape}")
        if self.A.shape != (d, d):
            raise ValueError(f"A must have shape {(d, d)}, got {self.A.shape}")
        if self.c.shape != (d,):
            raise ValueError(f"c must have shape {(d,)}, got {self.c.shape}")

    @classmethod
    def from_vector(cls, theta: Array, variant: LayerVariant = STANDARD) -> ReducedParameters:
        """From theta = (a_1..a_d, b, A row by row, c_1..c_d), of length (d+1)^2."""
        theta = np.asarray(theta)
        d = isqrt(theta.size) - 1
        if theta.ndim != 1 or d < 1 or theta.size != (d + 1) ** 2:
            raise ValueError(
                f"the parameter vector must have length (d+1)^2 >= 4, got {theta.shape}"
            )
        stacked = theta[d + 1 :].reshape(d + 1, d)
        return cls(theta[:d], theta[d], stacked[:d], stacked[d], variant)

    @property
    def dimension(self) -> int:
        """d, the dimension of the covariates."""
        return self.a.size

    @property
    def omega(self) -> Array:
        """(a, b) = W_V^T h, of length d+1."""
        return np.append(self.a, self.b)

    @property
    def stacked(self) -> Array:
        """N = (A; c^T), the first d columns of W_K^T W_Q, of shape (d+1, d)."""
        return np.concatenate([self.A, self.c[None, :]])

    @property
    def readout(self) -> Array:
        """B = b A^T + c a^T (d, d): the part of u that is linear in s is B s."""
        found: Array = self.b * self.A.T + np.multiply.outer(self.c, self.a)
        return found

    def to_vector(self) -> Array:
        """theta = (a_1..a_d, b, A row by row, c_1..c_d)."""
        return np.concatenate([self.omega, self.stacked.ravel()])

    def predict(self, x: Array, y: Array, query: Array) -> Array:
        """Predictions (P,), from the formula in the class's docstring."""
        _check_prompts(x, y, query, self.dimension)
        s = (y[:, None, :] @ x)[:, 0, :]
        q = (y * y).sum(axis=1)
        second = (((x @ self.a)[:, None, :]) @ x)[:, 0, :]
        if self.variant.include_query:
            # The query token (x_{n+1}, 0) adds to S and to neither s nor q.
            second = second + query * (query @ self.a)[:, None]
        u = (second + self.b * s) @ self.A
        u = u + (s @ self.a + self.b * q)[:, None] * self.c[None, :]
        total = (query * u).sum(axis=1)
        found: Array = total / x.shape[1] if self.variant.normalise else total
        return found

    def full(self, rng: np.random.Generator | None = None) -> LinearAttention:
        """A layer with these reduced parameters.

        Without ``rng`` the simplest one, exact for exact entries: W_K = I, W_Q = (N 0),
        W_V = h omega^T, h the last unit vector. With ``rng`` a generic one, all four random.
        """
        size = self.dimension + 1
        zero = self.stacked[:, :1] * 0
        if rng is None:
            one = zero[0, 0] + 1
            h = np.append(self.a * 0, one)
            padded = np.concatenate([self.stacked, zero], axis=1)
            identity = np.diag(np.full(size, one, dtype=self.stacked.dtype))
            return LinearAttention(
                identity, padded, np.multiply.outer(h, self.omega), h, self.variant
            )
        # An orthogonal factor keeps W_K^{-T} well conditioned.
        orthogonal = np.linalg.qr(rng.standard_normal((size, size)))[0]
        keys = orthogonal * rng.uniform(0.5, 2.0, size)[None, :]
        product = np.concatenate([self.stacked, rng.standard_normal((size, 1))], axis=1)
        h = rng.standard_normal(size)
        values = rng.standard_normal((size, size))
        values = values + np.outer(h, self.omega - values.T @ h) / (h @ h)
        return LinearAttention(keys, np.linalg.solve(keys.T, product), values, h, self.variant)

    def balanced(self) -> ReducedParameters:
        """The point with |omega| = |N| (Euclidean, Frobenius) on the same scaling orbit.

        Float entries. Where omega or N is zero no point of the orbit is balanced, the prediction
        is zero anyway, and the value is returned unchanged.
        """
        omega = float(np.linalg.norm(self.omega))
        stacked = float(np.linalg.norm(self.stacked))
        if omega == 0 or stacked == 0:
            return self
        t = (stacked / omega) ** 0.5
        return replace(self, a=self.a * t, b=self.b * t, A=self.A / t, c=self.c / t)


def _frozen(values: Array, name: str) -> Array:
    """A read-only copy, floats unless the entries are exact."""
    array = np.array(values)
    if array.dtype != object:
        array = array.astype(float)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must have finite entries")
    array.setflags(write=False)
    return array


def _check_prompts(x: Array, y: Array, query: Array, dimension: int) -> None:
    if x.ndim != 3 or x.shape[1] < 1 or x.shape[2] != dimension:
        raise ValueError(f"x must have shape (prompts, n >= 1, {dimension}), got {x.shape}")
    if y.shape != x.shape[:2]:
        raise ValueError(f"y must have shape {x.shape[:2]}, got {y.shape}")
    if query.shape != (x.shape[0], dimension):
        raise ValueError(f"query must have shape {(x.shape[0], dimension)}, got {query.shape}")


def _with_last(vectors: Array, last: Array) -> Array:
    """Tokens: ``last`` appended to the last axis of ``vectors``."""
    return np.concatenate([vectors, last[..., None]], axis=-1)


def _zeros(shape: tuple[int, ...], like: Array) -> Array:
    if like.dtype == object:
        return np.full(shape, Fraction(0), dtype=object)
    return np.zeros(shape)


def _apply(matrix: Array, vectors: Array) -> Array:
    """``matrix`` times every vector of the last axis, as one product (fast for small d)."""
    flat = vectors.reshape(-1, vectors.shape[-1]) @ matrix.T
    return flat.reshape(*vectors.shape[:-1], matrix.shape[0])
