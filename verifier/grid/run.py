"""Fill a sweep on an engine: rows kept as they come."""

from __future__ import annotations

from typing import IO

from verifier.grid.axes import SettingGrid
from verifier.grid.cell import cell_row
from verifier.grid.results import Rows
from verifier.work.engine import Engine
from verifier.work.kept import Progress, no_progress, run_kept


def fill_rows(
    grid: SettingGrid,
    rows: Rows,
    engine: Engine,
    seed: int,
    file: IO[str] | None,
    progress: Progress = no_progress,
    chunk: int = 1,
) -> None:
    """Compute every cell that ``rows`` lacks, in place, and append each to ``file``.

    See ``work.kept.run_kept``.
    """
    jobs = [(grid.cell_document(values), seed) for values in grid.cells()]
    run_kept(cell_row, jobs, engine, file, rows, progress, chunk)
