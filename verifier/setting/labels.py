"""Responses that are drawn: y ~ Bernoulli(g(t)) or Poisson(g(t)) with t = w.x.

Given t all moments of y are polynomials in g(t), which is all that a loss needs of a label:

    Bernoulli on {0, 1}   E y^k = g
    sign, +1 or -1        E y^k = 2g - 1 for odd k, 1 for even k, where g = P(y = 1)
    Poisson               E y = g, g + g^2, g + 3g^2 + g^3, g + 7g^2 + 6g^3 + g^4  (Touchard)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import numpy as np

from verifier.setting.covariance import FloatArray
from verifier.setting.responses import SingleIndex, SingleIndexTasks

_PROBES = np.linspace(-60.0, 60.0, 4001)


class Label(Enum):
    """How a label is drawn, given g(t)."""

    BERNOULLI = "bernoulli"
    SIGN = "sign"
    POISSON = "poisson"


# E y^k for k = 1..4 as polynomials in g, the constant first.
MOMENTS: dict[Label, tuple[tuple[int, ...], ...]] = {
    Label.BERNOULLI: ((0, 1), (0, 1), (0, 1), (0, 1)),
    Label.SIGN: ((-1, 2), (1,), (-1, 2), (1,)),
    Label.POISSON: ((0, 1), (0, 1, 1), (0, 1, 3, 1), (0, 1, 7, 6, 1)),
}


@dataclass(frozen=True, slots=True, eq=False)
class LabelTasks:
    """Labels of P drawn functions; ``evaluate`` is the mean label given the task and x."""

    base: SingleIndexTasks
    label: Label

    def evaluate(self, x: FloatArray) -> FloatArray:
        """E[y | task, x]: ``x`` (P, m, d) gives (P, m)."""
        return self.powers(x)[0]

    def powers(self, x: FloatArray) -> tuple[FloatArray, ...]:
        """E[y^k | task, x] for k = 1..4."""
        g = self.base.evaluate(x)
        return tuple(
            np.asarray(np.polynomial.polynomial.polyval(g, moment), dtype=float) + np.zeros_like(g)
            for moment in MOMENTS[self.label]
        )

    def spread(self, x: FloatArray) -> FloatArray:
        """Var[y | task, x]."""
        first, second, *_ = self.powers(x)
        return np.asarray(second - first**2)

    def draw(self, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Labels, independent given task and x."""
        g = self.base.evaluate(x)
        if self.label is Label.POISSON:
            return np.asarray(rng.poisson(g), dtype=float)
        drawn = (rng.random(g.shape) < g).astype(float)
        return 2 * drawn - 1 if self.label is Label.SIGN else drawn


@dataclass(frozen=True, slots=True)
class DrawnLabels:
    """y is drawn given g(w.x); ``base`` is g(w.x).

    Raises ``ValueError`` where g is no probability, or no mean of a Poisson law.
    """

    base: SingleIndex
    label: Label

    def __post_init__(self) -> None:
        with np.errstate(all="ignore"):
            g = np.asarray(self.base.link(_PROBES))
        least, most = float(np.min(g)), float(np.max(g))
        if self.label is Label.POISSON:
            if not least >= 0:
                raise ValueError("a Poisson label needs a response that is never negative")
        elif not (least >= 0 and most <= 1):
            raise ValueError(
                f"a {self.label.value} label needs a response between 0 and 1, its probability "
                "of 1: sigmoid(t) or probit(t), say"
            )

    @property
    def dimension(self) -> int:
        """d."""
        return self.base.dimension

    def sample_tasks(self, rng: np.random.Generator, prompts: int, dimension: int) -> LabelTasks:
        """See ``Response``."""
        return LabelTasks(self.base.sample_tasks(rng, prompts, dimension), self.label)


def exact_moments(label: Label) -> tuple[tuple[Fraction, ...], ...]:
    """E y^k for k = 1..4 as polynomials in g, the constant first."""
    return tuple(tuple(map(Fraction, moment)) for moment in MOMENTS[label])
