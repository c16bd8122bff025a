"""Figures of the landscape: l(rho), the phase diagram, what training sees (floor 3).

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

from verifier.document.landscape_grid import Curves, Kind, grid_words, kinds
from verifier.sweep import Grid, Sweep

FORMATS = ("png", "svg", "pdf")
_SIZE, _DPI = (7.2, 5.0), 200
_CONTOUR = 600
_STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "legend.frameon": False,
    "svg.hashsalt": "verifier",
    "pdf.fonttype": 42,
}
# Okabe and Ito's colours, told apart by colour-blind readers.
_PHASE_COLOURS = {"·": "#dfe7ee", "1": "#e69f00", "2": "#d55e00", "∞": "#56b4e9", "+": "#7b4fa3"}


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
                letters.index(Kind.of(sweep.phase(row, column)).letter)
                for column in range(len(across))
            ]
            for row in range(len(up))
        ]
    )
    caption = (
        f"Local minima of the expected loss of one linear attention layer, {grid_words(grid)}, "
        "x, w ~ N(0, I). Every cell is decided exactly. ρ = ‖a‖²/b² measures how much of the "
        "first factor looks at the covariates instead of the responses; ρ = 0 is the global "
        "minimum."
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
        for label, expression, dashes in (
            ("discriminant of F is 0", curves.interior, "-"),
            ("leading coefficient of F is 0", curves.infinity, "--"),
        ):
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


def tick_text(rho: float) -> str:
    """A short label for a value of rho."""
    if math.isinf(rho):
        return "∞"
    return f"{rho:.3g}"
