"""Settings in which only the readout B matters: L = E(y - x'Bs)^2 + E(even part)^2.

Where parity removes the cross terms and E(y - x'Bs)^2 = constant - 2 lead eta tr B + lead ||B||^2,
the minimum is at B = eta I whatever the even part is, and a minimiser's even part vanishes almost
surely. Theorem 3 and its relatives, and the variants of Theorem 1, share this argument.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from proofs import _layer as layer
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Tensor
from verifier.proof.meaning import Meaning
from verifier.proof.statement import Bound, Implication, Square

EVEN = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + b*q*sum[j](c[j]*xq[j])"
PAIRINGS = "delta[s1,s2]*delta[s3,s4] + delta[s1,s3]*delta[s2,s4] + delta[s1,s4]*delta[s2,s3]"
ANY_FOURTH = "1/24*({})".format(
    " + ".join(
        f"M4[{','.join(order)}]" for order in itertools.permutations(("s1", "s2", "s3", "s4"))
    )
)


@dataclass(frozen=True, slots=True)
class Readout:
    """E(y - x'Bs)^2 = constant - 2 eta lead tr B + lead ||B||^2 and its minimum, as index text."""

    learning_rate: str
    minimum_loss: str
    lead: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The coordinates in which the readout is isotropic: B itself, or F' B F for x = F z.

    ``probe`` is the prediction of a free readout M in these coordinates, ``gap`` what is squared,
    ``target`` the right side of B = ...; the rest are certificates: how B - target follows from the
    gap and the gap from it, and how the prediction follows.
    """

    probe: str
    gap: str
    target: str
    from_gap: str
    to_gap: str
    prediction: str
    predicted: str
    weights: str
    definitions: tuple[Definition, ...] = ()


PLAIN = Frame(
    probe="sum[i,j](xq[i]*M[i,j]*s[j])",
    gap="B[i,j] - eta*delta[i,j]",
    target="eta*delta[i,j]",
    from_gap="sq1[i,j]",
    to_gap="readout[i,j]",
    prediction="sum[i,j](xq[i]*readout[i,j]*s[j]) + even",
    predicted="eta*sum[i](xq[i]*s[i])",
    weights="eta*delta[i,j]",
)
WHITENED = Frame(
    probe="sum[i,j,k](zq[i]*M[i,j]*Z[k,j]*y[k])",
    gap="Dt[i,j]",
    target="P[i,j]",
    from_gap="sum[k,l](Fi[k,i]*sq1[k,l]*Fi[l,j])",
    to_gap="sum[k,l](F[k,i]*readout[k,l]*F[l,j])",
    prediction="sum[i,j](xq[i]*readout[i,j]*s[j]) + even",
    predicted="sum[i,j](xq[i]*P[i,j]*s[j])",
    weights="P[j,i]",
    definitions=(
        Definition("P", ("i", "j"), "eta*sum[k](Fi[k,i]*Fi[k,j])", "eta Sigma^-1"),
        Definition("Dt", ("i", "j"), "sum[k,l](F[k,i]*(B[k,l] - P[k,l])*F[l,j])", "F'(B - P)F"),
    ),
)


@lru_cache(maxsize=16)
def best_readout(setting: Context, frame: Frame = PLAIN) -> Readout:
    """Derive the best B: expand E(y - x'Bs)^2 over a free matrix and minimise the quadratic."""
    import sympy

    free = replace(
        setting,
        tensors=(
            *setting.tensors,
            Tensor("M", (layer.FEATURE, layer.FEATURE), meaning="a free readout"),
        ),
    )
    loss = Meaning(free).value(f"E((yq - {frame.probe})^2)").numerator
    parts: dict[tuple[str, ...], sympy.Expr] = {}
    for (powers, components), value in loss.items():
        shape = tuple(str(labels) for component in components for _, labels in component)
        term = sympy.Rational(value.numerator, value.denominator)
        for name, exponent in powers:
            term *= sympy.Symbol(name) ** exponent
        parts[shape] = parts.get(shape, sympy.Integer(0)) + term
    if set(parts) - {(), ("(0, 0)",), ("(0, 1)", "(0, 1)")}:
        raise ValueError("the loss of a linear readout is not isotropic in this setting")
    lead, linear = parts[("(0, 1)", "(0, 1)")], parts.get(("(0, 0)",), sympy.Integer(0))
    rate = sympy.cancel(-linear / (2 * lead))
    minimum = sympy.factor(parts[()]) - sympy.factor(lead * rate**2) * sympy.Symbol("d")
    return Readout(*(layer.text_of(x) for x in (rate, minimum, sympy.factor(lead))))


def proof(
    name: str,
    setting: Context,
    claimed: Mapping[str, str],
    prefix: str,
    extra: tuple[Step, ...] = (),
    frame: Frame = PLAIN,
) -> Proof:
    """The completed square, the minimum and the prediction in one setting.

    The setting leaves eta open: it is derived here, and what uses it is defined by the frame.
    """
    best = best_readout(setting, frame)
    rate = claimed.get("learning_rate", best.learning_rate)
    value = claimed.get("minimum_loss", best.minimum_loss)
    predicted = claimed.get("prediction", frame.predicted)
    eta = Definition("eta", (), rate, "learning rate")
    full = replace(setting, definitions=(eta, *setting.definitions, *frame.definitions))
    system = (Equation("readout", "B[i,j]", frame.target), Equation("even", EVEN, "0"))
    squares = (Square(best.lead, frame.gap, True), Square("1", EVEN, True))
    given = (Equation("sq1", squares[0].term, "0"), Equation("sq2", EVEN, "0"))
    equality = {
        "node": "conclude",
        "system": 0,
        "by": {"readout": {"combination": frame.from_gap}, "even": {"combination": "sq2"}},
    }
    converse = [[{"combination": frame.to_gap}, {"combination": "even"}]]
    minimum = layer.minimum_steps(
        value,
        (system,),
        converse,
        layer.weights("0", "1", frame.weights, "0"),
        predicted,
        [frame.prediction],
        (f"{prefix}minimum", f"{prefix}prediction"),
    )
    decomposition = "" if prefix else "decomposition"
    steps = (
        Step("squares", "squares", Bound(layer.LOSS, value, squares), {}, (), decomposition),
        Step("equality", "cases", Implication(given, (system,)), equality),
        *minimum,
        *extra,
    )
    return Proof(name, full, steps)
