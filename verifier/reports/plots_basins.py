"""The figure of what training sees: loss curves, and how often each basin wins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from verifier.reports.plots_landscape import drawing
from verifier.stationary.basin_survey import Frequency, Survey

_CURVES_SHOWN = 60
_SOLVED, _STUCK = "#0072b2", "#d55e00"


def basins_figure(survey: Survey) -> Any:
    """Loss curves from random starts, and how often each basin wins."""
    here = survey.landscape
    where = f"d = {here.dimension}, σ² = {here.noise}"
    lengths = sorted({frequency.landscape.context_length for frequency in survey.frequencies})
    own = [f for f in survey.frequencies if f.landscape is here]
    middle = min(own, key=lambda frequency: abs(math.log(frequency.scale)))
    caption = (
        f"Gradient descent on the exact loss in all (d+1)² reduced parameters (ω, N), {where}, "
        f"from {survey.starts} random starts with independent normal entries; scale 1 is the "
        "length of the balanced global minimiser. Left: the loss of runs at scale "
        f"{middle.scale:g}, n = {here.context_length}, each coloured by where it ended, and the "
        "exact losses stationary in (ω, N) (dashed). Right: where all runs ended."
    )
    with drawing(caption, panels=2, size=(9.5, 4.2)) as (figure, (left, right)):
        _loss_curves(left, middle)
        if len(lengths) == 1:
            _basin_bars(right, own)
        else:
            _basin_lines(right, survey.frequencies)
        return figure


def _loss_curves(axes: Any, frequency: Frequency) -> None:
    runs, here = frequency.descents, frequency.landscape
    spurious = [float(part.loss) for part in here.stationary if part.type == "local minimum"]
    named = set()
    for curve, end in list(zip(runs.curves, runs.loss, strict=True))[:_CURVES_SHOWN]:
        stuck = any(abs(end - loss) < 1e-6 * abs(loss) for loss in spurious)
        label = "ends at a spurious minimum" if stuck else "ends at the global minimum"
        axes.plot(
            runs.curve_steps + 1,
            curve,
            color=_STUCK if stuck else _SOLVED,
            lw=0.8,
            alpha=0.6,
            label=None if label in named else label,
        )
        named.add(label)
    for part in here.stationary:
        axes.axhline(float(part.loss), color="0.3", lw=0.7, ls=(0, (4, 3)), zorder=0)
    highest, lowest = float(here.stationary[-1].loss), float(here.stationary[0].loss)
    axes.set_ylim(lowest - 0.05 * (highest - lowest), highest + 0.25 * (highest - lowest))
    axes.set_xscale("log")
    axes.set_xlabel("gradient step + 1")
    axes.set_ylabel("expected loss")
    axes.set_title(f"Loss curves  (n = {here.context_length})", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize=8.5)


def _shares(frequency: Frequency) -> tuple[float, float, float]:
    """Shares of runs at the global minimum, at spurious ones, and at neither."""
    runs = frequency.tally.runs
    solved, stuck = frequency.in_global / runs, frequency.in_spurious / runs
    return solved, stuck, 1 - solved - stuck


def _basin_bars(axes: Any, frequencies: Sequence[Frequency]) -> None:
    shares = [_shares(frequency) for frequency in frequencies]
    places = list(range(len(shares)))
    bottom = [0.0] * len(shares)
    names = ("global minimum", "spurious minimum", "not converged or elsewhere")
    for k, (name, colour) in enumerate(zip(names, (_SOLVED, _STUCK, "0.8"), strict=True)):
        heights = [share[k] for share in shares]
        if k < 2 or max(heights) > 1e-9:
            axes.bar(places, heights, 0.65, bottom=bottom, color=colour, label=name)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.set_xticks(places, [f"{frequency.scale:g}" for frequency in frequencies])
    axes.set_xlabel("initial scale")
    axes.set_ylabel("share of runs")
    axes.set_ylim(0, 1)
    axes.set_title(f"Basins  (n = {frequencies[0].landscape.context_length})", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize=8.5, ncols=2)


def _basin_lines(axes: Any, frequencies: Sequence[Frequency]) -> None:
    scales = sorted({frequency.scale for frequency in frequencies})
    for scale, marker in zip(scales, "os^Dv<>P*X" * 10, strict=False):
        chosen = [frequency for frequency in frequencies if frequency.scale == scale]
        axes.plot(
            [frequency.landscape.context_length for frequency in chosen],
            [_shares(frequency)[1] for frequency in chosen],
            marker=marker,
            ms=5,
            lw=1.2,
            label=f"initial scale {scale:g}",
        )
    axes.set_xlabel("context length n")
    axes.set_ylabel("share of runs at a spurious minimum")
    axes.set_ylim(-0.02, 1.02)
    axes.set_title("Basins", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize=8.5, ncols=2)
