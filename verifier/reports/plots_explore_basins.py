"""Basin frequencies and loss curves of an exploration as a figure."""

from __future__ import annotations

from typing import Any

from verifier.explore.answer import Exploration
from verifier.reports.plots_landscape import write_figure

__all__ = ["basins_figure", "write_figure"]


def basins_figure(found: Exploration) -> Any:
    """Shares of the levels for each size of starts, and the curves of the largest and smallest."""
    from matplotlib.figure import Figure

    survey = found.numerical.basins
    if survey is None:
        raise ValueError("the basins were not surveyed")
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    bars, curves = figure.subplots(1, 2)
    places = range(len(survey.frequencies))
    bottom = [0.0] * len(survey.frequencies)
    names = [f"end at {level:.6g}" for level in survey.levels]
    for k, name in enumerate([*names, "elsewhere"]):
        last = k == len(names)
        counts = [item.elsewhere if last else item.counts[k] for item in survey.frequencies]
        heights = [count / survey.starts for count in counts]
        bars.bar(places, heights, 0.65, bottom=bottom, color=f"C{k}", label=name)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    bars.set_xticks(list(places), [f"{item.scale:g}" for item in survey.frequencies])
    bars.set(xlabel="size of the starts", ylabel="share of runs", ylim=(0, 1), title="Basins")
    bars.legend(fontsize="small")
    first = survey.frequencies[0].descents
    for row in first.curves:
        curves.plot(first.curve_steps + 1, row, color="C0", alpha=0.25, linewidth=0.8)
    for level in survey.levels:
        curves.axhline(level, color="black", linewidth=0.7)
    curves.set(
        xscale="log",
        xlabel="gradient step + 1",
        ylabel="expected loss",
        title=f"Loss curves from starts of size {survey.frequencies[0].scale:g}",
    )
    return figure
