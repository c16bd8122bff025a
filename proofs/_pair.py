"""All global minimisers for Gaussian pairs x ~ N(0, Lambda), w ~ N(0, Gamma), completed squares.

With Lambda = F F', Gamma = G G', F~ = F' F and so on (the same matrices seen in whitened
coordinates), H = F' G, t = tr(Lambda Gamma) + sigma2 and the optimal readout P,

    L - L* = n(n+1) ||D~ H||^2 + n t ||D~||^2            D~ = F' (B - P) F
           + ||mean||^2 + n ||A~ (x) a~ + 2 b G~ (x) c~||^2 + n ||A~' a~||^2 + v ||b c~||^2,

mean = n (A~' a~ + b t c~). The coefficients are derived by Wick's theorem on words. Theorem 2 and
the general pair state their own F, G and P and share everything else, which is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from proofs import _layer as layer
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Tensor
from verifier.proof.statement import Bound, Implication, Square

if TYPE_CHECKING:
    import sympy

    from verifier.algebra.words import Expression

ZERO = Fraction(0)
MATRIX = (layer.FEATURE, layer.FEATURE)
FACTORISATION = "Cholesky: a positive definite matrix is F F' with F square and invertible"

TENSORS = (
    Tensor("Z", (layer.EXAMPLE, layer.FEATURE), meaning="standard normal rows; x_k = F Z_k"),
    Tensor("zq", (layer.FEATURE,), meaning="standard normal; the query is F zq"),
    Tensor("z", (layer.FEATURE,), meaning="standard normal; the task is G z"),
    layer.NOISES,
    layer.QUERY_NOISE,
)

LAWS = tuple(
    law if law.arrays[0] in ("e", "eq") else type(law)("normal", (name,))
    for law, name in zip(layer.STANDARD_LAWS, ("e", "eq", "zq", "Z", "z"), strict=True)
)

FACTORS = (
    Tensor("F", (layer.FEATURE, layer.FEATURE), meaning="Lambda = F F'"),
    Tensor("Fi", (layer.FEATURE, layer.FEATURE), meaning="inverse of F"),
)

DATA = (
    Definition("X", ("k", "i"), "sum[j](F[i,j]*Z[k,j])", "covariates, x_k ~ N(0, Lambda)"),
    Definition("xq", ("i",), "sum[j](F[i,j]*zq[j])", "query, N(0, Lambda)"),
    Definition("w", ("i",), "sum[j](G[i,j]*z[j])", "task, N(0, Gamma)"),
    *layer.LINEAR_RESPONSES,
)

MATRICES = (
    Definition("Lambda", ("i", "j"), "sum[k](F[i,k]*F[j,k])", "covariance of the covariates"),
    Definition("Gamma", ("i", "j"), "sum[k](G[i,k]*G[j,k])", "covariance of the task"),
    Definition("H", ("i", "j"), "sum[k](F[k,i]*G[k,j])", "F' G"),
    Definition("t", (), "sum[i,j](H[i,j]^2) + sigma2", "tr(Lambda Gamma) + sigma2"),
)

WHITENED = (
    Definition("At", ("i", "j"), "sum[k,l](F[k,i]*A[k,l]*F[l,j])", "F' A F"),
    Definition("at", ("i",), "sum[k](F[k,i]*a[k])", "F' a"),
    Definition("ct", ("i",), "sum[k](F[k,i]*c[k])", "F' c"),
    Definition("Gt", ("i", "j"), "sum[k](H[i,k]*H[j,k])", "F' Gamma F"),
    Definition("Dt", ("i", "j"), "sum[k,l](F[k,i]*(B[k,l] - P[k,l])*F[l,j])", "F' (B - P) F"),
)

INVERSES = (
    Definition("Hi", ("i", "j"), "sum[k](Gi[i,k]*Fi[j,k])", "inverse of H"),
    Definition("Gti", ("i", "j"), "sum[k](Hi[k,i]*Hi[k,j])", "inverse of F' Gamma F"),
)

MINIMISERS = (
    "a[i] = 0; c[i] = 0; b*A[i,j] = P[j,i]",
    "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = P[i,j]",
)
VALUE = "sigma2 + sum[i,j](H[i,j]^2) - n*sum[i,j,k,l](Lambda[i,j]*P[j,k]*Lambda[k,l]*Gamma[l,i])"


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Coefficients of the squares, polynomials in n and sigma2, as index text."""

    readout: str
    readout_noise: str
    readout_trace: str
    mean: str
    outer: str
    inner: str
    spread: str
    trace2: str
    trace1: str
    trace0: str


@cache
def derive_coefficients() -> Coefficients:
    """Match E(y - x'Bs)^2 and E(x'(A'Sa + q r))^2 word by word against the squares above."""
    import sympy

    from verifier.algebra.rendering import to_sympy
    from verifier.algebra.wick import expect
    from verifier.algebra.words import matrix, trace, vector
    from verifier.exact.dimension_free import gaussian_prompt

    sigma2 = sympy.Symbol("sigma2")
    Lam, Gam = matrix("Lambda", symmetric=True), matrix("Gamma", symmetric=True)
    A, B, a, r = matrix("A"), matrix("B"), vector("a"), vector("r")
    prompt = gaussian_prompt(Lam, Gam)
    odd = expect((prompt.target - prompt.query.T @ B @ prompt.s) ** 2)
    even = expect((prompt.query.T @ (A.T @ prompt.S @ a + r * prompt.q)) ** 2)

    def part(polynomial: Expression, word: Expression) -> sympy.Expr:
        return sympy.expand(to_sympy(polynomial.coefficient(word)))

    size, form = trace(Lam @ Gam), r.T @ Lam @ r
    quadratic = trace(Lam @ B @ Lam @ B.T)
    mean = part(even, (a.T @ Lam @ A @ Lam @ r) * size) / 2
    outer = part(even, trace(Lam @ A @ Lam @ A.T) * (a.T @ Lam @ a))
    inner = part(even, a.T @ Lam @ A @ Lam @ A.T @ Lam @ a) - mean
    coefficients = (
        part(odd, trace(Lam @ B @ Lam @ Gam @ Lam @ B.T)),
        part(odd, quadratic),
        part(odd, quadratic * size),
        mean,
        outer,
        inner,
        part(even, trace(Lam @ Gam @ Lam @ Gam) * form) - 4 * outer,
        part(even, size**2 * form) - mean,
        part(even, size * form) - 2 * mean * sigma2,
        part(even, form) - mean * sigma2**2,
    )
    return Coefficients(*(layer.text_of(sympy.factor(c)) for c in coefficients))


def squares(k: Coefficients) -> tuple[Square, ...]:
    """The squares of L - L*; those marked strict decide the equality case."""
    return (
        Square(k.readout, "sum[m](Dt[i,m]*H[m,j])", True),
        Square(k.readout_noise, "Dt[i,j]", False),
        Square(k.readout_trace, "Dt[i,j]*H[k,l]", False),
        Square(k.mean, "sum[i](At[i,j]*at[i]) + t*b*ct[j]", False),
        Square(k.outer, "At[i,m]*at[j] + 2*b*Gt[i,j]*ct[m]", True),
        Square(k.inner, "sum[i](At[i,j]*at[i])", False),
        Square(k.spread, "Gt[i,j]*b*ct[m]", True),
        Square(k.trace2, "H[i,j]*H[k,l]*b*ct[m]", False),
        Square(k.trace1, "H[i,j]*b*ct[m]", False),
        Square(k.trace0, "b*ct[m]", False),
    )


# sq1: D~ H = 0; sq2: A~ (x) a~ + 2 b G~ (x) c~ = 0; sq3: G~ (x) b c~ = 0. Undo F, G, H: B = P,
# b c = 0, A (x) a = 0. If A = 0 then c a' = P is invertible of rank one, so d = 1; else a = 0.
CASES: dict[str, Any] = {
    "node": "derive",
    "equation": {"name": "readout", "left": "B[i,j]", "right": "P[i,j]"},
    "by": {"combination": "sum[k,l,m](Fi[k,i]*sq1[k,l]*Hi[l,m]*Fi[m,j])"},
    "then": {
        "node": "derive",
        "equation": {"name": "bc", "left": "b*c[m]", "right": "0"},
        "by": {"times": "d", "combination": "sum[i,j,k](Fi[k,m]*Gti[j,i]*sq3[i,j,k])"},
        "then": {
            "node": "derive",
            "equation": {"name": "outer", "left": "A[i,m]*a[j]", "right": "0"},
            "by": {
                "combination": "sum[k,l,p](Fi[k,i]*Fi[l,m]*Fi[p,j]"
                "*(sq2[k,l,p] - 2*Gt[k,p]*sum[q](F[q,l]*bc[q])))"
            },
            "then": {
                "node": "split",
                "factors": [
                    {"name": "A_zero", "left": "A[i,m]", "right": "0"},
                    {"name": "a_zero", "left": "a[j]", "right": "0"},
                ],
                "by": {"combination": "outer[i,m,j]"},
                "branches": [
                    {
                        "node": "derive",
                        "equation": {
                            "name": "rank1",
                            "left": "c[i]*sum[l](a[l]*K[l,j])",
                            "right": "delta[i,j]",
                        },
                        "by": {"combination": "sum[l]((readout[i,l] - b*A_zero[l,i])*K[l,j])"},
                        "then": {
                            "node": "conclude",
                            "system": 1,
                            "by": {
                                "family2_1": {
                                    "times": "d",
                                    "combination": "sum[i,j](rank1[i,j]*c[j]*sum[l](a[l]*K[l,i]))"
                                    " + sum[i](rank1[i,i])"
                                    " - sum[i](rank1[i,i])*(2*d + sum[j](rank1[j,j]))",
                                },
                                "family2_2": {
                                    "times": "d",
                                    "combination": "sum[i](sum[l](a[l]*K[l,i])*bc[i]"
                                    " - b*rank1[i,i])",
                                },
                                "family2_3": {"combination": "A_zero[i,j]"},
                                "family2_4": {"combination": "readout[i,j] - b*A_zero[j,i]"},
                            },
                        },
                    },
                    {
                        "node": "conclude",
                        "system": 0,
                        "by": {
                            "family1_1": {"combination": "a_zero[i]"},
                            "family1_2": {
                                "times": "d",
                                "combination": "sum[p,q](A[p,q]*K[p,q])*bc[i] - c[i]"
                                "*sum[p,q]((readout[q,p] - c[q]*a_zero[p])*K[p,q])",
                            },
                            "family1_3": {"combination": "readout[j,i] - c[j]*a_zero[i]"},
                        },
                    },
                ],
            },
        },
    },
}


def fillings(readout: Callable[[str, str], str]) -> tuple[tuple[Definition, ...], ...]:
    """Points at which false variants show, from the readout's entry as a text in two indices.

    Both families of minimisers, one at another scale, one with c != 0, and the prediction 0.
    """
    entry = readout("j", "i")
    return (
        layer.weights("0", "1", entry, "0"),
        layer.weights("1", "0", "0", readout("j", "j")),
        layer.weights("0", "2", f"({entry})/2", "0"),
        layer.weights("0", "1", entry, "1"),
        layer.weights("0", "0", "0", "0"),
    )


def _vanishing(gap: str, product: str, bc: str) -> list[dict[str, str]]:
    """Why each square vanishes: residuals of (B - P)[k,l], A[p,q] a[r] and b c[q]."""
    whitened = f"sum[k,l](F[k,i]*({gap})*F[l,j])"
    outer = f"sum[p,q,r](F[p,i]*F[q,m]*F[r,j]*{product})"
    inner = f"sum[i,p,q,r](F[p,i]*F[q,j]*F[r,i]*{product})"
    last, last_j = f"sum[q](F[q,m]*{bc})", f"sum[q](F[q,j]*{bc})"
    combinations = (
        f"sum[m]({whitened.replace('j]', 'm]')}*H[m,j])",
        whitened,
        f"{whitened}*H[k,l]",
        f"{inner} + t*{last_j}",
        f"{outer} + 2*Gt[i,j]*{last}",
        inner,
        f"Gt[i,j]*{last}",
        f"H[i,j]*H[k,l]*{last}",
        f"H[i,j]*{last}",
        last,
    )
    return [{"combination": combination} for combination in combinations]


CONVERSE = [
    _vanishing("family1_3[l,k] + c[k]*family1_1[l]", "A[p,q]*family1_1[r]", "b*family1_2[q]"),
    _vanishing("family2_4[k,l] + b*family2_3[l,k]", "family2_3[p,q]*a[r]", "family2_2*c[q]"),
]


def minimiser_proof(
    name: str,
    context: Context,
    coefficients: Coefficients,
    claimed: Mapping[str, str],
    combination: str,
    extra: tuple[Step, ...] = (),
) -> Proof:
    """The proof from the forward pass to all global minimisers and what they predict.

    The context declares F, Fi, G, Gi, P and K = P^-1. ``combination`` shows, from the equation
    that makes P optimal, that nothing is left of L - L* beside the squares.
    """
    value = claimed.get("minimum_loss", VALUE)
    families = layer.systems(claimed.get("minimisers", " | ".join(MINIMISERS)), "family")
    predicted = claimed.get("prediction", "sum[i,j](xq[i]*P[i,j]*s[j])")
    terms = squares(coefficients)
    strict = [square.term for square in terms if square.strict]
    vanishing = tuple(Equation(f"sq{k}", term, "0") for k, term in enumerate(strict, 1))
    filling = layer.weights("0", "1", "P[j,i]", "0")
    minimum = layer.minimum_steps(value, families, CONVERSE, filling, predicted, layer.PREDICTION)
    bound = Bound(layer.LOSS, value, terms)
    steps = (
        Step("squares", "squares", bound, {"combination": combination}, (), "decomposition"),
        Step("equality", "cases", Implication(vanishing, families), CASES, (), "equality"),
        *minimum,
        *extra,
    )
    return Proof(name, context, steps)


def definitions(*own: Definition) -> tuple[Definition, ...]:
    """All definitions of a pair proof, the theorem's own ones first."""
    return (
        *own,
        *MATRICES,
        *DATA,
        *layer.FORWARD_PASS,
        *layer.REDUCED,
        *layer.STATISTICS,
        *WHITENED,
        *INVERSES,
    )
