"""A context with one of everything that a context can declare, and claims that are true in it.

By hand: f draws w = +-e_l, each sign and l alike; a draw of D has x ~ N(0, I) and y = w'x. Then
E x = 0, E xx' = I, and m = E[x y | f] = w has |m|^2 = 1 = d mud for mud = 1/d; rotations that
permute and change signs of coordinates, and y -> -y, leave the law of (f, draws) as it is.
"""

from __future__ import annotations

from fractions import Fraction

from verifier.proof import statements
from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Entries,
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
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.theorem.theorem import Claim, Derivation, Theorem

LEMMA = "the queries do not look at the noise"


def _unit(d: int, at: int, sign: int = 1) -> tuple[Fraction, ...]:
    return tuple(Fraction(sign * (i == at)) for i in range(d))


def _point(n: int, d: int) -> Point:
    unit: Entries = tuple(_unit(d, i) for i in range(d))
    numbers = {"n": n, "d": d, "sigma2": 1, "b": 2, "mud": Fraction(1, d)}
    values = tuple(Value(name, Fraction(value)) for name, value in numbers.items())
    signs = tuple(
        Outcome(Fraction(1, 2 * d), (Value("w", _unit(d, at, sign)),))
        for at in range(d)
        for sign in (1, -1)
    )
    fields = (Definition("x", ("i",), "z[i]"), Definition("y", (), "sum[i](w[i]*z[i])"))
    return Point(
        (*values, Value("F", unit), Value("Fi", unit), Definition("g", (), "sum[i](u[i])")),
        (Model("f", (), signs), Model("D", (Tensor("z", ("feature",)),), (), fields)),
    )


CONTEXT = Context(
    sorts=(Sort("example", "n", ("k", "a", "t")), Sort("feature", "d", ("i", "j", "l"))),
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(2), integer=True),
        Scalar("sigma2", Fraction(0), strict=True),
        Scalar("mud", Fraction(0)),
    ),
    hidden=(Hidden("f", ("feature",), ("y",)),),
    laws=(Law("D", (Field("x", ("feature",)), Field("y", (), True)), "f"),),
    arrays=(
        Draws("X", "D", "x", "example"),
        Draws("y", "D", "y", "example"),
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        Normal("Z", ("example", "feature")),
        Normal("u", ("feature",)),
        Normal("e", (), "sigma2"),
        Hat("H", "Z", "sigma2 + 1"),
        Absolute("r", (), "2*e"),
        Function("g", (), ("u", "D")),
        Tensor("F", ("feature", "feature")),
        Tensor("Fi", ("feature", "feature")),
        Tensor("b"),
    ),
    definitions=(Definition("m", ("i",), "E[D](xq[i]*yq)"),),
    moments=(
        Atom("centred", "E(xq[i])"),
        Atom("second", "E(xq[i]*xq[j])", "delta[i,j]"),
        Atom("signal", "E(sum[i](m[i]^2))", "d*mud"),
    ),
    given=(
        Atom("left", "sum[j](F[i,j]*Fi[j,l])", "delta[i,l]"),
        Atom("right", "sum[j](Fi[i,j]*F[j,l])", "delta[i,l]"),
        Atom("large", "b", "1", ">="),
    ),
    instances=(_point(1, 2), _point(2, 3)),
    assumptions=(LEMMA,),
)


def _step(name: str, left: str, right: str, why: str = "0") -> Step:
    goal = Atom("goal", left, right)
    return Step(name, statements.Claim((), ((goal,),)), Conclude(0, {"goal": By(why)}), (), name)


GRAM = "sum[i](Z[a,i]*Z[k,i]) + (sigma2 + 1)*delta[a,k]"
STEPS = (
    _step("inverse", "sum[j](F[i,j]*Fi[j,l])", "delta[i,l]"),
    _step("tasks", "E(m[i]*m[j])", "mud*delta[i,j]"),
    _step("rows", "E(sum[i](X[k,i]*X[a,i]))", "d*delta[k,a]"),
    _step("hat", f"E(sum[k,a](H[k,a]*({GRAM})))", "d*n", "E(sum[k](H_normal[k,k]))"),
    _step("absolute", "E(r^2)", "4*sigma2", "E(r_squared)"),
    _step("function", "E(b*g^3)", "b*E(g^3)"),
)
THEOREM = Theorem(
    "setting",
    "One of everything",
    "nobody",
    "All that a context can declare.",
    tuple(Claim(step.claim, f"about {step.claim}", "nobody") for step in STEPS),
    lambda claimed: Derivation((Proof("all", CONTEXT, STEPS),), {}),
    lambda derivation, options, progress: (),
)
