"""Heads of small rank for every pair of covariances: the largest eigenvalues of Lambda Gamma.

In coordinates x = F z with Lambda = F F' and F'Gamma F = diag(g^2) the readout is diag(rho), and a
direction i is worth n g_i^2 rho_i. Coordinates are *kept*, one for each row of a head, or *left*;
worth is at least ``cut`` on the kept and at most that on the left ones. With W_Q = O U', O'O = I,
[O N] a rotation,

    L = L* + E |p - O'diag(rho) s|^2 + |diag(above) N|^2 over kept + |diag(under) O|^2 over left,

L* = tr Lambda Gamma + sigma2 - the worth of what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs.shared import layer as pencil
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Normal,
    Point,
    Scalar,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.statements import By, Claim, Conclude, Derive, Null, Proof, Square, Step

HEAD, ROW, LEFT, EXAMPLE = "head", "row", "left", "example"
KEPT = (HEAD, ROW)
COORDINATES = (
    "coordinates x = F z, F invertible: Lambda = F F', F'Gamma F = diag(g^2) (simultaneous "
    "diagonalisation); a'F, W_K F and W_Q F are then any weights",
    "QR: a d x k matrix with k <= d is O U' with O'O = I; [O N] is a rotation",
)
DATA = (
    Normal("Z1", (EXAMPLE, *KEPT), meaning="kept coordinates of the examples"),
    Normal("Z2", (EXAMPLE, LEFT), meaning="the others"),
    Normal("zq1", KEPT, meaning="kept coordinates of the query"),
    Normal("zq2", (LEFT,), meaning="the others"),
    Normal("o1", KEPT, meaning="task by its standard deviations, kept"),
    Normal("o2", (LEFT,), meaning="the others"),
    Normal("e", (EXAMPLE,), "sigma2", "noise of the examples"),
    Normal("eq", (), "sigma2", "noise of the query's response"),
    Tensor("g1", KEPT, "square roots of eigenvalues of Lambda Gamma, kept"),
    Tensor("g2", (LEFT,), "the others"),
    Tensor("rho1", KEPT, "readout of the kept coordinates"),
    Tensor("rho2", (LEFT,), "of the others"),
    Tensor("above", KEPT, "worth - cut is its square"),
    Tensor("under", (LEFT,), "cut - worth is its square"),
    Tensor("inverse", KEPT, "any numbers"),
    Tensor("cut", (), "between the worths of what is kept and left"),
)
WEIGHTS = (
    Tensor("O1", (*KEPT, *KEPT), "rows of O, kept"),
    Tensor("O2", (LEFT, *KEPT), "the others"),
    Tensor("U", (*KEPT, *KEPT), "W_Q by the columns of O"),
    Tensor("a1", (HEAD, *KEPT), "first d entries of W_V' h, kept"),
    Tensor("a2", (HEAD, LEFT), "the others"),
    Tensor("b", (HEAD,), "last entry of W_V' h"),
    Tensor("WK1", (*KEPT, *KEPT), "first d columns of W_K, kept"),
    Tensor("WK2", (*KEPT, LEFT), "the others"),
    Tensor("WKy", KEPT, "last column of W_K"),
)
COMPLEMENT = Tensor("N1", (*KEPT, LEFT), "kept rows of N")
RESPONSES = (
    Definition(
        "y",
        ("k",),
        "sum[m,p](Z1[k,m,p]*g1[m,p]*o1[m,p]) + sum[j](Z2[k,j]*g2[j]*o2[j]) + e[k]",
        "responses of the examples",
    ),
    Definition(
        "yq",
        (),
        "sum[m,p](zq1[m,p]*g1[m,p]*o1[m,p]) + sum[j](zq2[j]*g2[j]*o2[j]) + eq",
        "response of the query, the target",
    ),
    Definition("s1", ("m", "p"), "sum[k](Z1[k,m,p]*y[k])", "X'y, kept"),
    Definition("s2", ("j",), "sum[k](Z2[k,j]*y[k])", "the others"),
    Definition("t", (), "sum[m,p](g1[m,p]^2) + sum[j](g2[j]^2) + sigma2", "tr + sigma2"),
)
LAYER = (
    Definition(
        "value",
        ("m", "k"),
        "sum[m1,p1](a1[m,m1,p1]*Z1[k,m1,p1]) + sum[j](a2[m,j]*Z2[k,j]) + b[m]*y[k]",
        "h' W_V v_k",
    ),
    Definition(
        "key",
        ("m", "p", "k"),
        "sum[m1,p1](WK1[m,p,m1,p1]*Z1[k,m1,p1]) + sum[j](WK2[m,p,j]*Z2[k,j]) + WKy[m,p]*y[k]",
        "W_K v_k",
    ),
    Definition(
        "question",
        ("m1", "p1"),
        "sum[m,p](O1[m,p,m1,p1]*zq1[m,p]) + sum[j](O2[j,m1,p1]*zq2[j])",
        "O' x_{n+1}",
    ),
    Definition(
        "yhat",
        (),
        "sum[m,k,p](value[m,k]*key[m,p,k]*sum[m1,p1](U[m,p,m1,p1]*question[m1,p1]))",
        "the layer's prediction",
    ),
    Definition(
        "part",
        ("m", "p"),
        "sum[m1,p1,k](U[m1,p1,m,p]*key[m1,p1,k]*value[m1,k])",
        "what the layer puts on a column of O",
    ),
    Definition(
        "step",
        ("m", "p"),
        "sum[m1,p1](O1[m1,p1,m,p]*rho1[m1,p1]*s1[m1,p1]) + sum[j](O2[j,m,p]*rho2[j]*s2[j])",
        "O' diag(rho) s",
    ),
)
READOUT = (
    Atom("known1", "((n + 1)*g1[m,p]^2 + t)*rho1[m,p]", "g1[m,p]^2"),
    Atom("known2", "((n + 1)*g2[j]^2 + t)*rho2[j]", "g2[j]^2"),
    Atom("worth1", "n*g1[m,p]^2*rho1[m,p]", "cut + above[m,p]^2"),
    Atom("worth2", "n*g2[j]^2*rho2[j]", "cut - under[j]^2"),
)
ROTATION = (
    Atom(
        "columns",
        "sum[m2,p2](O1[m2,p2,m,p]*O1[m2,p2,m1,p1]) + sum[j](O2[j,m,p]*O2[j,m1,p1])",
        "delta[m,m1]*delta[p,p1]",
    ),
    Atom(
        "rows",
        "sum[m2,p2](O1[m,p,m2,p2]*O1[m1,p1,m2,p2]) + sum[j](N1[m,p,j]*N1[m1,p1,j])",
        "delta[m,m1]*delta[p,p1]",
    ),
)
LETTERS = {
    **dict.fromkeys(("m", "m1", "m2"), HEAD),
    **dict.fromkeys(("p", "p1", "p2"), ROW),
    "j": LEFT,
    "k": EXAMPLE,
}
LOSS = "E((yq - yhat)^2)"
VALUE = "t - n*sum[m,p](g1[m,p]^2*rho1[m,p])"
SQUARES = (
    Square("1", "part[m,p] - step[m,p]", "step_gap"),
    Square("1", "above[m,p]*N1[m,p,j]", "missed"),
    Square("1", "under[j]*O2[j,m,p]", "wasted"),
)


def context(
    weights: tuple[Tensor, ...], given: tuple[Atom, ...], values: tuple[Definition, ...] = ()
) -> Context:
    """The prompts in these coordinates and H heads of r rows."""
    sizes = tuple(
        Scalar(name, Fraction(1), integer=True, meaning=meaning)
        for name, meaning in (
            ("n", "number of examples"),
            ("H", "heads"),
            ("r", "dimension of the keys of a head"),
        )
    )
    left = Scalar("f", Fraction(0), integer=True, meaning="d - H r")
    return Context(
        sorts=(
            Sort(EXAMPLE, "n", ("k", "h")),
            Sort(HEAD, "H", ("m", "m1", "m2")),
            Sort(ROW, "r", ("p", "p1", "p2")),
            Sort(LEFT, "f", ("j", "ja")),
        ),
        scalars=(*sizes, left, pencil.NOISE),
        arrays=(*DATA, *weights),
        definitions=(*RESPONSES, *values, *LAYER),
        given=given,
        instances=tuple(_instance(size, weights) for size in (1, 2)),
        assumptions=COORDINATES,
    )


def _instance(size: int, weights: tuple[Tensor, ...]) -> Point:
    """n = H = r = size, f = 2 size - 2, all eigenvalues and sigma2 1, O1 = I, all else 0."""
    left = 2 * size - 2
    t = Fraction(size * size + left + 1)
    rho = 1 / (size + 1 + t)
    numbers = {"n": size, "H": size, "r": size, "f": left, "sigma2": 1}
    ones = {"g1": "1", "g2": "1", "rho1": f"{rho}", "rho2": f"{rho}"}
    values = [Value(name, Fraction(x)) for name, x in numbers.items()]
    rest = [Definition("cut", (), f"{size * rho}")]
    for array in (*DATA, *weights):
        if isinstance(array, Tensor) and array.name != "cut":
            same = {HEAD: ("m", "m1"), ROW: ("p", "p1"), LEFT: ("j",)}
            letters = tuple(same[s][array.sorts[:i].count(s)] for i, s in enumerate(array.sorts))
            body = "delta[m,m1]*delta[p,p1]" if array.name == "O1" else ones.get(array.name, "0")
            rest.append(Definition(array.name, letters, body))
    return Point((*values, *rest))


def proofs(claimed: Mapping[str, str]) -> tuple[Proof, ...]:
    """The decomposition with its consequences, and weights that attain the bound."""
    value = claimed.get("pair_minimum_loss", VALUE)
    own = context((*WEIGHTS, COMPLEMENT), (*READOUT, *ROTATION))
    values = (
        Definition("O1", ("m", "p", "m1", "p1"), "delta[m,m1]*delta[p,p1]"),
        Definition("O2", ("j", "m", "p"), "0"),
        Definition("U", ("m", "p", "m1", "p1"), "delta[m,m1]*delta[p,p1]"),
        Definition("a1", ("m", "m1", "p1"), "0"),
        Definition("a2", ("m", "j"), "0"),
        Definition("b", ("m",), "1"),
        Definition("WK1", ("m", "p", "m1", "p1"), "rho1[m,p]*delta[m,m1]*delta[p,p1]"),
        Definition("WK2", ("m", "p", "j"), "0"),
        Definition("WKy", ("m", "p"), "0"),
    )
    at_best = context((), READOUT, values)
    reached = pencil.identity_step(
        "pair-attained", LOSS, value, By("n*sum[m,p](rho1[m,p]*known1[m,p])"), claim="pair-attained"
    )
    return (
        Proof("low rank, every pair", own, _steps(value)),
        Proof("low rank, every pair, attained", at_best, (reached,)),
        enough_proof(),
        order_proof(),
    )


def order_proof() -> Proof:
    """A direction of eigenvalue g is worth n g^2/((n + 1) g + t), which grows with g."""
    positive = (("g", False), ("more", True), ("t", True))
    scalars = (
        Scalar("n", Fraction(1), integer=True, meaning="number of examples"),
        *(Scalar(name, Fraction(0), strict=strict) for name, strict in positive),
    )
    larger = "n*(g + more)^2/((n + 1)*(g + more) + t)"
    above = "n*more*((n + 1)*g*(g + more) + t*(2*g + more))"
    rest = f"{above}/(((n + 1)*(g + more) + t)*((n + 1)*g + t))"
    step = pencil.inequality_step(
        "pair-order", larger, "n*g^2/((n + 1)*g + t)", ">", By(rest=rest), "pair-order"
    )
    return Proof("worth grows with the eigenvalue", Context(scalars=scalars), (step,))


def enough_proof() -> Proof:
    """H r >= d: heads that share E'E = I out predict x'P s, for all data and every P."""
    square = ("feature", "feature")
    heads = (HEAD, ROW)
    context = Context(
        sorts=(
            Sort(EXAMPLE, "n", ("k", "h")),
            Sort("feature", "d", ("i", "j", "l")),
            Sort(HEAD, "H", ("m",)),
            Sort(ROW, "r", ("p",)),
        ),
        scalars=tuple(Scalar(name, Fraction(1), integer=True) for name in ("n", "d", "H", "r")),
        arrays=(
            Tensor("X", (EXAMPLE, "feature"), "covariates of the examples, any numbers"),
            Tensor("y", (EXAMPLE,), "their responses, any numbers"),
            Tensor("xq", ("feature",), "query, any numbers"),
            Tensor("P", square, "any readout"),
            Tensor("share", (*heads, "feature"), "a matrix of H r rows with orthonormal columns"),
        ),
        definitions=(
            Definition("s", ("i",), "sum[k](X[k,i]*y[k])", "X'y"),
            Definition("value", ("m", "k"), "y[k]", "h' W_V v_k, of b = 1 and a = 0"),
            Definition(
                "key",
                ("m", "p", "k"),
                "sum[i,l](share[m,p,l]*P[l,i]*X[k,i])",
                "W_K v_k, of W_K = share P",
            ),
            Definition("asked", ("m", "p"), "sum[j](share[m,p,j]*xq[j])", "W_Q v_{n+1}"),
            Definition("yhat", (), "sum[m,p,k](value[m,k]*key[m,p,k]*asked[m,p])", "prediction"),
        ),
    )
    given = (Atom("shared", "sum[m,p](share[m,p,l]*share[m,p,j])", "delta[l,j]"),)
    by = By("sum[l,j,i](shared[l,j]*P[l,i]*s[i]*xq[j])")
    predicted = "sum[j,i](xq[j]*P[j,i]*s[i])"
    step = pencil.identity_step("pair-enough", "yhat", predicted, by, given, "pair-enough")
    return Proof("H r of at least d", context, (step,))


def _rest() -> str:
    """L - value - the squares, by what is given."""
    read1 = "sum[m1,p1](U[m1,p1,m,p]*(WK1[m1,p1,m2,p2]*b[m1] + WKy[m1,p1]*a1[m1,m2,p2]))"
    read2 = "sum[m1,p1](U[m1,p1,m,p]*(WK2[m1,p1,j]*b[m1] + WKy[m1,p1]*a2[m1,j]))"
    seen1, seen2 = "sum[m1,p1](O1[m,p,m1,p1]^2)", "sum[m1,p1](O2[j,m1,p1]^2)"
    terms = (
        f"2*n*sum[m,p,m2,p2]({read1}*O1[m2,p2,m,p]*known1[m2,p2])",
        f"2*n*sum[m,p,j]({read2}*O2[j,m,p]*known2[j])",
        "sum[m,p,m1,p1](E(part[m,p]*part[m1,p1])*columns[m,p,m1,p1])",
        f"0 - n*sum[m,p]({seen1}*rho1[m,p]*known1[m,p])",
        f"0 - n*sum[j]({seen2}*rho2[j]*known2[j])",
        "0 - cut*sum[m,p](columns[m,p,m,p])",
        f"sum[m,p](worth1[m,p]*(1 - {seen1}))",
        f"0 - sum[j](worth2[j]*{seen2})",
        "0 - sum[m,p](above[m,p]^2*rows[m,p,m,p])",
    )
    return " + ".join(f"({term})" for term in terms)


def _steps(value: str) -> tuple[Step, ...]:
    rest = _rest()
    at = Atom("minimal", LOSS, value)
    total = " + ".join((value, *(pencil.mean(square, LETTERS) for square in SQUARES)))
    case = (
        Atom("same", "part[m,p]", "step[m,p]"),
        Atom("nothing_missed", "above[m,p]*N1[m,p,j]"),
        Atom("nothing_wasted", "under[j]*O2[j,m,p]"),
    )
    vanish = By(f"minimal - ({rest})")
    found = {"same": "step_gap[m,p]", "nothing_missed": "missed[m,p,j]"}
    found |= {"nothing_wasted": "wasted[j,m,p]"}
    return (
        pencil.identity_step(
            "pair-decomposition", LOSS, total, By(rest), claim="pair-decomposition"
        ),
        pencil.inequality_step(
            "pair-bound", LOSS, value, ">=", By(rest, squares=SQUARES), "pair-bound"
        ),
        Step(
            "pair-equality",
            Claim((at,), (case,)),
            Null(SQUARES, vanish, Conclude(0, {k: By(v) for k, v in found.items()})),
            claim="pair-equality",
        ),
        _top(at, vanish),
    )


def _top(at: Atom, vanish: By) -> Step:
    """A gap in the worths: N = 0 over the kept coordinates, O = 0 over the others."""
    strict = Atom("strict", "above[m,p]*inverse[m,p]", "1")
    predicted = Atom("prediction", "yhat", "sum[m,p](zq1[m,p]*rho1[m,p]*s1[m,p])")
    outside = Square("1", "O2[j,m,p]", "outside")
    twice = "N1[m,p,j]*complete[m,p,j]"
    none = By(f"sum[m,p](columns[m,p,m,p]) - sum[m,p](rows[m,p,m,p]) + sum[m,p,j]({twice})")
    question = "question[m,p]*step_gap[m,p]"
    seen = "sum[m,p,m1,p1](rows[m,p,m1,p1]*zq1[m,p]*rho1[m1,p1]*s1[m1,p1])"
    hidden = "sum[m,p,j,m1,p1](zq1[m,p]*N1[m,p,j]*complete[m1,p1,j]*rho1[m1,p1]*s1[m1,p1])"
    left = "sum[m,p,j](outside[j,m,p]*zq2[j]*step[m,p])"
    kept = "sum[m,p,m1,p1,j](O1[m1,p1,m,p]*zq1[m1,p1]*outside[j,m,p]*rho2[j]*s2[j])"
    leaf = Conclude(
        0,
        {"prediction": By(f"sum[m,p]({question}) + {seen} - {hidden} + {left} + {kept}")},
    )
    complete = Atom("complete", "N1[m,p,j]")
    by = By("inverse[m,p]*missed[m,p,j] - N1[m,p,j]*strict[m,p]")
    tree = Derive(complete, by, Null((outside,), none, leaf))
    return Step(
        "pair-prediction",
        Claim((strict, at), ((predicted,),)),
        Null(SQUARES, vanish, tree),
        claim="pair-prediction",
    )
