"""How often random starts of each size end in which local minimum of any exact setting.

Gradient descent in the reduced parameters (omega, N) of the setting's own loss, from normal starts;
a run that is not at rest is continued by other means, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from verifier.explore.mixed_loss import AnyLoss
from verifier.loss.moment_tables import FloatArray
from verifier.numeric.basins import Descents, descend_all, finished, random_starts, tally
from verifier.numeric.stationary import Landscape, balance
from verifier.work.engine import Engine, Serial

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


@dataclass(frozen=True, slots=True, eq=False)
class _Starts:
    """One size of starts, as a piece of work for an engine."""

    loss: AnyLoss
    levels: tuple[float, ...]
    scale: float
    size: float
    count: int
    seed: tuple[int, ...]


def basin_survey(
    loss: AnyLoss,
    best: FloatArray,
    levels: Sequence[float],
    seed: int,
    starts: int = STARTS,
    engine: Engine | None = None,
    progress: Progress = lambda message: None,
) -> BasinSurvey:
    """Random starts at every scale; ``best`` is the best layer in the loss's coordinates.

    Raises ``ValueError`` in one line for a dimension in which this would take long.
    """
    if loss.dimension > LARGEST:
        raise ValueError(f"--basins: descents are counted for d <= {LARGEST}, not {loss.dimension}")
    size = float(np.linalg.norm(balance(best)))
    work = [
        _Starts(loss, tuple(levels), scale, size, starts, (seed, 4, k))
        for k, scale in enumerate(SCALES)
    ]
    found: dict[int, BasinFrequency] = {}

    def keep(place: int, frequency: BasinFrequency) -> None:
        found[place] = frequency
        progress(f"random starts of {len(found)} of {len(SCALES)} sizes are done")

    progress(f"{starts} random starts of each size")
    (engine or Serial()).run(basin_frequency, work, keep)
    return BasinSurvey(tuple(levels), tuple(found[k] for k in range(len(SCALES))), starts)


def basin_frequency(work: _Starts) -> BasinFrequency:
    """Where the runs of one size end."""
    rng, d = np.random.default_rng(work.seed), work.loss.dimension
    units = Landscape.of(work.loss, d, rng, work.loss.hessian)
    points = random_starts(d, work.count, work.scale * work.size, rng)
    runs = finished(descend_all(work.loss.many, points, units, _STEPS), units, work.levels, rng)
    counted = tally(runs, work.levels, units.zero_loss)
    rest = counted.unexpected + counted.not_converged
    return BasinFrequency(work.scale, counted.counts, rest, counted.finished, runs)
