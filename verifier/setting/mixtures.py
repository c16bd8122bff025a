"""Task vectors from a finite pool, or from a mixture of laws: one part is drawn a prompt.

A pool is a mixture of laws without spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.setting.covariance import Covariance, FloatArray, Matrix
from verifier.setting.numbers import Exact, exact_number
from verifier.setting.responses import Weights

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class MixedWeights:
    """With probability ``parts[k][0]`` the task vector has the law ``parts[k][1]``.

    Raises ``ValueError`` for no part, parts of several dimensions, a probability that is not
    positive, or probabilities that do not add up to 1.
    """

    parts: tuple[tuple[Fraction, Weights], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a mixture needs at least one part")
        check_probabilities([share for share, _ in self.parts])
        if len({law.dimension for _, law in self.parts}) > 1:
            raise ValueError("the parts of a mixture must have one dimension")

    @classmethod
    def pool(
        cls, points: Sequence[Vector], shares: Sequence[Fraction] | None = None
    ) -> MixedWeights:
        """One of the given vectors, equally likely unless ``shares`` says otherwise."""
        if not points:
            raise ValueError("a pool needs at least one task")
        if shares is None:
            shares = [Fraction(1, len(points))] * len(points)
        if len(shares) != len(points):
            raise ValueError(f"there are {len(shares)} weights for {len(points)} tasks")
        nothing = Covariance.diagonal([0] * len(points[0]))
        return cls(
            tuple((s, Weights(tuple(p), nothing)) for s, p in zip(shares, points, strict=True))
        )

    @property
    def dimension(self) -> int:
        """d."""
        return self.parts[0][1].dimension

    @property
    def is_pool(self) -> bool:
        """Whether no part has a spread."""
        return not any(any(law.covariance.pivots) for _, law in self.parts)

    @property
    def mean(self) -> Vector:
        """E w."""
        return tuple(
            sum((share * law.mean[i] for share, law in self.parts), Fraction(0))
            for i in range(self.dimension)
        )

    @property
    def symmetric(self) -> bool:
        """Whether the parts with their probabilities are the same after w -> -w."""
        return self._collected(1) == self._collected(-1)

    def second_moment(self) -> Matrix:
        """E w w^T, (d, d)."""
        size = range(self.dimension)
        seconds = [(share, law.second_moment()) for share, law in self.parts]
        return tuple(
            tuple(sum((share * m[i][j] for share, m in seconds), Fraction(0)) for j in size)
            for i in size
        )

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Independent draws of w, (count, d)."""
        shares = np.array([float(share) for share, _ in self.parts])
        chosen = rng.choice(len(self.parts), size=count, p=shares / shares.sum())
        drawn = np.empty((count, self.dimension))
        for k in np.unique(chosen):
            here = np.flatnonzero(chosen == k)
            drawn[here] = self.parts[k][1].sample(rng, len(here))
        return drawn

    def _collected(self, sign: int) -> dict[Weights, Fraction]:
        found: dict[Weights, Fraction] = {}
        for share, law in self.parts:
            key = Weights(tuple(sign * v for v in law.mean), law.covariance, law.law)
            found[key] = found.get(key, Fraction(0)) + share
        return found


def check_probabilities(shares: Sequence[Fraction]) -> None:
    """Raises ``ValueError`` unless all are positive and they add up to 1."""
    for share in shares:
        if share <= 0:
            raise ValueError(f"a weight must be positive, got {share}")
    if sum(shares, Fraction(0)) != 1:
        raise ValueError(f"the weights must add up to 1, but they add up to {sum(shares)}")


def exact_weights(values: Sequence[Exact]) -> tuple[Fraction, ...]:
    """Probabilities in any accepted form; ``ValueError`` unless they are such."""
    shares = tuple(exact_number(v, f"weight {k + 1}") for k, v in enumerate(values))
    check_probabilities(shares)
    return shares
