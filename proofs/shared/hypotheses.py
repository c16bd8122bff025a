"""Settings that violate one hypothesis and nothing else, as texts of setting files.

Each function has the signature of `verifier.theorem.theorem.Hypothesis.violations`: the sizes,
the noise variance and one number to choose, from which the search takes the simplest.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verifier.theorem.theorem import Hypothesis, Violation

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


def skewed_tasks(conclusion: str) -> Violations:
    """d = 1 and w = k or -1/k, of mean 0 and variance 1, but not symmetric (k: the number)."""

    def violations(d: int, _n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        if d != 1 or number == 1:
            return ()
        from verifier.law_moments.discrete import Atoms, Coordinates, linear_moments
        from verifier.setting.laws import Normal

        chance = 1 / (1 + number**2)
        tasks = Atoms(((number, chance), (-1 / number, 1 - chance)))
        moments = linear_moments(Coordinates((Normal(),)), tasks, noise)
        law = f"x ~ N(0, 1); w = {number} with probability {chance}, else {-1 / number}"
        return (Violation("", conclusion, law=law, moments=moments),)

    return violations


def unlike_coordinates(d: int, _n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
    """d = 2, w ~ N(0, I) and covariates of covariance I: a fair sign and a standard normal."""
    if d != 2 or number != 1:
        return ()
    from verifier.law_moments.discrete import Coordinates, linear_moments, standard_normal
    from verifier.setting.laws import Normal, Rademacher

    moments = linear_moments(Coordinates((Rademacher(), Normal())), standard_normal(2), noise)
    law = "x = (a fair sign, N(0, 1)), independent; w ~ N(0, I)"
    return (Violation("", "gradient step", law=law, moments=moments),)


def curved_responses(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
    """d = 1 and f(x) = number x + (number x)^2 in every prompt: not linear, and -f is never f."""
    if d != 1:
        return ()
    task = f'mean = ["{number}"]\ncovariance = [["0"]]\nresponse = "t + t^2"\n'
    return (Violation(setting_text(d, n, noise, "", task), "gradient step"),)


def coin_covariates(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
    """Rademacher covariates scaled by the number: same second moments, other fourth moments."""
    if d != 1:
        return ()
    variance = number
    t = variance + noise
    readout = 1 / ((n + 1) * variance + t)
    law = f'law = "rademacher"\ncovariance = ["{variance}"]\n'
    return (Violation(setting_text(d, n, noise, law), "readout", ((readout,),)),)


THEOREM1 = (
    Hypothesis(
        "isotropic-covariates",
        "the covariates have covariance I",
        violations=unequal_covariates("gradient step"),
    ),
    Hypothesis(
        "isotropic-task",
        "the task has covariance I",
        violations=unequal_tasks("gradient step"),
    ),
    Hypothesis(
        "centred-task",
        "the task has mean 0",
        violations=task_mean("gradient step"),
    ),
    Hypothesis(
        "gaussian-covariates",
        "the covariates are Gaussian",
        ("theorem3", "cube-prediction"),
        unlike_coordinates,
        instead="their law is invariant under permutations and sign changes of coordinates",
    ),
    Hypothesis(
        "gaussian-task",
        "the task is Gaussian",
        ("theorem1", "any-prediction"),
        skewed_tasks("gradient step"),
        instead="E w = 0, E ww' = I and E www = 0, as for a symmetric law of covariance I",
    ),
    Hypothesis(
        "gaussian-noise",
        "the noise is Gaussian",
        ("theorem1", "any-prediction"),
        remark="any centred law of variance sigma2 will do",
    ),
    Hypothesis(
        "linear-responses",
        "responses are linear in the covariates",
        ("theorem3", "prediction"),
        curved_responses,
        instead="the law of f is invariant under rotations and f -> -f (Theorem 3)",
        remark="eta depends on the family",
    ),
    Hypothesis(
        "query-outside",
        "the sum leaves the query token out",
        ("gaussian-pair", "query-prediction"),
        remark="the readout P there is eta I for Lambda = Gamma = I",
    ),
)

THEOREM2 = (
    Hypothesis(
        "matched-task",
        "the task has covariance Sigma^-1",
        violations=unequal_covariates("preconditioned step"),
    ),
    Hypothesis(
        "centred-task",
        "the task has mean 0",
        violations=task_mean("preconditioned step"),
    ),
    Hypothesis(
        "gaussian-laws",
        "covariates, task and noise are Gaussian",
        ("theorem2", "any-prediction"),
        skewed_tasks("preconditioned step"),
        instead="x = F z, w = F^-T u: z invariant under permutations and sign changes of "
        "coordinates, u symmetric with covariance I, noise centred",
        remark="eta then has E z_1^4 and E z_1^2 z_2^2",
    ),
    Hypothesis(
        "query-outside",
        "the sum leaves the query token out",
        ("gaussian-pair", "query-prediction"),
        remark="P is eta Sigma^-1 for Gamma = Lambda^-1: gaussian-pair inverse-task",
    ),
)

GAUSSIAN_PAIR = (
    Hypothesis(
        "definite-covariances",
        "Lambda and Gamma are positive definite",
        ("gaussian-pair", "singular-prediction"),
        remark="P = Gamma ((n+1) Lambda Gamma + t I)^-1 serves for semidefinite ones, t > 0",
    ),
    Hypothesis(
        "centred-task",
        "the task has mean 0",
        violations=task_mean("linear readout"),
    ),
    Hypothesis(
        "gaussian-covariates",
        "the covariates are Gaussian",
        violations=coin_covariates,
        remark="the formula for P fails; the best layer is still x'Bs, as explore says",
    ),
    Hypothesis(
        "query-outside",
        "the sum leaves the query token out",
        ("gaussian-pair", "query-prediction"),
    ),
)
