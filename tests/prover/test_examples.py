"""Every shipped symbolic setting is proved, with the answers that the mathematics says.

Expected rates and minima are put in as claims: the checker, which knows nothing of where a claim
comes from, must prove them, and must not prove a changed one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import verifier
from verifier.proof.record import dump, load, replay
from verifier.prover.numerics.evaluation import Evaluation, as_batch
from verifier.prover.setting_file import parse_symbolic, read_symbolic
from verifier.prover.theorem_of import theorem_of
from verifier.theorem.theorem import Report, Theorem, check_theorem
from verifier.theorem.verdict import Verdict

EXAMPLES = Path(verifier.__file__).parent / "examples" / "prove"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.toml"))


@cache
def theorem(name: str) -> Theorem:
    """The theorem of an example."""
    return theorem_of(read_symbolic(str(EXAMPLES / f"{name}.toml")))


@cache
def report(name: str) -> Report:
    """What ``prove`` finds, without the numerical attack."""
    return check_theorem(theorem(name), numerical=False)


def claiming(name: str, **claimed: str) -> Report:
    """The same with a user's claims."""
    return check_theorem(theorem(name), claimed=claimed, numerical=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_proved_and_its_proof_file_is_accepted(name: str) -> None:
    found = report(name)
    assert found.verdict is Verdict.PROVED
    steps = sum(len(accepted) for _, accepted in replay(load(dump(found.record))))
    assert steps == sum(len(proof.steps) for proof in found.record.proofs)


# With E w s' = p Gamma Lambda and E s s' = alpha Lambda Gamma Lambda + beta Lambda the rate for
# Lambda = Gamma = I is p/(alpha + beta) and the minimum sigma2 + d - d p^2/(alpha + beta).
#
# Theorem 1: p = n, alpha = n(n+1), beta = n(d + sigma2). Random levels: the same, in the mean.
# Prefixes of uniform length k = 1 .. n: p = E k = (n+1)/2, alpha = E k(k+1) = (n+1)(n+2)/3 and
# beta = p (d + sigma2); divided by k: p = 1, alpha = 1 + E 1/k, beta = (d + sigma2) E 1/k.
# A random length: p = n p1, alpha = n(n-1) p2 + 2 n p1, beta = n p1 (d + sigma2).
# Any symmetric task, any centred noise: as Theorem 1.
# Coordinates with E x_i^2 = m2, x_i^4 = m4, x_i^2 x_j^2 = m22: E w s' = n m2 I and
# E s s' = (n (m4 + (d-1) m22 + sigma2 m2) + n(n-1) m2^2) I.
# A rotation-invariant law of variance 1 and E x_i^4 = 3 kappa: the same with m22 = kappa.
# Errors in variables: x = g + tau u has variance v = 1 + tau^2 and y = w'x/v + noise of variance
# sigma^2 + d tau^2/v, so the rate is that of w/v and x/sqrt v.
THEOREM1 = ("1/(n + d + 1 + sigma2)", "sigma2 + d - n*d/(n + d + 1 + sigma2)")
SCALAR = {
    "theorem1": THEOREM1,
    "any_symmetric_task": THEOREM1,
    "noise_per_prompt": THEOREM1,
    "noise_per_example": THEOREM1,
    "noise_and_task": ("1/(n + d + 1 + s2)", "s2 + d - n*d/(n + d + 1 + s2)"),
    "every_prefix": (
        "(n+1)/2/((n+1)*(n+2)/3 + (n+1)/2*(d + sigma2))",
        "sigma2 + d - d*((n+1)/2)^2/((n+1)*(n+2)/3 + (n+1)/2*(d + sigma2))",
    ),
    "every_prefix_divided": (
        "1/(1 + h1 + h1*(d + sigma2))",
        "sigma2 + d - d/(1 + h1 + h1*(d + sigma2))",
    ),
    "random_length": (
        "p1/((n-1)*p2 + 2*p1 + p1*(d + sigma2))",
        "sigma2 + d - d*n*p1^2/((n-1)*p2 + 2*p1 + p1*(d + sigma2))",
    ),
    "sign_permutation": (
        "m2/(m4 + (d-1)*m22 + sigma2*m2 + (n-1)*m2^2)",
        "sigma2 + d*m2 - n*d*m2^3/(m4 + (d-1)*m22 + sigma2*m2 + (n-1)*m2^2)",
    ),
    "rotation_invariant": (
        "1/(n - 1 + kappa*(d + 2) + sigma2)",
        "sigma2 + d - n*d/(n - 1 + kappa*(d + 2) + sigma2)",
    ),
    "errors_in_variables": (
        "1/((1 + tau^2)*(n + d + 1 + sigma^2*(1 + tau^2) + d*tau^2))",
        "sigma^2 + d - n*d/((1 + tau^2)*(n + d + 1 + sigma^2*(1 + tau^2) + d*tau^2))",
    ),
    "theorem2": THEOREM1,
}


@pytest.mark.parametrize("name", SCALAR)
def test_the_rate_and_the_minimum_are_what_the_moments_say(name: str) -> None:
    rate, minimum = SCALAR[name]
    found = claiming(name, learning_rate=rate, minimum_loss=minimum)
    assert found.verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("name", "key"),
    [("theorem1", "learning_rate"), ("theorem1", "minimum_loss"), ("pair", "minimum_loss")],
)
def test_a_changed_rate_or_minimum_is_refuted(name: str, key: str) -> None:
    plain = str(report(name).results[key])
    found = claiming(name, **{key: f"{plain} + 1/(n+1)"})
    refuted = {c.claim.id for c in found.claims if c.verdict is Verdict.REFUTED}
    assert "decomposition" in refuted


# P = ((n+1) Lambda + t Gamma^-1)^-1, t = tr(Lambda Gamma) + sigma2; elliptical covariates of
# kurtosis kappa: P = ((n-1+2 kappa) Lambda + (kappa tr(Lambda Gamma) + sigma2) Gamma^-1)^-1.
PAIRS = {
    "pair": 1.0,
    "semidefinite_pair": 1.0,
    "heads": 1.0,
    "query_in_sum": 1.0,
    "query_covariance": 1.0,
    "skip_task_mean": 1.0,
    "elliptical": 1.7,
    "vector_responses": 1.0,
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_readout_of_every_pair_is_the_formula_of_the_field(name: str) -> None:
    import numpy as np

    found = report(name)
    context = found.record.proofs[0].context
    n, d, sigma2, kappa = 3.0, 2, 0.4, PAIRS[name]
    rng = np.random.default_rng(7)
    roots = {factor: rng.normal(size=(d, d)) for factor in "FGC"}
    if name == "query_covariance":  # the query's factor is the second to be declared
        Lam, Gam = (roots[x] @ roots[x].T for x in "FC")
    else:
        Lam, Gam = (roots[x] @ roots[x].T for x in "FG")
    t = kappa * np.trace(Lam @ Gam) + sigma2
    P = np.linalg.inv((n - 1 + 2 * kappa) * Lam + t * np.linalg.inv(Gam))
    values = {"n": n, "d": float(d), "sigma2": sigma2, "kappa": kappa, "P": P}
    values |= roots | {f"{x}i": np.linalg.inv(root) for x, root in roots.items()}
    left, right = str(found.results["readout"]).split(" = ")
    sizes = {sort.name: d for sort in context.sorts}
    evaluation = Evaluation(context, sizes, {key: as_batch(x) for key, x in values.items()})
    gap = evaluation.text(f"{left} - ({right})", ("i", "j"))
    assert np.abs(gap).max() < 1e-9 * np.abs(evaluation.text(left, ("i", "j"))).max()


def test_the_price_of_a_task_mean_is_that_of_the_note() -> None:
    """S3b: L* = pair + kappa |mu|^2, kappa = k0 V/(k0 n^2 sigma^4 + V), k0 = 2/(nd + 2),
    V = 2 n ((n+1) d + (d + sigma2)^2).
    """
    V = "(2*n*((n+1)*d + (d + sigma2)^2))"
    kappa = f"2*{V}/(2*n^2*sigma2^2 + (n*d + 2)*{V})"
    expected = f"{THEOREM1[1]} + {kappa}*sum[i](mu[i]^2)"
    assert claiming("task_mean", minimum_loss=expected).verdict is Verdict.PROVED


def test_several_responses_have_one_readout_and_the_sum_of_the_minima() -> None:
    """S17: with independent columns the minimum is p times that of one response."""
    setting = parse_symbolic(b'[task]\nresponses = "p"\n', "vector.toml")
    minimum = f"p*({THEOREM1[1]})"
    claimed = {"learning_rate": THEOREM1[0], "minimum_loss": minimum}
    found = check_theorem(theorem_of(setting), claimed=claimed, numerical=False)
    assert found.verdict is Verdict.PROVED


def test_weight_decay_shrinks_the_step_to_the_root_of_its_balance() -> None:
    """For a = c = 0, A = (b/r) I the objective is sigma2 + d - 2 n r b^2 + p b^4 + 2 lam b^2 with
    p = n (n + d + 1 + sigma2), least where lam + p b^2 = n r; its value there is
    sigma2 + d - b^2 (n r - lam).
    """
    found = report("weight_decay")
    assert found.results["minimum_loss"] == "sigma2 + d - r*eta*(n*r - lam)"
    assert found.results["learning_rate"] == "b0^2/r"


def test_the_minimisers_of_theorem_1_are_two_families() -> None:
    assert report("theorem1").results["minimisers"] == [
        "a[i] = 0; c[j] = 0; b*A[j,i] = eta*delta[i,j]",
        "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = eta*delta[i,j]",
    ]


def test_a_case_that_lies_in_another_one_is_not_listed() -> None:
    """Where the examples say nothing of the task the best prediction is 0: b A' + c a' = 0, A and a
    symmetrised 0, b c = 0, that is a = 0 and b = 0, or A = 0 and c = 0.
    """
    setting = b"""
[data]
normal = ["X[k,i]", "xq[i]", "w[i]", "v[i]"]
y = "y[k] = sum[i](X[k,i]*v[i])"
yq = "yq = sum[i](xq[i]*w[i])"
"""
    found = check_theorem(theorem_of(parse_symbolic(setting, "x.toml")), numerical=False)
    assert found.verdict is Verdict.PROVED
    assert found.results["minimisers"] == ["a[l] = 0; b = 0", "A[i,j] = 0; c[j] = 0"]


def test_a_common_factor_is_no_part_of_a_readouts_equation() -> None:
    assert not str(report("covariates_mean").results["readout"]).startswith("n*")
