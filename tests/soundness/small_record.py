"""A small record in which every rule and every kind of declaration occurs.

min over u of E (y - u)^2 + c^2 u^2 is p, at u = 0 alone, for y ~ N(0, p); beside it the energy of
some rows, a pair of inverse matrices, an absolute value, a hat matrix and a hidden source.
"""

from __future__ import annotations

from fractions import Fraction

from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
    Hat,
    Hidden,
    Law,
    Model,
    Normal,
    Outcome,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.record import Record
from verifier.proof.rules import (
    Attained,
    By,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Minimum,
    Null,
    Proof,
    Split,
    Square,
    Step,
)

OBJECTIVE = "E((y - u)^2) + c^2*u^2"


def small_record() -> Record:
    """One proof of eleven steps."""
    return Record("small", "A small record", "this test", (Proof("small", _context(), _steps()),))


def _context() -> Context:
    sizes = (Scalar("n", Fraction(1), integer=True), Scalar("d", Fraction(1), integer=True))
    return Context(
        (Sort("row", "n", ("k", "h", "g")), Sort("feature", "d", ("i", "j", "l"))),
        (
            *sizes,
            Scalar("p", Fraction(1, 2), strict=True, meaning="variance"),
            Scalar("c"),
            Scalar("mu", Fraction(0)),
        ),
        (Hidden("f", ("feature",), ("t",)),),
        (Law("D", (Field("x", ("feature",)), Field("t", (), hidden=True)), "f"),),
        (
            Normal("y", (), "p"),
            Normal("Z", ("row", "feature")),
            Draws("X", "D", "x", "row"),
            Slot("xq", "D", "x", "query"),
            Slot("tq", "D", "t", "query"),
            Absolute("r", ("k",), "sum[i](Z[k,i])"),
            Hat("H", "Z", "p"),
            Function("F", (), ("y", "D")),
            Tensor("u"),
            Tensor("M", ("feature", "feature")),
            Tensor("N", ("feature", "feature")),
        ),
        (Definition("m", ("i",), "E[D](tq*xq[i])", "how t and x go together"),),
        (
            Atom("second", "E(xq[i]*xq[j])", "p*delta[i,j]"),
            Atom("length", "E(sum[i](m[i]^2))", "d*mu"),
        ),
        (
            Atom("right", "sum[j](M[i,j]*N[j,l])", "delta[i,l]"),
            Atom("left", "sum[j](N[i,j]*M[j,l])", "delta[i,l]"),
        ),
        (_instance(1), _instance(3)),
        ("none",),
    )


def _instance(size: int) -> Point:
    """x of variance 4, t = w'x with w = plus or minus a unit vector, all directions alike."""
    axes = tuple(
        Outcome(
            Fraction(1, 2 * size),
            (Value("w", tuple(Fraction(sign * (i == k)) for i in range(size))),),
        )
        for k in range(size)
        for sign in (1, -1)
    )
    numbers = {"n": size, "d": size, "p": 4, "c": 2, "u": 0}
    return Point(
        (
            *(Value(name, Fraction(number)) for name, number in numbers.items()),
            Value("mu", Fraction(4, size)),
            Definition("M", ("i", "j"), "2*delta[i,j]"),
            Definition("N", ("i", "j"), "delta[i,j]/2"),
            Definition("F", (), "y^2"),
        ),
        (
            Model("f", (), axes),
            Model(
                "D",
                (Tensor("z", ("feature",)),),
                (),
                (
                    Definition("x", ("i",), "2*z[i]"),
                    Definition("t", (), "sum[i](w[i]*z[i])"),
                ),
            ),
        ),
    )


def _equation(name: str, left: str, right: str, by: By | None = None) -> Step:
    statement = Claim((), ((Atom("same", left, right),),))
    return Step(name, statement, Conclude(0, {"same": by or By()}), claim=name)


def _steps() -> tuple[Step, ...]:
    at = Atom("at", OBJECTIVE, "p")
    zero = (Atom("u0", "u"),)
    square = Square("1 + c^2", "u", "gap")
    either = (Atom("none", "u"),), (Atom("one", "c", "1"),)
    premise = Atom("product", "u*(c - 1)")
    return (
        _equation("energy", "E(sum[k,i](X[k,i]^2)*y^2)", "n*d*p^2"),
        _equation("isotropy", "E(m[i]*m[j]*d)", "d*mu*delta[i,j]"),
        _equation("odd", "E(m[i]*y)", "0"),
        _equation("inverse", "sum[j,l](M[i,j]*N[j,l]*u)", "sum[l](delta[i,l]*u)"),
        _equation("absolute", "E(sum[k](r[k]^2))", "n*d", By("E(sum[k](r_squared[k]))")),
        _equation(
            "ridge",
            "E(sum[k,g](H[k,g]*(sum[i](Z[g,i]*Z[k,i]) + p*delta[g,k])*F))",
            "E(F)*n*d",
            By("E(sum[k](H_normal[k,k])*F)"),
        ),
        Step(
            "bound",
            Claim((), ((Atom("bound", OBJECTIVE, "p", ">="),),)),
            Conclude(0, {"bound": By(squares=(square,))}),
        ),
        Step(
            "equality",
            Claim((at,), (zero,)),
            Null((square,), By("at"), Conclude(0, {"u0": By("gap")})),
        ),
        Step(
            "converse",
            Claim(zero, ((at,),)),
            Derive(Atom("usq", "u^2"), By("u*u0"), Conclude(0, {"at": By("usq*(1 + c^2)")})),
        ),
        Step(
            "minimum",
            Minimum(OBJECTIVE, "p", ("u",), (zero,)),
            Attained(0, (Definition("u", (), "0"),)),
            ("bound", "equality", "converse"),
            "minimum",
        ),
        Step(
            "cases",
            Claim((premise,), either),
            Split(
                Atom("first", "u"),
                Atom("other", "c - 1"),
                By("product"),
                (Conclude(0, {"none": By("first")}), Conclude(1, {"one": By("other")})),
            ),
        ),
        Step(
            "no u",
            Claim((at, Atom("some", "u", "1")), ((Atom("absurd", "0", "1"),),)),
            Cite("equality", {"at": By("at")}, (Contradiction(By("u0 - some")),)),
        ),
        Step(
            "strict",
            Claim((), ((Atom("more", "p^2 + n", "1", ">"),),)),
            Conclude(0, {"more": By(rest="p^2 + n - 1")}),
        ),
    )
