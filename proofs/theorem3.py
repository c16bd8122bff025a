"""Theorem 3 of Mahankali, Hashimoto and Ma (2023): nonlinear responses, and what it really needs.

Given the response function f, examples are independent; write m = E[y x | f], Q = E[y^2 xx' | f].
The theorem rests on two numbers of the family, mu = E ||m||^2 and tau = E[y^2 ||x||^2]:

    L - L* = (n/d)(tau + (n-1) mu) ||B - eta I||^2 + E (x'(A'S a + b q c))^2,
    eta = mu / (tau + (n-1) mu),

once E[m m'] = (mu/d) I, E Q = (tau/d) I (which rotation invariance gives) and a parity that removes
the cross terms. Four proofs: the theorem; the same with f(-x) ~ f in place of -f ~ f; covariates
that need not be Gaussian; linear responses with sign-permutation-invariant covariates. Then mu, tau
and E y^2 of concrete families (``_families.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs import _hypotheses
from proofs import _layer as layer
from proofs._families import FAMILIES
from proofs._readout import ANY_FOURTH, EVEN, PAIRINGS, best_readout, proof
from verifier.proof.checker import Step
from verifier.proof.context import Context, Equation, Law, Model, Scalar, Tensor
from verifier.proof.expression import parse
from verifier.proof.statement import Identity
from verifier.theorem import Claim, Derivation, Hypothesis, Options, Progress, Table, Theorem

SOURCE = "Theorem 3"
BEYOND = "beyond the paper"
CLAIMS = (
    Claim("loss", "The expected loss through five moments of the family", BEYOND),
    Claim("decomposition", "L - L* is a square plus an expected square", BEYOND),
    Claim("minimum", "L* is the minimum, attained exactly where two equations hold", SOURCE),
    Claim("prediction", "Every global minimiser takes one plain GD step", SOURCE),
    Claim("learning-rate", "E[m_f'X'y] = eta E[y'XX'y]", f"{SOURCE}, with m_f for u = E[m_f | D]"),
    Claim("no-signal", "mu = 0 gives eta = 0", BEYOND),
    Claim(
        "two-examples",
        "E[y_q x_q (X'y)'] = n (mu/d) I, the query against the examples of one f",
        BEYOND,
    ),
    Claim("parity-loss", "f(-x) ~ f in place of -f ~ f: the same loss", BEYOND),
    Claim("parity-minimum", "f(-x) ~ f in place of -f ~ f: minimum", BEYOND),
    Claim("parity-prediction", "f(-x) ~ f in place of -f ~ f: prediction", BEYOND),
    Claim("rotation-minimum", "d >= 2: rotation invariance alone, no parity: minimum", BEYOND),
    Claim("rotation-prediction", "d >= 2: rotation invariance alone: prediction", BEYOND),
    Claim(
        "covariates-minimum",
        "Any x with E xx' = I and four moments, isotropic E m m' and E Q, -f ~ f: minimum",
        BEYOND,
    ),
    Claim("covariates-prediction", "The same covariates: prediction", BEYOND),
    Claim(
        "cube-minimum",
        "y = w'x + noise, both normal, x sign-permutation invariant, four moments: minimum",
        BEYOND,
    ),
    Claim("cube-prediction", "The same (uniform, Rademacher, ...): prediction", BEYOND),
    *(claim for family in FAMILIES for claim in family.claims()),
)

F = layer.FEATURE
ZERO = Fraction(0)
FAMILY = (
    Scalar("mud", ZERO, meaning="mu / d with mu = E ||E[y x | f]||^2"),
    Scalar("taud", ZERO, strict=True, meaning="tau / d with tau = E[y^2 ||x||^2]"),
    Scalar("nu2", ZERO, meaning="E y^2"),
    Scalar("nu22", ZERO, meaning="E (E[y^2 | f])^2"),
    Scalar("nu4", ZERO, meaning="E y^4"),
)
RESPONSES = (Tensor("y", (layer.EXAMPLE,), meaning="responses y_k = f(x_k) + noise"),)
TARGET = (Tensor("yq", (), meaning="response of the query, the target"),)
GIVEN_F = (
    Tensor("m", (F,), meaning="E[y x | f]"),
    Tensor("Q", (F, F), meaning="E[y^2 x x' | f]"),
    Tensor("v", (), meaning="E[y^2 | f]"),
    Tensor("v4", (), meaning="E[y^4 | f]"),
)
ISOTROPIC = "a symmetric matrix that all rotations leave as it is (E m m', E Q) is a multiple of I"
EXAMPLES_INDEPENDENT = "given f, the examples and the query are independent with one law"


def row_moments(fourth: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Moments of one example (x, y) given f: degrees in x and y; E xx' = I."""
    return (
        ((2, 0), "delta[s1,s2]"),
        ((4, 0), fourth),
        ((1, 1), "m[s1]"),
        ((2, 2), "1/2*(Q[s1,s2] + Q[s2,s1])"),
        ((0, 2), "v"),
        ((0, 4), "v4"),
    )


FAMILY_MOMENTS = (
    ((2, 0, 0, 0), "mud*delta[s1,s2]"),
    ((0, 1, 0, 0), "taud*delta[s1,s2]"),
    ((0, 0, 1, 0), "nu2"),
    ((0, 0, 2, 0), "nu22"),
    ((0, 0, 0, 1), "nu4"),
)


def _linear(scale: str, noise: str) -> tuple[tuple[str, str], ...]:
    """Moments of y = r w'x + noise, w ~ N(0, I), with r^2 = scale: ||w||^2 has chi-square law."""
    second = f"({scale})*d + {noise}"
    mean_square = f"({scale})^2*d*(d+2) + 2*({scale})*({noise})*d + ({noise})^2"
    return (
        ("mud", scale),
        ("taud", f"({scale})*(d+2) + {noise}"),
        ("nu2", second),
        ("nu22", mean_square),
        ("nu4", f"3*({mean_square})"),
    )


MODELS = (
    Model("y = w'x, w ~ N(0, I)", _linear("1", "0")),
    Model("y = w'x + noise of variance 1, w ~ N(0, I)", _linear("1", "1")),
    Model("y = 2 w'x, w ~ N(0, I)", _linear("4", "0")),
    Model(
        "y = 1 or y = -1, the same throughout a prompt, each with chance 1/2",
        (("mud", "0"), ("taud", "1"), ("nu2", "1"), ("nu22", "1"), ("nu4", "1")),
    ),
)
CUBE_MODELS = (
    Model("Rademacher coordinates", (("m2", "1"), ("m4", "1"), ("m22", "1"))),
    Model("standard normal coordinates", (("m2", "1"), ("m4", "3"), ("m22", "1"))),
    Model("coordinates uniform on [-1, 1]", (("m2", "1/3"), ("m4", "1/5"), ("m22", "1/9"))),
)


def context(
    fourth: str, flips: tuple[str, ...], rotations: tuple[str, ...] = (ISOTROPIC,)
) -> Context:
    """Responses of a random function f; ``flips`` is the parity, ``fourth`` is E xxxx.

    ``rotations`` says in words why the means of m m' and of Q are multiples of I.
    """
    moments = row_moments(fourth)
    extra = (Tensor("M4", (F, F, F, F), meaning="fourth moments of x, any"),)
    return Context(
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION, *FAMILY),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            *RESPONSES,
            layer.QUERY,
            *TARGET,
            *GIVEN_F,
            *(extra if "M4" in fourth else ()),
            *layer.WEIGHTS,
        ),
        laws=(
            Law("joint", ("xq", "yq"), moments=moments),
            Law("rows", ("X", "y"), moments=moments),
            Law("joint", ("m", "Q", "v", "v4"), moments=FAMILY_MOMENTS),
        ),
        flips=(flips,),
        definitions=(*layer.FORWARD_PASS, *layer.REDUCED, *layer.STATISTICS),
        models=MODELS,
        assumptions=(EXAMPLES_INDEPENDENT, *rotations),
    )


SYMMETRIC_TENSORS = (
    "for d >= 2 a vector, or a symmetric tensor of rank 3, that all rotations leave as it is, is 0"
)
ANY_THIRD = "1/6*({})".format(
    " + ".join(f"T3[{','.join(order)}]" for order in itertools.permutations(("s1", "s2", "s3")))
)


def rotation_context() -> Context:
    """d >= 2 and a law of f that rotations leave as it is, with no parity: odd means vanish.

    What parity removed are means over f of m, m v, E[y^3 x | f] and E[y xxx | f]: vectors and
    symmetric tensors of rank 3 that rotations leave as they are.
    """
    base = context(PAIRINGS, ("y", "yq", "m"))
    moments = (*row_moments(PAIRINGS), ((3, 1), ANY_THIRD), ((1, 3), "m3[s1]"))
    odd = ((1, 0, 0, 0, 0, 0), (1, 0, 1, 0, 0, 0), (0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 1))
    family = tuple(((*degrees, 0, 0), text) for degrees, text in FAMILY_MOMENTS)
    plane = replace(layer.DIMENSION, minimum=Fraction(2))
    return replace(
        base,
        scalars=tuple(plane if s.name == "d" else s for s in base.scalars),
        tensors=(
            *base.tensors,
            Tensor("T3", (F, F, F), meaning="E[y x x x | f]"),
            Tensor("m3", (F,), meaning="E[y^3 x | f]"),
        ),
        laws=(
            *(replace(law, moments=moments) for law in base.laws[:2]),
            Law(
                "joint",
                ("m", "Q", "v", "v4", "T3", "m3"),
                moments=(*family, *((degrees, "0") for degrees in odd)),
            ),
        ),
        flips=(),
        assumptions=(*base.assumptions, SYMMETRIC_TENSORS),
    )


def cube_context() -> Context:
    """y = w'x + noise, w standard normal; x with sign-permutation-invariant law of any moments."""
    one = "(sum[j](delta[j,s1]*delta[j,s2]*delta[j,s3]*delta[j,s4]))"
    fourth = f"m22*({PAIRINGS}) + (m4 - 3*m22)*{one}"
    return Context(
        scalars=(
            *layer.SIZES,
            Scalar("m2", ZERO, strict=True, meaning="E x_1^2"),
            Scalar("m4", ZERO, strict=True, meaning="E x_1^4"),
            Scalar("m22", ZERO, meaning="E x_1^2 x_2^2"),
        ),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            layer.TASK,
            layer.NOISES,
            layer.QUERY,
            layer.QUERY_NOISE,
            *layer.WEIGHTS,
        ),
        laws=(
            *(law for law in layer.STANDARD_LAWS if law.arrays[0] in ("e", "eq", "w")),
            Law("joint", ("xq",), moments=(((2,), "m2*delta[s1,s2]"),)),
            Law("rows", ("X",), moments=(((2,), "m2*delta[s1,s2]"), ((4,), fourth))),
        ),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
        ),
        models=CUBE_MODELS,
    )


LOSS_POLYNOMIAL = (
    "nu2 - 2*n*mud*(b*sum[i](A[i,i]) + sum[i](a[i]*c[i]))"
    " + n*(taud + (n-1)*mud)*sum[i,j](B[i,j]^2)"
    " + n*(n+1)*sum[j](sum[i](A[i,j]*a[i])^2) + n*sum[i,j](A[i,j]^2)*sum[i](a[i]^2)"
    " + 2*n*(taud + (n-1)*nu2)*b*sum[i,j](a[i]*A[i,j]*c[j])"
    " + n*(nu4 + (n-1)*nu22)*b^2*sum[i](c[i]^2)"
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 3 and what it needs, and write the proofs."""
    for text in claimed.values():
        parse(text)
    odd_responses, odd_functions = ("y", "yq", "m"), ("X", "xq", "m")
    gaussian = context(PAIRINGS, odd_responses)
    loss = claimed.get("loss", LOSS_POLYNOMIAL)
    extra = (
        Step("loss", "identity", Identity(layer.LOSS, loss), {}, (), "loss"),
        Step(
            "ratio",
            "identity",
            Identity("E(sum[i](m[i]*s[i]))", "eta*E(sum[i](s[i]^2))"),
            {},
            (),
            "learning-rate",
        ),
        Step(
            "no-signal",
            "identity",
            Identity("eta", "0", (Equation("no_signal", "mud", "0"),)),
            {"combination": "no_signal/(taud + (n-1)*mud)"},
            (),
            "no-signal",
        ),
        Step(
            "two-examples",
            "identity",
            Identity("E(yq*xq[i]*sum[k](y[k]*X[k,j]))", "n*mud*delta[i,j]"),
            {},
            (),
            "two-examples",
        ),
    )
    same_loss = Step(
        "loss", "identity", Identity(layer.LOSS, LOSS_POLYNOMIAL), {}, (), "parity-loss"
    )
    cube_claimed = {
        key.removeprefix("cube_"): text for key, text in claimed.items() if key.startswith("cube_")
    }
    even = context(PAIRINGS, odd_functions)
    proofs = (
        proof("the theorem", gaussian, claimed, "", extra),
        proof("even families of functions", even, {}, "parity-", (same_loss,)),
        proof("rotations alone", rotation_context(), {}, "rotation-", ()),
        proof("any covariates", context(ANY_FOURTH, odd_responses, ()), {}, "covariates-", ()),
        proof("sign-permutation-invariant covariates", cube_context(), cube_claimed, "cube-", ()),
        *(proof for family in FAMILIES for proof in family.proofs(claimed)),
    )
    best, cube = best_readout(gaussian), best_readout(cube_context())
    results = {
        "learning_rate": best.learning_rate,
        "minimum_loss": best.minimum_loss,
        "predictor": f"x_query^T X^T y * ({best.learning_rate})",
        "minimisers": [f"B[i,j] = eta*delta[i,j]; {EVEN} = 0"],
        "cube_learning_rate": cube.learning_rate,
        "cube_minimum_loss": cube.minimum_loss,
    }
    return Derivation(proofs, results, (layer.weights("0", "0", "0", "0"),))


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Every family at the sizes asked for; see ``_families_evidence``."""
    from proofs import _families_evidence

    return _families_evidence.tables(derivation, options, progress)


THEOREM = Theorem(
    id="theorem3",
    title="Plain gradient descent is optimal for nonlinear responses as well",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 3",
    statement=(
        "For x_i ~ N(0, I_d) and y_i = f(x_i) + noise, f random with a law invariant under "
        "rotations and under f -> -f, every global minimiser of the pre-training loss of one-layer "
        "linear self-attention predicts eta x_{n+1}' X' y, with "
        "eta = E[u' X'y] / E[y'X X'y], u the best linear predictor given the prompt. The proof "
        "starts from what rotations give: E[m m'] = (mu/d) I and E[y^2 xx'] = (tau/d) I, tau > 0."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "learning_rate",
        "minimum_loss",
        "prediction",
        "loss",
        "cube_learning_rate",
        "cube_minimum_loss",
        *(key for family in FAMILIES for key in family.keys),
    ),
    numbers=(
        "learning_rate",
        "minimum_loss",
        "loss",
        "cube_learning_rate",
        "cube_minimum_loss",
        *(key for family in FAMILIES for key in family.keys),
    ),
    hypotheses=(
        Hypothesis(
            "rotation-invariance",
            "the law of f is invariant under rotations",
            violations=_hypotheses.unequal_tasks("gradient step"),
        ),
        Hypothesis(
            "sign-symmetry",
            "-f has the law of f",
            ("theorem3", "rotation-prediction"),
            remark="for d >= 2; at d = 1 rotations are trivial, and see the next row",
        ),
        Hypothesis(
            "sign-symmetry-line",
            "-f has the law of f, at d = 1",
            violations=_hypotheses.fixed_function,
            remark="f(-x) ~ f(x) in its place would do: theorem3 parity-prediction",
        ),
        Hypothesis(
            "gaussian-covariates",
            "the covariates are Gaussian",
            ("theorem3", "covariates-prediction"),
            _hypotheses.unlike_coordinates,
            instead="E xx' = I, and E m m' and E[y^2 xx'] are multiples of I",
        ),
    ),
)
