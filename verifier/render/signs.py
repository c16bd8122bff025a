"""Why a scalar expression is not negative, for a reader (standard library only).

With every scalar written as its minimum plus a rest, no coefficient of the numerator is negative.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from math import comb

from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS
from verifier.proof.normal import Poly
from verifier.proof.syntax import Binary, Neg, Node, Number, Pow, Symbol, names
from verifier.render.as_written import tidy
from verifier.render.document import Block, Formula, Paragraph, Pieces, Tex, joined

MAX_SHOWN_TERMS = 40

Powers = tuple[tuple[str, int], ...]


def sign_block(meaning: Meaning, text: str, depth: int) -> Iterator[Block]:
    """The numerator of an expression, written from the minima; nothing about a single term."""
    node = tidy(meaning.context.read(text))
    if not names(node) or len(_numerator(meaning, node)) == 1:
        return
    rests, terms = from_minima(meaning, node)
    shifts = [
        (Formula.symbol(name), Tex("=", " = "), Formula(Binary("+", _number(low), Symbol(rest))))
        for name, (low, rest) in rests.items()
    ]
    start: Pieces = ("Sign of ", Formula(node), ": ")
    start += ("with ", *joined(shifts, ", "), " ") if shifts else ()
    if len(terms) > MAX_SHOWN_TERMS:
        many = f"the numerator has {len(terms)} terms, none with a negative coefficient."
        yield Paragraph((*start, many), depth)
        return
    total = reduce(lambda left, right: Binary("+", left, right), terms) if terms else Number(0)
    yield Paragraph((*start, "the numerator is ", Formula(total), "."), depth)


def from_minima(
    meaning: Meaning, node: Node
) -> tuple[dict[str, tuple[Fraction, str]], tuple[Node, ...]]:
    """The numerator of a scalar expression with every scalar written as minimum + rest.

    Returns, for each scalar with a non-zero minimum, that minimum and the name of its rest (the
    scalar's name and 1, or more where that is taken), and the terms of the polynomial.
    """
    rests: dict[str, tuple[Fraction, str]] = {}
    shifted: dict[Powers, Fraction] = {}
    for (packed, _), coefficient in _numerator(meaning, node).items():
        terms: dict[Powers, Fraction] = {(): Fraction(coefficient)}
        for name, at in meaning.shift.items():
            exponent = packed >> at & (1 << BITS) - 1
            if not exponent:
                continue
            low = meaning.scalars[name].minimum or Fraction(0)
            if low:
                rests.setdefault(name, (low, _spare(meaning, name)))
            rest = rests[name][1] if name in rests else name
            expansion = [
                (k, comb(exponent, k) * low ** (exponent - k))
                for k in range(exponent + 1)
                if low or k == exponent
            ]
            terms = {
                (*powers, (rest, k)) if k else powers: value * factor
                for powers, value in terms.items()
                for k, factor in expansion
            }
        for powers, value in terms.items():
            shifted[powers] = shifted.get(powers, Fraction(0)) + value
    ordered = sorted(shifted.items(), key=lambda item: (-sum(k for _, k in item[0]), item[0]))
    return dict(sorted(rests.items())), tuple(_term(*item) for item in ordered if item[1])


def _numerator(meaning: Meaning, node: Node) -> Poly:
    """What stands above the common denominator, which is positive."""
    return meaning.cleared(meaning.value(node))[0]


def _spare(meaning: Meaning, name: str) -> str:
    """A name that the context does not use."""
    taken = meaning.context.taken
    return next(f"{name}{k}" for k in itertools.count(1) if f"{name}{k}" not in taken)


def _number(value: Fraction) -> Node:
    """A rational number as an expression."""
    if value < 0:
        return Neg(_number(-value))
    whole = Number(value.numerator)
    return whole if value.denominator == 1 else Binary("/", whole, Number(value.denominator))


def _term(powers: Powers, coefficient: Fraction) -> Node:
    factors: list[Node] = [Pow(Symbol(x), k) if k > 1 else Symbol(x) for x, k in powers]
    if coefficient != 1 or not factors:
        factors.insert(0, _number(coefficient))
    return reduce(lambda left, right: Binary("*", left, right), factors)
