"""The query's own token in the sum: without a task mean it changes nothing, whatever the heads.

The token v_{n+1} = (x, 0) adds x x' to S. The prediction gains x' sum_h A_h' x a_h'x, which is odd
in x where the target's own terms are linear in w, so the least-squares readout x'P s is
uncorrelated with it. A division by n + 1 only rescales the weights.
"""

from __future__ import annotations

from collections.abc import Mapping

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

NEW = "new; for one head `gaussian-pair` query-in-sum"
ZHANG = "new; the layer of Zhang, Frei, Bartlett (2024), arXiv:2306.09927, divides by n"
CLAIMS = (
    Claim("minimum", "Every pair, H heads: one head's minimum without that token", NEW),
    Claim("equality", "L = L* only where B = P, sum b c = 0, sum of A a symmetrised = 0", "new"),
    Claim("prediction", "Every pair, H heads: every global minimiser predicts x'P s", NEW),
    Claim("divided-minimum", "One head, divided by n + 1: exactly two families of weights", "new"),
    Claim("divided-prediction", "The same: every global minimiser predicts x'P s", "new"),
    Claim("by-n-minimum", "H heads, divided by n: the same minimum", ZHANG),
    Claim("by-n-prediction", "The same: every global minimiser predicts x'P s", ZHANG),
    Claim(
        "any-laws-minimum",
        "x ~ N(0, I), E w = 0, E ww' = I, E www = 0, centred noise, H heads: minimum",
        "new",
    ),
    Claim("any-laws-prediction", "The same: prediction eta x'X'y", "new"),
)

COVARIANCES = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
"""
PAIR = COVARIANCES + '[layer]\nheads = "H"\nquery_in_sum = true\n'
DIVIDED = COVARIANCES + '[layer]\nquery_in_sum = true\ndivide_by = "n+1"\n'
BY_N = COVARIANCES + '[layer]\nheads = "H"\nquery_in_sum = true\ndivide_by = "n"\n'
ANY_LAWS = """
[task]
law = "symmetric"
[noise]
law = "any"
[layer]
heads = "H"
query_in_sum = true
"""
PARTS = (
    Part(
        "every pair",
        PAIR,
        shows("minimum", "equality", "prediction"),
        shows("minimum_loss", "prediction"),
    ),
    Part(
        "divided by n + 1",
        DIVIDED,
        shows("minimum", "prediction", prefix="divided-"),
        shows("minimum_loss", prefix="divided_"),
    ),
    Part(
        "divided by n",
        BY_N,
        shows("minimum", "prediction", prefix="by-n-"),
        shows("minimum_loss", prefix="by_n_"),
    ),
    Part(
        "any symmetric task, any noise",
        ANY_LAWS,
        shows("minimum", "prediction", prefix="any-laws-"),
        {"learning_rate": "learning_rate", "minimum_loss": "any_laws_minimum_loss"},
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers whose sum has the query's token."""
    return derivation(PARTS, claimed)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on exact moments, and the attack on the first setting."""
    from proofs.shared.population import pairs_table

    progress("descending over one to three heads")
    table = pairs_table(solved(PAIR, "every pair"), options, query_nodes=4)
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="query-in-sum",
    title="The query's own token in the sum changes neither the minimum nor the prediction",
    source="this project; the layer of Zhang, Frei, Bartlett (2024), arXiv:2306.09927",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma) and noise of variance sigma2, let the sum of a "
        "layer of H heads run over the query's token (x_{n+1}, 0) too, undivided or divided by n. "
        "The minimum is that of the layer without that token, and every global minimiser predicts "
        "x_{n+1}' P X' y."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "divided_minimum_loss",
        "by_n_minimum_loss",
        "any_laws_minimum_loss",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "divided_minimum_loss",
        "by_n_minimum_loss",
        "any_laws_minimum_loss",
    ),
    hypotheses=(
        Hypothesis("one-head", "the layer has one head", ("query-in-sum", "prediction")),
        Hypothesis(
            "not-divided", "the sum is not divided by n", ("query-in-sum", "by-n-prediction")
        ),
    ),
)
