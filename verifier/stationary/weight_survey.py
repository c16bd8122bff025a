"""What training sees in the weights: exact local minima beside gradient descent and Adam.

Brings together `verifier.stationary.weights`, which says which local minima W_K, W_Q, W_V, h
have, and `verifier.numeric.weight_training`, which moves them on the exact loss. Every run is filed
under the local minimum at which it ends; over rho = oo only with T < tau*, since the same loss
belongs to saddles there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import oo

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.numeric.basins import chunks
from verifier.numeric.stationary import FloatArray
from verifier.numeric.weight_descent import weights_near
from verifier.numeric.weight_loss import WeightLoss
from verifier.numeric.weight_training import (
    METHODS,
    Method,
    WeightRuns,
    escape_trace,
    joined_runs,
    level_of,
    random_weights,
    settle,
    train_weights,
)
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weight_points import WeightPoint, weight_loss, weight_points
from verifier.stationary.weights import WeightsLandscape, weights_landscape
from verifier.work.engine import Engine, Serial
from verifier.work.kept import Kept, Progress, all_kept, no_progress
from verifier.work.plain import from_plain, to_plain

STARTS, SCALES = 200, (0.1, 0.3, 1.0)
MAX_DIMENSION, MAX_HEAD_DIMENSION, MAX_STARTS = 8, 32, 5000
_NEARBY_STARTS, _NEARBY = 20, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class NearbyWeights:
    """A constructed spurious minimum, and how many descents from 1 % away came back to its loss."""

    point: WeightPoint
    returned: int
    starts: int


@dataclass(frozen=True, slots=True, eq=False)
class WeightFrequency:
    """Where runs from random weights of one scale ended, by one method, for one head dimension.

    ends: for each run 0 for the global minimum, k for the k-th spurious family of ``weights``, None
    for neither; traces: T at the ends over rho = oo that are local minima; saddle_traces: T at
    those that are not, T > tau*: there is a way down (of order 4 perhaps), so they are slow.
    """

    weights: WeightsLandscape
    method: Method
    scale: float
    runs: WeightRuns
    ends: tuple[int | None, ...]
    traces: tuple[float, ...]
    saddle_traces: tuple[float, ...]

    @property
    def in_global(self) -> int:
        """How many runs ended at the global minimum."""
        return self.ends.count(0)

    @property
    def by_family(self) -> tuple[int, ...]:
        """How many ended at each spurious family."""
        return tuple(self.ends.count(k + 1) for k in range(len(self.weights.spurious)))

    @property
    def elsewhere(self) -> int:
        """How many are, after eight pushes, at no local minimum and at no saddle over rho = oo."""
        return self.ends.count(None) - len(self.saddle_traces)

    @property
    def slow(self) -> int:
        """How many L-BFGS left elsewhere and went on when pushed: slow, not stuck."""
        return sum(
            bool(pushed) and end is not None
            for pushed, end in zip(self.runs.pushed, self.ends, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class WeightSurvey:
    """What training in the weights sees of one landscape, for one or several head dimensions."""

    landscape: Landscape
    nearby: tuple[NearbyWeights, ...]
    frequencies: tuple[WeightFrequency, ...]
    starts: int
    seed: int

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What contradicts the exact landscape, in words; nothing if all is well."""
        found = [
            f"{near.starts - near.returned} of {near.starts} descents left the local minimum in "
            f"the weights of loss {near.point.loss:.9g} near which they started"
            for near in self.nearby
            if near.returned < near.starts
        ]
        for frequency in self.frequencies:
            if frequency.elsewhere:
                found.append(
                    f"r = {frequency.weights.head_dimension}, {frequency.method}, scale "
                    f"{frequency.scale:g}: {frequency.elsewhere} runs are at no local minimum in "
                    "the weights, and at no saddle over rho = oo, after all pushes"
                )
        return tuple(found)


def survey_weights(  # noqa: PLR0913 - one experiment, its settings named where it is called
    here: Landscape,
    heads: Sequence[int],
    starts: int = STARTS,
    scales: Sequence[float] = SCALES,
    seed: int = 0,
    methods: Sequence[Method] = METHODS,
    progress: Progress = no_progress,
    engine: Engine | None = None,
    path: str | None = None,
) -> WeightSurvey:
    """Descend near every constructed spurious minimum, and train from random weights.

    In pieces, as ``basin_survey.survey`` does. Raises ValueError in one line for sizes that would
    take hours, and for a file ``path`` of another survey.
    """
    refuse_if_huge(here.dimension, heads, starts)
    all_weights = [weights_landscape(here, r) for r in heads]
    groups = [(w, scale, method) for w in all_weights for scale in scales for method in methods]
    constructed = [(w, k) for w in all_weights for k in range(1, len(weight_points(here, w)))]
    near = [_Piece(here, w, (seed, 7, w.head_dimension, k), point=k) for w, k in constructed]
    random = [
        _Piece(
            here,
            weights,
            (seed, 8, weights.head_dimension, scales.index(scale), METHODS.index(method), begin),
            None,
            scale,
            method,
            count,
        )
        for weights, scale, method in groups
        for begin, count in chunks(starts)
    ]
    header = {
        "format": "verifier weight survey",
        "version": 1,
        "d": here.dimension,
        "n": here.context_length,
        "noise": str(here.noise),
        "starts": starts,
        "scales": list(scales),
        "heads": list(heads),
        "methods": list(methods),
        "seed": seed,
    }
    kept = None if path is None else Kept(path, header, "a survey of training")
    results = all_kept(_result, [*near, *random], engine or Serial(), kept, progress)
    nearby = [
        NearbyWeights(weight_points(here, w)[k], int(returned), _NEARBY_STARTS)
        for (w, k), returned in zip(constructed, results, strict=False)
    ]
    found = iter(from_plain(_Runs, data) for data in results[len(near) :])
    frequencies = []
    for weights, scale, method in groups:
        parts = [next(found) for _ in chunks(starts)]
        frequencies.append(_whole(weights, scale, method, parts))
    return WeightSurvey(here, tuple(nearby), tuple(frequencies), starts, seed)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one process does: descend from beside the constructed minimum ``point``, or train
    ``count`` random weights of one scale by one method.
    """

    here: Landscape
    weights: WeightsLandscape
    seed: tuple[int, ...]
    point: int | None = None
    scale: float = 1.0
    method: Method = "gradient descent"
    count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """`WeightFrequency` for some of the runs."""

    runs: WeightRuns
    ends: tuple[int | None, ...]
    traces: tuple[float, ...]
    saddle_traces: tuple[float, ...]


def _result(piece: _Piece) -> Any:
    """The result of a piece as plain data."""
    here, weights = piece.here, piece.weights
    loss, rng = weight_loss(here, weights.head_dimension), np.random.default_rng(piece.seed)
    if piece.point is not None:
        return _returned(loss, weight_points(here, weights)[piece.point], rng)
    flat = random_weights(loss, piece.count, piece.scale, rng)
    return to_plain(_random(here, weights, loss, piece.method, flat, rng))


def _whole(
    weights: WeightsLandscape, scale: float, method: Method, parts: Sequence[_Runs]
) -> WeightFrequency:
    """All runs of one scale and method."""
    return WeightFrequency(
        weights,
        method,
        scale,
        joined_runs([part.runs for part in parts]),
        sum((part.ends for part in parts), ()),
        sum((part.traces for part in parts), ()),
        sum((part.saddle_traces for part in parts), ()),
    )


def refuse_if_huge(dimension: int, heads: Sequence[int], starts: int) -> None:
    """Raise ValueError in one line for a survey that would take hours."""
    if dimension > MAX_DIMENSION or max(heads) > MAX_HEAD_DIMENSION:
        raise ValueError(
            f"d = {dimension}, head dimension {max(heads)} is too slow to train; at most "
            f"d = {MAX_DIMENSION} and head dimension {MAX_HEAD_DIMENSION} are (the exact landscape "
            "itself knows no such limit)"
        )
    if not 1 <= starts <= MAX_STARTS:
        raise ValueError(f"between 1 and {MAX_STARTS} random starts are run, not {starts}")


def _returned(loss: WeightLoss, point: WeightPoint, rng: np.random.Generator) -> int:
    """How many of some descents from 1 % away come back to the point's loss."""
    flat = weights_near(np.tile(point.flat, (_NEARBY_STARTS, 1)), _NEARBY, rng)
    runs = train_weights(loss, flat, "gradient descent")
    # Runs that still move are finished, and none is pushed: whatever they reach is their end.
    ended = settle(loss, runs, lambda x, value: True, rng)
    return sum(level_of(loss, float(v), [point.loss]) == 0 for v in ended.loss)


def _random(
    here: Landscape,
    weights: WeightsLandscape,
    loss: WeightLoss,
    method: Method,
    flat: FloatArray,
    rng: np.random.Generator,
) -> _Runs:
    def end_of(x: FloatArray, value: float) -> int | None:
        return _filed(weights, loss, x, value)

    runs = settle(
        loss,
        train_weights(loss, flat, method),
        lambda x, value: end_of(x, value) is not None,
        rng,
    )
    ends = tuple(end_of(x, float(v)) for x, v in zip(runs.flat, runs.loss, strict=True))
    traces = tuple(
        escape_trace(loss, x)
        for x, end in zip(runs.flat, ends, strict=True)
        if end and _over_infinity(weights, end)
    )
    far = next(float(part.loss) for part in here.stationary if part.rho == oo)
    saddles = [
        escape_trace(loss, x)
        for x, end, value in zip(runs.flat, ends, runs.loss, strict=True)
        if end is None and level_of(loss, float(value), [far]) == 0
    ]
    above = tuple(trace for trace in saddles if trace > float(weights.threshold))
    return _Runs(runs, ends, traces, above)


def _filed(
    weights: WeightsLandscape, loss: WeightLoss, flat: FloatArray, value: float
) -> int | None:
    """The local minimum at which a run is; over rho = oo it must be one by its kernels."""
    levels = [float(weights.minimum), *(float(part.loss) for part in weights.spurious)]
    end = level_of(loss, value, levels)
    if end and _over_infinity(weights, end):
        return end if escape_trace(loss, flat) < float(weights.threshold) else None
    return end


def _over_infinity(weights: WeightsLandscape, end: int) -> bool:
    return not isinstance(weights.spurious[end - 1].rho, AlgebraicNumber)
