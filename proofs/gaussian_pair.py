"""Every Gaussian pair x ~ N(0, Lambda), w ~ N(0, Gamma): beyond the paper, with its corollaries.

The optimal readout is P = ((n+1) Lambda + t Gamma^-1)^-1 with t = tr(Lambda Gamma) + sigma2, and as
in Theorem 1, L = L* + E (yhat - x'P s)^2. Three settings: positive definite Lambda, Gamma, with the
cases that are known (Theorem 2; Ahn et al. 2023) and exactly when P is a scalar or a preconditioned
step; the layer that has the query in its sum (Zhang, Frei, Bartlett 2024); singular Lambda, Gamma.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from proofs.shared import gaussian_pair_evidence, hypotheses
from proofs.shared.layer import NOTATION
from verifier.proof.context import Scalar, Tensor
from verifier.proof.statements import Square, Step
from verifier.prover.named_readout import Readout
from verifier.prover.projection import Families, Setup
from verifier.prover.steps import conclude, identity, null, systems
from verifier.prover.theorem_file import Claims, Part, also, derivation, point, shows
from verifier.theorem.theorem import Claim, Derivation, Exposition, Theorem

PAIR = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
[noise]
variance = "sigma2"
"""
QUERY_IN_SUM = f"""{PAIR}
[layer]
query_in_sum = true
"""
SEMIDEFINITE = """
[covariates]
covariance = "Lambda"
[task]
covariance = "Gamma"
[noise]
variance = "sigma2"
"""
RESULT = "P = ((n+1)*Lambda + (tr(Lambda*Gamma) + sigma2)*Gamma^-1)^-1"
TRACE = "t = sum[i,j](Gamma[i,j]*Lambda[i,j]) + sigma2"
RATE = also(scalars=[Scalar("r", meaning="any rate")], definitions=[TRACE])

# Cases in which P is known. The inverse of P is K = (n+1) Lambda + t Gamma^-1: ``optimal``.
COROLLARIES = {
    "inverse_task": "n+d+1+sigma2",
    "identity_task": "(n+1)/n*Lambda[o,j] + (sum[m](Lambda[m,m]) + sigma2)/n*delta[o,j]",
    "scalar_step": "r*((n+1)*Lambda[i,j] + t*Gammai[i,j])",
    "preconditioned_step": "(1 - (n+1)*r)*Lambda[i,j]",
}


def corollaries(claimed: Claims) -> tuple[Step, ...]:
    """What P is when Gamma is tied to Lambda, and when P is a scalar or preconditioned step."""
    said = {**COROLLARIES, **claimed}
    inverse = "task: sum[o](Gamma[i,o]*Lambda[o,j]) = delta[i,j]"
    one = "task: Gamma[i,j] = delta[i,j]"
    scalar, preconditioned = "P[i,j] = r*delta[i,j]", "sum[o](P[i,o]*Lambda[o,j]) = r*delta[i,j]"
    scalar_when = f"{said['scalar_step']} = delta[i,j]"
    preconditioned_when = f"r*t*Gammai[i,j] = {said['preconditioned_step']}"
    over, left = "sum[o](P[i,o]*Gammai[o,j])", "sum[o](P[i,o]*optimal[o,j])"
    moved = "sum[o,l](P[i,o]*Gammai[o,l]*task[l,j])"
    traces = f"sum[m](Lambda[m,m]) + sigma2)*{moved} - sum[m,l](Lambda[m,l]*task[l,m])*{over}"
    return (
        identity(
            "inverse-task",
            f"({said['inverse_task']})*sum[o](P[i,o]*Lambda[o,j]) = delta[i,j]",
            f"(d+sigma2)*{moved} - sum[m](task[m,m])*{over} - {left}",
            (inverse,),
        ),
        identity(
            "identity-task",
            f"sum[o](n*P[i,o]*({said['identity_task']})) = delta[i,j]",
            f"({traces} - {left}",
            (one,),
        ),
        identity(
            "scalar-step",
            scalar_when,
            "-sum[o](step[i,o]*K[o,j]) - r*optimal[i,j]",
            (f"step: {scalar}",),
        ),
        identity(
            "scalar-step-converse",
            scalar,
            f"-sum[o](P[i,o]*when[o,j]) - r*{left}",
            (f"when: {scalar_when}",),
        ),
        identity(
            "preconditioned-step",
            preconditioned_when,
            "-sum[o](K[i,o]*step[o,j]) - r*optimal[i,j]",
            (f"step: {preconditioned}",),
        ),
        identity(
            "preconditioned-step-converse",
            preconditioned,
            f"-sum[o](P[i,o]*when[o,j]) - r*{left}",
            (f"when: {preconditioned_when}",),
        ),
    )


# Singular covariances: P = Gamma R with R = ((n+1) Lambda Gamma + t I)^-1, which exists for t > 0;
# E(x s'(y - x'P s)) = -n Lambda Gamma (R R^-1 - I) Lambda.
RESOLVENT = also(
    scalars=[Scalar("ti", Fraction(0), strict=True, meaning="1/t; it exists as t > 0")],
    arrays=[Tensor("R", ("feature", "feature"), "((n+1) Lambda Gamma + t I)^-1")],
    definitions=[TRACE, "H[i,j] = sum[o](F[o,i]*G[o,j])"],
    given=[
        "resolvent: sum[j](R[i,j]*((n+1)*sum[o](Lambda[j,o]*Gamma[o,l]) + t*delta[j,l]))"
        " = delta[i,l]",
        "positive: ti*t = 1",
    ],
    values=["R[i,j] = delta[i,j]/(n+1+d+sigma2)", "ti = 1/(d+sigma2)"],
    assumptions=[
        "Lambda Gamma has the eigenvalues of G' Lambda G, none negative, "
        "so (n+1) Lambda Gamma + t I is invertible for t > 0"
    ],
)
GAMMA_R = Readout(
    "P",
    "sum[o](Gamma[i,o]*R[o,j])",
    because="-n*sum[l,m,o](Lambda[i,l]*Gamma[l,m]*resolvent[m,o]*Lambda[o,j])",
)
DISTANCE = "sum[l,m](F[l,{0}]*(B[l,m] - P[l,m])*F[m,{1}])"
EVEN = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + b*q*sum[j](c[j]*xq[j])"


def singular_minimisers(_setup: Setup) -> Families:
    """D = F'(B - P)F vanishes: E(gap z'D Z'y) = n (n+1) |D H|^2 + n t |D|^2, H = F'G, t = 1/ti."""
    D = DISTANCE.format
    tested = f"E(gap*sum[i,j,k]({D('i', 'j')}*zq[i]*Z[k,j]*y[k]))"
    tree = null(
        Square("n*(n+1)", f"sum[o]({D('i', 'o')}*H[o,j])"),
        Square("n/ti", D("i", "j"), "distance"),
        by=f"{tested} - n/ti*positive*sum[i,j](({D('i', 'j')})^2)",
        then=conclude(
            family1_1="distance[i,j]",
            family1_2="gap - sum[i,j,k](zq[i]*distance[i,j]*Z[k,j]*y[k])",
        ),
    )
    back = "sum[i,j,k](zq[i]*family1_1[i,j]*Z[k,j]*y[k]) + family1_2"
    return Families(tree, systems(f"{D('i', 'j')} = 0; {EVEN} = 0", "family"), (back,))


CLAIMABLE = "precision", "minimum_loss", "prediction", "minimisers"
PARTS = (
    Part(
        "minimisers",
        PAIR,
        shows("decomposition", "equality", "minimum", "prediction"),
        shows(*CLAIMABLE),
        more=RATE,
        steps=corollaries,
    ),
    Part(
        "the query in the sum",
        QUERY_IN_SUM,
        {"minimum": "query-in-sum", "prediction": "query-prediction"},
        {"minimum_loss": "query_minimum_loss", "precision": "precision"},
        more=RATE,
    ),
    Part(
        "semidefinite covariances",
        SEMIDEFINITE,
        {"minimum": "singular", "prediction": "singular-prediction"},
        shows("minimum_loss", "readout", prefix="singular_"),
        more=RESOLVENT,
        readout=GAMMA_R,
        families=singular_minimisers,
    ),
)


# Points at which the premises of the corollaries hold: Gamma = Lambda^-1, Gamma = I, both multiples
# of I (a scalar step), and Gamma = 9 Lambda^-1 (a preconditioned step).
POINTS = (
    point("G[i,j] = Fi[j,i]", "r = 1/(n+1+d+sigma2)"),
    point("G[i,j] = delta[i,j]", "r = 1"),
    point("F[i,j] = 2*delta[i,j]", "G[i,j] = 3*delta[i,j]", "r = 9/(36*(n+1) + 36*d + sigma2)"),
    point("G[i,j] = 3*Fi[j,i]", "r = 9/(9*(n+1) + 9*d + sigma2)"),
)


def derive(claimed: Claims) -> Derivation:
    """The readout as a person writes it: its inverse is what can be claimed, as ``precision``."""
    found = derivation(PARTS, claimed, POINTS)
    return replace(found, results={**found.results, "readout": RESULT})


BEYOND = "beyond the paper"
CLAIMS = (
    Claim("decomposition", "L - L* is the mean squared distance to x' P s", BEYOND),
    Claim("equality", "L = L* for these two families of weights only", BEYOND),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", BEYOND),
    Claim("prediction", "Every global minimiser predicts x' P s", BEYOND),
    Claim("inverse-task", "Gamma = Lambda^-1: (n + d + 1 + sigma2) P Lambda = I", "Theorem 2"),
    Claim(
        "identity-task",
        "Gamma = I: n P ((n+1)/n Lambda + (tr Lambda + sigma2)/n I) = I",
        "beyond the paper; the matrix of Ahn et al. (2023), Theorem 1, and of Zhang, Frei, "
        "Bartlett (2024), Theorem 4.1, at sigma2 = 0, whose layers and claims are their own",
    ),
    Claim("scalar-step", "If P = r I (plain GD) then r ((n+1) Lambda + t Gamma^-1) = I", BEYOND),
    Claim("scalar-step-converse", "If r ((n+1) Lambda + t Gamma^-1) = I then P = r I", BEYOND),
    Claim(
        "preconditioned-step",
        "If P = r Lambda^-1 then r t Gamma^-1 = (1 - (n+1) r) Lambda",
        BEYOND,
    ),
    Claim(
        "preconditioned-step-converse",
        "If r t Gamma^-1 = (1 - (n+1) r) Lambda then P = r Lambda^-1",
        BEYOND,
    ),
    Claim(
        "query-in-sum",
        "With the query token in the sum: the same minimum, at the same weights",
        "beyond the paper; the layer of Zhang, Frei, Bartlett (2024) sums over the query too",
    ),
    Claim(
        "query-prediction",
        "With the query token in the sum: every global minimiser predicts x' P s",
        BEYOND,
    ),
    Claim("singular", "Lambda, Gamma only semidefinite, t > 0: the minimum", BEYOND),
    Claim("singular-prediction", "The same: every global minimiser predicts x' P s", BEYOND),
)
THEOREM = Theorem(
    id="gaussian-pair",
    title="The optimal readout for every pair of Gaussian covariates and tasks",
    source="this project; cases: Mahankali et al. (2023), Ahn et al. (2023), Zhang et al. (2024)",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma) and noise of variance sigma2, every global "
        "minimiser of the pre-training loss of one-layer linear self-attention predicts "
        "x_{n+1}' P X' y with P = ((n+1) Lambda + (tr(Lambda Gamma) + sigma2) Gamma^-1)^-1."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=gaussian_pair_evidence.tables,
    claimable=(
        *CLAIMABLE,
        *COROLLARIES,
        "query_minimum_loss",
        "singular_readout",
        "singular_minimum_loss",
    ),
    numbers=("minimum_loss", "query_minimum_loss", "singular_minimum_loss"),
    inverses={"readout": "precision"},
    hypotheses=hypotheses.GAUSSIAN_PAIR,
    exposition=Exposition(
        idea=(
            "Once P solves the normal equation of the best linear readout, the error of x' P s is "
            "orthogonal to every prediction of the layer, so the loss splits into the loss of that "
            "readout and a mean square. Where the square vanishes B = P and the even part of the "
            "prediction is 0, and since P is invertible only two families of weights are left."
        ),
        notation=NOTATION,
        coq=("coq/theorems/pair.v", "coq/theorems/one_head.v"),
    ),
)
