"""How often random starts of each size end in which local minimum of any exact setting.

Gradient descent in the reduced parameters (omega, N) of the setting's own loss, from normal starts;
a run that is not at rest is continued by other means, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.explore.mixed_loss import AnyLoss
from verifier.loss.moment_tables import FloatArray
from verifier.numeric.basins import (
    Descents,
    Tally,
    chunks,
    descend_all,
    finished,
    joined,
    random_starts,
    summed,
    tally,
)
from verifier.numeric.stationary import Landscape, balance
from verifier.work.engine import Engine, Serial
from verifier.work.kept import Kept, Progress, all_kept, no_progress
from verifier.work.plain import from_plain, to_plain

STARTS, SCALES = 60, (0.1, 0.3, 1.0, 2.0)
LARGEST = 8
_STEPS = 4000


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
    """Some starts of one size, as a piece of work for an engine."""

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
    progress: Progress = no_progress,
    kept: Kept | None = None,
) -> BasinSurvey:
    """Random starts at every scale; ``best`` is the best layer in the loss's coordinates.

    Done in pieces of ``CHUNK`` starts on an ``engine``; ``kept`` is a file for those that are
    finished.

    Raises ``ValueError`` in one line for a dimension in which this would take long.
    """
    if loss.dimension > LARGEST:
        raise ValueError(f"--basins: descents are counted for d <= {LARGEST}, not {loss.dimension}")
    size = float(np.linalg.norm(balance(best)))
    work = [
        _Starts(loss, tuple(levels), scale, size, count, (seed, 4, k, begin))
        for k, scale in enumerate(SCALES)
        for begin, count in chunks(starts)
    ]
    found = iter(
        from_plain(_Ended, data)
        for data in all_kept(_result, work, engine or Serial(), kept, progress)
    )
    frequencies = []
    for scale in SCALES:
        ended = [next(found) for _ in chunks(starts)]
        counted = summed([part.tally for part in ended])
        runs = joined([part.runs for part in ended])
        rest = counted.unexpected + counted.not_converged
        frequencies.append(BasinFrequency(scale, counted.counts, rest, counted.finished, runs))
    return BasinSurvey(tuple(levels), tuple(frequencies), starts)


@dataclass(frozen=True, slots=True, eq=False)
class _Ended:
    """Where some runs of one size ended."""

    runs: Descents
    tally: Tally


def _result(work: _Starts) -> Any:
    """Where the runs of one piece end, as plain data."""
    rng, d = np.random.default_rng(work.seed), work.loss.dimension
    units = Landscape.of(work.loss, d, np.random.default_rng(0), work.loss.hessian)
    points = random_starts(d, work.count, work.scale * work.size, rng)
    runs = finished(descend_all(work.loss.many, points, units, _STEPS), units, work.levels, rng)
    return to_plain(_Ended(runs, tally(runs, work.levels, units.zero_loss)))
