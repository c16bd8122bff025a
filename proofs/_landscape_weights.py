"""The landscape in the weights, over rho = oo: the way down, the certificate, which holds where.

Everything is deterministic: the loss is the isotropic form f(omega, N), claim ``loss``, with its
coefficients as free numbers. At b = 0, a = v a unit vector, N* has one row, eta v', eta = lin/Q.

- ``blocked-weights``: the curve of weights K(t), Q(t) has K'Q = N* + t^2 (M; 0) exactly;
- ``blocked-descent``: f along it for M = (lin/g2) X - (g3 eta/G) v v', X a projection of rank T;
- ``blocked-certificate``: f near the point, for every matrix Pi with Pi v = 0, as squares, terms of
  degree 3, and the pairing with C, which vanishes where kernels of W_K and W_Q block it;
- ``weights-*``: tau* = g2 P/(Q^2 G) = p/((n + 2) m^2), and on which side of T = 1, 2, 3, 4 it lies.

What they mean for local minima in the weights: docs/landscape-mathematics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from proofs import _landscape as landscape
from proofs import _landscape_phases as phases
from proofs import _layer as layer
from proofs._landscape_certificates import combination
from proofs._landscape_slope import FORM_AT
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import By, Proof

ZERO = Fraction(0)
TAU = "p/((n + 2)*m^2)"
FEATURES = landscape.SORTS[1]
V = Tensor("v", landscape.VECTOR, meaning="a, a unit vector")
NORM = Atom("norm", "sum[i](v[i]^2)", "1")
COEFFICIENTS = tuple(scalar for scalar in landscape.FORM_SCALARS if scalar.name != "P")
B = Scalar("b", meaning="last entry of W_V' h")
OVER_INFINITY = (
    Definition("P", (), landscape.GRAM.right, "Gram determinant"),
    Definition("eta", (), "lin/Q", "learning rate of the global minimum"),
    Definition("a", ("i",), "v[i]", "first entries of W_V' h"),
)
FORM = Definition("f", (), landscape.FORM, "the loss at a, b, A, c: claim loss")


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
    ("blocked-weights", "Weights over rho = oo: K(t)'Q(t) = N* + t^2 (M; 0) exactly"),
    ("blocked-descent", "With b = t^2 the loss moves by -(T - tau*) lin^2/g2 b^2 + Q |M|^2 b^4"),
    ("blocked-certificate", "Near rho = oo, every Pi: squares, degree 3, and the pairing with C"),
    ("weights-tau", "tau* = g2 P/(Q^2 G) = p/((n + 2) m^2)"),
    *((part.name, part.words) for part in THRESHOLDS),
)


def _matrix(name: str, meaning: str) -> Tensor:
    return Tensor(name, landscape.MATRIX, meaning=meaning)


def instances(numbers: Mapping[str, str], more: tuple[Definition, ...] = ()) -> tuple[Point, ...]:
    """d = 1 and d = 2, small coefficients of the form, v the first unit vector."""
    points = landscape.instances({**FORM_AT, **numbers}, {})
    found = []
    for point, first in zip(points, ((1,), (1, 0)), strict=True):
        direction = Value("v", tuple(Fraction(x) for x in first))
        values = tuple(v for v in point.values if v.name != "n")
        found.append(replace(point, values=(*values, direction, *more)))
    return tuple(found)


def weights_proof() -> Proof:
    """K(t), Q(t) in the normal form of section 8, rows in four groups of hidden directions."""
    context = Context(
        scalars=(
            Scalar("d", Fraction(1), integer=True),
            *(Scalar(name, ZERO, integer=True) for name in ("kappa", "q", "s")),
            Scalar("root", ZERO, strict=True, meaning="square root of eta"),
            Scalar("t", meaning="distance along the curve"),
        ),
        sorts=(
            FEATURES,
            Sort("keys", "kappa", ("h",)),
            Sort("queries", "q", ("g",)),
            Sort("free", "s", ("e",)),
        ),
        arrays=(
            V,
            _matrix("M", "where A goes"),
            _matrix("U", "projection on the kernel of W_K"),
            _matrix("R", "projection on that of W_Q, first d columns"),
            Tensor("Kt", ("keys", layer.FEATURE), meaning="rows of W_K that meet none of W_Q"),
            Tensor("Qt", ("queries", layer.FEATURE), meaning="rows of W_Q that meet none of W_K"),
            Tensor("Phi", ("free", layer.FEATURE)),
            Tensor("Psi", ("free", layer.FEATURE)),
        ),
        definitions=(
            Definition(
                "first", ("i",), "t^2/root*sum[o,l](U[i,o]*M[o,l]*v[l])", "first row of K(t)"
            ),
            Definition(
                "left", ("g", "i"), "t^2*sum[o,l](Qt[g,l]*M[o,l]*U[i,o])", "rows of K(t) at Qt"
            ),
            Definition("right", ("h", "j"), "t^2*sum[o](Kt[h,o]*M[o,j])", "rows of Q(t) at Kt"),
        ),
        given=(
            Atom("blind_keys", "sum[h](Kt[h,i]*Kt[h,j])", "delta[i,j] - U[i,j]"),
            Atom("blind_queries", "sum[g](Qt[g,i]*Qt[g,j])", "delta[i,j] - R[i,j] - v[i]*v[j]"),
            Atom("rank", "sum[e](Phi[e,i]*Psi[e,j])", "sum[o,l](U[i,o]*M[o,l]*R[l,j])"),
        ),
        instances=(_blocked(1, 0, "1"), _blocked(2, 2, "0")),
    )
    product = (
        "first[i]*root*v[j] + sum[h](Kt[h,i]*right[h,j]) + sum[g](left[g,i]*Qt[g,j])"
        " + sum[e](t*Phi[e,i]*t*Psi[e,j])"
    )
    by = By(
        "t^2*sum[o](blind_keys[i,o]*M[o,j])"
        " + t^2*sum[o,l](U[i,o]*M[o,l]*blind_queries[l,j]) + t^2*rank[i,j]"
    )
    step = layer.identity_step(
        "blocked-weights", product, "t^2*M[i,j]", by, claim="blocked-weights"
    )
    return Proof("a curve in the weights", context, (step,))


def _blocked(d: int, hidden: int, kernel: str) -> Point:
    """v the first unit vector, R = 0; rows of Kt and Qt fill what U and v leave."""
    numbers = {"d": d, "kappa": hidden, "q": hidden, "s": hidden, "root": 1, "t": 1}
    unit = tuple(tuple(Fraction(i == j) for j in range(d)) for i in range(hidden))
    last = tuple(tuple(Fraction(0 < i == j) for j in range(d)) for i in range(hidden))
    return Point(
        (
            *(Value(name, Fraction(number)) for name, number in numbers.items()),
            Value("v", tuple(Fraction(i == 0) for i in range(d))),
            Definition("M", ("i", "j"), "1"),
            Definition("U", ("i", "j"), f"{kernel}*delta[i,j]"),
            Definition("R", ("i", "j"), "0"),
            Value("Kt", unit),
            Value("Qt", last),
            Definition("Phi", ("e", "i"), "0"),
            Definition("Psi", ("e", "i"), "0"),
        )
    )


def descent_proof() -> Proof:
    """f at a = v, A = b M, c = eta v, for a projection X of rank T with X v = 0 (b = t^2)."""
    context = Context(
        scalars=(
            Scalar("d", Fraction(1), integer=True),
            *COEFFICIENTS,
            B,
            Scalar("T", ZERO, integer=True, meaning="rank of the projection X"),
        ),
        sorts=(FEATURES,),
        arrays=(V, _matrix("X", "projection of rank T with X v = 0")),
        definitions=(
            *OVER_INFINITY,
            Definition("M", ("i", "j"), "lin/g2*X[i,j] - g3*eta/G*v[i]*v[j]"),
            Definition("A", ("i", "j"), "b*M[i,j]", "A along the curve"),
            Definition("c", ("j",), "eta*v[j]"),
            FORM,
        ),
        given=(
            NORM,
            Atom("trace", "sum[i](X[i,i])", "T"),
            Atom("square", "sum[i,j](X[i,j]^2)", "T"),
            Atom("row", "sum[j](sum[i](X[i,j]*v[i])^2)"),
            Atom("along", "sum[i,j](v[i]*X[i,j]*v[j])"),
        ),
        instances=instances(
            {"b": "1", "T": "d - 1"}, (Definition("X", ("i", "j"), "delta[i,j] - v[i]*v[j]"),)
        ),
    )
    right = "c0 - lin^2/Q - lin^2/g2*(T - g2*P/(Q^2*G))*b^2 + Q*b^4*(lin^2/g2^2*T + g3^2*eta^2/G^2)"
    by = By(combination(context, "f", right))
    step = layer.identity_step("blocked-descent", "f", right, by, claim="blocked-descent")
    return Proof("the loss along a curve from rho = oo", context, (step,))


def certificate_proof() -> Proof:
    """f at a = v, c = eta v + y and any A, b: squares, terms of degree 3, and -2 lin b <Pi, C>."""
    context = Context(
        sorts=(FEATURES,),
        scalars=(Scalar("d", Fraction(1), integer=True), *COEFFICIENTS, B),
        arrays=(
            V,
            landscape.FREE[0],
            Tensor("y", landscape.VECTOR, meaning="c - eta v"),
            _matrix("Z", "any matrix; Pi is Z made to vanish at v"),
        ),
        definitions=(
            *OVER_INFINITY,
            Definition("c", ("j",), "eta*v[j] + y[j]"),
            Definition("Pi", ("i", "j"), "Z[i,j] - sum[o](Z[i,o]*v[o])*v[j]", "Pi v = 0"),
            Definition("top", ("j",), "sum[i](A[i,j]*v[i])", "A'v"),
            Definition("side", ("i",), "sum[j](A[i,j]*v[j])", "A v"),
            Definition("corner", (), "sum[i](v[i]*side[i])", "v'A v"),
            Definition("lead", ("j",), "sum[i](Pi[i,j]*v[i])", "Pi'v"),
            Definition(
                "rest",
                ("i", "j"),
                "A[i,j] - v[i]*top[j] - side[i]*v[j] + corner*v[i]*v[j]",
                "A across v on both sides",
            ),
            Definition(
                "gap", ("i", "j"), "delta[i,j] - v[i]*v[j] - Pi[i,j] + v[i]*lead[j]", "D - Pi"
            ),
            Definition("tau", (), "sum[i,j](gap[i,j]^2) + g2/G*sum[j](lead[j]^2)", "tau(Pi)"),
            FORM,
        ),
        given=(NORM,),
        instances=instances(
            {"b": "1"},
            (
                Definition("A", ("i", "j"), "1"),
                Definition("y", ("j",), "1"),
                Definition("Z", ("i", "j"), "delta[i,j]"),
            ),
        ),
    )
    squares = (
        "c0 - lin^2/Q + lin^2/g2*b^2*(g2*P/(Q^2*G) - tau)"
        " + G*(corner + g3*eta*b/G)^2 + Q*sum[j](y[j]^2) + g2*sum[i]((side[i] - corner*v[i])^2)"
        " + G*sum[j]((top[j] - corner*v[j] + lin*b*lead[j]/G)^2)"
        " + g2*sum[i,j]((rest[i,j] - lin*b*gap[i,j]/g2)^2)"
    )
    small = (
        "Q*b^2*sum[i,j](A[i,j]^2) + g4*b^2*sum[j](y[j]^2) + 2*(Q + g3)*b*sum[j](top[j]*y[j])"
        " + 2*g4*b^2*eta*sum[j](v[j]*y[j])"
    )
    # <Pi, C> + (Pi'A v).y/c_1 = <Pi, A> for C = A - A v c'/c_1, c_1 = v.c.
    pairing = "-2*lin*b*sum[i,j](Pi[i,j]*A[i,j])"
    right = f"{squares} + {small} + {pairing}"
    by = By(combination(context, "f", right))
    step = layer.identity_step("blocked-certificate", "f", right, by, claim="blocked-certificate")
    return Proof("the loss near rho = oo", context, (step,))


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
    own = (weights_proof(), descent_proof(), certificate_proof(), tau_proof())
    return (*own, *(threshold_proof(threshold) for threshold in THRESHOLDS))
