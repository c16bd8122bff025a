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
from typing import TYPE_CHECKING

from proofs import _layer as layer
from verifier.proof.context import Atom, Context, Definition, Normal, Point, Tensor, Value
from verifier.proof.statements import By, Conclude, Derive, Proof, Split, Square, Step

if TYPE_CHECKING:
    import sympy

    from verifier.algebra.words import Expression

ZERO = Fraction(0)
MATRIX = (layer.FEATURE, layer.FEATURE)
FACTORISATION = "Cholesky: a positive definite matrix is F F' with F square and invertible"

SORTS = layer.sorts("i j l m o p u v", "k h g")
LETTERS = {letter: sort.name for sort in SORTS for letter in sort.letters}
NORMALS = (
    layer.NOISES,
    layer.QUERY_NOISE,
    Normal("zq", (layer.FEATURE,), meaning="standard normal; the query is F zq"),
    Normal("Z", (layer.EXAMPLE, layer.FEATURE), meaning="standard normal rows; x_k = F Z_k"),
    Normal("z", (layer.FEATURE,), meaning="standard normal; the task is G z"),
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
    Definition("Lambda", ("i", "j"), "sum[o](F[i,o]*F[j,o])", "covariance of the covariates"),
    Definition("Gamma", ("i", "j"), "sum[o](G[i,o]*G[j,o])", "covariance of the task"),
    Definition("H", ("i", "j"), "sum[o](F[o,i]*G[o,j])", "F' G"),
    Definition("t", (), "sum[i,j](H[i,j]^2) + sigma2", "tr(Lambda Gamma) + sigma2"),
)

WHITENED = (
    Definition("At", ("i", "j"), "sum[o,l](F[o,i]*A[o,l]*F[l,j])", "F' A F"),
    Definition("at", ("i",), "sum[o](F[o,i]*a[o])", "F' a"),
    Definition("ct", ("i",), "sum[o](F[o,i]*c[o])", "F' c"),
    Definition("Gt", ("i", "j"), "sum[o](H[i,o]*H[j,o])", "F' Gamma F"),
    Definition("Dt", ("i", "j"), "sum[o,l](F[o,i]*(B[o,l] - P[o,l])*F[l,j])", "F' (B - P) F"),
)

INVERSES = (
    Definition("Hi", ("i", "j"), "sum[o](Gi[i,o]*Fi[j,o])", "inverse of H"),
    Definition("Gti", ("i", "j"), "sum[o](Hi[o,i]*Hi[o,j])", "inverse of F' Gamma F"),
)

MINIMISERS = (
    "a[i] = 0; c[i] = 0; b*A[i,j] = P[j,i]",
    "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = P[i,j]",
)
VALUE = "sigma2 + sum[i,j](H[i,j]^2) - n*sum[i,j,o,l](Lambda[i,j]*P[j,o]*Lambda[o,l]*Gamma[l,i])"


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
    """The squares of L - L*; the named ones have a positive coefficient, others one >= 0."""
    return (
        Square(k.readout, "sum[m](Dt[i,m]*H[m,j])", "sq1"),
        Square(k.readout_noise, "Dt[i,j]"),
        Square(k.readout_trace, "Dt[i,j]*H[o,l]"),
        Square(k.mean, "sum[i](At[i,j]*at[i]) + t*b*ct[j]"),
        Square(k.outer, "At[i,m]*at[j] + 2*b*Gt[i,j]*ct[m]", "sq2"),
        Square(k.inner, "sum[i](At[i,j]*at[i])"),
        Square(k.spread, "Gt[i,j]*b*ct[m]", "sq3"),
        Square(k.trace2, "H[i,j]*H[o,l]*b*ct[m]"),
        Square(k.trace1, "H[i,j]*b*ct[m]"),
        Square(k.trace0, "b*ct[m]"),
    )


# sq1: D~ H = 0; sq2: A~ (x) a~ + 2 b G~ (x) c~ = 0; sq3: G~ (x) b c~ = 0. Undo F, G, H: B = P,
# b c = 0, A (x) a = 0. If A = 0 then c a' = P is invertible of rank one, so d = 1; else a = 0.
RANK_ONE = Derive(
    Atom("rank1", "c[i]*sum[l](a[l]*K[l,j])", "delta[i,j]"),
    By("sum[l]((readout[i,l] - b*A_zero[l,i])*K[l,j])"),
    Conclude(
        1,
        {
            "family2_1": By(
                "sum[i,j](rank1[i,j]*c[j]*sum[l](a[l]*K[l,i])) + sum[i](rank1[i,i])"
                " - sum[i](rank1[i,i])*(2*d + sum[j](rank1[j,j]))",
                times="d",
            ),
            "family2_2": By(
                "sum[i](sum[l](a[l]*K[l,i])*bc[i] - b*rank1[i,i])",
                times="d",
            ),
            "family2_3": By("A_zero[i,j]"),
            "family2_4": By("readout[i,j] - b*A_zero[j,i]"),
        },
    ),
)
FIRST_FAMILY = Conclude(
    0,
    {
        "family1_1": By("a_zero[i]"),
        "family1_2": By(
            "sum[p,u](A[p,u]*K[p,u])*bc[i] - c[i]*sum[p,u]((readout[u,p] - c[u]*a_zero[p])*K[p,u])",
            times="d",
        ),
        "family1_3": By("readout[j,i] - c[j]*a_zero[i]"),
    },
)
CASES = Derive(
    Atom("readout", "B[i,j]", "P[i,j]"),
    By("sum[o,l,m](Fi[o,i]*sq1[o,l]*Hi[l,m]*Fi[m,j])"),
    Derive(
        Atom("bc", "b*c[m]"),
        By("sum[i,j,o](Fi[o,m]*Gti[j,i]*sq3[i,j,o])", times="d"),
        Derive(
            Atom("outer", "A[i,m]*a[j]"),
            By("sum[o,l,p](Fi[o,i]*Fi[l,m]*Fi[p,j]*(sq2[o,l,p] - 2*Gt[o,p]*sum[u](F[u,l]*bc[u])))"),
            Split(
                Atom("A_zero", "A[i,m]"),
                Atom("a_zero", "a[j]"),
                By("outer[i,m,j]"),
                (RANK_ONE, FIRST_FAMILY),
            ),
        ),
    ),
)


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


def _vanishing(gap: str, product: str, bc: str) -> tuple[str, ...]:
    """Why each square vanishes: residuals of (B - P)[o,l], A[p,u] a[v] and b c[u]."""

    def whitened(j: str) -> str:
        return f"sum[o,l](F[o,i]*({gap})*F[l,{j}])"

    outer = f"sum[p,u,v](F[p,i]*F[u,m]*F[v,j]*{product})"
    inner = f"sum[i,p,u,v](F[p,i]*F[u,j]*F[v,i]*{product})"
    last, last_j = f"sum[u](F[u,m]*{bc})", f"sum[u](F[u,j]*{bc})"
    return (
        f"sum[m]({whitened('m')}*H[m,j])",
        whitened("j"),
        f"{whitened('j')}*H[o,l]",
        f"{inner} + t*{last_j}",
        f"{outer} + 2*Gt[i,j]*{last}",
        inner,
        f"Gt[i,j]*{last}",
        f"H[i,j]*H[o,l]*{last}",
        f"H[i,j]*{last}",
        last,
    )


CONVERSE = (
    _vanishing("family1_3[l,o] + c[o]*family1_1[l]", "A[p,u]*family1_1[v]", "b*family1_2[u]"),
    _vanishing("family2_4[o,l] + b*family2_3[l,o]", "family2_3[p,u]*a[v]", "family2_2*c[u]"),
)


def inverse_pair(one: str, two: str) -> tuple[Atom, Atom]:
    """Two square matrices are inverse to each other."""
    return (
        Atom(f"{one}_{two}", f"sum[j]({one}[i,j]*{two}[j,l])", "delta[i,l]"),
        Atom(f"{two}_{one}", f"sum[j]({two}[i,j]*{one}[j,l])", "delta[i,l]"),
    )


def instances(values: Mapping[str, str]) -> tuple[Point, ...]:
    """n = d = 1 and n = d = 2 with sigma2 = 1, matrices as given (entries in i, j), weights 1."""
    weights = tuple(Definition(w.name, tuple("ij"[: len(w.sorts)]), "1") for w in layer.WEIGHTS)
    matrices = tuple(Definition(name, ("i", "j"), text) for name, text in values.items())
    return tuple(
        Point(
            (
                *(Value(name, Fraction(size)) for name in ("n", "d")),
                Value("sigma2", Fraction(1)),
                *matrices,
                *weights,
            )
        )
        for size in (1, 2)
    )


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
    families = layer.cases(claimed.get("minimisers", " | ".join(MINIMISERS)), "family")
    predicted = claimed.get("prediction", "sum[i,j](xq[i]*P[i,j]*s[j])")
    minimum = layer.minimum_steps(
        value,
        squares(coefficients),
        combination,
        CASES,
        families,
        CONVERSE,
        layer.weights("0", "1", "P[j,i]", "0"),
        letters=LETTERS,
        claims={"bound": "decomposition", "equality": "equality", "minimum": "minimum"},
    )
    prediction = layer.prediction_step(value, predicted, tuple(layer.PREDICTION), "prediction")
    return Proof(name, context, (*minimum, prediction, *extra))


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
