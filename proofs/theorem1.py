"""Theorem 1 of Mahankali, Hashimoto and Ma (2023): isotropic Gaussian covariates.

The published proof averages over symmetries. Here the loss is split once: the error of eta x's is
orthogonal to every prediction of the layer, so with eta = E(y x's) / E(x's)^2

    L = L* + E (yhat - eta x's)^2,      L* = E y^2 - eta E(y x's).

Where L = L* the layer predicts eta x's almost surely, an equation between polynomials in Gaussian
variables, and its means against a few of them give all weights for which it holds. The prover finds
eta, L*, these means and the weights; the checker replays it from the layer's forward pass.
"""

from __future__ import annotations

from proofs.shared import hypotheses as _hypotheses
from proofs.shared import theorem1_evidence as _theorem1_evidence
from proofs.shared.conditional_mean import conditional_mean, every_layer, ratio
from proofs.shared.layer import NOTATION, loss_polynomial
from verifier.proof.context import Hat
from verifier.proof.statements import By, Step
from verifier.prover.steps import identity, positive
from verifier.prover.theorem_file import Claims, Part, also, derivation, shows
from verifier.theorem.theorem import Claim, Exposition, Theorem

SETTING = """
[covariates]
covariance = "identity"     # x_k, x_{n+1} ~ N(0, I)
[task]
covariance = "identity"     # w ~ N(0, I), y_k = w'x_k + noise
[noise]
variance = "sigma2"
"""
ANY_TASK = """
[task]
law = "symmetric"           # E w = 0, E ww' = I, E www = 0
[noise]
law = "any"                 # any centred law of variance sigma2
"""
ENERGY = "eta*E(sum[i](s[i]^2))"
# E(yy' | X) = XX' + sigma2 I and H (XX' + sigma2 I) = XX', so E y'H y = E tr XX' = E w'X'y. With
# w_ridge = (X'X + sigma2 I)^+ X'y, X w_ridge = H y, so w_ridge'X'y = y'H y. H is bounded, but the
# moments of the pseudo-inverse are infinite at sigma2 = 0 where n is near d.
HAT = also(arrays=[Hat("H", "X", "sigma2", "hat matrix of ridge regression")])
# eta s, the best linear function of s, is orthogonal to the entries of G too.
BEST_STEP = "1/(n+d+1+sigma2)*sum[k](X[k,i]*(sum[j](X[k,j]*w[j]) + e[k]))"
RIDGE_RATIO = identity(
    "ridge-ratio", f"E(sum[k,h](y[k]*H[k,h]*y[h])) = {ENERGY}", By("E(sum[k](H_normal[k,k]))")
)


def loss_and_rate(said: Claims) -> tuple[Step, ...]:
    """The loss as a polynomial, derived by another route; eta as a ratio."""
    return (
        identity("loss", f"E((yq - yhat)^2) = {said.get('loss') or loss_polynomial()}"),
        identity("learning-rate", f"E(sum[i](w[i]*s[i])) = {ENERGY}"),
        positive("rate-sign", "eta > 0"),
    )


CLAIMABLE = "learning_rate", "minimum_loss", "prediction", "minimisers"
PARTS = (
    Part(
        "minimisers",
        SETTING,
        shows("decomposition", "equality", "minimum", "prediction"),
        shows(*CLAIMABLE),
        steps=loss_and_rate,
    ),
    Part("ratio", SETTING, {}, shows("learning_rate"), more=HAT, steps=(RIDGE_RATIO,)),
    Part(
        "every layer",
        SETTING,
        {},
        more=conditional_mean("w_D", "w", ("X", "w", "e"), BEST_STEP),
        steps=(every_layer("w_D"), ratio("w_D")),
        layer=True,
    ),
    Part("any task, any noise", ANY_TASK, shows("minimum", "prediction", prefix="any-")),
)
BEYOND = "beyond the paper"
CLAIMS = (
    Claim("loss", "The expected loss as a polynomial in a, b, A, c", "shared derivation, all n, d"),
    Claim("decomposition", "L - L* is the mean squared distance to eta s'x_{n+1}", BEYOND),
    Claim("equality", "L = L* for these two families of weights only", BEYOND),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", "Theorem 1, completed"),
    Claim("prediction", "Every global minimiser takes one GD step", "Theorem 1"),
    Claim("learning-rate", "E[w'X'y] = eta E[y'XX'y]", "Theorem 1, with w for w_ridge"),
    Claim("rate-sign", "eta > 0", "Theorem 1"),
    Claim(
        "every-layer", "L = E ||N'G omega - w_D||^2 + const, w_D = E[w | D]", "the paper's lemma"
    ),
    Claim("tower", "E[w_D'X'y] = eta E[y'XX'y] with w_D = E[w | D]", "Theorem 1, its ratio"),
    Claim("any-minimum", "E w = 0, E[w w'] = I, E www = 0, centred noise: minimum", BEYOND),
    Claim("any-prediction", "The same: every global minimiser takes that GD step", BEYOND),
    Claim(
        "ridge-ratio",
        "E[y'H y] = eta E[y'XX'y], hat matrix H = XX'(XX' + sigma2 I)^+",
        "Theorem 1, the paper's ratio, as y'H y = w_ridge'X'y",
    ),
)
THEOREM = Theorem(
    id="theorem1",
    title="One step of gradient descent is optimal: isotropic Gaussian covariates",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 1",
    statement=(
        "For x_i, w ~ N(0, I_d) and y_i = w'x_i + noise of variance sigma2, every global minimiser "
        "of the pre-training loss of one-layer linear self-attention predicts "
        "eta x_{n+1}' X' y, one step of gradient descent from 0, with "
        "eta = E[w_ridge' X'y] / E[y'X X'y]."
    ),
    claims=CLAIMS,
    derive=lambda claimed: derivation(PARTS, claimed),
    evidence=_theorem1_evidence.tables,
    claimable=(*CLAIMABLE, "loss"),
    numbers=("learning_rate", "minimum_loss", "loss"),
    hypotheses=_hypotheses.THEOREM1,
    exposition=Exposition(
        idea=(
            "The error of the best multiple of x_{n+1}' s is orthogonal to every prediction of the "
            "layer, so the loss splits into the loss of that multiple and a mean square. Where the "
            "loss is minimal the square vanishes, an equation between polynomials in Gaussian "
            "variables; its means against a few of them determine all weights for which it holds."
        ),
        notation=NOTATION,
        coq=("coq/theorems/theorem1.v",),
    ),
)
