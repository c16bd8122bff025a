"""Training on every prefix: the layer is optimal for one effective length, and pays at all others.

A causal model predicts from the first k examples for every k. Its loss is the expected loss of a
random length k, and a random subset of the examples has the law of a prefix, so tokens weighed by
u_i in {0, 1} say it. The optimum is that of the fixed length k_eff = E k^2 / E k, which is
(2 n + 1)/3 for uniform lengths; with a division by k it is that of the harmonic mean 1/E(1/k). With
tau = d + 1 + sigma2 the loss above the best at length m is
d m (m - k_eff)^2 / ((m + tau)(k_eff + tau)^2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer as pencil
from verifier.proof.context import Context, Scalar
from verifier.proof.statements import By, Proof, Square, Step
from verifier.prover.projection import Setup
from verifier.prover.reading import Reading, scalar_text
from verifier.prover.theorem_file import Part, attacks, derivation, shows, solved
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

DING = "new; causal against prefix attention in depth: Ding et al. (2023), arXiv:2308.06912"
CLAIMS = (
    Claim("minimum", "Random length k, every pair, H heads: the minimum", DING),
    Claim("prediction", "The same: every global minimiser predicts x'P s", DING),
    Claim("readout", "P = ((k_eff + 1) Lambda + t Gamma^-1)^-1, k_eff = E k^2/E k", "new"),
    Claim("prefix-minimum", "x, w ~ N(0, I), every prefix 1 .. n, one head: minimum", DING),
    Claim("prefix-prediction", "The same: one step for all positions", DING),
    Claim("prefix-rate", "Its rate is that of the length (2 n + 1)/3", "new"),
    Claim("divided-minimum", "Divided by the number k of examples, H heads: the minimum", DING),
    Claim("divided-prediction", "The same: every global minimiser predicts x'P s/k", DING),
    Claim("divided-readout", "P = ((1 + h) Lambda + h t Gamma^-1)^-1, h = E 1/k", "new"),
    Claim("fixed-minimum", "x, w ~ N(0, I), length n fixed: its minimum", "Theorem 1"),
    Claim("regret", "Loss of the step for length m at length n, above the minimum there", "new"),
    Claim("regret-positive", "That regret is >= 0", "new"),
    Claim(
        "last-position", "Uniform prefixes: the regret at the last position, m = (2 n + 1)/3", "new"
    ),
    Claim("last-position-bound", "That is less than d/4 for all n, d and noises", "new"),
)

PAIR = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
"""
RANDOM = PAIR + '[layer]\nheads = "H"\n[training]\nloss = "random-length"\n'
PREFIXES = '[training]\nloss = "every-prefix"\n'
DIVIDED = PAIR + '[layer]\nheads = "H"\ndivide_by = "k"\n[training]\nloss = "random-length"\n'
FIXED = ""


def effective_length(setup: Setup) -> tuple[Step, ...]:
    """E k = n p1 and E k^2 = n p1 + n (n-1) p2: the readout's equation by k_eff = E k^2 / E k."""
    length = "((n*p1 + n*(n-1)*p2)/(n*p1))"
    return (_readout(setup, f"{length} + 1", "1", "readout"),)


def harmonic_length(setup: Setup) -> tuple[Step, ...]:
    """The readout's equation by h = E 1/k."""
    return (_readout(setup, "1 + h1", "h1", "divided-readout"),)


def _readout(setup: Setup, of_square: str, of_noise: str, claim: str) -> Step:
    """P K = I with K written by the length."""
    trace = "(sum[i1,i2](Lambda[i1,i2]*Gamma[i1,i2]) + sigma2)"
    inverse = setup.best.inverse
    if inverse is None:
        raise ValueError("the readout is not the inverse of a matrix")
    K = f"(({of_square})*Lambda[j,l] + ({of_noise})*{trace}*Gammai[j,l])"
    P = inverse.readout.name
    return pencil.identity_step(
        claim,
        f"sum[j]({P}[i,j]*{K})",
        "delta[i,l]",
        By(f"-sum[j]({P}[i,j]*optimal[j,l])"),
        claim=claim,
    )


def prefix_rate(setup: Setup) -> tuple[Step, ...]:
    """The derived rate against that of a fixed length."""
    rate = setup.best.definitions[0].name
    fixed = "1/((2*n + 1)/3 + d + 1 + sigma2)"
    return (pencil.identity_step("prefix-rate", rate, fixed, claim="prefix-rate"),)


def regret_proof(claimed: Mapping[str, str]) -> Proof:
    """The step that is optimal for length m at length n, from the two derived quantities."""
    best = solved(FIXED, "fixed length")
    model, rate = best.setting.model, best.best.definitions[0].body
    length = Scalar("m", Fraction(0), strict=True, meaning="the length that the step is for")
    context = Context(
        sorts=model.sorts,
        scalars=(*model.scalars, length),
        arrays=model.arrays,
        definitions=(*model.definitions, *best.main.layer.statistics),
    )
    other = re.sub(r"\bn\b", "m", rate)
    excess = f"E((yq - ({other})*sum[i](xq[i]*s[i]))^2) - ({best.setup().value})"
    derived = sympy_text(Reading(context).number(excess))
    last = re.sub(r"\bm\b", "((2*n + 1)/3)", derived)
    shown = "(n*d*(n - 1)^2/9)/((n + d + 1 + sigma2)*((2*n + 1)/3 + d + 1 + sigma2)^2)"
    below = "(n + d + 1 + sigma2)*(m + d + 1 + sigma2)^2"
    return Proof(
        "regret",
        context,
        (
            pencil.identity_step(
                "regret", excess, claimed.get("regret", f"d*n*(m - n)^2/({below})"), claim="regret"
            ),
            pencil.inequality_step(
                "regret-positive",
                derived,
                "0",
                ">=",
                By(squares=(Square(f"d*n/({below})", "m - n"),)),
                "regret-positive",
            ),
            pencil.identity_step("last-position", last, shown, claim="last-position"),
            pencil.inequality_step(
                "last-position-bound",
                "d/4",
                shown,
                ">",
                By(rest=sympy_text(f"d/4 - {shown}")),
                "last-position-bound",
            ),
        ),
    )


def sympy_text(expression: object) -> str:
    """A rational function of the scalars in factored form; from SymPy or index text."""
    import sympy

    if isinstance(expression, str):
        expression = sympy.sympify(expression.replace("^", "**"))
    return scalar_text(sympy.factor(expression))


PARTS = (
    Part(
        "random length",
        RANDOM,
        shows("minimum", "prediction"),
        shows("minimum_loss", "prediction"),
        extra=effective_length,
    ),
    Part(
        "every prefix",
        PREFIXES,
        shows("minimum", "prediction", prefix="prefix-"),
        {"learning_rate": "learning_rate", "minimum_loss": "prefix_minimum_loss"},
        extra=prefix_rate,
    ),
    Part(
        "divided by the length",
        DIVIDED,
        shows("minimum", "prediction", prefix="divided-"),
        shows("minimum_loss", prefix="divided_"),
        extra=harmonic_length,
    ),
    Part("fixed length", FIXED, shows("minimum", prefix="fixed-")),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers for random lengths, and the regret."""
    return derivation(PARTS, claimed, others=(regret_proof(claimed),))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on prompts of uniform length, with and without division."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import case_of, gaussian, heads_table, mixed

    progress("descending over one to three heads")
    cases, noise = [], float(max(options.noises))
    for d, n in ((1, 2), (1, 3), (2, 2)):
        if d not in options.dimensions and d > 1:
            continue
        Lam, Gam = (_evidence.example_covariance(d, shift).array() for shift in (0, 1))
        people = gaussian(n, noise, Lam, Gam)
        arrays = {"F": np.linalg.cholesky(Lam), "G": np.linalg.cholesky(Gam)}
        k = np.arange(1, n + 1)
        kept = (np.arange(n) < k[:, None]).astype(float)
        means = {
            "no": {"p1": k.mean() / n, "p2": (k * (k - 1)).mean() / (n * (n - 1))},
            "k": {"h1": (1 / k).mean()},
        }
        for part, by, tokens in ((PARTS[0], "no", kept), (PARTS[2], "k", kept / k[:, None])):
            mixture = mixed(
                [
                    (1 / n, replace(people, tokens=np.broadcast_to(row, people.y.shape)))
                    for row in tokens
                ]
            )
            numbers = {"sigma2": noise, **means[by]}
            solution = solved(part.setting, part.name)
            label = (str(d), str(n), by)
            cases.append(case_of(solution, label, mixture, numbers, arrays, (1, 2)))
    supports = ("minimum", "prediction", "divided-minimum", "divided-prediction")
    table = heads_table(cases, options, ("d", "n", "divided"), supports)
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="causal-training",
    title="One layer for all prefixes is optimal for one effective length",
    source="this project; Ding et al. (2023), arXiv:2308.06912, study depth (abstract seen)",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma), noise of variance sigma2 and prompts of random "
        "length k, every global minimiser of H heads of linear self-attention predicts "
        "x_{n+1}' P X' y with P = ((k_eff + 1) Lambda + t Gamma^-1)^-1, k_eff = E k^2/E k, the "
        "best readout for prompts of that length. Training on all prefixes is the uniform length, "
        "k_eff = (2 n + 1)/3."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "prefix_minimum_loss",
        "divided_minimum_loss",
        "regret",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "prefix_minimum_loss",
        "divided_minimum_loss",
        "regret",
    ),
    hypotheses=(
        Hypothesis(
            "fixed-length",
            "all prompts have the same number of examples",
            ("causal-training", "prediction"),
            remark="the optimum is that of the length E k^2/E k",
        ),
    ),
)
