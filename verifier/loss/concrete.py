"""From words to entries: a dimension-free scalar at concrete matrices over a ring.

This is the bridge on which the dimension-free loss meets the explicit and the definitional one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.qq import from_fraction
from verifier.words.letters import Letter, Word
from verifier.words.words import Expression

Entries = Sequence[Sequence[PolyElement]]


def evaluate_words(
    expression: Expression, entries: Mapping[str, Entries], ring: PolyRing
) -> PolyElement:
    """Return the scalar ``expression`` with each letter replaced by its matrix over ``ring``.

    Vectors are columns (d x 1) and scalars 1 x 1. Raises ValueError for a letter without entries
    or with an inverse power (give the inverse a name of its own instead).
    """
    if not expression.is_scalar:
        raise ValueError("only a scalar expression can be evaluated at concrete matrices")
    known: dict[Word, PolyElement] = {}
    total = ring.zero
    for (_, monomial), value in expression.terms.items():
        term = ring.ground_new(from_fraction(value))
        for word, exponent in monomial:
            if word not in known:
                known[word] = _trace(word, entries, ring)
            term = term * known[word] ** exponent
        total = total + term
    return total


def _matrix(letter: Letter, entries: Mapping[str, Entries]) -> Entries:
    name = letter.name if letter.power == 1 else f"{letter.name}^{letter.power}"
    if name not in entries:
        raise ValueError(f"give the entries of {name}")
    found = entries[name]
    return list(zip(*found, strict=True)) if letter.transposed else found


def _trace(word: Word, entries: Mapping[str, Entries], ring: PolyRing) -> PolyElement:
    product = _matrix(word[0], entries)
    for letter in word[1:]:
        product = _multiply(product, _matrix(letter, entries), ring)
    return sum((product[i][i] for i in range(len(product))), ring.zero)


def _multiply(left: Entries, right: Entries, ring: PolyRing) -> Entries:
    columns = list(zip(*right, strict=True))
    return [
        [
            sum((x * y for x, y in zip(row, col, strict=True) if x and y), ring.zero)
            for col in columns
        ]
        for row in left
    ]
