"""``phase-diagram``: where has the loss local minima that are not global? (floor 4)."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable
from fractions import Fraction

from verifier.commands.check import natural
from verifier.document.landscape_grid import Curves, csv_lines, grid_json, grid_text
from verifier.document.output import Progress, Style, say, whole_file
from verifier.document.plots_landscape import figure_format, phase_figure, write_figure
from verifier.exact.phase import boundary
from verifier.setting.numbers import nonnegative_number
from verifier.sweep import Grid, Sweep, estimate, fill, from_text, to_text
from verifier.work.engine import Engine, processors

MAX_AXIS, MAX_JOBS = 10**5, 256
# A grid that takes longer (in seconds) starts only when told to.
LONGEST = 1800.0
SAVE_EVERY = 2.0
_PARTIAL_LIMIT = 5 * 10**7
_BAR = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The axes, and where results go."""
    parser.add_argument("--d", default="3", metavar="D", help="dimensions (default 3)")
    parser.add_argument("--n", default="1:100", metavar="N", help="examples (default 1:100)")
    parser.add_argument(
        "--noise", metavar="S", help="noise variances (default 0:10:101, or 0 for several d)"
    )
    parser.add_argument(
        "--head-dimension", metavar="R", help="rows of W_K and W_Q, for the weights (default d + 1)"
    )
    parser.add_argument("--plot", metavar="FILE", help="write a figure: .png, .svg or .pdf")
    parser.add_argument("--csv", metavar="FILE", help="write one line for each cell")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--resume", metavar="FILE", help="save to this file, and go on from it")
    parser.add_argument("--jobs", metavar="K", help="processes (default: one for each processor)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a dask.distributed scheduler: tcp://host:port"
    )
    parser.add_argument("--yes", action="store_true", help="start even if it takes hours")
    parser.epilog = (
        "Axes: 1:100 (steps of one), 0:10:101 (101 evenly spaced values), 1,2,5 or 7. "
        "Either --d or --noise has a single value."
    )


def run(arguments: argparse.Namespace) -> int:
    """Decide every cell and show the diagram."""
    start = time.perf_counter()
    dimensions = whole_axis(arguments.d, "--d")
    lengths = whole_axis(arguments.n, "--n")
    standard = "0:10:101" if len(dimensions) == 1 else "0"
    noises = exact_axis(standard if arguments.noise is None else arguments.noise, "--noise")
    jobs = processors() if arguments.jobs is None else natural(arguments.jobs, "--jobs", 1)
    if jobs > MAX_JOBS:
        raise ValueError(f"--jobs: at most {MAX_JOBS} processes, not {jobs}")
    engine = cluster_engine(arguments.scheduler, arguments.jobs)
    form = None if arguments.plot is None else figure_format(arguments.plot)
    heads = None
    if arguments.head_dimension is not None:
        heads = natural(arguments.head_dimension, "--head-dimension", 1)
    grid = Grid(dimensions, lengths, noises, heads)
    with contextlib.ExitStack() as files:
        plot = files.enter_context(whole_file(arguments.plot)) if arguments.plot else None
        table = files.enter_context(whole_file(arguments.csv)) if arguments.csv else None
        sweep = _started(grid, arguments.resume)
        _refuse_if_long(sweep, jobs, arguments.yes)
        _fill(sweep, jobs, arguments.resume, engine)
        curves = Curves.of(boundary(), grid)
        if table is not None:
            table.writelines(line.encode("ascii") for line in csv_lines(sweep))
        if plot is not None and form is not None:
            write_figure(phase_figure(sweep, curves), plot, form)
    seconds = time.perf_counter() - start
    if arguments.json:
        say(grid_json(sweep, curves, seconds))
    else:
        say(grid_text(sweep, curves, Style.of(sys.stdout), seconds))
    return 0


def whole_axis(text: str, name: str) -> tuple[int, ...]:
    """Rising whole numbers from "a:b", "a:b:count", "a,b,c" or "a"; ValueError in one line.

    Of a:b:count the evenly spaced values are rounded to whole numbers.
    """

    def end(word: str) -> Fraction:
        return Fraction(natural(word, name, 1))

    return tuple(dict.fromkeys(round(value) for value in _axis(text, name, end)))


def exact_axis(text: str, name: str) -> tuple[Fraction, ...]:
    """Rising exact numbers >= 0 from "a:b" (steps of one), "a:b:count", "a,b,c" or "a"."""
    return tuple(_axis(text, name, lambda word: nonnegative_number(word, name)))


def _axis(text: str, name: str, end: Callable[[str], Fraction]) -> list[Fraction]:
    if ":" not in text:
        return sorted({end(word) for word in text.split(",")})
    low, high, *rest = text.split(":")
    if len(rest) > 1:
        raise ValueError(f"{name}: {text[:40]!r} is not of the form START:STOP or START:STOP:COUNT")
    start, stop = end(low), end(high)
    if start > stop:
        raise ValueError(f"{name}: the range {text[:40]!r} starts beyond its end")
    count = natural(rest[0], name, 1) if rest else int(stop - start) + 1
    if count > MAX_AXIS:
        raise ValueError(f"{name}: {count} values are too many; at most {MAX_AXIS}")
    if count == 1 and start < stop:
        raise ValueError(
            f"{name}: {text[:40]!r} asks for one value of a range; give that value alone, or ask "
            "for two or more"
        )
    if not rest or count == 1:
        return [start + k for k in range(count)]
    return sorted({start + (stop - start) * k / (count - 1) for k in range(count)})


def _started(grid: Grid, path: str | None) -> Sweep:
    """What an earlier run saved, or an empty sweep; the file is tried for writing at once."""
    if path is None:
        return Sweep.empty(grid)
    sweep = Sweep.empty(grid)
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(_PARTIAL_LIMIT)
        try:
            sweep = from_text(text, grid)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    _save(sweep, path)
    return sweep


def _refuse_if_long(sweep: Sweep, jobs: int, agreed: bool) -> None:
    seconds = estimate(sweep, jobs)
    if seconds > LONGEST and not agreed:
        raise ValueError(
            f"{sweep.grid.size - sweep.done} cells take about {duration(seconds)} on {jobs} "
            "processes; take a coarser grid, or add --yes"
        )


def duration(seconds: float) -> str:
    """A time for people: seconds, minutes or hours."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def cluster_engine(address: str | None, jobs: str | None) -> Engine | None:
    """The cluster at ``address``, found to answer; None where there is no address."""
    if address is None:
        return None
    if jobs is not None:
        raise ValueError("--jobs is for local processes; a scheduler has its own workers")
    from verifier.work.cluster import Cluster

    cluster = Cluster(address)
    # Found out before the work, not after.
    cluster.connected().close()
    return cluster


def _fill(sweep: Sweep, jobs: int, path: str | None, engine: Engine | None) -> None:
    """Decide the cells behind a progress bar; what is done is saved, also when interrupted."""
    progress = Progress()
    saved = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal saved
        full = _BAR * done // total
        progress(f"[{'#' * full}{'-' * (_BAR - full)}] {done} of {total} cells")
        if path is not None and time.monotonic() - saved > SAVE_EVERY:
            _save(sweep, path)
            saved = time.monotonic()

    try:
        fill(sweep, jobs, show, engine)
    finally:
        progress.clear()
        if path is not None:
            _save(sweep, path)


def _save(sweep: Sweep, path: str) -> None:
    with whole_file(path) as file:
        file.write(to_text(sweep).encode("ascii"))
