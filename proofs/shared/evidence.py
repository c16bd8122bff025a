"""Numerical evidence that the theorem files share: optimisation, training, Monte Carlo.

Nothing here can make a claim proved. Each table tries to refute: SciPy looks for parameters below
the proved minimum, training for layers that end elsewhere, and sampling through the unreduced
transformer for a disagreement with the exact loss. A table that fails turns the verdict undecided.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from verifier.proof.syntax import Binary, Neg, Node, Number, Pow, Symbol, parse, show
from verifier.theorem.theorem import Options, Progress, Table

if TYPE_CHECKING:
    import numpy as np

    from verifier.setting.covariance import Covariance
    from verifier.setting.data import Setting

OPTIMUM_TOLERANCE = 1e-6
REACHED = 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """One concrete setting with the exact loss and what the theorem says of it.

    ``loss`` has ``loss``, ``loss_and_gradient`` and ``hessian`` on flat theta; ``readout`` is the
    B* of the theorem (d x d floats), ``minimum`` its L*.
    """

    label: tuple[str, ...]
    setting: Setting
    loss: Any
    minimum: float
    readout: np.ndarray


def grid(options: Options) -> Iterator[tuple[int, int, Fraction]]:
    """All (d, n, sigma2) that the user asked for."""
    for d in options.dimensions:
        for n in options.context_lengths:
            for noise in options.noises:
                yield d, n, noise


def number(text: object, scalars: Mapping[str, Fraction]) -> Fraction:
    """The value of a derived expression in scalars, such as ``n/(n + d)``.

    ValueError for an array or a scalar without a value.
    """
    return _at(parse(str(text), {}), scalars)


def _at(node: Node, scalars: Mapping[str, Fraction]) -> Fraction:
    match node:
        case Number(value):
            return Fraction(value)
        case Symbol(name, ()) if name in scalars:
            return scalars[name]
        case Neg(body):
            return -_at(body, scalars)
        case Pow(base, exponent):
            return _at(base, scalars) ** exponent
        case Binary(operation, left, right):
            return _OPERATIONS[operation](_at(left, scalars), _at(right, scalars))
    raise ValueError(f"{show(node)!r} has no value here")


_OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def example_covariance(dimension: int, shift: int = 0) -> Covariance:
    """A positive definite matrix with distinct rational entries; other shifts do not commute."""
    from verifier.setting.covariance import Covariance

    return Covariance.full(
        [
            [
                Fraction(2 + (i + shift) % 3) if i == j else Fraction((-1) ** shift, 2 + abs(i - j))
                for j in range(dimension)
            ]
            for i in range(dimension)
        ]
    )


def pair_case(
    covariates: Covariance,
    task: Covariance,
    n: int,
    noise: Fraction,
    readout: np.ndarray,
    minimum: float,
) -> Case:
    """One Gaussian pair with its exact loss."""
    from verifier.loss.exact import ExactLoss
    from verifier.loss.expected_loss import expected_loss
    from verifier.setting.data import Setting

    d = covariates.dimension
    loss = expected_loss(d, n, noise, covariates.entries, task.entries)
    if not isinstance(loss, ExactLoss):
        raise TypeError("a loss with a dimension is an explicit polynomial")
    numeric = loss.numeric(n, noise)
    setting = Setting.gaussian_pair(covariates, task, n, noise)
    return Case((str(d), str(n), str(noise)), setting, numeric, minimum, readout)


def all_tables(
    cases: list[Case], options: Options, progress: Progress, columns: tuple[str, ...]
) -> tuple[Table, ...]:
    """The three tables for a list of cases; ``columns`` heads the cases' labels."""
    progress("optimising the exact loss")
    optimised = optimisation_table(cases, options, columns)
    progress("training the full layer on sampled prompts")
    trained = training_table(cases, options, columns)
    progress("sampling prompts through the transformer")
    sampled = monte_carlo_table(cases, options, columns)
    return (optimised, trained, sampled)


def optimisation_table(cases: list[Case], options: Options, columns: tuple[str, ...]) -> Table:
    """Many descents on the exact loss in all (d+1)^2 reduced parameters.

    It passes if the theorem's minimiser has the loss L* and no gradient, no descent ends below L*,
    and those that end there have B = B*. Whether any does depends on the basins, not on the claim.
    """
    import numpy as np

    from verifier.numeric.optimise import optimise
    from verifier.numeric.stationary import Outcome
    from verifier.setting.layer import ReducedParameters

    rng = np.random.default_rng([options.seed, 1])
    rows, passed = [], True
    for case in cases:
        report = optimise(
            case.loss.loss_and_gradient,
            case.setting.dimension,
            rng,
            options.starts,
            case.loss.hessian,
        )
        best = ReducedParameters.from_vector(report.best_parameters)
        gap = report.best_loss - case.minimum
        distance = _distance(best.readout, case.readout)
        tolerance = OPTIMUM_TOLERANCE * max(1.0, abs(case.minimum))
        reached = gap > tolerance or distance <= 1e-3
        passed = passed and _is_optimal(case, tolerance) and gap >= -tolerance and reached
        ends = ", ".join(
            f"{level.loss:.6g} ({level.count}{_kind(level.outcome is Outcome.SADDLE)})"
            for level in report.levels
        )
        if report.not_converged:
            ends += f", not converged ({report.not_converged})"
        rows.append((*case.label, f"{case.minimum:.6g}", f"{gap:+.1e}", f"{distance:.1e}", ends))
    return Table(
        "SciPy on the exact loss",
        (*columns, "L*", "best - L*", "|B-B*|/|B*|", "losses that runs end in (count)"),
        tuple(rows),
        passed,
        f"{options.starts} random starts each; losses above L* are local minima unless marked",
    )


def _is_optimal(case: Case, tolerance: float) -> bool:
    """Whether (a, b, A, c) = (0, 1, B*', 0) has the loss L* and a vanishing gradient."""
    import numpy as np

    d = case.setting.dimension
    theta = np.concatenate([np.zeros(d), [1.0], case.readout.T.ravel(), np.zeros(d)])
    loss, gradient = case.loss.loss_and_gradient(theta)
    return bool(
        abs(float(loss) - case.minimum) <= tolerance and float(np.abs(gradient).max()) <= tolerance
    )


def training_table(cases: list[Case], options: Options, columns: tuple[str, ...]) -> Table:
    """Gradient-based optimisation of W_K, W_Q, W_V, h on sampled prompts."""
    import numpy as np

    from verifier.numeric.full_weights import train_full_weights

    rng = np.random.default_rng([options.seed, 2])
    prompts = max(2000, options.samples // 3)
    rows: list[tuple[str, ...]] = []
    passed: bool | None = True
    for case in cases:
        report = train_full_weights(
            case.setting,
            rng,
            starts=3,
            prompts=prompts,
            exact=case.loss.loss_and_gradient,
            best_readout=case.readout,
        )
        exact = report.exact_loss
        distance = report.readout_distance
        above = float("nan") if exact is None else exact - case.minimum
        if not above >= -OPTIMUM_TOLERANCE * max(1.0, abs(case.minimum)):
            passed = False
        elif above > REACHED * case.minimum and passed:
            passed = None
        ends = ", ".join(f"{value:.4g}" for value in sorted(report.exact_losses))
        rows.append(
            (*case.label, f"{case.minimum:.6g}", f"{above:+.1e}", f"{distance or 0:.1e}", ends)
        )
    return Table(
        "Full W_K, W_Q, W_V, h trained on sampled prompts",
        (*columns, "L*", "exact loss - L*", "|B-B*|/|B*|", "exact loss of each run"),
        tuple(rows),
        passed,
        f"L-BFGS-B, 3 starts, {prompts} prompts: the gap is the sample's own error"
        + ("" if passed is not None else "; somewhere no run reached L* (a local minimum)"),
    )


def monte_carlo_table(
    cases: list[Case],
    options: Options,
    columns: tuple[str, ...],
    only_minimum: Callable[[Case], bool] = lambda case: False,
) -> Table:
    """The unreduced transformer on sampled prompts, at random weights and at the minimiser."""
    import numpy as np

    from verifier.numeric.agreement import agreement_test
    from verifier.numeric.montecarlo import Check, compare, random_points
    from verifier.setting.layer import ReducedParameters

    rng = np.random.default_rng([options.seed, 3])
    rows, comparisons = [], []
    for case in cases:
        d = case.setting.dimension
        best = ReducedParameters(np.zeros(d), 1.0, case.readout.T.copy(), np.zeros(d))
        points = [
            ("minimiser", best),
            *(("random", p) for p in random_points(case.setting, rng, 1 - only_minimum(case))),
        ]
        checks = [
            Check(label, point.full(rng), float(case.loss.loss(point.to_vector())))
            for label, point in points
        ]
        for found in compare(case.setting, checks, rng, options.samples):
            comparisons.append(found)
            rows.append(
                (
                    *case.label,
                    found.label,
                    f"{found.claimed:.6g}",
                    f"{found.estimate:.6g}",
                    f"{found.standard_error:.1e}",
                    f"{found.z:+.2f}",
                )
            )
    test = agreement_test(comparisons)
    return Table(
        "Monte Carlo through the unreduced transformer",
        (*columns, "weights", "exact loss", "estimate", "s.e.", "z"),
        tuple(rows),
        test.agrees,
        f"{options.samples} prompts each; false-alarm rate {test.false_alarm_rate:g} for the "
        "whole table (sign test on batch means)",
    )


def _distance(found: np.ndarray, wanted: np.ndarray) -> float:
    import numpy as np

    size = float(np.linalg.norm(wanted))
    return float(np.linalg.norm(found - wanted)) / (size or 1.0)


def _kind(saddle: bool) -> str:
    return ", saddle" if saddle else ""
