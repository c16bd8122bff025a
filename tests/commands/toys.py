"""A theorem small enough to check in milliseconds: the best multiple of a noisy observation.

w ~ N(0, 1), y = w + e with e ~ N(0, sigma2). By hand: E(w - b y)^2 = 1 - 2 b + (1 + sigma2) b^2
= sigma2/(1 + sigma2) + (1 + sigma2) (b - eta)^2 with eta = 1/(1 + sigma2).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
from verifier.proof.statement import AtMinimum, Bound, Identity, Implication, Minimum, Square
from verifier.theorem import Claim, Derivation, Options, Progress, Table, Theorem

LOSS = "E((w - b*y)^2)"


def proof(claimed: Mapping[str, str]) -> Proof:
    """From the expectation to the one minimiser."""
    rate = claimed.get("learning_rate", "1/(1 + sigma2)")
    value = claimed.get("minimum_loss", "sigma2/(1 + sigma2)")
    context = Context(
        scalars=(Scalar("sigma2", Fraction(0), meaning="noise variance"), Scalar("b")),
        sorts=(),
        tensors=(Tensor("w", (), meaning="signal"), Tensor("e", (), meaning="noise")),
        laws=(Law("normal", ("w",)), Law("normal", ("e",), "sigma2")),
        definitions=(
            Definition("y", (), "w + e", "observation"),
            Definition("eta", (), rate, "learning rate"),
        ),
    )
    square = Square("1 + sigma2", "b - eta", True)
    best = (Equation("best", "b", "eta"),)
    vanish = (Equation("sq1", "b - eta", "0"),)
    steps = (
        Step("loss", "identity", Identity(LOSS, "1 - 2*b + (1 + sigma2)*b^2"), {}, (), "loss"),
        Step("squares", "squares", Bound(LOSS, value, (square,)), {}, (), "bound"),
        Step(
            "equality",
            "cases",
            Implication(vanish, (best,)),
            {"node": "conclude", "system": 0, "by": {"best": {"combination": "sq1"}}},
        ),
        Step(
            "minimum",
            "minimum",
            Minimum(LOSS, value, ("b",), (best,)),
            {
                "converse": [[{"combination": "best"}]],
                "witness": {
                    "system": 0,
                    "values": [{"name": "b", "parameters": [], "body": "eta"}],
                    "by": {},
                },
            },
            ("squares", "equality"),
            "minimum",
        ),
        Step(
            "prediction",
            "at-minimum",
            AtMinimum(LOSS, ("b",), (Equation("prediction", "b*y", "eta*y"),)),
            {"systems": [{"prediction": {"combination": "best*y"}}]},
            ("minimum",),
            "prediction",
        ),
    )
    return Proof("shrinkage", context, steps)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The toy's proof, with what a user claims in place of its own values."""
    results = {
        "learning_rate": "1/(1 + sigma2)",
        "minimum_loss": "sigma2/(1 + sigma2)",
        "predictor": "eta*y",
        "minimisers": ["b = eta"],
        "at_unit_noise": Fraction(1, 2),
    }
    fillings = ((Definition("b", (), "1"),), (Definition("b", (), "1/2"),))
    return Derivation((proof(claimed),), results, fillings)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """A Monte Carlo estimate of the loss at b = 0, which is 1."""
    progress("sampling")
    drawn = np.random.default_rng(options.seed).normal(size=options.samples)
    row = ("0", f"{np.mean(drawn**2):.4f}", "1")
    return (Table("Loss by sampling", ("b", "estimate", "exact"), (row,), True, "toy", ("seen",)),)


TOY = Theorem(
    id="toy",
    title="Shrink a noisy observation",
    source="Galton (1886)",
    statement="For w ~ N(0, 1) and y = w + noise of variance sigma2, eta y is the best multiple.",
    claims=(
        Claim("loss", "The loss is a quadratic in b", "by hand"),
        Claim("bound", "L - L* is a square", "by hand"),
        Claim("minimum", "L* is the minimum, attained at eta alone", "by hand"),
        Claim("prediction", "The minimiser predicts eta y", "by hand"),
    ),
    derive=derive,
    evidence=evidence,
    claimable=("learning_rate", "minimum_loss"),
)
