"""Risk against context length as a plot: the trained layer, the best there, ridge, 0."""

from __future__ import annotations

from math import isfinite
from typing import IO, Any

from verifier.explore.transfer_curve import TransferCurve
from verifier.reports.plots_landscape import write_figure


def transfer_figure(curve: TransferCurve, title: str) -> Any:
    """A Matplotlib figure, for a caller who knows that Matplotlib is there (`figure_format`)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    lengths = [point.context_length for point in curve.points]
    axes.plot(
        lengths,
        [p.loss.decimal for p in curve.points],
        "o-",
        markersize=4,
        label="the trained layer",
    )
    best = [(p.context_length, p.best_readout) for p in curve.points if p.best_readout is not None]
    if best:
        axes.plot(
            [n for n, _ in best], [v.decimal for _, v in best], "-", label="best readout there"
        )
    ridge = [(p.context_length, p.ridge) for p in curve.points if p.ridge is not None]
    known = [(n, v) for n, v in ridge if v.error is None or isfinite(v.error)]
    if known:
        axes.errorbar(
            [n for n, _ in known],
            [v.decimal for _, v in known],
            yerr=[2 * (v.error or 0.0) for _, v in known],
            fmt="s--",
            markersize=3,
            label="ridge regression",
        )
    axes.axhline(curve.zero.decimal, color="grey", linestyle=":", label="predict 0")
    axes.axvline(curve.trained_on, color="black", linewidth=0.8, alpha=0.5)
    axes.annotate(
        f"trained on {curve.trained_on}",
        (curve.trained_on, 1.0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        xytext=(3, -10),
        fontsize="small",
    )
    axes.set(
        xscale="log", xlabel="examples in the test prompt", ylabel="expected loss", title=title
    )
    top = 1.5 * max(curve.zero.decimal, min(p.loss.decimal for p in curve.points))
    axes.set_ylim(bottom=0, top=top)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    return figure


def write_transfer(curve: TransferCurve, title: str, file: IO[bytes], form: str) -> None:
    """Draw the curve into an open file in the form png, svg or pdf."""
    write_figure(transfer_figure(curve, title), file, form)
