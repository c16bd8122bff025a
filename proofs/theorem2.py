"""Theorem 2 of Mahankali, Hashimoto and Ma (2023): x ~ N(0, Sigma), w ~ N(0, Sigma^-1).

Sigma = F F' with F invertible, symbolic, of any size; then w = F^-T z has covariance Sigma^-1. As
in Theorem 1, L = L* + E (yhat - x'P s)^2, here with P = eta Sigma^-1.
"""

from __future__ import annotations

from proofs.shared import hypotheses, theorem2_evidence
from proofs.shared.conditional_mean import conditional_mean, lemma
from proofs.shared.layer import NOTATION
from verifier.proof.statements import Step
from verifier.prover.named_readout import Readout
from verifier.prover.steps import identity, positive
from verifier.prover.theorem_file import Claims, Part, derivation, shows
from verifier.theorem.theorem import Claim, Derivation, Exposition, Theorem

SETTING = """
[covariates]
covariance = "Sigma > 0"
[task]
covariance = "inverse-covariates"
[noise]
variance = "sigma2"
"""
ANY_LAWS = """
[covariates]
law = "sign-permutation"        # x = F z: z keeps its law when coordinates are permuted or
covariance = "Sigma > 0"        # change sign; E z_i^2 = m2, E z_i^4 = m4, E z_i^2 z_j^2 = m22
[task]
law = "symmetric"               # E w = 0, E ww' = Sigma^-1, E www = 0
covariance = "inverse-covariates"
[noise]
law = "any-given-covariates"    # centred, variance sigma2, and it may depend on x
"""
STEP_LOSS = "E((yq - sum[i,j](xq[i]*P[i,j]*s[j]))^2)"
BEST_STEP = "1/(n+d+1+sigma2)*sum[k,l](Fi[l,i]*Z[k,l]*(sum[j](Z[k,j]*z[j]) + e[k]))"
ENERGY = "eta*E(sum[i,j](s[i]*Sigmai[i,j]*s[j]))"


def loss_and_rate(said: Claims) -> tuple[Step, ...]:
    """L* as the loss of that step; eta as the paper's ratio, and its sign."""
    return (
        identity("minimum-loss", f"{STEP_LOSS} = {said['minimum_loss']}"),
        identity("learning-rate", f"E(sum[i](w[i]*s[i])) = {ENERGY}"),
        positive("rate-sign", "eta > 0"),
    )


CLAIMABLE = "learning_rate", "minimum_loss", "prediction", "minimisers"
PARTS = (
    Part(
        "minimisers",
        SETTING,
        shows("decomposition", "equality", "minimum", "prediction"),
        {"readout": "preconditioned", **shows(*CLAIMABLE)},
        readout=Readout("P"),
        steps=loss_and_rate,
    ),
    lemma(
        SETTING,
        conditional_mean("w_D", "w", ("Z", "z", "e"), BEST_STEP),
        "Sigma",
        "Sigmai",
        Readout("P"),
    ),
    Part("any laws", ANY_LAWS, shows("minimum", "prediction", prefix="any-"), readout=Readout("P")),
)


def derive(claimed: Claims) -> Derivation:
    """A claimed preconditioner M stands for Sigma^-1 in P = eta Sigma^-1."""
    if "preconditioner" in claimed:
        claimed = {**claimed, "preconditioned": f"eta*({claimed['preconditioner']})"}
    return derivation(PARTS, claimed)


BEYOND = "beyond the paper"
CLAIMS = (
    Claim("decomposition", "L - L* is the mean squared distance to eta x' Sigma^-1 s", BEYOND),
    Claim("equality", "L = L* for these two families of weights only", BEYOND),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", "Theorem 2, completed"),
    Claim("prediction", "Every global minimiser takes one preconditioned GD step", "Theorem 2"),
    Claim("minimum-loss", "L* is the loss of that step, in closed form", BEYOND),
    Claim("learning-rate", "E[w'X'y] = eta E[y'X Sigma^-1 X'y]", "Theorem 2, with w for w_D"),
    Claim("rate-sign", "eta > 0", "Theorem 2"),
    Claim(
        "every-layer",
        "L = E |N'G omega - w_D|^2 + const in the norm of Sigma, w_D = E[w | D]",
        "its lemma",
    ),
    Claim("tower", "E[w_D'X'y] = eta E[y'X Sigma^-1 X'y], w_D = E[w | D]", "Theorem 2, its ratio"),
    Claim(
        "any-minimum",
        "x = F z: z sign-permutation invariant, w symmetric of covariance Sigma^-1, "
        "i.i.d. centred noise, four moments: minimum",
        BEYOND,
    ),
    Claim("any-prediction", "The same: every minimiser takes that step", BEYOND),
)
THEOREM = Theorem(
    id="theorem2",
    title="One step of preconditioned gradient descent is optimal: non-isotropic covariates",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 2",
    statement=(
        "For x_i ~ N(0, Sigma), w ~ N(0, Sigma^-1) and y_i = w'x_i + noise of variance sigma2, "
        "every global minimiser of the pre-training loss of one-layer linear self-attention "
        "predicts eta x_{n+1}' Sigma^-1 X' y, one step of preconditioned gradient descent."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=theorem2_evidence.tables,
    claimable=(*CLAIMABLE, "preconditioner"),
    numbers=("learning_rate", "minimum_loss"),
    hypotheses=hypotheses.THEOREM2,
    exposition=Exposition(
        idea=(
            "The error of the best preconditioned step is orthogonal to every prediction of the "
            "layer, so the loss splits into that of the step and a mean square. Where the loss is "
            "minimal the square vanishes; its means against a few Gaussian variables give the "
            "readout, and since the readout is invertible only two families of weights are left."
        ),
        notation=NOTATION,
        coq=("coq/theorems/theorem2.v",),
    ),
)
