"""Settings that violate one hypothesis and nothing else, as texts of setting files.

Each function has the signature of `verifier.theorem.Hypothesis.violations`: the sizes, the noise
variance and one number to choose, from which the search takes the simplest.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verifier.theorem import Violation

Violations = Callable[[int, int, Fraction, Fraction], tuple[Violation, ...]]


def setting_text(d: int, n: int, noise: Fraction, covariates: str = "", task: str = "") -> str:
    """A setting file; the two arguments are lines of its [covariates] and [task] tables."""
    return (
        f"[prompt]\ndimension = {d}\ncontext_length = {n}\n\n[covariates]\n{covariates}\n"
        f'[task]\n{task}\n[noise]\nvariance = "{noise}"\n'
    )


def _diagonal(d: int, number: Fraction) -> str:
    """A diagonal covariance diag(1, ..., 1, number) as a TOML list."""
    return "[" + ", ".join(['"1"'] * (d - 1) + [f'"{number}"']) + "]"


def unequal_covariates(conclusion: str) -> Violations:
    """Lambda = diag(1, ..., number), not a multiple of I, with task covariance I."""

    def violations(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        if d < 2 or number == 1:
            return ()
        text = setting_text(d, n, noise, f"covariance = {_diagonal(d, number)}\n")
        return (Violation(text, conclusion),)

    return violations


def unequal_tasks(conclusion: str) -> Violations:
    """Gamma = diag(1, ..., number), not a multiple of I, with isotropic covariates."""

    def violations(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        if d < 2 or number == 1:
            return ()
        text = setting_text(d, n, noise, "", f"covariance = {_diagonal(d, number)}\n")
        return (Violation(text, conclusion),)

    return violations


def task_mean(conclusion: str, covariance: str = '"identity"') -> Violations:
    """w ~ N((number, 0, ...), covariance): tasks that share a signal."""

    def violations(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        mean = "[" + ", ".join([f'"{number}"'] + ['"0"'] * (d - 1)) + "]"
        text = setting_text(d, n, noise, "", f"mean = {mean}\ncovariance = {covariance}\n")
        return (Violation(text, conclusion),)

    return violations


def fixed_function(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
    """d = 1 and f(x) = number * x, the same in every prompt: rotations of R^1 are trivial."""
    if d != 1:
        return ()
    return task_mean("gradient step", '[["0"]]')(d, n, noise, number)


def coin_covariates(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
    """Rademacher covariates scaled by the number: same second moments, other fourth moments."""
    if d != 1:
        return ()
    variance = number
    t = variance + noise
    readout = 1 / ((n + 1) * variance + t)
    law = f'law = "rademacher"\ncovariance = ["{variance}"]\n'
    return (Violation(setting_text(d, n, noise, law), "readout", ((readout,),)),)
