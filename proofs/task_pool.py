"""Training on a finite pool of tasks: its second moment is all, and what fresh tasks then cost.

A pool +-w_1, ..., +-w_M is a symmetric law of covariance Gamma_M = (sum w_m w_m')/M, singular for
M < d: every global minimiser of any number of heads predicts x'P s with
P ((n + 1) Lambda Gamma_M + t_M I) = Gamma_M. Where Gamma_M is rho times a projector Pi of rank k,
P = eta Pi, and on fresh tasks w ~ N(0, I) the risk is sigma2 + d - 2 n k eta + n (n + tau) k eta^2:
one task, seen without noise, leaves a layer that is worse than 0 once d > n + 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs.shared import hypotheses
from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value
from verifier.proof.statements import By, Proof
from verifier.prover.theorem_file import Part, attacks, derivation, shows
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

DIVERSITY = (
    "new at finite n; task diversity: Raventos et al. (2023), arXiv:2306.15063, Lu et al. (2024), "
    "arXiv:2405.11751, in proportional limits"
)
CLAIMS = (
    Claim("minimum", "Any symmetric task law of any covariance Gamma, H heads: minimum", DIVERSITY),
    Claim("prediction", "The same, H heads: every global minimiser predicts x'P s", DIVERSITY),
    Claim("readout", "P ((n + 1) Lambda Gamma + t I) = Gamma", "new"),
    Claim("projector", "Lambda = I, Gamma = rho Pi: P = eta Pi solves it", "new"),
    Claim("fresh-risk", "The risk of eta Pi on fresh tasks w ~ N(0, I)", "new"),
    Claim("one-task", "Pi of rank 1, no noise: d + n (d - n - 3)/(n + 2)^2 on fresh tasks", "new"),
)

POOL = """
[covariates]
covariance = "Lambda > 0"
[task]
law = "symmetric"
covariance = "Gamma"
[layer]
heads = "H"
"""
PARTS = (
    Part(
        "a symmetric pool",
        POOL,
        {"minimum": "minimum", "prediction": "prediction", "optimal-P": "readout"},
        shows("minimum_loss", "prediction"),
    ),
)
RATE = "1/(n + 1 + rank + sigma2/rho)"


def projector_proof(claimed: Mapping[str, str]) -> Proof:
    """Pi' = Pi = Pi^2 of trace ``rank``; the readout eta Pi on the pool and on fresh tasks."""
    feature = pencil.FEATURE
    context = Context(
        pencil.SORTS,
        (
            *pencil.SIZES,
            Scalar("rho", Fraction(0), strict=True, meaning="Gamma = rho Pi"),
            Scalar("rank", Fraction(0), meaning="rank of Pi"),
        ),
        arrays=(*pencil.STANDARD, Tensor("Pi", (feature, feature), "a projector")),
        definitions=(
            *pencil.LINEAR_RESPONSES,
            pencil.STATISTICS[0],
            Definition("eta", (), claimed.get("learning_rate", RATE), "the pool's rate"),
            Definition("tau", (), "d + 1 + sigma2", "d + 1 + sigma2"),
        ),
        given=(
            Atom("symmetric", "Pi[i,j] - Pi[j,i]"),
            Atom("idempotent", "sum[l](Pi[i,l]*Pi[l,j])", "Pi[i,j]"),
            Atom("trace", "sum[i](Pi[i,i])", "rank"),
        ),
        instances=tuple(_instance(size) for size in (1, 2)),
    )
    gamma = "rho*Pi[{},{}]"
    total = f"(n + 1)*{gamma.format('l', 'j')} + (rho*sum[u](Pi[u,u]) + sigma2)*delta[l,j]"
    left = f"sum[l](eta*Pi[i,l]*({total}))"
    of_pool = By("eta*rho*((n + 1)*idempotent[i,j] + Pi[i,j]*trace)")
    loss = "E((yq - eta*sum[i,j](xq[i]*Pi[i,j]*s[j]))^2)"
    risk = claimed.get("risk", "sigma2 + d - 2*n*rank*eta + n*(n + tau)*rank*eta^2")
    # |Pi|^2 - rank = sum Pi_ij (Pi_ij - Pi_ji) + tr(Pi^2 - Pi) + tr Pi - rank
    square = "(sum[i,j](Pi[i,j]*symmetric[i,j]) + sum[i](idempotent[i,i]) + trace)"
    of_risk = By(f"n*(n + tau)*eta^2*{square} - 2*n*eta*trace")
    one = (Atom("line", "rank", "1"), Atom("quiet", "sigma2"))
    return Proof(
        "a projector",
        context,
        (
            pencil.identity_step(
                "projector", left, gamma.format("i", "j"), of_pool, (), "projector"
            ),
            pencil.identity_step("fresh-risk", loss, risk, of_risk, (), "fresh-risk"),
            pencil.identity_step(
                "one-task",
                "sigma2 + d - 2*n*rank*eta + n*(n + tau)*rank*eta^2",
                "d + n*(d - n - 3)/(n + 2)^2",
                _one_task(),
                one,
                "one-task",
            ),
        ),
    )


def _one_task() -> By:
    """The difference as a combination of rank - 1 and sigma2, by polynomial division."""
    import sympy

    from verifier.prover.reading import scalar_text

    n, d, rank, sigma2, rho = sympy.symbols("n d rank sigma2 rho")
    eta = sympy.sympify(RATE, locals={"n": n, "rank": rank, "sigma2": sigma2, "rho": rho})
    tau = d + 1 + sigma2
    gap = sigma2 + d - 2 * n * rank * eta + n * (n + tau) * rank * eta**2
    gap -= d + n * (d - n - 3) / (n + 2) ** 2
    above, below = sympy.fraction(sympy.together(gap))
    quotients, rest = sympy.reduced(
        sympy.expand(above), [rank - 1, sigma2], rank, sigma2, n, d, rho
    )
    if rest != 0:
        return By()
    line, quiet = (f"({scalar_text(sympy.expand(q))})" for q in quotients)
    return By(f"{line}*line + {quiet}*quiet", scalar_text(sympy.expand(below)))


def _instance(size: int) -> Point:
    """Pi = I, of rank d."""
    numbers = {"n": size, "d": size, "sigma2": 1, "rho": 1, "rank": size}
    values = (Value(name, Fraction(value)) for name, value in numbers.items())
    return Point((*values, Definition("Pi", ("i", "j"), "delta[i,j]")))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layer for a pool, and its risk on fresh tasks."""
    return derivation(PARTS, claimed, others=(projector_proof(claimed),))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on prompts from pools of one to three tasks."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import Case, Population, heads_table, nodes

    progress("descending on pools of tasks")
    rng, cases = np.random.default_rng([options.seed, 48]), []
    noise = float(max(options.noises))
    for d, n, count in ((1, 2, 1), (2, 1, 1), (2, 2, 1), (2, 1, 3)):
        if d not in options.dimensions:
            continue
        Lam, pool = _evidence.example_covariance(d).array(), rng.normal(size=(count, d))
        F = np.linalg.cholesky(Lam)
        weight, at = nodes({"Z": ((n, d), 3), "q": ((d,), 2), "e": ((n,), 3)})
        tasks = np.concatenate([pool, -pool])
        X, x, e = (np.tile(v, (len(tasks),) + (1,) * (v.ndim - 1)) for v in
                   (at["Z"] @ F.T, at["q"] @ F.T, at["e"]))  # fmt: skip
        w = np.repeat(tasks, len(weight), axis=0)
        y = np.einsum("Nki,Ni->Nk", X, w) + np.sqrt(noise) * e
        people = Population(
            np.tile(weight, len(tasks)) / len(tasks), X, y, x, np.einsum("Ni,Ni->N", x, w), noise
        )
        Gam = pool.T @ pool / count
        t = float(np.trace(Lam @ Gam)) + noise
        P = Gam @ np.linalg.inv((n + 1) * Lam @ Gam + t * np.eye(d))
        least = t - n * float(np.trace(Lam @ P @ Lam @ Gam))
        predicted = np.einsum("Ni,ij,Nj->N", x, P, people.steps())
        cases.append(Case((str(d), str(n), str(count)), people, least, predicted))
    table = heads_table(cases, options, ("d", "n", "M"), ("minimum", "prediction"))
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="task-pool",
    title="A finite pool of tasks: its second moment is all that one layer learns",
    source="this project; task diversity in Raventos et al. (2023), arXiv:2306.15063",
    statement=(
        "For x_i ~ N(0, Lambda), noise of variance sigma2 and tasks uniform on a pool +-w_1, ..., "
        "+-w_M, every global minimiser of H heads of linear self-attention predicts "
        "x_{n+1}' P X' y with P ((n + 1) Lambda Gamma_M + t_M I) = Gamma_M, Gamma_M the pool's "
        "second moment."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "prediction", "learning_rate", "risk"),
    numbers=("minimum_loss", "learning_rate", "risk"),
    hypotheses=(
        Hypothesis(
            "symmetric-pool",
            "the pool is symmetric",
            ("task-pool", "prediction"),
            hypotheses.skewed_tasks("gradient step"),
            instead="E w = 0 and E www = 0 over the pool",
        ),
    ),
)
