"""Covariances drawn for each prompt: what one layer of any number of heads cannot learn.

With Lambda, Gamma of any joint law, drawn once for a prompt, the best readout solves one linear
equation, E[Lambda P ((n + 1) Lambda Gamma Lambda + t Lambda)] = E[Lambda Gamma Lambda], and every
global minimiser predicts x'P s. For random scales Lambda = rho^2 I the loss above the noise stays
above d (E lambda gamma - (E lambda^2 gamma)^2/E lambda^3 gamma) at every length, which is 0 only if
the scale of the covariates does not vary: there is no learning in context without adaptation.
"""

from __future__ import annotations

from collections.abc import Mapping

from proofs.shared import layer as pencil
from verifier.proof.context import Atom
from verifier.proof.statements import By, Conclude, Null, Square, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.projection import Setup
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

ZHANG = (
    "new; a readout of this form for diagonal Lambda in Zhang, Frei, Bartlett (2024), "
    "arXiv:2306.09927, Theorem 4.3 (text not seen)"
)
CLAIMS = (
    Claim("minimum", "Random Lambda, Gamma of any joint law, H heads: minimum", ZHANG),
    Claim("prediction", "The same: every global minimiser predicts x'P s", ZHANG),
    Claim("readout", "The linear equation of P: means over the joint law", ZHANG),
    Claim("scales-minimum", "x = rho z, w = theta v, (rho, theta) any joint law: minimum", "new"),
    Claim("scales-prediction", "The same: one plain GD step of one rate for all scales", "new"),
    Claim("never-learns", "L* - sigma^2 > d (c1 - c2^2/c3) at every length", "new"),
    Claim("spread", "c1 - c2^2/c3 = E (rho theta (1 - c2/c3 rho^2))^2", "new"),
    Claim("only-constant", "It is 0 only if rho theta (c3 - c2 rho^2) = 0 almost surely", "new"),
)

RANDOM = """
[data]
scalars = ["sigma"]
joint = { R = ["F[i,j]", "G[i,j]"] }
normal = ["Z[k,i]", "zq[i]", "z[i]", "e[k]", "eq"]
Lambda = "Lambda[i,j] = sum[l](F[i,l]*F[j,l])"
Gamma = "Gamma[i,j] = sum[l](G[i,l]*G[j,l])"
X = "X[k,i] = sum[j](F[i,j]*Z[k,j])"
xq = "xq[i] = sum[j](F[i,j]*zq[j])"
w = "w[i] = sum[j](G[i,j]*z[j])"
y = "y[k] = sum[i](X[k,i]*w[i]) + sigma*e[k]"
yq = "yq = sum[i](xq[i]*w[i]) + sigma*eq"
[layer]
heads = "H"
"""
SCALES = """
[data]
scalars = ["sigma", "c1 > 0", "c2 > 0", "c3 > 0", "c4 > 0"]
joint = { R = ["rho", "theta"] }
moments = [
    "E(rho^2*theta^2) = c1", "E(rho^4*theta^2) = c2", "E(rho^6*theta^2) = c3", "E(rho^4) = c4"
]
normal = ["Z[k,i]", "zq[i]", "z[i]", "e[k]", "eq"]
X = "X[k,i] = rho*Z[k,i]"
xq = "xq[i] = rho*zq[i]"
w = "w[i] = theta*z[i]"
y = "y[k] = sum[i](X[k,i]*w[i]) + sigma*e[k]"
yq = "yq = sum[i](xq[i]*w[i]) + sigma*eq"
[layer]
heads = "H"
"""


def equation(_setup: Setup) -> tuple[Step, ...]:
    """The normal equation of the readout, its means over the normal arrays taken."""
    middle = "sum[i2,i3](Lambda[i1,i2]*Gamma[i2,i3]*Lambda[i3,j])"
    trace = "(sum[i4,i5](Lambda[i4,i5]*Gamma[i4,i5]) + sigma^2)"
    left = f"E(sum[l,i1](Lambda[i,l]*P[l,i1]*((n + 1)*{middle} + {trace}*Lambda[i1,j])))"
    right = "E(sum[l,i1](Lambda[i,l]*Gamma[l,i1]*Lambda[i1,j]))"
    by = By("-normal_readout[i,j]", "n")
    return (pencil.identity_step("readout", left, right, by, claim="readout"),)


def limits(setup: Setup) -> tuple[Step, ...]:
    """The loss that no length removes."""
    rest = "d*c2^2*(d*c3 + c3 + c4*sigma^2)/(c3*(n*c3 + d*c3 + c3 + c4*sigma^2))"
    gap = "rho*theta*(1 - c2/c3*rho^2)"
    same = Atom("same", "c1*c3", "c2^2")
    none = Atom("none", "rho*theta*(c3 - c2*rho^2)")
    vanishing = Null((Square("c3", gap, "gap"),), By("same"), Conclude(0, {"none": By("c3*gap")}))
    return (
        pencil.inequality_step(
            "never-learns",
            f"({setup.value}) - sigma^2",
            "d*(c1 - c2^2/c3)",
            ">",
            By(rest=rest),
            "never-learns",
        ),
        pencil.identity_step("spread", "c1 - c2^2/c3", f"E(({gap})^2)", claim="spread"),
        Step("only-constant", Statement((same,), ((none,),)), vanishing, claim="only-constant"),
    )


PARTS = (
    Part(
        "random covariances",
        RANDOM,
        shows("minimum", "prediction"),
        shows("prediction"),
        extra=equation,
    ),
    Part(
        "random scales",
        SCALES,
        shows("minimum", "prediction", prefix="scales-"),
        shows("learning_rate", "minimum_loss"),
        extra=limits,
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers, and what is left at every length."""
    return derivation(PARTS, claimed)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on a mixture of three pairs of scales."""
    import numpy as np

    from proofs.shared.population import case_of, gaussian, heads_table, mixed, small_sizes

    progress("descending over one to three heads")
    kinds = ((0.5, 0.4, 1.0), (0.3, 1.0, 2.0), (0.2, 2.5, 0.6))  # chance, rho^2, theta^2
    powers = {"c1": (1, 1), "c2": (2, 1), "c3": (3, 1), "c4": (2, 0)}
    numbers = {
        name: sum(p * lam**a * gam**b for p, lam, gam in kinds) for name, (a, b) in powers.items()
    }
    noise = float(max(options.noises))
    numbers["sigma"] = float(np.sqrt(noise))
    solution, cases = solved(SCALES, "random scales"), []
    for d, n in small_sizes(options):
        eye = np.eye(d)
        people = mixed([(p, gaussian(n, noise, lam * eye, gam * eye)) for p, lam, gam in kinds])
        cases.append(case_of(solution, (str(d), str(n)), people, numbers, {}))
    supports = ("scales-minimum", "scales-prediction")
    table = heads_table(cases, options, ("d", "n"), supports)
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="random-covariance",
    title="Covariances that vary between prompts: one readout for all of them",
    source="this project; Zhang, Frei, Bartlett (2024), arXiv:2306.09927, Theorem 4.3 (not seen)",
    statement=(
        "For Lambda, Gamma drawn once for each prompt from any joint law, every global minimiser "
        "of H heads of linear self-attention predicts x_{n+1}' P X' y with one P for all prompts. "
        "For scales that vary, the loss above the noise does not go to 0 as prompts get longer."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("prediction", "learning_rate", "minimum_loss"),
    numbers=("learning_rate", "minimum_loss"),
    hypotheses=(
        Hypothesis(
            "one-covariance",
            "all prompts have the same covariances",
            ("random-covariance", "prediction"),
            remark="x'P s stays optimal; P solves another equation and no length makes up for it",
        ),
    ),
)
