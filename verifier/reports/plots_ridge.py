"""The price of one GD step against the Bayes predictor, as data and as a plot.

Losses come from the exact polynomial (GD step) and from quadrature (ridge regression); matplotlib
is an extra and is imported only when a plot is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from verifier.numeric.ridge import ridge_excess
from verifier.optimum.ridge import SIGMA2, D, N, gradient_step_loss
from verifier.work.engine import Engine, Serial

SUFFIXES = (".png", ".svg", ".pdf")


@dataclass(frozen=True, slots=True)
class PriceCurve:
    """Losses at one d and sigma^2 as functions of n; the price is their difference."""

    dimension: int
    noise: Fraction
    context_lengths: tuple[int, ...]
    gradient_step: tuple[float, ...]
    bayes: tuple[float, ...]

    @property
    def price(self) -> tuple[float, ...]:
        """Loss of the best GD step minus the Bayes loss."""
        return tuple(g - b for g, b in zip(self.gradient_step, self.bayes, strict=True))


def price_curves(
    dimensions: Sequence[int],
    noises: Sequence[Fraction],
    context_lengths: Sequence[int],
    engine: Engine | None = None,
) -> tuple[PriceCurve, ...]:
    """One curve per (d, sigma^2), the ridge risks on an ``engine`` if one is given.

    ValueError for sizes below 1 or a negative noise variance.
    """
    loss, curves = gradient_step_loss(), []
    points = [(n, d, noise) for d in dimensions for noise in noises for n in context_lengths]
    risks: dict[int, float] = {}
    (engine or Serial()).run(ridge_risk, points, risks.__setitem__)
    count = len(context_lengths)
    for k, (d, noise) in enumerate((d, noise) for d in dimensions for noise in noises):
        step = tuple(float(loss.subs({N: n, D: d, SIGMA2: noise})) for n in context_lengths)
        bayes = tuple(risks[k * count + place] for place in range(count))
        curves.append(PriceCurve(d, noise, tuple(context_lengths), step, bayes))
    return tuple(curves)


def ridge_risk(point: tuple[int, int, Fraction]) -> float:
    """The loss of ridge regression at (n, d, sigma^2), by quadrature."""
    n, d, noise = point
    return float(noise) + ridge_excess(n, d, float(noise)).value


def draw_price(curves: Sequence[PriceCurve], path: str | Path) -> None:
    """Draws losses (left) and price per dimension over n/d (right) into a PNG, SVG or PDF file.

    Raises ``ValueError`` for no curve or another suffix and ``ImportError`` with one line where
    matplotlib is absent.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"a plot is written to {', '.join(SUFFIXES)}, not {path.suffix!r}")
    if not curves:
        raise ValueError("there is no curve to draw")
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(
            "plots need the extra 'plots': pip install 'icl-verifier[plots]'"
        ) from None
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    losses, prices = figure.subplots(1, 2)
    for index, curve in enumerate(curves):
        colour = f"C{index % 10}"
        label = rf"$d={curve.dimension}$, $\sigma^2={curve.noise}$"
        lengths = curve.context_lengths
        losses.plot(lengths, curve.gradient_step, color=colour, label=label)
        losses.plot(lengths, curve.bayes, color=colour, linestyle="--")
        ratio = [n / curve.dimension for n in lengths]
        prices.plot(ratio, [p / curve.dimension for p in curve.price], color=colour, label=label)
    losses.set(
        xlabel="number of examples $n$",
        ylabel="expected loss",
        title="one GD step (solid), ridge regression (dashed)",
        xscale="log",
    )
    prices.set(
        xlabel="$n/d$",
        ylabel="price of one GD step, per dimension",
        title="loss of the best GD step minus the Bayes loss",
        xscale="log",
    )
    for axes in (losses, prices):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    # No dates or random names in the file, so that the same curves give the same bytes.
    metadata = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with rc_context({"svg.hashsalt": "price of one GD step"}):
        figure.savefig(path, dpi=150, metadata=metadata[path.suffix.lower()])
