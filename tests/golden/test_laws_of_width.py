"""No line that a terminal shows is longer than the terminal is wide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent / "files").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_fits_the_terminal(path: Path) -> None:
    width: int | None = None
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("===="):
            told = [int(size) for size in re.findall(r"(\d+) columns", line)]
            width = min(told, default=None)
        elif width is not None:
            assert len(line) <= width, line
