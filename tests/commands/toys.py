"""A theorem small enough to check in milliseconds: the best multiple of a noisy observation.

w ~ N(0, 1), y = w + e with e ~ N(0, sigma2). By hand: E(w - b y)^2 = 1 - 2 b + (1 + sigma2) b^2
= sigma2/(1 + sigma2) + (1 + sigma2) (b - eta)^2 with eta = 1/(1 + sigma2).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from verifier.proof import statements
from verifier.proof.context import Atom, Context, Definition, Normal, Scalar, Tensor
from verifier.proof.statements import (
    Attained,
    By,
    Conclude,
    Derive,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
)
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

LOSS = "E((w - b*y)^2)"


def proof(claimed: Mapping[str, str]) -> Proof:
    """From the expectation to the one minimiser."""
    rate = claimed.get("learning_rate", "1/(1 + sigma2)")
    value = claimed.get("minimum_loss", "sigma2/(1 + sigma2)")
    context = Context(
        scalars=(Scalar("sigma2", Fraction(0), meaning="noise variance"),),
        arrays=(
            Normal("w", meaning="signal"),
            Normal("e", (), "sigma2", "noise"),
            Tensor("b", meaning="multiple"),
        ),
        definitions=(
            Definition("y", (), "w + e", "observation"),
            Definition("eta", (), rate, "learning rate"),
        ),
    )
    loss = Atom("loss", LOSS, "1 - 2*b + (1 + sigma2)*b^2")
    square = Square("1 + sigma2", "b - eta", "gap")
    at = Atom("at", LOSS, value)
    best = (Atom("best", "b", "eta"),)
    prediction = Atom("prediction", "b*y", "eta*y")
    steps = (
        Step("loss", statements.Claim((), ((loss,),)), Conclude(), claim="loss"),
        Step(
            "bound",
            statements.Claim((), ((Atom("bound", LOSS, value, ">="),),)),
            Conclude(0, {"bound": By(squares=(square,))}),
            claim="bound",
        ),
        Step(
            "equality",
            statements.Claim((at,), (best,)),
            Null((square,), By("at"), Conclude(0, {"best": By("gap")})),
        ),
        Step(
            "converse",
            statements.Claim(best, ((at,),)),
            Derive(
                Atom("gap", "b - eta"),
                By("best"),
                Conclude(0, {"at": By("(1 + sigma2)*(b - eta)*gap")}),
            ),
        ),
        Step(
            "minimum",
            Minimum(LOSS, value, ("b",), (best,)),
            Attained(0, (Definition("b", (), "eta"),)),
            ("bound", "equality", "converse"),
            "minimum",
        ),
        Step(
            "prediction",
            statements.Claim((at,), ((prediction,),)),
            Null((square,), By("at"), Conclude(0, {"prediction": By("gap*y")})),
            claim="prediction",
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
    numbers=("learning_rate", "minimum_loss"),
)
