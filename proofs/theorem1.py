"""Theorem 1 of Mahankali, Hashimoto and Ma (2023): isotropic Gaussian covariates.

The published proof averages over symmetries. Here the square is completed: with B = b A' + c a',

    L - L* = lead ||B - eta I||^2 + E ||A' S a + b q c||^2,

where the second part is written out as a sum of squares whose coefficients are positive for all
n, d >= 1 and sigma2 >= 0. SymPy derives eta, L* and the coefficients; the checker replays the
result with its own arithmetic, from the layer's forward pass inside the expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs import _hypotheses
from proofs import _layer as layer
from proofs._readout import ANY_FOURTH, proof
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
from verifier.proof.expression import parse
from verifier.proof.statement import Bound, Identity, Implication, Square
from verifier.theorem import Claim, Derivation, Hypothesis, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import sympy

    from verifier.algebra.words import Expression

CLAIMS = (
    Claim("loss", "The expected loss is an explicit polynomial", "shared derivation, all n, d"),
    Claim("decomposition", "L - L* is a sum of squares with positive coefficients", "beyond"),
    Claim("equality", "When all squares vanish", "beyond the paper"),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", "Theorem 1, completed"),
    Claim("prediction", "Every global minimiser takes one GD step", "Theorem 1"),
    Claim("learning-rate", "eta = E[w'X'y] / E[y'XX'y]", "Theorem 1, by the tower property"),
    Claim(
        "any-minimum", "Any symmetric task of covariance I, any centred noise: minimum", "beyond"
    ),
    Claim("any-prediction", "The same: every global minimiser takes that GD step", "beyond"),
    Claim("ridge-ratio", "eta = E[w_ridge'X'y] / E[y'XX'y], the paper's ratio", "Theorem 1"),
)


@dataclass(frozen=True, slots=True)
class Completed:
    """Everything that completing the square derives, in n, d and sigma2."""

    learning_rate: sympy.Expr
    minimum_loss: sympy.Expr
    lead: sympy.Expr
    outer: sympy.Expr
    gram: sympy.Expr
    shift: sympy.Expr
    last: sympy.Expr


def complete_the_square() -> Completed:
    """Derive eta, L* and the coefficients of the squares by Wick's theorem on words.

    E (y - x'Bs)^2 = c0 + c1 tr B + c2 ||B||^2 gives eta = -c1 / (2 c2) and L* = c0 - c2 d eta^2.
    E (x'(A'Sa + q r))^2 with r = b c is a quadratic form in A (x) a, A'a and r.
    """
    import sympy

    from verifier.algebra.rendering import to_sympy
    from verifier.algebra.wick import expect
    from verifier.algebra.words import matrix, trace, vector
    from verifier.exact.dimension_free import gaussian_prompt

    d = sympy.Symbol("d")
    prompt = gaussian_prompt()
    A, B, a, r = matrix("A"), matrix("B"), vector("a"), vector("r")
    odd = expect((prompt.target - prompt.query.T @ B @ prompt.s) ** 2)
    even = expect((prompt.query.T @ (A.T @ prompt.S @ a + r * prompt.q)) ** 2)

    def part(polynomial: Expression, word: Expression | int) -> sympy.Expr:
        return sympy.factor(to_sympy(polynomial.coefficient(word)))

    linear, lead = part(odd, trace(B)), part(odd, trace(B @ B.T))
    learning_rate = sympy.cancel(-linear / (2 * lead))
    minimum = part(odd, 1) - sympy.factor(lead * d * learning_rate**2)
    outer = part(even, trace(A @ A.T) * (a.T @ a))
    gram = part(even, a.T @ A @ A.T @ a)
    cross, last = part(even, a.T @ A @ r), part(even, r.T @ r)
    shift = sympy.cancel(cross / (2 * gram))
    rest = sympy.factor(last - gram * shift**2)
    return Completed(learning_rate, minimum, lead, outer, gram, shift, rest)


def context(square: Completed, claimed: Mapping[str, str]) -> Context:
    """Theorem 1's setting: x_i, x_{n+1}, w ~ N(0, I), noise N(0, sigma2), all independent."""
    learning_rate = claimed.get("learning_rate", layer.text_of(square.learning_rate))
    return Context(
        scalars=layer.SIZES,
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.NOISES,
            layer.QUERY,
            layer.QUERY_NOISE,
            *layer.WEIGHTS,
        ),
        laws=layer.STANDARD_LAWS,
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
            Definition("eta", (), learning_rate, "learning rate"),
        ),
    )


def squares(square: Completed) -> tuple[Square, ...]:
    """The four squares of L - L*, in the order in which the case tree refers to them."""
    term = layer.text_of
    shifted = f"sum[i](A[i,j]*a[i]) + ({term(square.shift)})*b*c[j]"
    return (
        Square(term(square.lead), "B[i,j] - eta*delta[i,j]", True),
        Square(term(square.outer), "A[i,j]*a[k]", True),
        Square(term(square.gram), shifted, True),
        Square(term(square.last), "b*c[j]", True),
    )


MINIMISERS = (
    "a[i] = 0; c[i] = 0; b*A[i,j] = eta*delta[i,j]",
    "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = eta*delta[i,j]",
)

# From the vanishing squares sq1 (B = eta I), sq2 (A (x) a = 0), sq3, sq4 (b c = 0): either A = 0,
# then eta I = c a' has rank one, so d = 1 and b = 0; or a = 0, then b A' = eta I and so c = 0.
CASES = {
    "node": "split",
    "factors": [
        {"name": "A_zero", "left": "A[i,j]", "right": "0"},
        {"name": "a_zero", "left": "a[k]", "right": "0"},
    ],
    "by": {"combination": "sq2[i,j,k]"},
    "branches": [
        {
            "node": "derive",
            "equation": {"name": "rank1", "left": "c[i]*a[j]", "right": "eta*delta[i,j]"},
            "by": {"combination": "sq1[i,j] - b*A_zero[j,i]"},
            "then": {
                "node": "conclude",
                "system": 1,
                "by": {
                    "family2_1": {
                        "times": "d*eta^2",
                        "combination": "sum[i,j](rank1[i,j]*c[j]*a[i]) + eta*sum[i](rank1[i,i])"
                        " - sum[i](rank1[i,i])*(2*d*eta + sum[j](rank1[j,j]))",
                    },
                    "family2_2": {
                        "times": "d*eta",
                        "combination": "sum[i](a[i]*sq4[i] - b*rank1[i,i])",
                    },
                    "family2_3": {"combination": "A_zero[i,j]"},
                    "family2_4": {"combination": "rank1[i,j]"},
                },
            },
        },
        {
            "node": "conclude",
            "system": 0,
            "by": {
                "family1_1": {"combination": "a_zero[i]"},
                "family1_2": {
                    "times": "d*eta",
                    "combination": "sum[j](A[j,j]*sq4[i]) - c[i]*sum[j](sq1[j,j] - c[j]*a_zero[j])",
                },
                "family1_3": {"combination": "sq1[j,i] - c[j]*a_zero[i]"},
            },
        },
    ],
}


def converse(shift: str) -> list[list[dict[str, str]]]:
    """For each family of minimisers, why each of the four squares vanishes on it."""
    return [
        [
            {"combination": "family1_3[j,i] + c[i]*family1_1[j]"},
            {"combination": "A[i,j]*family1_1[k]"},
            {"combination": f"sum[i](A[i,j]*family1_1[i]) + ({shift})*b*family1_2[j]"},
            {"combination": "b*family1_2[j]"},
        ],
        [
            {"combination": "family2_4[i,j] + b*family2_3[j,i]"},
            {"combination": "family2_3[i,j]*a[k]"},
            {"combination": f"sum[i](family2_3[i,j]*a[i]) + ({shift})*family2_2*c[j]"},
            {"combination": "family2_2*c[j]"},
        ],
    ]


def main_proof(square: Completed, claimed: Mapping[str, str]) -> Proof:
    """From the forward pass to all global minimisers and what they predict."""
    from verifier.exact.dimension_free import dimension_free_loss

    value = claimed.get("minimum_loss", layer.text_of(square.minimum_loss))
    loss = claimed.get("loss") or layer.collected_text(dimension_free_loss().expression)
    predicted = claimed.get("prediction", "eta*sum[i](xq[i]*s[i])")
    families = layer.systems(claimed.get("minimisers", " | ".join(MINIMISERS)), "family")
    terms = squares(square)
    vanishing = tuple(Equation(f"sq{k + 1}", t.term, "0") for k, t in enumerate(terms))
    steps = (
        Step("loss", "identity", Identity(layer.LOSS, loss), {}, (), "loss"),
        Step("squares", "squares", Bound(layer.LOSS, value, terms), {}, (), "decomposition"),
        Step("equality", "cases", Implication(vanishing, families), CASES, (), "equality"),
        *layer.minimum_steps(
            value,
            families,
            converse(layer.text_of(square.shift)),
            layer.weights("0", "1", "eta*delta[i,j]", "0"),
            predicted,
            layer.PREDICTION,
        ),
        Step(
            "plain-ratio",
            "identity",
            Identity("E(sum[i](w[i]*s[i]))", "eta*E(sum[i](s[i]^2))"),
            {},
            (),
            "learning-rate",
        ),
    )
    return Proof("minimisers", context(square, claimed), steps)


def ratio_proof(square: Completed, claimed: Mapping[str, str]) -> Proof:
    """E[w_ridge' X'y] = eta E[y'X X'y], by conditioning on X; ridge is any R as in ``ridge``.

    For sigma2 > 0, R = (S + sigma2 I)^-1; for sigma2 = 0 the pseudo-inverse serves as well.
    """
    base = context(square, claimed)
    setting = replace(
        base,
        tensors=(
            *(t for t in base.tensors if t not in layer.WEIGHTS),
            Tensor("R", (layer.FEATURE, layer.FEATURE), ("X",), "(S + sigma2 I)^-1 or S^+"),
        ),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.STATISTICS[:3],
            Definition("ridge_weights", ("i",), "sum[j](R[i,j]*s[j])", "ridge regression"),
            base.definitions[-1],
        ),
        hypotheses=(
            Equation("ridge", "sum[j,l](S[i,j]*R[j,l]*(S[l,m] + sigma2*delta[l,m]))", "S[i,m]"),
        ),
    )
    inner = "sum[i](ridge_weights[i]*s[i])"
    steps = (
        Step(
            "given-covariates",
            "identity",
            Identity(f"E[w,e]({inner})", "sum[i](S[i,i])"),
            {"combination": "sum[i](ridge[i,i])"},
        ),
        Step(
            "ratio",
            "tower",
            Identity(f"E({inner})", "eta*E(sum[i](s[i]^2))"),
            {},
            ("given-covariates",),
            "ridge-ratio",
        ),
    )
    return Proof("learning rate", setting, steps)


def any_laws_context() -> Context:
    """x ~ N(0, I); w of any symmetric law with E ww' = I; noise of any centred law; four moments.

    The law is invariant under (x, w) -> (-x, -w), which leaves the responses as they are.
    """
    responses = (((1,), "0"), ((2,), "sigma2"))
    moments = (*responses, ((3,), "k3"), ((4,), "k4"))
    tasks = (((2,), "delta[s1,s2]"), ((4,), ANY_FOURTH))
    return Context(
        scalars=(
            *layer.SIZES,
            Scalar("k3", meaning="third moment of the noise"),
            Scalar("k4", meaning="fourth moment of the noise"),
        ),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.NOISES,
            layer.QUERY,
            layer.QUERY_NOISE,
            Tensor("M4", (layer.FEATURE,) * 4, meaning="fourth moments of w, any"),
            *layer.WEIGHTS,
        ),
        laws=(
            *(law for law in layer.STANDARD_LAWS if law.arrays[0] in ("xq", "X")),
            Law("joint", ("eq",), moments=responses),
            Law("joint", ("w",), moments=tasks),
            Law("rows", ("e",), moments=moments),
        ),
        flips=(("X", "xq", "w"),),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
        ),
    )


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 1 and write its proofs; ``claimed`` replaces what a user doubts."""
    square = complete_the_square()
    for key, text in claimed.items():
        if key != "minimisers":
            parse(text)
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
    import numpy as np

    from proofs import _evidence
    from verifier.exact.dimension_free import dimension_free_loss
    from verifier.proof.meaning import Meaning, evaluate
    from verifier.setting.data import Setting

    meaning = Meaning(derivation.proofs[0].context)
    loss = dimension_free_loss()
    cases = []
    for d, n, noise in _evidence.grid(options):
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        rate = evaluate(meaning, str(derivation.results["learning_rate"]), scalars, {})
        minimum = evaluate(meaning, str(derivation.results["minimum_loss"]), scalars, {})
        cases.append(
            _evidence.Case(
                (str(d), str(n), str(noise)),
                Setting.isotropic(d, n, noise),
                loss.numeric(d, n, noise),
                float(minimum),
                float(rate) * np.eye(d),
            )
        )
    columns = ("d", "n", "sigma2")
    progress("comparing with the explicit polynomials")
    routes = routes_table()
    progress("isolating the stationary points")
    stationary = stationary_table(options)
    return (routes, stationary, *_evidence.all_tables(cases, options, progress, columns))


_SHORT = {
    "global minimum": "global min",
    "local minimum": "local min",
    "saddle": "saddle",
    "degenerate": "degenerate",
}


def stationary_table(options: Options) -> Table:
    """Every stationary point of the loss in (omega, N), exactly, modulo scaling and rotation."""
    from proofs import _evidence
    from verifier.exact.landscape import landscape

    rows = []
    for d, n, noise in _evidence.grid(options):
        found = landscape(d, n, noise)
        kinds = ", ".join(
            f"{_SHORT[point.type]}{f'({point.index})' if point.type == 'saddle' else ''} "
            f"{float(point.loss):.5g}"
            for point in found.stationary
        )
        rows.append((str(d), str(n), str(noise), kinds))
    return Table(
        "Stationary points in (omega, N), exact, modulo scaling and rotation",
        ("d", "n", "sigma2", "type (index) and loss"),
        tuple(rows),
        None,
        "more: verifier landscape",
    )


def routes_table() -> Table:
    """The loss from one example's moments at d = 1..4, against the dimension-free polynomial."""
    from verifier.exact.dimension_free import dimension_free_loss
    from verifier.exact.explicit import gaussian_explicit_loss

    loss = dimension_free_loss()
    dimensions = (1, 2, 3, 4)
    explicit = [gaussian_explicit_loss(d).polynomial for d in dimensions]
    same = [p == loss.at_dimension(d).polynomial for d, p in zip(dimensions, explicit, strict=True)]
    row = (
        ", ".join(map(str, dimensions)),
        ", ".join(str(len(polynomial)) for polynomial in explicit),
        ", ".join("equal" if agrees else "DIFFERENT" for agrees in same),
    )
    return Table(
        "Two derivations of the loss, n and sigma2 symbolic",
        ("d", "terms", "explicit and dimension-free polynomial"),
        (row,),
        all(same),
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
    derive=derive,
    evidence=evidence,
    claimable=("learning_rate", "minimum_loss", "prediction", "minimisers", "loss"),
    numbers=("learning_rate", "minimum_loss", "loss"),
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
            instead="its law is symmetric, with covariance I and four moments",
        ),
        Hypothesis(
            "gaussian-noise",
            "the noise is Gaussian",
            ("theorem1", "any-prediction"),
            remark="any centred law of variance sigma2 with four moments will do",
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
