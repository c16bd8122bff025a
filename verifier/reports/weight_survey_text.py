"""What training sees in the weights, for a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from verifier.render.columns import fitted
from verifier.render.streams import Style
from verifier.stationary.weight_survey import NearbyWeights, WeightFrequency, WeightSurvey


def training_lines(survey: WeightSurvey, style: Style) -> list[str]:
    """The section of a landscape's text."""
    lines = [
        style.paint(f"Training W_K, W_Q, W_V, h from {survey.starts} random starts", "bold")
        + style.paint("  exact loss; scale 1: entries of variance 1/(d + 1)", "dim")
    ]
    names = "r,scale,method,global,inside,over ρ = ∞,T there,slow,saddle,lost"
    rows = [names.split(",")]
    rows += [_row(frequency) for frequency in survey.frequencies]
    head, *body = fitted(rows, "  ", style.width)
    lines += [style.paint(head, "dim"), *body]
    thresholds = {float(f.weights.threshold) for f in survey.frequencies}
    note = ", ".join(f"{value:.4g}" for value in sorted(thresholds))
    lines += [
        style.paint(
            f"  T: ways down that the kernels leave; a local minimum if T < τ* = {note}", "dim"
        ),
        style.paint(
            "  slow: not there by L-BFGS, went on when pushed; "
            "saddle: still at ρ = ∞, T > τ*; lost: else",
            "dim",
        ),
    ]
    for near in survey.nearby:
        lines.append(
            f"  from 1 % beside a constructed minimum of loss {near.point.loss:.10g}: "
            f"{near.returned} of {near.starts} descents come back"
        )
    return lines + [style.paint(f"  disagreement: {text}", "red") for text in survey.disagreements]


def _row(frequency: WeightFrequency) -> list[str]:
    traces = frequency.traces
    spread = f"{min(traces):.3f} to {max(traces):.3f}" if len(traces) > 1 else ""
    if len(traces) == 1:
        spread = f"{traces[0]:.3f}"
    return [
        str(frequency.weights.head_dimension),
        f"{frequency.scale:g}",
        frequency.method,
        str(frequency.in_global),
        str(sum(frequency.by_family) - len(traces)),
        str(len(traces)),
        spread,
        str(frequency.slow),
        str(len(frequency.saddle_traces)),
        str(frequency.elsewhere),
    ]


def training_record(survey: WeightSurvey) -> dict[str, Any]:
    """The JSON object ``weights_training``."""
    return {
        "seed": survey.seed,
        "starts": survey.starts,
        "nearby": [_nearby(near) for near in survey.nearby],
        "random_starts": [_frequency(frequency) for frequency in survey.frequencies],
        "disagreements": list(survey.disagreements),
    }


def _nearby(near: NearbyWeights) -> dict[str, Any]:
    return {"loss": near.point.loss, "descents": near.starts, "returned": near.returned}


def _frequency(frequency: WeightFrequency) -> dict[str, Any]:
    return {
        "head_dimension": frequency.weights.head_dimension,
        "method": frequency.method,
        "scale": frequency.scale,
        "runs": len(frequency.ends),
        "global": frequency.in_global,
        "by_family": list(frequency.by_family),
        "over_infinity": len(frequency.traces),
        "traces": list(frequency.traces),
        "threshold": float(frequency.weights.threshold),
        "slow": frequency.slow,
        "saddle_traces": list(frequency.saddle_traces),
        "lost": frequency.elsewhere,
        "finished_by_quasi_newton": int(frequency.runs.finished.sum()),
    }
