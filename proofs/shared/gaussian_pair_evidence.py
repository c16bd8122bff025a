"""Numerical evidence for every Gaussian pair; nothing here can make a claim proved."""

from __future__ import annotations

from proofs.shared import evidence
from verifier.theorem.theorem import Derivation, Options, Progress, Table


def tables(_derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """SciPy, training and Monte Carlo at covariances that do not commute."""
    import numpy as np

    cases = []
    for d, n, noise in evidence.grid(options):
        covariates, task = evidence.example_covariance(d), evidence.example_covariance(d, 1)
        Lam, Gam = covariates.array(), task.array()
        t = float(np.trace(Lam @ Gam)) + float(noise)
        readout = np.linalg.inv((n + 1) * Lam + t * np.linalg.inv(Gam))
        minimum = t - n * float(np.trace(Lam @ readout @ Lam @ Gam))
        cases.append(evidence.pair_case(covariates, task, n, noise, readout, minimum))
    return evidence.all_tables(cases, options, progress, ("d", "n", "sigma2"))
