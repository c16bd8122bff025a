"""Numerical evidence for the landscape: descents, numerical elimination, exactly decided cells.

Descents on the loss in all (d+1)^2 parameters must end exactly at the local minima that the exact
cell lists; eliminating N by least squares must give l(rho); and Sturm's theorem, cell by cell,
must agree with each region of the phase theorem.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import atan, pi, sqrt, tan
from typing import TYPE_CHECKING, Any

from proofs.shared import evidence as _evidence
from verifier.theorem.theorem import Options, Table

if TYPE_CHECKING:
    import numpy as np

    from verifier.loss.moment_tables import MomentLoss
    from verifier.stationary.stationary_points import Landscape

TOLERANCE = 1e-6
STEPS = 80
# A local minimum inside, one at rho = oo, and a benign cell.
CELLS = ((3, 30, Fraction(0)), (3, 1, Fraction(20)), (4, 2, Fraction(1)))
SIZE = ("d", "n", "sigma2")


def cells(options: Options) -> Iterator[tuple[int, int, Fraction]]:
    """The cells asked for and the fixed ones, each once."""
    yield from dict.fromkeys((*_evidence.grid(options), *CELLS))


def descent_table(options: Options) -> Table:
    """Local minima of the exact cell against the losses at which descents end."""
    import numpy as np

    from verifier.numeric.optimise import optimise
    from verifier.numeric.stationary import Outcome
    from verifier.stationary.stationary_points import landscape

    rng = np.random.default_rng([options.seed, 4])
    random = max(4, options.starts // 4)
    rows, passed = [], True
    for d, n, noise in cells(options):
        loss = _moment_loss(d, n, noise)
        found = landscape(d, n, noise)
        exact = sorted({float(c.loss) for c in found.stationary if c.type.endswith(" minimum")})
        starts = _near_minima(found, rng)
        report = optimise(loss, d, rng, random, loss.hessian, starts)
        ends = [lv for lv in report.levels if lv.outcome is Outcome.LOCAL_MINIMUM]
        scale = max(1.0, abs(exact[0]))
        close = len(ends) == len(exact) and all(
            abs(level.loss - value) <= TOLERANCE * scale
            for level, value in zip(ends, exact, strict=True)
        )
        saddles = sum(lv.count for lv in report.levels if lv.outcome is Outcome.SADDLE)
        passed = passed and close and not saddles
        rows.append(
            (
                str(d),
                str(n),
                str(noise),
                ", ".join(f"{value:.6g}" for value in exact),
                ", ".join(f"{level.loss:.6g} ({level.count})" for level in ends),
                str(report.not_converged),
            )
        )
    return Table(
        "Local minima in (omega, N) by root isolation, and where descents end",
        (*SIZE, "exact local minima, L* first", "losses that runs end in (count)", "lost"),
        tuple(rows),
        passed,
        f"{random} random starts and one beside each exact local minimum; no run may end elsewhere",
    )


def _moment_loss(d: int, n: int, noise: Fraction) -> MomentLoss:
    """The loss in floating point from one example's exact moments, another derivation of it."""
    from verifier.law_moments.of_setting import general_moments
    from verifier.loss.moment_tables import MomentLoss, MomentTables
    from verifier.setting.data import Setting

    moments = general_moments(Setting.isotropic(d, n, noise))
    tables = MomentTables(
        moments.lower, moments.variances, moments.target_second, moments.fourth, moments.paired
    )
    return MomentLoss.of(tables, n)


def _near_minima(found: Landscape, rng: np.random.Generator) -> list[np.ndarray]:
    import numpy as np

    from verifier.stationary.representative import representative

    starts = []
    for component in found.stationary:
        if component.type.endswith(" minimum"):
            theta = np.array([float(x) for x in representative(found, component).decimals()])
            starts.append(theta + 1e-3 * rng.standard_normal(theta.size))
    return starts


def curve_tables(options: Options) -> tuple[Table, ...]:
    """l(rho) with its stationary points, drawn in documents, at the first cell with d >= 2 and one
    with a local minimum inside.
    """
    asked = next((c for c in _evidence.grid(options) if c[0] > 1), CELLS[0])
    return tuple(_curve_table(*c) for c in dict.fromkeys((asked, CELLS[0])))


def _curve_table(d: int, n: int, noise: Fraction) -> Table:
    from verifier.stationary.cell import cell
    from verifier.stationary.reduction import derived_form
    from verifier.stationary.stationary_points import landscape
    from verifier.theorem.theorem import Curve

    numerator, denominator = cell(derived_form(), d, n, noise).reduced_loss()
    scale = float(d + noise)
    points = []
    for k in range(STEPS):
        rho = scale * tan(pi / 2 * k / STEPS) ** 2
        above = sum(float(c) * rho**i for i, c in enumerate(numerator))
        below = sum(float(c) * rho**i for i, c in enumerate(denominator))
        points.append((k / STEPS, above / below))
    rows, marks = [], []
    reduced = [c for c in landscape(d, n, noise).stationary if c.rho is not None]
    for label, component in enumerate(reduced, 1):
        infinite = str(component.rho) == "oo"
        rho = 0.0 if infinite else float(component.rho)  # type: ignore[arg-type]
        place = 1.0 if infinite else 2 / pi * atan(sqrt(rho / scale))
        marks.append((place, float(component.loss), str(label)))
        shown = "oo" if infinite else f"{rho:.6g}"
        rows.append((str(label), component.type, shown, f"{float(component.loss):.6g}"))
    points.append((1.0, float(reduced[-1].loss)))
    return Table(
        f"The reduced loss at d = {d}, n = {n}, sigma2 = {noise}",
        ("mark", "type", "rho", "loss"),
        tuple(rows),
        None,
        "every point with omega != 0 stationary in (omega, N), exact, shown rounded",
        curve=Curve("2/pi arctan sqrt(rho / (d + sigma2))", "l(rho)", tuple(points), tuple(marks)),
    )


def elimination_table(options: Options) -> Table:
    """min over N of the numerical loss, by Newton's equation in N, against the exact l(rho)."""
    import numpy as np

    from verifier.loss.dimension_free import dimension_free_loss
    from verifier.stationary.cell import cell
    from verifier.stationary.reduction import derived_form

    loss = dimension_free_loss()
    rng = np.random.default_rng([options.seed, 5])
    rows, passed = [], True
    for d, n, noise in cells(options):
        numeric: Any = loss.numeric(d, n, noise)
        numerator, denominator = (
            [float(x) for x in part] for part in cell(derived_form(), d, n, noise).reduced_loss()
        )
        worst, curvature = 0.0, np.inf
        for _ in range(5):
            omega = rng.standard_normal(d + 1)
            value, smallest = _eliminated(numeric, omega)
            rho = float(omega[:d] @ omega[:d]) / float(omega[d]) ** 2
            expected = np.polyval(numerator[::-1], rho) / np.polyval(denominator[::-1], rho)
            worst = max(worst, float(abs(value - expected) / abs(expected)))
            curvature = min(curvature, smallest)
        passed = passed and worst < 1e-8 and curvature > 0
        rows.append((str(d), str(n), str(noise), f"{worst:.1e}", f"{curvature:.2g}"))
    return Table(
        "Eliminating N numerically at random omega",
        (*SIZE, "relative distance from l(rho)", "least eigenvalue of the Hessian in N"),
        tuple(rows),
        passed,
        "5 random omega each",
    )


def _eliminated(numeric: Any, omega: np.ndarray) -> tuple[float, float]:
    """The minimum over N at omega and the least curvature in N."""
    import numpy as np

    start = np.concatenate([omega, np.zeros((omega.size - 1) * omega.size)])
    _, gradient = numeric.loss_and_gradient(start)
    hessian = numeric.hessian(start)[omega.size :, omega.size :]
    start[omega.size :] = -np.linalg.solve(hessian, gradient[omega.size :])
    return float(numeric.loss(start)), float(np.linalg.eigvalsh(hessian)[0])


def phase_table() -> Table:
    """Cells at the edges of the regions, decided by Sturm's theorem."""
    from verifier.stationary.phase import classify

    half = Fraction(1, 2)
    regions = (
        ("d = 1", True, [(1, n, s * half) for n in (1, 7, 90) for s in (0, 9)]),
        ("d = 2", False, [(2, n, s * half) for n in (1, 7, 90) for s in (0, 9)]),
        (
            "n >= 5 (d + sigma2)^2",
            False,
            [(d, 5 * (d + s) ** 2, Fraction(s)) for d in (3, 5, 9) for s in (0, 2)],
        ),
        (
            "d >= 5, n <= 3 d^2 + sigma2",
            True,
            [(d, 3 * d * d + s, Fraction(s)) for d in (5, 7, 11) for s in (0, 6)],
        ),
        ("d = 3, sigma2 >= 3 n + 10", False, [(3, n, Fraction(3 * n + 10)) for n in (1, 20)]),
        (
            "d = 4, n >= 3, sigma2 >= 7 n + 120",
            False,
            [(4, n, Fraction(7 * n + 120)) for n in (3, 20)],
        ),
        ("d = 4, n <= 2", True, [(4, n, Fraction(s)) for n in (1, 2) for s in (0, 50)]),
    )
    rows, passed = [], True
    for words, benign, members in regions:
        agree = sum(classify(*member).benign == benign for member in members)
        passed = passed and agree == len(members)
        claimed = f"{'' if benign else 'not '}benign in (omega, N)"
        rows.append((words, claimed, f"{agree} of {len(members)}"))
    return Table(
        "Cells at the edges of the regions, decided exactly",
        ("region", "claimed", "cells that agree"),
        tuple(rows),
        passed,
        "signs of F on rho > 0 by Sturm's theorem",
    )
