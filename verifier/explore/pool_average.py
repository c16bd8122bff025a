"""Finite pools of tasks, averaged over pools: the best readout at home and afresh.

For x ~ N(0, Lambda) the readout that is best on a pool of second moment G_M is that of the pair
(Lambda, G_M), whatever else the pool is; its risk on fresh tasks is the loss of that B on (Lambda,
Gamma). Pools are drawn anew, so the averages are sampled.
"""

from __future__ import annotations

import numpy as np

from verifier.explore.answer import PoolAverage
from verifier.explore.values import Value
from verifier.loss.matrix_loss import NumericPairLoss
from verifier.optimum.pair import pair_optimum
from verifier.setting.mixtures import MixedWeights
from verifier.setting.question import Question, allows_other_query
from verifier.setting.responses import Linear

POOLS = 200


def pool_average(question: Question, seed: int) -> PoolAverage | None:
    """None where the pool was not drawn, or covariates and responses have no closed form."""
    if not question.drawn_pool or question.test is None:
        return None
    here, fresh = question.setting, question.test.setting
    response, tasks = here.response, fresh.response
    if not isinstance(response, Linear) or not isinstance(tasks, Linear):
        return None
    if not allows_other_query(fresh) or not isinstance(response.weights, MixedWeights):
        return None
    if here.covariates != fresh.covariates:
        return None
    size, n = len(response.weights.parts), here.context_length
    Lam = here.covariates.covariance.array()
    noise, d = float(here.noise_variance), here.dimension
    Gam = np.array(tasks.weights.second_moment(), dtype=float)
    risk = NumericPairLoss.of(Lam, Gam, fresh.context_length, float(fresh.noise_variance))
    rng = np.random.default_rng([seed, 7])
    home, away = [], []
    for _ in range(POOLS):
        pool = tasks.weights.sample(rng, size)
        best = pair_optimum(Lam, pool.T @ pool / size, n, noise)
        home.append(best.loss)
        away.append(risk.loss(np.zeros(d), 1.0, best.readout.T, np.zeros(d)))
    return PoolAverage(size, POOLS, _mean(home), _mean(away))


def _mean(values: list[float]) -> Value:
    spread = float(np.std(values, ddof=1)) / len(values) ** 0.5
    return Value(float(np.mean(values)), error=spread)
