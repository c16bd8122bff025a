"""Certificates for identities that hold modulo hypotheses of the form symbol = polynomial.

Untrusted: the difference of the two sides is divided by the hypotheses, and the quotients are
written down as the combination that the checker multiplies out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Context
from verifier.proof.mean import Meaning
from verifier.proof.normal import Base, Value
from verifier.proof.syntax import Fuel
from verifier.prover.reading import exponents, network_text

if TYPE_CHECKING:
    from sympy.polys.rings import PolyElement

Generator = str | int
FUEL = 50_000_000


def combination(context: Context, left: str, right: str) -> str:
    """left - right as a combination of the context's given equations, each ``symbol = polynomial``.

    A symbol is a scalar or a closed sum such as sum[i](v[i]^2); no equation may have an earlier
    symbol on its right. Raises ValueError where the two sides differ even under the equations.
    """
    from sympy import QQ
    from sympy.polys.orderings import lex
    from sympy.polys.rings import PolyRing

    meaning = Meaning(context, Fuel(FUEL))

    def value(text: str) -> Value:
        return meaning.value(context.read(text))

    gap = meaning.plus(value(left), value(right), -1)
    cleared, below = meaning.cleared(gap)
    gap = Value(cleared, gap.den)
    sides = [(value(atom.left), value(atom.right)) for atom in context.given]
    order: dict[Generator, None] = {}
    for part in (*(one for one, _ in sides), *(two for _, two in sides), gap):
        order.update(dict.fromkeys(_generators(meaning, part)))
    generators = list(order)
    target = PolyRing([f"g{k}" for k in range(len(generators))], QQ, lex)
    place = {generator: k for k, generator in enumerate(generators)}

    def element(part: Value) -> PolyElement:
        total = {}
        for (packed, networks), coefficient in part.num.items():
            powers = [0] * len(generators)
            for name, exponent in exponents(meaning, packed).items():
                powers[place[name]] += exponent
            for network in networks:
                powers[place[network]] += 1
            exact = Fraction(coefficient) / part.den
            total[tuple(powers)] = QQ(exact.numerator, exact.denominator)
        return target.from_dict(total)

    difference = element(gap)
    if not difference:
        return "0"
    quotients, rest = difference.div([element(one) - element(two) for one, two in sides])
    if rest:
        raise ValueError(f"{left[:60]!r} and {right[:60]!r} differ under the equations")
    used = [(atom.name, q) for atom, q in zip(context.given, quotients, strict=True) if q]
    texts = {g: network_text(meaning, g) for g in generators if isinstance(g, int)}
    total = balanced([f"{name}*{_text(q, generators, texts)}" for name, q in used])
    return f"{total}/({_denominator(meaning, below)})"


def _generators(meaning: Meaning, value: Value) -> Iterator[Generator]:
    for packed, networks in value.num:
        yield from networks
        yield from exponents(meaning, packed)


def _text(polynomial: PolyElement, generators: list[Generator], texts: dict[int, str]) -> str:
    """Index text of a polynomial, grouped by its closed sums."""
    groups: dict[str, list[str]] = {}
    for powers, coefficient in polynomial.terms():
        numbers, sums = [f"({coefficient})"], []
        for generator, exponent in zip(generators, powers, strict=True):
            if exponent and isinstance(generator, str):
                numbers.append(f"{generator}^{exponent}" if exponent > 1 else generator)
            elif exponent and isinstance(generator, int):
                sums.append(f"{texts[generator]}^{exponent}")
        groups.setdefault("*".join(sums), []).append("*".join(numbers))
    return balanced(
        [
            f"{sums}*{balanced(numbers)}" if sums else balanced(numbers)
            for sums, numbers in groups.items()
        ]
    )


def balanced(terms: list[str]) -> str:
    """A sum as a balanced tree of parentheses, so that no chain of additions is long."""
    if len(terms) < 2:
        return terms[0]
    half = len(terms) // 2
    return f"({balanced(terms[:half])} + {balanced(terms[half:])})"


def _denominator(meaning: Meaning, below: tuple[tuple[Base, int], ...]) -> str:
    factors = []
    for base, exponent in below:
        terms = [
            f"{coefficient}" + "".join(f"*{n}^{k}" for n, k in exponents(meaning, packed).items())
            for packed, coefficient in base
        ]
        factors.append(f"({' + '.join(terms)})^{exponent}")
    return "*".join(factors) or "1"
