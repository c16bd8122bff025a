"""Noise levels that vary: one layer of any number of heads only learns the mean level.

The covariates are normal and independent of (w, noises), whose law is any with the moments below:
levels may differ between prompts and examples, noises may depend on each other and on the task, the
task need not be normal. Given those, X'(noises) has covariance (sum of their squares) Lambda and
its covariance with X'X w is odd in X, so that in the optimal readout

    P = ((n + 1) Lambda + (tr(Lambda Gamma) + mean level) Gamma^-1)^-1

only the mean of the noise variances is left. The target keeps its own noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared.covariances import definite_pair
from verifier.proof.context import (
    Atom,
    Definition,
    Field,
    Law,
    Model,
    Normal,
    Scalar,
    Slot,
    Tensor,
)
from verifier.prover.data_model import EXAMPLE, FEATURE, Sizes
from verifier.prover.layer import LayerOptions
from verifier.prover.setting_file import SymbolicSetting
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

NEW = "new; heteroscedastic noise in depth: Vladymyrov et al. (2024), arXiv:2402.14180"
CLAIMS = (
    Claim(
        "minimum",
        "x ~ N(0, Lambda) independent of (w, noises) with E ww' = Gamma, noise covariance C, odd "
        "moments 0, H heads: minimum",
        NEW,
    ),
    Claim("prediction", "The same: every global minimiser predicts x'P s", NEW),
    Claim("readout", "P depends on the noises through tr C / n, their mean variance, alone", NEW),
    Claim("decomposition", "L - L* is the mean squared distance to x'P s", "new"),
    Claim(
        "level-minimum",
        "x ~ N(0, I), w = theta z, noise of level rho, (rho, theta) of any joint law, H heads: "
        "minimum",
        NEW,
    ),
    Claim("level-prediction", "The same: the step of the mean level", NEW),
    Claim("example-minimum", "A level drawn for each example, one head: minimum", NEW),
    Claim("example-prediction", "The same: the step of the mean level", NEW),
    Claim(
        "errors-minimum",
        "Errors in variables: tokens carry x + tau u, the query's too, H heads: minimum",
        "new",
    ),
    Claim("errors-prediction", "The same: prediction eta x'X'y, eta by sigma and tau", "new"),
)


def any_noises() -> SymbolicSetting:
    """(w, e_1 .. e_n, eq) in one draw for a prompt, with their moments up to order 3."""
    sizes = Sizes()
    pair = definite_pair(sizes)
    fields = (Field("w", (FEATURE,)), Field("e", (EXAMPLE,)), Field("eq"))
    seconds = {
        "w[i]*w[j]": "Gamma[i,j]",
        "e[k]*e[h]": "C[k,h]",
        "w[i]*e[k]": "D[i,k]",
        "eq^2": "tau2",
    }
    moments = [Atom(f"second{m}", f"E({a})", b) for m, (a, b) in enumerate(seconds.items(), 1)]
    zero = ("w[i]", "e[k]", "eq", "w[i]*eq", "e[k]*eq", *_thirds())
    moments += [Atom(f"zero{m}", f"E({text})") for m, text in enumerate(zero, 1)]
    model = replace(
        pair,
        scalars=(*pair.scalars, Scalar("tau2", Fraction(0), meaning="noise of the target")),
        laws=(Law("R", fields, meaning="task and noises of a prompt"),),
        arrays=(
            Normal("Z", (EXAMPLE, FEATURE), meaning="standard normal"),
            Normal("zq", (FEATURE,), meaning="standard normal"),
            Slot("w", "R", "w", "prompt", "task vector"),
            Slot("e", "R", "e", "prompt", "noises of the examples"),
            Slot("eq", "R", "eq", "prompt", "noise of the query's response"),
            *pair.arrays,
            Tensor("C", (EXAMPLE, EXAMPLE), "covariance of the noises"),
            Tensor("D", (FEATURE, EXAMPLE), "covariance of the task and the noises"),
        ),
        definitions=(
            *pair.definitions,
            Definition("X", ("k", "i"), "sum[j](F[i,j]*Z[k,j])", "covariates of the examples"),
            Definition("xq", ("i",), "sum[j](F[i,j]*zq[j])", "query"),
            Definition("y", ("k",), "sum[i](X[k,i]*w[i]) + e[k]", "responses of the examples"),
            Definition("yq", (), "sum[i](xq[i]*w[i]) + eq", "response of the query, the target"),
        ),
        moments=tuple(moments),
        laws_at=lambda size: (_independent(),),
        values=(
            *pair.values,
            Definition("C", ("k", "h"), "delta[k,h]"),
            Definition("D", ("i", "k"), "0"),
        ),
        numbers=(("tau2", Fraction(1)),),
    )
    return SymbolicSetting("any noises", model, LayerOptions("H"))


def _thirds() -> tuple[str, ...]:
    """All products of three of w, e, eq that the layer can meet, without eq^2."""
    kinds = {"w": ("w[i]", "w[j]", "w[l]"), "e": ("e[k]", "e[h]", "e[k1]")}
    found = []
    for order, last in ((3, ""), (2, "*eq")):
        for chosen in itertools.combinations_with_replacement("we", order):
            names = [kinds[x][chosen[:m].count(x)] for m, x in enumerate(chosen)]
            found.append("*".join(names) + last)
    return tuple(found)


def _independent() -> Model:
    """All independent and standard normal."""
    arrays = (Tensor("w0", (FEATURE,)), Tensor("e0", (EXAMPLE,)), Tensor("eq0"))
    fields = (
        Definition("w", ("i",), "w0[i]"),
        Definition("e", ("k",), "e0[k]"),
        Definition("eq", (), "eq0"),
    )
    return Model("R", arrays, (), fields)


LEVELS = """
[data]
scalars = ["sigma2 > 0"]
joint = { R = ["rho", "theta"] }
moments = ["E(rho^2) = sigma2", "E(theta^2) = 1"]
normal = ["X[k,i]", "xq[i]", "z[i]", "e[k]", "eq"]
w = "w[i] = theta*z[i]"
y = "y[k] = sum[i](X[k,i]*w[i]) + rho*e[k]"
yq = "yq = sum[i](xq[i]*w[i]) + rho*eq"
[layer]
heads = "H"
"""
PER_EXAMPLE = '[noise]\nlevel = "per-example"\n'
ERRORS = """
[data]
scalars = ["sigma", "tau"]
normal = ["g[k,i]", "gq[i]", "u0[k,i]", "uq[i]", "w[i]", "e[k]", "eq"]
X = "X[k,i] = g[k,i] + tau*u0[k,i]"
xq = "xq[i] = gq[i] + tau*uq[i]"
y = "y[k] = sum[i](g[k,i]*w[i]) + sigma*e[k]"
yq = "yq = sum[i](gq[i]*w[i]) + sigma*eq"
[layer]
heads = "H"
"""
PARTS = (
    Part(
        "any task and noises",
        any_noises(),
        {
            "minimum": "minimum",
            "prediction": "prediction",
            "optimal-P": "readout",
            "decomposition": "decomposition",
        },
        shows("minimum_loss", "prediction"),
    ),
    Part(
        "a level for each prompt",
        LEVELS,
        shows("minimum", "prediction", prefix="level-"),
        {"learning_rate": "learning_rate", "minimum_loss": "level_minimum_loss"},
    ),
    Part(
        "a level for each example",
        PER_EXAMPLE,
        shows("minimum", "prediction", prefix="example-"),
        shows("minimum_loss", prefix="example_"),
    ),
    Part(
        "errors in variables",
        ERRORS,
        shows("minimum", "prediction", prefix="errors-"),
        shows("learning_rate", "minimum_loss", prefix="errors_"),
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers under noises of these kinds."""
    return derivation(PARTS, claimed)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on prompts whose noise level depends on the task's scale."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import case_of, gaussian, heads_table, mixed, small_sizes

    progress("descending over one to three heads")
    kinds = ((0.5, 0.2, 0.5), (0.3, 1.0, 1.5), (0.2, 4.0, 0.8))  # chance, variance, scale of tasks
    mean_level = sum(p * level for p, level, _ in kinds)
    mean_scale = sum(p * scale for p, _, scale in kinds)
    solution, cases = solved(PARTS[0].setting, PARTS[0].name), []
    for d, n in small_sizes(options):
        Lam, Gam = (_evidence.example_covariance(d, shift).array() for shift in (0, 1))
        people = mixed([(p, gaussian(n, level, Lam, s * Gam)) for p, level, s in kinds])
        arrays = {
            "F": np.linalg.cholesky(Lam),
            "G": np.linalg.cholesky(mean_scale * Gam),
            "C": mean_level * np.eye(n),
            "D": np.zeros((d, n)),
        }
        numbers = {"tau2": mean_level}
        cases.append(case_of(solution, (str(d), str(n)), people, numbers, arrays))
    table = heads_table(cases, options, ("d", "n"), ("minimum", "prediction"))
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="noise-levels",
    title="One layer of any number of heads does not adapt to the noise level",
    source="this project; Vladymyrov et al. (2024), arXiv:2402.14180, study depth (abstract seen)",
    statement=(
        "Let x_i ~ N(0, Lambda) be independent of the task and of the noises, which may have any "
        "joint law with the moments named (levels that vary, noises that depend on each other and "
        "on the task). Every global minimiser of H heads of linear self-attention predicts "
        "x_{n+1}' P X' y with P = ((n+1) Lambda + (tr(Lambda Gamma) + mean noise variance) "
        "Gamma^-1)^-1: one rate for all levels."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "level_minimum_loss",
        "example_minimum_loss",
        "errors_learning_rate",
        "errors_minimum_loss",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "level_minimum_loss",
        "example_minimum_loss",
        "errors_learning_rate",
        "errors_minimum_loss",
    ),
    hypotheses=(
        Hypothesis(
            "one-level",
            "all noises have one variance",
            ("noise-levels", "prediction"),
            remark="the mean variance takes its place",
        ),
        Hypothesis(
            "level-free-of-task",
            "the noise level does not depend on the task",
            ("noise-levels", "level-prediction"),
            remark="any joint law of the level and the task's scale",
        ),
        Hypothesis(
            "exact-covariates",
            "the tokens carry the covariates themselves",
            ("noise-levels", "errors-prediction"),
            remark="for x ~ N(0, I) and isotropic errors; the rate changes",
        ),
    ),
)
