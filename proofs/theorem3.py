"""Theorem 3 of Mahankali, Hashimoto and Ma (2023): nonlinear responses, and what it really needs.

The function f is drawn once for a prompt; given f, the examples (x, y) with y = f(x) + noise are
independent. Nothing is assumed of f but its symmetry. Write m = E[y x | f]. The theorem rests on
two numbers of the family, mu = E ||m||^2 and tau = E[y^2 ||x||^2]:

    L = L* + E (yhat - eta x's)^2,      eta = mu / (tau + (n-1) mu),      L* = E y^2 - n eta mu,

once E[m m'] = (mu/d) I, E[y^2 xx'] = (tau/d) I (which rotation invariance gives) and the cross
terms vanish (by parity, or for d >= 2 by rotations again). Five settings: the theorem; the same
with f(-x) ~ f in place of -f ~ f; rotations alone; covariates that need not be Gaussian; linear
responses with sign-permutation-invariant covariates. Then mu, tau and E y^2 of concrete families
(``_families.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from proofs.shared import hypotheses as _hypotheses
from proofs.shared import layer
from proofs.shared.families import FAMILIES
from proofs.shared.readout import EVEN, best_readout, proof
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Entries,
    Field,
    Hidden,
    Law,
    Model,
    Outcome,
    Point,
    Scalar,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import By, Proof
from verifier.prover.reading import as_polynomial
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Exposition,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

SOURCE = "Theorem 3"
BEYOND = "beyond the paper"
CLAIMS = (
    Claim("loss", "The expected loss through five moments of the family", BEYOND),
    Claim("decomposition", "L - L* is the mean squared distance to eta s'x_{n+1}", BEYOND),
    Claim("minimum", "L* is the minimum, attained exactly where two equations hold", SOURCE),
    Claim("prediction", "Every global minimiser takes one plain GD step", SOURCE),
    Claim("learning-rate", "E[m_f'X'y] = eta E[y'XX'y]", f"{SOURCE}, with m_f for u = E[m_f | D]"),
    Claim("no-signal", "mu = 0 gives eta = 0", BEYOND),
    Claim("two-examples", "E[y_1 x_1 (y_2 x_2)'] = (mu/d) I for two examples of one f", BEYOND),
    Claim("parity-loss", "f(-x) ~ f in place of -f ~ f: the same loss", BEYOND),
    Claim("parity-minimum", "f(-x) ~ f in place of -f ~ f: minimum", BEYOND),
    Claim("parity-prediction", "f(-x) ~ f in place of -f ~ f: prediction", BEYOND),
    Claim("rotation-minimum", "d >= 2: rotation invariance alone, no parity: minimum", BEYOND),
    Claim("rotation-prediction", "d >= 2: rotation invariance alone: prediction", BEYOND),
    Claim(
        "covariates-minimum",
        "Any x with E xx' = I, isotropic E m m' and E[y^2 xx'], -f ~ f: minimum",
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
ZERO, ONE, HALF = Fraction(0), Fraction(1), Fraction(1, 2)
FAMILY = (
    Scalar("mubar", ZERO, meaning="mu / d with mu = E ||E[y x | f]||^2"),
    Scalar("taubar", ZERO, strict=True, meaning="tau / d with tau = E[y^2 ||x||^2]"),
    Scalar("nu2", ZERO, meaning="E y^2"),
    Scalar("nu22", ZERO, meaning="E (E[y^2 | f])^2"),
    Scalar("nu4", ZERO, meaning="E y^4"),
)
EXAMPLE = Law("D", (Field("x", (F,)), Field("y", hidden=True)), "f", "one example given f")
DATA = (
    Draws("X", "D", "x", layer.EXAMPLE, "covariates of the examples, one row each"),
    Draws("y", "D", "y", layer.EXAMPLE, "responses y_k = f(x_k) + noise"),
    Slot("xq", "D", "x", "query", "query"),
    Slot("yq", "D", "y", "query", "response of the query, the target"),
)
SIGNAL = Definition("m", ("i",), "E[D](yq*xq[i])", "E[y x | f]")

COVARIANCE = Atom("covariance", "E(xq[i]*xq[j])", "delta[i,j]")
PAIRINGS = "delta[i,j]*delta[l,p] + delta[i,l]*delta[j,p] + delta[i,p]*delta[j,l]"
GAUSSIAN = (COVARIANCE, Atom("fourth", "E(xq[i]*xq[j]*xq[l]*xq[p])", PAIRINGS))
# By isotropy these two say that E mm' = mubar I and E[y^2 xx'] = taubar I: they define both.
ROTATED = (
    Atom("signal", "E(sum[i](m[i]^2))", "d*mubar"),
    Atom("energy", "E(yq^2*sum[i](xq[i]^2))", "d*taubar"),
)
GIVEN = (
    Atom("signal", "E(m[i]*m[j])", "mubar*delta[i,j]"),
    Atom("energy", "E(yq^2*xq[i]*xq[j])", "taubar*delta[i,j]"),
)
SECOND = (Atom("variance", "E(yq^2)", "nu2"),)
FOURTH = (
    Atom("mean_square", "E(E[D](yq^2)^2)", "nu22"),
    Atom("kurtosis", "E(yq^4)", "nu4"),
)


def context(
    odd: tuple[str, ...],
    moments: tuple[Atom, ...],
    instances: tuple[Point, ...],
    isotropic: tuple[str, ...] = (F,),
    scalars: tuple[Scalar, ...] = FAMILY,
    dimension: Scalar = layer.DIMENSION,
) -> Context:
    """Responses of a random function f, whose law has the symmetries ``isotropic`` and ``odd``."""
    return Context(
        layer.SORTS,
        (layer.CONTEXT_LENGTH, dimension, *scalars),
        (Hidden("f", isotropic, odd, "the function, drawn once for a prompt"),),
        (EXAMPLE,),
        (*DATA, *layer.WEIGHTS),
        (SIGNAL, *layer.FORWARD_PASS, *layer.REDUCED, *layer.STATISTICS),
        moments,
        instances=instances,
    )


def gaussian_context(odd: tuple[str, ...]) -> Context:
    """The theorem's setting: Gaussian covariates, a law of f that rotations leave as it is."""
    points = (linear(1, 1, ZERO), linear(2, 3, ZERO))
    return context(odd, (*GAUSSIAN, *ROTATED, *SECOND, *FOURTH), points)


def rotation_context() -> Context:
    """d >= 2 and a law of f that rotations leave as it is, with no parity.

    What parity removed are means over f of vectors and symmetric tensors of rank 3, which vanish.
    """
    plane = replace(layer.DIMENSION, minimum=Fraction(2))
    points = (linear(1, 2, ONE), linear(2, 3, ONE))
    moments = (*GAUSSIAN, *ROTATED, *SECOND, *FOURTH)
    return context((), moments, points, dimension=plane)


def any_covariates_context() -> Context:
    """E xx' = I, E mm' and E[y^2 xx'] multiples of I, -f ~ f; no other moment is named."""
    points = tuple(coin(size) for size in (1, 2))
    return context(("y",), (COVARIANCE, *GIVEN, *SECOND), points, (), FAMILY[:3])


def linear(n: int, d: int, constant: Fraction) -> Point:
    """y = constant + w'x + noise with x, noise normal, w uniform on plus and minus e_i.

    With p the constant, E y^2 = p^2 + 2, E y^2 xx' = (p^2 + 1 + |w|^2) I + 2 ww', E ww' = I/d, and
    given w the response is N(p, 2).
    """
    square = constant**2
    moments = {
        "mubar": Fraction(1, d),
        "taubar": square + 2 + Fraction(2, d),
        "nu2": square + 2,
        "nu22": (square + 2) ** 2,
        "nu4": square**2 + 12 * square + 12,
    }
    fields = (
        Definition("x", ("i",), "z[i]"),
        Definition("y", (), f"{constant} + sum[i](w[i]*z[i]) + noise"),
    )
    example = Model("D", (Tensor("z", (F,)), Tensor("noise")), (), fields)
    return point({"n": n, "d": d, **moments}, (unit_vectors(d), example))


def coin(size: int) -> Point:
    """y = w'x + noise with fair signs as covariates: (w'x)^2 = 1, so E y^2 xx' = 2 I."""
    moments = {"mubar": Fraction(1, size), "taubar": Fraction(2), "nu2": Fraction(2)}
    fields = (
        Definition("x", ("i",), "z[i]"),
        Definition("y", (), "sum[i](w[i]*z[i]) + noise"),
    )
    example = Model("D", (Tensor("noise"),), signs(size), fields)
    return point({"n": size, "d": size, **moments}, (unit_vectors(size), example))


def unit_vectors(d: int) -> Model:
    """w uniform on plus and minus the unit vectors, a law that rotations of the axes preserve."""
    vectors = [
        tuple(Fraction(sign * (i == j)) for j in range(d)) for i in range(d) for sign in (1, -1)
    ]
    return Model("f", (), uniform("w", vectors))


def signs(d: int) -> tuple[Outcome, ...]:
    """z uniform on {-1, 1}^d."""
    return uniform("z", list(itertools.product((-ONE, ONE), repeat=d)))


def uniform(name: str, values: Sequence[Entries]) -> tuple[Outcome, ...]:
    """An array with finitely many equally likely values."""
    return tuple(Outcome(Fraction(1, len(values)), (Value(name, one),)) for one in values)


def point(scalars: Mapping[str, int | Fraction], models: tuple[Model, ...]) -> Point:
    """An instance: these scalars and laws, and a layer whose weights are 0."""
    numbers = (Value(name, Fraction(value)) for name, value in scalars.items())
    return Point((*numbers, *layer.weights("0", "0", "0", "0")), models)


def cube_context() -> Context:
    """y = w'x + noise, w standard normal; x with sign-permutation-invariant law of any moments."""
    one = "sum[r](delta[r,i]*delta[r,j]*delta[r,l]*delta[r,p])"
    normal = {"m2": ONE, "m4": Fraction(3), "m22": ONE, "sigma2": HALF}
    coins = {"m2": ONE, "m4": ONE, "m22": ONE, "sigma2": HALF}
    law = (Definition("x", ("i",), "z[i]"),)
    points = [
        point({"n": 1, "d": 1, **normal}, (Model("D", (Tensor("z", (F,)),), (), law),)),
        point({"n": 2, "d": 2, **normal}, (Model("D", (Tensor("z", (F,)),), (), law),)),
        point({"n": 2, "d": 2, **coins}, (Model("D", (), signs(2), law),)),
    ]
    return Context(
        layer.SORTS,
        (
            *layer.SIZES,
            Scalar("m2", ZERO, strict=True, meaning="E x_1^2"),
            Scalar("m4", ZERO, strict=True, meaning="E x_1^4"),
            Scalar("m22", ZERO, meaning="E x_1^2 x_2^2"),
        ),
        laws=(Law("D", (Field("x", (F,)),), meaning="covariates of one example"),),
        arrays=(
            DATA[0],
            *(layer.TASK, layer.NOISES, layer.QUERY_NOISE),
            DATA[2],
            *layer.WEIGHTS,
        ),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
        ),
        moments=(
            Atom("covariance", "E(xq[i]*xq[j])", "m2*delta[i,j]"),
            Atom(
                "fourth",
                "E(xq[i]*xq[j]*xq[l]*xq[p])",
                f"m22*({PAIRINGS}) + (m4 - 3*m22)*({one})",
            ),
        ),
        instances=tuple(points),
    )


@lru_cache(maxsize=4)
def loss_polynomial(setting: Context) -> str:
    """The loss in the reduced parameters a, b, A, c, written out from the kernel's normal form."""
    free = (
        Tensor("a", (F,)),
        Tensor("b"),
        Tensor("A", (F, F)),
        Tensor("c", (F,)),
    )
    prediction = (
        "sum[k]((sum[i](a[i]*X[k,i]) + b*y[k])"
        "*(sum[i,j](X[k,i]*A[i,j]*xq[j]) + y[k]*sum[j](c[j]*xq[j])))"
    )
    reduced = replace(
        setting,
        arrays=(*DATA, *free),
        definitions=(SIGNAL, Definition("yhat", (), prediction)),
    )
    return as_polynomial(reduced, layer.LOSS)


def two_examples(setting: Context) -> Proof:
    """E[y_1 x_1 (y_2 x_2)'] = (mu/d) I for two further examples of one f."""
    second = (
        Slot("x2", "D", "x", "second", "covariates of another example"),
        Slot("y2", "D", "y", "second", "its response"),
    )
    step = layer.identity_step(
        "pair", "E(yq*xq[i]*y2*x2[j])", "mubar*delta[i,j]", claim="two-examples"
    )
    full = replace(setting, arrays=(*setting.arrays, *second))
    return Proof("two examples of one function", full, (step,))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive Theorem 3 and what it needs, and write the proofs."""
    gaussian = gaussian_context(("y",))
    even = gaussian_context(("x",))
    polynomial = loss_polynomial(gaussian)
    silent = By("silent/(taubar + (n-1)*mubar)")
    extra = (
        layer.identity_step("loss", layer.LOSS, claimed.get("loss", polynomial), claim="loss"),
        layer.identity_step(
            "ratio", "E(sum[i](m[i]*s[i]))", "eta*E(sum[i](s[i]^2))", claim="learning-rate"
        ),
        layer.identity_step(
            "no-signal", "eta", "0", silent, (Atom("silent", "mubar"),), claim="no-signal"
        ),
    )
    same_loss = layer.identity_step("loss", layer.LOSS, polynomial, claim="parity-loss")
    cube_claimed = {
        key.removeprefix("cube_"): text for key, text in claimed.items() if key.startswith("cube_")
    }
    cube_name = "sign-permutation-invariant covariates"
    proofs = (
        proof("the theorem", gaussian, claimed, "", extra),
        two_examples(gaussian),
        proof("even families of functions", even, {}, "parity-", (same_loss,)),
        proof("rotations alone", rotation_context(), {}, "rotation-"),
        proof("any covariates", any_covariates_context(), {}, "covariates-"),
        proof(cube_name, cube_context(), cube_claimed, "cube-"),
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
    from proofs.shared import families_evidence as _families_evidence

    return _families_evidence.tables(derivation, options, progress)


THEOREM = Theorem(
    id="theorem3",
    title="Plain gradient descent is optimal for nonlinear responses as well",
    source="Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, Theorem 3",
    statement=(
        "For x_i ~ N(0, I_d) and y_i = f(x_i) + noise, f random with a law invariant under "
        "rotations and under f -> -f, every global minimiser of the pre-training loss of one-layer "
        "linear self-attention predicts eta x_{n+1}' X' y, with "
        "eta = E[u' X'y] / E[y'X X'y], u the best linear predictor given the prompt "
        "(provided that the responses are not all 0)."
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
    exposition=Exposition(
        idea=(
            "Given f the examples are independent, so the best multiple of x_{n+1}' s has an "
            "error that is orthogonal to every prediction of the layer, once the mean of y x "
            "has an isotropic second moment and odd moments vanish. Rotations and the change "
            "of the sign of f give just that."
        ),
        notation=layer.NOTATION,
        coq=("coq/theorems/theorem3.v",),
    ),
)
