"""Theorem 1 of Mahankali, Hashimoto and Ma (2023): isotropic Gaussian covariates.

With eta = E(y x's) / E(x's)^2 the error of eta x's is orthogonal to every prediction of the layer:

    L = L* + E (yhat - eta x's)^2,      L* = E y^2 - eta E(y x's).

Where L = L* the layer predicts eta x's almost surely; means against a few random products then give
all weights. The prover finds eta, L*, means and weights; the checker replays the forward pass.
"""

from __future__ import annotations

from proofs.shared import hypotheses, theorem1_evidence
from proofs.shared.conditional_mean import conditional_mean, hat_ratio, lemma
from proofs.shared.layer import NOTATION, loss_polynomial
from verifier.proof.statements import Step
from verifier.prover.steps import identity, positive
from verifier.prover.theorem_file import Claims, Part, derivation, shows
from verifier.theorem.theorem import Claim, Exposition, Theorem

SETTING = """
[covariates]
covariance = "identity"     # x_k, x_{n+1} ~ N(0, I)
[task]
covariance = "identity"     # w ~ N(0, I), y_k = w'x_k + noise of variance sigma2
"""
ANY_TASK = """
[task]
law = "symmetric"           # E w = 0, E ww' = I, E www = 0
[noise]
law = "any"                 # any centred law of variance sigma2
"""
# eta s, the best linear function of s: w - eta s is orthogonal to the entries of G too.
BEST_STEP = "1/(n+d+1+sigma2)*sum[k](X[k,i]*(sum[j](X[k,j]*w[j]) + e[k]))"


def loss_and_rate(said: Claims) -> tuple[Step, ...]:
    """The loss as a polynomial, derived by another route; eta as a ratio."""
    return (
        identity("loss", f"E((yq - yhat)^2) = {said.get('loss') or loss_polynomial()}"),
        identity("learning-rate", "E(sum[i](w[i]*s[i])) = eta*E(sum[i](s[i]^2))"),
        positive("rate-sign", "eta > 0"),
    )


CLAIMABLE = "learning_rate", "minimum_loss", "prediction", "minimisers"
SHOWN = shows("decomposition", "equality", "minimum", "prediction")
PARTS = (
    Part("minimisers", SETTING, SHOWN, shows(*CLAIMABLE), steps=loss_and_rate),
    hat_ratio(SETTING),
    lemma(SETTING, conditional_mean("w_D", "w", ("X", "w", "e"), BEST_STEP)),
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
    Claim("every-layer", "L = E ||N'G omega - w_D||^2 + const, w_D = E[w | D]", "its lemma"),
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
    evidence=theorem1_evidence.tables,
    claimable=(*CLAIMABLE, "loss"),
    numbers=("learning_rate", "minimum_loss", "loss"),
    hypotheses=hypotheses.THEOREM1,
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
