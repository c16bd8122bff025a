"""Local minima of a Gaussian pair's loss in (omega, N), found by descents, certified (floor 3).

Descents in floating point (`verifier.numeric.optimise`) find where the loss can rest; beside each
of these points exact arithmetic shows a local minimum (`verifier.exact.pair_minimum`). What is
found is there; that nothing else is there is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np

from verifier.exact.general_builder import general_moments
from verifier.exact.matrices import exact_inverse
from verifier.exact.optimum import ReadoutProblem
from verifier.exact.pair_family import symmetries
from verifier.exact.pair_loss import PairLoss
from verifier.exact.pair_minimum import Certificate, NotCertified, certify
from verifier.exact.whitening import GaussianPair
from verifier.explore.tensors import MomentLoss, MomentTables
from verifier.numeric.optimise import OptimisationReport, optimise
from verifier.numeric.stationary import FloatArray, Outcome

STARTS = 40
MAX_DIMENSION, MAX_STARTS = 6, 2000
_SAME = Fraction(1, 10**9)
ZERO = Fraction(0)

Row = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairMinimum:
    """Where ``runs`` descents ended, and what is certified beside that point.

    loss: as the descents found it; certificate: None where it fails, for the ``reason``; a, b, A,
    c: the point in the original coordinates, exact where it is certified; is_global: whether the
    loss is the global minimum, which is known exactly.
    """

    loss: float
    runs: int
    certificate: Certificate | None
    reason: str
    a: Row
    b: Fraction
    A: tuple[Row, ...]
    c: Row
    is_global: bool

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
    exact = PairLoss.of(moments, n)
    tables = MomentTables(
        moments.lower, moments.variances, moments.target_second, moments.fourth, moments.paired
    )
    loss = MomentLoss.of(tables, n)
    progress(f"{starts} descents in {exact.size} parameters")
    report = optimise(loss, loss.dimension, np.random.default_rng(seed), starts, loss.hessian)
    minimum = ReadoutProblem.of(moments, n).best().loss
    turns = symmetries(moments.variances, pair.tasks_inside)
    back = exact_inverse(moments.lower)
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
        value = Fraction(level.loss) if certificate is None else certificate.loss
        point = tuple(map(Fraction, theta)) if certificate is None else certificate.theta
        a, b, A, c = _original(exact, point, back)
        found.append(
            PairMinimum(
                loss=level.loss,
                runs=level.count,
                certificate=certificate,
                reason=reason,
                a=a,
                b=b,
                A=A,
                c=c,
                is_global=abs(value - minimum) <= _SAME * minimum,
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


def _original(
    exact: PairLoss, point: Row, back: tuple[Row, ...]
) -> tuple[Row, Fraction, tuple[Row, ...], Row]:
    """a, b, A, c for x from those for x' = back x: back'a', b, back'A'back, back'c'."""
    d = exact.dimension
    omega, stacked = exact.split(point)
    columns = tuple(zip(*back, strict=True))

    def moved(vector: Sequence[Fraction]) -> Row:
        return tuple(
            sum((x * y for x, y in zip(column, vector, strict=True)), ZERO) for column in columns
        )

    half = [moved(row) for row in stacked[:d]]
    whole = [moved(column) for column in zip(*half, strict=True)]
    return moved(omega[:d]), omega[d], tuple(zip(*whole, strict=True)), moved(stacked[d])
