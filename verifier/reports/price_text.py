"""The price of one GD step for a terminal, as CSV and as JSON: every row in each form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import Any

from verifier.render.columns import fitted, fold
from verifier.render.streams import Style
from verifier.reports.plots_ridge import PriceCurve

SCHEMA_VERSION = 1
HEADING = "The least loss of one GD step against that of ridge regression with λ = σ²"
NOTE = "one GD step: exact; ridge: quadrature over eigenvalues (relative error below 1e-8)"
COLUMNS = ("dimension", "noise_variance", "context_length", "gradient_step", "ridge", "price")


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Losses at one (d, sigma2, n)."""

    dimension: int
    noise: Fraction
    context_length: int
    gradient_step: float
    ridge: float
    price: float


def price_rows(curves: Sequence[PriceCurve]) -> Iterator[PriceRow]:
    """Every (d, sigma2, n) of the curves, in their order."""
    for curve in curves:
        values = zip(
            curve.context_lengths, curve.gradient_step, curve.bayes, curve.price, strict=True
        )
        for n, step, ridge, price in values:
            yield PriceRow(curve.dimension, curve.noise, n, step, ridge, price)


def price_text(curves: Sequence[PriceCurve], style: Style) -> str:
    """A table with a row per (d, sigma2, n)."""
    rows = [("d", "σ²", "n", "one GD step", "ridge (Bayes)", "price", "price / d")]
    for row in price_rows(curves):
        rows.append(
            (
                str(row.dimension),
                str(row.noise),
                str(row.context_length),
                f"{row.gradient_step:.6f}",
                f"{row.ridge:.6f}",
                f"{row.price:.6f}",
                f"{row.price / row.dimension:.6f}",
            )
        )
    lines = [
        *fold(HEADING, style.width, ""),
        *fitted(rows, "  ", style.width),
        *fold(NOTE, style.width, "", "  "),
    ]
    return style.letters("\n".join(lines))


def price_csv(curves: Sequence[PriceCurve]) -> str:
    """The same rows as CSV with a header; the noise variance exact, the losses in full."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in price_rows(curves):
        losses = (row.gradient_step, row.ridge, row.price)
        writer.writerow((row.dimension, row.noise, row.context_length, *map(repr, losses)))
    return target.getvalue()


def price_json(curves: Sequence[PriceCurve]) -> str:
    """The same rows as one JSON object, described by ``price.schema.json``."""
    rows = [
        dict(
            zip(
                COLUMNS,
                (
                    row.dimension,
                    str(row.noise),
                    row.context_length,
                    row.gradient_step,
                    row.ridge,
                    row.price,
                ),
                strict=True,
            )
        )
        for row in price_rows(curves)
    ]
    record = {"schema_version": SCHEMA_VERSION, "ridge_relative_error": 1e-8, "rows": rows}
    return json.dumps(record, indent=2, allow_nan=False)


def schema() -> dict[str, Any]:
    """The JSON Schema of the record."""
    text = (resources.files("verifier.reports") / "price.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
