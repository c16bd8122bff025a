"""The figure of training in the weights: loss curves, and how often runs get stuck."""

from __future__ import annotations

import math
from typing import Any

from verifier.reports.plots_landscape import drawing
from verifier.stationary.weight_survey import WeightFrequency, WeightSurvey

_CURVES_SHOWN = 60
_SOLVED, _STUCK = "#0072b2", "#d55e00"


def training_figure(survey: WeightSurvey) -> Any:
    """Loss curves of gradient descent, and the share of runs at spurious minima by r and scale."""
    here = survey.landscape
    where = f"d = {here.dimension}, n = {here.context_length}, σ² = {here.noise}"
    shown = _with_most_stuck(survey)
    caption = (
        f"{survey.starts} random starts in W_K, W_Q (r × (d+1)), W_V, h, on the exact loss, "
        f"{where}; scale 1 means normal entries of variance 1/(d+1). Left: the loss of runs by "
        f"{shown.method} at r = {shown.weights.head_dimension}, scale {shown.scale:g}, each "
        "coloured by where it ends; dashed: the global minimum and the exact losses of the local "
        "minima in the weights. Right: the share of all runs that end at a local minimum which is "
        "not global."
    )
    with drawing(caption, panels=2, size=(9.5, 4.2)) as (figure, (left, right)):
        _curves(left, shown, float(here.stationary[-1].loss))
        _shares(right, survey)
        return figure


def _with_most_stuck(survey: WeightSurvey) -> WeightFrequency:
    return max(survey.frequencies, key=lambda f: (sum(f.by_family), f.scale))


def _shown(frequency: WeightFrequency) -> list[int]:
    """Some runs of both fates, so that the rarer one can be seen."""
    ends = frequency.ends
    stuck = [k for k, end in enumerate(ends) if end][: _CURVES_SHOWN // 2]
    return [*stuck, *(k for k, end in enumerate(ends) if not end)][:_CURVES_SHOWN]


def _curves(axes: Any, frequency: WeightFrequency, zero: float) -> None:
    runs, weights = frequency.runs, frequency.weights
    named = set()
    for k in _shown(frequency):
        stuck = bool(frequency.ends[k])
        label = "ends at a spurious minimum" if stuck else "ends at the global minimum"
        axes.plot(
            runs.curve_steps + 1,
            runs.curves[k],
            color=_STUCK if stuck else _SOLVED,
            lw=1.0 if stuck else 0.7,
            alpha=0.9 if stuck else 0.4,
            zorder=2 + stuck,
            label=None if label in named else label,
        )
        named.add(label)
    lowest = float(weights.minimum)
    for level in (lowest, *(float(part.loss) for part in weights.spurious)):
        axes.axhline(level, color="0.3", lw=0.7, ls=(0, (4, 3)), zorder=0)
    axes.set_ylim(lowest - 0.05 * (zero - lowest), lowest + 1.6 * (zero - lowest))
    axes.set_xscale("log")
    axes.set_xlabel(f"{frequency.method} step + 1")
    axes.set_ylabel("expected loss")
    axes.set_title(f"Loss curves  (r = {weights.head_dimension})", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize=8.5)


def _shares(axes: Any, survey: WeightSurvey) -> None:
    groups: dict[tuple[str, int], list[WeightFrequency]] = {}
    for frequency in survey.frequencies:
        key = (frequency.method, frequency.weights.head_dimension)
        groups.setdefault(key, []).append(frequency)
    heads = sorted({r for _, r in groups})
    for (method, r), members in sorted(groups.items(), key=lambda item: item[0][::-1]):
        plain = method == "gradient descent"
        axes.plot(
            [member.scale for member in members],
            [sum(member.by_family) / len(member.ends) for member in members],
            marker="os^Dv<>P*X"[heads.index(r) % 10],
            color=f"C{heads.index(r) % 10}",
            ms=5,
            lw=1.2,
            ls="-" if plain else "--",
            label=f"{method}, r = {r}",
        )
    axes.set_xscale("log")
    axes.set_xlabel("initial scale")
    axes.set_ylabel("share of runs at a spurious minimum")
    highest = max(sum(f.by_family) / len(f.ends) for f in survey.frequencies)
    axes.set_ylim(-0.02 * max(highest, 0.05), 1.2 * max(highest, 0.05))
    scales = sorted({frequency.scale for frequency in survey.frequencies})
    axes.set_xticks(scales, [f"{scale:g}" for scale in scales])
    axes.minorticks_off()
    if math.isclose(scales[0], scales[-1]):
        axes.set_xlim(scales[0] / 2, scales[0] * 2)
    axes.set_title("Stuck in the weights", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), fontsize=8.5, ncols=2)
