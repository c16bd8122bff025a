"""Local minima of a Gaussian pair's loss in (omega, N), found by descents, certified.

Descents in floating point (`verifier.numeric.optimise`) find where the loss can rest; beside each
of these points exact arithmetic shows a local minimum (`verifier.stationary.pair_minimum`). What is
found is there; that nothing else is there is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, log2, prod

import numpy as np

from verifier.arithmetic.matrices import exact_inverse
from verifier.law_moments.general import GeneralMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.moment_tables import MomentLoss, MomentTables
from verifier.loss.pair_loss import PairLoss
from verifier.numeric.optimise import OptimisationReport, optimise
from verifier.numeric.stationary import FloatArray, Outcome
from verifier.optimum.readout import ReadoutProblem
from verifier.stationary.pair_family import symmetries
from verifier.stationary.pair_minimum import Certificate, NotCertified, certify
from verifier.stationary.whitening import GaussianPair

STARTS = 40
MAX_DIMENSION, MAX_STARTS = 6, 2000
# Losses at certified points are exact to far more digits than losses at ends of descents.
_SAME, _NEAR = Fraction(1, 10**40), Fraction(1, 10**12)
ZERO = Fraction(0)

Row = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairMinimum:
    """Where ``runs`` descents ended, and what is certified beside that point.

    value: the loss there, exact where it is certified; certificate: in coordinates in which all
    variances are between 1/2 and 2, None where it fails, for the ``reason``; a, b, A, c: the point
    in the original coordinates, exact where it is certified; is_global: whether the loss is the
    global minimum, which is known exactly.
    """

    value: Fraction
    runs: int
    certificate: Certificate | None
    reason: str
    a: Row
    b: Fraction
    A: tuple[Row, ...]
    c: Row
    is_global: bool

    @property
    def loss(self) -> float:
        """The value, rounded."""
        return float(self.value)

    def rho(self, pair: GaussianPair) -> float:
        """a'Lambda a/b^2, infinite where b is 0 up to 1e-9 of the rest."""
        image = [
            sum((x * y for x, y in zip(row, self.a, strict=True)), ZERO) for row in pair.covariates
        ]
        square = sum((x * y for x, y in zip(self.a, image, strict=True)), ZERO)
        if self.b**2 * 10**18 < square:
            return inf
        return float(square / self.b**2) if square * 10**18 > self.b**2 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class PairSurvey:
    """The local minima that were found, lowest first; ``minimum`` is the global one, exact.

    lost: runs that came to rest nowhere, or at a saddle.
    """

    pair: GaussianPair
    minimum: Fraction
    minima: tuple[PairMinimum, ...]
    lost: int
    starts: int
    seed: int

    @property
    def spurious(self) -> tuple[PairMinimum, ...]:
        """Those certified to be local minima and not global."""
        return tuple(m for m in self.minima if m.certificate and not m.is_global)

    @property
    def disagreements(self) -> tuple[str, ...]:
        """What cannot be: an end below the global minimum."""
        least = float(self.minimum)
        return tuple(
            f"a descent reached {part.loss:.12g}, below the global minimum {least:.12g}"
            for part in self.minima
            if part.loss < least * (1 - 1e-9)
        )


def survey_pair(
    pair: GaussianPair,
    starts: int = STARTS,
    seed: int = 0,
    progress: Callable[[str], None] = lambda message: None,
) -> PairSurvey:
    """Descend from random points, and certify what is found. ValueError for sizes of hours."""
    setting = pair.setting
    refuse_if_huge(setting.dimension, starts)
    progress("exact moments")
    moments = general_moments(setting)
    n = setting.context_length
    minimum = ReadoutProblem.of(moments, n).best().loss
    units = _units(moments)
    natural = _in_units(moments, units)
    exact = PairLoss.of(natural, n)
    tables = MomentTables(
        natural.lower, natural.variances, natural.target_second, natural.fourth, natural.paired
    )
    loss = MomentLoss.of(tables, n)
    progress(f"{starts} descents in {exact.size} parameters")
    report = optimise(loss, loss.dimension, np.random.default_rng(seed), starts, loss.hessian)
    turns = symmetries(natural.variances, _tasks_in_units(pair.tasks_inside, units))
    back = exact_inverse(moments.lower)
    per_loss = units[-1] ** 2
    found = []
    for k, level in enumerate(report.levels, 1):
        if level.outcome is not Outcome.LOCAL_MINIMUM:
            continue
        progress(f"certifying the end {k} of {len(report.levels)} in exact arithmetic")
        theta = _run_at(report, level.loss)
        try:
            certificate, reason = certify(exact, theta, turns), ""
        except NotCertified as error:
            certificate, reason = None, str(error)
        value = (Fraction(level.loss) if certificate is None else certificate.loss) / per_loss
        point = tuple(map(Fraction, theta)) if certificate is None else certificate.theta
        a, b, A, c = _original(exact, point, back, units)
        found.append(
            PairMinimum(
                value=value,
                runs=level.count,
                certificate=certificate,
                reason=reason,
                a=a,
                b=b,
                A=A,
                c=c,
                is_global=abs(value - minimum) <= minimum * (_SAME if certificate else _NEAR),
            )
        )
    resting = sum(part.runs for part in found)
    return PairSurvey(pair, minimum, tuple(found), len(report.runs) - resting, starts, seed)


def refuse_if_huge(dimension: int, starts: int) -> None:
    """Raise ValueError in one line for a survey that would take hours."""
    if dimension > MAX_DIMENSION:
        raise ValueError(
            f"d = {dimension} is too slow to certify for such a pair; at most d = {MAX_DIMENSION} "
            "is taken (any d where the tasks' covariance is a multiple of the inverse of the "
            "covariates')"
        )
    if not 1 <= starts <= MAX_STARTS:
        raise ValueError(f"between 1 and {MAX_STARTS} random starts are run, not {starts}")


def _run_at(report: OptimisationReport, loss: float) -> FloatArray:
    """The first run of a level, the one whose loss names it."""
    return next(
        run.theta
        for run in report.runs
        if run.outcome is Outcome.LOCAL_MINIMUM and run.loss == loss
    )


def _units(moments: GeneralMoments) -> Row:
    """Powers of 2 by which x' and y are multiplied, so that variances are between 1/2 and 2."""
    variances = (*moments.variances, moments.target_second)
    return tuple(Fraction(2) ** -round(log2(variance) / 2) for variance in variances)


def _in_units(moments: GeneralMoments, units: Row) -> GeneralMoments:
    """The moments of (s_i x'_i, s_y y); the loss is then s_y^2 times the other."""
    shrunk = tuple(
        tuple(x / unit for x, unit in zip(row, units[:-1], strict=True)) for row in moments.lower
    )
    return replace(
        moments,
        lower=shrunk,
        variances=tuple(v * u**2 for v, u in zip(moments.variances, units[:-1], strict=True)),
        target_second=moments.target_second * units[-1] ** 2,
        fourth={at: v * prod(units[i] for i in at) for at, v in moments.fourth.items()},
        paired={at: v * prod(units[i] for i in sum(at, ())) for at, v in moments.paired.items()},
    )


def _tasks_in_units(tasks: Sequence[Row], units: Row) -> list[Row]:
    """The covariance of s_y w'_i / s_i."""
    factors = [units[-1] / unit for unit in units[:-1]]
    return [
        tuple(x * f * g for x, g in zip(row, factors, strict=True))
        for row, f in zip(tasks, factors, strict=True)
    ]


def _original(
    exact: PairLoss, point: Row, back: tuple[Row, ...], units: Row
) -> tuple[Row, Fraction, tuple[Row, ...], Row]:
    """a, b, A, c for x and y from those for s_i x'_i and s_y y, x' = back x.

    First a'_i s_i, b s_y, A_ij s_i s_j/s_y, c_i s_i; then back'a', b, back'A'back, back'c'.
    """
    d, (*own, last) = exact.dimension, units
    omega, stacked = exact.split(point)
    columns = tuple(zip(*back, strict=True))

    def moved(vector: Sequence[Fraction]) -> Row:
        scaled = [x * unit for x, unit in zip(vector, own, strict=True)]
        return tuple(
            sum((x * y for x, y in zip(column, scaled, strict=True)), ZERO) for column in columns
        )

    half = [moved(row) for row in stacked[:d]]
    whole = [moved(column) for column in zip(*half, strict=True)]
    matrix = tuple(tuple(x / last for x in row) for row in zip(*whole, strict=True))
    return moved(omega[:d]), omega[d] * last, matrix, moved(stacked[d])
