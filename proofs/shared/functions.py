"""Theorem 3's prompts: responses of a random function f that is drawn once for a prompt.

Given f the examples (x, y), y = f(x) + noise, are independent. What is assumed of the law of f is
its symmetry; mu = E ||E[y x | f]||^2 and tau = E[y^2 ||x||^2] are names of two of its moments.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from verifier.proof.context import (
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
from verifier.prover.data_model import EXAMPLE, FEATURE, DataModel, Sizes
from verifier.prover.layer import LayerOptions, layer
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.steps import equation
from verifier.prover.theorem_file import also

ZERO, ONE = Fraction(0), Fraction(1)
PAIRINGS = "delta[i,j]*delta[l,p] + delta[i,l]*delta[j,p] + delta[i,p]*delta[j,l]"
FAMILY = (
    Scalar("mubar", ZERO, meaning="mu / d with mu = E ||E[y x | f]||^2"),
    Scalar("taubar", ZERO, strict=True, meaning="tau / d with tau = E[y^2 ||x||^2]"),
    Scalar("nu2", ZERO, meaning="E y^2"),
)
FOURTH = also(
    scalars=(
        Scalar("nu22", ZERO, meaning="E (E[y^2 | f])^2"),
        Scalar("nu4", ZERO, meaning="E y^4"),
    ),
    moments=("mean_square: E(E[D](yq^2)^2) = nu22", "kurtosis: E(yq^4) = nu4"),
)
GAUSSIAN = (
    "covariance: E(xq[i]*xq[j]) = delta[i,j]",
    f"fourth: E(xq[i]*xq[j]*xq[l]*xq[p]) = {PAIRINGS}",
    # By isotropy these two say that E m m' = mubar I and E[y^2 xx'] = taubar I: they define both.
    "signal: E(sum[i](m_f[i]^2)) = d*mubar",
    "energy: E(yq^2*sum[i](xq[i]^2)) = d*taubar",
    "variance: E(yq^2) = nu2",
)
ANY_COVARIATES = (
    "covariance: E(xq[i]*xq[j]) = delta[i,j]",
    "signal: E(m_f[i]*m_f[j]) = mubar*delta[i,j]",
    "energy: E(yq^2*xq[i]*xq[j]) = taubar*delta[i,j]",
    "variance: E(yq^2) = nu2",
)


def functions(
    odd: str = "",
    rotations: bool = True,
    heads: str = "1",
    moments: Sequence[str] = GAUSSIAN,
) -> SymbolicSetting:
    """f of a law that rotations leave as it is, and a change of sign of the field ``odd``.

    -f has the law of f where "y" is odd, f(-x) where "x" is. Without either, d >= 2.
    """
    sizes = Sizes(least_dimension=1 if odd else 2)
    symmetries = (FEATURE,) if rotations else (), (odd,) if odd else ()
    examples, features = sizes.sorts()
    model = DataModel(
        scalars=(*sizes.scalars(), *FAMILY),
        sorts=(examples, replace(features, letters=("i", "j", "l", "p", *features.letters[3:]))),
        hidden=(Hidden("f", *symmetries, "the function, drawn once for a prompt"),),
        laws=(Law("D", (Field("x", (FEATURE,)), Field("y", hidden=True)), "f", "one example"),),
        arrays=(
            Draws("X", "D", "x", EXAMPLE, "covariates of the examples"),
            Draws("y", "D", "y", EXAMPLE, "responses y_k = f(x_k) + noise"),
            Slot("xq", "D", "x", "query", "query"),
            Slot("yq", "D", "y", "query", "response of the query, the target"),
        ),
        definitions=(Definition("m_f", ("i",), "E[D](yq*xq[i])", "E[y x | f]"),),
        moments=tuple(map(equation, moments)),
    )
    return SymbolicSetting("random functions", model, LayerOptions(heads))


def points(
    constant: Fraction = ZERO,
    heads: str = "1",
    fourth: bool = False,
    more: Sequence[Definition] = (),
) -> tuple[Point, ...]:
    """Linear functions along the axes: weights 0, at the smallest sizes and at n = 2, d = 3.

    With a ``constant`` f and -f are not alike, and d >= 2.
    """
    sizes = ((1, 2), (2, 3)) if constant else ((1, 1), (2, 3))
    found = (linear(n, d, constant, fourth) for n, d in sizes)
    return tuple(_with_layer(point, heads, more) for point in found)


def coins(heads: str = "1") -> tuple[Point, ...]:
    """The same with fair signs as covariates."""
    return tuple(_with_layer(coin(size), heads, ()) for size in (1, 2))


def _with_layer(point: Point, heads: str, more: Sequence[Definition]) -> Point:
    """The point with a layer whose weights are 0."""
    weights = layer(LayerOptions(heads), "", frozenset()).weights
    several = heads != "1"
    zero = [Definition(x.name, (*(("m",) if several else ()), *"ij"[: len(x.sorts) - several]), "0")
            for x in weights]  # fmt: skip
    n = next(value for value in point.values if value.name == "n")
    assert isinstance(n, Value)
    assert isinstance(n.entries, Fraction)
    head = (Value(heads, min(n.entries, Fraction(2))),) if several else ()
    return Point((*point.values, *head, *more, *zero), point.models)


def linear(n: int, d: int, constant: Fraction, fourth: bool = True) -> Point:
    """y = constant + w'x + noise with x, noise normal, w uniform on plus and minus e_i.

    With p the constant, E y^2 = p^2 + 2, E y^2 xx' = (p^2 + 1 + |w|^2) I + 2 ww', E ww' = I/d, and
    given w the response is N(p, 2).
    """
    square = constant**2
    moments = {
        "mubar": Fraction(1, d),
        "taubar": square + 2 + Fraction(2, d),
        "nu2": square + 2,
    }
    if fourth:
        moments |= {"nu22": (square + 2) ** 2, "nu4": square**2 + 12 * square + 12}
    fields = (
        Definition("x", ("i",), "z[i]"),
        Definition("y", (), f"{constant} + sum[i](w[i]*z[i]) + noise"),
    )
    example = Model("D", (Tensor("z", (FEATURE,)), Tensor("noise")), (), fields)
    return _point({"n": n, "d": d, **moments}, (unit_vectors(d), example))


def coin(size: int) -> Point:
    """y = w'x + noise with fair signs as covariates: (w'x)^2 = 1, so E y^2 xx' = 2 I."""
    moments = {"mubar": Fraction(1, size), "taubar": Fraction(2), "nu2": Fraction(2)}
    fields = (
        Definition("x", ("i",), "z[i]"),
        Definition("y", (), "sum[i](w[i]*z[i]) + noise"),
    )
    example = Model("D", (Tensor("noise"),), signs(size), fields)
    return _point({"n": size, "d": size, **moments}, (unit_vectors(size), example))


def unit_vectors(d: int) -> Model:
    """w uniform on plus and minus the unit vectors, a law that rotations of the axes preserve."""
    vectors = [
        tuple(Fraction(sign * (i == j)) for j in range(d)) for i in range(d) for sign in (1, -1)
    ]
    return Model("f", (), uniform("w", vectors))


def signs(d: int) -> tuple[Outcome, ...]:
    """z uniform on {-1, 1}^d."""
    return uniform("z", list(itertools.product((-ONE, ONE), repeat=d)))


def uniform(name: str, values: Collection[Entries]) -> tuple[Outcome, ...]:
    """An array with finitely many equally likely values."""
    return tuple(Outcome(Fraction(1, len(values)), (Value(name, one),)) for one in values)


def _point(scalars: Mapping[str, int | Fraction], models: tuple[Model, ...]) -> Point:
    return Point(tuple(Value(name, Fraction(x)) for name, x in scalars.items()), models)
