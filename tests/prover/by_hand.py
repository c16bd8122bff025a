"""Settings written out by hand, on which the search is tested; the prover's own are not used."""

from __future__ import annotations

from fractions import Fraction

from proofs.shared import layer
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Law,
    Model,
    Outcome,
    Point,
    Slot,
    Tensor,
    Value,
)


def theorem1(learning_rate: str) -> Context:
    """Theorem 1's setting: x_i, x_{n+1}, w ~ N(0, I), noise N(0, sigma2), all independent."""
    return Context(
        layer.SORTS,
        layer.SIZES,
        arrays=(*layer.STANDARD, *layer.WEIGHTS),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
            Definition("T", (), "sum[i](S[i,i])", "trace of X' X"),
            Definition("eta", (), learning_rate, "learning rate"),
        ),
    )


def any_laws_context() -> Context:
    """x ~ N(0, I); w of any law with E ww' = I, E w = 0 and E www = 0; noise of any centred law."""
    feature = (layer.FEATURE,)
    return Context(
        layer.SORTS,
        layer.SIZES,
        laws=(
            Law("W", (Field("w", feature),), meaning="law of the task"),
            Law("N", (Field("e"),), meaning="law of the noise"),
        ),
        arrays=(
            layer.QUERY,
            layer.EXAMPLES,
            Slot("w", "W", "w", "task", "task vector"),
            Draws("e", "N", "e", layer.EXAMPLE, "noise of the examples"),
            Slot("eq", "N", "e", "query", "noise of the query's response"),
            *layer.WEIGHTS,
        ),
        definitions=(
            *layer.LINEAR_RESPONSES,
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            *layer.STATISTICS,
        ),
        moments=(
            Atom("task_mean", "E(w[i])"),
            Atom("task_covariance", "E(w[i]*w[j])", "delta[i,j]"),
            Atom("task_third", "E(w[i]*w[j]*w[l])"),
            Atom("noise_mean", "E(eq)"),
            Atom("noise_variance", "E(eq^2)", "sigma2"),
        ),
        instances=tuple(skewed_noise(size) for size in (1, 2)),
    )


def skewed_noise(size: int) -> Point:
    """n = d = size, w standard normal, and noise 1 with chance 1/3, else -1/2."""
    sizes = {"n": Fraction(size), "d": Fraction(size), "sigma2": Fraction(1, 2)}
    noise = (
        Outcome(Fraction(1, 3), (Value("noise", Fraction(1)),)),
        Outcome(Fraction(2, 3), (Value("noise", Fraction(-1, 2)),)),
    )
    return Point(
        (*(Value(*one) for one in sizes.items()), *layer.weights("0", "0", "0", "0")),
        (
            Model("W", (Tensor("z", (layer.FEATURE,)),), (), (Definition("w", ("i",), "z[i]"),)),
            Model("N", (), noise, (Definition("e", (), "noise"),)),
        ),
    )
