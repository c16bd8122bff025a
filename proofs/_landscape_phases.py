"""The phase theorem: signs of F on regions of (n, d, sigma2), replayed by the checker.

Each region of ``verifier.exact.landscape_regions`` becomes a context in which n, d, sigma2 and rho
are scalars with their ranges or polynomials in such scalars; the checker expands F there and looks
at the signs of the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs import _landscape as landscape
from proofs import _layer as layer
from verifier.proof.context import Context, Definition, Scalar
from verifier.proof.statements import By, Proof, Square, Step
from verifier.setting.numbers import exact_number

if TYPE_CHECKING:
    import sympy

    from verifier.exact.landscape_regions import Bounds, Region

PHASES = (
    "never-benign",
    "long-contexts",
    "three-noisy",
    "four-noisy",
    "four-one-example",
    "four-two-examples",
    "large-dimension",
    "large-noise",
    "short-contexts-1",
    "short-contexts-2",
    "short-contexts-3",
    "short-contexts-4",
    "shrinking-gap",
)
ZERO = Fraction(0)
INTEGERS = ("n", "d")
MEANINGS = {
    "n": "number of examples",
    "d": "dimension of the covariates",
    "sigma2": "noise variance",
    "rho": "|a|^2 / b^2",
    "v": "square root of n",
}
F_TEXT = "(d - 1)*g2*det^2 - P*(G*rho^2 - g4)*(Q + g2*rho)^2"
DET = "Q*(g4 - 2*g3*rho + G*rho^2) + P*rho"
COMPACT = "(d - 1)*(n + 2)*D^2 - p*(rho^2 - M)*(m + rho)^2"
SUBJECTS = {
    "F": f"{COMPACT}",
    "-F": f"-({COMPACT})",
    "-lead": "p - (d - 1)*(n + 2)*m^2",
    "gap": "{gap}*d/v - lin^2/Q*((d - 1)*g2*v/(Q + g2*v) + P*v/det)",
}


def bounds_of(claimed: Mapping[str, str]) -> Bounds:
    """The bounds of the phase theorem with the claimed ones in place of the proved ones.

    Raises ValueError for what is not a number, or not two where two are needed.
    """
    from dataclasses import fields, replace

    from verifier.exact.landscape_regions import Bounds

    proved, changes = Bounds(), {}
    for field in fields(Bounds):
        if field.name in claimed:
            values = tuple(exact_number(part.strip()) for part in claimed[field.name].split(","))
            pair = isinstance(getattr(proved, field.name), tuple)
            if len(values) != 1 + pair:
                raise ValueError(f"{field.name!r} takes {1 + pair} number(s) such as 3 or 7,120")
            changes[field.name] = values if pair else values[0]
    return replace(proved, **changes)  # type: ignore[arg-type]


@cache
def coefficient_definitions() -> tuple[Definition, ...]:
    """The seven coefficients and P as polynomials in n, d, sigma2."""
    values = landscape.isotropic_coefficients()
    own = tuple(
        Definition(name, (), values[name], landscape.MEANINGS[name])
        for name in landscape.COEFFICIENTS
    )
    return (*own, Definition("P", (), landscape.GRAM.right, "Gram determinant"))


@cache
def compact_definitions() -> tuple[Definition, ...]:
    """m = Q/n, M = g4/G, p = P/n^2 and D = det/(n^2 (n + 2)), derived, as polynomials."""
    import sympy

    from verifier.exact.landscape_reduction import derived_form, reduction
    from verifier.exact.landscape_regions import RHO, N

    form = derived_form()
    cross = form.g1 + form.g2
    minor = reduction().convexity[1].as_expr()
    determinant = minor.subs(
        {sympy.Symbol(name): getattr(form, name) for name in ("quadratic", "g1", "g2", "g3", "g4")}
    )
    values = {
        "m": form.quadratic / N,
        "M": form.g4 / cross,
        "p": (cross * form.g4 - form.g3**2) / N**2,
        "D": determinant / (N**2 * (N + 2)),
    }
    found = []
    for name, value in values.items():
        polynomial = sympy.Poly(sympy.cancel(value), RHO)
        terms = [
            f"({layer.text_of(sympy.factor(c))})*rho^{power}" if power else layer.text_of(c)
            for (power,), c in polynomial.terms()
        ]
        found.append(Definition(name, (), " + ".join(terms)))
    return tuple(found)


def shape_proof() -> Proof:
    """F in compact form; where F > 0 needs no region: D^2 >= 0, and M > (d + sigma2)^2."""
    context = Context(
        scalars=(*layer.SIZES, Scalar("rho", ZERO, meaning=MEANINGS["rho"])),
        definitions=(
            *coefficient_definitions(),
            Definition("det", (), DET, "determinant"),
            *compact_definitions(),
            Definition("F", (), F_TEXT, "numerator of l', claim slope"),
        ),
    )
    squares = (Square("(d - 1)*(n + 2)", "D"),)
    steps = (
        layer.identity_step("compact", "F", f"n^5*(n + 2)*({COMPACT})", claim="compact"),
        layer.identity_step(
            "lead",
            "(d - 1)*Q^2*G - P*g2",
            "n^3*((d - 1)*(n + 2)*m^2 - p)",
            claim="lead",
        ),
        layer.inequality_step(
            "low", COMPACT, "p*(M - rho^2)*(m + rho)^2", ">=", By(squares=squares), "low"
        ),
        sign_step("low-value", "M - (d + sigma2)^2", "low-range"),
    )
    return Proof("the numerator of the slope", context, steps)


def sign_step(name: str, expression: str, claim: str) -> Step:
    """expression > 0, by the signs of its coefficients in the scalars' ranges."""
    return layer.inequality_step(name, expression, "0", ">", By(rest=expression), claim)


def foundation_proof() -> Proof:
    """The coefficients that must be positive are, for all n, d >= 1 and sigma2 >= 0."""
    context = Context(scalars=layer.SIZES, definitions=coefficient_definitions())
    steps = tuple(
        sign_step(f"positive {name}", name, f"positive-{name}")
        for name in ("Q", "g2", "G", "g4", "P")
    )
    return Proof("positive coefficients", context, steps)


def phase_proof(name: str, region: Region, bounds: Bounds) -> Proof:
    """One region: a context with its substitution, and the sign of its subject there."""
    scalars, definitions = _declared(region)
    own: tuple[Definition, ...] = compact_definitions()
    if region.subject == "gap":
        definitions = (
            *definitions,
            Definition("n", (), "v^2", MEANINGS["n"]),
            Definition("rho", (), "v", MEANINGS["rho"]),
        )
        own = (*coefficient_definitions(), Definition("det", (), DET, "determinant"))
    elif region.subject == "-lead":
        own = tuple(x for x in own if x.name in ("m", "p"))
    context = Context(
        scalars=scalars,
        definitions=(*definitions, *own),
        assumptions=(landscape.DERIVATIVE, landscape.CALCULUS, landscape.PROJECTION),
    )
    subject = SUBJECTS[region.subject].format(gap=f"({bounds.gap})")
    return Proof(region.name, context, (sign_step(name, subject, name),))


def _declared(region: Region) -> tuple[tuple[Scalar, ...], tuple[Definition, ...]]:
    """Scalars with their minimum for substitutions such as d = 2 + d_, definitions for others."""
    import sympy

    from verifier.exact.landscape_regions import SHIFTED

    scalars, definitions = [], []
    back: dict[sympy.Symbol, sympy.Expr] = {}
    for symbol, value in region.substitution.items():
        shift = [x for x in SHIFTED if sympy.expand(value - x).is_number]
        if shift and shift[0] not in back:
            low = sympy.expand(value - shift[0])
            back[shift[0]] = symbol - low
            minimum = Fraction(int(low.p), int(low.q))
            scalars.append(
                Scalar(
                    str(symbol),
                    minimum,
                    integer=str(symbol) in INTEGERS,
                    meaning=MEANINGS[str(symbol)],
                )
            )
    left: set[sympy.Symbol] = set()
    for symbol, value in region.substitution.items():
        if str(symbol) not in {s.name for s in scalars}:
            written = value.subs(back)
            left |= written.free_symbols & set(SHIFTED)
            definitions.append(
                Definition(str(symbol), (), layer.text_of(written), MEANINGS[str(symbol)])
            )
    scalars += [
        Scalar(str(x), ZERO, meaning="any number >= 0") for x in sorted(left - set(back), key=str)
    ]
    return tuple(scalars), tuple(definitions)


def phase_proofs(claimed: Mapping[str, str]) -> tuple[Proof, ...]:
    """All regions of the phase theorem, with claimed bounds where there are any."""
    from verifier.exact.landscape_regions import regions

    bounds = bounds_of(claimed)
    return tuple(
        phase_proof(name, region, bounds)
        for name, region in zip(PHASES, regions(bounds), strict=True)
    )


def statements(claimed: Mapping[str, str]) -> dict[str, str]:
    """The regions in words, under the identifiers of their claims."""
    from verifier.exact.landscape_regions import regions

    found = regions(bounds_of(claimed))
    return {name: region.statement for name, region in zip(PHASES, found, strict=True)}
