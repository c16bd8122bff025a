"""``sweep``: `explore` over any keys of a setting file, here or on a cluster."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from verifier.commands.arguments import natural
from verifier.commands.engines import add_engine_arguments, bar, engine_for
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, clean, say, whole_file

if TYPE_CHECKING:
    from verifier.grid.axes import SettingGrid
    from verifier.grid.cell import Row

FAILED_CELLS = 3
RESULTS = ("csv", "json", "parquet")
FORMS = (*RESULTS, "html", "markdown", "latex", "pdf", "text")
# Cells that travel together: starting other processes takes a third of a second.
_LARGEST_CHUNK, _WORTH_PROCESSES = 50, 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The setting file, the keys, where the work is done and where results go."""
    parser.add_argument("setting", metavar="SETTING.toml", help="a setting file: docs/settings.md")
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="KEY=VALUES",
        help="prompt.context_length=1:100, noise.variance=0:4:41, task.law=normal,uniform; "
        "any number of times",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="results: .csv .json .parquet, or a report: .html .md .tex .pdf .txt",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--plot", metavar="FILE", help="a figure of one or two keys: .png .svg")
    parser.add_argument("--resume", metavar="FILE", help="keep rows in this file, and go on")
    add_engine_arguments(parser, "one for each processor")
    parser.add_argument("--seed", default="0", help="seed of what is sampled (default 0)")


def run(arguments: argparse.Namespace) -> int:
    """Compute every cell; exit code 0, or 3 if some cells have no answer."""
    from verifier.grid.axes import SettingGrid, read_axis
    from verifier.grid.results import kept_rows, require_parquet, written
    from verifier.grid.run import fill_rows
    from verifier.reports.plots_landscape import figure_format
    from verifier.reports.sweep_text import sweep_text
    from verifier.setting.setting_file import read_bytes
    from verifier.setting.toml_tables import parse_document

    started = time.perf_counter()
    axes = tuple(read_axis(text) for text in arguments.over)
    name = clean(os.path.basename(arguments.setting))
    grid = SettingGrid(parse_document(read_bytes(arguments.setting), name), axes)
    seed = natural(arguments.seed, "--seed", 0)
    form = None if arguments.plot is None else figure_format(arguments.plot)
    if form is not None and len(axes) > 2:
        raise ValueError("--plot: a figure shows one or two keys; leave it out or fix the others")
    told = None if arguments.output is None else form_for(arguments.output, None, FORMS)
    if told == "parquet":
        require_parquet()
    file = None if arguments.resume is None else kept_rows(arguments.resume, grid, seed)
    rows = {} if file is None else file.read(grid.size)
    engine = engine_for(arguments, grid.size - len(rows), _WORTH_PROCESSES)
    _refuse_wrong_base(grid)
    chunk = max(1, min(_LARGEST_CHUNK, grid.size // 40))
    with contextlib.ExitStack() as files:
        target = files.enter_context(whole_file(arguments.output)) if told else None
        picture = files.enter_context(whole_file(arguments.plot)) if form else None
        kept = None if file is None else files.enter_context(file.start(rows))
        progress = Progress()
        try:
            fill_rows(grid, rows, engine, seed, kept, bar(progress, "cells"), chunk)
        finally:
            progress.clear()
        if target is not None and told is not None:
            target.write(_report(grid, rows, name, told, seed))
        if picture is not None and form is not None:
            from verifier.reports.plots_sweep import sweep_figure, write_figure

            write_figure(sweep_figure(grid, rows, name), picture, form)
    seconds = time.perf_counter() - started
    if arguments.json:
        say(written(grid, rows, "json", seed).decode().rstrip("\n"))
    else:
        say(sweep_text(grid, rows, name, Style.of(sys.stdout), seconds))
    return FAILED_CELLS if any("error" in row for row in rows.values()) else 0


def _report(grid: SettingGrid, rows: Mapping[int, Row], name: str, form: str, seed: int) -> bytes:
    """The results in one of `FORMS`."""
    if form in RESULTS:
        from verifier.grid.results import written

        return written(grid, rows, form, seed)
    if form == "text":
        from verifier.reports.sweep_text import sweep_text

        return f"{sweep_text(grid, rows, name, Style(), 0.0)}\n".encode()
    from verifier.render.rendered import rendered
    from verifier.reports.sweep_document import sweep_document

    return rendered(sweep_document(grid, rows, name, seed), form)


def _refuse_wrong_base(grid: SettingGrid) -> None:
    """A mistake in the setting file is one error, not one in each cell."""
    from verifier.setting.question import question_of

    first = grid.cells()[0]
    try:
        question_of(grid.cell_document(first), "setting")
    except ValueError:
        last = grid.cells()[-1]
        question_of(grid.cell_document(last), "the first cell and the last")
