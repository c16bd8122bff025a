"""The linear self-attention layer and its prompts, declared once in the language of statements.

Tokens are v_k = (x_k, y_k) and v_{n+1} = (x_{n+1}, 0). Each (d+1) x (d+1) weight matrix is written
in blocks: ``WVxy`` is the block of W_V that sends the y-entry of a token to the first d
coordinates. The prediction is the forward pass as the paper defines it,
h' sum_k (W_V v_k) ((W_K v_k)' W_Q v_{n+1}), the sum over the examples only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from verifier.proof.checker import Step
from verifier.proof.context import Definition, Equation, Law, Scalar, Tensor
from verifier.proof.expression import parse
from verifier.proof.statement import AtMinimum, Minimum, System

if TYPE_CHECKING:
    import sympy

    from verifier.algebra.words import Expression

FEATURE, EXAMPLE = "feature", "example"
SORTS = ((EXAMPLE, "n"), (FEATURE, "d"))

CONTEXT_LENGTH = Scalar("n", Fraction(1), integer=True, meaning="number of examples")
DIMENSION = Scalar("d", Fraction(1), integer=True, meaning="dimension of the covariates")
NOISE = Scalar("sigma2", Fraction(0), meaning="noise variance")
SIZES = (CONTEXT_LENGTH, DIMENSION, NOISE)

_BLOCKS = {"xx": (FEATURE, FEATURE), "xy": (FEATURE,), "yx": (FEATURE,), "yy": ()}
WEIGHTS = (
    Tensor("hx", (FEATURE,), meaning="first d entries of the head h"),
    Tensor("hy", (), meaning="last entry of the head h"),
    *(
        Tensor(f"{matrix}{block}", sorts, meaning=f"block {block} of {matrix}")
        for matrix in ("WV", "WK", "WQ")
        for block, sorts in _BLOCKS.items()
    ),
)
PARAMETERS = tuple(weight.name for weight in WEIGHTS)

EXAMPLES = Tensor("X", (EXAMPLE, FEATURE), meaning="covariates of the examples, one row each")
TASK = Tensor("w", (FEATURE,), meaning="task vector")
NOISES = Tensor("e", (EXAMPLE,), meaning="noise of the examples")
QUERY = Tensor("xq", (FEATURE,), meaning="query")
QUERY_NOISE = Tensor("eq", (), meaning="noise of the query's response")

STANDARD_LAWS = (
    Law("normal", ("e",), "sigma2"),
    Law("normal", ("eq",), "sigma2"),
    Law("normal", ("xq",)),
    Law("normal", ("X",)),
    Law("normal", ("w",)),
)

LINEAR_RESPONSES = (
    Definition("y", ("k",), "sum[i](X[k,i]*w[i]) + e[k]", "responses of the examples"),
    Definition("yq", (), "sum[i](xq[i]*w[i]) + eq", "response of the query, the target"),
)

REDUCED = (
    Definition("a", ("i",), "sum[p](hx[p]*WVxx[p,i]) + hy*WVyx[i]", "first d entries of W_V' h"),
    Definition("b", (), "sum[p](hx[p]*WVxy[p]) + hy*WVyy", "last entry of W_V' h"),
    Definition(
        "A", ("i", "j"), "sum[p](WKxx[p,i]*WQxx[p,j]) + WKyx[i]*WQyx[j]", "d x d block of W_K' W_Q"
    ),
    Definition(
        "c", ("j",), "sum[p](WKxy[p]*WQxx[p,j]) + WKyy*WQyx[j]", "last row of W_K' W_Q, d entries"
    ),
)

FORWARD_PASS = (
    Definition(
        "value",
        ("k",),
        "sum[p](hx[p]*(sum[i](WVxx[p,i]*X[k,i]) + WVxy[p]*y[k]))"
        " + hy*(sum[i](WVyx[i]*X[k,i]) + WVyy*y[k])",
        "h' W_V v_k",
    ),
    Definition(
        "score",
        ("k",),
        "sum[p]((sum[i](WKxx[p,i]*X[k,i]) + WKxy[p]*y[k])*(sum[j](WQxx[p,j]*xq[j]) + WQxy[p]*0))"
        " + (sum[i](WKyx[i]*X[k,i]) + WKyy*y[k])*(sum[j](WQyx[j]*xq[j]) + WQyy*0)",
        "(W_K v_k)' W_Q v_{n+1}",
    ),
    Definition("yhat", (), "sum[k](value[k]*score[k])", "the layer's prediction"),
)

STATISTICS = (
    Definition("s", ("i",), "sum[k](X[k,i]*y[k])", "X' y"),
    Definition("q", (), "sum[k](y[k]^2)", "y' y"),
    Definition("S", ("i", "j"), "sum[k](X[k,i]*X[k,j])", "X' X"),
    Definition("B", ("i", "j"), "b*A[j,i] + c[i]*a[j]", "the readout of X' y"),
)

LOSS = "E((yq - yhat)^2)"

# yhat = x' B s + x' (A'S a + b q c), so on either family of minimisers (a = 0, c = 0, b A' = P, or
# b = 0, A = 0, c a' = P) it is x' P s: why, as a combination of the family's equations.
PREDICTION = [
    "sum[i,j](xq[j]*s[i]*family1_3[i,j])"
    " + sum[k,i,j](family1_1[i]*X[k,i]*(sum[l](X[k,l]*A[l,j]) + y[k]*c[j])*xq[j])"
    " + b*q*sum[j](family1_2[j]*xq[j])",
    "sum[i,j](xq[j]*s[i]*family2_4[j,i])"
    " + sum[k,i,j](family2_3[i,j]*X[k,i]*xq[j]*(sum[l](X[k,l]*a[l]) + b*y[k]))"
    " + family2_2*q*sum[j](c[j]*xq[j])",
]

REALISATION = {
    "hx": (("p",), "0"),
    "hy": ((), "1"),
    "WVxx": (("p", "i"), "0"),
    "WVxy": (("p",), "0"),
    "WKxx": (("p", "i"), "delta[p,i]"),
    "WKxy": (("p",), "0"),
    "WKyx": (("i",), "0"),
    "WKyy": ((), "1"),
    "WQxy": (("p",), "0"),
    "WQyy": ((), "0"),
}


def weights(a: str, b: str, A: str, c: str) -> tuple[Definition, ...]:
    """Full weights whose reduced parameters are the given a[i], b, A[i,j], c[j] (as texts).

    h is the last unit vector, the last row of W_V is (a, b), W_K is the identity and the first d
    columns of W_Q are (A; c').
    """
    given = {
        "WVyx": (("i",), a),
        "WVyy": ((), b),
        "WQxx": (("i", "j"), A),
        "WQyx": (("j",), c),
    }
    values = {**REALISATION, **given}
    return tuple(Definition(name, *values[name]) for name in PARAMETERS)


def witness(
    system: int, filling: tuple[Definition, ...], by: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """The part of a ``minimum`` certificate that exhibits a minimiser."""
    values = [{"name": d.name, "parameters": list(d.parameters), "body": d.body} for d in filling]
    return {"system": system, "values": values, "by": by}


def minimum_steps(
    value: str,
    minimisers: tuple[System, ...],
    converse: list[list[dict[str, str]]],
    filling: tuple[Definition, ...],
    predicted: str,
    prediction: list[str],
    claims: tuple[str, str] = ("minimum", "prediction"),
) -> tuple[Step, Step]:
    """The minimum of the loss, from the steps ``squares`` and ``equality``, and what follows.

    ``converse`` says why each square vanishes on each system, ``filling`` exhibits a minimiser of
    the first one, and ``prediction`` has for each system the combination of its equations that
    makes the forward pass ``predicted``.
    """
    certificate = {"converse": converse, "witness": witness(0, filling, {})}
    follows = AtMinimum(LOSS, PARAMETERS, (Equation("prediction", "yhat", predicted),))
    by = {"systems": [{"prediction": {"combination": one}} for one in prediction]}
    return (
        Step(
            "minimum",
            "minimum",
            Minimum(LOSS, value, PARAMETERS, minimisers),
            certificate,
            ("squares", "equality"),
            claims[0],
        ),
        Step("prediction", "at-minimum", follows, by, ("minimum",), claims[1]),
    )


def systems(text: str, prefix: str) -> tuple[System, ...]:
    """Systems from text: ``|`` between systems, ``;`` between equations, ``=`` once in each.

    The k-th equation of the m-th system is named ``{prefix}{m}_{k}``; ValueError on other text.
    """
    found = []
    for m, system in enumerate(text.split("|"), 1):
        equations = []
        for k, equation in enumerate(system.split(";"), 1):
            sides = equation.split("=")
            if len(sides) != 2:
                raise ValueError(f"{equation.strip()!r} is not an equation such as a[i] = 0")
            left, right = (side.strip() for side in sides)
            parse(left), parse(right)
            equations.append(Equation(f"{prefix}{m}_{k}", left, right))
        found.append(tuple(equations))
    return tuple(found)


def text_of(expression: sympy.Expr) -> str:
    """A SymPy expression in scalars, as index text."""
    return str(expression).replace("**", "^")


def collected_text(expression: Expression) -> str:
    """A word polynomial with each word's coefficient in n, d, sigma2 factored, as index text."""
    import sympy

    from verifier.algebra.rendering import to_sympy
    from verifier.algebra.words import Expression
    from verifier.exact.index_notation import index_text

    terms = []
    for (_, words), coefficient in sorted(expression.coefficients().items(), key=str):
        factor = text_of(sympy.factor(to_sympy(coefficient)))
        word = Expression.build("1", "1", [(((), words), Fraction(1))])
        terms.append(f"({factor})*{index_text(word)}" if words else f"({factor})")
    return " + ".join(terms)
