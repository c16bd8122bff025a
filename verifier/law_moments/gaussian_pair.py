"""One example's moments for Gaussian pairs x ~ N(0, Lambda), w ~ N(0, Gamma).

Given the task, v = (x, y) with y = w'x + eps is centred Gaussian with second moments M(w), whose
entries are polynomials in w. Isserlis on v gives E[v v v v | w] as three products of entries of M;
Isserlis on w gives the mean of each product. It shares no code with the algebra of words.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from sympy import QQ
from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.qq import from_fraction
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.one_example import ExampleMoments
from verifier.law_moments.pairs import IDENTITY, SYMBOLIC, Covariance, GaussianPair
from verifier.setting.magnitudes import check_dimension

Index = tuple[int, ...]
Symmetric = Mapping[Index, PolyElement]
TaskPolynomial = dict[Index, PolyElement]


def gaussian_pair_moments(
    dimension: int,
    covariance: Covariance = IDENTITY,
    task_covariance: Covariance = IDENTITY,
    noise: int | Fraction | None = None,
) -> ExampleMoments:
    """Return the exact moments of one example of a Gaussian pair.

    ``noise`` is the variance sigma2, symbolic if None. Covariances are as in
    `verifier.law_moments.pairs`; symbolic ones have entries Lambda_i_j, Gamma_i_j with i <= j.
    """
    d = check_dimension(dimension)
    pair = GaussianPair.read(covariance, task_covariance, d)
    names = [f"{s}_{i}_{j}" for s in pair.symbolic() for i in _upto(d) for j in range(i, d + 1)]
    ring = PolyRing(["sigma2", *names], QQ, "lex")
    variance = ring.gens[0] if noise is None else ring.ground_new(from_fraction(noise))
    inputs = _entries("Lambda", pair.covariance, d, ring)
    tasks = _entries("Gamma", pair.task_covariance, d, ring)
    second = _second_moments(d, inputs, variance, ring)
    paired = _paired(second, tasks, ring)
    return ExampleMoments(
        dimension=d,
        symbols=tuple(map(str, ring.symbols)),
        target_second=_task_mean(second[d, d], tasks, ring),
        covariance=inputs,
        cross={(i, j, m): v for (i, j, k, m), v in paired.items() if k == d and m < d},
        fourth=_over_three_pairings(paired),
        paired=paired,
    )


def _upto(d: int) -> range:
    return range(1, d + 1)


def _entries(name: str, side: str | RationalMatrix, d: int, ring: PolyRing) -> Symmetric:
    if side == IDENTITY:
        return {(i, i): ring.one for i in range(d)}
    gens = dict(zip(map(str, ring.symbols), ring.gens, strict=True))
    result: dict[Index, PolyElement] = {}
    for i, j in product(range(d), repeat=2):
        if side == SYMBOLIC:
            result[i, j] = gens[f"{name}_{min(i, j) + 1}_{max(i, j) + 1}"]
        elif side[i][j]:
            result[i, j] = ring.ground_new(from_fraction(side[i][j]))  # type: ignore[arg-type]
    return result


def _second_moments(
    d: int, inputs: Symmetric, variance: PolyElement, ring: PolyRing
) -> dict[Index, TaskPolynomial]:
    """Return M(w) = E[v v' | w]; an entry maps sorted indices of w to a coefficient."""
    second: dict[Index, TaskPolynomial] = {key: {(): value} for key, value in inputs.items()}
    second[d, d] = {(): variance} if variance else {}
    for (i, j), value in inputs.items():
        second.setdefault((i, d), {})[(j,)] = value
        second.setdefault((d, i), {})[(j,)] = value
        key = (min(i, j), max(i, j))
        second[d, d][key] = second[d, d].get(key, ring.zero) + value
    return second


def _task_moment(index: Index, tasks: Symmetric, ring: PolyRing) -> PolyElement:
    """Return E[w_i w_j ...] by Isserlis: pair the first index with each other one."""
    if not index:
        return ring.one
    total = ring.zero
    for k in range(1, len(index)):
        factor = tasks.get((index[0], index[k]))
        if factor is not None:
            total += factor * _task_moment(index[1:k] + index[k + 1 :], tasks, ring)
    return total


def _task_mean(polynomial: TaskPolynomial, tasks: Symmetric, ring: PolyRing) -> PolyElement:
    return sum(
        (value * _task_moment(index, tasks, ring) for index, value in polynomial.items()),
        ring.zero,
    )


def _paired(
    second: Mapping[Index, TaskPolynomial], tasks: Symmetric, ring: PolyRing
) -> dict[Index, PolyElement]:
    """Return E_w[M_ij M_kl] for all indices, dropping zeros."""
    memo: dict[Index, PolyElement] = {}
    result: dict[Index, PolyElement] = {}
    for (left, p), (right, q) in product(second.items(), repeat=2):
        total = ring.zero
        for (i, u), (j, v) in product(p.items(), q.items()):
            if (len(i) + len(j)) % 2:
                continue
            index = tuple(sorted(i + j))
            if index not in memo:
                memo[index] = _task_moment(index, tasks, ring)
            if memo[index]:
                total += u * v * memo[index]
        if total:
            result[left + right] = total
    return result


def _over_three_pairings(paired: Mapping[Index, PolyElement]) -> dict[Index, PolyElement]:
    """Return E[v_i v_j v_k v_l] = E_w[M_ij M_kl + M_ik M_jl + M_il M_jk]."""
    total: dict[Index, PolyElement] = {}
    for (p, q, r, s), value in paired.items():
        for index in ((p, q, r, s), (p, r, q, s), (p, r, s, q)):
            total[index] = total[index] + value if index in total else value
    return {index: value for index, value in total.items() if value}
