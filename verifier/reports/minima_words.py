"""Local minima, plateaus and basins of an exploration in words and as JSON."""

from __future__ import annotations

from typing import Any

from verifier.explore.answer import Exploration
from verifier.explore.basins import BasinSurvey
from verifier.explore.local_minima import LocalMinimum
from verifier.loss.moment_tables import FloatArray
from verifier.render.columns import aligned, fold
from verifier.render.streams import Style
from verifier.reports.explore_words import value_words
from verifier.reports.value_json import value_object

_MOST_PLATEAUS, _WIDEST = 8, 6


def minima_lines(found: Exploration, style: Style) -> list[str]:
    """The local minima in which descents ended, what each predicts, plateaus and basins."""
    lines: list[str] = []
    for item in found.numerical.minima:
        said = "; ".join([*item.words, _numbers(item)])
        text = f"local minimum at {item.loss:.8g} ({item.count} descents): {said}"
        lines += fold(text, style.width, "  ", "    ")
    if len(found.numerical.plateaus) > 2:
        lines += fold(plateau_words(found), style.width, "  ", "    ")
    if found.numerical.basins is not None:
        lines += _basin_lines(found.numerical.basins)
    return lines


def plateau_words(found: Exploration) -> str:
    """The stationary losses of the weights on the way from 0 to the best readout."""
    values = found.numerical.plateaus
    shown = [value_words(v) for v in values[:_MOST_PLATEAUS]]
    if len(values) > _MOST_PLATEAUS:
        shown += ["...", value_words(values[-1])]
    exact = "exact" if values[-1].exact is not None else "in floats"
    return (
        "saddles of the weights W_K, W_Q, W_V, h with a = c = 0, where training from small weights "
        f"pauses ({exact}; one more direction of B at each): {', '.join(shown)}"
    )


def basin_rows(survey: BasinSurvey) -> list[tuple[str, ...]]:
    """A row for every size of starts."""
    rows = [("size of starts", *(f"end at {level:.6g}" for level in survey.levels), "elsewhere")]
    for item in survey.frequencies:
        rows.append((f"{item.scale:g}", *map(str, item.counts), str(item.elsewhere)))
    return rows


def minimum_object(item: LocalMinimum) -> dict[str, Any]:
    """One local minimum as JSON data."""
    return {
        "loss": item.loss,
        "descents": item.count,
        "a": item.a.tolist(),
        "b": item.b,
        "A": item.A.tolist(),
        "c": item.c.tolist(),
        "B": item.B.tolist(),
        "even_loss": item.even_loss,
        "shares": [
            {
                "variance": s.variance,
                "directions": s.directions,
                "along_a": s.along,
                "share_of_best": s.share,
            }
            for s in item.shares
        ],
        "words": list(item.words),
    }


def landscape_object(found: Exploration) -> dict[str, Any]:
    """Minima, plateaus and basins as JSON data."""
    survey = found.numerical.basins
    return {
        "local_minima": [minimum_object(item) for item in found.numerical.minima],
        "plateaus": [value_object(v) for v in found.numerical.plateaus],
        "basins": None
        if survey is None
        else {
            "starts": survey.starts,
            "levels": list(survey.levels),
            "frequencies": [
                {
                    "scale": item.scale,
                    "counts": list(item.counts),
                    "elsewhere": item.elsewhere,
                    "continued_by_other_means": item.finished,
                }
                for item in survey.frequencies
            ],
        },
    }


def _numbers(item: LocalMinimum) -> str:
    """a, b, c in a few digits; A and B are in the JSON record."""
    return f"a = {_vector(item.a)}, b = {_digits(item.b)}, c = {_vector(item.c)}"


def _vector(values: FloatArray) -> str:
    more = ", ..." if len(values) > _WIDEST else ""
    return f"({', '.join(_digits(float(v)) for v in values[:_WIDEST])}{more})"


def _digits(value: float) -> str:
    return "0" if abs(value) < 1e-7 else f"{value:.4g}"


def _basin_lines(survey: BasinSurvey) -> list[str]:
    lines = [f"  gradient descent from {survey.starts} random starts of each size ends:"]
    return lines + aligned(basin_rows(survey), "    ")
