"""What is true in (omega, N) and what in the weights, in words.

Plain ASCII; a terminal shows it with the letters it has (`prose.pretty`). The exact decision is
`verifier.stationary.weights`.
"""

from __future__ import annotations

import re

from sympy import oo

from verifier.render.prose import pretty
from verifier.reports.landscape_point import short
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weights import WeightsLandscape


def reduced_words(landscape: Landscape) -> tuple[str, str]:
    """The verdict in (omega, N), and what it means."""
    if landscape.gap is None:
        degenerate = any(part.type == "degenerate" for part in landscape.stationary)
        rest = "" if degenerate else ", every other stationary point there a strict saddle"
        return "Benign in (omega, N)", f"every local minimum is global{rest}"
    lowest = f"the lowest local minimum that is not global lies {short(landscape.gap)} above"
    return "Not benign in (omega, N)", f"{lowest} the minimum"


def shown(text: str, unicode: bool) -> str:
    """For a terminal: Greek letters and the sign of infinity where it has them."""
    return re.sub(r"\boo\b", "∞", pretty(text)) if unicode else text


def weights_words(weights: WeightsLandscape) -> tuple[str, str]:
    """The verdict in the weights of this head dimension, and why."""
    where = f"benign in the weights, head dimension {weights.head_dimension}"
    if weights.benign:
        return f"B{where[1:]}", f"every local minimum is global; {reason(weights)}"
    gap = weights.gap
    lowest = "" if gap is None else f"the lowest lies {short(gap)} above the minimum; "
    return f"Not {where}", f"{lowest}{reason(weights)}"


def reason(weights: WeightsLandscape) -> str:
    """Why there are, or are not, local minima in the weights that are not global."""
    if min(weights.dimension, weights.head_dimension) == 1:
        letter = "d" if weights.dimension == 1 else "r"
        return f"for {letter} = 1 the points over rho = oo are global minima too"
    inside = sum(part.rho != oo for part in weights.spurious)
    parts = [_inside(weights, inside)] if inside else []
    over = next((part for part in weights.spurious if part.rho == oo), None)
    parts.append(_without(weights) if over is None else _over_infinity(weights, over.new))
    return "; ".join(parts)


def _inside(weights: WeightsLandscape, count: int) -> str:
    families = "one family" if count == 1 else f"{count} families"
    low = weights.head_dimension < weights.dimension
    known = f", N of rank {weights.head_dimension}" if low else ", as in (omega, N)"
    return f"{families} of local minima with 0 < rho < oo{known}"


def _without(weights: WeightsLandscape) -> str:
    if weights.head_dimension >= 2 * weights.dimension - 1:
        return "no other over rho = oo, as in (omega, N), since r >= 2 d - 1"
    least = weights.least_trace
    return f"no other over rho = oo, since T_min = {least} >= tau* = {_threshold(weights)}"


def _over_infinity(weights: WeightsLandscape, new: bool) -> str:
    if not new:
        return "local minima over rho = oo, as in (omega, N)"
    return (
        "local minima over rho = oo where the kernels of W_K and W_Q overlap, since "
        f"T_min = {weights.least_trace} < tau* = {_threshold(weights)}; none for r >= "
        f"{weights.enough}"
    )


def _threshold(weights: WeightsLandscape) -> str:
    """tau*, exact if short."""
    text = str(weights.threshold)
    return text if len(text) <= 12 else f"{float(weights.threshold):.6g}"
