"""The landscape in the weights, over rho = oo: the way down, and where there is one.

Everything is deterministic: the loss is the isotropic form f(omega, N), claim ``loss``, with its
coefficients as free numbers. At b = 0, a = v a unit vector, N* has one row, eta v', eta = lin/Q.

- ``blocked-weights``: the curve of weights K(t), Q(t) has K'Q = N* + t^2 (M; 0) exactly;
- ``blocked-descent``: f along it for M = (lin/g2) X - (g3 eta/G) v v', X a projection of rank T;
- ``blocked-rank-*``: how many hidden directions a curve needs for X across part of a kernel.

Why there is none where the kernels block it: ``blocked.py``; on which side of T tau* lies:
``thresholds.py``. What they mean for local minima in the weights:
docs/landscape-mathematics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import combination
from proofs.shared.landscape.slope import FORM_AT
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import By, Proof

ZERO = Fraction(0)
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


CLAIMS = (
    ("blocked-weights", "Weights over rho = oo: K(t)'Q(t) = N* + t^2 (M; 0) exactly"),
    (
        "blocked-rank-queries",
        "X = D - S1, S1 on part of ker W_Q: P_U M P_V is a product through the rest of it",
    ),
    ("blocked-rank-keys", "The same for part of the shadow of ker W_K across v"),
    ("blocked-descent", "With b = t^2 the loss moves by -(T - tau*) lin^2/g2 b^2 + Q |M|^2 b^4"),
)


def matrix(name: str, meaning: str) -> Tensor:
    """Any matrix of this name."""
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
            matrix("M", "where A goes"),
            matrix("U", "projection on the kernel of W_K"),
            matrix("R", "projection on that of W_Q, first d columns"),
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


def rank_proof() -> Proof:
    """Phi'Psi = U M R for X = D - S1, S1 part of a projection S = S1 + Bt'Bt that one kernel gives.

    S = R, the kernel of W_Q: Phi = lin/g2 Bt U. Or S the projection on the shadow of the kernel of
    W_K across v, that is, U D = U D S: Phi = lin/g2 Bt D U, Psi = Bt R.
    """
    context = Context(
        sorts=(FEATURES, Sort("free", "s", ("e",))),
        scalars=(
            Scalar("d", Fraction(1), integer=True),
            Scalar("s", ZERO, integer=True),
            *COEFFICIENTS,
        ),
        arrays=(
            V,
            matrix("U", "projection on the kernel of W_K"),
            matrix("R", "projection on that of W_Q, first d columns"),
            matrix("S", "projection on one of them, across v"),
            matrix("S1", "projection on part of it"),
            Tensor("Bt", ("free", layer.FEATURE), meaning="orthonormal rows that span the rest"),
        ),
        definitions=(
            Definition("eta", (), "lin/Q", "learning rate of the global minimum"),
            Definition("X", ("i", "j"), "delta[i,j] - v[i]*v[j] - S1[i,j]", "D - S1"),
            Definition("M", ("i", "j"), "lin/g2*X[i,j] - g3*eta/G*v[i]*v[j]", "where A goes"),
            Definition("Uv", ("i",), "sum[o](U[i,o]*v[o])", "U v"),
            Definition("UD", ("i", "j"), "U[i,j] - Uv[i]*v[j]", "U D"),
        ),
        given=(
            Atom("parts", "S[i,j]", "S1[i,j] + sum[e](Bt[e,i]*Bt[e,j])"),
            Atom("blind", "sum[i](v[i]*R[i,j])"),
        ),
        instances=(_parted(1, 0), _parted(2, 2)),
    )
    product = "sum[o,l](U[i,o]*M[o,l]*R[l,j])"
    steps = (
        layer.identity_step(
            "queries",
            product,
            "lin/g2*sum[e,o](U[i,o]*Bt[e,o]*Bt[e,j])",
            By(
                "lin/g2*sum[o](U[i,o]*(parts[o,j] - own[o,j] - inner[o,j]))"
                " - (lin/g2 + g3*eta/G)*Uv[i]*blind[j]"
            ),
            (
                Atom("own", "S[i,j]", "R[i,j]"),
                Atom("inner", "sum[l](S1[i,l]*R[l,j])", "S1[i,j]"),
            ),
            "blocked-rank-queries",
        ),
        layer.identity_step(
            "keys",
            product,
            "lin/g2*sum[e,o,l](UD[i,o]*Bt[e,o]*Bt[e,l]*R[l,j])",
            By(
                "lin/g2*sum[l](shadow[i,l]*R[l,j] - Uv[i]*away[l]*R[l,j])"
                " + lin/g2*sum[o,l](UD[i,o]*parts[o,l]*R[l,j]) - g3*eta/G*Uv[i]*blind[j]"
            ),
            (
                Atom("shadow", "UD[i,j]", "sum[o](UD[i,o]*S[o,j])"),
                Atom("away", "sum[i](v[i]*S1[i,j])"),
            ),
            "blocked-rank-keys",
        ),
    )
    return Proof("how many hidden directions a curve needs", context, steps)


def _parted(d: int, free: int) -> Point:
    """v the first unit vector, U = R = 0, S1 = 0 and S = Bt'Bt = 0."""
    zero = {"U": "i j", "R": "i j", "S": "i j", "S1": "i j", "Bt": "e i"}
    return Point(
        (
            *(Value(name, Fraction(size)) for name, size in (("d", d), ("s", free))),
            *(Definition(name, (), text) for name, text in FORM_AT.items()),
            Value("v", tuple(Fraction(i == 0) for i in range(d))),
            *(Definition(name, tuple(at.split()), "0") for name, at in zero.items()),
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
        arrays=(V, matrix("X", "projection of rank T with X v = 0")),
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


def proofs() -> tuple[Proof, ...]:
    """All of them."""
    return (weights_proof(), rank_proof(), descent_proof())
