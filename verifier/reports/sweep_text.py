"""A sweep on a terminal: its first and last rows, and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from verifier.grid.axes import SettingGrid, value_text
from verifier.grid.cell import Row
from verifier.render.columns import fitted, fold
from verifier.render.streams import Style, clean

_SHOWN = 24
_COLUMNS = ("loss", "learning_rate", "zero", "test_loss")


def sweep_text(
    grid: SettingGrid, rows: Mapping[int, Row], name: str, style: Style, seconds: float
) -> str:
    """A table of at most 24 rows, how certain they are, and the first error."""
    cells = grid.cells()
    used = shown_columns(rows)
    done = sorted(rows)
    shown = done if len(done) <= _SHOWN else [*done[: _SHOWN // 2], *done[-_SHOWN // 2 :]]
    table = [(*(axis.name for axis in grid.axes), *used, "kind", "certainty")]
    for place, index in enumerate(shown):
        if place == _SHOWN // 2 and len(done) > _SHOWN:
            table.append(("…",) * len(table[0]))
        row = rows[index]
        numbers = [_number(row, column) for column in used]
        kind, certain = row.get("kind", "no answer"), row.get("certainty", "")
        table.append((*map(value_text, cells[index]), *numbers, kind, certain))
    heading = fold(f"Sweep of {name}", style.width, "")
    lines = [style.paint(line, "bold") for line in heading]
    lines += fitted(table, "  ", style.width)
    failed = next((row["error"] for row in rows.values() if "error" in row), None)
    if failed is not None:
        lines += fold(f"the first without an answer: {clean(failed)}", style.width, "  ", "    ")
    said = f"{len(rows)} of {grid.size} cells: {certainties(rows)}; {seconds:.1f}\u00a0s"
    return style.letters("\n".join([*lines, *fold(said, style.width, "", "  ")]))


def shown_columns(rows: Mapping[int, Row]) -> list[str]:
    """Which numbers are shown: those that some row has."""
    return [column for column in _COLUMNS if any(column in row for row in rows.values())]


def certainties(rows: Mapping[int, Row]) -> str:
    """How many cells are how certain, such as ``40 computed, 1 without an answer``."""
    counts = Counter(row.get("certainty", "without an answer") for row in rows.values())
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _number(row: Row, column: str) -> str:
    if column not in row:
        return ""
    exact = row.get(f"{column}_exact", "")
    return exact if 0 < len(exact) <= 12 else f"{row[column]:.6g}"
