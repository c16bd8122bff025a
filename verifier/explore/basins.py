"""How often random starts of each size end in which local minimum of any exact setting (floor 3).

Gradient descent in the reduced parameters (omega, N) of the setting's own loss, from normal starts;
a run that is not at rest is continued by other means, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from verifier.explore.tensors import FloatArray, MomentLoss
from verifier.numeric.basins import Descents, descend_all, finished, random_starts, tally
from verifier.numeric.stationary import Landscape, balance

STARTS, SCALES = 60, (0.1, 0.3, 1.0, 2.0)
LARGEST = 8
_STEPS = 4000
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class BasinFrequency:
    """At one size of starts: how many runs ended at each level, and elsewhere.

    ``scale`` is the root mean square of |theta| in units of the best layer's balanced |theta|.
    """

    scale: float
    counts: tuple[int, ...]
    elsewhere: int
    finished: int
    descents: Descents


@dataclass(frozen=True, slots=True, eq=False)
class BasinSurvey:
    """The levels, lowest first, and the frequencies for every size of starts."""

    levels: tuple[float, ...]
    frequencies: tuple[BasinFrequency, ...]
    starts: int


def basin_survey(
    loss: MomentLoss,
    best: FloatArray,
    levels: Sequence[float],
    rng: np.random.Generator,
    starts: int = STARTS,
    progress: Progress = lambda message: None,
) -> BasinSurvey:
    """Random starts at every scale; ``best`` is the best layer in the loss's coordinates.

    Raises ``ValueError`` in one line for a dimension in which this would take long.
    """
    d = loss.dimension
    if d > LARGEST:
        raise ValueError(f"--basins: descents are counted for d <= {LARGEST}, not {d}")
    units = Landscape.of(loss, d, rng, loss.hessian)
    size = float(np.linalg.norm(balance(best)))
    frequencies = []
    for scale in SCALES:
        progress(f"{starts} random starts of size {scale:g}")
        points = random_starts(d, starts, scale * size, rng)
        runs = finished(descend_all(loss.many, points, units, _STEPS), units, levels, rng)
        found = tally(runs, levels, units.zero_loss)
        rest = found.unexpected + found.not_converged
        frequencies.append(BasinFrequency(scale, found.counts, rest, found.finished, runs))
    return BasinSurvey(tuple(levels), tuple(frequencies), starts)
