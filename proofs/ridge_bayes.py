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

from dataclasses import dataclass, replace

from proofs.shared import layer
from proofs.shared.ridge_points import fillings, with_instances
from verifier.proof.context import Array, Context, Definition, Hat, Scalar, Tensor
from verifier.proof.statements import By, Conclude, Proof, Square, Step
from verifier.prover.data_model import DataModel
from verifier.prover.steps import defined, equation, identity
from verifier.prover.theorem_file import Claims, also
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
STATISTICS = (
    *(layer.STATISTICS[0], layer.STATISTICS[2]),
    Definition("ridge_weights", ("i",), "sum[j](T[i,j]*s[j])", "T X' y"),
)


def given_covariates(data: DataModel, penalty: str) -> Context:
    """A context in which X, or all of the prompt, is fixed, with two prompts as instances."""
    return with_instances(replace(data, sorts=SORTS).context(), penalty)


def left_inverse(penalty: str) -> str:
    """T (S + penalty I) = I."""
    return f"inverse: sum[j](T[i,j]*(S[j,l] + ({penalty})*delta[j,l])) = delta[i,l]"


def right_inverse(name: str, matrix: str, penalty: str) -> str:
    """(S + penalty I) matrix = I, which a left inverse of a square matrix satisfies too."""
    return f"{name}: sum[j]((S[i,j] + ({penalty})*delta[i,j])*{matrix}[j,l]) = delta[i,l]"


@dataclass(frozen=True, slots=True)
class Case:
    """Where squares vanish: the equation, why it holds there, and why each square is 0 there."""

    equation: str
    why: str
    back: tuple[str, ...]


def least(
    claim: str, text: str, value: str, squares: tuple[Square, ...], rest: str, case: Case
) -> tuple[Step, ...]:
    """The objective is a value plus squares plus ``rest``, which vanishes with what is given.

    The squares vanish exactly in the case, where the parameter is what its equation says.
    """
    at = equation(case.equation)
    name = at.left.partition("[")[0]
    return layer.minimum_steps(
        value,
        squares,
        rest,
        Conclude(0, {at.name: By(case.why)}),
        ((at,),),
        (case.back,),
        (defined(f"{at.left} = {at.right}"),),
        text,
        (name,),
        LETTERS,
        {"minimum": claim},
    )


# 1. Ridge regression: T s minimises ||y - X v||^2 + sigma2 ||v||^2. With gap = v - T s,
#    ||y - X v||^2 + sigma2 ||v||^2 = const + ||X gap||^2 + sigma2 ||gap||^2.


def regression(said: Claims) -> Proof:
    """The square completed in the weights v."""
    data = also(
        scalars=(*SIZES, NOISE),
        arrays=(
            *(COVARIATES, GIVEN_RESPONSES, RIDGE),
            Tensor("v", (layer.FEATURE,), meaning="the weights that are chosen"),
        ),
        definitions=STATISTICS,
        given=(right_inverse("inverse", "T", said["penalty"]),),
    )
    steps = least(
        "ridge-regression",
        "sum[k]((y[k] - sum[i](X[k,i]*v[i]))^2) + sigma2*sum[i](v[i]^2)",
        "sum[k](y[k]^2) - sum[i](s[i]*ridge_weights[i])",
        (
            Square("1", "sum[i](X[k,i]*(v[i] - ridge_weights[i]))"),
            Square("sigma2", "v[i] - ridge_weights[i]", "gap"),
        ),
        "sum[i,l](inverse[i,l]*s[l]*(2*v[i] - ridge_weights[i]))",
        Case(
            "chosen: v[i] = ridge_weights[i]", "gap[i]", ("sum[i](X[k,i]*chosen[i])", "chosen[i]")
        ),
    )
    return Proof("regression", given_covariates(data, said["penalty"]), steps)


# 2. The error of ridge regression, for every fixed X: all from T (S + sigma2 I) = I.

ERROR = "(w[{0}] - ridge_weights[{0}])"
LOSS = "E((yq - sum[i](xq[i]*{}))^2)"


def error(said: Claims) -> Proof:
    """Its correlation with y, its covariance, the risk, and what other readouts lose more."""
    data = also(
        scalars=(*SIZES, NOISE),
        arrays=(
            *(layer.NOISES, layer.QUERY_NOISE, layer.QUERY, layer.TASK, COVARIATES, RIDGE),
            Tensor("B", MATRIX, meaning="a linear readout of X' y, any function of X"),
        ),
        definitions=(*layer.LINEAR_RESPONSES, *STATISTICS),
        given=(left_inverse(said["penalty"]),),
    )
    one, two, ridge = ERROR.format("i"), ERROR.format("j"), LOSS.format("ridge_weights[i]")
    steps = (
        identity("orthogonality", f"E({one}*y[k]) = 0", "-sum[m](inverse[i,m]*X[k,m])"),
        identity(
            "error-covariance",
            f"E({one}*{two}) = {said['error_covariance']}",
            "sum[m,l](inverse[i,m]*S[m,l]*T[j,l]) - inverse[i,j]",
        ),
        identity(
            "risk",
            f"{ridge} = {said['risk']}",
            "sum[i,m,l](inverse[i,m]*S[m,l]*T[i,l]) - sum[i](inverse[i,i])",
        ),
        identity(
            "excess",
            f"{LOSS.format('sum[j](B[i,j]*s[j])')} = {ridge} + E({said['excess']})",
            "2*sum[i,j,m]((B[i,j] - T[i,j])*inverse[i,m]*S[m,j])",
        ),
    )
    return Proof("error", given_covariates(data, said["penalty"]), steps)


# 3. The best number given the prompt. There w is N(R s, M M'), and the expected loss of p is that
#    of x'R s plus (p - x'R s)^2.

CONDITIONING = (
    "jointly normal vectors that are uncorrelated are independent (Anderson 2003, theorem 2.4.2): "
    "so w - T s has the same normal law given y as without"
)
FACTOR = "a covariance matrix is M M' for some square M (Cholesky)"
POINTWISE = "tower property: least for every prompt is least on average over prompts"


def posterior(noise: bool, mean: str, spread: str, given: tuple[str, ...]) -> DataModel:
    """The prompt is fixed; w = R s + M z, with R by the name ``mean`` and M M' as ``spread``."""
    response = layer.LINEAR_RESPONSES[1]
    arrays: tuple[Array, ...] = (
        replace(layer.TASK, name="z", meaning="standard normal, independent of the prompt"),
        *(COVARIATES, GIVEN_RESPONSES, Tensor("xq", layer.QUERY.sorts, layer.QUERY.meaning)),
        *(Tensor(name, MATRIX) for name in dict.fromkeys((mean, "T", "M"))),
        Tensor("p", (), meaning="the predicted number, any function of the prompt"),
    )
    scalars: tuple[Scalar, ...] = SIZES
    return also(
        scalars=(*scalars, NOISE) if noise else scalars,
        arrays=(layer.QUERY_NOISE, *arrays) if noise else arrays,
        definitions=(
            *STATISTICS,
            defined(f"mean[i] = sum[j]({mean}[i,j]*s[j])", "mean of w given the prompt"),
            defined("w[i] = mean[i] + sum[j](M[i,j]*z[j])", "the task given the prompt"),
            response if noise else replace(response, body="sum[i](xq[i]*w[i])"),
        ),
        given=(*given, f"spread: sum[l](M[i,l]*M[j,l]) = {spread}"),
        assumptions=(CONDITIONING, FACTOR, POINTWISE),
    )


def best_number(claim: str, said: Claims, risk: str, why: str) -> tuple[Step, ...]:
    """The square completed in p; ``why`` the claimed prediction is x'R s."""
    return least(
        claim,
        "E((yq - p)^2)",
        risk,
        (Square("1", "p - sum[i](xq[i]*mean[i])", "gap"),),
        "sum[i,j](xq[i]*xq[j]*spread[i,j])",
        Case(f"chosen: p = {said['prediction']}", f"gap - ({why})", (f"chosen + ({why})",)),
    )


def bayes(said: Claims) -> Proof:
    """w is N(R s, sigma2 R), and x'T s = x'R s since T and R are both inverses."""
    given = right_inverse("posterior", "R", "sigma2"), left_inverse(said["penalty"])
    data = posterior(True, "R", "sigma2*R[i,j]", given)
    same = "sum[i,j,l](xq[i]*(inverse[i,l]*R[l,j] - T[i,l]*posterior[l,j])*s[j])"
    steps = best_number("bayes", said, said["bayes_risk"], same)
    return Proof("bayes", given_covariates(data, said["penalty"]), steps)


# 4. On average over prompts: X w_ridge = H y with the hat matrix H = X T X', so that
#    w_ridge'X'y = y'H y, and H (X X' + sigma2 I) = X X'. H is bounded, which T need not be.


def tower(said: Claims) -> Proof:
    """E[w_ridge' X'y] for random X, and its value."""
    data = also(
        scalars=(*SIZES, NOISE),
        arrays=(
            *(layer.NOISES, layer.TASK, layer.EXAMPLES),
            Hat("H", "X", said["penalty"], "hat matrix of ridge: X w_ridge = H y"),
        ),
        definitions=(layer.LINEAR_RESPONSES[0], STATISTICS[0]),
    )
    task = "E(sum[i](w[i]*s[i]))"
    steps = (
        identity("tower", f"E(sum[k,h](y[k]*H[k,h]*y[h])) = {task}", "E(sum[k](H_normal[k,k]))"),
        identity("tower-value", f"{task} = {said['ratio_numerator']}"),
    )
    return Proof("tower", replace(data, sorts=SORTS).context(), steps)


# 5. sigma2 = 0, y = X w: the same with T S X' = X' in place of the inverse.

PSEUDO = "pseudo: sum[j,l](T[i,j]*S[j,l]*X[k,l]) = X[k,i]"
LEFT_OVER = "delta[i,j] - sum[l](T[i,l]*S[l,j])"


def noiseless(said: Claims) -> tuple[Proof, Proof]:
    """The error and the best number without noise."""
    data = also(
        scalars=SIZES,
        arrays=(
            *(layer.QUERY, layer.TASK, COVARIATES),
            replace(RIDGE, meaning="S^+, or any T with T S X' = X'"),
        ),
        definitions=(
            defined("y[k] = sum[i](X[k,i]*w[i])", "responses of the examples"),
            defined("yq = sum[i](xq[i]*w[i])", "response of the query"),
            *STATISTICS,
        ),
        given=(PSEUDO,),
    )
    one, two = ERROR.format("i"), ERROR.format("j")
    steps = (
        identity("noiseless-orthogonality", f"E({one}*y[k]) = 0", "-pseudo[i,k]"),
        identity(
            "noiseless-covariance",
            f"E({one}*{two}) = {LEFT_OVER}",
            "sum[k,l](pseudo[i,k]*X[k,l]*T[j,l])",
        ),
        identity(
            "noiseless-risk",
            f"{LOSS.format('ridge_weights[i]')} = {said['noiseless_risk']}",
            "sum[i,k,l](pseudo[i,k]*X[k,l]*T[i,l])",
        ),
    )
    known = posterior(False, "T", LEFT_OVER, (PSEUDO,))
    best = best_number("noiseless-bayes", said, f"sum[i,j](xq[i]*({LEFT_OVER})*xq[j])", "0")
    return (
        Proof("noiseless", given_covariates(data, "0"), steps),
        Proof("noiseless-bayes", given_covariates(known, "0"), best),
    )


def derive(claimed: Claims) -> Derivation:
    """Write the proofs; ``claimed`` replaces what a user doubts."""
    said = {**CLAIMABLE, **claimed}
    proofs = (regression(said), error(said), bayes(said), tower(said), *noiseless(said))
    results = {
        "predictor": f"x_{{n+1}}' (X'X + {_factor(said['penalty'])} I)^-1 X'y",
        "risk_given_covariates": said["risk"],
    }
    return Derivation(proofs, results, fillings(said["penalty"], CLAIMABLE["prediction"]))


def _factor(text: str) -> str:
    """An expression as a factor: in brackets unless it is one name or number."""
    return text if text.isalnum() else f"({text})"


def evidence(_derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
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
