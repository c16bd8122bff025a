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
from verifier.proof.context import Atom, Context, Definition, Scalar, Sort, Tensor
from verifier.proof.statements import By, Case, Claim, Conclude, Proof, Step
from verifier.theorem.theorem import Claim as Said
from verifier.theorem.theorem import Derivation, Options, Progress, Table, Theorem

OWN = "von Oswald et al. (2023), Proposition 1"
CLAIMS = (
    Said("gradient", "Half the squared residuals at u + v, with their gradient at u", "textbook"),
    Said("gd-step", "These weights take one GD step from 0, at any rate", OWN),
    Said("preconditioned-step", "Weights for each P take one preconditioned step", "beyond"),
    Said("every-reduced-layer", "Every (a, b, A, c) is realised by some weights", "beyond"),
    Said("token-gradient", "The gradient of their loss, with 1/(2n)", OWN),
    Said("token-labels", "Their layer takes x's label y to y - (Delta W) x", OWN),
    Said("token-covariates", "Their layer leaves the covariates of a token as they are", OWN),
    Said("token-readout", "Minus the query's new label is the updated model at x", OWN),
    Said("token-same-step", "From W_0 = 0 it is the step above at rate eta/n", OWN),
    Said(
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
    Tensor("P", (layer.FEATURE, layer.FEATURE), meaning="preconditioner, any matrix"),
)
FROM_ZERO = Atom("start", "u[i]")

HALF_SQUARES = "1/2*sum[k]((sum[i](X[k,i]*{at}) - y[k])^2)"


def step_proof(name: str, query_block: str, prediction: str, text: Mapping[str, str]) -> Proof:
    """The forward pass with explicit weights equals u - eta P grad(u) at the query, from u = 0.

    What separates the two sides is u itself and P X'X u, which vanish with u.
    """
    plain = name == "gd-step"
    matrix = "delta[i,j]" if plain else "P[i,j]"
    context = Context(
        sorts=SORTS,
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION, RATE),
        arrays=tuple(t for t in DATA if t.name != "P" or not plain),
        definitions=(
            *layer.weights("0", "1", query_block, "0"),
            *layer.FORWARD_PASS,
            Definition("gradient", ("i",), text["gradient"], "gradient at u"),
        ),
    )
    gradient = layer.identity_step(
        "gradient",
        HALF_SQUARES.format(at="(u[i] + v[i])"),
        f"{HALF_SQUARES.format(at='u[i]')} + sum[i](gradient[i]*v[i])"
        " + 1/2*sum[k]((sum[i](X[k,i]*v[i]))^2)",
        claim="gradient" if plain else "",
    )
    combination = (
        f"eta*sum[i,j,k,l](xq[i]*{matrix}*X[k,j]*X[k,l]*start[l]) - sum[i](xq[i]*start[i])"
    )
    step = layer.identity_step(name, "yhat", prediction, By(combination), (FROM_ZERO,), name)
    return Proof(name, context, (gradient, step))


# If the weights have these blocks, then the reduced parameters are the given ones.
REALISING = (
    Atom("head", "hx[i]", "0"),
    Atom("head_last", "hy", "1"),
    Atom("value_row", "WVyx[i]", "a0[i]"),
    Atom("value_last", "WVyy", "b0"),
    Atom("key", "WKxx[i,j]", "delta[i,j]"),
    Atom("key_column", "WKxy[i]", "0"),
    Atom("key_row", "WKyx[i]", "0"),
    Atom("key_last", "WKyy", "1"),
    Atom("query", "WQxx[i,j]", "A0[i,j]"),
    Atom("query_row", "WQyx[j]", "c0[j]"),
)
REALISED = (
    Atom("reduced_a", "a[i]", "a0[i]"),
    Atom("reduced_b", "b", "b0"),
    Atom("reduced_A", "A[i,j]", "A0[i,j]"),
    Atom("reduced_c", "c[j]", "c0[j]"),
)
WHY_REALISED = Conclude(
    0,
    {
        "reduced_a": By("sum[p](head[p]*WVxx[p,i]) + head_last*WVyx[i] + value_row[i]"),
        "reduced_b": By("sum[p](head[p]*WVxy[p]) + head_last*WVyy + value_last"),
        "reduced_A": By("sum[p](key[p,i]*WQxx[p,j]) + key_row[i]*WQyx[j] + query[i,j]"),
        "reduced_c": By("sum[p](key_column[p]*WQxx[p,j]) + key_last*WQyx[j] + query_row[j]"),
    },
)


def realisation_proof() -> Proof:
    """The map from weights to (a, b, A, c) is onto."""
    given = (
        Tensor("a0", (layer.FEATURE,), meaning="any a"),
        Tensor("b0", (), meaning="any b"),
        Tensor("A0", (layer.FEATURE, layer.FEATURE), meaning="any A"),
        Tensor("c0", (layer.FEATURE,), meaning="any c"),
    )
    context = Context(
        sorts=SORTS[1:],
        scalars=(layer.DIMENSION,),
        arrays=(*given, *layer.WEIGHTS),
        definitions=layer.REDUCED,
    )
    statement = Claim(REALISING, (REALISED,))
    step = Step("onto", statement, WHY_REALISED, claim="every-reduced-layer")
    return Proof("realisation", context, (step,))


# Von Oswald et al.: the token e = (x, label) becomes e + P sum_k (W_V e_k) ((W_K e_k)' W_Q e), the
# sum over the examples e_k = (x_k, y_k), labels in R^m, with
#     W_K = W_Q = diag(I, 0),   W_V = ((0, 0), (W_0, -I)),   P = (eta/n) I.
OUTPUT = "output"
SPACES = {"x": (layer.FEATURE, "i"), "y": (OUTPUT, "r")}
IDENTITY_BLOCK = {
    "Kxx": "delta[p,i]",
    "Qxx": "delta[p,i]",
    "Vyx": "W0[o,i]",
    "Pxx": "eta/n*delta[p,i]",
    "Pyy": "eta/n*delta[o,r]",
}
ROWS = {"x": "p", "y": "o"}


def block_matrix(name: str, blocks: Mapping[str, str]) -> tuple[Definition, ...]:
    """The four blocks of a (d+m) x (d+m) matrix; blocks that are not named are zero."""
    return tuple(
        Definition(
            f"{name}{row}{column}",
            (ROWS[row], SPACES[column][1]),
            blocks.get(f"{name}{row}{column}", "0"),
            f"block {row}{column} of {name}",
        )
        for row in SPACES
        for column in SPACES
    )


def applied(name: str, matrix: str, before: str, upper: str, lower: str) -> tuple[Definition, ...]:
    """matrix times the vector (upper[i], lower[r]), as the definitions ``{name}x``, ``{name}y``."""
    return tuple(
        Definition(
            f"{name}{row}",
            (*before, ROWS[row]),
            f"sum[i]({matrix}{row}x[{ROWS[row]},i]*{upper})"
            f" + sum[r]({matrix}{row}y[{ROWS[row]},r]*{lower})",
            f"entries {row} of {name}",
        )
        for row in SPACES
    )


def token_proof(text: Mapping[str, str]) -> Proof:
    """The construction of von Oswald et al. for any token (x, label): an example or the query."""
    blocks = {**IDENTITY_BLOCK, "Vyy": text["value_block"]}
    context = Context(
        sorts=(*SORTS, Sort(OUTPUT, "m", ("o", "r"))),
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
            *applied("key", "K", "k", "X[k,i]", "Y[k,r]"),
            *applied("content", "V", "k", "X[k,i]", "Y[k,r]"),
            *applied("query", "Q", "", "x[i]", "label[r]"),
            Definition(
                "score",
                ("k",),
                "sum[p](keyx[k,p]*queryx[p]) + sum[o](keyy[k,o]*queryy[o])",
                "(W_K e_k)' W_Q e",
            ),
            *applied(
                "shift", "P", "", "sum[k](contentx[k,i]*score[k])", "sum[k](contenty[k,r]*score[k])"
            ),
            Definition("newx", ("p",), "x[p] + shiftx[p]", "covariates after the layer"),
            Definition("newlabel", ("o",), "label[o] + shifty[o]", "label after the layer"),
            Definition("slope", ("o", "i"), text["token_gradient"], "gradient at W_0"),
            Definition("change", ("o", "i"), "-eta*slope[o,i]", "Delta W, the step"),
        ),
    )
    loss = "1/(2*n)*sum[k,o]((sum[i]({at}*X[k,i]) - Y[k,o])^2)"
    initial = Atom("initial", "label[o]", "-sum[i](W0[o,i]*x[i])")
    at_zero = (Atom("model", "W0[o,i]"), Atom("initial", "label[o]"))
    statements: dict[str, tuple[str, str, str, Case]] = {
        "token-gradient": (
            loss.format(at="(W0[o,i] + V[o,i])"),
            f"{loss.format(at='W0[o,i]')} + sum[o,i](slope[o,i]*V[o,i])"
            " + 1/(2*n)*sum[k,o]((sum[i](V[o,i]*X[k,i]))^2)",
            "0",
            (),
        ),
        "token-labels": ("newlabel[o]", text["label_update"], "0", ()),
        "token-covariates": ("newx[i]", "x[i]", "0", ()),
        "token-readout": (
            text["readout"],
            "sum[i]((W0[o,i] + change[o,i])*x[i])",
            "-initial[o]",
            (initial,),
        ),
        "token-same-step": (
            "-newlabel[o]",
            f"({text['token_rate']})*sum[k,i](x[i]*X[k,i]*Y[k,o])",
            "-initial[o] - eta/n*sum[k,i,j](model[o,j]*X[k,j]*X[k,i]*x[i])",
            at_zero,
        ),
    }
    steps = tuple(
        layer.identity_step(claim, left, right, By(combination), given, claim)
        for claim, (left, right, combination, given) in statements.items()
    )
    return Proof("tokens", context, steps)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the proofs; ``claimed`` replaces what a user doubts."""
    text = {**CLAIMABLE, **claimed}
    proofs = (
        step_proof("gd-step", text["query_block"], text["prediction"], text),
        step_proof(
            "preconditioned-step",
            text["preconditioned_query_block"],
            text["preconditioned_prediction"],
            text,
        ),
        realisation_proof(),
        token_proof(text),
    )
    results = {
        "weights": [
            f"WQxx[i,j] = {text['query_block']}; WKxx[i,j] = delta[i,j]; WKyy = 1; WVyy = 1; hy = 1"
        ],
        "predictor": "eta*sum[i,k](xq[i]*X[k,i]*y[k])",
    }
    zero = (Definition("u", ("i",), "0"),)
    initial = (Definition("W0", ("o", "i"), "0"), Definition("label", ("o",), "0"))
    consistent = (Definition("label", ("o",), "-sum[i](W0[o,i]*x[i])"),)
    return Derivation(proofs, results, (zero, initial, consistent))


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
