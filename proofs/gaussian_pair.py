"""Every Gaussian pair x ~ N(0, Lambda), w ~ N(0, Gamma): beyond the paper, with its corollaries.

The optimal readout is P = ((n+1) Lambda + t Gamma^-1)^-1 with t = tr(Lambda Gamma) + sigma2.
Three proofs: all global minimisers for positive definite Lambda, Gamma, with the cases that are
known (Theorem 2; Ahn et al. 2023) and exactly when P is a scalar or a preconditioned step; the
layer that has the query in its sum (Zhang, Frei, Bartlett 2024); and singular Lambda, Gamma.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random

from proofs import _hypotheses
from proofs import _layer as layer
from proofs import _pair as pair
from verifier.points import Start, build_point
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value
from verifier.proof.statements import By, Conclude, Proof, Square, Step
from verifier.proof.syntax import ProofError
from verifier.theorem import (
    Claim,
    Derivation,
    Exposition,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

BEYOND = "beyond the paper"
CLAIMS = (
    Claim("decomposition", "L - L* is a sum of squares, coefficients >= 0", BEYOND),
    Claim("equality", "Where the squares vanish: one of two families of weights", BEYOND),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", BEYOND),
    Claim("prediction", "Every global minimiser predicts x' P s", BEYOND),
    Claim("inverse-task", "Gamma = Lambda^-1: (n + d + 1 + sigma2) P Lambda = I", "Theorem 2"),
    Claim(
        "identity-task",
        "Gamma = I: n P ((n+1)/n Lambda + (tr Lambda + sigma2)/n I) = I",
        "beyond the paper; the matrix of Ahn et al. (2023), Theorem 1, and of Zhang, Frei, "
        "Bartlett (2024), Theorem 4.1, at sigma2 = 0, whose layers and claims are their own",
    ),
    Claim("scalar-step", "If P = r I (plain GD) then r ((n+1) Lambda + t Gamma^-1) = I", BEYOND),
    Claim("scalar-step-converse", "If r ((n+1) Lambda + t Gamma^-1) = I then P = r I", BEYOND),
    Claim(
        "preconditioned-step",
        "If P = r Lambda^-1 then r t Gamma^-1 = (1 - (n+1) r) Lambda",
        BEYOND,
    ),
    Claim(
        "preconditioned-step-converse",
        "If r t Gamma^-1 = (1 - (n+1) r) Lambda then P = r Lambda^-1",
        BEYOND,
    ),
    Claim(
        "query-in-sum",
        "With the query token in the sum: the same minimum, attained only where B = P",
        "beyond the paper; the layer of Zhang, Frei, Bartlett (2024) sums over the query too",
    ),
    Claim(
        "query-prediction",
        "With the query token in the sum: every global minimiser predicts x' P s",
        BEYOND,
    ),
    Claim("singular", "Lambda, Gamma only semidefinite, t > 0: the minimum", BEYOND),
    Claim("singular-prediction", "The same: every global minimiser predicts x' P s", BEYOND),
)

P_SORTS = pair.MATRIX
TASK_FACTORS = (
    Tensor("G", P_SORTS, meaning="Gamma = G G'"),
    Tensor("Gi", P_SORTS, meaning="inverse of G"),
)
READOUT = (
    Tensor("P", P_SORTS, meaning="the optimal readout"),
    Tensor("K", P_SORTS, meaning="inverse of P"),
)
TASK_PRECISION = Definition(
    "Gammai", ("i", "j"), "sum[o](Gi[o,i]*Gi[o,j])", "Gamma^-1, by G Gi = I"
)
SUM_LEMMA = "a sum of positive definite matrices is positive definite, so invertible"


def normal_equation(k: pair.Coefficients) -> str:
    """K = P^-1 from the derived quadratic form: n K Gamma Lambda is its matrix in B."""
    trace = f"(({k.readout_trace})*sum[p,u](H[p,u]^2) + {k.readout_noise})/n"
    return f"(({k.readout})/n)*Lambda[i,j] + ({trace})*Gammai[i,j]"


def context(k: pair.Coefficients, claimed: Mapping[str, str]) -> Context:
    """Positive definite Lambda, Gamma; P and K = P^-1 tied by the normal equation.

    Raises ValueError if a claimed ``precision`` has no inverse where an instance needs one.
    """
    setting = Context(
        sorts=pair.SORTS,
        scalars=(*layer.SIZES, Scalar("r", meaning="any rate")),
        arrays=(*pair.NORMALS, *pair.FACTORS, *TASK_FACTORS, *READOUT, *layer.WEIGHTS),
        definitions=(*pair.definitions(), TASK_PRECISION),
        given=(
            Atom("optimal", "K[i,j]", claimed.get("precision", normal_equation(k))),
            *pair.inverse_pair("F", "Fi"),
            *pair.inverse_pair("G", "Gi"),
            *pair.inverse_pair("P", "K"),
        ),
        instances=instances({"K": f"{PRECISION}*delta[i,j]", "P": f"delta[i,j]/{PRECISION}"}),
        assumptions=(pair.FACTORISATION, SUM_LEMMA),
    )
    if "precision" in claimed:
        return replace(setting, instances=claimed_instances(setting))
    return setting


PRECISION = "(4*(n+1) + 4*d + sigma2)"
FACTORS = {"F": "2*delta[i,j]", "Fi": "delta[i,j]/2", "G": "delta[i,j]", "Gi": "delta[i,j]"}


def instances(readout: Mapping[str, str]) -> tuple[Point, ...]:
    """Lambda = 4 I, Gamma = I, sigma2 = 1, where K is `PRECISION` times I, and P its inverse."""
    rate = Value("r", Fraction(1))
    points = pair.instances({**FACTORS, **readout})
    return tuple(replace(point, values=(*point.values, rate)) for point in points)


def claimed_instances(setting: Context) -> tuple[Point, ...]:
    """The same with the K that is claimed, entry by entry, and the inverse that it has there."""
    points = []
    for point in instances({}):
        values = [one for one in point.values if isinstance(one, Value)]
        numbers = {x.name: x.entries for x in values if isinstance(x.entries, Fraction)}
        rules = tuple(one for one in point.values if isinstance(one, Definition))
        rate = Definition("r", (), "1")
        try:
            points.append(build_point(setting, Start(numbers), (*rules, rate), Random(0)))
        except ProofError as error:
            raise ValueError(f"precision, at Lambda = 4 I and Gamma = I: {error}") from None
    return tuple(points)


# n times the quadratic form of B - P in the normal equation, which vanishes with it.
NOTHING_LEFT = (
    "n*sum[i,j,o,l,m,p](Lambda[i,j]*(P[j,o] - 2*B[j,o])*Lambda[o,l]*Gamma[l,m]*optimal[p,m]*P[i,p])"
)


COROLLARIES = {
    "inverse_task": "n+d+1+sigma2",
    "identity_task": "(n+1)/n*Lambda[o,j] + (sum[m](Lambda[m,m]) + sigma2)/n*delta[o,j]",
    "scalar_step": "r*((n+1)*Lambda[i,j] + t*Gammai[i,j])",
    "preconditioned_step": "(1 - (n+1)*r)*Lambda[i,j]",
}


def corollaries(claimed: Mapping[str, str]) -> tuple[Step, ...]:
    """What P is when Gamma is tied to Lambda, and when P is a scalar or preconditioned step.

    ``claimed`` replaces entries of `COROLLARIES`.
    """
    texts = {key: claimed.get(key, text) for key, text in COROLLARIES.items()}
    product = "sum[o](P[i,o]*Gammai[o,j])"
    remainder = "sum[o](P[i,o]*optimal[o,j])"
    moved = "sum[o,l](P[i,o]*Gammai[o,l]*task[l,j])"
    inverse = Atom("task", "sum[o](Gamma[i,o]*Lambda[o,j])", "delta[i,j]")
    identity = Atom("task", "Gamma[i,j]", "delta[i,j]")
    scalar = Atom("step", "P[i,j]", "r*delta[i,j]")
    scalar_when = Atom("when", texts["scalar_step"], "delta[i,j]")
    preconditioned = Atom("step", "sum[o](P[i,o]*Lambda[o,j])", "r*delta[i,j]")
    preconditioned_when = Atom("when", "r*t*Gammai[i,j]", texts["preconditioned_step"])
    rows: tuple[tuple[str, Atom, Atom, str], ...] = (
        (
            "inverse-task",
            inverse,
            Atom(
                layer.IDENTITY,
                f"({texts['inverse_task']})*sum[o](P[i,o]*Lambda[o,j])",
                "delta[i,j]",
            ),
            f"(d+sigma2)*{moved} - sum[m](task[m,m])*{product} - {remainder}",
        ),
        (
            "identity-task",
            identity,
            Atom(layer.IDENTITY, f"sum[o](n*P[i,o]*({texts['identity_task']}))", "delta[i,j]"),
            f"(sum[m](Lambda[m,m]) + sigma2)*{moved}"
            f" - sum[m,l](Lambda[m,l]*task[l,m])*{product} - {remainder}",
        ),
        ("scalar-step", scalar, scalar_when, "-sum[o](step[i,o]*K[o,j]) - r*optimal[i,j]"),
        (
            "scalar-step-converse",
            scalar_when,
            scalar,
            f"-sum[o](P[i,o]*when[o,j]) - r*{remainder}",
        ),
        (
            "preconditioned-step",
            preconditioned,
            preconditioned_when,
            "-sum[o](K[i,o]*step[o,j]) - r*optimal[i,j]",
        ),
        (
            "preconditioned-step-converse",
            preconditioned_when,
            preconditioned,
            f"-sum[o](P[i,o]*when[o,j]) - r*{remainder}",
        ),
    )
    return tuple(
        layer.identity_step(name, then.left, then.right, By(by), (given,), name)
        for name, given, then, by in rows
    )


QUERY_TERMS = (
    Definition(
        "query_value", (), "sum[p,i](hx[p]*WVxx[p,i]*xq[i]) + hy*sum[i](WVyx[i]*xq[i])", "h'W_V v_q"
    ),
    Definition(
        "query_score",
        (),
        "sum[p,i,j](WKxx[p,i]*xq[i]*WQxx[p,j]*xq[j]) + sum[i,j](WKyx[i]*xq[i]*WQyx[j]*xq[j])",
        "(W_K v_q)' W_Q v_q",
    ),
)
EVEN = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + b*q*sum[j](c[j]*xq[j])"


PREDICTED = "sum[i,j](xq[i]*P[i,j]*s[j])"


def query_proof(k: pair.Coefficients, claimed: Mapping[str, str]) -> Proof:
    """The layer that sums over the query token as well: one more even term, same minimum."""
    base = context(k, claimed)
    value = claimed.get("query_minimum_loss", pair.VALUE)
    own = tuple(
        replace(x, body=f"{x.body} + query_value*query_score") if x.name == "yhat" else x
        for x in base.definitions
    )
    at = [x.name for x in own].index("yhat")
    setting = replace(base, definitions=(*own[:at], *QUERY_TERMS, *own[at:]))
    even = f"{EVEN} + sum[i](a[i]*xq[i])*sum[i,j](xq[i]*A[i,j]*xq[j])"
    squares = (*pair.squares(k)[:3], Square("1", even, "sq2"))

    def gap(j: str) -> str:
        return f"sum[o,l](F[o,i]*readout[o,l]*F[l,{j}])"

    steps = layer.minimum_steps(
        value,
        squares,
        NOTHING_LEFT,
        Conclude(
            0,
            {
                "readout": By("sum[o,l,m](Fi[o,i]*sq1[o,l]*Hi[l,m]*Fi[m,j])"),
                "even": By("sq2"),
            },
        ),
        ((Atom("readout", "B[i,j]", "P[i,j]"), Atom("even", even)),),
        ((f"sum[m]({gap('m')}*H[m,j])", gap("j"), f"{gap('j')}*H[o,l]", "even"),),
        layer.weights("0", "1", "P[j,i]", "0"),
        letters=pair.LETTERS,
        claims={"minimum": "query-in-sum"},
    )
    why = ("sum[i,j](xq[i]*readout[i,j]*s[j]) + even",)
    prediction = layer.prediction_step(value, PREDICTED, why, "query-prediction")
    return Proof("the query in the sum", setting, (*steps, prediction))


def singular_proof(k: pair.Coefficients, claimed: Mapping[str, str]) -> Proof:
    """Any Lambda = F F', Gamma = G G' with t > 0: P = Gamma ((n+1) Lambda Gamma + t I)^-1."""
    value = claimed.get("singular_minimum_loss", pair.VALUE)
    readout = claimed.get("singular_readout", "sum[o](Gamma[i,o]*R[o,j])")
    sizes = (layer.CONTEXT_LENGTH, layer.DIMENSION)
    sigma = Scalar("sigma", pair.ZERO, meaning="standard deviation of the noise")
    inverse_of_t = Scalar("ti", pair.ZERO, strict=True, meaning="1/t; it exists as t > 0")
    resolvent = Tensor("R", P_SORTS, meaning="((n+1) Lambda Gamma + t I)^-1")
    no_inverses = tuple(x for x in pair.definitions() if x not in pair.INVERSES and x.name != "Dt")
    at = [x.name for x in no_inverses].index("t")
    gap = next(x for x in pair.WHITENED if x.name == "Dt")
    noises = tuple(replace(x, variance="sigma2") for x in pair.NORMALS[:2])
    setting = Context(
        sorts=pair.SORTS,
        scalars=(*sizes, sigma, inverse_of_t),
        arrays=(
            *noises,
            *pair.NORMALS[2:],
            pair.FACTORS[0],
            TASK_FACTORS[0],
            resolvent,
            *layer.WEIGHTS,
        ),
        definitions=(
            Definition("sigma2", (), "sigma^2", "noise variance"),
            *no_inverses[: at + 1],
            Definition("P", ("i", "j"), readout, "the optimal readout"),
            *no_inverses[at + 1 :],
            gap,
        ),
        given=(
            Atom(
                "resolvent",
                "sum[j](R[i,j]*((n+1)*sum[o](Lambda[j,o]*Gamma[o,l]) + t*delta[j,l]))",
                "delta[i,l]",
            ),
            Atom("positive", "ti*t", "1"),
        ),
        instances=singular_instances(),
        assumptions=(
            "a positive semidefinite matrix is F F' with F square",
            "Lambda Gamma has the eigenvalues of G' Lambda G, none negative, "
            "so (n+1) Lambda Gamma + t I is invertible for t > 0",
        ),
    )
    squares = (
        Square(k.readout, "sum[m](Dt[i,m]*H[m,j])"),
        Square("n", "sigma*Dt[i,j]", "sq1"),
        Square(k.readout_trace, "Dt[i,j]*H[o,l]", "sq2"),
        Square("1", EVEN, "sq3"),
    )
    steps = layer.minimum_steps(
        value,
        squares,
        "n*sum[i,j,o,l,m](Lambda[i,j]*(2*B[j,o] - P[j,o])*Lambda[o,l]*resolvent[m,l]*Gamma[m,i])",
        Conclude(
            0,
            {
                "readout": By(
                    "ti*(sigma*sq1[i,j] + sum[o,l](sq2[i,j,o,l]*H[o,l])) - positive*Dt[i,j]"
                ),
                "even": By("sq3"),
            },
        ),
        ((Atom("readout", "Dt[i,j]"), Atom("even", EVEN)),),
        (
            (
                "sum[m](readout[i,m]*H[m,j])",
                "sigma*readout[i,j]",
                "readout[i,j]*H[o,l]",
                "even",
            ),
        ),
        layer.weights("0", "1", "P[j,i]", "0"),
        letters=pair.LETTERS,
        claims={"minimum": "singular"},
    )
    why = ("sum[i,j,k](zq[i]*readout[i,j]*Z[k,j]*y[k]) + even",)
    prediction = layer.prediction_step(value, PREDICTED, why, "singular-prediction")
    return Proof("semidefinite covariances", setting, (*steps, prediction))


def singular_instances() -> tuple[Point, ...]:
    """Lambda = 0, Gamma = I, sigma = 1: t = 1 and R = I."""
    points = pair.instances({"F": "0*delta[i,j]", "G": "delta[i,j]", "R": "delta[i,j]"})
    numbers = (Value("sigma", Fraction(1)), Value("ti", Fraction(1)))
    return tuple(
        replace(point, values=(*(v for v in point.values if v.name != "sigma2"), *numbers))
        for point in points
    )


def _point(F: str, G: str, rate: str) -> tuple[Definition, ...]:
    """Lambda = F F', Gamma = G G' and a rate r; an empty text leaves a matrix to be drawn."""
    entries = (Definition("F", ("i", "j"), F), Definition("G", ("i", "j"), G))
    return (*(x for x in entries if x.body), Definition("r", (), rate))


# Points at which the premises of the corollaries hold: Gamma = Lambda^-1, Gamma = I, both multiples
# of I (a scalar step), and Gamma = 9 Lambda^-1 (a preconditioned step).
FILLINGS = (
    *pair.fillings("P[{},{}]".format),
    _point("", "Fi[j,i]", "1/(n+1+d+sigma2)"),
    _point("", "delta[i,j]", "1"),
    _point("2*delta[i,j]", "3*delta[i,j]", "9/(36*(n+1) + 36*d + sigma2)"),
    _point("", "3*Fi[j,i]", "9/(9*(n+1) + 9*d + sigma2)"),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive the optimal readout for every pair and write the proofs."""
    k = pair.derive_coefficients()
    main = pair.minimiser_proof(
        "minimisers", context(k, claimed), k, claimed, NOTHING_LEFT, corollaries(claimed)
    )
    results = {
        "predictor": "x_query^T P X^T y",
        "readout": "P = ((n+1)*Lambda + (tr(Lambda*Gamma) + sigma2)*Gamma^-1)^-1",
        "minimum_loss": pair.VALUE,
        "minimisers": list(pair.MINIMISERS),
    }
    proofs = (main, query_proof(k, claimed), singular_proof(k, claimed))
    return Derivation(proofs, results, FILLINGS)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """SciPy, training and Monte Carlo at covariances that do not commute."""
    import numpy as np

    from proofs import _evidence

    cases = []
    for d, n, noise in _evidence.grid(options):
        covariates, task = _evidence.example_covariance(d), _evidence.example_covariance(d, 1)
        Lam, Gam = covariates.array(), task.array()
        t = float(np.trace(Lam @ Gam)) + float(noise)
        readout = np.linalg.inv((n + 1) * Lam + t * np.linalg.inv(Gam))
        minimum = t - n * float(np.trace(Lam @ readout @ Lam @ Gam))
        cases.append(_evidence.pair_case(covariates, task, n, noise, readout, minimum))
    return _evidence.all_tables(cases, options, progress, ("d", "n", "sigma2"))


THEOREM = Theorem(
    id="gaussian-pair",
    title="The optimal readout for every pair of Gaussian covariates and tasks",
    source="this project; cases: Mahankali et al. (2023), Ahn et al. (2023), Zhang et al. (2024)",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma) and noise of variance sigma2, every global "
        "minimiser of the pre-training loss of one-layer linear self-attention predicts "
        "x_{n+1}' P X' y with P = ((n+1) Lambda + (tr(Lambda Gamma) + sigma2) Gamma^-1)^-1."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "precision",
        "minimum_loss",
        "prediction",
        "minimisers",
        *COROLLARIES,
        "query_minimum_loss",
        "singular_readout",
        "singular_minimum_loss",
    ),
    numbers=("minimum_loss", "query_minimum_loss", "singular_minimum_loss"),
    inverses={"readout": "precision"},
    hypotheses=(
        Hypothesis(
            "definite-covariances",
            "Lambda and Gamma are positive definite",
            ("gaussian-pair", "singular-prediction"),
            remark="P = Gamma ((n+1) Lambda Gamma + t I)^-1 serves for semidefinite ones, t > 0",
        ),
        Hypothesis(
            "centred-task",
            "the task has mean 0",
            violations=_hypotheses.task_mean("linear readout"),
        ),
        Hypothesis(
            "gaussian-covariates",
            "the covariates are Gaussian",
            violations=_hypotheses.coin_covariates,
            remark="the formula for P fails; the best layer is still x'Bs, as explore says",
        ),
        Hypothesis(
            "query-outside",
            "the sum leaves the query token out",
            ("gaussian-pair", "query-prediction"),
        ),
    ),
    exposition=Exposition(
        idea=(
            "In the coordinates z = F^-1 x, where Lambda = F F', the loss is its minimum and "
            "a sum of squares with coefficients that are not negative, once P solves the "
            "normal equation of the best linear readout. Where the squares vanish, B = P and "
            "the even part of the prediction is 0, and since P is invertible only two "
            "families of weights are left."
        ),
        notation=layer.NOTATION,
        coq=("coq/theorems/pair.v", "coq/theorems/one_head.v"),
    ),
)
