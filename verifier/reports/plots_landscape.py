"""Figures of the landscape: l(rho) and the phase diagram.

Drawn with Matplotlib, the extra ``plots``, without its global state; the same figure is the same
file. Every figure carries its caption, so that it can be read alone.
"""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from typing import IO, Any

from sympy import Expr, Symbol, lambdify

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.reports.landscape_grid import Curves, Kind, grid_words, head_words, kinds
from verifier.stationary.cell import cell
from verifier.stationary.phase_sweep import Grid, Sweep
from verifier.stationary.reduction import derived_form
from verifier.stationary.stationary_points import Landscape, StationaryComponent

FORMATS = ("png", "svg", "pdf")
_SIZE, _DPI = (7.2, 5.0), 200
_TICK_DISTANCE = 0.11
_CONTOUR, _CURVE = 600, 400
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "legend.frameon": False,
    "svg.hashsalt": "verifier",
    "pdf.fonttype": 42,
}
# Okabe and Ito's colours, told apart by colour-blind readers.
_PHASE_COLOURS = {
    "·": "#dfe7ee",
    "b": "#9fd3c1",
    "w": "#f0e442",
    "1": "#e69f00",
    "2": "#d55e00",
    "∞": "#56b4e9",
    "+": "#7b4fa3",
}

_MARKERS = {
    "global minimum": ("#009e73", "o"),
    "local minimum": ("#d55e00", "v"),
    "saddle": ("#f0e442", "X"),
    "degenerate": ("#cc79a7", "s"),
}


def figure_format(path: str) -> str:
    """The format that a file's name asks for.

    Raises ValueError in one line for another extension, or where Matplotlib is not installed.
    """
    form = os.path.splitext(path)[1][1:].lower()
    if form not in FORMATS:
        raise ValueError(f"--plot: {path!r} must end in .png, .svg or .pdf")
    if find_spec("matplotlib") is None:
        raise ValueError("plots need Matplotlib; install it with: pip install '.[plots]'")
    return form


def write_figure(figure: Any, file: IO[bytes], form: str) -> None:
    """Write a figure; no date is recorded, so equal figures are equal files."""
    import matplotlib

    date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
    with matplotlib.rc_context(_STYLE):
        figure.savefig(file, format=form, dpi=_DPI, metadata=date)


@contextmanager
def drawing(caption: str, panels: int = 1, size: tuple[float, float] = _SIZE) -> Iterator[Any]:
    """(figure, list of axes) in the common style, with the caption below."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with matplotlib.rc_context(_STYLE):
        width = round(size[0] * 15.5)
        lines = textwrap.wrap(caption, width)
        margin = 0.2 * (len(lines) + 0.6)
        height = size[1] + margin
        frame = ConstrainedLayoutEngine(rect=(0, margin / height, 1, 1 - margin / height))
        figure = Figure((size[0], height), layout=frame)
        axes = figure.subplots(1, panels, squeeze=False)[0]
        figure.text(0.02, 0.1 / height, "\n".join(lines), va="bottom", fontsize=8.5)
        yield figure, list(axes)


def phase_figure(sweep: Sweep, curves: Curves) -> Any:
    """The phase of every cell, n to the right, with the curves on which phases change."""
    import numpy as np
    from matplotlib.colors import ListedColormap
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator

    grid = sweep.grid
    shown = kinds(sweep)
    letters = [kind.letter for kind, _ in shown]
    across = list(grid.context_lengths)
    up = [noise if grid.over_noise else d for d, noise in grid.rows]
    codes = np.array(
        [
            [
                letters.index(Kind.of(sweep.phases(row, column)).letter)
                for column in range(len(across))
            ]
            for row in range(len(up))
        ]
    )
    caption = (
        "Local minima of the expected loss of one linear attention layer, in ω = W_V'h = (a, b), "
        f"N = W_K'W_Q and in the weights of head dimension {head_words(grid)}, {grid_words(grid)}, "
        "x, w ~ N(0, I). Every cell is decided exactly. ρ = ‖a‖²/b² measures how much of the "
        "first factor looks at the covariates instead of the responses; "
        "ρ = 0 is the global minimum."
    )
    if grid.over_noise:
        caption += (
            " Phases change where a curve passes; F(ρ) is the numerator of the derivative of the "
            "loss that is left when the second factor is optimal."
        )
    with drawing(caption) as (figure, (axes,)):
        colours = ListedColormap([_PHASE_COLOURS[letter] for letter in letters])
        axes.pcolormesh(
            edges(across),
            edges(up),
            codes,
            cmap=colours,
            vmin=-0.5,
            vmax=len(letters) - 0.5,
            rasterized=True,
        )
        handles: list[Any] = [
            Patch(color=_PHASE_COLOURS[kind.letter], label=kind.words) for kind, _ in shown
        ]
        drawn = [
            ("discriminant of F is 0", curves.interior, "-"),
            ("leading coefficient of F is 0", curves.infinity, "--"),
        ]
        if curves.weights is not None:
            drawn.append(("T_min = τ*, in the weights", curves.weights, ":"))
        for label, expression, dashes in drawn:
            if _contour(axes, grid, codes, expression, dashes):
                handles.append(Line2D([], [], color="black", lw=1, ls=dashes, label=label))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("context length n")
        axes.set_ylabel("noise variance σ²" if grid.over_noise else "dimension d")
        fixed = f"d = {grid.dimensions[0]}" if grid.over_noise else f"σ² = {grid.noises[0]}"
        axes.set_title(f"Where are there local minima that are not global?  ({fixed})", loc="left")
        if not grid.over_noise and len(up) <= 25:
            axes.set_yticks(up)
        axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, fontsize=8.5
        )
        return figure


def edges(values: Sequence[int | Fraction]) -> list[float]:
    """The borders of cells centred at ``values``: half way between neighbours."""
    middle = [float(value) for value in values]
    if len(middle) == 1:
        return [middle[0] - 0.5, middle[0] + 0.5]
    inner = [(low + high) / 2 for low, high in pairwise(middle)]
    return [2 * middle[0] - inner[0], *inner, 2 * middle[-1] - inner[-1]]


def _contour(axes: Any, grid: Grid, codes: Any, expression: Expr, dashes: str) -> bool:
    """Draw the zero set where it lies between cells of different phases; whether there is any.

    Not over d, which has no values between the rows.
    """
    import numpy as np

    across = np.array(grid.context_lengths, dtype=float)
    up = np.array([float(noise) for noise in grid.noises])
    if len(across) == 1 or len(up) == 1:
        return False
    horizontal = np.linspace(across[0], across[-1], _CONTOUR)
    vertical = np.linspace(up[0], up[-1], _CONTOUR)
    function = lambdify((Symbol("n"), Symbol("sigma2")), expression)
    values = function(horizontal[None, :], vertical[:, None]) * np.ones((_CONTOUR, _CONTOUR))
    near = _near_changes(codes)
    rows, columns = _nearest(up, vertical), _nearest(across, horizontal)
    heights = np.where(near[np.ix_(rows, columns)], values / np.abs(values).max(), np.nan)
    if not (np.nanmin(heights, initial=1) < 0 < np.nanmax(heights, initial=-1)):
        return False
    axes.contour(horizontal, vertical, heights, [0.0], colors="k", linewidths=1, linestyles=dashes)
    return True


def _nearest(centres: Any, points: Any) -> Any:
    """For each point the index of the nearest of the rising ``centres``."""
    import numpy as np

    return np.searchsorted((centres[1:] + centres[:-1]) / 2, points)


def _near_changes(codes: Any) -> Any:
    """Cells with a neighbour, also at a corner, whose code differs."""
    import numpy as np

    padded = np.pad(codes, 1, mode="edge")
    high, wide = codes.shape
    views = [padded[i : i + high, j : j + wide] for i in range(3) for j in range(3)]
    return np.max(views, axis=0) != np.min(views, axis=0)


def landscape_figure(landscape: Landscape) -> Any:
    """l(rho), the loss left when the second factor is optimal, with its stationary points."""
    import numpy as np

    scale = float(landscape.dimension + landscape.noise)
    angles = np.linspace(0, math.pi / 2, _CURVE)
    values = reduced_loss_at(landscape, [scale * math.tan(t) ** 2 for t in angles[:-1]])
    values.append(_loss_at_infinity(landscape))
    shown = [part for part in landscape.stationary if part.rho is not None]
    places = [math.atan(math.sqrt(_float(part.rho) / scale)) for part in shown]
    zero = next(float(part.loss) for part in landscape.stationary if part.rho is None)
    where = f"d = {landscape.dimension}, n = {landscape.context_length}, σ² = {landscape.noise}"
    caption = (
        f"Expected loss of one linear attention layer, x, w ~ N(0, I), {where}. For ω = (a, b) ≠ 0 "
        "the loss is a strictly convex quadratic in the second factor N; what is left after "
        "minimising over N depends on ρ = ‖a‖²/b² alone. The marked points, with the dashed line, "
        "are all losses stationary in (ω, N), found exactly. The axis shows the angle "
        "arctan √(ρ/(d + σ²)), labelled by ρ."
    )
    inner = [k for k, part in enumerate(shown) if 0 < _float(part.rho) < math.inf]
    heights = [float(shown[k].loss) for k in inner]
    # Where the whole range hides the interior points, a second panel shows them.
    close = len(inner) > 1 and max(heights) - min(heights) < 0.15 * (max(values) - min(values))
    size = (9.5, 4.4) if close else _SIZE
    with drawing(caption, panels=1 + close, size=size) as (figure, (axes, *zoomed)):
        _draw_curve(axes, angles, values, shown, places)
        axes.axhline(zero, color="0.45", lw=1, ls="--", label="ω = 0: the prediction 0 (saddle)")
        axes.set_xlim(-0.03, math.pi / 2 + 0.03)
        _rho_ticks(axes, scale)
        axes.set_ylabel("expected loss, minimised over N")
        axes.set_title(f"The reduced loss ℓ(ρ)  ({where})", loc="left")
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.14), ncols=2, fontsize=8.5)
        for small in zoomed:
            _draw_curve(small, angles, values, shown, places)
            _zoom(small, [places[k] for k in inner], heights, [_float(shown[k].rho) for k in inner])
        for panel in (axes, *zoomed):
            panel.set_xlabel("ρ = ‖a‖²/b²")
        return figure


def reduced_loss_at(landscape: Landscape, points: Sequence[float]) -> list[float]:
    """l(rho) at finite rho >= 0, evaluated exactly and rounded at the end."""
    here = cell(derived_form(), landscape.dimension, landscape.context_length, landscape.noise)
    above, below = here.reduced_loss()
    found = []
    for point in points:
        rho = Fraction(point)
        found.append(float(_horner(above, rho) / _horner(below, rho)))
    return found


def _horner(coefficients: Sequence[Fraction], x: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


def _loss_at_infinity(landscape: Landscape) -> float:
    return next(
        float(part.loss)
        for part in landscape.stationary
        if part.rho is not None and _is_oo(part.rho)
    )


def _is_oo(rho: AlgebraicNumber | Expr) -> bool:
    return not isinstance(rho, AlgebraicNumber)


def _float(rho: AlgebraicNumber | Expr | None) -> float:
    return float(rho) if isinstance(rho, AlgebraicNumber) else math.inf


def _draw_curve(
    axes: Any,
    angles: Any,
    values: Sequence[float],
    shown: Sequence[StationaryComponent],
    places: Sequence[float],
) -> None:
    axes.plot(angles, values, color="#1f3b57", lw=1.6)
    for kind, (colour, marker) in _MARKERS.items():
        chosen = [k for k, part in enumerate(shown) if part.type == kind]
        if chosen:
            axes.plot(
                [places[k] for k in chosen],
                [float(shown[k].loss) for k in chosen],
                ls="none",
                marker=marker,
                color=colour,
                markeredgecolor="black",
                markeredgewidth=0.6,
                ms=8,
                label=kind,
                zorder=3,
            )


def _rho_ticks(axes: Any, scale: float) -> None:
    """Ticks at round values of rho, as many as there is room for."""
    ticks: list[tuple[float, str]] = [(0.0, "0"), (math.pi / 2, "∞")]
    for power in range(-3, 5):
        for digit in (1, 2, 5):
            rho = digit * 10.0 ** (power + math.floor(math.log10(scale)))
            place = math.atan(math.sqrt(rho / scale))
            if all(abs(place - other) > _TICK_DISTANCE for other, _ in ticks):
                ticks.append((place, f"{rho:g}"))
    ticks.sort()
    axes.set_xticks([place for place, _ in ticks], [text for _, text in ticks])


def _zoom(
    axes: Any, places: Sequence[float], heights: Sequence[float], rhos: Sequence[float]
) -> None:
    """Limit the axes to the interior stationary points and their surroundings."""
    margin = 0.4 * (max(places) - min(places))
    spread = max(heights) - min(heights)
    axes.set_xlim(max(min(places) - margin, 0.0), min(max(places) + margin, math.pi / 2))
    axes.set_ylim(min(heights) - 0.6 * spread, max(heights) + 0.6 * spread)
    axes.set_xticks(list(places), [f"{rho:.4g}" for rho in rhos])
    axes.set_title("Around the interior stationary points", loc="left")
