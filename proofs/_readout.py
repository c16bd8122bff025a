"""Settings in which only the readout B matters: the best prediction is a multiple eta x's.

With eta = E(y x's) / E(x's)^2 the error of eta x's is orthogonal to every prediction of the layer
(parity or isotropy removes the cross terms), so that with L* = E y^2 - eta E(y x's)

    L = L* + E (yhat - eta x's)^2,      yhat - eta x's = x'(B - eta I) s + even.

Where L = L* this gap vanishes almost surely. Its mean against x s' gives B = eta I, because E xx'
and E ss' are multiples of I, and the even part is what is left. Theorem 3 and its relatives, and
the variants of Theorems 1 and 2, share this argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from proofs import _layer as layer
from verifier.proof.context import Atom, Context, Definition
from verifier.proof.statements import By, Conclude, Derive, Proof, Square, Step
from verifier.prover.reading import as_number

EVEN = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + b*q*sum[j](c[j]*xq[j])"


@dataclass(frozen=True, slots=True)
class Readout:
    """The best multiple of the step, and its loss, as index text in the scalars."""

    learning_rate: str
    minimum_loss: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The step of which the best multiple is taken: x's, or x' Sigma^-1 s in whitened coordinates.

    ``predicted`` is eta times the ``step``, which the readout B = ``target`` makes. ``test`` is d
    times the mean of the gap against x s' in these coordinates, E(step^2) (B - target), and
    ``weights`` are A[i,j] where b = 1.
    """

    step: str
    predicted: str
    target: str
    test: str
    weights: str
    definitions: tuple[Definition, ...] = ()


PLAIN = Frame(
    step="sum[i](xq[i]*s[i])",
    predicted="eta*sum[i](xq[i]*s[i])",
    target="eta*delta[i,j]",
    test="d*E(gap*xq[i]*s[j])",
    weights="eta*delta[i,j]",
)
WHITENED = Frame(
    step="sum[i](zq[i]*t[i])",
    predicted="sum[i,j](xq[i]*P[i,j]*s[j])",
    target="P[i,j]",
    test="d*sum[p,l](Fi[p,i]*E(gap*zq[p]*t[l])*Fi[l,j])",
    weights="P[j,i]",
    definitions=(
        Definition("P", ("i", "j"), "eta*sum[l](Fi[l,i]*Fi[l,j])", "eta Sigma^-1"),
        Definition("t", ("i",), "sum[k](Z[k,i]*y[k])", "Z' y"),
    ),
)


@lru_cache(maxsize=16)
def best_readout(setting: Context, frame: Frame = PLAIN) -> Readout:
    """eta and L*: the least E(y - eta step)^2, a quadratic in eta."""
    import sympy

    eta = Definition("eta", (), "0", "not known yet")
    full = replace(setting, definitions=(eta, *setting.definitions, *frame.definitions))
    variance, signal, energy = (
        as_number(full, text) for text in ("E(yq^2)", f"E(yq*{frame.step})", f"E(({frame.step})^2)")
    )
    rate = sympy.cancel(signal / energy)
    loss = sympy.factor(variance) - sympy.factor(signal * rate)
    return Readout(layer.text_of(rate), layer.text_of(loss))


def proof(
    name: str,
    setting: Context,
    claimed: Mapping[str, str],
    prefix: str,
    extra: tuple[Step, ...] = (),
    frame: Frame = PLAIN,
) -> Proof:
    """The lifted bound, the minimum and the prediction in one setting.

    The setting leaves eta open: it is derived here, and what uses it is defined by the frame.
    """
    best = best_readout(setting, frame)
    rate = claimed.get("learning_rate", best.learning_rate)
    value = claimed.get("minimum_loss", best.minimum_loss)
    eta = Definition("eta", (), rate, "learning rate")
    full = replace(setting, definitions=(eta, *setting.definitions, *frame.definitions))
    gap = f"yhat - {frame.predicted}"
    readout, even = Atom("readout", "B[i,j]", frame.target), Atom("even", EVEN)
    # B s and the even part are all that the layer predicts, so the gap is x'(B - target) s + even.
    rest = "sum[i,j](xq[i]*readout[i,j]*s[j])"
    tree = Derive(
        readout,
        By(frame.test, f"E(({frame.step})^2)"),
        Conclude(0, {"readout": By("readout[i,j]"), "even": By(f"gap - {rest}")}),
    )
    steps = (
        decomposition(value, gap, "" if prefix else "decomposition"),
        *layer.minimum_steps(
            value,
            (Square("1", gap, "gap"),),
            "0",
            tree,
            ((readout, even),),
            ((f"{rest} + even",),),
            layer.weights("0", "1", frame.weights, "0"),
            claims={"minimum": f"{prefix}minimum"},
        ),
        layer.prediction_from_gap(
            value, gap, claimed.get("prediction", frame.predicted), f"{prefix}prediction"
        ),
        *extra,
    )
    return Proof(name, full, steps)


def decomposition(value: str, gap: str, claim: str) -> Step:
    """loss = value + E(gap^2)."""
    right = f"{value} + E(({gap})^2)"
    return layer.identity_step("decomposition", layer.LOSS, right, claim=claim)
