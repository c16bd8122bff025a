"""A phase diagram as text, CSV and JSON, described by ``phase_diagram.schema.json``.

The cells come from `verifier.stationary.phase_sweep`, the symbolic boundaries from
`verifier.stationary.phase`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import Any

import sympy
from sympy import Expr, Poly, Symbol

from verifier.render.columns import fold, shorten
from verifier.render.streams import Style
from verifier.stationary.phase import Boundary, Phase
from verifier.stationary.phase_sweep import Grid, Sweep, phases_of
from verifier.stationary.reduction import derived_form
from verifier.stationary.weights import BothPhases, least_trace, standard_head_dimension

SCHEMA_VERSION = 1
COLUMNS = (
    "d",
    "n",
    "noise",
    "interior",
    "infinity",
    "benign",
    "head_dimension",
    "benign_in_weights",
)
_MAP_WIDTH, _MAP_HEIGHT = 72, 16
_N, _D, _NOISE = Symbol("n"), Symbol("d"), Symbol("sigma2")


@dataclass(frozen=True, slots=True)
class Kind:
    """The phases of a cell as people see them: the letter of a text map and words for a legend."""

    letter: str
    words: str

    @classmethod
    def of(cls, phases: BothPhases) -> Kind:
        """The kind of a pair of phases.

        Over rho = oo the weights may have more local minima than (omega, N), and with a head
        dimension below d they may have fewer; the words say what is true in both.
        """
        reduced, weights = phases.reduced, phases.weights
        if reduced.benign and weights.benign:
            return cls("·", "benign in (ω, N) and in the weights")
        if reduced.benign:
            return cls("b", f"benign in (ω, N) only; in the weights {_words(weights)}")
        letter = "∞" if not reduced.interior else str(reduced.interior)
        if reduced.infinity and reduced.interior:
            letter = "+"
        if weights.benign:
            return cls("w", "benign in the weights only")
        return cls(letter, f"spurious in both; in (ω, N) {_words(reduced)}")


def _words(phase: Phase) -> str:
    inner = {0: "", 1: "one family", 2: "two families"}[phase.interior]
    parts = [f"{inner} with 0 < ρ < ∞" if inner else "", "one at ρ = ∞" if phase.infinity else ""]
    return " and ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Curves:
    """Polynomials in n, d, sigma2 whose zero sets hold every change of phase, for d >= 2.

    infinity: that of rho = oo in (omega, N); interior: that of the number of interior minima there;
    weights: that of rho = oo in the weights, where it differs and d is fixed, else None; all
    specialised to the grid's fixed d or sigma2.
    """

    infinity: Expr
    interior: Expr
    weights: Expr | None

    @classmethod
    def of(cls, boundary: Boundary, grid: Grid) -> Curves:
        """Keep the factors that can vanish for d >= 2, n >= 1, sigma2 >= 0; fix d or sigma2."""
        factors = [base for base, _ in boundary.discriminant if not _positive(base)]
        fixed = (
            {_D: grid.dimensions[0]}
            if grid.over_noise
            else {_NOISE: sympy.Rational(grid.noises[0].numerator, grid.noises[0].denominator)}
        )
        infinity, interior = (
            Poly(sympy.expand(part.subs(fixed)), _N, _D, _NOISE)
            for part in (boundary.infinity, sympy.Mul(*factors))
        )
        return cls(_integral(infinity), _integral(interior), _weights_curve(grid))


def _weights_curve(grid: Grid) -> Expr | None:
    """T_min Q^2 G - g2 P without positive factors: its sign decides rho = oo in the weights."""
    if not grid.over_noise:
        return None
    d = grid.dimensions[0]
    r = grid.head_dimension or standard_head_dimension(d)
    if min(r, d) == 1 or r >= 2 * d - 1:
        return None
    form = derived_form()
    cross = form.g1 + form.g2
    gram = cross * form.g4 - form.g3**2
    value = least_trace(d, r) * form.quadratic**2 * cross - form.g2 * gram
    polynomial = Poly(sympy.expand(value.subs(_D, d)), _N, _NOISE)
    return _integral(Poly(polynomial.terms_gcd()[1].as_expr(), _N, _D, _NOISE))


def _positive(factor: Expr) -> bool:
    """Whether all coefficients are >= 0 and the constant is > 0 after n = 1 + n', d = 2 + d'."""
    shifted = Poly(factor.subs({_N: _N + 1, _D: _D + 2}, simultaneous=True), _N, _D, _NOISE)
    return all(value >= 0 for value in shifted.coeffs()) and shifted.coeff_monomial(1) > 0


def _integral(polynomial: Poly) -> Expr:
    if polynomial.is_zero:
        return sympy.Integer(0)
    return polynomial.clear_denoms(convert=True)[1].primitive()[1].as_expr()


def kinds(sweep: Sweep) -> list[tuple[Kind, int]]:
    """The kinds that occur, those benign in both spaces first, with the number of their cells."""
    found: Counter[Kind] = Counter()
    for text, count in sorted(Counter(sweep.codes).items()):
        found[Kind.of(phases_of(text))] += count
    return list(found.items())


def grid_text(sweep: Sweep, curves: Curves | None, style: Style, seconds: float) -> str:
    """One screen: a coarse map, how many cells of each kind, the boundary polynomials."""
    grid = sweep.grid
    lines = [
        style.paint("Where does the loss have local minima that are not global?", "bold"),
        *fold(
            f"Theorem 1's loss, {grid_words(grid)}; exact for each cell, in (ω, N) and in the "
            f"weights of head dimension {head_words(grid)}.",
            style.width,
            "  ",
        ),
        *_map(sweep),
    ]
    for kind, count in kinds(sweep):
        share = f"{count} of {grid.size} cells"
        lines += fold(f"{kind.letter}  {kind.words} ({share})", style.width, "  ", " " * 5)
    if curves is not None:
        lines += _curve_lines(curves, grid, style)
    lines.append(style.paint(f"{grid.size} cells in {seconds:.1f} s", "dim"))
    return style.letters("\n".join(lines))


def grid_words(grid: Grid) -> str:
    """The grid in words."""
    n = f"n = {_range(grid.context_lengths)}"
    if grid.over_noise:
        return f"d = {grid.dimensions[0]}, {n}, σ² = {_range(grid.noises)}"
    return f"σ² = {grid.noises[0]}, {n}, d = {_range(grid.dimensions)}"


def head_words(grid: Grid) -> str:
    """The head dimension of the weights in words."""
    return "d + 1" if grid.head_dimension is None else str(grid.head_dimension)


def _range(values: Sequence[int] | Sequence[Fraction]) -> str:
    if len(values) == 1:
        return str(values[0])
    return f"{values[0]} to {values[-1]} ({len(values)} values)"


def _map(sweep: Sweep) -> list[str]:
    """Cells picked evenly, n to the right and the other axis upwards."""
    grid = sweep.grid
    rows, lengths = grid.rows, grid.context_lengths
    across = _picked(len(lengths), _MAP_WIDTH)
    name = "σ²" if grid.over_noise else "d"
    up = [number(row[1] if grid.over_noise else row[0]) for row in rows]
    chosen = _picked(len(rows), _MAP_HEIGHT)
    width = max(len(up[row]) for row in chosen)
    lines = [
        f"  {name if row == chosen[-1] else '':>2} {up[row]:>{width}} │"
        + "".join(Kind.of(sweep.phases(row, column)).letter for column in across)
        for row in reversed(chosen)
    ]
    low, high = str(lengths[0]), str(lengths[-1])
    blank = " " * max(len(across) - len(low) - len(high), 1)
    return [*lines, " " * (width + 6) + (f"{low}{blank}{high}" if len(lengths) > 1 else low) + " n"]


def number(value: int | Fraction) -> str:
    """A short decimal for axes."""
    return str(value) if Fraction(value).denominator == 1 else f"{float(value):.3g}"


def _picked(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def _curve_lines(curves: Curves, _grid: Grid, style: Style) -> list[str]:
    lines = [style.paint("Boundary curves (for d ≥ 2)", "bold")]
    labelled = [("at ρ = ∞", curves.infinity), ("with 0 < ρ < ∞", curves.interior)]
    if curves.weights is not None:
        labelled.append(("in the weights", curves.weights))
    for label, expression in labelled:
        terms = len(sympy.Add.make_args(expression))
        text = f"  {label:<15} 0 = {_plain(expression)}"
        size = f"[{terms} terms; --json has all]"
        if len(text) > style.width:
            text = f"{shorten(text, style.width - len(size) - 1)} {size}"
        lines.append(text)
    return lines


def _plain(expression: Expr) -> str:
    return str(expression).replace("**", "^").replace("sigma2", "σ²")


def csv_lines(sweep: Sweep) -> Iterator[str]:
    """One line for each cell after a header; noise exact, truth values as 0 or 1."""
    yield ",".join(COLUMNS) + "\n"
    for cell in _cells(sweep):
        yield ",".join(str(int(v) if isinstance(v, bool) else v) for v in cell.values()) + "\n"


def _cells(sweep: Sweep) -> Iterator[dict[str, Any]]:
    for index, text in enumerate(sweep.codes):
        d, n, noise = sweep.grid.cell(index)
        phases = phases_of(text)
        reduced = phases.reduced
        heads = sweep.grid.head_dimension or standard_head_dimension(d)
        values = (
            d,
            n,
            str(noise),
            reduced.interior,
            reduced.infinity,
            reduced.benign,
            heads,
            phases.weights.benign,
        )
        yield dict(zip(COLUMNS, values, strict=True))


def grid_json(sweep: Sweep, curves: Curves | None, seconds: float) -> str:
    """The JSON text of a finished sweep."""
    grid = sweep.grid
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "grid": {
                "d": list(grid.dimensions),
                "n": list(grid.context_lengths),
                "noise": [str(noise) for noise in grid.noises],
            },
            "counts": [{"kind": kind.words, "cells": count} for kind, count in kinds(sweep)],
            "boundary": None
            if curves is None
            else {
                "infinity": str(curves.infinity),
                "interior": str(curves.interior),
                "weights": None if curves.weights is None else str(curves.weights),
            },
            "cells": list(_cells(sweep)),
            "seconds": round(seconds, 3),
        },
        ensure_ascii=True,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `grid_json`."""
    file = resources.files("verifier.reports") / "phase_diagram.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
