"""One number as JSON, the same everywhere.

``decimal`` always, ``exact`` as "p/q" or null; an algebraic number adds its minimal polynomial
(constant first) and an isolating interval, a closed form its formula, a sampled number its
standard error (null where that is not known).
"""

from __future__ import annotations

import math
from typing import Any

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.explore.values import Value


def value_object(value: Value) -> dict[str, Any]:
    """One number."""
    shown: dict[str, Any] = {
        "exact": None if value.exact is None else str(value.exact),
        "decimal": value.decimal,
    }
    if value.polynomial is not None and value.interval is not None:
        shown["minimal_polynomial"] = [str(v) for v in value.polynomial]
        shown["interval"] = [str(v) for v in value.interval]
    if value.formula:
        shown["closed_form"] = value.formula
    if value.error is not None:
        shown["standard_error"] = value.error if math.isfinite(value.error) else None
    return shown


def algebraic_object(number: AlgebraicNumber) -> dict[str, Any]:
    """One real algebraic number, with its polynomial and a short interval if it is rational too."""
    # Only landscapes have such numbers, and their modules bring SymPy with them.
    from verifier.reports.landscape_point import isolating

    exact = number.as_fraction()
    low, high = isolating(number)
    return {
        "exact": None if exact is None else str(exact),
        "decimal": float(number),
        "minimal_polynomial": [str(v) for v in number.polynomial],
        "interval": [str(low), str(high)],
    }
