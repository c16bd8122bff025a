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

from proofs import _layer as layer
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Scalar, Tensor
from verifier.proof.expression import parse
from verifier.proof.statement import Bound, Identity, Implication, Minimum, Square
from verifier.theorem import Claim, Derivation, Options, Progress, Table, Theorem

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
    Claim("tower", "E[w_ridge'X'y] = E[w'X'y] if it exists", "Theorem 1, by the tower property"),
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
    ),
    Claim("tower-numbers", "E[w_ridge'X'y] = n d by quadrature and sampling", "by other routes"),
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
GIVEN_RESPONSES = Tensor("y", (layer.EXAMPLE,), meaning="responses of the examples, any numbers")
RIDGE = Tensor("T", MATRIX, meaning="(S + sigma2 I)^-1")
RIDGE_WEIGHTS = Definition("ridge_weights", ("i",), "sum[j](T[i,j]*s[j])", "T X' y")
S_VECTOR, S_MATRIX = layer.STATISTICS[0], layer.STATISTICS[2]
LAWS = {law.arrays[0]: law for law in layer.STANDARD_LAWS}
ERROR = "(w[{}] - ridge_weights[{}])"

CONDITIONING = (
    "jointly normal vectors that are uncorrelated are independent (Anderson 2003, theorem 2.4.2): "
    "so w - T s has the same normal law given y as without"
)
FACTOR = "a covariance matrix is M M' for some square M (Cholesky)"
POINTWISE = "tower property: least for every prompt is least on average over prompts"


def left_inverse(name: str, matrix: str, penalty: str) -> Equation:
    """matrix (S + penalty I) = I."""
    body = f"sum[j]({matrix}[i,j]*(S[j,l] + ({penalty})*delta[j,l]))"
    return Equation(name, body, "delta[i,l]")


def right_inverse(name: str, matrix: str, penalty: str) -> Equation:
    """(S + penalty I) matrix = I, which a left inverse of a square matrix satisfies too."""
    body = f"sum[j]((S[i,j] + ({penalty})*delta[i,j])*{matrix}[j,l])"
    return Equation(name, body, "delta[i,l]")


def regression_proof(text: Mapping[str, str]) -> Proof:
    """||y - X v||^2 + sigma2 ||v||^2 = const + ||X (v - T s)||^2 + sigma2 ||v - T s||^2."""
    objective = "sum[k]((y[k] - sum[i](X[k,i]*v[i]))^2) + sigma2*sum[i](v[i]^2)"
    value = "sum[k](y[k]^2) - sum[i](s[i]*ridge_weights[i])"
    context = Context(
        scalars=(*SIZES, NOISE),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            GIVEN_RESPONSES,
            RIDGE,
            Tensor("v", (layer.FEATURE,), meaning="the weights that are chosen"),
        ),
        definitions=(S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
        hypotheses=(right_inverse("inverse", "T", text["penalty"]),),
    )
    system = (Equation("chosen", "v[i]", "ridge_weights[i]"),)
    terms = (
        Square("1", "sum[i](X[k,i]*(v[i] - ridge_weights[i]))", False),
        Square("sigma2", "v[i] - ridge_weights[i]", True),
    )
    converse = [[{"combination": "sum[i](X[k,i]*chosen[i])"}, {"combination": "chosen[i]"}]]
    weights = (Definition("v", ("i",), "ridge_weights[i]"),)
    combination = "sum[i,l](inverse[i,l]*s[l]*(2*v[i] - ridge_weights[i]))"
    return Proof(
        "regression",
        context,
        minimum_steps(
            "ridge-regression",
            Minimum(objective, value, ("v",), (system,)),
            terms,
            combination,
            {"chosen": {"combination": "gap[i]"}},
            {"converse": converse, "witness": layer.witness(0, weights, {})},
        ),
    )


def minimum_steps(
    claim: str,
    minimum: Minimum,
    terms: tuple[Square, ...],
    combination: str,
    leaf: Mapping[str, Mapping[str, str]],
    certificate: Mapping[str, object],
) -> tuple[Step, ...]:
    """Complete the squares; the one strict square, ``gap``, vanishes only at the minimiser."""
    (strict,) = (term.term for term in terms if term.strict)
    names = (f"{claim} squares", f"{claim} equality")
    gap = (Equation("gap", strict, "0"),)
    tree = {"node": "conclude", "system": 0, "by": leaf}
    bound = Bound(minimum.objective, minimum.value, terms)
    return (
        Step(names[0], "squares", bound, {"combination": combination}),
        Step(names[1], "cases", Implication(gap, minimum.minimisers), tree),
        Step(claim, "minimum", minimum, certificate, names, claim),
    )


def error_proof(text: Mapping[str, str]) -> Proof:
    """For every fixed X: the error's correlation with y, its covariance, and the risks.

    Everything follows from T (S + sigma2 I) = I, whose residual is ``inverse``.
    """
    context = Context(
        scalars=(*SIZES, NOISE),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.NOISES,
            layer.QUERY,
            layer.QUERY_NOISE,
            RIDGE,
            Tensor("B", MATRIX, meaning="a linear readout of X' y, any function of X"),
        ),
        laws=tuple(LAWS[name] for name in ("e", "eq", "xq", "w")),
        definitions=(*layer.LINEAR_RESPONSES, S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
        hypotheses=(left_inverse("inverse", "T", text["penalty"]),),
    )
    spread = "sum[i,m,l](inverse[i,m]*S[m,l]*T[i,l]) - sum[i](inverse[i,i])"
    cross = "2*sum[i,j,m]((B[i,j] - T[i,j])*inverse[i,m]*S[m,j])"
    loss = "E((yq - sum[i](xq[i]*{}))^2)"
    statements = {
        "orthogonality": (
            Identity(f"E({ERROR.format('i', 'i')}*y[k])", "0"),
            "-sum[m](inverse[i,m]*X[k,m])",
        ),
        "error-covariance": (
            Identity(
                f"E({ERROR.format('i', 'i')}*{ERROR.format('j', 'j')})", text["error_covariance"]
            ),
            "sum[m,l](inverse[i,m]*S[m,l]*T[j,l]) - inverse[i,j]",
        ),
        "risk": (Identity(loss.format("ridge_weights[i]"), text["risk"]), spread),
        "excess": (
            Identity(
                loss.format("sum[j](B[i,j]*s[j])"),
                f"{loss.format('ridge_weights[i]')} + E({text['excess']})",
            ),
            cross,
        ),
    }
    return Proof("error", context, identity_steps(statements))


def identity_steps(statements: Mapping[str, tuple[Identity, str]]) -> tuple[Step, ...]:
    """One step per claim: an identity and the combination of hypotheses that separates it."""
    return tuple(
        Step(claim, "identity", identity, {"combination": combination}, (), claim)
        for claim, (identity, combination) in statements.items()
    )


def posterior_proof(
    claim: str,
    noise: tuple[Scalar, ...],
    hypotheses: tuple[Equation, ...],
    law: tuple[str, str, str],
    prediction: tuple[str, str],
    risk: str,
) -> Proof:
    """Given the prompt, the expected loss is least at one number p, and at no other.

    ``law``: the matrix R of the posterior mean R s, the posterior covariance and its name;
    ``prediction``: the claimed best p, and why it is x'R s.
    """
    mean, covariance, spread = law
    matrices = tuple(Tensor(name, MATRIX) for name in dict.fromkeys((mean, "T", "M")))
    eq = (layer.QUERY_NOISE,) if noise else ()
    response = layer.LINEAR_RESPONSES[1]
    context = Context(
        scalars=(*SIZES, *noise),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            GIVEN_RESPONSES,
            layer.QUERY,
            *matrices,
            Tensor("z", (layer.FEATURE,), meaning="standard normal, independent of the prompt"),
            *eq,
            Tensor("p", (), meaning="the predicted number, any function of the prompt"),
        ),
        laws=(*(LAWS["eq"] for _ in eq), replace(LAWS["w"], arrays=("z",))),
        definitions=(
            S_VECTOR,
            S_MATRIX,
            RIDGE_WEIGHTS,
            Definition("mean", ("i",), f"sum[j]({mean}[i,j]*s[j])", "mean of w given the prompt"),
            Definition("w", ("i",), "mean[i] + sum[j](M[i,j]*z[j])", "the task given the prompt"),
            response if noise else replace(response, body="sum[i](xq[i]*w[i])"),
        ),
        hypotheses=(*hypotheses, Equation(spread, "sum[l](M[i,l]*M[j,l])", covariance)),
        assumptions=(CONDITIONING, FACTOR, POINTWISE),
    )
    best, why = prediction
    system = (Equation("chosen", "p", best),)
    terms = (Square("1", "p - sum[i](xq[i]*mean[i])", True),)
    steps = minimum_steps(
        claim,
        Minimum("E((yq - p)^2)", risk, ("p",), (system,)),
        terms,
        f"sum[i,j](xq[i]*xq[j]*{spread}[i,j])",
        {"chosen": {"combination": f"gap - ({why})"}},
        {
            "converse": [[{"combination": f"chosen + ({why})"}]],
            "witness": layer.witness(0, (Definition("p", (), best),), {}),
        },
    )
    return Proof(claim, context, steps)


def bayes_proof(text: Mapping[str, str]) -> Proof:
    """w is N(R s, sigma2 R) given the prompt, and x'T s = x'R s since T and R are both inverses."""
    hypotheses = (
        right_inverse("posterior", "R", "sigma2"),
        left_inverse("inverse", "T", text["penalty"]),
    )
    same = "sum[i,j,l](xq[i]*(inverse[i,l]*R[l,j] - T[i,l]*posterior[l,j])*s[j])"
    return posterior_proof(
        "bayes",
        (NOISE,),
        hypotheses,
        ("R", "sigma2*R[i,j]", "spread"),
        (text["prediction"], same),
        text["bayes_risk"],
    )


def tower_proofs(text: Mapping[str, str]) -> tuple[Proof, Proof]:
    """E[w_ridge' X'y] by conditioning on X, now random, and its value."""
    context = Context(
        scalars=(*SIZES, NOISE),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.NOISES,
            replace(RIDGE, depends_on=("X",)),
        ),
        laws=tuple(LAWS[name] for name in ("e", "X", "w")),
        definitions=(layer.LINEAR_RESPONSES[0], S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
        hypotheses=(left_inverse("inverse", "T", text["penalty"]),),
    )
    product = "sum[i](ridge_weights[i]*s[i])"
    task = "E(sum[i](w[i]*s[i]))"
    inner = Identity(f"E[w,e]({product})", "sum[i](S[i,i])")
    steps = (
        Step("given X", "identity", inner, {"combination": "sum[i,m](inverse[i,m]*S[m,i])"}),
        Step("tower", "tower", Identity(f"E({product})", task), {}, ("given X",), "tower"),
    )
    plain = replace(
        context,
        tensors=context.tensors[:-1],
        definitions=(layer.LINEAR_RESPONSES[0], S_VECTOR),
        hypotheses=(),
    )
    value = identity_steps({"tower-value": (Identity(task, text["ratio_numerator"]), "0")})
    return Proof("tower", context, steps), Proof("value", plain, value)


PSEUDO = Equation("pseudo", "sum[j,l](T[i,j]*S[j,l]*X[k,l])", "X[k,i]")


def noiseless_proofs(text: Mapping[str, str]) -> tuple[Proof, Proof]:
    """sigma2 = 0, y = X w: the same with T S X' = X' in place of the inverse."""
    responses = (
        Definition("y", ("k",), "sum[i](X[k,i]*w[i])", "responses of the examples"),
        Definition("yq", (), "sum[i](xq[i]*w[i])", "response of the query"),
    )
    context = Context(
        scalars=SIZES,
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.QUERY,
            replace(RIDGE, meaning="S^+, or any T with T S X' = X'"),
        ),
        laws=(LAWS["xq"], LAWS["w"]),
        definitions=(*responses, S_VECTOR, S_MATRIX, RIDGE_WEIGHTS),
        hypotheses=(PSEUDO,),
    )
    covariance = "delta[i,j] - sum[l](T[i,l]*S[l,j])"
    statements = {
        "noiseless-orthogonality": (
            Identity(f"E({ERROR.format('i', 'i')}*y[k])", "0"),
            "-pseudo[i,k]",
        ),
        "noiseless-covariance": (
            Identity(f"E({ERROR.format('i', 'i')}*{ERROR.format('j', 'j')})", covariance),
            "sum[k,l](pseudo[i,k]*X[k,l]*T[j,l])",
        ),
        "noiseless-risk": (
            Identity("E((yq - sum[i](xq[i]*ridge_weights[i]))^2)", text["noiseless_risk"]),
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
    )
    return Proof("noiseless", context, identity_steps(statements)), posterior


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the proofs; ``claimed`` replaces what a user doubts."""
    for expression in claimed.values():
        parse(expression)
    text = {**CLAIMABLE, **claimed}
    proofs = (
        regression_proof(text),
        error_proof(text),
        bayes_proof(text),
        *tower_proofs(text),
        *noiseless_proofs(text),
    )
    results = {
        "predictor": f"x_query^T (X^T X + ({text['penalty']}) I)^-1 X^T y",
        "risk_given_covariates": text["risk"],
    }
    return Derivation(proofs, results, points(text["penalty"]))


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
    from proofs._ridge_tables import all_tables

    return all_tables(options, progress)


THEOREM = Theorem(
    id="ridge-bayes",
    title="Ridge regression with penalty sigma^2 is the best prediction from every prompt",
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
