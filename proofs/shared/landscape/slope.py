"""The reduced loss l as a function of one number: its determinant, its slope, its two ends.

All for any coefficients of the isotropic form that are positive as Theorem 1's are. The slope is
the difference quotient: l(x) - l(y) = (x - y) lin^2 F(x, y) / (positive), with F(x, x) = F(x), so
no derivative has to be taken by the checker; near rho = oo the same in t = 1/rho.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proofs.shared import layer
from proofs.shared.landscape import phases, reduction
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import combination
from verifier.proof.context import Atom, Context, Definition, Point, Scalar
from verifier.proof.statements import By, Proof, Square
from verifier.proof.syntax import Binary, Neg, Node, Pow, Symbol, parse, show

ZERO = landscape.ZERO
GENERAL = (layer.DIMENSION, *landscape.FORM_SCALARS)
FINITE_SLOPE = "(d - 1)*g2*detx*dety - P*(G*x*y - g4)*(Q + g2*x)*(Q + g2*y)"
INFINITE_SLOPE = "(d - 1)*g2*detx*dety - P*(G - g4*x*y)*(Q*x + g2)*(Q*y + g2)"
# Q q = det - P z - (its hypothesis) turns q/det into 1/Q - P z/(Q det); then z/det is subtracted.
BY_DETERMINANTS = "lin^2/Q*(is_detx/detx - is_dety/dety + P*(x*is_dety - y*is_detx)/(detx*dety))"


def at(text: str, values: Mapping[str, str]) -> str:
    """The expression with scalars replaced by other expressions."""
    nodes = {name: parse(value, {}) for name, value in values.items()}

    def replaced(node: Node) -> Node:
        match node:
            case Symbol(name, ()):
                return nodes.get(name, node)
            case Binary(operation, left, right):
                return Binary(operation, replaced(left), replaced(right))
            case Pow(base, exponent):
                return Pow(replaced(base), exponent)
            case Neg(body):
                return Neg(replaced(body))
        return node

    return show(replaced(parse(text, {})))


def _point(name: str) -> tuple[Scalar, Scalar]:
    return (
        Scalar(name, ZERO, meaning="any number >= 0"),
        Scalar(f"det{name}", ZERO, strict=True, meaning=f"the determinant at {name}"),
    )


def positive(name: str) -> tuple[Scalar, ...]:
    """The scalars of the form with this one > 0 as well."""
    return tuple(replace(s, minimum=ZERO, strict=True) if s.name == name else s for s in GENERAL)


FORM_AT = {"c0": "10", "lin": "1", "Q": "2", "g2": "1", "G": "3", "g3": "1", "g4": "1"}


def instances(numbers: Mapping[str, str]) -> tuple[Point, ...]:
    """d = 1 and d = 2 with small coefficients of the form, P their Gram determinant."""
    form = {**FORM_AT, "P": landscape.GRAM.right}
    points = landscape.instances({**form, **numbers}, {})
    return tuple(
        replace(point, values=tuple(v for v in point.values if v.name != "n")) for point in points
    )


def determinant_proof() -> Proof:
    """g4 det is a positive number plus a square, at every rho >= 0 and at every t >= 0."""
    context = Context(
        scalars=(*positive("g4"), Scalar("x", ZERO, meaning="rho, or t")),
        given=(landscape.GRAM,),
        instances=instances({"x": "1"}),
    )
    steps = []
    for name, (_, det), variable, lead, value in (
        ("determinant", reduction.FINITE, "rho", "G", "Q*P + G*P*x"),
        ("determinant-infinity", reduction.INFINITE, "t", "g4", "Q*P + g4*P*x"),
    ):
        square = Square("Q", f"{lead}*x - g3")
        by = By("-Q*gram", rest=value, squares=(square,))
        objective = f"{lead}*({at(det, {variable: 'x'})})"
        steps.append(layer.inequality_step(name, objective, "0", ">", by, name))
    return Proof("determinants", context, tuple(steps))


def quotient_context(variable: str) -> Context:
    """l at x and at y, with their determinants: in rho, or in t = 1/rho."""
    value, det = reduction.FINITE if variable == "rho" else reduction.INFINITE
    determinants = {f"det{z}": at(det, {variable: z}) for z in "xy"}
    return Context(
        scalars=(*GENERAL, *_point("x"), *_point("y")),
        definitions=tuple(
            Definition(
                f"l{z}", (), at(value, {variable: z, "det": f"det{z}"}), f"l at {variable} = {z}"
            )
            for z in "xy"
        ),
        given=(
            *(Atom(f"is_{name}", name, text) for name, text in determinants.items()),
            landscape.GRAM,
        ),
        instances=instances({"x": "1", "y": "2", **determinants}),
        assumptions=(landscape.DERIVATIVE,),
    )


def slope_proof(name: str, claimed: Mapping[str, str]) -> Proof:
    """l(x) - l(y) over x - y, in rho (``slope``) or in t = 1/rho (``slope-infinity``)."""
    finite = name == "slope"
    slope = claimed.get("slope", FINITE_SLOPE) if finite else INFINITE_SLOPE
    sign, (one, two) = ("", ("Q + g2*x", "Q + g2*y")) if finite else ("-", ("Q*x + g2", "Q*y + g2"))
    right = f"{sign}(x - y)*lin^2*({slope})/(({one})*({two})*detx*dety)"
    step = layer.identity_step(name, "lx - ly", right, By(BY_DETERMINANTS), claim=name)
    return Proof(name, quotient_context("rho" if finite else "t"), (step,))


def excess_proof() -> Proof:
    """l - l(0) at rho > 0, which is positive, and l(oo) - l(0)."""
    value, det = reduction.FINITE
    rho = Scalar("rho", ZERO, strict=True, meaning=phases.MEANINGS["rho"])
    context = Context(
        scalars=(
            *positive("lin"),
            rho,
            reduction.DET,
        ),
        definitions=(
            Definition("l", (), value, "the reduced loss"),
            Definition("lzero", (), "c0 - d*lin^2/Q", "its value at rho = 0"),
            Definition("linfinity", (), "c0 - lin^2/Q", "its limit as rho tends to infinity"),
        ),
        given=(Atom("determinant", "det", det), landscape.GRAM),
        instances=instances({"rho": "1", "det": det}),
    )
    left = "l - lzero"
    right = "lin^2/Q*((d - 1)*g2*rho/(Q + g2*rho) + P*rho/det)"
    steps = (
        layer.identity_step(
            "excess", left, right, By(combination(context, left, right)), claim="excess"
        ),
        layer.inequality_step("excess-sign", right, "0", ">", By(rest=right), "global"),
        layer.identity_step("ends", "linfinity - lzero", "(d - 1)*lin^2/Q", claim="ends"),
    )
    return Proof("the two ends", context, steps)


def line_proof() -> Proof:
    """d = 1: F is a positive multiple of g4 - G rho^2, so l rises once and falls once."""
    context = Context(
        scalars=(*landscape.FORM_SCALARS, Scalar("rho", ZERO), Scalar("det", ZERO, strict=True)),
        definitions=(
            Definition("d", (), "1", phases.MEANINGS["d"]),
            Definition("F", (), phases.F_TEXT, "numerator of l', claim slope"),
        ),
    )
    step = layer.identity_step("line", "F", "P*(Q + g2*rho)^2*(g4 - G*rho^2)", claim="line")
    return Proof("dimension one", context, (step,))
