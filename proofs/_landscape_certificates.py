"""Certificates for identities that hold modulo hypotheses of the form symbol = polynomial.

Untrusted: the difference of the two sides is divided by the hypotheses, and the quotients are
written down as the combination that the checker multiplies out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from verifier.proof.context import Context
from verifier.proof.expression import parse
from verifier.proof.meaning import Denominators, Meaning, Value, difference
from verifier.proof.normal import Component, Scalars

if TYPE_CHECKING:
    from sympy.polys.rings import PolyElement

Generator = str | Component


def combination(context: Context, left: str, right: str) -> str:
    """left - right as a combination of the context's hypotheses, each ``symbol = polynomial``.

    A symbol is a scalar or a closed sum such as sum[i](v[i]^2); no hypothesis may have an earlier
    symbol on its right. Raises ValueError where the two sides differ even under the hypotheses.
    """
    from sympy import QQ
    from sympy.polys.orderings import lex
    from sympy.polys.rings import PolyRing

    meaning = Meaning(context)
    value = difference(meaning.value(left), meaning.value(right))
    sides = [(meaning.value(h.left), meaning.value(h.right)) for h in context.hypotheses]
    order: dict[Generator, None] = {}
    for part in (*(one for one, _ in sides), *(two for _, two in sides), value):
        order.update(dict.fromkeys(_generators(part)))
    generators = list(order)
    target = PolyRing([f"g{k}" for k in range(len(generators))], QQ, lex)
    place = {generator: k for k, generator in enumerate(generators)}

    def element(part: Value) -> PolyElement:
        total = {}
        for (scalars, parts), coefficient in part.numerator.items():
            powers = [0] * len(generators)
            for name, exponent in scalars:
                powers[place[name]] += exponent
            for component in parts:
                powers[place[component]] += 1
            total[tuple(powers)] = QQ(coefficient.numerator, coefficient.denominator)
        return target.from_dict(total)

    gap = element(value)
    if not gap:
        return "0"
    quotients, rest = gap.div([element(one) - element(two) for one, two in sides])
    if rest:
        raise ValueError(f"{left[:60]!r} and {right[:60]!r} differ under the hypotheses")
    used = [(h.name, q) for h, q in zip(context.hypotheses, quotients, strict=True) if q]
    total = balanced([f"{name}*{_text(q, generators)}" for name, q in used])
    return f"{total}/({_denominator(value.denominators)})"


def _generators(value: Value) -> Iterable[Generator]:
    for scalars, parts in sorted(value.numerator, key=str):
        yield from parts
        yield from (name for name, _ in scalars)


def _text(polynomial: PolyElement, generators: list[Generator]) -> str:
    """Index text of a polynomial, grouped by its closed sums."""
    groups: dict[str, list[str]] = {}
    for powers, coefficient in polynomial.terms():
        numbers, sums = [f"({coefficient})"], []
        for generator, exponent in zip(generators, powers, strict=True):
            if exponent and isinstance(generator, str):
                numbers.append(f"{generator}^{exponent}" if exponent > 1 else generator)
            elif exponent and not isinstance(generator, str):
                sums.append(f"{component_text(generator)}^{exponent}")
        groups.setdefault("*".join(sums), []).append("*".join(numbers))
    return balanced(
        [
            f"{sums}*{balanced(numbers)}" if sums else balanced(numbers)
            for sums, numbers in groups.items()
        ]
    )


def component_text(part: Component) -> str:
    """A closed connected sum of a normal form as index text."""
    labels = sorted({label for _, where in part for label in where}, key=str)
    factors = "*".join(
        f"{name}[{','.join(f'i{label}' for label in where)}]" if where else name
        for name, where in part
    )
    bound = ",".join(f"i{label}" for label in labels)
    text = f"sum[{bound}]({factors})" if labels else f"({factors})"
    parse(text)
    return text


def balanced(terms: list[str]) -> str:
    """A sum as a balanced tree of parentheses, so that no chain of additions is long."""
    if len(terms) < 2:
        return terms[0]
    half = len(terms) // 2
    return f"({balanced(terms[:half])} + {balanced(terms[half:])})"


def _denominator(denominators: Denominators) -> str:
    factors = [
        f"({' + '.join(f'{value}{_powers(powers)}' for powers, value in base)})^{exponent}"
        for base, exponent in denominators
    ]
    return "*".join(factors) or "1"


def _powers(scalars: Scalars) -> str:
    return "".join(f"*{name}^{exponent}" for name, exponent in scalars)
