"""Figures of the landscape: formats, determinism, and that what is drawn is what was computed."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("matplotlib")

import verifier.reports.plots_landscape as plots
from verifier.arithmetic.roots import AlgebraicNumber
from verifier.reports.landscape_grid import Curves
from verifier.reports.plots_basins import basins_figure
from verifier.reports.plots_landscape import (
    edges,
    figure_format,
    landscape_figure,
    phase_figure,
    reduced_loss_at,
    write_figure,
)
from verifier.stationary.basin_survey import survey
from verifier.stationary.phase import Boundary, boundary
from verifier.stationary.phase_sweep import Grid, Sweep, fill
from verifier.stationary.stationary_points import landscape

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def written(figure: Any, form: str) -> bytes:
    """The file."""
    file = io.BytesIO()
    write_figure(figure, file, form)
    return file.getvalue()


@cache
def curves(grid: Grid) -> Curves:
    """The boundary curves; the symbolic part is derived once."""
    return Curves.of(derived_boundary(), grid)


@cache
def derived_boundary() -> Boundary:
    """Takes about a second."""
    return boundary()


def swept(grid: Grid) -> Sweep:
    """All cells."""
    sweep = Sweep.empty(grid)
    fill(sweep)
    return sweep


@pytest.mark.parametrize("form", sorted(MAGIC))
def test_every_format_is_written_and_repeats_itself(form: str) -> None:
    files = [written(landscape_figure(landscape(2, 5, Fraction(1, 2))), form) for _ in range(2)]
    assert files[0].startswith(MAGIC[form])
    assert files[0] == files[1]


def test_names_ask_for_formats() -> None:
    assert [figure_format(f"x.{end}") for end in ("png", "SVG", "pdf")] == ["png", "svg", "pdf"]
    for name in ("x", "x.gif", "png", ".png/x"):
        with pytest.raises(ValueError, match=r"must end in \.png"):
            figure_format(name)


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install '\.\[plots\]'"):
        figure_format("x.png")


@settings(max_examples=10, deadline=None)
@given(d=st.integers(1, 5), n=st.integers(1, 60), noise=st.fractions(0, 9, max_denominator=4))
def test_the_curve_passes_through_the_stationary_points(d: int, n: int, noise: Fraction) -> None:
    here = landscape(d, n, noise)
    for part in here.stationary:
        if part.rho is None:
            continue
        rho = float(part.rho) if isinstance(part.rho, AlgebraicNumber) else 1e14
        assert reduced_loss_at(here, [rho])[0] == pytest.approx(float(part.loss), rel=1e-9)


def markers(axes: Any) -> dict[str, list[float]]:
    """Losses at the markers, by type."""
    return {
        line.get_label(): list(line.get_ydata())
        for line in axes.get_lines()
        if line.get_marker() not in ("None", None, "")
    }


def test_markers_are_the_stationary_losses() -> None:
    here = landscape(3, 30, Fraction(0))
    axes = landscape_figure(here).axes
    found = markers(axes[0])
    for kind in ("global minimum", "local minimum", "saddle"):
        losses = [float(p.loss) for p in here.stationary if p.type == kind and p.rho is not None]
        assert found[kind] == losses
    # The dip is 2 % of the range, so a second panel shows it.
    assert len(axes) == 2
    assert len(landscape_figure(landscape(4, 5, Fraction(1))).axes) == 1


def test_the_phase_figure_shows_the_cells_and_their_legend() -> None:
    grid = Grid((3,), tuple(range(15, 31)), tuple(Fraction(k) for k in range(5)))
    sweep = swept(grid)
    (axes,) = phase_figure(sweep, curves(grid)).axes
    drawn = axes.collections[0].get_array().reshape(5, 16)
    both = [[sweep.phases(row, column) for column in range(16)] for row in range(5)]
    benign = [[cell.reduced.benign and cell.weights.benign for cell in row] for row in both]
    assert ((drawn == 0) == np.array(benign)).all()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(labels) == 3
    assert labels[0].startswith("benign")
    assert labels[-1] == "discriminant of F is 0"
    assert axes.get_xlabel() == "context length n"


@pytest.mark.parametrize(
    "grid",
    [
        Grid((3,), (7,), (Fraction(1),)),
        Grid((2, 5), (1, 4, 90), (Fraction(1),)),
        Grid((1,), (1, 2), (Fraction(0), Fraction(1))),
    ],
    ids=["one cell", "over d", "d = 1"],
)
def test_small_grids_are_drawn(grid: Grid) -> None:
    assert written(phase_figure(swept(grid), curves(grid)), "png")


@pytest.mark.parametrize("lengths", [(), (2,)])
def test_basins_are_drawn_as_shares_of_the_runs(lengths: tuple[int, ...]) -> None:
    seen = survey(landscape(2, 5, Fraction(1, 2)), starts=6, scales=(0.1, 0.3), lengths=lengths)
    left, right = basins_figure(seen).axes
    curves = [line for line in left.get_lines() if len(line.get_xdata()) > 2]
    assert len(curves) == 6
    if lengths:
        shares = [line.get_ydata() for line in right.get_lines()]
        expected = [f.in_spurious / 6 for f in seen.frequencies]
        assert np.allclose(np.array(shares).T.ravel(), expected)
    else:
        heights = [patch.get_height() for patch in right.patches]
        assert np.allclose(heights[:2], [f.in_global / 6 for f in seen.frequencies])


@given(st.lists(st.integers(0, 99), min_size=2, unique=True).map(sorted))
def test_borders_lie_between_cells(values: list[int]) -> None:
    borders = edges(values)
    assert len(borders) == len(values) + 1
    assert all(
        low < value < high for low, value, high in zip(borders, values, borders[1:], strict=False)
    )
