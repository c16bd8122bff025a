"""Settings in which only the readout B matters: the best prediction is a multiple eta x's.

With eta = E(y x's) / E(x's)^2 the error of eta x's is orthogonal to every prediction of the layer
(parity or isotropy removes the cross terms), so that with L* = E y^2 - eta E(y x's)

    L = L* + E (yhat - eta x's)^2,      yhat - eta x's = x'(B - eta I) s + even.

Where L = L* this gap vanishes almost surely. Its mean against x s' gives B = eta I, because E xx'
and E ss' are multiples of I, and the even part is what is left. Theorem 3 and its relatives share
this argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from proofs.shared import layer
from verifier.proof.context import Atom, Context, Definition
from verifier.proof.statements import By, Conclude, Derive, Proof, Square, Step
from verifier.prover.reading import as_number

EVEN = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + b*q*sum[j](c[j]*xq[j])"


@dataclass(frozen=True, slots=True)
class Readout:
    """The best multiple of the step, and its loss, as index text in the scalars."""

    learning_rate: str
    minimum_loss: str


STEP = "sum[i](xq[i]*s[i])"


@lru_cache(maxsize=16)
def best_readout(setting: Context) -> Readout:
    """eta and L*: the least E(y - eta x's)^2, a quadratic in eta."""
    import sympy

    variance, signal, energy = (
        as_number(setting, text) for text in ("E(yq^2)", f"E(yq*{STEP})", f"E(({STEP})^2)")
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
) -> Proof:
    """The lifted bound, the minimum and the prediction in one setting.

    The setting leaves eta open: it is derived here.
    """
    best = best_readout(setting)
    rate = claimed.get("learning_rate", best.learning_rate)
    value = claimed.get("minimum_loss", best.minimum_loss)
    eta = Definition("eta", (), rate, "learning rate")
    full = replace(setting, definitions=(eta, *setting.definitions))
    predicted = f"eta*{STEP}"
    gap = f"yhat - {predicted}"
    readout, even = Atom("readout", "B[i,j]", "eta*delta[i,j]"), Atom("even", EVEN)
    # B s and the even part are all that the layer predicts, so the gap is x'(B - eta I) s + even.
    rest = "sum[i,j](xq[i]*readout[i,j]*s[j])"
    tree = Derive(
        readout,
        By("d*E(gap*xq[i]*s[j])", f"E(({STEP})^2)"),
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
            layer.weights("0", "1", "eta*delta[i,j]", "0"),
            claims={"minimum": f"{prefix}minimum"},
        ),
        layer.prediction_from_gap(
            value, gap, claimed.get("prediction", predicted), f"{prefix}prediction"
        ),
        *extra,
    )
    return Proof(name, full, steps)


def decomposition(value: str, gap: str, claim: str) -> Step:
    """loss = value + E(gap^2)."""
    right = f"{value} + E(({gap})^2)"
    return layer.identity_step("decomposition", layer.LOSS, right, claim=claim)
