"""Sweep a grid of (d, n, sigma2): the exact phases of every cell, in parallel, resumable.

The idea: a cell is one short text (`code`), a sweep is one string of them, rows one after another.
It is filled in place, chunk by chunk, so that whoever interrupts it keeps what is done, and a
partial sweep is a small JSON file that says of which grid it is.
"""

from __future__ import annotations

import json
import string
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import overload

from verifier.stationary.phase import Phase
from verifier.stationary.weights import BothPhases, classify_both, require_head_dimension
from verifier.work.engine import Engine, local

MAX_CELLS = 10**7
UNKNOWN = "."
CHUNK = 200
FORMAT, VERSION = "verifier phase diagram", 2
# One character for each pair of phases, (omega, N) and weights, of six each.
_CODES = string.digits + string.ascii_lowercase
_PHASES = 6
# Below so many cells starting other processes (a third of a second) does not pay.
_WORTH_PROCESSES = 2000

_AXES = ("d", "n", "noise", "head_dimension")

CellKey = tuple[int, int, Fraction]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells (d, n, sigma2): one column for each n, one row for each d or for each sigma2.

    head_dimension: of the weights, d + 1 in each row if it is None. All axes rise. Raises
    ValueError if both d and sigma2 have several values, for an empty axis, or for more than 10^7
    cells.
    """

    dimensions: tuple[int, ...]
    context_lengths: tuple[int, ...]
    noises: tuple[Fraction, ...]
    head_dimension: int | None = None

    def __post_init__(self) -> None:
        if len(self.dimensions) > 1 and len(self.noises) > 1:
            raise ValueError("a phase diagram is over n and either d or the noise: fix one of them")
        for name in ("dimensions", "context_lengths", "noises"):
            axis: tuple[Fraction | int, ...] = getattr(self, name)
            if not axis or any(low >= high for low, high in pairwise(axis)):
                raise ValueError(f"the {name.replace('_', ' ')} must rise, and be at least one")
        if self.head_dimension is not None:
            require_head_dimension(self.head_dimension)
        if self.size > MAX_CELLS:
            raise ValueError(f"{self.size} cells are too many at once; at most {MAX_CELLS}")

    @property
    def over_noise(self) -> bool:
        """Whether the rows are over the noise at one d (else over d at one noise)."""
        return len(self.dimensions) == 1

    @property
    def rows(self) -> tuple[tuple[int, Fraction], ...]:
        """(d, sigma2) of every row."""
        return tuple((d, noise) for d in self.dimensions for noise in self.noises)

    @property
    def size(self) -> int:
        """The number of cells."""
        return len(self.dimensions) * len(self.context_lengths) * len(self.noises)

    def cell(self, index: int) -> CellKey:
        """(d, n, sigma2) of a cell by its number, row by row."""
        row, column = divmod(index, len(self.context_lengths))
        above, along = divmod(row, len(self.noises))
        return self.dimensions[above], self.context_lengths[column], self.noises[along]


@dataclass(slots=True)
class Sweep:
    """A grid and the codes of its cells, `UNKNOWN` where a cell has not been decided yet."""

    grid: Grid
    codes: list[str]

    @classmethod
    def empty(cls, grid: Grid) -> Sweep:
        """Nothing decided yet."""
        return cls(grid, [UNKNOWN] * grid.size)

    @property
    def done(self) -> int:
        """How many cells are decided."""
        return len(self.codes) - self.codes.count(UNKNOWN)

    @property
    def unknown(self) -> Sequence[int]:
        """The numbers of the cells that are not decided."""
        if UNKNOWN not in self.codes:
            return ()
        if self.codes.count(UNKNOWN) == len(self.codes):
            return range(len(self.codes))
        return [index for index, text in enumerate(self.codes) if text == UNKNOWN]

    def phases(self, row: int, column: int) -> BothPhases:
        """The phases of a decided cell in (omega, N) and in the weights."""
        return phases_of(self.codes[row * len(self.grid.context_lengths) + column])


def code(phases: BothPhases) -> str:
    """One character, for both phases: 2 times the interior local minima, plus 1 for rho = oo."""
    reduced, weights = (2 * p.interior + p.infinity for p in (phases.reduced, phases.weights))
    return _CODES[_PHASES * reduced + weights]


def phases_of(text: str) -> BothPhases:
    """The phases that `code` wrote.  Raises ValueError for anything else."""
    if text not in _CODES or len(text) != 1:
        raise ValueError(f"{text[:20]!r} is not the code of a decided cell")
    found = (Phase(k // 2, bool(k % 2)) for k in divmod(_CODES.index(text), _PHASES))
    return BothPhases(*found)


def fill(
    sweep: Sweep,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    engine: Engine | None = None,
) -> None:
    """Decide every cell that is still unknown, in place, on ``jobs`` processes or an ``engine``.

    ``progress(done, total)`` is called after every chunk. An exception, KeyboardInterrupt
    included, leaves in ``sweep`` what was decided before.
    """
    left, heads = sweep.unknown, sweep.grid.head_dimension
    chunks = [left[start : start + CHUNK] for start in range(0, len(left), CHUNK)]
    done = len(sweep.codes) - len(left)

    def keep(place: int, found: str) -> None:
        nonlocal done
        for index, text in zip(chunks[place], found, strict=True):
            sweep.codes[index] = text
        done += len(chunks[place])
        progress(done, len(sweep.codes))

    if engine is None:
        engine = local(jobs, len(left), _WORTH_PROCESSES)
    engine.run(_decide, _Work(sweep.grid, chunks, heads), keep)


@dataclass(frozen=True, slots=True)
class _Work(Sequence[tuple[list[CellKey], int | None]]):
    """The chunks' cells, made when they are asked for: a grid may have 10^7."""

    grid: Grid
    chunks: list[Sequence[int]]
    heads: int | None

    def __len__(self) -> int:
        return len(self.chunks)

    @overload
    def __getitem__(self, place: int) -> tuple[list[CellKey], int | None]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[list[CellKey], int | None]]: ...

    def __getitem__(self, place: int | slice) -> object:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        return [self.grid.cell(index) for index in self.chunks[place]], self.heads


def estimate(sweep: Sweep, jobs: int = 1, samples: int = 9) -> float:
    """Seconds that `fill` is likely to take, from the time of a few cells spread over the grid."""
    left = sweep.unknown
    if not left:
        return 0.0
    _decide(([sweep.grid.cell(left[0])], sweep.grid.head_dimension))
    chosen = {left[round(k * (len(left) - 1) / max(samples - 1, 1))] for k in range(samples)}
    start = time.perf_counter()
    for index in chosen:
        _decide(([sweep.grid.cell(index)], sweep.grid.head_dimension))
    return (time.perf_counter() - start) / len(chosen) * len(left) / jobs


def to_text(sweep: Sweep) -> str:
    """The sweep, finished or not, as JSON."""
    grid = sweep.grid
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "d": list(grid.dimensions),
            "n": list(grid.context_lengths),
            "noise": [str(noise) for noise in grid.noises],
            "head_dimension": grid.head_dimension,
            "cells": "".join(sweep.codes),
        }
    )


def from_text(text: str, grid: Grid) -> Sweep:
    """The sweep that `to_text` wrote for this very grid.

    Raises ValueError in one line for anything else.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not a partial phase diagram (no JSON)") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("is not a partial phase diagram")
    if found.get("version") != VERSION:
        raise ValueError(f"is of version {str(found.get('version'))[:20]}, not {VERSION}")
    empty = Sweep.empty(grid)
    expected = json.loads(to_text(empty))
    if any(found.get(axis) != expected[axis] for axis in _AXES):
        raise ValueError("belongs to another grid; give that grid, or another file")
    cells = found.get("cells")
    if (
        not isinstance(cells, str)
        or len(cells) != grid.size
        or not set(cells) <= {*_CODES, UNKNOWN}
    ):
        raise ValueError("is damaged: its cells do not fit its grid")
    return Sweep(grid, list(cells))


def _decide(work: tuple[list[CellKey], int | None]) -> str:
    cells, head_dimension = work
    return "".join(code(classify_both(*cell, head_dimension)) for cell in cells)
