"""Theorem 1 of Mahankali, Hashimoto and Ma (2023): isotropic Gaussian covariates.

The published proof averages over symmetries. Here the loss is split once: the error of eta x's is
orthogonal to every prediction of the layer, so with eta = E(y x's) / E(x's)^2

    L = L* + E (yhat - eta x's)^2,      L* = E y^2 - eta E(y x's).

Where L = L* the layer predicts eta x's almost surely, an equation between polynomials in Gaussian
variables, and its means against a few of them give all weights for which it holds. SymPy derives
eta and L*; the checker replays everything else from the layer's forward pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs import _hypotheses
from proofs import _layer as layer
from proofs._readout import decomposition, proof
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Hat,
    Law,
    Model,
    Outcome,
    Point,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import By, Conclude, Derive, Null, Proof, Split, Square, Tree
from verifier.theorem import (
    Claim,
    Derivation,
    Exposition,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

if TYPE_CHECKING:
    import sympy

CLAIMS = (
    Claim("loss", "The expected loss as a polynomial in a, b, A, c", "shared derivation, all n, d"),
    Claim(
        "decomposition", "L - L* is the mean squared distance to eta s'x_{n+1}", "beyond the paper"
    ),
    Claim("equality", "L = L* for these two families of weights only", "beyond the paper"),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", "Theorem 1, completed"),
    Claim("prediction", "Every global minimiser takes one GD step", "Theorem 1"),
    Claim("learning-rate", "E[w'X'y] = eta E[y'XX'y]", "Theorem 1, with w for w_ridge"),
    Claim(
        "any-minimum",
        "E w = 0, E[w w'] = I, E www = 0, centred noise: minimum",
        "beyond the paper",
    ),
    Claim(
        "any-prediction", "The same: every global minimiser takes that GD step", "beyond the paper"
    ),
    Claim(
        "ridge-ratio",
        "E[y'H y] = eta E[y'XX'y], H = XX'(XX' + sigma2 I)^+ the hat matrix",
        "Theorem 1, the paper's ratio, as y'H y = w_ridge'X'y",
    ),
)


@dataclass(frozen=True, slots=True)
class Completed:
    """eta and L* in n, d and sigma2."""

    learning_rate: sympy.Expr
    minimum_loss: sympy.Expr


def complete_the_square() -> Completed:
    """Derive eta and L* by Wick's theorem on words: E (y - eta x's)^2 is a quadratic in eta."""
    import sympy

    from verifier.algebra.rendering import to_sympy
    from verifier.algebra.wick import expect
    from verifier.algebra.words import scalar
    from verifier.exact.dimension_free import gaussian_prompt

    prompt = gaussian_prompt()
    step = scalar("eta") * (prompt.query.T @ prompt.s)
    loss = sympy.Poly(to_sympy(expect((prompt.target - step) ** 2)), sympy.Symbol("eta"))
    energy, linear, variance = loss.all_coeffs()
    rate = sympy.cancel(-linear / (2 * energy))
    return Completed(rate, sympy.factor(variance) - sympy.factor(energy * rate**2))


def context(learning_rate: str) -> Context:
    """Theorem 1's setting: x_i, x_{n+1}, w ~ N(0, I), noise N(0, sigma2), all independent."""
    return Context(
        layer.SORTS,
        layer.SIZES,
        arrays=(*layer.STANDARD, *layer.WEIGHTS),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
            Definition("T", (), "sum[i](S[i,i])", "trace of X' X"),
            Definition("eta", (), learning_rate, "learning rate"),
        ),
    )


STEP = "eta*sum[i](xq[i]*s[i])"
GAP = f"yhat - {STEP}"
MINIMISERS = (
    "a[i] = 0; c[i] = 0; b*A[i,j] = eta*delta[i,j]",
    "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = eta*delta[i,j]",
)

# Where A = 0, eta I = c a' has rank one: eta |a|^2 |c|^2 = |eta I|^2 and a'c = d eta give d = 1.
LINE = Derive(
    Atom("rank1", "c[i]*a[j]", "eta*delta[i,j]"),
    By("readout[i,j] - b*A_zero[j,i]"),
    Conclude(
        1,
        {
            "family2_1": By(
                "sum[i,j](rank1[i,j]*c[j]*a[i]) + eta*sum[i](rank1[i,i])"
                " - sum[i](rank1[i,i])*(2*d*eta + sum[j](rank1[j,j]))",
                "d*eta^2",
            ),
            "family2_2": By("sum[i](a[i]*bc[i] - b*rank1[i,i])", "d*eta"),
            "family2_3": By("A_zero[i,j]"),
            "family2_4": By("rank1[i,j]"),
        },
    ),
)
# Where a = 0, b A' = eta I, so b is not 0 and b c = 0 gives c = 0.
MATRIX = Conclude(
    0,
    {
        "family1_1": By("a_zero[i]"),
        "family1_2": By(
            "sum[j](A[j,j]*bc[i]) - c[i]*sum[j](readout[j,j] - c[j]*a_zero[j])", "d*eta"
        ),
        "family1_3": By("readout[j,i] - c[j]*a_zero[i]"),
    },
)


def equality_tree() -> Tree:
    """From gap: yhat = eta x's almost surely, with yhat = x'B s + x'A'S a + b q c'x, the families.

    The mean of the gap against x s' gives B = eta I, and x'(A'S a + b q c) = 0 is left. Its means
    against x q and x T, with T = tr S, are two linear equations for A'a and b c of determinant
    E(T^2) E(q^2) - E(q T)^2 > 0, so both vanish. The mean against x S_li then is a multiple of
    A_lj a_i + A_ij a_l, which times A_lj a_i sums to |A|^2 |a|^2 + |A'a|^2: so A = 0 or a = 0.
    """
    even = "(gap - sum[p,r](xq[p]*readout[p,r]*s[r]))"
    derived = (
        (
            Atom("readout", "B[i,j]", "eta*delta[i,j]"),
            By("d*E(gap*xq[i]*s[j])", "E(sum[i](s[i]^2))"),
        ),
        (
            Atom("bc", "b*c[j]"),
            By(f"E(T^2)*E({even}*xq[j]*q) - E(q*T)*E({even}*xq[j]*T)", "E(T^2)*E(q^2) - E(q*T)^2"),
        ),
        (
            Atom("Aa", "sum[l](A[l,j]*a[l])"),
            By(f"d*E({even}*xq[j]*T) - d*E(q*T)*bc[j]", "E(T^2)"),
        ),
        (
            Atom("sym", "A[l,j]*a[i] + A[i,j]*a[l]"),
            By(f"d*E({even}*xq[j]*S[l,i]) - delta[l,i]*(d*n^2*Aa[j] + E(q*T)*bc[j])", "d*n"),
        ),
    )
    squared = "sum[l,i,j](sym[l,j,i]*A[l,j]*a[i]) - sum[j](Aa[j]*sum[l](A[l,j]*a[l]))"
    factors = Atom("A_zero", "A[i,j]"), Atom("a_zero", "a[l]")
    split = Split(*factors, By("outer[i,j,l]"), (LINE, MATRIX))
    vanish = Null((Square("1", "A[i,j]*a[l]", "outer"),), By(squared), split)
    return layer.after(derived, vanish)


def main_proof(square: Completed, claimed: Mapping[str, str]) -> Proof:
    """From the forward pass to all global minimisers and what they predict."""
    from verifier.exact.dimension_free import dimension_free_loss

    value = claimed.get("minimum_loss", layer.text_of(square.minimum_loss))
    loss = claimed.get("loss") or layer.collected_text(dimension_free_loss().expression)
    families = layer.cases(claimed.get("minimisers", " | ".join(MINIMISERS)), "family")
    reasons = (*layer.PREDICTION, *["0"] * len(families))[: len(families)]
    steps = (
        layer.identity_step("loss", layer.LOSS, loss, claim="loss"),
        decomposition(value, GAP, "decomposition"),
        *layer.minimum_steps(
            value,
            (Square("1", GAP, "gap"),),
            "0",
            equality_tree(),
            families,
            tuple((why,) for why in reasons),
            layer.weights("0", "1", "eta*delta[i,j]", "0"),
            claims={"equality": "equality", "minimum": "minimum"},
        ),
        layer.prediction_from_gap(value, GAP, claimed.get("prediction", STEP), "prediction"),
        layer.identity_step(
            "ratio", "E(sum[i](w[i]*s[i]))", "eta*E(sum[i](s[i]^2))", claim="learning-rate"
        ),
    )
    return Proof("minimisers", context(learning_rate(square, claimed)), steps)


def learning_rate(square: Completed, claimed: Mapping[str, str]) -> str:
    """What is derived, or claimed in its place."""
    return claimed.get("learning_rate", layer.text_of(square.learning_rate))


def ratio_proof(square: Completed, claimed: Mapping[str, str]) -> Proof:
    """E[y'H y] = eta E[y'X X'y]: given X, y has covariance XX' + sigma2 I, so E y'H y = E tr XX'.

    The weights of ridge regression are w_ridge = (X'X + sigma2 I)^+ X'y, so X w_ridge = H y and
    w_ridge'X'y = y'H y. The statement is about H, which is bounded: the moments of the
    pseudo-inverse are infinite at sigma2 = 0 where n is near d.
    """
    eta = Definition("eta", (), learning_rate(square, claimed), "learning rate")
    fitted = Definition("fitted", ("k",), "sum[h](H[k,h]*y[h])", "H y = X w_ridge")
    setting = Context(
        layer.SORTS,
        layer.SIZES,
        arrays=(
            *(layer.NOISES, layer.EXAMPLES, layer.TASK),
            Hat("H", "X", "sigma2", "hat matrix of ridge regression"),
        ),
        definitions=(layer.LINEAR_RESPONSES[0], layer.STATISTICS[0], fitted, eta),
    )
    left, right = "E(sum[k](y[k]*fitted[k]))", "eta*E(sum[i](s[i]^2))"
    ratio = layer.identity_step(
        "ratio", left, right, By("E(sum[k](H_normal[k,k]))"), claim="ridge-ratio"
    )
    return Proof("learning rate", setting, (ratio,))


def any_laws_context() -> Context:
    """x ~ N(0, I); w of any law with E ww' = I, E w = 0 and E www = 0; noise of any centred law."""
    feature = (layer.FEATURE,)
    return Context(
        layer.SORTS,
        layer.SIZES,
        laws=(
            Law("W", (Field("w", feature),), meaning="law of the task"),
            Law("N", (Field("e"),), meaning="law of the noise"),
        ),
        arrays=(
            layer.QUERY,
            layer.EXAMPLES,
            Slot("w", "W", "w", "task", "task vector"),
            Draws("e", "N", "e", layer.EXAMPLE, "noise of the examples"),
            Slot("eq", "N", "e", "query", "noise of the query's response"),
            *layer.WEIGHTS,
        ),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
        ),
        moments=(
            Atom("task_mean", "E(w[i])"),
            Atom("task_covariance", "E(w[i]*w[j])", "delta[i,j]"),
            Atom("task_third", "E(w[i]*w[j]*w[l])"),
            Atom("noise_mean", "E(eq)"),
            Atom("noise_variance", "E(eq^2)", "sigma2"),
        ),
        instances=tuple(skewed_noise(size) for size in (1, 2)),
    )


def skewed_noise(size: int) -> Point:
    """n = d = size, w standard normal, and noise 1 with chance 1/3, else -1/2."""
    sizes = {"n": Fraction(size), "d": Fraction(size), "sigma2": Fraction(1, 2)}
    noise = (
        Outcome(Fraction(1, 3), (Value("noise", Fraction(1)),)),
        Outcome(Fraction(2, 3), (Value("noise", Fraction(-1, 2)),)),
    )
    return Point(
        (*(Value(*one) for one in sizes.items()), *layer.weights("0", "0", "0", "0")),
        (
            Model("W", (Tensor("z", (layer.FEATURE,)),), (), (Definition("w", ("i",), "z[i]"),)),
            Model("N", (), noise, (Definition("e", (), "noise"),)),
        ),
    )


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 1 and write its proofs; ``claimed`` replaces what a user doubts."""
    square = complete_the_square()
    rate = layer.text_of(square.learning_rate)
    results = {
        "learning_rate": rate,
        "minimum_loss": layer.text_of(square.minimum_loss),
        "predictor": f"x_query^T X^T y * ({rate})",
        "minimisers": list(MINIMISERS),
    }
    fillings = (
        layer.weights("0", "1", f"({rate})*delta[i,j]", "0"),
        layer.weights("1", "0", "0", f"({rate})/d"),
        layer.weights("0", "0", "0", "0"),
        layer.weights("0", "1", "0", "1"),
    )
    return Derivation(
        (
            main_proof(square, claimed),
            ratio_proof(square, claimed),
            proof("any task, any noise", any_laws_context(), {}, "any-", ()),
        ),
        results,
        fillings,
    )


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Other routes to the same: explicit polynomials, stationary points, SciPy, Monte Carlo."""
    from proofs import _theorem1_evidence

    return _theorem1_evidence.tables(derivation, options, progress)


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
    derive=derive,
    evidence=evidence,
    claimable=("learning_rate", "minimum_loss", "prediction", "minimisers", "loss"),
    numbers=("learning_rate", "minimum_loss", "loss"),
    exposition=Exposition(
        idea=(
            "The error of the best multiple of x_{n+1}' s is orthogonal to every prediction of the "
            "layer, so the loss splits into the loss of that multiple and a mean square. Where the "
            "loss is minimal the square vanishes, an equation between polynomials in Gaussian "
            "variables; its means against a few of them determine all weights for which it holds."
        ),
        notation=layer.NOTATION,
        coq=("coq/theorems/theorem1.v",),
    ),
    hypotheses=(
        Hypothesis(
            "isotropic-covariates",
            "the covariates have covariance I",
            violations=_hypotheses.unequal_covariates("gradient step"),
        ),
        Hypothesis(
            "isotropic-task",
            "the task has covariance I",
            violations=_hypotheses.unequal_tasks("gradient step"),
        ),
        Hypothesis(
            "centred-task",
            "the task has mean 0",
            violations=_hypotheses.task_mean("gradient step"),
        ),
        Hypothesis(
            "gaussian-covariates",
            "the covariates are Gaussian",
            ("theorem3", "cube-prediction"),
            _hypotheses.unlike_coordinates,
            instead="their law is invariant under permutations and sign changes of coordinates",
        ),
        Hypothesis(
            "gaussian-task",
            "the task is Gaussian",
            ("theorem1", "any-prediction"),
            _hypotheses.skewed_tasks("gradient step"),
            instead="E w = 0, E ww' = I and E www = 0, as for a symmetric law of covariance I",
        ),
        Hypothesis(
            "gaussian-noise",
            "the noise is Gaussian",
            ("theorem1", "any-prediction"),
            remark="any centred law of variance sigma2 will do",
        ),
        Hypothesis(
            "linear-responses",
            "responses are linear in the covariates",
            ("theorem3", "prediction"),
            _hypotheses.curved_responses,
            instead="the law of f is invariant under rotations and f -> -f (Theorem 3)",
            remark="eta depends on the family",
        ),
        Hypothesis(
            "query-outside",
            "the sum leaves the query token out",
            ("gaussian-pair", "query-prediction"),
            remark="the readout P there is eta I for Lambda = Gamma = I",
        ),
    ),
)
