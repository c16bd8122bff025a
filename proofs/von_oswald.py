"""One layer of linear self-attention can take a step of gradient descent (von Oswald et al. 2023).

Construction. With h the last unit vector, W_V = h h', W_K = I and W_Q = diag(eta I, 0) the layer's
value of example k is y_k and its score is eta x_k' x_{n+1}; their sum is eta x_{n+1}' X' y, one
step from 0 on (1/2) ||X v - y||^2. No law of the data is used: these are identities in X, y, x.
Von Oswald et al. write the same step as an update of tokens, in their own normalisation; that is
the second proof. Training. That a layer trained on sampled prompts ends at Theorem 1's predictor
is an empirical statement and is reported as one: not every run does. The loss has other local
minima for some n, d and sigma2 (see ``landscape.py``), and runs that end there are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer
from verifier.proof.context import Definition, Scalar, Sort, Tensor
from verifier.proof.statements import Proof
from verifier.prover.data_model import DataModel
from verifier.prover.steps import conclude, defined, identity, step
from verifier.prover.theorem_file import Claims, also, point
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

OWN = "von Oswald et al. (2023), Proposition 1"
CLAIMS = (
    Claim("gradient", "Half the squared residuals at u + v, with their gradient at u", "textbook"),
    Claim("gd-step", "These weights take one GD step from 0, at any rate", OWN),
    Claim("preconditioned-step", "Weights for each P take one preconditioned step", "beyond"),
    Claim("every-reduced-layer", "Every (a, b, A, c) is realised by some weights", "beyond"),
    Claim("token-gradient", "The gradient of their loss, with 1/(2n)", OWN),
    Claim("token-labels", "Their layer takes x's label y to y - (Delta W) x", OWN),
    Claim("token-covariates", "Their layer leaves the covariates of a token as they are", OWN),
    Claim("token-readout", "Minus the query's new label is the updated model at x", OWN),
    Claim("token-same-step", "From W_0 = 0 it is the step above at rate eta/n", OWN),
    Claim(
        "training",
        "The best of a few trained layers ends near that step",
        f"{OWN}, section 3",
        numerical=True,
    ),
)
CLAIMABLE = {
    "query_block": "eta*delta[i,j]",
    "prediction": "sum[i](xq[i]*(u[i] - eta*gradient[i]))",
    "preconditioned_query_block": "eta*P[j,i]",
    "preconditioned_prediction": "sum[i](xq[i]*(u[i] - eta*sum[j](P[i,j]*gradient[j])))",
    "gradient": "sum[k]((sum[j](X[k,j]*u[j]) - y[k])*X[k,i])",
    "value_block": "-delta[o,r]",
    "label_update": "label[o] - sum[i](change[o,i]*x[i])",
    "readout": "-newlabel[o]",
    "token_gradient": "1/n*sum[k]((sum[j](W0[o,j]*X[k,j]) - Y[k,o])*X[k,i])",
    "token_rate": "eta/n",
}

RATE = Scalar("eta", meaning="learning rate, any real number")
SORTS = layer.sorts("i j l p", "k")
COVARIATES = Tensor("X", layer.EXAMPLES.sorts, layer.EXAMPLES.meaning)
DATA = (
    COVARIATES,
    Tensor("y", (layer.EXAMPLE,), meaning="responses of the examples, any numbers"),
    Tensor("xq", layer.QUERY.sorts, layer.QUERY.meaning),
    Tensor("u", (layer.FEATURE,), meaning="where the step starts"),
    Tensor("v", (layer.FEATURE,), meaning="a displacement"),
)
PRECONDITIONER = Tensor("P", (layer.FEATURE, layer.FEATURE), meaning="preconditioner, any matrix")

# 1. Explicit weights. The forward pass is u - eta P grad(u) at the query, from u = 0: what
#    separates the two sides is u itself and P X'X u, which vanish with u.

HALF_SQUARES = "1/2*sum[k]((sum[i](X[k,i]*{}) - y[k])^2)"
PARABOLA = " + sum[i](gradient[i]*v[i]) + 1/2*sum[k]((sum[i](X[k,i]*v[i]))^2)"


def explicit(name: str, block: str, matrix: str, predicted: str, said: Claims) -> Proof:
    """The gradient of half the squared residuals, and the step that these weights take."""
    full = matrix != "delta[i,j]"
    data = also(
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION, RATE),
        arrays=(*DATA, PRECONDITIONER) if full else DATA,
        definitions=(
            *layer.weights("0", "1", block, "0"),
            *layer.FORWARD_PASS,
            defined(f"gradient[i] = {said['gradient']}", "gradient at u"),
        ),
    )
    at, moved = HALF_SQUARES.format("u[i]"), HALF_SQUARES.format("(u[i] + v[i])")
    steps = (
        identity("gradient", f"{moved} = {at}{PARABOLA}"),
        identity(
            name,
            f"yhat = {predicted}",
            f"eta*sum[i,j,k,l](xq[i]*{matrix}*X[k,j]*X[k,l]*start[l]) - sum[i](xq[i]*start[i])",
            ("start: u[i] = 0",),
        ),
    )
    if full:  # the first proof shows the claim
        steps = replace(steps[0], claim=""), steps[1]
    return Proof(name, replace(data, sorts=SORTS).context(), steps)


# 2. The map from weights to (a, b, A, c) is onto: these blocks have the given a, b, A, c.

ONTO = step(
    "every-reduced-layer",
    "reduced_a: a[i] = a0[i]; reduced_b: b = b0; reduced_A: A[i,j] = A0[i,j]; "
    "reduced_c: c[j] = c0[j]",
    conclude(
        reduced_a="sum[p](head[p]*WVxx[p,i]) + head_last*WVyx[i] + value_row[i]",
        reduced_b="sum[p](head[p]*WVxy[p]) + head_last*WVyy + value_last",
        reduced_A="sum[p](key[p,i]*WQxx[p,j]) + key_row[i]*WQyx[j] + query[i,j]",
        reduced_c="sum[p](key_column[p]*WQxx[p,j]) + key_last*WQyx[j] + query_row[j]",
    ),
    given=(
        *("head: hx[i] = 0", "head_last: hy = 1"),
        *("value_row: WVyx[i] = a0[i]", "value_last: WVyy = b0"),
        *("key: WKxx[i,j] = delta[i,j]", "key_column: WKxy[i] = 0"),
        *("key_row: WKyx[i] = 0", "key_last: WKyy = 1"),
        *("query: WQxx[i,j] = A0[i,j]", "query_row: WQyx[j] = c0[j]"),
    ),
)


def realisation() -> Proof:
    """Every reduced layer is the layer of some weights."""
    data = also(
        scalars=(layer.DIMENSION,),
        arrays=(
            Tensor("a0", (layer.FEATURE,), meaning="any a"),
            Tensor("b0", (), meaning="any b"),
            Tensor("A0", (layer.FEATURE, layer.FEATURE), meaning="any A"),
            Tensor("c0", (layer.FEATURE,), meaning="any c"),
            *layer.WEIGHTS,
        ),
        definitions=layer.REDUCED,
    )
    return Proof("realisation", replace(data, sorts=SORTS[1:]).context(), (ONTO,))


# 3. Von Oswald et al.: the token e = (x, label) becomes e + P sum_k (W_V e_k) ((W_K e_k)' W_Q e),
#    the sum over the examples e_k = (x_k, y_k), labels in R^m, with
#    W_K = W_Q = diag(I, 0),   W_V = ((0, 0), (W_0, -I)),   P = (eta/n) I.

OUTPUT = "output"
BLOCKS = {
    "Kxx": "delta[p,i]",
    "Qxx": "delta[p,i]",
    "Vyx": "W0[o,i]",
    "Pxx": "eta/n*delta[p,i]",
    "Pyy": "eta/n*delta[o,r]",
}


def block_matrix(name: str, blocks: Mapping[str, str]) -> tuple[Definition, ...]:
    """The four blocks of a (d+m) x (d+m) matrix; blocks that are not named are zero."""
    shapes = {"xx": "p,i", "xy": "p,r", "yx": "o,i", "yy": "o,r"}
    return tuple(
        defined(
            f"{name}{at}[{letters}] = {blocks.get(f'{name}{at}', '0')}", f"block {at} of {name}"
        )
        for at, letters in shapes.items()
    )


def applied(name: str, matrix: str, before: str, upper: str, lower: str) -> tuple[Definition, ...]:
    """matrix times the vector (upper[i], lower[r]), as the definitions ``{name}x``, ``{name}y``."""
    return tuple(
        defined(
            f"{name}{at}[{before}{row}] = sum[i]({matrix}{at}x[{row},i]*{upper})"
            f" + sum[r]({matrix}{at}y[{row},r]*{lower})",
            f"entries {at} of {name}",
        )
        for at, row in (("x", "p"), ("y", "o"))
    )


def tokens(said: Claims) -> DataModel:
    """Their layer applied to any token (x, label): an example or the query."""
    blocks = {**BLOCKS, "Vyy": said["value_block"]}
    return also(
        scalars=(
            layer.CONTEXT_LENGTH,
            layer.DIMENSION,
            replace(layer.DIMENSION, name="m", meaning="dimension of the labels"),
            RATE,
        ),
        arrays=(
            COVARIATES,
            Tensor("Y", (layer.EXAMPLE, OUTPUT), meaning="labels of the examples"),
            Tensor("x", (layer.FEATURE,), meaning="covariates of the token that is updated"),
            Tensor("label", (OUTPUT,), meaning="label of the token that is updated"),
            Tensor("W0", (OUTPUT, layer.FEATURE), meaning="the model before the step"),
            Tensor("V", (OUTPUT, layer.FEATURE), meaning="a displacement of the model"),
        ),
        definitions=(
            *(block for name in "KQVP" for block in block_matrix(name, blocks)),
            *applied("key", "K", "k,", "X[k,i]", "Y[k,r]"),
            *applied("content", "V", "k,", "X[k,i]", "Y[k,r]"),
            *applied("query", "Q", "", "x[i]", "label[r]"),
            defined(
                "score[k] = sum[p](keyx[k,p]*queryx[p]) + sum[o](keyy[k,o]*queryy[o])",
                "(W_K e_k)' W_Q e",
            ),
            *applied(
                "shift", "P", "", "sum[k](contentx[k,i]*score[k])", "sum[k](contenty[k,r]*score[k])"
            ),
            defined("newx[p] = x[p] + shiftx[p]", "covariates after the layer"),
            defined("newlabel[o] = label[o] + shifty[o]", "label after the layer"),
            defined(f"slope[o,i] = {said['token_gradient']}", "gradient at W_0"),
            defined("change[o,i] = -eta*slope[o,i]", "Delta W, the step"),
        ),
    )


TOKEN_LOSS = "1/(2*n)*sum[k,o]((sum[i]({}*X[k,i]) - Y[k,o])^2)"
TOKEN_PARABOLA = " + sum[o,i](slope[o,i]*V[o,i]) + 1/(2*n)*sum[k,o]((sum[i](V[o,i]*X[k,i]))^2)"


def construction(said: Claims) -> Proof:
    """What their layer does to a token."""
    at, moved = TOKEN_LOSS.format("W0[o,i]"), TOKEN_LOSS.format("(W0[o,i] + V[o,i])")
    steps = (
        identity("token-gradient", f"{moved} = {at}{TOKEN_PARABOLA}"),
        identity("token-labels", f"newlabel[o] = {said['label_update']}"),
        identity("token-covariates", "newx[i] = x[i]"),
        identity(
            "token-readout",
            f"{said['readout']} = sum[i]((W0[o,i] + change[o,i])*x[i])",
            "-initial[o]",
            ("initial: label[o] = -sum[i](W0[o,i]*x[i])",),
        ),
        identity(
            "token-same-step",
            f"-newlabel[o] = ({said['token_rate']})*sum[k,i](x[i]*X[k,i]*Y[k,o])",
            "-initial[o] - eta/n*sum[k,i,j](model[o,j]*X[k,j]*X[k,i]*x[i])",
            ("model: W0[o,i] = 0", "initial: label[o] = 0"),
        ),
    )
    data = replace(tokens(said), sorts=(*SORTS, Sort(OUTPUT, "m", ("o", "r"))))
    return Proof("tokens", data.context(), steps)


def derive(claimed: Claims) -> Derivation:
    """Write the proofs; ``claimed`` replaces what a user doubts."""
    said = {**CLAIMABLE, **claimed}
    plain = said["query_block"], "delta[i,j]", said["prediction"]
    turned = said["preconditioned_query_block"], "P[i,j]", said["preconditioned_prediction"]
    proofs = (
        explicit("gd-step", *plain, said),
        explicit("preconditioned-step", *turned, said),
        realisation(),
        construction(said),
    )
    rest = "WKxx[i,j] = delta[i,j]; WKyy = 1; WVyy = 1; hy = 1"
    results = {
        "weights": [f"WQxx[i,j] = {said['query_block']}; {rest}"],
        "predictor": "eta*sum[i,k](xq[i]*X[k,i]*y[k])",
    }
    fillings = (
        point("u[i] = 0"),
        point("W0[o,i] = 0", "label[o] = 0"),
        point("label[o] = -sum[i](W0[o,i]*x[i])"),
    )
    return Derivation(proofs, results, fillings)


def evidence(_derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Layers trained in Theorem 1's setting, one case per dimension, beside its eta and L*."""
    import numpy as np

    from proofs.shared.evidence import Case, number
    from proofs.shared.training import training_tables
    from proofs.theorem1 import THEOREM as THEOREM1
    from verifier.loss.dimension_free import dimension_free_loss
    from verifier.setting.data import Setting

    best, loss = THEOREM1.derive({}).results, dimension_free_loss()
    n, noise = max(options.context_lengths), max(options.noises)
    cases = []
    for d in options.dimensions:
        at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        cases.append(
            Case(
                (str(d), str(n), str(noise)),
                Setting.isotropic(d, n, noise),
                loss.numeric(d, n, noise),
                float(number(best["minimum_loss"], at)),
                float(number(best["learning_rate"], at)) * np.eye(d),
            )
        )
    return training_tables(cases, options, progress, ("d", "n", "sigma2"), "training")


THEOREM = Theorem(
    id="von-oswald-construction",
    title="One layer of linear self-attention can take one step of gradient descent",
    source="von Oswald et al. (2023), arXiv:2212.07677, Proposition 1 and section 3",
    statement=(
        "There are weights W_K, W_Q, W_V, h with which the layer predicts eta x_{n+1}' X' y for "
        "all data and any rate eta, one step of gradient descent from 0, and "
        "eta x_{n+1}' P X' y for any preconditioner P; of layers trained on sampled prompts from "
        "small random weights, the best end near it."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=tuple(CLAIMABLE),
)
