"""A sweep of one key as curves, of two as a map of the loss."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.grid.axes import Axis, SettingGrid, value_text
from verifier.grid.cell import Row
from verifier.reports.plots_landscape import write_figure
from verifier.setting.numbers import exact_number

__all__ = ["sweep_figure", "write_figure"]
_CURVES = (
    ("loss", "the best layer"),
    ("gradient_descent", "one gradient step"),
    ("zero", "predict 0"),
    ("test_loss", "the layer on the test law"),
    ("test_best_there", "best there"),
)


def sweep_figure(grid: SettingGrid, rows: Mapping[int, Row], name: str) -> Any:
    """A Matplotlib figure, for a caller who knows that Matplotlib is there (`figure_format`)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    if len(grid.axes) == 1:
        _curves(axes, grid, rows)
    else:
        _map(figure, axes, grid, rows)
    axes.set_title(name)
    return figure


def _curves(axes: Any, grid: SettingGrid, rows: Mapping[int, Row]) -> None:
    places, ticks = _places(grid.axes[0])
    for column, label in _CURVES:
        known = [(places[k], row[column]) for k, row in sorted(rows.items()) if column in row]
        if known:
            axes.plot(*zip(*known, strict=True), "-", marker=".", label=label)
    axes.set(xlabel=grid.axes[0].name, ylabel="loss")
    if ticks:
        axes.set_xticks(places, ticks)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _map(figure: Any, axes: Any, grid: SettingGrid, rows: Mapping[int, Row]) -> None:
    down, along = grid.axes
    values = np.full(grid.size, np.nan)
    for index, row in rows.items():
        values[index] = row.get("test_loss", row.get("loss", np.nan))
    table = values.reshape(len(down.values), len(along.values))
    (y, y_ticks), (x, x_ticks) = _places(down), _places(along)
    drawn = axes.pcolormesh(x, y, table, shading="nearest")
    tested = any("test_loss" in row for row in rows.values())
    figure.colorbar(drawn, ax=axes, label="loss on the test law" if tested else "loss")
    axes.set(xlabel=along.name, ylabel=down.name)
    if x_ticks:
        axes.set_xticks(x, x_ticks)
    if y_ticks:
        axes.set_yticks(y, y_ticks)


def _places(axis: Axis) -> tuple[list[float], list[str]]:
    """Where values stand; their names where they are no numbers."""
    try:
        numbers: list[Fraction] = [exact_number(value) for value in axis.values]
    except (ValueError, TypeError):
        return [float(k) for k in range(len(axis.values))], [value_text(v) for v in axis.values]
    return [float(v) for v in numbers], []
