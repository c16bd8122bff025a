"""Which side of T = 1, 2, 3, 4 tau* lies on: where weights over rho = oo can be local minima.

tau* = g2 P/(Q^2 G) = p/((n + 2) m^2), claim ``weights-tau``; kernels of W_K and W_Q that leave
T < tau* ways down block, and the least T of head dimension r is ceil(min(r, 2d - 1)/2) - 1. What it
means for local minima in the weights: docs/landscape-mathematics.md, section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs.shared import layer
from proofs.shared.landscape import phases
from verifier.proof.context import Context, Definition, Scalar
from verifier.proof.statements import Proof

TAU = "p/((n + 2)*m^2)"


@dataclass(frozen=True, slots=True)
class Threshold:
    """tau* > T (``blocked``) or tau* < T for d, n and sigma2 as they are declared here.

    scalars: what is free; definitions: the others of n, d, sigma2.
    """

    name: str
    words: str
    trace: int
    blocked: bool
    scalars: tuple[Scalar, ...]
    definitions: tuple[Definition, ...]


def _number(name: str, low: int = 0) -> Scalar:
    integer = name in phases.INTEGERS
    meaning = phases.MEANINGS.get(name, "any number >= 0")
    return Scalar(name, Fraction(low), integer=integer, meaning=meaning)


def _defined(name: str, body: str) -> Definition:
    return Definition(name, (), body, phases.MEANINGS[name])


def _noisy(name: str, d: int, trace: int, first: int, noise: str) -> Threshold:
    where = f"d = {d}, sigma2 >= {noise}{f', n >= {first}' if first > 1 else ''}"
    words = f"tau* > {trace} = T_min({2 * trace + 1}) = T_min({2 * trace + 2}) where {where}"
    return Threshold(
        name,
        words,
        trace,
        True,
        (_number("n", first), _number("s_")),
        (_defined("d", str(d)), _defined("sigma2", f"{noise} + s_")),
    )


def _none(name: str, d: int, trace: int, more: int) -> Threshold:
    beyond = f" + {more}" if more else ""
    words = f"tau* < {trace} where d = {d}, n >= sigma2{beyond}"
    return Threshold(
        name,
        words,
        trace,
        False,
        (_number("sigma2"), _number("n_")),
        (_defined("d", str(d)), _defined("n", f"sigma2{beyond} + n_")),
    )


THRESHOLDS = (
    Threshold(
        "weights-threshold",
        "tau* < 4 for all n, d, sigma2: below T_min(9) and T_min(d + 1) for d >= 8",
        4,
        False,
        layer.SIZES,
        (),
    ),
    Threshold(
        "weights-two",
        "tau* > 0 = T_min(2) for all n, d, sigma2: with two rows W_K, W_Q can always block",
        0,
        True,
        layer.SIZES,
        (),
    ),
    _noisy("weights-three-noisy", 3, 1, 1, "n"),
    _none("weights-three-none", 3, 1, 4),
    _noisy("weights-four-noisy", 4, 2, 1, "5*n/2 + 6"),
    _none("weights-four-none", 4, 2, 0),
    _noisy("weights-five-noisy", 5, 2, 1, "5*n/2 + 4"),
    _none("weights-five-none", 5, 2, 0),
    _noisy("weights-six-noisy", 6, 3, 3, "13*n/2 + 120"),
    _none("weights-six-none", 6, 3, 0),
    _noisy("weights-seven-noisy", 7, 3, 3, "13*n/2 + 120"),
    _none("weights-seven-none", 7, 3, 0),
)
CLAIMS = (
    ("weights-tau", "tau* = g2 P/(Q^2 G) = p/((n + 2) m^2)"),
    *((part.name, part.words) for part in THRESHOLDS),
)


def tau_proof() -> Proof:
    """tau* from the coefficients of Theorem 1's loss."""
    own = tuple(x for x in phases.compact_definitions() if x.name in ("m", "p"))
    context = Context(scalars=layer.SIZES, definitions=(*phases.coefficient_definitions(), *own))
    step = layer.identity_step("weights-tau", "g2*P/(Q^2*G)", TAU, claim="weights-tau")
    return Proof("the threshold over rho = oo", context, (step,))


def threshold_proof(threshold: Threshold) -> Proof:
    """The sign of tau* - T on one region."""
    own = tuple(x for x in phases.compact_definitions() if x.name in ("m", "p"))
    difference = f"{TAU} - {threshold.trace}"
    subject = difference if threshold.blocked else f"-({difference})"
    context = Context(scalars=threshold.scalars, definitions=(*threshold.definitions, *own))
    name = threshold.name
    return Proof(name, context, (phases.sign_step(name, subject, name),))


def proofs() -> tuple[Proof, ...]:
    """All of them."""
    return (tau_proof(), *(threshold_proof(threshold) for threshold in THRESHOLDS))
