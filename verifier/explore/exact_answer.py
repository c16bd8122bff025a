"""The best layer where the moments are rational: computed with a certificate, or bracketed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from verifier.arithmetic.rationals import RationalMatrix
from verifier.explore.answer import Certainties, Matrix, Optimum
from verifier.explore.symmetry import covering_theorems
from verifier.explore.values import Certainty, Value
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.loss.moment_tables import FloatArray
from verifier.optimum.bound import ExactLayer, PairProblem
from verifier.optimum.line import LineOptimum, line_optimum
from verifier.optimum.readout import Kind, Readout, ReadoutProblem, certify
from verifier.setting.data import Setting
from verifier.setting.responses import Linear, Weights

_DENOMINATORS = (1, 4, 16, 64, 256, 10**3, 10**4, 10**5, 10**6, 10**9, 10**12)
_CLOSE, _GAIN = Fraction(1, 10**6), Fraction(1, 10**3)


def certified_optimum(
    setting: Setting, moments: GeneralMoments, problem: ReadoutProblem, readout: Readout
) -> Optimum:
    """Computed: the certificate of ``exact.optimum`` for this very setting."""
    certificate = certify(moments, problem, readout)
    return Optimum(
        loss=Value.rational(certificate.loss),
        certainty=Certainty.COMPUTED,
        certainties=_all_computed(readout.learning_rate),
        reason="exact certificate for this setting",
        facts=(*certificate.facts, *_on_the_tasks(setting)),
        lower_bound=Value.rational(certificate.loss),
        covered_by=covering_theorems(setting),
        **readout_layer(readout),  # type: ignore[arg-type]
    )


def _on_the_tasks(setting: Setting) -> tuple[str, ...]:
    """That the law of w enters by its covariance alone, where it is another than the normal one."""
    response = setting.response
    if not isinstance(response, Linear) or not response.weights.symmetric:
        return ()
    weights = response.weights
    if isinstance(weights, Weights) and weights.gaussian:
        return ()
    return (
        "responses are linear and w ~ -w, so the law of w enters by E ww' alone: normal tasks of "
        "that covariance have the same best layer and loss",
    )


def line_answer(pairs: PairProblem, readout: Readout) -> Optimum | None:
    """d = 1 without parity: computed by exact root isolation; None where that does not apply.

    Where the best readout attains the minimum, it is what is shown.
    """
    try:
        found: LineOptimum = line_optimum(pairs)
    except NoExactMoments:
        return None
    attained = found.loss == readout.loss
    chosen = readout_layer(readout) if attained else _line_layer(found)
    return Optimum(
        loss=Value.algebraic(found.loss),
        certainty=Certainty.COMPUTED,
        certainties=_all_computed(readout.learning_rate if attained else None),
        reason="d = 1: all stationary points of the loss with N eliminated, isolated exactly",
        facts=(
            "for every (a, b), not both 0, the best A, c solve two linear equations whose "
            "determinant is not 0: it has no real zero in a/b, and none at infinity",
            "what is left is a rational function of a/b; the real zeros of its derivative were "
            "isolated (Sturm) and its values there and at infinity compared exactly",
            *(
                ("the layer shown, with a = c = 0, attains the least of them, by exact comparison",)
                if attained
                else ()
            ),
        ),
        lower_bound=Value.algebraic(found.loss),
        **chosen,  # type: ignore[arg-type]
    )


def _line_layer(found: LineOptimum) -> dict[str, object]:
    a, b, A, c = (Value.algebraic(v) for v in (found.a, found.b, found.A, found.c))
    B = Value(b.decimal * A.decimal + c.decimal * a.decimal)
    if None not in (exact := [v.exact for v in (a, b, A, c)]):
        one, two, three, four = exact
        B = Value.rational(two * three + four * one)  # type: ignore[operator]
    return {
        "kind": Kind.QUADRATIC,
        "learning_rate": None,
        "B": ((B,),),
        "a": (a,),
        "b": b,
        "A": ((A,),),
        "c": (c,),
    }


def searched_optimum(pairs: PairProblem, readout: Readout, theta: FloatArray) -> Optimum:
    """Supported: the best layer of a search, made rational, with its exact loss and a bound.

    ``theta`` is the best point found, in the original coordinates. Where the exact loss meets the
    exact lower bound the answer is computed after all.
    """
    layer = _rational_layer(pairs, theta, readout.loss)
    bound = pairs.lower_bound()
    chosen: dict[str, object]
    if readout.loss <= layer.loss:
        loss, chosen = readout.loss, readout_layer(readout)
    else:
        loss, chosen = layer.loss, _quadratic_layer(layer)
    attained = loss == bound
    certainty = Certainty.COMPUTED if attained else Certainty.SUPPORTED
    # A layer whose exact loss is below every readout's shows that the best one is no readout.
    kind = Certainty.COMPUTED if layer.loss < readout.loss else certainty
    rate = chosen["learning_rate"]
    return Optimum(
        loss=Value.rational(loss),
        certainty=certainty,
        certainties=Certainties.of(kind, certainty, rate if isinstance(rate, Value) else None),
        reason=(
            "the exact loss meets the exact lower bound"
            if attained
            else "best of all descents; the loss of the layer shown is exact, and so is the bound"
        ),
        facts=(
            "no x'P g with any matrix P, g the entries of sum vv', v = (x, y), has a loss below "
            "the lower bound (exact least squares); every layer's prediction is one",
        ),
        lower_bound=Value.rational(bound),
        **chosen,  # type: ignore[arg-type]
    )


def _all_computed(rate: Fraction | None) -> Certainties:
    shown = None if rate is None else Value.rational(rate)
    return Certainties.of(Certainty.COMPUTED, Certainty.COMPUTED, shown)


def _rational_layer(pairs: PairProblem, theta: FloatArray, readout: Fraction) -> ExactLayer:
    """The simplest nearby omega whose exact best N loses next to nothing.

    Next to nothing is at most 1e-6 of the loss and 1e-3 of what is gained on the readout.
    """
    d = pairs.moments.dimension
    omega = theta[: d + 1] / np.abs(theta[: d + 1]).max()
    if abs(omega[d]) > 1e-3:
        omega = omega / omega[d]
    best = pairs.best_layer([Fraction(float(v)) for v in omega])
    room = min(_CLOSE * best.loss, _GAIN * max(readout - best.loss, Fraction(0)))
    for limit in _DENOMINATORS:
        rounded = [Fraction(float(v)).limit_denominator(limit) for v in omega]
        if any(rounded):
            layer = pairs.best_layer(rounded)
            if layer.loss <= best.loss + room:
                return layer
    return best


def readout_layer(readout: Readout) -> dict[str, object]:
    """The fields of an `Optimum` that say which layer a readout is."""
    zero = Value.rational(Fraction(0))
    rate = readout.learning_rate
    d = len(readout.B)
    return {
        "kind": readout.kind,
        "learning_rate": None if rate is None else Value.rational(rate),
        "B": rational_matrix(readout.B),
        "a": (zero,) * d,
        "b": Value.rational(Fraction(1)),
        "A": rational_matrix(tuple(zip(*readout.B, strict=True))),
        "c": (zero,) * d,
    }


def _quadratic_layer(layer: ExactLayer) -> dict[str, object]:
    d = len(layer.omega) - 1
    a, b = layer.omega[:d], layer.omega[d]
    A, c = layer.stacked[:d], layer.stacked[d]
    B = tuple(tuple(b * A[j][i] + c[i] * a[j] for j in range(d)) for i in range(d))
    return {
        "kind": Kind.QUADRATIC,
        "learning_rate": None,
        "B": rational_matrix(B),
        "a": tuple(map(Value.rational, a)),
        "b": Value.rational(b),
        "A": rational_matrix(A),
        "c": tuple(map(Value.rational, c)),
    }


def rational_matrix(matrix: RationalMatrix) -> Matrix:
    """Entries as exact values."""
    zero = Value.rational(Fraction(0))
    return tuple(tuple(Value.rational(v) if v else zero for v in row) for row in matrix)
