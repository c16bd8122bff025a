"""What a theorem's number is at the setting's numbers, as a claim that the checker accepts too.

    If n = 20, d = 5, sigma2 = 1/2, then d + sigma2 - d*n/(d + n + sigma2 + 1) = 183/106.

One scalar after the other is set: f(x, ...) - f(x0, ...) is (x - x0) times a rational function.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Atom, Context
from verifier.proof.statements import By, Claim, Conclude, Step
from verifier.proof.syntax import Symbol, nodes

if TYPE_CHECKING:
    from verifier.prover.search.coefficients import Polynomial
    from verifier.prover.search.forms import Forms

HERE, RATE_HERE = "minimum-here", "rate-here"
WORDS = {
    HERE: "L* at the numbers of the setting",
    RATE_HERE: "The learning rate at the numbers of the setting",
}


def scalar_only(context: Context, text: str) -> bool:
    """Whether a text is a rational function of the scalars."""
    scalars = {scalar.name for scalar in context.scalars}
    return all(one.name in scalars for one in nodes(context.read(text)) if isinstance(one, Symbol))


def at_numbers(
    context: Context,
    text: str,
    values: Mapping[str, Fraction],
    claim: str,
    named: str = "",
    said: str = "",
) -> Step:
    """That a rational function of the scalars is this number where they are ``values``.

    ``named``: a definition whose body is ``text``, stated in its place; ``said``: what it is
    claimed to be. The text is one that was derived.
    """
    from verifier.prover.search.forms import Forms  # slow to import

    forms = Forms(context)
    (above,), below = forms.cleared([forms.form(text).get((), {})])
    given, terms = [], []
    for name, value in values.items():
        here = _set(above, below, name, value)
        if here == (above, below):
            continue
        gap = above * here[1] - here[0] * below
        step = above.context().gen(above.context().variable_to_index(name))
        factor = gap * value.denominator / (value.denominator * step - value.numerator)
        atom = Atom(f"at_{name}", name, str(value))
        given.append(atom)
        terms.append(f"({_written(forms, factor, below * here[1])})*{atom.name}")
        above, below = here
    equation = Atom("here", named or text, said or _written(forms, above, below))
    by = Conclude(0, {equation.name: By(" + ".join(terms) or "0")})
    return Step(claim, Claim(tuple(given), ((equation,),)), by, claim=claim)


def _written(forms: Forms, above: Polynomial, below: Polynomial) -> str:
    """The fraction in lowest terms; numbers may be longer than the checker reads."""
    common = above.gcd(below)
    return forms.quotient(above / common, below / common)


def _set(
    above: Polynomial, below: Polynomial, name: str, value: Fraction
) -> tuple[Polynomial, Polynomial]:
    """The fraction above/below with a number in place of one scalar, over the integers."""
    at = above.context().variable_to_index(name)
    degree = max(above.degrees()[at], below.degrees()[at])

    def fixed(polynomial: Polynomial) -> Polynomial:
        found: dict[tuple[int, ...], int] = {}
        for powers, number in polynomial.to_dict().items():
            power, rest = powers[at], (*powers[:at], 0, *powers[at + 1 :])
            scale = value.numerator**power * value.denominator ** (degree - power)
            found[rest] = found.get(rest, 0) + int(number) * scale
        return polynomial.context().from_dict(found)

    return (fixed(above), fixed(below)) if degree else (above, below)
