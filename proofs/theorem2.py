"""Theorem 2 of Mahankali, Hashimoto and Ma (2023): x ~ N(0, Sigma), w ~ N(0, Sigma^-1).

Sigma = F F' with F invertible, symbolic, of any size; then w = F^-T z has covariance Sigma^-1. The
square is completed as for every Gaussian pair (see ``_pair.py``) with P = eta Sigma^-1; that this P
is the optimal readout needs no hypothesis here, since K = Sigma / eta is its inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache

from proofs import _hypotheses
from proofs import _layer as layer
from proofs import _pair as pair
from proofs import _readout as readout
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Law,
    Model,
    Outcome,
    Scalar,
    Slot,
    Tensor,
    Value,
)
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

CLAIMS = (
    Claim("decomposition", "L - L* is a sum of squares, coefficients >= 0", "beyond the paper"),
    Claim(
        "equality", "Where the squares vanish: one of two families of weights", "beyond the paper"
    ),
    Claim("minimum", "L* is the minimum; exactly these weights attain it", "Theorem 2, completed"),
    Claim("prediction", "Every global minimiser takes one preconditioned GD step", "Theorem 2"),
    Claim("minimum-loss", "L* in closed form", "beyond the paper"),
    Claim(
        "any-minimum",
        "x = F z, w = F^-T u: z sign-permutation invariant, u symmetric, both of covariance I, "
        "i.i.d. centred noise, four moments: minimum",
        "beyond the paper",
    ),
    Claim("any-prediction", "The same: every minimiser takes that step", "beyond the paper"),
)


@cache
def derive_learning_rate() -> tuple[str, str]:
    """eta and L* by Wick: E(y - eta x' Sigma^-1 s)^2 is a quadratic in eta for every Sigma."""
    import sympy

    from verifier.algebra.rendering import to_sympy
    from verifier.algebra.wick import expect
    from verifier.algebra.words import matrix, scalar
    from verifier.exact.dimension_free import gaussian_prompt

    Sigma = matrix("Sigma", symmetric=True)
    prompt = gaussian_prompt(Sigma, Sigma.inv)
    step = scalar("eta") * (prompt.query.T @ Sigma.inv @ prompt.s)
    eta = sympy.Symbol("eta")
    loss = sympy.Poly(to_sympy(expect((prompt.target - step) ** 2)), eta)
    square, linear, constant = loss.all_coeffs()
    rate = sympy.cancel(-linear / (2 * square))
    minimum = sympy.factor(constant) - sympy.factor(square * rate**2)
    return layer.text_of(rate), layer.text_of(minimum)


def context(learning_rate: str, *claimed: Definition) -> Context:
    """x_k = F Z_k, w = F^-T z, P = eta Sigma^-1."""
    own = (
        Definition("eta", (), learning_rate, "learning rate"),
        Definition("Sigma", ("i", "j"), "sum[o](F[i,o]*F[j,o])", "covariance"),
        Definition("Sigmai", ("i", "j"), "sum[o](Fi[o,i]*Fi[o,j])", "Sigma^-1"),
        Definition("G", ("i", "j"), "Fi[j,i]", "F^-T, so that Gamma = Sigma^-1"),
        Definition("Gi", ("i", "j"), "F[j,i]", "inverse of G"),
        Definition("P", ("i", "j"), "eta*Sigmai[i,j]", "eta Sigma^-1"),
        Definition("K", ("i", "j"), "Sigma[i,j]/eta", "inverse of P"),
        *claimed,
    )
    return Context(
        sorts=pair.SORTS,
        scalars=layer.SIZES,
        arrays=(*pair.NORMALS, *pair.FACTORS, *layer.WEIGHTS),
        definitions=pair.definitions(*own),
        given=pair.inverse_pair("F", "Fi"),
        instances=pair.instances(FACTORS_AT_INSTANCES),
        assumptions=(pair.FACTORISATION,),
    )


FACTORS_AT_INSTANCES = {"F": "2*delta[i,j]", "Fi": "delta[i,j]/2"}


def preconditioned(claimed: Mapping[str, str]) -> tuple[dict[str, str], tuple[Definition, ...]]:
    """A claimed preconditioner M put for Sigma^-1 into the minimisers and the prediction."""
    if "preconditioner" not in claimed:
        return dict(claimed), ()
    families = " | ".join(pair.MINIMISERS).replace("P[", "eta*M[")
    other = {"minimisers": families, "prediction": "eta*sum[i,j](xq[i]*M[i,j]*s[j])"}
    text = claimed["preconditioner"]
    M = Definition("M", ("i", "j"), text, "the claimed preconditioner")
    return {**other, **claimed}, (M,)


def any_laws_context() -> Context:
    """Covariates F z, tasks F^-T u: z with E zz' = I invariant under permutations and sign changes
    of its coordinates, u symmetric with E uu' = I, noise centred; nothing else about their laws.
    """
    pairings = "delta[i,j]*delta[l,m] + delta[i,l]*delta[j,m] + delta[i,m]*delta[j,l]"
    fourth = f"m22*({pairings}) + (m4 - 3*m22)*sum[o](delta[o,i]*delta[o,j]*delta[o,l]*delta[o,m])"
    moments = {
        "zq[i]": "0",
        "zq[i]*zq[j]": "delta[i,j]",
        "zq[i]*zq[j]*zq[l]*zq[m]": fourth,
        "zq[i]*eq": "0",
        "zq[i]*zq[j]*eq": "0",
        "zq[i]*zq[j]*zq[l]*eq": "0",
        "zq[i]*eq^2": "0",
        "zq[i]*zq[j]*eq^2": "sigma2*delta[i,j]",
        "zq[i]*eq^3": "0",
        "eq": "0",
        "eq^2": "sigma2",
        "z[i]": "0",
        "z[i]*z[j]": "delta[i,j]",
        "z[i]*z[j]*z[l]": "0",
    }
    own = (Definition("G", ("i", "j"), "Fi[j,i]", "F^-T"), *pair.DATA)
    normal = Tensor("base", (layer.FEATURE,))
    sign = tuple(Outcome(Fraction(1, 2), (Value("sign", Fraction(s)),)) for s in (1, -1))
    models = (
        Model(
            "D",
            (normal,),
            sign,
            (Definition("x", ("i",), "base[i]"), Definition("e", (), "sign")),
        ),
        Model("W", (normal,), (), (Definition("u", ("i",), "base[i]"),)),
    )
    gaussian = (Value("m4", Fraction(3)), Value("m22", Fraction(1)))
    instances = tuple(
        replace(point, values=(*point.values, *gaussian), models=models)
        for point in pair.instances(FACTORS_AT_INSTANCES)
    )
    return Context(
        sorts=pair.SORTS,
        scalars=(
            *layer.SIZES,
            Scalar("m4", pair.ZERO, strict=True, meaning="E z_1^4"),
            Scalar("m22", pair.ZERO, meaning="E z_1^2 z_2^2"),
        ),
        laws=(
            Law(
                "D",
                (Field("x", (layer.FEATURE,)), Field("e")),
                meaning="whitened covariates and the noise of one example, dependent or not",
            ),
            Law("W", (Field("u", (layer.FEATURE,)),), meaning="whitened tasks"),
        ),
        arrays=(
            Draws("Z", "D", "x", layer.EXAMPLE, "whitened covariates, one row each"),
            Draws("e", "D", "e", layer.EXAMPLE, "noise of the examples"),
            Slot("zq", "D", "x", "query", "whitened query"),
            Slot("eq", "D", "e", "query", "noise of the query's response"),
            Slot("z", "W", "u", "task", "whitened task"),
            *pair.FACTORS,
            *layer.WEIGHTS,
        ),
        definitions=(*own, *layer.FORWARD_PASS, *layer.REDUCED, *layer.STATISTICS),
        moments=tuple(
            Atom(f"moment{k}", f"E({left})", right)
            for k, (left, right) in enumerate(moments.items(), 1)
        ),
        given=pair.inverse_pair("F", "Fi"),
        instances=instances,
        assumptions=(pair.FACTORISATION,),
    )


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 2 and write its proof."""
    rate, minimum = derive_learning_rate()
    claimed, matrix = preconditioned(claimed)
    closed = claimed.get("minimum_loss", minimum)
    extra = (layer.identity_step("closed-form", pair.VALUE, closed, claim="minimum-loss"),)
    proof = pair.minimiser_proof(
        "minimisers",
        context(claimed.get("learning_rate", rate), *matrix),
        pair.derive_coefficients(),
        claimed,
        "0",
        extra,
    )
    results = {
        "learning_rate": rate,
        "minimum_loss": minimum,
        "predictor": f"x_query^T Sigma^-1 X^T y * ({rate})",
        "minimisers": list(pair.MINIMISERS),
    }
    fillings = pair.fillings(lambda i, j: f"({rate})*sum[o](Fi[o,{i}]*Fi[o,{j}])")
    any_laws = readout.proof("any laws", any_laws_context(), {}, "any-", frame=readout.WHITENED)
    return Derivation((proof, any_laws), results, fillings)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """SciPy, training and Monte Carlo at a non-diagonal Sigma for every size asked for."""
    from proofs import _evidence

    cases = []
    for d, n, noise in _evidence.grid(options):
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        rate = _evidence.number(derivation.results["learning_rate"], scalars)
        minimum = _evidence.number(derivation.results["minimum_loss"], scalars)
        sigma = _evidence.example_covariance(d)
        precision = sigma.inverse()
        best = float(rate) * precision.array()
        cases.append(_evidence.pair_case(sigma, precision, n, noise, best, float(minimum)))
    return _evidence.all_tables(cases, options, progress, ("d", "n", "sigma2"))


THEOREM = Theorem(
    id="theorem2",
    title="One step of preconditioned gradient descent is optimal: non-isotropic covariates",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 2",
    statement=(
        "For x_i ~ N(0, Sigma), w ~ N(0, Sigma^-1) and y_i = w'x_i + noise of variance sigma2, "
        "every global minimiser of the pre-training loss of one-layer linear self-attention "
        "predicts eta x_{n+1}' Sigma^-1 X' y, one step of preconditioned gradient descent."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("learning_rate", "preconditioner", "minimum_loss", "prediction", "minimisers"),
    numbers=("learning_rate", "minimum_loss"),
    hypotheses=(
        Hypothesis(
            "matched-task",
            "the task has covariance Sigma^-1",
            violations=_hypotheses.unequal_covariates("preconditioned step"),
        ),
        Hypothesis(
            "centred-task",
            "the task has mean 0",
            violations=_hypotheses.task_mean("preconditioned step"),
        ),
        Hypothesis(
            "gaussian-laws",
            "covariates, task and noise are Gaussian",
            ("theorem2", "any-prediction"),
            _hypotheses.skewed_tasks("preconditioned step"),
            instead="x = F z, w = F^-T u: z invariant under permutations and sign changes of "
            "coordinates, u symmetric with covariance I, noise centred",
            remark="eta then has E z_1^4 and E z_1^2 z_2^2",
        ),
        Hypothesis(
            "query-outside",
            "the sum leaves the query token out",
            ("gaussian-pair", "query-prediction"),
            remark="P is eta Sigma^-1 for Gamma = Lambda^-1: gaussian-pair inverse-task",
        ),
    ),
    exposition=Exposition(
        idea=(
            "In the coordinates z = F^-1 x, where Sigma = F F', the loss is its minimum and a "
            "sum of squares with coefficients that are not negative. Where they vanish, two "
            "of them give the readout and the products b c and A_{im} a_j, and since the readout "
            "is invertible only two families of weights are left."
        ),
        notation=layer.NOTATION,
        coq=("coq/theorems/theorem2.v",),
    ),
)
