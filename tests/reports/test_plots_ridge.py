"""The price plot: its numbers, its files, and what it says when it cannot draw."""

import sys
from fractions import Fraction

import pytest

from verifier.reports.plots_ridge import draw_price, price_curves


def test_curves_hold_both_losses_and_their_difference() -> None:
    """d = 1, sigma2 = 0: ridge regression knows w from one example; one step loses 1 - n/(n+2)."""
    (curve,) = price_curves([1], [Fraction(0)], [1, 2, 6])
    assert curve.bayes == (0.0, 0.0, 0.0)
    assert curve.gradient_step == pytest.approx([2 / 3, 1 / 2, 1 / 4])
    assert curve.price == pytest.approx(curve.gradient_step)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_curves_give_the_same_bytes(tmp_path, suffix) -> None:
    pytest.importorskip("matplotlib")
    curves = price_curves([1, 2], [Fraction(1, 2)], [1, 2, 4])
    paths = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for path in paths:
        draw_price(curves, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    draw_price(curves[:1], paths[1])
    assert paths[0].read_bytes() != paths[1].read_bytes()


def test_what_cannot_be_drawn_is_refused_in_one_line(tmp_path, monkeypatch) -> None:
    curves = price_curves([1], [Fraction(1)], [1, 2])
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf, not '\.bmp'"):
        draw_price(curves, tmp_path / "plot.bmp")
    with pytest.raises(ValueError, match="no curve"):
        draw_price((), tmp_path / "plot.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="need the extra 'plots'"):
        draw_price(curves, tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())
