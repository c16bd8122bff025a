"""The loss where every prompt draws a covariance of its own: a mean of losses, in floats.

What a table of moments is to one law, `MixedTables` are to a mixture, exact or sampled alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from verifier.loss.moment_tables import FloatArray, MomentLoss, MomentTables


@dataclass(frozen=True, slots=True)
class MixedTables:
    """The parts' probabilities and moments."""

    parts: tuple[tuple[float, MomentTables], ...]

    @property
    def target_second(self) -> float:
        """E y^2."""
        return sum(share * float(tables.target_second) for share, tables in self.parts)

    def check_sizes(self) -> None:
        """See ``MomentTables.check_sizes``."""
        for _, tables in self.parts:
            tables.check_sizes()


@dataclass(frozen=True, slots=True, eq=False)
class MixedLoss:
    """The mean of losses, in the original coordinates, with derivatives.

    ``maps`` take theta to each part's own coordinates; ``covariance`` is E xx' of the query.
    """

    parts: tuple[tuple[float, MomentLoss], ...]
    maps: tuple[FloatArray, ...]
    covariance: FloatArray
    target_second: float

    @classmethod
    def of(cls, tables: MixedTables, context_length: int) -> MixedLoss:
        """From the parts' moments."""
        parts = tuple(
            (share, MomentLoss.of(table, context_length)) for share, table in tables.parts
        )
        units = np.eye((len(parts[0][1].lower) + 1) ** 2)
        maps = tuple(np.stack([loss.inward(u) for u in units], axis=1) for _, loss in parts)
        covariance = sum(share * loss.covariance for share, loss in parts)
        return cls(parts, maps, np.asarray(covariance), tables.target_second)

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.covariance)

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """The loss and its gradient."""
        value, gradient = 0.0, np.zeros_like(theta)
        for (share, loss), move in zip(self.parts, self.maps, strict=True):
            own, slope = loss(move @ theta)
            value, gradient = value + share * own, gradient + share * (move.T @ slope)
        return value, gradient

    def many(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Losses (K,) and gradients for K points at once, ``theta`` (K, (d+1)^2)."""
        value, gradient = np.zeros(len(theta)), np.zeros_like(theta)
        for (share, loss), move in zip(self.parts, self.maps, strict=True):
            own, slope = loss.many(theta @ move.T)
            value, gradient = value + share * own, gradient + share * (slope @ move)
        return value, gradient

    def hessian(self, theta: FloatArray) -> FloatArray:
        """All second derivatives."""
        total = np.zeros((len(theta), len(theta)))
        for (share, loss), move in zip(self.parts, self.maps, strict=True):
            total += share * (move.T @ loss.hessian(move @ theta) @ move)
        return total

    def original(self, theta: FloatArray) -> FloatArray:
        """``theta`` itself: the coordinates are the original ones."""
        return theta

    def inward(self, theta: FloatArray) -> FloatArray:
        """``theta`` itself."""
        return theta


AnyTables = MomentTables | MixedTables
AnyLoss = MomentLoss | MixedLoss


def loss_of(tables: AnyTables, context_length: int) -> AnyLoss:
    """The loss that the moments give; ``ValueError`` for moments beyond 1e120."""
    make: Callable[..., AnyLoss] = (
        MixedLoss.of if isinstance(tables, MixedTables) else MomentLoss.of
    )
    return make(tables, context_length)
