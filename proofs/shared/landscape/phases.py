"""The phase theorem: signs of F on regions of (n, d, sigma2), replayed by the checker.

Each region of ``verifier.stationary.regions`` becomes a context in which n, d, sigma2 and rho
are scalars with their ranges or polynomials in such scalars; the checker expands F there and looks
at the signs of the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import balanced
from verifier.proof.context import Context, Definition, Scalar
from verifier.proof.statements import By, Proof, Square, Step
from verifier.setting.numbers import exact_number

if TYPE_CHECKING:
    import sympy
    from sympy.polys.rings import PolyElement

    from verifier.stationary.regions import Bounds, Region

PHASES = (
    "never-benign",
    "long-contexts",
    "three-noisy",
    "four-noisy",
    "four-one-example",
    "four-two-examples",
    "large-dimension",
    "large-noise",
    "short-contexts",
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

    from verifier.stationary.regions import Bounds

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
def _compact() -> Mapping[str, sympy.Expr]:
    """m = Q/n, M = g4/G, p = P/n^2 and D = det/(n^2 (n + 2)), derived."""
    import sympy

    from verifier.stationary.reduction import derived_form, reduction
    from verifier.stationary.regions import N

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
    return {name: sympy.cancel(value) for name, value in values.items()}


@cache
def compact_definitions() -> tuple[Definition, ...]:
    """m, M, p and D as polynomials in n, d, sigma2 (and rho)."""
    import sympy

    from verifier.stationary.regions import RHO

    found = []
    for name, value in _compact().items():
        terms = [
            f"({layer.text_of(sympy.factor(c))})*rho^{power}" if power else layer.text_of(c)
            for (power,), c in sympy.Poly(value, RHO).terms()
        ]
        found.append(Definition(name, (), " + ".join(terms)))
    return tuple(found)


@cache
def _compact_slope() -> sympy.Poly:
    """F/(n^5 (n + 2)) in n, d, sigma2 and rho, from which squares are taken."""
    import sympy

    from verifier.stationary.regions import RHO, SIGMA2, D, N

    parts = {
        name: sympy.Poly(value, N, D, SIGMA2, RHO)
        for name, value in {**_compact(), "n": N, "d": D, "rho": RHO}.items()
    }
    m, M, p, det = (parts[name] for name in ("m", "M", "p", "D"))
    n, d, rho = (parts[name] for name in ("n", "d", "rho"))
    return (d - 1) * (n + 2) * det**2 - p * (rho**2 - M) * (m + rho) ** 2


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
    scalars, definitions, back = _declared(region)
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
        assumptions=(landscape.CALCULUS,) if region.subject in ("-F", "gap") else (),
    )
    subject = SUBJECTS[region.subject].format(gap=f"({bounds.gap})")
    by = By(rest=subject)
    if region.subject == "F":
        squares = _squares(region, back)
        total = " + ".join(f"({square.coefficient})*({square.term})^2" for square in squares)
        by = By(rest=f"{subject} - ({total or 0})", squares=squares)
    step = layer.inequality_step(name, subject, "0", ">", by, name)
    return Proof(region.name, context, (step,))


def _squares(region: Region, back: Mapping[sympy.Symbol, sympy.Expr]) -> tuple[Square, ...]:
    """What is taken off F on a region, so that no negative coefficient is left."""
    import sympy

    from verifier.stationary.phase_claims import substituted
    from verifier.stationary.regions import R_, SHIFTED
    from verifier.stationary.squares import squares

    slope = _compact_slope()
    numerator = substituted(slope, region.substitution)
    taken = squares(numerator, SHIFTED.index(R_))
    if not taken:
        return ()
    below = "*".join(
        f"({layer.text_of(sympy.fraction(value)[1])})^{slope.degree(symbol)}"
        for symbol, value in region.substitution.items()
    )
    names = [layer.text_of(back.get(symbol, symbol)) for symbol in SHIFTED]
    return tuple(
        Square(
            f"({_text(amount, names)})*({_polynomial(shape.factor)})/({below})",
            _polynomial(shape.term),
        )
        for shape, amount in taken.items()
    )


def _text(polynomial: PolyElement, names: list[str]) -> str:
    """A polynomial as index text, its generators called by these expressions."""
    terms = []
    for powers, value in polynomial.terms():
        factors = [f"({name})^{k}" for name, k in zip(names, powers, strict=True) if k]
        terms.append("*".join([str(value), *factors]))
    return balanced(terms)


def _polynomial(coefficients: tuple[Fraction, ...]) -> str:
    """A polynomial in r_ from its coefficients, constant first."""
    terms = [f"({value})*r_^{k}" if k else f"({value})" for k, value in enumerate(coefficients)]
    return " + ".join(term for term, value in zip(terms, coefficients, strict=True) if value)


def _declared(
    region: Region,
) -> tuple[tuple[Scalar, ...], tuple[Definition, ...], Mapping[sympy.Symbol, sympy.Expr]]:
    """Scalars with their minimum for substitutions such as d = 2 + d_, definitions for others.

    Also what the shifted variables are in these scalars: d_ = d - 2. rho is a multiple of
    k = d + sigma2 in every region, and written as one.
    """
    import sympy

    from verifier.stationary.regions import RHO, SHIFTED, K

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
            multiple = sympy.cancel(value / K.subs(region.substitution)) if symbol == RHO else value
            written = multiple.subs(back)
            left |= written.free_symbols & set(SHIFTED)
            text = layer.text_of(written)
            text = f"({text})*({layer.text_of(K)})" if symbol == RHO else text
            definitions.append(Definition(str(symbol), (), text, MEANINGS[str(symbol)]))
    scalars += [
        Scalar(str(x), ZERO, meaning="any number >= 0") for x in sorted(left - set(back), key=str)
    ]
    return tuple(scalars), tuple(definitions), back


def phase_proofs(claimed: Mapping[str, str]) -> tuple[Proof, ...]:
    """All regions of the phase theorem, with claimed bounds where there are any."""
    from verifier.stationary.regions import regions

    bounds = bounds_of(claimed)
    return tuple(
        phase_proof(name, region, bounds)
        for name, region in zip(PHASES, regions(bounds), strict=True)
    )


def statements(claimed: Mapping[str, str]) -> dict[str, str]:
    """The regions in words, under the identifiers of their claims."""
    from verifier.stationary.regions import regions

    found = regions(bounds_of(claimed))
    return {name: region.statement for name, region in zip(PHASES, found, strict=True)}
