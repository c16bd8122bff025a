"""Numerical evidence for Theorem 1, and other exact routes to the same loss.

Nothing here can make a claim proved; see ``evidence.py``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs.shared import evidence as _evidence
from verifier.theorem.theorem import Derivation, Options, Progress, Table


def tables(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Two routes to the loss, its stationary points, SciPy, training and Monte Carlo."""
    import numpy as np

    from verifier.loss.dimension_free import dimension_free_loss
    from verifier.setting.data import Setting

    loss = dimension_free_loss()
    cases = []
    for d, n, noise in _evidence.grid(options):
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        rate = _evidence.number(derivation.results["learning_rate"], scalars)
        minimum = _evidence.number(derivation.results["minimum_loss"], scalars)
        cases.append(
            _evidence.Case(
                (str(d), str(n), str(noise)),
                Setting.isotropic(d, n, noise),
                loss.numeric(d, n, noise),
                float(minimum),
                float(rate) * np.eye(d),
            )
        )
    columns = ("d", "n", "sigma2")
    progress("comparing with the explicit polynomials")
    routes = routes_table()
    progress("isolating the stationary points")
    stationary = stationary_table(options)
    return (routes, stationary, *_evidence.all_tables(cases, options, progress, columns))


_SHORT = {
    "global minimum": "global min",
    "local minimum": "local min",
    "saddle": "saddle",
    "degenerate": "degenerate",
}


def stationary_table(options: Options) -> Table:
    """Every stationary point of the loss in (omega, N), exactly, modulo scaling and rotation."""
    from verifier.stationary.stationary_points import landscape

    rows = []
    for d, n, noise in _evidence.grid(options):
        found = landscape(d, n, noise)
        kinds = ", ".join(
            f"{_SHORT[point.type]}{f'({point.index})' if point.type == 'saddle' else ''} "
            f"{float(point.loss):.5g}"
            for point in found.stationary
        )
        rows.append((str(d), str(n), str(noise), kinds))
    return Table(
        "Stationary points in (omega, N), exact, modulo scaling and rotation",
        ("d", "n", "sigma2", "type (index) and loss"),
        tuple(rows),
        None,
        "more: verifier landscape",
    )


def routes_table() -> Table:
    """The loss from one example's moments at d = 1..4, against the dimension-free polynomial."""
    from verifier.loss.dimension_free import dimension_free_loss
    from verifier.loss.explicit import gaussian_explicit_loss

    loss = dimension_free_loss()
    dimensions = (1, 2, 3, 4)
    explicit = [gaussian_explicit_loss(d).polynomial for d in dimensions]
    same = [p == loss.at_dimension(d).polynomial for d, p in zip(dimensions, explicit, strict=True)]
    row = (
        ", ".join(map(str, dimensions)),
        ", ".join(str(len(polynomial)) for polynomial in explicit),
        ", ".join("equal" if agrees else "DIFFERENT" for agrees in same),
    )
    return Table(
        "Two derivations of the loss, n and sigma2 symbolic",
        ("d", "terms", "explicit and dimension-free polynomial"),
        (row,),
        all(same),
    )
