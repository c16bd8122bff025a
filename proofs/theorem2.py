"""Theorem 2 of Mahankali, Hashimoto and Ma (2023): x ~ N(0, Sigma), w ~ N(0, Sigma^-1).

Sigma = F F' with F invertible, symbolic, of any size; then w = F^-T z has covariance Sigma^-1. The
square is completed as for every Gaussian pair (see ``_pair.py``) with P = eta Sigma^-1; that this P
is the optimal readout needs no hypothesis here, since K = Sigma / eta is its inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from proofs import _hypotheses
from proofs import _layer as layer
from proofs import _pair as pair
from proofs import _readout as readout
from proofs._readout import ANY_FOURTH, PAIRINGS
from verifier.proof.checker import Step
from verifier.proof.context import Context, Definition, Law, Scalar, Tensor
from verifier.proof.expression import parse
from verifier.proof.statement import Identity
from verifier.theorem import Claim, Derivation, Hypothesis, Options, Progress, Table, Theorem

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
        Definition("Sigma", ("i", "j"), "sum[k](F[i,k]*F[j,k])", "covariance", pair.MATRIX),
        Definition("Sigmai", ("i", "j"), "sum[k](Fi[k,i]*Fi[k,j])", "Sigma^-1", pair.MATRIX),
        Definition("G", ("i", "j"), "Fi[j,i]", "F^-T, so that Gamma = Sigma^-1", pair.MATRIX),
        Definition("Gi", ("i", "j"), "F[j,i]", "inverse of G", pair.MATRIX),
        Definition("P", ("i", "j"), "eta*Sigmai[i,j]", "eta Sigma^-1", pair.MATRIX),
        Definition("K", ("i", "j"), "Sigma[i,j]/eta", "inverse of P", pair.MATRIX),
        *claimed,
    )
    return Context(
        scalars=layer.SIZES,
        sorts=layer.SORTS,
        tensors=(*pair.TENSORS, *pair.FACTORS, *layer.WEIGHTS),
        laws=pair.LAWS,
        definitions=pair.definitions(*own),
        inverses=(("F", "Fi"),),
        assumptions=(pair.FACTORISATION,),
    )


def preconditioned(claimed: Mapping[str, str]) -> tuple[dict[str, str], tuple[Definition, ...]]:
    """A claimed preconditioner M put for Sigma^-1 into the minimisers and the prediction."""
    if "preconditioner" not in claimed:
        return dict(claimed), ()
    families = " | ".join(pair.MINIMISERS).replace("P[", "eta*M[")
    other = {"minimisers": families, "prediction": "eta*sum[i,j](xq[i]*M[i,j]*s[j])"}
    text = claimed["preconditioner"]
    M = Definition("M", ("i", "j"), text, "the claimed preconditioner", pair.MATRIX)
    return {**other, **claimed}, (M,)


def any_laws_context() -> Context:
    """Covariates F z, tasks F^-T u: z with E zz' = I invariant under permutations and sign changes
    of its coordinates, u symmetric with E uu' = I, noise centred; nothing else about their laws.
    """
    one = "sum[j](delta[j,s1]*delta[j,s2]*delta[j,s3]*delta[j,s4])"
    fourth = f"m22*({PAIRINGS}) + (m4 - 3*m22)*{one}"
    example = (
        ((2, 0), "delta[s1,s2]"),
        ((4, 0), fourth),
        ((1, 0), "0"),
        ((1, 1), "0"),
        ((2, 1), "0"),
        ((3, 1), "0"),
        ((1, 2), "0"),
        ((2, 2), "sigma2*delta[s1,s2]"),
        ((1, 3), "0"),
        ((0, 1), "0"),
        ((0, 2), "sigma2"),
        ((0, 3), "k3"),
        ((0, 4), "k4"),
    )
    tasks = (((1,), "0"), ((2,), "delta[s1,s2]"), ((3,), "0"), ((4,), ANY_FOURTH))
    own = (Definition("G", ("i", "j"), "Fi[j,i]", "F^-T", pair.MATRIX), *pair.DATA)
    return Context(
        scalars=(
            *layer.SIZES,
            Scalar("m4", pair.ZERO, strict=True, meaning="E z_1^4"),
            Scalar("m22", pair.ZERO, meaning="E z_1^2 z_2^2"),
            Scalar("k3", meaning="third moment of the noise"),
            Scalar("k4", meaning="fourth moment of the noise"),
        ),
        sorts=layer.SORTS,
        tensors=(
            *pair.TENSORS,
            *pair.FACTORS,
            Tensor("M4", (layer.FEATURE,) * 4, meaning="fourth moments of u, any"),
            *layer.WEIGHTS,
        ),
        laws=(
            Law("joint", ("zq", "eq"), moments=example),
            Law("joint", ("z",), moments=tasks),
            Law("rows", ("Z", "e"), moments=example),
        ),
        flips=(("Z", "zq", "z"),),
        definitions=(*own, *layer.FORWARD_PASS, *layer.REDUCED, *layer.STATISTICS),
        inverses=(("F", "Fi"),),
        assumptions=(pair.FACTORISATION,),
    )


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 2 and write its proof."""
    for key, text in claimed.items():
        if key != "minimisers":
            parse(text)
    rate, minimum = derive_learning_rate()
    claimed, matrix = preconditioned(claimed)
    closed = claimed.get("minimum_loss", minimum)
    extra = (Step("closed-form", "identity", Identity(pair.VALUE, closed), {}, (), "minimum-loss"),)
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
    fillings = pair.fillings(lambda i, j: f"({rate})*sum[k](Fi[k,{i}]*Fi[k,{j}])")
    any_laws = readout.proof("any laws", any_laws_context(), {}, "any-", frame=readout.WHITENED)
    return Derivation((proof, any_laws), results, fillings)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """SciPy, training and Monte Carlo at a non-diagonal Sigma for every size asked for."""
    from proofs import _evidence
    from verifier.proof.meaning import Meaning, evaluate

    meaning = Meaning(derivation.proofs[0].context)
    cases = []
    for d, n, noise in _evidence.grid(options):
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        rate = evaluate(meaning, str(derivation.results["learning_rate"]), scalars, {})
        minimum = evaluate(meaning, str(derivation.results["minimum_loss"]), scalars, {})
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
)
