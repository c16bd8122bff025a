"""The linear self-attention layer and its prompts, declared once in the language of statements.

Tokens are v_k = (x_k, y_k) and v_{n+1} = (x_{n+1}, 0). Each (d+1) x (d+1) weight matrix is written
in blocks: ``WVxy`` is the block of W_V that sends the y-entry of a token to the first d
coordinates. The prediction is the forward pass as the paper defines it,
h' sum_k (W_V v_k) ((W_K v_k)' W_Q v_{n+1}), the sum over the examples only.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Atom, Definition, Normal, Scalar, Sort, Tensor
from verifier.proof.statements import (
    Attained,
    By,
    Case,
    Claim,
    Conclude,
    Derive,
    Minimum,
    Null,
    Square,
    Step,
    Tree,
)
from verifier.proof.syntax import free_indices, parse

if TYPE_CHECKING:
    import sympy

    from verifier.words.words import Expression

FEATURE, EXAMPLE = "feature", "example"


def sorts(features: str = "i j l p r u", examples: str = "k h g") -> tuple[Sort, Sort]:
    """The examples 1 .. n and the features 1 .. d, with the letters that run there."""
    return Sort(EXAMPLE, "n", tuple(examples.split())), Sort(FEATURE, "d", tuple(features.split()))


SORTS = sorts()
LETTERS = {letter: sort.name for sort in SORTS for letter in sort.letters}

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

EXAMPLES = Normal("X", (EXAMPLE, FEATURE), meaning="covariates of the examples, one row each")
TASK = Normal("w", (FEATURE,), meaning="task vector")
NOISES = Normal("e", (EXAMPLE,), "sigma2", "noise of the examples")
QUERY = Normal("xq", (FEATURE,), meaning="query")
QUERY_NOISE = Normal("eq", (), "sigma2", "noise of the query's response")
STANDARD = (NOISES, QUERY_NOISE, QUERY, EXAMPLES, TASK)

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

# How papers write the names above (`verifier.theorem.theorem.Exposition`).
NOTATION = {
    "value": "phi",
    "score": "psi",
    "At": "Atilde",
    "at": "atilde",
    "ct": "ctilde",
    "Dt": "Dtilde",
    "Gt": "Gtilde",
    "Gi": "Ginv",
    "Hi": "Hinv",
    "Gti": "Gtildeinv",
    "Gammai": "Gammainv",
    "Sigmai": "Sigmainv",
    "fitted": "f",
}

LOSS = "E((yq - yhat)^2)"
IDENTITY, INEQUALITY = "equal", "bound"

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


def identity_step(
    name: str,
    left: str,
    right: str,
    by: By | None = None,
    given: Case = (),
    claim: str = "",
    uses: tuple[str, ...] = (),
) -> Step:
    """If the equations of ``given`` hold, then left = right."""
    statement = Claim(given, ((Atom(IDENTITY, left, right),),))
    return Step(name, statement, Conclude(0, {IDENTITY: by or By()}), uses, claim)


def inequality_step(
    name: str, left: str, right: str, relation: str, by: By, claim: str = ""
) -> Step:
    """left >= right, or left > right."""
    statement = Claim((), ((Atom(INEQUALITY, left, right, relation),),))
    return Step(name, statement, Conclude(0, {INEQUALITY: by}), claim=claim)


def minimum_steps(  # noqa: PLR0913 - the parts of one minimum, each named where it is called
    value: str,
    squares: tuple[Square, ...],
    combination: str,
    tree: Tree,
    cases: tuple[Case, ...],
    converse: tuple[tuple[str, ...], ...],
    filling: tuple[Definition, ...],
    objective: str = LOSS,
    parameters: tuple[str, ...] = PARAMETERS,
    letters: Mapping[str, str] = LETTERS,
    claims: Mapping[str, str] | None = None,
) -> tuple[Step, ...]:
    """The minimum of the objective by completed squares: bound, equality, converses, minimum.

    objective = value + the sum of the squares + the combination. The tree starts where every
    named square vanishes; ``converse`` has for each case why each square's term does, and
    ``filling`` is in the first case. ``claims``: what each of these steps shows.
    """
    named = claims or {}
    at = Atom("minimal", objective, value)
    equality = Null(squares, By(f"minimal - ({combination})"), tree)
    steps = [
        bound_step(value, squares, combination, objective, letters, named.get("bound", "")),
        Step("equality", Claim((at,), cases), equality, claim=named.get("equality", "")),
    ]
    unknown = ("0",) * len(squares)  # for a claimed case that is not one of those derived
    for m, case in enumerate(cases, 1):
        terms = converse[m - 1] if m <= len(converse) else unknown
        vanishing = " + ".join(
            product(square, f"vanishes{k}", letters) for k, square in enumerate(squares)
        )
        leaf: Tree = Conclude(0, {"minimal": By(f"({combination}) + {vanishing}")})
        for k in reversed(range(len(squares))):
            leaf = Derive(Atom(f"vanishes{k}", squares[k].term), By(terms[k]), leaf)
        steps.append(Step(f"converse {m}", Claim(case, ((at,),)), leaf))
    return (
        *steps,
        Step(
            "minimum",
            Minimum(objective, value, parameters, cases),
            Attained(0, filling),
            tuple(step.name for step in steps),
            named.get("minimum", ""),
        ),
    )


def bound_step(
    value: str,
    squares: tuple[Square, ...],
    combination: str,
    objective: str,
    letters: Mapping[str, str],
    claim: str,
) -> Step:
    """objective >= value; where it shows a claim, also that it is value plus the squares."""
    bound = Atom("bound", objective, value, ">=")
    total = " + ".join((f"({value})", *(mean(square, letters) for square in squares)))
    whole = (Atom("decomposition", objective, total),) if claim else ()
    by = {
        "bound": By(combination, squares=squares),
        **{atom.name: By(combination) for atom in whole},
    }
    return Step("bound", Claim((), ((*whole, bound),)), Conclude(0, by), claim=claim)


def mean(square: Square, letters: Mapping[str, str]) -> str:
    """coefficient * E(sum term^2), the sum over the indices of the term."""
    indices = ",".join(free_indices(parse(square.term, letters)))
    body = f"({square.term})^2"
    return f"({square.coefficient})*E({f'sum[{indices}]({body})' if indices else body})"


def product(square: Square, residual: str, letters: Mapping[str, str]) -> str:
    """coefficient * E(sum term * residual), the residual carrying the indices of the term."""
    indices = ",".join(free_indices(parse(square.term, letters)))
    body = f"({square.term})*{residual}[{indices}]" if indices else f"({square.term})*{residual}"
    return f"({square.coefficient})*E({f'sum[{indices}]({body})' if indices else body})"


def prediction_from_gap(value: str, gap: str, predicted: str, claim: str) -> Step:
    """What the layer predicts wherever the loss is minimal, from loss = value + E(gap^2)."""
    at, result = Atom("at", LOSS, value), Atom("prediction", "yhat", predicted)
    leaf = Conclude(0, {"prediction": By("gap")})
    tree = Null((Square("1", gap, "gap"),), By("at"), leaf)
    return Step("prediction", Claim((at,), ((result,),)), tree, claim=claim)


def cases(text: str, prefix: str) -> tuple[Case, ...]:
    """Systems from text: ``|`` between systems, ``;`` between equations, ``=`` once in each.

    The k-th equation of the m-th system is named ``{prefix}{m}_{k}``; ValueError on other text.
    """
    found = []
    for m, system in enumerate(text.split("|"), 1):
        atoms = []
        for k, equation in enumerate(system.split(";"), 1):
            sides = equation.split("=")
            if len(sides) != 2:
                raise ValueError(f"{equation.strip()!r} is not an equation such as a[i] = 0")
            atoms.append(Atom(f"{prefix}{m}_{k}", *(side.strip() for side in sides)))
        found.append(tuple(atoms))
    return tuple(found)


def text_of(expression: sympy.Expr) -> str:
    """A SymPy expression in scalars, as index text."""
    return str(expression).replace("**", "^")


def loss_polynomial() -> str:
    """Theorem 1's expected loss as a polynomial in a, b, A, c, derived on words, as index text."""
    from verifier.loss.dimension_free import dimension_free_loss

    return collected_text(dimension_free_loss().expression)


def collected_text(expression: Expression) -> str:
    """A word polynomial with each word's coefficient in n, d, sigma2 factored, as index text."""
    import sympy

    from verifier.words.index_notation import index_text
    from verifier.words.rendering import to_sympy
    from verifier.words.words import Expression

    indices = SORTS[1].letters
    terms = []
    for (_, words), coefficient in sorted(expression.coefficients().items(), key=str):
        factor = text_of(sympy.factor(to_sympy(coefficient)))
        word = Expression.build("1", "1", [(((), words), Fraction(1))])
        terms.append(f"({factor})*{index_text(word, indices)}" if words else f"({factor})")
    return " + ".join(terms)
