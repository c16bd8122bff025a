"""Rows of a sweep: which file keeps them, and how they are written in three forms."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from verifier.grid.axes import SettingGrid, value_text
from verifier.grid.cell import Row
from verifier.work.kept import Kept

FORMAT, VERSION = "verifier sweep", 2
COLUMNS = (
    "kind", "certainty", "loss", "loss_exact", "loss_error", "learning_rate",
    "learning_rate_exact", "learning_rate_error", "zero", "zero_exact", "zero_error",
    "gradient_descent", "gradient_descent_exact", "gradient_descent_error", "linear_readout",
    "linear_readout_exact", "linear_readout_error", "lower_bound", "lower_bound_exact",
    "lower_bound_error", "test_loss", "test_loss_exact", "test_loss_error", "test_best_there",
    "test_best_there_exact", "test_best_there_error", "test_zero", "test_zero_exact",
    "test_zero_error", "error",
)  # fmt: skip
Rows = dict[int, Row]


def identity(grid: SettingGrid, seed: int) -> dict[str, Any]:
    """What a resume file says about the sweep that it is of."""
    whole = {
        "document": grid.document,
        "axes": [[axis.name, list(axis.values)] for axis in grid.axes],
        "seed": seed,
    }
    text = json.dumps(whole, sort_keys=True)
    return {
        "format": FORMAT,
        "version": VERSION,
        "sweep": hashlib.sha256(text.encode()).hexdigest(),
        "axes": [axis.name for axis in grid.axes],
        "cells": grid.size,
    }


def kept_rows(path: str, grid: SettingGrid, seed: int) -> Kept:
    """The file that keeps the rows of this sweep."""
    reason = "another setting file, other keys or values, or another seed"
    return Kept(path, identity(grid, seed), "a sweep", reason)


def written(grid: SettingGrid, rows: Mapping[int, Row], form: str, seed: int) -> bytes:
    """Every finished cell; ``form`` is csv, json or parquet.

    ``ValueError`` in one line for Parquet without pyarrow.
    """
    table = _table(grid, rows)
    if form == "json":
        record = {"schema_version": 1, **identity(grid, seed), "seed": seed, "rows": table}
        return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()
    names = columns(grid, rows)
    for row in table:
        row |= {k: value_text(v) for k, v in row.items() if isinstance(v, list | bool)}
    if form == "parquet":
        return _parquet(table, names)
    target = io.StringIO()
    writer = csv.DictWriter(target, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(table)
    return target.getvalue().encode()


def columns(grid: SettingGrid, rows: Mapping[int, Row]) -> list[str]:
    """The axes, then the columns that some row has."""
    used = {name for row in rows.values() for name in row}
    return [axis.name for axis in grid.axes] + [name for name in COLUMNS if name in used]


def require_parquet() -> None:
    """Raises ``ValueError`` in one line where pyarrow is missing."""
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise ValueError("-o: .parquet needs the extra 'parquet': pip install '.[parquet]'")


def _table(grid: SettingGrid, rows: Mapping[int, Row]) -> list[Row]:
    cells = grid.cells()
    names = [axis.name for axis in grid.axes]
    return [
        {**dict(zip(names, cells[index], strict=True)), **rows[index]} for index in sorted(rows)
    ]


def _parquet(table: Sequence[Row], names: Sequence[str]) -> bytes:
    require_parquet()
    from pyarrow import BufferOutputStream, Table, parquet

    held: dict[str, list[Any]] = {}
    for name in names:
        values = [row.get(name) for row in table]
        kinds = {type(v) for v in values if v is not None}
        # A column has one type: exact numbers of an axis may be whole or fractions.
        held[name] = values if len(kinds) <= 1 else [None if v is None else str(v) for v in values]
    sink = BufferOutputStream()
    parquet.write_table(Table.from_pydict(held), sink)
    found: bytes = sink.getvalue().to_pybytes()
    return found
