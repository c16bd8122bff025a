"""``phase-diagram``: where has the loss local minima that are not global?."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

from verifier.commands.arguments import exact_axis, natural, whole_axis
from verifier.commands.engines import add_engine_arguments, bar, cluster_engine, jobs_of
from verifier.render.streams import Progress, Style, duration, say, whole_file
from verifier.reports.landscape_grid import Curves, csv_lines, grid_json, grid_text
from verifier.reports.plots_landscape import figure_format, phase_figure, write_figure
from verifier.stationary.phase import boundary
from verifier.stationary.phase_sweep import Grid, Sweep, estimate, fill, from_text, to_text
from verifier.work.engine import Engine

# A grid that takes longer (in seconds) starts only when told to.
LONGEST = 1800.0
SAVE_EVERY = 2.0
_PARTIAL_LIMIT = 5 * 10**7


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
    add_engine_arguments(parser, "one for each processor")
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
    jobs = jobs_of(arguments)
    engine = cluster_engine(arguments)
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


def _fill(sweep: Sweep, jobs: int, path: str | None, engine: Engine | None) -> None:
    """Decide the cells behind a progress bar; what is done is saved, also when interrupted."""
    progress = Progress()
    saved, counted = time.monotonic(), bar(progress, "cells")

    def show(done: int, total: int) -> None:
        nonlocal saved
        counted(done, total, None)
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
