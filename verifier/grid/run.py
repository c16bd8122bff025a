"""Fill a sweep on an engine: rows kept as they come, with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import IO

from verifier.grid.axes import SettingGrid
from verifier.grid.cell import Row, cell_row
from verifier.grid.results import Rows, row_line
from verifier.work.engine import Engine

Progress = Callable[[int, int, float | None], None]
FLUSH_EVERY = 1.0


def fill_rows(
    grid: SettingGrid,
    rows: Rows,
    engine: Engine,
    seed: int,
    file: IO[str] | None,
    progress: Progress = lambda done, total, seconds: None,
    chunk: int = 1,
) -> None:
    """Compute every cell that ``rows`` lacks, in place, and append each to ``file``.

    ``progress(done, total, seconds left)`` is called after every cell. An exception leaves in
    ``rows`` and in the file what was finished before.
    """
    cells = grid.cells()
    left = [index for index in range(grid.size) if index not in rows]
    started, before = time.monotonic(), len(rows)
    flushed = started

    def keep(place: int, row: Row) -> None:
        nonlocal flushed
        index = left[place]
        rows[index] = row
        now = time.monotonic()
        if file is not None:
            file.write(row_line(index, row))
            if now - flushed > FLUSH_EVERY:
                file.flush()
                flushed = now
        done = len(rows) - before
        progress(len(rows), grid.size, (now - started) / done * (len(left) - done))

    jobs = [(grid.cell_document(cells[index]), seed) for index in left]
    try:
        engine.run(cell_row, jobs, keep, chunk)
    finally:
        if file is not None:
            file.flush()
