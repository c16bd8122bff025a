"""Eliminating N: for omega != 0 the loss is l(rho) plus squares of N - N*(omega), unique.

Two charts cover omega != 0: a = b v with |v|^2 = rho (b > 0; the loss is even in (omega, N)), and
a = r e, b = r s with |e| = 1, r > 0 (s = 0 is rho = oo, t = s^2 is 1/rho). In both

    L = l + Q ||B part||^2 + (g2/2) sum (E_ij v_k - E_kj v_i)^2 + G ||E'v + (g3/G) f||^2
          + (P/G) ||f||^2

with E, f the scaled distances of A, c from their optimum. The certificates are derived once, with
the seven coefficients as symbols, and hold for every loss of the isotropic form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache

from proofs.shared import layer
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import balanced, combination
from proofs.shared.landscape.optimum import UNKNOWNS, finite_texts, infinite_texts
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value
from verifier.proof.statements import By, Conclude, Derive, Proof, Square, Tree
from verifier.proof.syntax import Pow, Sum, free_indices, parse, show

ZERO = landscape.ZERO
FINITE = (
    "c0 - (d - 1)*lin^2/(Q + g2*rho) - lin^2*(g4 - 2*g3*rho + G*rho^2)/det",
    "Q*(g4 - 2*g3*rho + G*rho^2) + P*rho",
)
INFINITE = (
    "c0 - (d - 1)*lin^2*t/(Q*t + g2) - lin^2*(g4*t^2 - 2*g3*t + G)/det",
    "Q*(g4*t^2 - 2*g3*t + G) + P*t",
)
DET = Scalar("det", ZERO, strict=True, meaning="a determinant; claim determinant: it is positive")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of omega != 0: its variables, the value l, and the squares of N - N*."""

    name: str
    scalars: tuple[Scalar, ...]
    tensor: Tensor
    given: tuple[Atom, ...]
    omega: tuple[Definition, ...]
    distance: tuple[Definition, ...]
    value: str
    squares: tuple[Square, ...]
    tree: Tree = field(hash=False)
    at: Mapping[str, str] = field(hash=False)


def _distance(omega: str, direction: str, texts: Mapping[str, str]) -> tuple[Definition, ...]:
    """alpha, beta, gamma, the optimal A and c, and E = omega (A - A*), f = omega (c - c*)."""
    v = direction
    return (
        *(Definition(name, (), text) for name, text in texts.items()),
        Definition(
            "bestA",
            ("i", "j"),
            f"(alpha*delta[i,j] + beta*{v}[i]*{v}[j])/{omega}",
            "the optimal A",
        ),
        Definition("bestc", ("j",), f"gamma*{v}[j]/{omega}", "the optimal c"),
        Definition(
            "E0",
            ("i", "j"),
            f"{omega}*(A[i,j] - bestA[i,j])",
            "scaled distance of A from its optimum",
        ),
        Definition(
            "f0", ("j",), f"{omega}*(c[j] - bestc[j])", "scaled distance of c from its optimum"
        ),
    )


def _squares(v: str, s: str) -> tuple[Square, ...]:
    return (
        Square("Q", f"{s}*E0[j,i] + f0[i]*{v}[j]", "sq1"),
        Square("g2/2", f"E0[i,j]*{v}[l] - E0[l,j]*{v}[i]", "sq2"),
        Square("G", f"sum[i](E0[i,j]*{v}[i]) + {s}*g3/G*f0[j]", "sq3"),
        Square("P/G", f"{s}*f0[j]", "sq4"),
    )


@cache
def finite_chart() -> Chart:
    """a = b v, b > 0, |v|^2 = rho."""
    value, det = FINITE
    conclude = Conclude(0, {"best1_1": By("(sq1[i,j] - sq4[j]*v[i])/b"), "best1_2": By("sq4[j]/b")})
    return Chart(
        "b",
        (
            Scalar("b", ZERO, strict=True, meaning="last entry of W_V' h"),
            Scalar("rho", ZERO, meaning="|a|^2 / b^2"),
            DET,
        ),
        Tensor("v", landscape.VECTOR, meaning="a / b"),
        (
            Atom("norm", "sum[i](v[i]^2)", "rho"),
            Atom("determinant", "det", det),
        ),
        (Definition("a", ("i",), "b*v[i]", "first d entries of W_V' h"),),
        _distance("b", "v", finite_texts()),
        value,
        _squares("v", "1"),
        conclude,
        {"b": "1", "rho": "d", "det": det},
    )


@cache
def infinite_chart() -> Chart:
    """a = r e, b = r s, |e| = 1, r > 0; t = s^2 = 1/rho."""
    value, det = INFINITE
    # f = f0 + s E'e - s (E'e + s g3/G f) + (g3/G) s (s f); then E from its antisymmetric part.
    conclude = Derive(
        Atom("fz", "f0[j]"),
        By("sum[i](sq1[i,j]*v[i]) - s*sq3[j] + s*g3/G*sq4[j] - f0[j]*norm"),
        Conclude(
            0,
            {
                "best1_1": By(
                    "(sum[l](sq2[i,j,l]*v[l]) + v[i]*(sq3[j] - s*g3/G*fz[j]) - E0[i,j]*norm)/r"
                ),
                "best1_2": By("fz[j]/r"),
            },
        ),
    )
    return Chart(
        "a",
        (
            Scalar("r", ZERO, strict=True, meaning="|a|"),
            Scalar("s", None, meaning="b / |a|"),
            DET,
        ),
        Tensor("v", landscape.VECTOR, meaning="a / |a|"),
        (
            Atom("norm", "sum[i](v[i]^2)", "1"),
            Atom("determinant", "det", det),
        ),
        (
            Definition("a", ("i",), "r*v[i]", "first d entries of W_V' h"),
            Definition("b", (), "r*s", "last entry of W_V' h"),
            Definition("t", (), "s^2", "1/rho"),
        ),
        _distance("r", "v", infinite_texts()),
        value,
        _squares("v", "s"),
        conclude,
        {"r": "1", "s": "1", "det": det.replace("t", "1")},
    )


def _total(value: str, squares: tuple[Square, ...]) -> str:
    """The sum that the rule ``squares`` compares with the objective, without expectations."""
    parts = []
    for square in squares:
        node = Pow(parse(square.term, landscape.LETTERS), 2)
        parts.append(f"({square.coefficient})*{show(Sum(free_indices(node), node))}")
    return " + ".join([f"({value})", *parts])


@cache
def chart_certificate(chart: Chart) -> str:
    """Why nothing is left of the isotropic form beside l and the squares, by the hypotheses.

    L = L(N*) + 2 (slope at N*).(N - N*) + squares and L(N*) = c0 - lin (..) + (slope at N*).N*, up
    to |v|^2 = rho. The slope's entries along I, v v' and v are ``across``, ``along``, ``context``:
    the first is zero by the choice of alpha, the others are multiples of det - (its value).
    """
    rho, s = ("rho", "1") if chart.name == "b" else ("1", "s")
    across = f"((Q*{s}^2 + g2*{rho})*alpha - lin*{s})"
    along = f"((Q*{s}^2 + g2*{rho})*beta + (Q + g3)*{s}*gamma + (G - g2)*(alpha + beta*{rho}))"
    context = f"((Q + g3)*{s}*(alpha + beta*{rho}) + (Q*{rho} + g4*{s}^2)*gamma - lin)"
    trace = f"(2*sum[i](E0[i,i]) + d*alpha + beta*{rho})"
    middle = f"(2*sum[i,j](v[i]*E0[i,j]*v[j]) + alpha*{rho} + beta*{rho}^2)"
    pulled = f"(2*sum[i](f0[i]*v[i]) + gamma*{rho})"
    attained = f"c0 - lin*({s}*(d*alpha + beta*{rho}) + gamma*{rho})"
    known = Context(
        sorts=landscape.SORTS[1:],
        scalars=(layer.DIMENSION, *landscape.FORM_SCALARS, *chart.scalars),
        arrays=(chart.tensor, *landscape.FREE),
        definitions=(*chart.omega, *chart.distance),
        given=(*chart.given[1:], landscape.GRAM),
    )
    free = replace(
        known,
        scalars=(*known.scalars, *(Scalar(name) for name in UNKNOWNS)),
        definitions=tuple(x for x in known.definitions if x.name not in UNKNOWNS),
        given=(*chart.given[:1], landscape.GRAM),
    )
    expanded = " + ".join(
        [
            _total(attained, chart.squares),
            f"{across}*{trace}",
            f"{along}*{middle}",
            f"{context}*{pulled}",
        ]
    )
    parts = (
        combination(free, landscape.FORM, expanded),
        f"({combination(known, along, '0')})*{middle}",
        f"({combination(known, context, '0')})*{pulled}",
        combination(known, attained, chart.value),
    )
    named = (f"-{landscape.equation_name(name)}*({word})" for name, word in landscape.WORDS.items())
    return balanced([*parts, *named])


def converse(chart: Chart) -> tuple[str, ...]:
    """Why every square vanishes at N*."""
    scale = chart.scalars[0].name
    s = "s" if chart.name == "a" else "1"
    E0, f0 = f"{scale}*best1_1", f"{scale}*best1_2"
    return (
        f"{s}*{E0}[j,i] + {f0}[i]*v[j]",
        f"{E0}[i,j]*v[l] - {E0}[l,j]*v[i]",
        f"sum[i]({E0}[i,j]*v[i]) + {s}*g3/G*{f0}[j]",
        f"{s}*{f0}[j]",
    )


def chart_proof(
    name: str, context: Context, chart: Chart, claims: tuple[str, str], value: str | None = None
) -> Proof:
    """L = l + squares of N - N*, and hence min over N of L is l, attained at N* only.

    ``context`` declares the prompt, A, c and the seven coefficients; its loss must be of the
    isotropic form. ``claims`` are the identifiers of the decomposition and of the minimum.
    """
    full = landscape.extend(
        replace(context, arrays=(*context.arrays, *landscape.FREE, chart.tensor)),
        (*chart.omega, *landscape.predictor(), *chart.distance),
        chart.scalars,
        chart.given,
        (landscape.PROJECTION,),
    )
    filling = (
        Definition("A", ("i", "j"), "bestA[i,j]"),
        Definition("c", ("j",), "bestc[j]"),
    )
    steps = layer.minimum_steps(
        value or chart.value,
        chart.squares,
        chart_certificate(chart),
        chart.tree,
        layer.cases("A[i,j] = bestA[i,j]; c[j] = bestc[j]", "best"),
        (converse(chart),),
        filling,
        "L",
        ("A", "c"),
        landscape.LETTERS,
        {"bound": claims[0], "minimum": claims[1]},
    )
    return Proof(name, replace(full, instances=points(full, chart)), steps)


def points(context: Context, chart: Chart) -> tuple[Point, ...]:
    """Instances of a chart's context: those that it has, with the chart's own numbers added."""
    numbers = tuple(Definition(name, (), text) for name, text in chart.at.items())
    matrix = Definition("A", ("i", "j"), "delta[i,j]")
    row = Definition("c", ("j",), "1")
    found = []
    for point in context.instances:
        size = size_of(point)
        ones = tuple(Fraction(1) for _ in range(size))
        direction = Value("v", UNIT_VECTORS[size] if chart.name == "a" else ones)
        found.append(replace(point, values=(*point.values, *numbers, direction, matrix, row)))
    return tuple(found)


def size_of(point: Point) -> int:
    """d at an instance."""
    return next(size for size in UNIT_VECTORS if Value("d", Fraction(size)) in point.values)


UNIT_VECTORS = {
    1: (Fraction(1),),
    2: (Fraction(3, 5), Fraction(4, 5)),
    3: (Fraction(2, 3), Fraction(2, 3), Fraction(1, 3)),
}
