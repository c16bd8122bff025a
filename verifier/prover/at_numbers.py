"""What a theorem's number is at the setting's numbers, as a claim that the checker accepts too.

    If n = 20, d = 5, sigma2 = 1/2, then d + sigma2 - d*n/(d + n + sigma2 + 1) = 183/106.

One scalar after the other is set: f(x, ...) - f(x0, ...) is (x - x0) times a rational function.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from verifier.proof.context import Atom, Context
from verifier.proof.statements import By, Claim, Conclude, Step
from verifier.proof.syntax import Symbol, nodes
from verifier.prover.reading import scalar_text

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
    text: str, values: Mapping[str, Fraction], claim: str, named: str = "", said: str = ""
) -> Step:
    """That a rational function of the scalars is this number where they are ``values``.

    ``named``: a definition whose body is ``text``, stated in its place; ``said``: what it is
    claimed to be. The text is one that was derived.
    """
    import sympy

    rest = sympy.sympify(text.replace("^", "**"), {name: sympy.Symbol(name) for name in values})
    given, terms = [], []
    for name, value in values.items():
        symbol, number = sympy.Symbol(name), sympy.Rational(value.numerator, value.denominator)
        if symbol not in rest.free_symbols:
            continue
        fixed = sympy.cancel(rest.subs(symbol, number))
        factor = sympy.factor(sympy.cancel((rest - fixed) / (symbol - number)))
        atom = Atom(f"at_{name}", name, str(value))
        given.append(atom)
        terms.append(f"({scalar_text(factor)})*{atom.name}")
        rest = fixed
    equation = Atom("here", named or text, said or scalar_text(rest))
    by = Conclude(0, {equation.name: By(" + ".join(terms) or "0")})
    return Step(claim, Claim(tuple(given), ((equation,),)), by, claim=claim)
