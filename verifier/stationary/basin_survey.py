"""What training sees of the landscape: exact stationary points beside descents and SGD.

Brings the two lines of evidence together: `verifier.stationary.stationary_points` says which local
minima there are and with which loss; `verifier.numeric.basins`, which is handed plain functions and
numbers, goes down from nearby and from random starts, and every run is filed under the loss it ends
with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from verifier.loss.dimension_free import dimension_free_loss
from verifier.loss.exact import ExactLoss
from verifier.loss.expected_loss import expected_loss
from verifier.numeric import stationary
from verifier.numeric.basins import (
    BatchLoss,
    Descents,
    NearbyTraining,
    Tally,
    chunks,
    descend_all,
    finished,
    joined,
    random_starts,
    starts_near,
    summed,
    tally,
    train_near,
)
from verifier.setting.data import Setting
from verifier.stationary.representative import representative
from verifier.stationary.stationary_points import Landscape, StationaryComponent, landscape
from verifier.work.engine import Engine, Serial
from verifier.work.kept import Kept, Progress, all_kept, no_progress
from verifier.work.plain import from_plain, to_plain

STARTS, SCALES = 200, (0.1, 0.3, 1.0, 2.0)
FORMAT = "verifier basin survey"
_WHAT = "a survey of basins"
MAX_DIMENSION, MAX_CONTEXT_LENGTH, MAX_STARTS = 8, 2000, 5000
_NEARBY_STARTS = 50
_SHALLOW = 1e-9
# Up to this dimension the explicit polynomial is faster than products of matrices.
_FEW_TERMS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """A spurious local minimum in (omega, N) and what became of runs that started near it.

    barrier: the lowest stationary loss above its own, less its own; descents: exact gradient
    descent from starts below half the barrier, filed under the landscape's stationary losses;
    stayed: whether all of these ended at its loss; training: SGD of the real layer; kept: in how
    many of its runs the weights at the end are still in the minimum's basin (noise that raises the
    loss by more than the barrier may carry them out, which contradicts nothing).
    """

    component: StationaryComponent
    barrier: float
    descents: Tally
    stayed: bool
    training: NearbyTraining
    kept: int


@dataclass(frozen=True, slots=True, eq=False)
class Frequency:
    """Where runs from random starts of one size ended, at one context length.

    scale: the root mean square of |theta| at the start, in units of |theta| at the balanced global
    minimiser; tally: by the stationary components of ``landscape``, in their order.
    """

    landscape: Landscape
    scale: float
    tally: Tally
    descents: Descents

    @property
    def in_global(self) -> int:
        """How many runs ended at the global minimum."""
        return self._of("global minimum")

    @property
    def in_spurious(self) -> int:
        """How many ended at local minima that are not global."""
        return self._of("local minimum")

    @property
    def elsewhere(self) -> int:
        """How many came to rest at no local minimum: saddles, or losses that nothing has."""
        return self.tally.runs - self.tally.not_converged - self.in_global - self.in_spurious

    def _of(self, kind: str) -> int:
        parts = zip(self.landscape.stationary, self.tally.counts, strict=True)
        return sum(count for part, count in parts if part.type == kind)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What training sees of one landscape, and of those at further context lengths.

    too_shallow: spurious local minima whose lowest pass is less than 1e-9 of L(0) above them, which
    descents in floating point cannot tell from saddles.
    """

    landscape: Landscape
    nearby: tuple[Nearby, ...]
    too_shallow: tuple[StationaryComponent, ...]
    frequencies: tuple[Frequency, ...]
    starts: int
    seed: int

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What contradicts the exact landscape, in words; nothing if all is well."""
        found = [
            f"a descent left the local minimum of loss {float(near.component.loss):.9g} near which "
            "it started"
            for near in self.nearby
            if not near.stayed
        ]
        for frequency in self.frequencies:
            n, scale = frequency.landscape.context_length, frequency.scale
            if frequency.tally.unexpected:
                found.append(
                    f"n = {n}, scale {scale:g}: {frequency.tally.unexpected} runs came to rest at "
                    "a loss that no stationary point has"
                )
        return tuple(found)


def survey(
    here: Landscape,
    starts: int = STARTS,
    scales: Sequence[float] = SCALES,
    lengths: Sequence[int] = (),
    seed: int = 0,
    progress: Progress = no_progress,
    engine: Engine | None = None,
    path: str | None = None,
) -> Survey:
    """Start near every spurious local minimum, and at random at every scale and context length.

    ``lengths``: further context lengths for the random starts. The work is done in pieces on an
    ``engine``, each with random numbers of its own, so that the result depends on neither;
    ``path`` is a file that keeps those that are finished. Raises ValueError in one line for sizes
    that would take hours, and for a file of another survey.
    """
    _refuse_if_huge(here.dimension, (here.context_length, *lengths), starts)
    cells = {n: _there(here, n) for n in sorted({here.context_length, *lengths})}
    spurious = [k for k, part in enumerate(here.stationary) if part.type == "local minimum"]
    lowest = _SHALLOW * (here.dimension + float(here.noise))
    deep = [k for k in spurious if _barrier(here, here.stationary[k]) > lowest]
    near = [_Piece(here, (seed, 1, k), part=k) for k in deep]
    groups = [(n, scale) for n in cells for scale in scales]
    random = [
        _Piece(there, (seed, 2, n, k, begin), scale, None, count)
        for n, there in cells.items()
        for k, scale in enumerate(scales)
        for begin, count in chunks(starts)
    ]
    kept = None if path is None else Kept(path, _header(here, starts, scales, lengths, seed), _WHAT)
    results = all_kept(_result, [*near, *random], engine or Serial(), kept, progress)
    nearby = [
        Nearby(component=here.stationary[k], **_parts(_NearbyResult, data))
        for k, data in zip(deep, results, strict=False)
    ]
    found = iter(from_plain(_RandomResult, data) for data in results[len(near) :])
    frequencies = []
    for n, scale in groups:
        ended = [next(found) for _ in chunks(starts)]
        whole = joined([result.runs for result in ended])
        counted = summed([result.tally for result in ended])
        frequencies.append(Frequency(cells[n], scale, counted, whole))
    shallow = tuple(here.stationary[k] for k in spurious if k not in deep)
    return Survey(here, tuple(nearby), shallow, tuple(frequencies), starts, seed)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one process does: descend from near the local minimum ``part``, or from ``count``
    random starts of one size.
    """

    here: Landscape
    seed: tuple[int, ...]
    scale: float = 1.0
    part: int | None = None
    count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _NearbyResult:
    """`Nearby` without its component."""

    barrier: float
    descents: Tally
    stayed: bool
    training: NearbyTraining
    kept: int


@dataclass(frozen=True, slots=True, eq=False)
class _RandomResult:
    """Where some random starts of one size ended."""

    runs: Descents
    tally: Tally


def _result(piece: _Piece) -> Any:
    """The result of a piece as plain data."""
    here = piece.here
    loss, units = _losses(here.dimension, here.context_length, here.noise)
    rng = np.random.default_rng(piece.seed)
    if piece.part is not None:
        return to_plain(_near(here, here.stationary[piece.part], loss, units, rng))
    return to_plain(_random(here, loss, units, piece.scale, piece.count, rng))


def _parts(kind: type[Any], data: Any) -> dict[str, Any]:
    found = from_plain(kind, data)
    return {item.name: getattr(found, item.name) for item in fields(kind)}


def _there(here: Landscape, n: int) -> Landscape:
    return here if n == here.context_length else landscape(here.dimension, n, here.noise)


def _header(
    here: Landscape, starts: int, scales: Sequence[float], lengths: Sequence[int], seed: int
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": 1,
        "d": here.dimension,
        "n": here.context_length,
        "noise": str(here.noise),
        "starts": starts,
        "scales": list(scales),
        "lengths": sorted({here.context_length, *lengths}),
        "seed": seed,
    }


def _refuse_if_huge(dimension: int, lengths: Sequence[int], starts: int) -> None:
    if dimension > MAX_DIMENSION:
        raise ValueError(
            f"d = {dimension} means descents in {(dimension + 1) ** 2} parameters; basins are "
            f"surveyed for d <= {MAX_DIMENSION} (the exact landscape itself knows no such limit)"
        )
    if max(lengths) > MAX_CONTEXT_LENGTH:
        raise ValueError(
            f"n = {max(lengths)} means sampling prompts of that length; basins are surveyed for "
            f"n <= {MAX_CONTEXT_LENGTH}"
        )
    if not 1 <= starts <= MAX_STARTS:
        raise ValueError(f"between 1 and {MAX_STARTS} random starts are run, not {starts}")


@lru_cache(maxsize=4)
def _losses(d: int, n: int, noise: Fraction) -> tuple[BatchLoss, stationary.Landscape]:
    """The exact loss for many theta at once and for one, each by the route that is faster."""
    one = expected_loss(d, n, noise, method="explicit")
    if not isinstance(one, ExactLoss):
        raise TypeError("the loss at one dimension is an ExactLoss")
    compiled = one.numeric()
    words = dimension_free_loss().numeric(d, n, noise)
    many = compiled.loss_and_gradient if d <= _FEW_TERMS else words.loss_and_gradient

    def single(theta: stationary.FloatArray) -> tuple[float, stationary.FloatArray]:
        value, gradient = compiled.loss_and_gradient(theta)
        return float(value), gradient

    return many, stationary.Landscape.of(single, d, np.random.default_rng(0), compiled.hessian)


def _barrier(here: Landscape, part: StationaryComponent) -> float:
    """The lowest stationary loss above that of ``part``, less it: no descent can climb it."""
    above = min(other.loss for other in here.stationary if other.loss > part.loss)
    return float(above) - float(part.loss)


def _point(here: Landscape, part: StationaryComponent) -> stationary.FloatArray:
    return np.array([float(value) for value in representative(here, part).decimals()])


def _near(
    here: Landscape,
    part: StationaryComponent,
    loss: BatchLoss,
    units: stationary.Landscape,
    rng: np.random.Generator,
) -> _NearbyResult:
    level, barrier = float(part.loss), _barrier(here, part)
    theta = _point(here, part)
    starts = starts_near(loss, theta, _NEARBY_STARTS, level + barrier / 2, rng)
    runs = _ended(here, loss, starts, units, rng)
    stayed = tally(runs, [level], units.zero_loss).counts[0] == _NEARBY_STARTS
    setting = Setting.isotropic(here.dimension, here.context_length, here.noise)
    training = train_near(setting, loss, theta, units, rng, excess=barrier / 4)
    after = _ended(here, loss, training.final, units, rng)
    kept = tally(after, [level], units.zero_loss).counts[0]
    return _NearbyResult(barrier, _filed(here, runs, units), stayed, training, kept)


def _random(
    here: Landscape,
    loss: BatchLoss,
    units: stationary.Landscape,
    scale: float,
    starts: int,
    rng: np.random.Generator,
) -> _RandomResult:
    size = float(np.linalg.norm(stationary.balance(_point(here, here.stationary[0]))))
    points = random_starts(here.dimension, starts, scale * size, rng)
    runs = _ended(here, loss, points, units, rng)
    return _RandomResult(runs, _filed(here, runs, units))


def _ended(
    here: Landscape,
    loss: BatchLoss,
    starts: stationary.FloatArray,
    units: stationary.Landscape,
    rng: np.random.Generator,
) -> Descents:
    """Gradient descent, then what it takes to reach a local minimum of the exact landscape."""
    minima = [float(part.loss) for part in here.stationary if "minimum" in part.type]
    return finished(descend_all(loss, starts, units), units, minima, rng)


def _filed(here: Landscape, runs: Descents, units: stationary.Landscape) -> Tally:
    """The tally by stationary component; where losses are too close, minima come first."""
    parts = here.stationary
    order = sorted(range(len(parts)), key=lambda k: "minimum" not in parts[k].type)
    found = tally(runs, [float(parts[k].loss) for k in order], units.zero_loss)
    counts = [0] * len(parts)
    for k, count in zip(order, found.counts, strict=True):
        counts[k] = count
    return replace(found, counts=tuple(counts))
