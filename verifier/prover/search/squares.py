"""Sums of squares: what shows that a product of letters vanishes.

A closed product of networks is sum t^2 if its factors fall into two halves that are the same
product t of what joins them. An equation e = 0 times one of its own terms t, summed, is often a sum
of squares with positive coefficients, sum t^2 among them; then t = 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.proof.networks import DELTA, Factor
from verifier.proof.statements import By, Square

from .contractions import Equation
from .forms import Forms, Networks
from .spelling import indexed, summed


@dataclass(frozen=True, slots=True)
class Vanishing:
    """Squares whose sum is a combination of an equation; the first one's term is a product."""

    squares: tuple[Square, ...]
    by: By


def square_root(forms: Forms, ids: Networks) -> str | None:
    """A term t such that the product of networks is the sum of t^2; None if there is none."""
    factors, sorts = forms.meaning.spread(ids)
    boxes = any(forms.meaning.heads[f[0]].boxes for f in factors)
    if not factors or len(factors) % 2 or boxes or any(x < 0 for f in factors for x in f[1:]):
        return None
    first, others = factors[0], range(1, len(factors))
    letters = dict(zip(sorts, forms.fresh(list(sorts.values()), ()), strict=True))
    for chosen in itertools.combinations(others, len(factors) // 2 - 1):
        one = [first, *(factors[k] for k in chosen)]
        two = [factors[k] for k in others if k not in chosen]
        if sorted(f[0] for f in one) == sorted(f[0] for f in two):
            shared = {x for f in one for x in f[1:]} & {x for f in two for x in f[1:]}
            half = _text(forms, one, letters, shared)
            if forms.form(half) == forms.form(_text(forms, two, letters, shared)):
                return half
    return None


def _text(forms: Forms, factors: Sequence[Factor], letters: dict[int, str], free: set[int]) -> str:
    """A product of entries, summed over the labels that are not free."""
    inner = list(dict.fromkeys(letters[x] for f in factors for x in f[1:] if x not in free))
    entries = [
        indexed(forms.meaning.heads[f[0]].name, [letters[x] for x in f[1:]]) for f in factors
    ]
    body = "*".join(entries)
    return summed(inner, body) if inner else body


def vanishing(forms: Forms, one: Equation, name: str) -> Vanishing | None:
    """Why a term of an equation, a product of entries at all its free indices, is 0."""
    labels = {forms.meaning.labels[i] for i in one.indices}
    for ids in sorted(one.form):
        factors, sorts = forms.meaning.spread(ids)
        if sorts or {x for f in factors for x in f[1:]} != labels:
            continue
        if len(factors) < 2 or any(f[0] == DELTA for f in factors):
            continue
        found = _squares(forms, one, ids, factors, name)
        if found is not None:
            return found
    return None


def _squares(
    forms: Forms, one: Equation, ids: Networks, factors: list[Factor], name: str
) -> Vanishing | None:
    """The squares that the equation times one of its terms consists of."""
    term = forms.product_text(ids)
    places = {forms.meaning.labels[i]: k for k, i in enumerate(one.indices)}
    moved = [(f[0], *[places[x] for x in f[1:]]) for f in factors]
    sorts = {k: forms.sort(i) for k, i in enumerate(one.indices)}
    total = forms.multiplied(forms.terms(one.form), places, sorts, moved)
    lead = forms.form(summed(one.indices, f"({term})^2"))
    (square,) = lead
    squares = []
    for product, coefficient in sorted(total.items(), key=lambda item: item[0] != square):
        root = term if product == square else square_root(forms, product)
        text = forms.coefficient_text(coefficient)
        value = forms.meaning.value(forms.read(text))
        if root is None or not forms.meaning.positive(value, strict=product == square):
            return None
        squares.append(Square(text, root, name if product == square else ""))
    if not squares or not squares[0].name:
        return None
    body = f"{one.at(one.indices)}*{term}"
    return Vanishing(tuple(squares), By(summed(one.indices, body) if one.indices else body))
