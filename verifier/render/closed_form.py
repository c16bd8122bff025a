"""Scalars in closed form: factored, fractions cancelled.

SymPy proposes, the checker's own arithmetic confirms: what is shown equals what was checked.
"""

from __future__ import annotations

from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS
from verifier.proof.syntax import Binary, Node, ProofError, free_indices, parse
from verifier.render.as_written import tidy

LONGEST = 160


def closed_form(meaning: Meaning, node: Node) -> Node | None:
    """A short product or quotient with the value of a scalar expression; None if there is none."""
    import sympy

    if free_indices(node):
        return None
    try:
        value = meaning.value(node)
        numerator, below = meaning.cleared(value)
    except ProofError:
        return None
    if any(networks for _, networks in numerator):
        return None
    symbols = {name: sympy.Symbol(name) for name in meaning.shift}

    def polynomial(terms: list[tuple[int, object]]) -> sympy.Expr:
        total = sympy.Integer(0)
        for packed, coefficient in terms:
            term = sympy.Rational(str(coefficient))
            for name, exponent in exponents(meaning, packed).items():
                term *= symbols[name] ** exponent
            total += term
        return total

    quotient = polynomial([(packed, c) for (packed, _), c in numerator.items()]) / value.den
    for base, power in below:
        quotient /= polynomial(list(base)) ** power
    text = str(sympy.factor(sympy.cancel(quotient))).replace("**", "^")
    if len(text) > LONGEST:
        return None
    found = tidy(parse(text, {}))
    same = meaning.vanishes(meaning.value(Binary("-", node, found)))
    return found if same else None


def exponents(meaning: Meaning, packed: int) -> dict[str, int]:
    """The exponents of a monomial of scalars."""
    found = {name: packed >> at & (1 << BITS) - 1 for name, at in meaning.shift.items()}
    return {name: exponent for name, exponent in found.items() if exponent}
