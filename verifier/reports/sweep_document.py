"""A sweep as a document: how certain its cells are, a curve over one key, every row.

Every number is that of a row; nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from verifier import __version__
from verifier.explore.values import Value
from verifier.grid.axes import Axis, SettingGrid, value_text
from verifier.grid.cell import Row
from verifier.render.document import Block, Code, Document, Grid, Heading, Paragraph, Picture
from verifier.render.streams import clean
from verifier.reports.explore_words import value_words
from verifier.reports.sweep_text import certainties, shown_columns
from verifier.setting.numbers import exact_number

MOST_ROWS = 2000
HEADS = {"zero": "loss of 0", "learning_rate": "learning rate", "test_loss": "loss on the test law"}


def sweep_document(grid: SettingGrid, rows: Mapping[int, Row], name: str, seed: int) -> Document:
    """The whole report; ``name`` is the setting file's."""
    source = f"verifier {__version__}, sweep"
    return Document(f"Sweep of {clean(name)}", source, tuple(_blocks(grid, rows, name, seed)))


def _blocks(grid: SettingGrid, rows: Mapping[int, Row], name: str, seed: int) -> Iterator[Block]:
    yield Paragraph((f"{len(rows)} of {grid.size} cells: {certainties(rows)}.",))
    yield Heading(1, "The keys")
    yield Grid(
        ("key", "values"), tuple(((axis.name,), (clean(axis.text, 120),)) for axis in grid.axes)
    )
    yield from _curve(grid, rows)
    yield Heading(1, "The best layer in each cell")
    yield _table(grid, rows)
    if len(rows) > MOST_ROWS:
        left = f"The first {MOST_ROWS} of {len(rows)} rows; -o FILE.csv writes all of them."
        yield Paragraph((left,))
    for index, row in sorted(rows.items()):
        if "error" in row:
            where = ", ".join(map(value_text, grid.cells()[index]))
            yield Paragraph((f"No answer at {where}: {clean(row['error'])}.",))
            break
    yield Paragraph(("The same report:",))
    over = " ".join(f"--over {axis.name}={axis.text}" for axis in grid.axes)
    yield Code((f"python -m verifier sweep {clean(name)} {clean(over, None)} --seed {seed}",))


def _table(grid: SettingGrid, rows: Mapping[int, Row]) -> Grid:
    cells, used = grid.cells(), shown_columns(rows)
    keys = [axis.name for axis in grid.axes]
    heads = (*keys, *(HEADS.get(column, column) for column in used), "kind", "certainty")
    body = []
    for index in sorted(rows)[:MOST_ROWS]:
        row = rows[index]
        numbers = [_number(row, column) for column in used]
        words = (row.get("kind", "no answer"), row.get("certainty", ""))
        line = (*map(value_text, cells[index]), *numbers, *words)
        body.append(tuple((cell,) for cell in line))
    return Grid(heads, tuple(body))


def _number(row: Row, column: str) -> str:
    """The number with what is known of it, as in a report of ``explore``."""
    if column not in row:
        return ""
    exact, error = row.get(f"{column}_exact", ""), row.get(f"{column}_error")
    try:
        return value_words(Value(row[column], exact=Fraction(exact), error=error))
    except ValueError:
        return value_words(Value(row[column], formula=exact, error=error))


def _curve(grid: SettingGrid, rows: Mapping[int, Row]) -> Iterator[Block]:
    """The loss over one key whose values are numbers."""
    if len(grid.axes) > 1:
        return
    places = _places(grid.axes[0])
    known = [
        (places[index], float(row["loss"]))
        for index, row in sorted(rows.items())
        if places and math.isfinite(row.get("loss", math.nan))
    ]
    if len(known) < 2:
        return
    xs, ys = zip(*known, strict=True)
    left, low = min(xs), min(ys)
    width, height = max(xs) - left, (max(ys) - low) or 1.0
    ends = (known[0], known[-1])
    yield Picture(
        grid.axes[0].name,
        "loss of the best layer",
        tuple(sorted(((x - left) / width, (y - low) / height) for x, y in known)),
        tuple(((x - left) / width, (y - low) / height, f"{x:g}") for x, y in ends),
        f"{low:.4g}",
        f"{max(ys):.4g}",
    )


def _places(axis: Axis) -> list[float]:
    """The values as numbers; none where they are words."""
    try:
        return [float(exact_number(value)) for value in axis.values]
    except (ValueError, TypeError):
        return []
