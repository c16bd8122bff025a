"""What the landscape proofs share: the reduced layer, its loss at any point, seven coefficients.

A point of the landscape is omega = (a, b), N = (A; c'); the layer predicts x' N' G omega. Theorem
1's loss has one isotropic form with coefficients c0, lin, Q, g2, G = g1 + g2, g3, g4, and so has
the loss of every family of Theorem 3; all that follows is written in these names, which each proof
defines by its own polynomials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache

from proofs.shared import layer
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value

ZERO = Fraction(0)
SORTS = layer.sorts("i j l o p", "k h")
LETTERS = {letter: sort.name for sort in SORTS for letter in sort.letters}
MATRIX = (layer.FEATURE, layer.FEATURE)
VECTOR = (layer.FEATURE,)

LINEAR_ALGEBRA = (
    "Sylvester's law of inertia: the index of a quadratic form does not depend on coordinates"
)
PROJECTION = (
    "variable projection (Golub, Pereyra 1973): where f(x, y) = g(x) + (y - h(x))'H(x)(y - h(x)) "
    "with h, H smooth and H positive definite, (x, y) is stationary, or a local minimum, for f "
    "exactly if y = h(x) and x is for g, and the Hessian of f has the index and nullity of that "
    "of g"
)
DERIVATIVE = (
    "Caratheodory: if f(x) - f(y) = (x - y) K(x, y) with K continuous, then f'(x) = K(x, x)"
)
CALCULUS = (
    "extreme value theorem: l is continuous on [x, oo], so it has a least value there; where that "
    "is below l(x) it belongs to a local minimum"
)

FREE = (
    Tensor("A", MATRIX, meaning="d x d block of W_K' W_Q"),
    Tensor("c", VECTOR, meaning="last row of W_K' W_Q, d entries"),
)
OMEGA = (
    Tensor("a", VECTOR, meaning="first d entries of W_V' h"),
    Tensor("b", (), meaning="last entry of W_V' h"),
)

COEFFICIENTS = ("c0", "lin", "Q", "g2", "G", "g3", "g4")
MEANINGS = {
    "c0": "the loss of the prediction 0",
    "lin": "linear coefficient",
    "Q": "coefficient of ||b A' + c a'||^2",
    "g2": "coefficient of ||A||^2 ||a||^2",
    "G": "g1 + g2, g1 the coefficient of ||A'a||^2",
    "g3": "half the coefficient of b (A'a).c",
    "g4": "coefficient of b^2 ||c||^2",
}


def words(A: str = "A", c: str = "c") -> dict[str, str]:
    """What each coefficient multiplies in the loss, with the names of A and c."""
    return {
        "c0": "1",
        "lin": f"-2*(b*sum[i]({A}[i,i]) + sum[i](a[i]*{c}[i]))",
        "Q": f"sum[i,j]((b*{A}[j,i] + {c}[i]*a[j])^2)",
        "g2": f"sum[i,j]({A}[i,j]^2)*sum[i](a[i]^2) - sum[j](sum[i]({A}[i,j]*a[i])^2)",
        "G": f"sum[j](sum[i]({A}[i,j]*a[i])^2)",
        "g3": f"2*b*sum[i,j](a[i]*{A}[i,j]*{c}[j])",
        "g4": f"b^2*sum[j]({c}[j]^2)",
    }


WORDS = words()
FORM = " + ".join(f"{name}*({word})" for name, word in WORDS.items())
POSITIVE = ("Q", "g2", "G", "P")
FORM_SCALARS = tuple(
    Scalar(name, ZERO if name in POSITIVE else None, name in POSITIVE, meaning=meaning)
    for name, meaning in {**MEANINGS, "P": "Gram determinant of the rank-one part"}.items()
)
GRAM = Atom("gram", "P", "G*g4 - g3^2")


def equation_name(coefficient: str) -> str:
    """The name of the hypothesis that gives a coefficient its value."""
    return f"is_{coefficient}"


@cache
def isotropic_coefficients() -> Mapping[str, str]:
    """The seven coefficients of Theorem 1's loss, derived, as index text in n, d, sigma2."""
    import sympy

    from verifier.stationary.reduction import derived_form

    form = derived_form()
    values = (
        form.constant,
        form.linear,
        form.quadratic,
        form.g2,
        form.g1 + form.g2,
        form.g3,
        form.g4,
    )
    texts = (layer.text_of(sympy.factor(value)) for value in values)
    return dict(zip(COEFFICIENTS, texts, strict=True))


def coefficient_equations(values: Mapping[str, str]) -> tuple[Atom, ...]:
    """The values of the seven coefficients and of P as hypotheses on the scalars of these names."""
    own = tuple(Atom(equation_name(name), name, values[name]) for name in COEFFICIENTS)
    return (*own, GRAM)


def predictor(
    suffix: str = "", target: str = "yq", X: str = "X", xq: str = "xq"
) -> tuple[Definition, ...]:
    """u, the prediction and the loss at the point a, b, A, c (names with the suffix)."""
    a, b, A, c = (name + suffix for name in "abAc")
    token = f"(sum[i]({A}[i,j]*{X}[k,i]) + {c}[j]*y[k])"
    value = f"(sum[l]({X}[k,l]*{a}[l]) + {b}*y[k])"
    return (
        Definition(f"u{suffix}", ("j",), f"sum[k]({token}*{value})", "N' G omega"),
        Definition(f"yhat{suffix}", (), f"sum[j]({xq}[j]*u{suffix}[j])", "the layer's prediction"),
        Definition(f"L{suffix}", (), f"E(({target} - yhat{suffix})^2)", "the expected loss"),
    )


def standard_context(*tensors: Tensor) -> Context:
    """Theorem 1's setting with the given deterministic tensors; responses defined, no layer yet."""
    return Context(
        sorts=SORTS,
        scalars=layer.SIZES,
        arrays=(*layer.STANDARD, *tensors),
        definitions=layer.LINEAR_RESPONSES,
    )


def extend(
    context: Context,
    definitions: tuple[Definition, ...] = (),
    scalars: tuple[Scalar, ...] = (),
    given: tuple[Atom, ...] = (),
    assumptions: tuple[str, ...] = (),
) -> Context:
    """The context with more scalars, definitions, given equations and named lemmas."""
    return replace(
        context,
        scalars=(*context.scalars, *scalars),
        definitions=(*context.definitions, *definitions),
        given=(*context.given, *given),
        assumptions=(*context.assumptions, *assumptions),
    )


def instances(
    numbers: Mapping[str, str], arrays: Mapping[str, str], sizes: tuple[int, ...] = (1, 2)
) -> tuple[Point, ...]:
    """Points with n = d = 1 and n = d = 2, scalars and arrays by rules in what comes before.

    An array's rule is an expression in i (a vector) or i, j (a matrix).
    """
    ranks = {"v": 1, "a": 1, "c": 1, "A": 2}
    return tuple(
        Point(
            (
                *(Value(name, Fraction(size)) for name in ("n", "d")),
                *(Definition(name, (), text) for name, text in numbers.items()),
                *(
                    Definition(name, ("i", "j")[: ranks[name]], text)
                    for name, text in arrays.items()
                ),
            )
        )
        for size in sizes
    )


def form_numbers(values: Mapping[str, str]) -> dict[str, str]:
    """Rules for the seven coefficients and P at an instance."""
    return {**{name: values[name] for name in COEFFICIENTS}, "P": GRAM.right}
