"""Theorem 3's setting for the prover: responses of a random function, read by H heads."""

from __future__ import annotations

from fractions import Fraction

from proofs import theorem3
from verifier.proof.context import (
    Atom,
    Definition,
    Draws,
    Field,
    Hidden,
    Law,
    Point,
    Scalar,
    Slot,
    Value,
)
from verifier.prover.data_model import EXAMPLE, FEATURE, DataModel, Sizes
from verifier.prover.layer import LayerOptions, layer
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.standard import PAIRINGS

ZERO = Fraction(0)


def functions(odd: bool) -> SymbolicSetting:
    """f of a law that rotations leave as it is, and f -> -f if ``odd``; else d >= 2."""
    sizes = Sizes(least_dimension=1 if odd else 2)
    model = DataModel(
        scalars=(
            *sizes.scalars(),
            Scalar("mubar", ZERO, meaning="mu / d with mu = E ||E[y x | f]||^2"),
            Scalar("taubar", ZERO, strict=True, meaning="tau / d with tau = E[y^2 ||x||^2]"),
            Scalar("nu2", ZERO, meaning="E y^2"),
        ),
        sorts=sizes.sorts(),
        hidden=(
            Hidden("f", (FEATURE,), ("y",) if odd else (), "the function, drawn once for a prompt"),
        ),
        laws=(Law("D", (Field("x", (FEATURE,)), Field("y", hidden=True)), "f", "one example"),),
        arrays=(
            Draws("X", "D", "x", EXAMPLE, "covariates of the examples"),
            Draws("y", "D", "y", EXAMPLE, "responses y_k = f(x_k) + noise"),
            Slot("xq", "D", "x", "query", "query"),
            Slot("yq", "D", "y", "query", "response of the query, the target"),
        ),
        definitions=(Definition("signal", ("i",), "E[D](yq*xq[i])", "E[y x | f]"),),
        moments=(
            Atom("covariance", "E(xq[i]*xq[j])", "delta[i,j]"),
            Atom("fourth", "E(xq[i]*xq[j]*xq[l]*xq[i1])", PAIRINGS),
            Atom("signal_energy", "E(sum[i](signal[i]^2))", "d*mubar"),
            Atom("energy", "E(yq^2*sum[i](xq[i]^2))", "d*taubar"),
            Atom("variance", "E(yq^2)", "nu2"),
        ),
    )
    return SymbolicSetting("random functions", model, LayerOptions("H"))


def points(odd: bool) -> tuple[Point, ...]:
    """Linear functions along the axes, with a constant where f and -f need not be alike."""
    constant, sizes = (ZERO, ((1, 1), (2, 3))) if odd else (Fraction(1), ((1, 2), (2, 3)))
    heads = layer(LayerOptions("H"), "", frozenset())
    found = []
    for n, d in sizes:
        point = theorem3.linear(n, d, constant)
        known = {"n", "d", "mubar", "taubar", "nu2"}
        numbers = tuple(v for v in point.values if v.name in known)
        zero = []
        for weight in heads.weights:
            own = ("m", *"ij"[: len(weight.sorts) - 1])
            zero.append(Definition(weight.name, own, "0"))
        head = Value("H", Fraction(min(n, 2)))
        found.append(Point((*numbers, head, *zero), point.models))
    return tuple(found)
