"""The best layer for a mixture of covariances whose parts have rational moments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verifier.explore.found import Found, check_responses
from verifier.explore.local_minima import local_minima
from verifier.explore.mixed_answer import (
    MixedProblem,
    found_optimum,
    mixed_compared,
    mixed_optimum,
)
from verifier.explore.mixed_loss import MixedLoss, MixedTables
from verifier.explore.sampled import completed_tables
from verifier.explore.search import search
from verifier.law_moments.general import NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.readout import ReadoutProblem
from verifier.setting.data import Setting

Progress = Callable[[str], None]


def mixed_problem(setting: Setting) -> MixedProblem | None:
    """The parts' exact equations for B, None without parity in some part.

    Raises `NoExactMoments` where a part has none.
    """
    parts = [(share, general_moments(part)) for share, part in setting.parts()]
    if not all(moments.parity_symmetric for _, moments in parts):
        return None
    n = setting.context_length
    return MixedProblem(tuple((share, ReadoutProblem.of(m, n)) for share, m in parts))


def from_mixture(
    setting: Setting, seed: int, rng: np.random.Generator, starts: int, progress: Progress
) -> Found:
    """Every prompt with covariates of its own: the mean of the parts' exact losses.

    Raises `NoExactMoments` where a part has none.
    """
    parts = [(share, part, general_moments(part)) for share, part in setting.parts()]
    parity = all(moments.parity_symmetric for _, _, moments in parts)
    if not parity and not all(moments.complete for _, _, moments in parts):
        raise NoExactMoments("the exact moments have too many terms for this dimension")
    n = setting.context_length
    problem = MixedProblem(tuple((share, ReadoutProblem.of(m, n)) for share, _, m in parts))
    check_responses(setting, float(problem.target_second))
    tables = MixedTables(
        tuple((float(share), completed_tables(part, m, seed)) for share, part, m in parts)
    )
    loss, readout = MixedLoss.of(tables, n), problem.best()
    d, B = setting.dimension, np.array(readout.B, dtype=float)
    start = np.concatenate([np.zeros(d), [1.0], B.T.ravel(), np.zeros(d)])
    progress(f"descending in {len(start)} parameters")
    report = search(loss, rng, starts, [start])
    if parity:
        optimum = mixed_optimum(problem)
    else:
        optimum = found_optimum(report.best_parameters, report.best_loss, readout)
    best = np.array([[v.decimal for v in row] for row in optimum.B])
    return Found(
        optimum,
        mixed_compared(problem, readout.loss),
        report,
        "rational, exact in each part of the mixture",
        minima=local_minima(loss, report, best, parity),
        loss=loss,
    )
