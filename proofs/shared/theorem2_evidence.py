"""Numerical evidence for Theorem 2; nothing here can make a claim proved."""

from __future__ import annotations

from fractions import Fraction

from proofs.shared import evidence
from verifier.theorem.theorem import Derivation, Options, Progress, Table


def tables(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """SciPy, training and Monte Carlo at a non-diagonal Sigma for every size asked for."""
    cases = []
    for d, n, noise in evidence.grid(options):
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        rate = evidence.number(derivation.results["learning_rate"], scalars)
        minimum = evidence.number(derivation.results["minimum_loss"], scalars)
        sigma = evidence.example_covariance(d)
        precision = sigma.inverse()
        best = float(rate) * precision.array()
        cases.append(evidence.pair_case(sigma, precision, n, noise, best, float(minimum)))
    return evidence.all_tables(cases, options, progress, ("d", "n", "sigma2"))
