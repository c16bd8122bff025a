"""Weight decay on the merged weights, x, w ~ N(0, I): L + lam (|a|^2 + b^2 + |A|^2 + |c|^2).

With r = sqrt d, p = n (n + d + 1 + sigma2), and b0 the root of lam + p b0^2 = n r, the minimum is
attained exactly at a = c = 0, A = (b/r) I, b^2 = b0^2, for 0 < lam <= n r and d >= 4:

    objective - value = p |B - eta I|^2 + E even^2 + lam |A - (b/r) I|^2 + (lam/r) |a - c|^2
                        + lam (r-1)/r (|a|^2 + |c|^2),        eta = b0^2/r,

where even = sum x_j A_ij S_il a_l + q x' (b c). The equations for r and b0 take up what is left.
(For d = 2, 3 the root is irrational, and the checker asks for exact points of the smallest sizes.)
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Value
from verifier.proof.statements import (
    Attained,
    By,
    Claim,
    Conclude,
    Derive,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
    Tree,
)
from verifier.prover.data_model import Sizes
from verifier.prover.layer import LayerOptions, layer
from verifier.prover.problem import problem
from verifier.prover.standard import Standard, standard_model
from verifier.theorem.theorem import Derivation

LEAST = 4
ROOT, RATE = "root", "balance"
PARAMETERS = ("a", "b", "A", "c")


def derivation(decay: str) -> Derivation:
    """The proof of the minimum and of the prediction; ``decay`` is the name of lam."""
    context = _context(decay)
    penalty = f"{decay}*(sum[i](a[i]^2) + b^2 + sum[i,j](A[i,j]^2) + sum[i](c[i]^2))"
    objective = f"E((yq - yhat)^2) + {penalty}"
    value = f"sigma2 + d - r*eta*(n*r - {decay})"
    even = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*a[l]) + q*sum[j](xq[j]*b*c[j])"
    squares = (
        Square("n*(n + d + 1 + sigma2)", "B[i,j] - eta*delta[i,j]", "readout"),
        Square("1", even),
        Square(decay, "A[i,j] - b/r*delta[i,j]", "multiple"),
        Square(f"{decay}/r", "a[i] - c[i]"),
        Square(f"{decay}*(r - 1)/r", "a[i]", "value"),
        Square(f"{decay}*(r - 1)/r", "c[i]", "key"),
    )
    rest = (
        f"{decay}*b^2/r^2*{ROOT} + 2/r*sum[i](B[i,i])*{RATE}"
        f" + eta*(n*r - {decay})/r*{ROOT} - eta*d/r*{RATE}"
    )
    at = Atom("minimal", objective, value)
    case = (
        Atom("first", "a[i]"),
        Atom("last", "c[i]"),
        Atom("key_query", "A[i,j]", "b/r*delta[i,j]"),
        Atom("size", "b^2", "b0^2"),
    )
    # b A' + c a' = eta I with a = 0 and A = (b/r) I says b^2/r = b0^2/r; the trace shows it.
    trace = "sum[i](readout[i,i] - c[i]*value[i] - b*multiple[i,i])"
    leaf = Conclude(
        0,
        {
            "first": By("value[i]"),
            "last": By("key[i]"),
            "key_query": By("multiple[i,j]"),
            "size": By(trace, "d/r"),
        },
    )
    bound = Atom("bound", objective, value, ">=")
    steps = (
        Step(
            "bound",
            Claim((), ((bound,),)),
            Conclude(0, {"bound": By(rest, squares=squares)}),
            claim="bound",
        ),
        Step(
            "equality",
            Claim((at,), (case,)),
            Null(squares, By(f"minimal - ({rest})"), leaf),
            claim="equality",
        ),
        Step("converse 1", Claim(case, ((at,),)), _converse(squares, rest)),
        Step(
            "minimum",
            Minimum(objective, value, PARAMETERS, (case,)),
            Attained(0, _values()),
            ("bound", "equality", "converse 1"),
            "minimum",
        ),
        Step(
            "prediction",
            Claim((at,), ((Atom("prediction", "yhat", "eta*sum[i](xq[i]*s[i])"),),)),
            Null(squares, By(f"minimal - ({rest})"), _prediction()),
            claim="prediction",
        ),
    )
    results: dict[str, object] = {
        "minimum_loss": value,
        "predictor": "eta*sum[i](xq[i]*s[i])",
        "learning_rate": "b0^2/r",
        "minimisers": ["a[i] = 0; c[i] = 0; A[i,j] = b/r*delta[i,j]; b^2 = b0^2"],
    }
    return Derivation((Proof("weight decay", context, steps),), results, (_values(),))


def _context(decay: str) -> Context:
    """Theorem 1's data, the merged weights as tensors, r and b0 with their equations."""
    model = standard_model(Standard(Sizes(least_dimension=LEAST)))
    found = problem(model, layer(LayerOptions(), "", model.context().taken)).reduced
    zero = Fraction(0)
    scalars = (
        Scalar("r", Fraction(3, 2), meaning="square root of d"),
        Scalar(decay, zero, strict=True, meaning="weight decay"),
        Scalar("b0", zero, meaning="|b| at the minimum"),
    )
    eta = Definition("eta", (), "b0^2/r", "learning rate")
    context = replace(
        found,
        scalars=found.scalars + scalars,
        definitions=(eta, *found.definitions),
        given=(Atom(ROOT, "r^2", "d"), Atom(RATE, f"{decay} + n*(n + d + 1 + sigma2)*b0^2", "n*r")),
    )
    # r = 2: n = 1 gives 1/4 + 7/4 = 2 with b0 = 1/2, n = 2 gives 3 + 16/16 = 4 with b0 = 1/4.
    points = ((1, Fraction(1, 4), Fraction(1, 2)), (2, Fraction(3), Fraction(1, 4)))
    weights = tuple(
        Definition(name, indices, "0")
        for name, indices in (("a", ("i",)), ("b", ()), ("A", ("i", "j")), ("c", ("j",)))
    )
    instances = tuple(
        Point(
            (
                *(
                    Value(name, Fraction(x))
                    for name, x in (("n", n), ("d", LEAST), ("sigma2", 1), ("r", 2))
                ),
                Value(decay, lam),
                Value("b0", root),
                *weights,
            )
        )
        for n, lam, root in points
    )
    return replace(context, instances=instances)


def _values() -> tuple[Definition, ...]:
    """a = c = 0, b = b0, A = (b0/r) I."""
    return (
        Definition("a", ("i",), "0"),
        Definition("b", (), "b0"),
        Definition("A", ("i", "j"), "b0/r*delta[i,j]"),
        Definition("c", ("i",), "0"),
    )


def _converse(squares: tuple[Square, ...], rest: str) -> Tree:
    """Each square's term vanishes in the case."""
    readout = "b*key_query[j,i] + c[i]*first[j] + size/r*delta[i,j]"
    even = "sum[i,j,l](xq[j]*A[i,j]*S[i,l]*first[l]) + q*sum[j](xq[j]*b*last[j])"
    reasons = (readout, even, "key_query[i,j]", "first[i] - last[i]", "first[i]", "last[i]")
    indices = ("i,j", "", "i,j", "i", "i", "i")
    total = [f"({rest})"]
    for number, (square, at) in enumerate(zip(squares, indices, strict=True)):
        body = f"({square.term})*gone{number}" + (f"[{at}]" if at else "")
        total.append(f"({square.coefficient})*E({f'sum[{at}]({body})' if at else body})")
    tree: Tree = Conclude(0, {"minimal": By(" + ".join(total))})
    for number, (square, reason) in reversed(list(enumerate(zip(squares, reasons, strict=True)))):
        tree = Derive(Atom(f"gone{number}", square.term), By(reason), tree)
    return tree


def _prediction() -> Tree:
    """yhat = x' B s + even."""
    why = (
        "sum[i,j](xq[i]*readout[i,j]*s[j]) + sum[i,j,l](xq[j]*A[i,j]*S[i,l]*value[l])"
        " + q*sum[j](xq[j]*b*key[j])"
    )
    return Conclude(0, {"prediction": By(why)})
