"""Local minima and saddles of the reduced loss l by explicit neighbourhoods and curves.

The difference quotient F(x, y) of l (claim ``slope``) has degree 2 in x. So with
F(x, y) = F + (x - y) F1 + (x - y)^2 F2 at x = y, F1 half the derivative of F there,

    l(x) - l(y) = (x - y) (F + (x - y) F1 + (x - y)^2 F2) lin^2/positive,

exactly. At a root y of F the sign of l(x) - l(y) is that of F1 + (x - y) F2: where it is >= 0, on a
half line of x, l is at least l(y), and where it is < 0, l is below. Near rho = oo so in 1/rho.
No limit is taken. ``segment`` leads down from every N other than N*(omega).
"""

from __future__ import annotations

from dataclasses import replace

from proofs.shared import layer
from proofs.shared.landscape import reduction, slope
from proofs.shared.landscape import vocabulary as landscape
from verifier.proof.context import Atom, Context, Definition, Scalar
from verifier.proof.statements import By, Claim, Conclude, Proof, Square, Step

ZERO = landscape.ZERO
BELOW = "((Q + g2*x)*(Q + g2*y)*detx*dety)"
EXPANDED = (
    Definition(
        "F", (), "(d - 1)*g2*dety^2 - P*(G*y^2 - g4)*(Q + g2*y)^2", "numerator of l' at rho = y"
    ),
    Definition(
        "F1",
        (),
        "(d - 1)*g2*dety*(2*Q*(G*y - g3) + P) - P*(Q + g2*y)*(G*y*(Q + g2*y) + g2*(G*y^2 - g4))",
        "half its derivative",
    ),
    Definition("F2", (), "G*g2*((d - 1)*Q*dety - P*y*(Q + g2*y))", "second coefficient"),
)
# F(x, y) with det(x) multiplied out: (d - 1) g2 dety times the hypotheses on detx and dety.
QUOTIENT = f"lin^2/{BELOW}*(x - y)*((d - 1)*g2*dety*(is_detx - is_dety))"
FAR = "(d - 1)*Q*detx - P*(Q*x + g2)"
ROOT = Atom("root", "F")
SIDE = "F1 + (x - y)*F2"
CLAIMS = (
    ("expansion", "l(x) - l(y) = (x - y)(F + (x - y) F1 + (x - y)^2 F2)/positive, F at y"),
    ("minimum-inside", "F(y) = 0: l >= l(y) at every rho = x with F1 + (x - y) F2 >= 0"),
    ("saddle-inside", "F(y) = 0: l < l(y) at every rho = x != y with F1 + (x - y) F2 < 0"),
    ("well", "F(y) = 0, F1 >= 0: F2 > 0, so l >= l(y) at every rho >= y - F1/F2, rho = oo too"),
    ("minimum-infinity", "l >= l(oo) at every t = 1/rho with (d - 1) Q det <= P (Q t + g2)"),
    ("saddle-infinity", "l < l(oo) at every t = 1/rho > 0 with (d - 1) Q det > P (Q t + g2)"),
    (
        "segment",
        "L at N + s (N1 - N): a chord less s (1 - s) times the second difference of convexity",
    ),
)


def inside_proof() -> Proof:
    """l around any y > 0, in rho."""
    base = slope.quotient_context("rho")
    scalars = tuple(replace(s, strict=True) if s.name == "y" else s for s in base.scalars)
    scalars = (*scalars, Scalar("e", ZERO, meaning="any number >= 0"))
    context = replace(
        base,
        scalars=tuple(
            replace(s, minimum=ZERO, strict=True) if s.name == "g4" else s for s in scalars
        ),
        definitions=(*base.definitions, *EXPANDED),
        instances=tuple(
            replace(point, values=(*point.values, Definition("e", (), "1")))
            for point in base.instances
        ),
        assumptions=(),
    )
    left, shared = "lx - ly", f"{slope.BY_DETERMINANTS} + {QUOTIENT}"
    at_root = f"{shared} + lin^2/{BELOW}*(x - y)*root"
    above, under = Atom("side", SIDE, "e"), Atom("side", SIDE, "-e")
    scaled = f"lin^2/{BELOW}*(x - y)^2"
    steps = (
        layer.identity_step(
            "expansion",
            left,
            f"(x - y)*lin^2*(F + (x - y)*F1 + (x - y)^2*F2)/{BELOW}",
            By(shared),
            claim="expansion",
        ),
        _inequality(
            "minimum-inside",
            (ROOT, above),
            Atom("least", "lx", "ly", ">="),
            By(f"{at_root} + {scaled}*side", squares=(Square(f"lin^2*e/{BELOW}", "x - y"),)),
        ),
        layer.identity_step(
            "saddle-inside",
            left,
            f"-(x - y)^2*lin^2*e/{BELOW}",
            By(f"{at_root} + {scaled}*side"),
            (ROOT, under),
            "saddle-inside",
        ),
        _inequality(
            "well",
            (ROOT, Atom("rising", "F1", "e")),
            Atom("upwards", "F2", "0", ">"),
            By(
                "(y*rising - root + (d - 1)*g2*dety*is_dety)/y^2",
                rest="e/y + Q*g4*((d - 1)*g2*dety + P*(Q + g2*y))/y^2",
            ),
        ),
    )
    return Proof("minima and saddles inside", context, steps)


def _inequality(name: str, given: tuple[Atom, ...], atom: Atom, by: By) -> Step:
    """If the equations of ``given`` hold, so does the inequality."""
    return Step(name, Claim(given, ((atom,),)), Conclude(0, {atom.name: by}), claim=name)


def infinity_proof() -> Proof:
    """l around t = 0, that is, rho = oo."""
    value, det = reduction.INFINITE
    context = Context(
        scalars=(
            *slope.positive("lin"),
            Scalar("x", ZERO, strict=True, meaning="t = 1/rho, any number > 0"),
            Scalar("detx", ZERO, strict=True, meaning="the determinant at x"),
            Scalar("e", ZERO, strict=True, meaning="any number > 0"),
        ),
        definitions=(
            Definition("lx", (), slope.at(value, {"t": "x", "det": "detx"}), "l at t = x"),
            Definition("linfinity", (), "c0 - lin^2/Q", "its value at t = 0"),
        ),
        given=(Atom("is_detx", "detx", slope.at(det, {"t": "x"})), landscape.GRAM),
        instances=slope.instances({"x": "1", "detx": slope.at(det, {"t": "x"}), "e": "1"}),
    )
    by, rest = "lin^2/Q*is_detx/detx", "x*lin^2/(Q*(Q*x + g2)*detx)"
    steps = tuple(
        _inequality(
            name,
            (Atom("side", FAR, f"{sign}e"),),
            Atom("least", *sides, ">"),
            By(f"{minus}({by}) {plus} {rest}*side", rest=f"{rest}*e"),
        )
        for name, sign, minus, plus, sides in (
            ("minimum-infinity", "-", "", "-", ("lx", "linfinity")),
            ("saddle-infinity", "", "-", "+", ("linfinity", "lx")),
        )
    )
    return Proof("minimum or saddle at rho = oo", context, steps)


def segment_proof() -> Proof:
    """The isotropic form between two values of N, omega fixed."""
    names = ("Ato", "cto")
    ends = zip(names, (landscape.MATRIX, landscape.VECTOR), strict=True)
    tensors = (*landscape.OMEGA, *landscape.FREE)
    context = Context(
        sorts=landscape.SORTS[1:],
        scalars=(layer.DIMENSION, *landscape.FORM_SCALARS[:-1], Scalar("s")),
        arrays=(*tensors, *(replace(tensors[2], name=n, sorts=sorts) for n, sorts in ends)),
        definitions=(
            Definition("MA", ("i", "j"), "Ato[i,j] - A[i,j]", "N1 - N"),
            Definition("mc", ("j",), "cto[j] - c[j]"),
            Definition("Aon", ("i", "j"), "A[i,j] + s*MA[i,j]", "N + s (N1 - N)"),
            Definition("con", ("j",), "c[j] + s*mc[j]"),
            *(
                Definition(name, (), form(*at), "the loss there: claim loss")
                for name, at in (("L0", ("A", "c")), ("L1", names), ("Ls", ("Aon", "con")))
            ),
        ),
    )
    right = f"(1 - s)*L0 + s*L1 - s*(1 - s)*({quadratic_part('MA', 'mc')})"
    step = layer.identity_step("segment", "Ls", right, claim="segment")
    return Proof("between two values of N", context, (step,))


def form(A: str, c: str) -> str:
    """The isotropic form at omega = (a, b) and N of these names."""
    return " + ".join(f"{name}*({word})" for name, word in landscape.words(A, c).items())


def quadratic_part(A: str, c: str) -> str:
    """The part of the form that is quadratic in N of these names (and in omega)."""
    words = landscape.words(A, c)
    return " + ".join(f"{name}*({words[name]})" for name in ("Q", "g2", "G", "g3", "g4"))


def proofs() -> tuple[Proof, ...]:
    """All of them."""
    return (inside_proof(), infinity_proof(), segment_proof())
