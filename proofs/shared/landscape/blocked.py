"""Weights over rho = oo that are local minima: an explicit neighbourhood and its certificate.

With a = v a unit vector, c = eta v + y and any b, A, Z, put Pi = Z (I - v v'). The loss is

    f = l(oo) + lin^2/g2 b^2 (tau* - tau(Pi)) + squares + terms of degree 3 - 2 lin b <Pi, A>.

Let the rows of W_K, W_Q be one for N* = eta e_{d+1} v', some in which W_K has the rows Ka, and some
in which W_Q has the rows Qb (no hidden direction is left). If Z vanishes on the rows of Ka on one
side and of Qb on the other, both made blind to the first row, <Pi, A> has degree 3 as well
(``blocked-pairing``), and completing squares leaves one condition, room >= 0, under which the loss
is at least l(oo) (``blocked-minimum``). At the point itself A = 0, y = 0, and room is
lin^2/g2 (tau* - tau(Z)) > 0 (``blocked-room``). Near it such Z are near those that it blocks itself
(``blocked-tilt``).

Source: docs/landscape-mathematics.md, section 8, Theorem B (a).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import combination
from proofs.shared.landscape.slope import FORM_AT
from proofs.shared.landscape.weights import (
    COEFFICIENTS,
    FEATURES,
    FORM,
    NORM,
    OVER_INFINITY,
    B,
    V,
    instances,
    matrix,
)
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import By, Cite, Claim, Conclude, Proof, Square, Step

ZERO = Fraction(0)
KEYS, QUERIES = Sort("keys", "kappa", ("h", "r", "w")), Sort("queries", "q", ("g", "m", "s"))
HIDDEN = tuple(Scalar(name, ZERO, integer=True) for name in ("kappa", "q"))
CLAIMS = (
    ("blocked-certificate", "Near rho = oo, every Pi: squares, degree 3, and the pairing with A"),
    (
        "blocked-pairing",
        "Weights that block Z: <Pi, A> = <Pi, A v c'>/c.v, of degree 2",
    ),
    ("blocked-minimum", "Local minimum in the weights: f >= l(oo) wherever room >= 0"),
    ("blocked-tilt", "Near the point there are blocked Z near any that it blocks itself"),
    ("blocked-room", "At the point room = lin^2/g2 (tau* - T), T = d - 1 - rank Z, Z a projection"),
)
ONE_BY_ONE = (Scalar("c1", ZERO, strict=True, meaning="c.v, close to eta"),)
PAIRING = "sum[i,j](Pi[i,j]*A[i,j])"
NEAR = (
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
    Definition("gap", ("i", "j"), "delta[i,j] - v[i]*v[j] - Pi[i,j] + v[i]*lead[j]", "D - Pi"),
    Definition("tau", (), "sum[i,j](gap[i,j]^2) + g2/G*sum[j](lead[j]^2)", "tau(Pi)"),
    FORM,
)
SQUARES = (
    Square("G", "corner + g3*eta*b/G"),
    Square("g2", "side[i] - corner*v[i]"),
    Square("G", "top[j] - corner*v[j] + lin*b*lead[j]/G"),
    Square("g2", "rest[i,j] - lin*b*gap[i,j]/g2"),
    Square("Q", "b*A[i,j]"),
    Square("g4", "b*y[j]"),
)
LEADING = "lin^2/g2*(g2*P/(Q^2*G) - tau)"
FORM_NEAR = (
    f"c0 - lin^2/Q + b^2*{LEADING} + Q*sum[j](y[j]^2)"
    " + 2*(Q + g3)*b*sum[j](top[j]*y[j]) + 2*g4*b^2*eta*sum[j](v[j]*y[j])"
    f" - 2*lin*b*{PAIRING}"
)
ROOM = (
    f"{LEADING} - 2*(Q + g3)^2/Q*sum[j](top[j]^2)"
    " - 2*lin^2/(Q*c1^2)*sum[j](across[j]^2) + 2*g4*eta*sum[j](v[j]*y[j])"
)
ARRAYS = (
    V,
    landscape.FREE[0],
    Tensor("y", landscape.VECTOR, meaning="c - eta v"),
    matrix("Z", "any matrix; Pi is Z made to vanish at v"),
)


def near_context() -> Context:
    """The form at a = v, c = eta v + y and any A, b, Z."""
    return Context(
        sorts=(FEATURES,),
        scalars=(layer.DIMENSION, *_coefficients(), B),
        arrays=ARRAYS,
        definitions=NEAR,
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


def _coefficients() -> tuple[Scalar, ...]:
    return tuple(
        replace(s, minimum=ZERO, strict=True) if s.name == "g4" else s for s in COEFFICIENTS
    )


def certificate_proof() -> Proof:
    """f at a = v, c = eta v + y and any A, b: squares, terms of degree 3, and -2 lin b <Pi, A>."""
    context = near_context()
    right = _right()
    by = By(combination(context, "f", right))
    step = layer.identity_step("blocked-certificate", "f", right, by, claim="blocked-certificate")
    return Proof("the loss near rho = oo", context, (step,))


ROWS = (
    Tensor("k0", landscape.VECTOR, meaning="first row of W_K, first d entries"),
    Tensor("Ka", ("keys", layer.FEATURE), meaning="rows of W_K that are blind to ker W_K"),
    Tensor("Kb", ("queries", layer.FEATURE), meaning="its other rows, 0 at the point"),
    Tensor("ka", ("keys",), meaning="last entries of the rows Ka, 0 at the point"),
    Tensor("kb", ("queries",), meaning="last entries of the rows Kb, 0 at the point"),
    Tensor("q0", landscape.VECTOR, meaning="first row of W_Q, first d entries"),
    Tensor("Qa", ("keys", layer.FEATURE), meaning="its rows beside Ka, 0 at the point"),
    Tensor("Qb", ("queries", layer.FEATURE), meaning="its rows beside Kb"),
)
SEEN = (
    Definition("Kf", ("h", "i"), "Ka[h,i] - ka[h]*k0[i]/k1", "Ka, made blind to the first row"),
    Definition("Kr", ("g", "i"), "Kb[g,i] - kb[g]*k0[i]/k1", "Kb likewise"),
    Definition("Qf", ("g", "j"), "Qb[g,j] - sum[l](Qb[g,l]*v[l])*c[j]/c1", "Qb, made blind to v"),
    Definition("Qr", ("h", "j"), "Qa[h,j] - sum[l](Qa[h,l]*v[l])*c[j]/c1", "Qa likewise"),
    Definition("across", ("j",), "sum[i](Pi[i,j]*side[i])", "Pi'A v"),
)
PRODUCTS = (
    Atom("at_c", "sum[j](c[j]*v[j])", "c1"),
    Atom(
        "is_A",
        "A[i,j]",
        "k0[i]*q0[j] + sum[h](Ka[h,i]*Qa[h,j]) + sum[g](Kb[g,i]*Qb[g,j])",
    ),
    Atom("is_c", "c[j]", "k1*q0[j] + sum[h](ka[h]*Qa[h,j]) + sum[g](kb[g]*Qb[g,j])"),
)
BLOCKED = (
    Atom("blind_keys", "sum[i](Kf[h,i]*Z[i,j])"),
    Atom("blind_queries", "sum[j](Qf[g,j]*Z[i,j])"),
)


def blocked_proof() -> Proof:
    """f >= l(oo) at all weights near the point, with Z as they block it."""
    near = near_context()
    context = Context(
        sorts=(FEATURES, KEYS, QUERIES),
        scalars=(
            *near.scalars,
            *HIDDEN,
            Scalar("k1", ZERO, strict=True, meaning="last entry of the first row of W_K"),
            *ONE_BY_ONE,
            Scalar("e", ZERO, meaning="room, any number >= 0"),
        ),
        arrays=(*ARRAYS, *ROWS),
        definitions=(*NEAR, *SEEN),
        given=(NORM, *PRODUCTS),
        instances=(_weights(1, 0), _weights(2, 2)),
    )
    # C = A - A v c'/c1 is Kf'Qr + Kr'Qf, since k1 times the first row of Q is c - ka Qa - kb Qb.
    rows = (
        "is_A[i,j] - sum[l](is_A[i,l]*v[l])*c[j]/c1"
        " - k0[i]/k1*(is_c[j] + (at_c - sum[l](is_c[l]*v[l]))*c[j]/c1)"
    )
    paired = (
        f"sum[i,j](Z[i,j]*({rows}))"
        " + sum[h,j](blind_keys[h,j]*Qr[h,j]) + sum[g,i](blind_queries[g,i]*Kr[g,i])"
        " + sum[i,o](Z[i,o]*v[o]*side[i])*at_c/c1"
    )
    pairing = Atom("pairing", PAIRING, "sum[i,j](Pi[i,j]*side[i]*c[j])/c1")
    whole = combination(near, "f", _right())
    squares = (
        *SQUARES,
        Square("Q/2", "y[j] + 2*(Q + g3)/Q*b*top[j]"),
        Square("Q/2", "y[j] - 2*lin*b/(Q*c1)*across[j]"),
        Square("e", "b"),
    )
    least = Atom("least", "f", "c0 - lin^2/Q", ">=")
    by = By(
        f"({whole}) - 2*lin*b*pairing + b^2*room"
        " + 2*lin*b*eta/c1*sum[i,o](side[i]*Z[i,o]*v[o])*norm",
        squares=squares,
    )
    known = zip(BLOCKED, ("blind_keys[h,j]", "blind_queries[g,i]"), strict=True)
    then = Conclude(0, {"least": by})
    steps = (
        Step(
            "pairing",
            Claim(BLOCKED, ((pairing,),)),
            Conclude(0, {"pairing": By(paired)}),
            claim="blocked-pairing",
        ),
        Step(
            "least",
            Claim((*BLOCKED, Atom("room", ROOM, "e")), ((least,),)),
            Cite("pairing", {atom.name: By(residual) for atom, residual in known}, (then,)),
            claim="blocked-minimum",
        ),
    )
    return Proof("blocked weights are local minima", context, steps)


def tilt_proof() -> Proof:
    """Z = (I - Kt'Ra Kf) Z0 (I - Qt'Rb Qf)' is blocked by Kf and Qf; Ra inverts Kf Kt', Rb Qf Qt'.

    At the point Kt = Kf, Qt = Qf have orthonormal rows, so that Ra = I, Rb = I and Z = Z0 if Z0 is
    blocked; near it the inverses exist and Z is near Z0.
    """
    context = Context(
        sorts=(FEATURES, KEYS, QUERIES),
        scalars=(layer.DIMENSION, *HIDDEN),
        arrays=(
            Tensor("Kf", ("keys", layer.FEATURE), meaning="rows near Kt"),
            Tensor("Kt", ("keys", layer.FEATURE), meaning="rows of W_K at the point"),
            Tensor("Ra", ("keys", "keys"), meaning="inverse of Kf Kt'"),
            Tensor("Qf", ("queries", layer.FEATURE), meaning="rows near Qt"),
            Tensor("Qt", ("queries", layer.FEATURE), meaning="rows of W_Q at the point"),
            Tensor("Rb", ("queries", "queries"), meaning="inverse of Qf Qt'"),
            matrix("Z0", "blocked at the point"),
        ),
        definitions=(
            Definition(
                "left", ("i", "o"), "delta[i,o] - sum[h,r](Kt[h,i]*Ra[h,r]*Kf[r,o])", "on ker Kf"
            ),
            Definition(
                "right", ("j", "l"), "delta[j,l] - sum[g,m](Qt[g,j]*Rb[g,m]*Qf[m,l])", "on ker Qf"
            ),
            Definition("Z", ("i", "j"), "sum[o,l](left[i,o]*Z0[o,l]*right[j,l])"),
        ),
        given=(
            Atom("keys_meet", "sum[r,i](Kf[h,i]*Kt[r,i]*Ra[r,w])", "delta[h,w]"),
            Atom("queries_meet", "sum[m,i](Qf[g,i]*Qt[m,i]*Rb[m,s])", "delta[g,s]"),
        ),
        instances=tuple(_tilted(size) for size in (0, 2)),
    )
    keys = "-sum[r,o,l](keys_meet[h,r]*Kf[r,o]*Z0[o,l]*right[j,l])"
    queries = "-sum[m,o,l](queries_meet[g,m]*Qf[m,l]*Z0[o,l]*left[i,o])"
    by = {"blind_keys": By(keys), "blind_queries": By(queries)}
    step = Step("tilt", Claim((), (BLOCKED,)), Conclude(0, by), claim="blocked-tilt")
    return Proof("kernels that tilt", context, (step,))


def _tilted(hidden: int) -> Point:
    """The point itself, d = max(hidden, 1), rows the unit vectors."""
    d = max(hidden, 1)
    numbers = {"d": d, "kappa": hidden, "q": hidden}
    unit = tuple(tuple(Fraction(i == j) for j in range(d)) for i in range(hidden))
    return Point(
        (
            *(Value(name, Fraction(number)) for name, number in numbers.items()),
            *(Value(name, unit) for name in ("Kf", "Kt", "Ra", "Qf", "Qt", "Rb")),
            Definition("Z0", ("i", "j"), "1"),
        )
    )


def room_proof() -> Proof:
    """The room of blocked weights at A = 0, y = 0, Z a projection of rank k with Z v = 0 = Z'v.

    tau(Z) = d - 1 - k, so that the room is positive exactly if d - 1 - k < tau*.
    """
    near = near_context()
    rank = Scalar("k", ZERO, integer=True, meaning="rank of the projection Z")
    still = (
        Definition("A", ("i", "j"), "0*Z[i,j]", "A at the point"),
        Definition("y", ("j",), "0*v[j]", "c - eta v at the point"),
    )
    values = (Definition("Z", ("i", "j"), "delta[i,j] - v[i]*v[j]"), Definition("k", (), "d - 1"))
    context = Context(
        sorts=near.sorts,
        scalars=(layer.DIMENSION, *_coefficients(), B, rank, *ONE_BY_ONE),
        arrays=(V, matrix("Z", "projection of rank k with Z v = 0 = Z'v")),
        definitions=(
            *(x for x in (*still, *NEAR) if x.name != "f"),
            next(x for x in SEEN if x.name == "across"),
        ),
        given=(
            NORM,
            Atom("trace", "sum[i](Z[i,i])", "k"),
            Atom("square", "sum[i,j](Z[i,j]^2)", "k"),
            Atom("column", "sum[i](sum[j](Z[i,j]*v[j])^2)"),
            Atom("row", "sum[j](sum[i](Z[i,j]*v[i])^2)"),
            Atom("along", "sum[i,j](v[i]*Z[i,j]*v[j])"),
        ),
        instances=instances({"b": "1", "c1": "1"}, tuple(reversed(values))),
    )
    right = "lin^2/g2*(g2*P/(Q^2*G) - (d - 1 - k))"
    by = By(combination(context, ROOM, right))
    step = layer.identity_step("blocked-room", ROOM, right, by, claim="blocked-room")
    return Proof("the room at the point", context, (step,))


def proofs() -> tuple[Proof, ...]:
    """All of them."""
    return (certificate_proof(), blocked_proof(), tilt_proof(), room_proof())


def _right() -> str:
    total = " + ".join(layer.mean(square, landscape.LETTERS) for square in SQUARES)
    return f"{FORM_NEAR} + {total.replace('E(', '(')}"


def _weights(d: int, hidden: int) -> Point:
    """The point itself: v the first unit vector, Ka and Qb the last one, eta = 1/2."""
    last = tuple(Fraction(i == d - 1) for i in range(d))
    first = tuple(Fraction(i == 0) for i in range(d))
    rows = Value("Ka", (last,) * hidden), Value("Qb", (last,) * hidden)
    zero = {"k0": "i", "Kb": "g i", "ka": "h", "kb": "g", "Qa": "h j", "A": "i j", "y": "j"}
    numbers = {**FORM_AT, "b": "1", "k1": "1/2", "c1": "1/2", "e": "1"}
    return Point(
        (
            *(Value(n, Fraction(x)) for n, x in (("d", d), ("kappa", hidden), ("q", hidden))),
            *(Definition(name, (), text) for name, text in numbers.items()),
            Value("v", first),
            Value("q0", first),
            *rows,
            *(Definition(name, tuple(at.split()), "0") for name, at in zero.items()),
            Definition("Z", ("i", "j"), "0"),
        )
    )
