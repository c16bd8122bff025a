"""The price of one GD step for a terminal (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.document.layout import aligned
from verifier.document.output import Style
from verifier.document.plots_ridge import PriceCurve

SHOWN = 8


def price_text(curves: Sequence[PriceCurve], style: Style) -> str:
    """A row per (d, sigma2, n), at most eight context lengths of each curve, evenly spread."""
    rows = [("d", "σ²", "n", "one GD step", "ridge (Bayes)", "price", "price / d")]
    for curve in curves:
        last = len(curve.context_lengths) - 1
        for k in sorted({round(i * last / (SHOWN - 1)) for i in range(SHOWN)}):
            price = curve.price[k]
            rows.append(
                (
                    str(curve.dimension),
                    str(curve.noise),
                    str(curve.context_lengths[k]),
                    f"{curve.gradient_step[k]:.6f}",
                    f"{curve.bayes[k]:.6f}",
                    f"{price:.6f}",
                    f"{price / curve.dimension:.6f}",
                )
            )
    lines = [
        "The least loss of one GD step against that of ridge regression with λ = σ²",
        *aligned(rows, "  "),
        "one GD step: exact; ridge: quadrature over eigenvalues (relative error below 1e-8)",
    ]
    return style.letters("\n".join(lines))
