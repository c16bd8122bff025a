"""Ridge regression with penalty sigma^2 is the Bayes predictor (Akyurek et al. 2023).

In Theorem 1's setting no predictor of y_{n+1}, of whatever form, beats x_{n+1}' w_ridge, where
w_ridge = T s and T = (S + sigma2 I)^-1. The road: for every X the error w - T s is uncorrelated
with each y_k and has covariance sigma2 T. Jointly normal and uncorrelated is independent, so given
the prompt w is N(T s, sigma2 T), and a square is completed in the number that is predicted. The
same orthogonality says what one GD step costs: E ||eta s - T s||^2 above the Bayes risk.

For sigma2 = 0 the inverse need not exist; any T with T S X' = X', such as the pseudo-inverse S^+,
plays its part, and the risk is d - tr(T S), which for S^+ is max(d - n, 0) almost surely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Hat,
    Point,
    Scalar,
    Tensor,
    Value,
)
from verifier.proof.statements import By, Conclude, Proof, Square, Step
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

AKYUREK = "Akyürek et al. (2023), section 4"
LIMIT = "the case sigma2 = 0"
CLAIMS = (
    Claim("ridge-regression", "T s is the ridge regression with penalty sigma2", "textbook"),
    Claim("orthogonality", "The error w - T s is uncorrelated with y, for every X", AKYUREK),
    Claim("error-covariance", "E[(w - T s)(w - T s)'] = sigma2 T, for every X", AKYUREK),
    Claim(
        "bayes",
        "If w given the prompt is N(R s, sigma2 R), R = T: the number x'T s alone is best",
        AKYUREK,
    ),
    Claim("risk", "The loss of ridge regression, for every X", AKYUREK),
    Claim(
        "excess",
        "Any linear readout B s loses E ||B s - T s||^2 more, for every X",
        "beyond the paper",
    ),
    Claim("tower", "E[w_ridge'X'y] = E[y'H y] = E[w'X'y], H the hat matrix", "Theorem 1"),
    Claim("tower-value", "E[w'X'y] = n d", "Theorem 1, its proof"),
    Claim("noiseless-orthogonality", "w - S^+ s is uncorrelated with y, for every X", LIMIT),
    Claim("noiseless-covariance", "E[(w - S^+ s)(w - S^+ s)'] = I - S^+ S, for every X", LIMIT),
    Claim(
        "noiseless-bayes",
        "If w given the prompt is N(S^+ s, I - S^+ S): the number x'S^+ s alone is best",
        LIMIT,
    ),
    Claim("noiseless-risk", "The loss is d - tr(S^+ S), for every X", LIMIT),
    Claim(
        "risk-numbers",
        "The exact risk and that of sampled prompts agree within their errors",
        "beyond the paper",
        numerical=True,
    ),
    Claim(
        "tower-numbers",
        "E[w_ridge'X'y] = n d by quadrature and sampling",
        "by other routes",
        numerical=True,
    ),
)
CLAIMABLE = {
    "penalty": "sigma2",
    "prediction": "sum[i](xq[i]*ridge_weights[i])",
    "error_covariance": "sigma2*T[i,j]",
    "bayes_risk": "sigma2 + sigma2*sum[i,j](xq[i]*R[i,j]*xq[j])",
    "risk": "sigma2 + sigma2*sum[i](T[i,i])",
    "excess": "sum[i]((sum[j](B[i,j]*s[j]) - ridge_weights[i])^2)",
    "ratio_numerator": "n*d",
    "noiseless_risk": "d - sum[i,j](T[i,j]*S[j,i])",
}

NOISE = replace(layer.NOISE, strict=True)
SIZES = (layer.CONTEXT_LENGTH, layer.DIMENSION)
MATRIX = (layer.FEATURE, layer.FEATURE)
SORTS = layer.sorts("i j l m", "k h g")
LETTERS = {letter: sort.name for sort in SORTS for letter in sort.letters}
COVARIATES = Tensor("X", layer.EXAMPLES.sorts, layer.EXAMPLES.meaning)
GIVEN_RESPONSES = Tensor("y", (layer.EXAMPLE,), meaning="responses of the examples, any numbers")
RIDGE = Tensor("T", MATRIX, meaning="(S + sigma2 I)^-1")
RIDGE_WEIGHTS = Definition("ridge_weights", ("i",), "sum[j](T[i,j]*s[j])", "T X' y")
S_VECTOR, S_MATRIX = layer.STATISTICS[0], layer.STATISTICS[2]
ERROR = "(w[{}] - ridge_weights[{}])"

CONDITIONING = (
    "jointly normal vectors that are uncorrelated are independent (Anderson 2003, theorem 2.4.2): "
    "so w - T s has the same normal law given y as without"
)
FACTOR = "a covariance matrix is M M' for some square M (Cholesky)"
POINTWISE = "tower property: least for every prompt is least on average over prompts"


def left_inverse(name: str, matrix: str, penalty: str) -> Atom:
    """matrix (S + penalty I) = I."""
    body = f"sum[j]({matrix}[i,j]*(S[j,l] + ({penalty})*delta[j,l]))"
    return Atom(name, body, "delta[i,l]")


def right_inverse(name: str, matrix: str, penalty: str) -> Atom:
    """(S + penalty I) matrix = I, which a left inverse of a square matrix satisfies too."""
    body = f"sum[j]((S[i,j] + ({penalty})*delta[i,j])*{matrix}[j,l])"
    return Atom(name, body, "delta[i,l]")


def instances(penalty: str, matrices: tuple[str, ...], noise: bool) -> tuple[Point, ...]:
    """Two prompts with orthogonal examples of length c: d = n = 1 and d = n = 2, S = c^2 I.

    Where R = (S + sigma2 I)^-1 is the posterior's matrix, c = 4/3 and sigma2 = 1 give
    sigma2 R = (9/25) I = M M' with M = (3/5) I; without noise S = I, T = I and M = 0.
    """
    length, deviation = (Fraction(4, 3), "3/5") if noise else (Fraction(1), "0")
    entry = {
        "T": f"delta[i,j]/({length**2} + ({penalty}))" if noise else "delta[i,j]",
        "R": f"delta[i,j]/({length**2} + sigma2)",
        "M": f"{deviation}*delta[i,j]",
    }
    found = []
    for size in (1, 2):
        rows = tuple(tuple(length * (i == k) for i in range(size)) for k in range(size))
        numbers = {"n": size, "d": size, **({"sigma2": 1} if noise else {})}
        found.append(
            Point(
                (
                    *(Value(name, Fraction(number)) for name, number in numbers.items()),
                    Value("X", rows),
                    *(Definition(name, ("i", "j"), entry[name]) for name in matrices),
                    *(Definition(name, ("k",), "1") for name in ("y",)),
                    *(Definition(name, ("i",), "1") for name in ("v", "xq")),
                    Definition("p", (), "1"),
                    Definition("B", ("i", "j"), "delta[i,j]"),
                )
            )
        )
    return tuple(found)


def regression_proof(text: Mapping[str, str]) -> Proof:
    """||y - X v||^2 + sigma2 ||v||^2 = const + ||X (v - T s)||^2 + sigma2 ||v - T s||^2."""
    objective = "sum[k]((y[k] - sum[i](X[k,i]*v[i]))^2) + sigma2*sum[i](v[i]^2)"
    value = "sum[k](y[k]^2) - sum[i](s[i]*ridge_weights[i])"
    context = with_instances(
        Context(
            sorts=SORTS,
            scalars=(*SIZES, NOISE),
            arrays=(
                COVARIATES,
                GIVEN_RESPONSES,
                RIDGE,
                Tensor("v", (layer.FEATURE,), meaning="the weights that are chosen"),
            ),
            definitions=(S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
            given=(right_inverse("inverse", "T", text["penalty"]),),
        ),
        text["penalty"],
    )
    squares = (
        Square("1", "sum[i](X[k,i]*(v[i] - ridge_weights[i]))"),
        Square("sigma2", "v[i] - ridge_weights[i]", "gap"),
    )
    steps = layer.minimum_steps(
        value,
        squares,
        "sum[i,l](inverse[i,l]*s[l]*(2*v[i] - ridge_weights[i]))",
        Conclude(0, {"chosen": By("gap[i]")}),
        ((Atom("chosen", "v[i]", "ridge_weights[i]"),),),
        (("sum[i](X[k,i]*chosen[i])", "chosen[i]"),),
        (Definition("v", ("i",), "ridge_weights[i]"),),
        objective,
        ("v",),
        LETTERS,
        {"minimum": "ridge-regression"},
    )
    return Proof("regression", context, steps)


def with_instances(context: Context, penalty: str) -> Context:
    """The context with the instances, restricted to what it declares."""
    scalars = {scalar.name for scalar in context.scalars}
    tensors = {array.name for array in context.arrays if isinstance(array, Tensor)}
    matrices = tuple(name for name in ("T", "R", "M") if name in tensors)
    points = instances(penalty, matrices, "sigma2" in scalars)
    own = tuple(
        replace(point, values=tuple(v for v in point.values if v.name in scalars | tensors))
        for point in points
    )
    return replace(context, instances=own)


def error_proof(text: Mapping[str, str]) -> Proof:
    """For every fixed X: the error's correlation with y, its covariance, and the risks.

    Everything follows from T (S + sigma2 I) = I, whose residual is ``inverse``.
    """
    context = with_instances(
        Context(
            sorts=SORTS,
            scalars=(*SIZES, NOISE),
            arrays=(
                layer.NOISES,
                layer.QUERY_NOISE,
                layer.QUERY,
                layer.TASK,
                COVARIATES,
                RIDGE,
                Tensor("B", MATRIX, meaning="a linear readout of X' y, any function of X"),
            ),
            definitions=(*layer.LINEAR_RESPONSES, S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
            given=(left_inverse("inverse", "T", text["penalty"]),),
        ),
        text["penalty"],
    )
    spread = "sum[i,m,l](inverse[i,m]*S[m,l]*T[i,l]) - sum[i](inverse[i,i])"
    cross = "2*sum[i,j,m]((B[i,j] - T[i,j])*inverse[i,m]*S[m,j])"
    loss = "E((yq - sum[i](xq[i]*{}))^2)"
    statements = {
        "orthogonality": (
            f"E({ERROR.format('i', 'i')}*y[k])",
            "0",
            "-sum[m](inverse[i,m]*X[k,m])",
        ),
        "error-covariance": (
            f"E({ERROR.format('i', 'i')}*{ERROR.format('j', 'j')})",
            text["error_covariance"],
            "sum[m,l](inverse[i,m]*S[m,l]*T[j,l]) - inverse[i,j]",
        ),
        "risk": (loss.format("ridge_weights[i]"), text["risk"], spread),
        "excess": (
            loss.format("sum[j](B[i,j]*s[j])"),
            f"{loss.format('ridge_weights[i]')} + E({text['excess']})",
            cross,
        ),
    }
    return Proof("error", context, identity_steps(statements))


def identity_steps(statements: Mapping[str, tuple[str, str, str]]) -> tuple[Step, ...]:
    """One step per claim: its two sides and the combination of hypotheses that separates them."""
    return tuple(
        layer.identity_step(claim, left, right, By(combination), claim=claim)
        for claim, (left, right, combination) in statements.items()
    )


def posterior_proof(
    claim: str,
    noise: tuple[Scalar, ...],
    given: tuple[Atom, ...],
    law: tuple[str, str, str],
    prediction: tuple[str, str],
    risk: str,
    penalty: str,
) -> Proof:
    """Given the prompt, the expected loss is least at one number p, and at no other.

    ``law``: the matrix R of the posterior mean R s, the posterior covariance and its name;
    ``prediction``: the claimed best p, and why it is x'R s.
    """
    mean, covariance, spread = law
    matrices = tuple(Tensor(name, MATRIX) for name in dict.fromkeys((mean, "T", "M")))
    response = layer.LINEAR_RESPONSES[1]
    context = Context(
        sorts=SORTS,
        scalars=(*SIZES, *noise),
        arrays=(
            *((layer.QUERY_NOISE,) if noise else ()),
            replace(layer.TASK, name="z", meaning="standard normal, independent of the prompt"),
            COVARIATES,
            GIVEN_RESPONSES,
            Tensor("xq", layer.QUERY.sorts, layer.QUERY.meaning),
            *matrices,
            Tensor("p", (), meaning="the predicted number, any function of the prompt"),
        ),
        definitions=(
            S_VECTOR,
            S_MATRIX,
            RIDGE_WEIGHTS,
            Definition("mean", ("i",), f"sum[j]({mean}[i,j]*s[j])", "mean of w given the prompt"),
            Definition("w", ("i",), "mean[i] + sum[j](M[i,j]*z[j])", "the task given the prompt"),
            response if noise else replace(response, body="sum[i](xq[i]*w[i])"),
        ),
        given=(*given, Atom(spread, "sum[l](M[i,l]*M[j,l])", covariance)),
        assumptions=(CONDITIONING, FACTOR, POINTWISE),
    )
    best, why = prediction
    steps = layer.minimum_steps(
        risk,
        (Square("1", "p - sum[i](xq[i]*mean[i])", "gap"),),
        f"sum[i,j](xq[i]*xq[j]*{spread}[i,j])",
        Conclude(0, {"chosen": By(f"gap - ({why})")}),
        ((Atom("chosen", "p", best),),),
        ((f"chosen + ({why})",),),
        (Definition("p", (), best),),
        "E((yq - p)^2)",
        ("p",),
        LETTERS,
        {"minimum": claim},
    )
    return Proof(claim, with_instances(context, penalty), steps)


def bayes_proof(text: Mapping[str, str]) -> Proof:
    """w is N(R s, sigma2 R) given the prompt, and x'T s = x'R s since T and R are both inverses."""
    given = (
        right_inverse("posterior", "R", "sigma2"),
        left_inverse("inverse", "T", text["penalty"]),
    )
    same = "sum[i,j,l](xq[i]*(inverse[i,l]*R[l,j] - T[i,l]*posterior[l,j])*s[j])"
    return posterior_proof(
        "bayes",
        (NOISE,),
        given,
        ("R", "sigma2*R[i,j]", "spread"),
        (text["prediction"], same),
        text["bayes_risk"],
        text["penalty"],
    )


def tower_proof(text: Mapping[str, str]) -> Proof:
    """E[w_ridge' X'y] for random X, and its value, by the hat matrix H = X T X' of ridge.

    X w_ridge = H y, so w_ridge' X'y = y' H y, where H (X X' + sigma2 I) = X X'. H is bounded,
    which the moments of T for random X need not be.
    """
    context = Context(
        sorts=SORTS,
        scalars=(*SIZES, NOISE),
        arrays=(
            layer.NOISES,
            layer.TASK,
            layer.EXAMPLES,
            Hat("H", "X", text["penalty"], "hat matrix of ridge: X w_ridge = H y"),
        ),
        definitions=(layer.LINEAR_RESPONSES[0], S_VECTOR),
    )
    task = "E(sum[i](w[i]*s[i]))"
    steps = identity_steps(
        {
            "tower": ("E(sum[k,h](y[k]*H[k,h]*y[h]))", task, "E(sum[k](H_normal[k,k]))"),
            "tower-value": (task, text["ratio_numerator"], "0"),
        }
    )
    return Proof("tower", context, steps)


PSEUDO = Atom("pseudo", "sum[j,l](T[i,j]*S[j,l]*X[k,l])", "X[k,i]")


def noiseless_proofs(text: Mapping[str, str]) -> tuple[Proof, Proof]:
    """sigma2 = 0, y = X w: the same with T S X' = X' in place of the inverse."""
    responses = (
        Definition("y", ("k",), "sum[i](X[k,i]*w[i])", "responses of the examples"),
        Definition("yq", (), "sum[i](xq[i]*w[i])", "response of the query"),
    )
    context = Context(
        sorts=SORTS,
        scalars=SIZES,
        arrays=(
            layer.QUERY,
            layer.TASK,
            COVARIATES,
            replace(RIDGE, meaning="S^+, or any T with T S X' = X'"),
        ),
        definitions=(*responses, S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
        given=(PSEUDO,),
    )
    covariance = "delta[i,j] - sum[l](T[i,l]*S[l,j])"
    statements = {
        "noiseless-orthogonality": (
            f"E({ERROR.format('i', 'i')}*y[k])",
            "0",
            "-pseudo[i,k]",
        ),
        "noiseless-covariance": (
            f"E({ERROR.format('i', 'i')}*{ERROR.format('j', 'j')})",
            covariance,
            "sum[k,l](pseudo[i,k]*X[k,l]*T[j,l])",
        ),
        "noiseless-risk": (
            "E((yq - sum[i](xq[i]*ridge_weights[i]))^2)",
            text["noiseless_risk"],
            "sum[i,k,l](pseudo[i,k]*X[k,l]*T[i,l])",
        ),
    }
    posterior = posterior_proof(
        "noiseless-bayes",
        (),
        (PSEUDO,),
        ("T", covariance, "spread"),
        (text["prediction"], "0"),
        f"sum[i,j](xq[i]*({covariance})*xq[j])",
        "0",
    )
    return Proof("noiseless", with_instances(context, "0"), identity_steps(statements)), posterior


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the proofs; ``claimed`` replaces what a user doubts."""
    text = {**CLAIMABLE, **claimed}
    proofs = (
        regression_proof(text),
        error_proof(text),
        bayes_proof(text),
        tower_proof(text),
        *noiseless_proofs(text),
    )
    results = {
        "predictor": f"x_{{n+1}}' (X'X + {_factor(text['penalty'])} I)^-1 X'y",
        "risk_given_covariates": text["risk"],
    }
    return Derivation(proofs, results, points(text["penalty"]))


def _factor(text: str) -> str:
    """An expression as a factor: in brackets unless it is one name or number."""
    return text if text.isalnum() else f"({text})"


def points(penalty: str) -> tuple[tuple[Definition, ...], ...]:
    """Where to look for counterexamples: d = n = 1, where sigma2 R = M^2 has rational solutions.

    X = 4/3, sigma2 = 1 give R = 9/25 and M = 3/5; X = 3, sigma2 = 3 give R = 1/12 and M = 1/2.
    Without noise X = 1 gives T = 1 and M = 0.
    """
    found: list[tuple[Definition, ...]] = []
    for entry, deviation in (("4/3", "3/5"), ("3", "1/2")):
        gram = f"({entry})^2*n"
        found.append(
            (
                Definition("X", ("k", "i"), entry),
                Definition("T", ("i", "j"), f"1/({gram} + ({penalty}))"),
                Definition("R", ("i", "j"), f"1/({gram} + sigma2)"),
                Definition("M", ("i", "j"), deviation),
            )
        )
    found.append(
        (
            Definition("X", ("k", "i"), "1"),
            Definition("T", ("i", "j"), "1/n"),
            Definition("M", ("i", "j"), "0"),
        )
    )
    best = Definition("xq", ("i",), "1"), Definition("p", (), CLAIMABLE["prediction"])
    return (*((*point, *best) for point in found), *found)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The risk in numbers, what one GD step costs, and the tower identity by other routes."""
    from proofs.shared.ridge_tables import all_tables

    return all_tables(options, progress)


THEOREM = Theorem(
    id="ridge-bayes",
    title="Ridge regression with penalty sigma2 is the best prediction from every prompt",
    source="Akyürek et al. (2023), arXiv:2211.15661; Mahankali, Hashimoto, Ma (2023), section 3",
    statement=(
        "For x_i, w ~ N(0, I_d) and y_i = w'x_i + noise of variance sigma2 > 0, the predictor "
        "x_{n+1}' (X'X + sigma2 I)^-1 X'y has the least expected squared loss of all functions "
        "of the prompt. One step of gradient descent pays the mean squared distance to it. Proved "
        "prompt by prompt, from the law of w given it; that law, and what follows on average, rest "
        "on the lemmas named with each claim."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=tuple(CLAIMABLE),
    numbers=("penalty", "ratio_numerator"),
)
