"""Theorem 3 of Mahankali, Hashimoto and Ma (2023): nonlinear responses, and what it really needs.

The function f is drawn once for a prompt; given f, the examples (x, y) with y = f(x) + noise are
independent. Nothing is assumed of f but its symmetry. Write m_f = E[y x | f]. The theorem rests on
two numbers of the family, mu = E ||m_f||^2 and tau = E[y^2 ||x||^2]:

    L = L* + E (yhat - eta x's)^2,      eta = mu / (tau + (n-1) mu),      L* = E y^2 - n eta mu,

once E[m_f m_f'] = (mu/d) I, E[y^2 xx'] = (tau/d) I (which rotation invariance gives) and the cross
terms vanish (by parity, or for d >= 2 by rotations again). Five settings: the theorem; the same
with f(-x) ~ f in place of -f ~ f; rotations alone; covariates that need not be Gaussian; linear
responses with sign-permutation-invariant covariates. Then mu, tau and E y^2 of concrete families
(`proofs/shared/families.py`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from proofs.shared import hypotheses
from proofs.shared.averaging import averaging
from proofs.shared.conditional_mean import conditional_mean, lemma
from proofs.shared.families import FAMILIES
from proofs.shared.functions import ANY_COVARIATES, FOURTH, ONE, coins, functions, points
from proofs.shared.layer import NOTATION
from verifier.proof.context import Slot
from verifier.proof.statements import Step
from verifier.prover.reading import as_polynomial
from verifier.prover.steps import defined, identity, positive
from verifier.prover.theorem_file import Claims, Part, also, derivation, shows
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Exposition,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

SIGN_PERMUTATION = """
[covariates]
law = "sign-permutation"    # E x_i^2 = m2, E x_i^4 = m4, E x_i^2 x_j^2 = m22
"""
SECOND_EXAMPLE = also(
    arrays=(
        Slot("x2", "D", "x", "second", "covariates of another example"),
        Slot("y2", "D", "y", "second", "its response"),
    )
)


@cache
def loss_polynomial() -> str:
    """The loss in the reduced parameters a, b, A, c, written out from the kernel's normal form."""
    main = PARTS[0].solution.main
    return as_polynomial(main.reduced, main.objective)


def formulas(said: Claims) -> tuple[Step, ...]:
    """The loss as a polynomial; eta as the paper's ratio, its sign, and when it is 0."""
    loss = said.get("loss") or loss_polynomial()
    scale = "taubar + (n-1)*mubar"
    return (
        identity("loss", f"E((yq - yhat)^2) = {loss}"),
        identity("learning-rate", "E(sum[i](m_f[i]*s[i])) = eta*E(sum[i](s[i]^2))"),
        positive("rate-sign", "eta >= 0"),
        identity("no-signal", "eta = 0", f"silent/({scale})", ("silent: mubar = 0",)),
        identity("signal", "mubar = 0", f"({scale})*still", ("still: eta = 0",)),
    )


def same_loss(_said: Claims) -> tuple[Step, ...]:
    """The theorem's loss, whatever is claimed of that."""
    return (identity("parity-loss", f"E((yq - yhat)^2) = {loss_polynomial()}"),)


BEST_STEP = "mubar/(taubar + (n-1)*mubar)*sum[k](X[k,i]*y[k])"
BOTH = "minimum", "prediction"
CLAIMABLE = "learning_rate", "minimum_loss", "prediction", "minimisers"
PARTS = (
    Part(
        "the theorem",
        functions("y"),
        shows("decomposition", *BOTH),
        shows(*CLAIMABLE),
        more=FOURTH,
        steps=formulas,
        points=points(fourth=True),
    ),
    Part(
        "two examples of one function",
        functions("y"),
        {},
        more=SECOND_EXAMPLE,
        steps=(identity("two-examples", "E(yq*xq[i]*y2*x2[j]) = mubar*delta[i,j]"),),
        points=points(),
    ),
    lemma(
        functions("y"),
        conditional_mean("u_D", "m_f", ("D", "f"), BEST_STEP),
        points=points(more=(defined(f"u_D[i] = {BEST_STEP}"),)),
    ),
    Part(
        "even families of functions",
        functions("x"),
        shows(*BOTH, prefix="parity-"),
        more=FOURTH,
        steps=same_loss,
        points=points(fourth=True),
    ),
    Part("rotations alone", functions(), shows(*BOTH, prefix="rotation-"), points=points(ONE)),
    Part(
        "any covariates",
        functions("y", rotations=False, moments=ANY_COVARIATES),
        shows(*BOTH, prefix="covariates-"),
        points=coins(),
    ),
    Part(
        "sign-permutation-invariant covariates",
        SIGN_PERMUTATION,
        shows(*BOTH, prefix="cube-"),
        shows("learning_rate", "minimum_loss", prefix="cube_"),
    ),
)


def derive(claimed: Claims) -> Derivation:
    """The proofs of the settings, of the averaging lemma, and of the moments of the families."""
    families = tuple(proof for family in FAMILIES for proof in family.proofs(claimed))
    found = derivation(PARTS, claimed, others=(averaging(), *families))
    cube = PARTS[-1].solution.results()
    rate, minimum = cube["learning_rate"], cube["minimum_loss"]
    more = {"cube_learning_rate": rate, "cube_minimum_loss": minimum}
    return replace(found, results={**found.results, **more})


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Every family at the sizes asked for; see ``families_evidence``."""
    from proofs.shared import families_evidence

    return families_evidence.tables(derivation, options, progress)


SOURCE = "Theorem 3"
BEYOND = "beyond the paper"
AVERAGING, TURNED = "its averaging lemma", "Symmetric t that rotations leave as it is,"
CLAIMS = (
    Claim("loss", "The expected loss through five moments of the family", BEYOND),
    Claim("decomposition", "L - L* is the mean squared distance to eta s'x_{n+1}", BEYOND),
    Claim("minimum", "L* is the minimum, attained exactly where two equations hold", SOURCE),
    Claim("prediction", "Every global minimiser takes one plain GD step", SOURCE),
    Claim("learning-rate", "E[m_f'X'y] = eta E[y'XX'y]", f"{SOURCE}, with m_f for u = E[m_f | D]"),
    Claim("rate-sign", "eta >= 0", SOURCE),
    Claim("no-signal", "mu = 0 gives eta = 0", BEYOND),
    Claim("signal", "eta = 0 only where mu = 0", BEYOND),
    Claim("every-layer", "L = E ||N'G omega - u_D||^2 + const, u_D = E[m_f | D]", "its lemma"),
    Claim("tower", "E[u_D'X'y] = eta E[y'XX'y] with u_D = E[m_f | D]", SOURCE),
    Claim("two-examples", "E[y_1 x_1 (y_2 x_2)'] = (mu/d) I for two examples of one f", BEYOND),
    Claim("parity-loss", "f(-x) ~ f in place of -f ~ f: the same loss", BEYOND),
    Claim("parity-minimum", "f(-x) ~ f in place of -f ~ f: minimum", BEYOND),
    Claim("parity-prediction", "f(-x) ~ f in place of -f ~ f: prediction", BEYOND),
    Claim("rotation-minimum", "d >= 2: rotation invariance alone, no parity: minimum", BEYOND),
    Claim("rotation-prediction", "d >= 2: rotation invariance alone: prediction", BEYOND),
    Claim(
        "covariates-minimum",
        "Any x with E xx' = I, isotropic E m m' and E[y^2 xx'], -f ~ f: minimum",
        BEYOND,
    ),
    Claim("covariates-prediction", "The same covariates: prediction", BEYOND),
    Claim(
        "cube-minimum",
        "y = w'x + noise, both normal, x sign-permutation invariant, four moments: minimum",
        BEYOND,
    ),
    Claim("cube-prediction", "The same (uniform, Rademacher, ...): prediction", BEYOND),
    Claim("averaging-1", f"{TURNED} of rank 1: (d - 1) t = 0", AVERAGING),
    Claim("averaging-2", f"{TURNED} of rank 2: t = (tr t / d) I", AVERAGING),
    Claim("averaging-3", f"{TURNED} of rank 3: (d - 1) t = 0", AVERAGING),
    Claim("averaging-4", f"{TURNED} of rank 4: a multiple of the three pairings", AVERAGING),
    *(claim for family in FAMILIES for claim in family.claims()),
)
THEOREM = Theorem(
    id="theorem3",
    title="Plain gradient descent is optimal for nonlinear responses as well",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 3",
    statement=(
        "For x_i ~ N(0, I_d) and y_i = f(x_i) + noise, f random with a law invariant under "
        "rotations and under f -> -f, every global minimiser of the pre-training loss of one-layer "
        "linear self-attention predicts eta x_{n+1}' X' y, with "
        "eta = E[u' X'y] / E[y'X X'y], u the best linear predictor given the prompt "
        "(provided that the responses are not all 0)."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        *CLAIMABLE,
        "loss",
        "cube_learning_rate",
        "cube_minimum_loss",
        *(key for family in FAMILIES for key in family.keys),
    ),
    numbers=(
        "learning_rate",
        "minimum_loss",
        "loss",
        "cube_learning_rate",
        "cube_minimum_loss",
        *(key for family in FAMILIES for key in family.keys),
    ),
    hypotheses=(
        Hypothesis(
            "rotation-invariance",
            "the law of f is invariant under rotations",
            violations=hypotheses.unequal_tasks("gradient step"),
        ),
        Hypothesis(
            "sign-symmetry",
            "-f has the law of f",
            ("theorem3", "rotation-prediction"),
            remark="for d >= 2; at d = 1 rotations are trivial, and see the next row",
        ),
        Hypothesis(
            "sign-symmetry-line",
            "-f has the law of f, at d = 1",
            violations=hypotheses.fixed_function,
            remark="f(-x) ~ f(x) in its place would do: theorem3 parity-prediction",
        ),
        Hypothesis(
            "gaussian-covariates",
            "the covariates are Gaussian",
            ("theorem3", "covariates-prediction"),
            hypotheses.unlike_coordinates,
            instead="E xx' = I, and E m m' and E[y^2 xx'] are multiples of I",
        ),
    ),
    exposition=Exposition(
        idea=(
            "Given f the examples are independent, so the best multiple of x_{n+1}' s has an "
            "error that is orthogonal to every prediction of the layer, once the mean of y x "
            "has an isotropic second moment and odd moments vanish. Rotations and the change "
            "of the sign of f give just that."
        ),
        notation=NOTATION,
        coq=("coq/theorems/theorem3.v",),
    ),
)
