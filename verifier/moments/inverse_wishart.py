"""Means of products of S^-1, S ~ Wishart(n, Sigma), by orthogonal Weingarten functions.

With T = Sigma^-1 and z = -(n - d - 1), the 2k sides of k factors S^-1 are paired by T:

    E[prod_i S^-1(a_2i-1, a_2i)] = (-1)^k sum over pairings p of Wg(p; z) prod_(r,s) T(a_r, a_s)

where the numbers Wg solve, over pairings q,

    sum over q of z^loops(p, q) Wg(q; z) = 1 if p is {12}{34}..., else 0.

Finite where n > d + 2k - 1. Source: S. Matsumoto (2012), General moments of the inverse real
Wishart distribution and orthogonal Weingarten functions, J. Theor. Probab. 25, Theorem 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import prod

import sympy

from verifier.moments.scalars import Quotients
from verifier.words.letters import Chain, Word, close, collect, split, transpose
from verifier.words.terms import Term
from verifier.words.words import Expression

MAXIMUM_INVERSES = 4
Pairing = tuple[tuple[int, int], ...]
CosetType = tuple[int, ...]
_Z = sympy.Symbol("z")


def pairings(legs: tuple[int, ...]) -> Iterator[Pairing]:
    """Every way to pair an even number of legs."""
    if not legs:
        yield ()
        return
    for k in range(1, len(legs)):
        for rest in pairings(legs[1:k] + legs[k + 1 :]):
            yield ((legs[0], legs[k]), *rest)


def coset_type(first: Pairing, second: Pairing) -> CosetType:
    """Half the lengths of the loops of two pairings laid over each other, in falling order."""
    one = {a: b for p, q in first for a, b in ((p, q), (q, p))}
    two = {a: b for p, q in second for a, b in ((p, q), (q, p))}
    left, lengths = set(one), []
    while left:
        start = leg = min(left)
        length = 0
        while True:
            left -= {leg, one[leg]}
            leg, length = two[one[leg]], length + 1
            if leg == start:
                break
        lengths.append(length)
    return tuple(sorted(lengths, reverse=True))


@cache
def weingarten(k: int) -> dict[CosetType, sympy.Expr]:
    """The orthogonal Weingarten functions of degree k by coset type, rational in z."""
    every = list(pairings(tuple(range(2 * k))))
    unit: Pairing = tuple((2 * i, 2 * i + 1) for i in range(k))
    kinds = sorted({coset_type(unit, p) for p in every})
    example = {coset_type(unit, p): p for p in every}
    rows = []
    for kind in kinds:
        row = dict.fromkeys(kinds, sympy.Integer(0))
        for q in every:
            row[coset_type(unit, q)] += _Z ** len(coset_type(example[kind], q))
        rows.append([row[other] for other in kinds])
    right = sympy.Matrix([int(kind == (1,) * k) for kind in kinds])
    found = sympy.Matrix(rows).LUsolve(right)
    return {kind: sympy.factor(value) for kind, value in zip(kinds, found, strict=True)}


def inverse_mean(
    expression: Expression,
    name: str,
    side: str,
    scale: Chain,
    gap: sympy.Expr,
    quotients: Quotients,
) -> Expression:
    """The mean over the inverse Wishart letter ``name``, whatever the sign of its power.

    ``side`` is the dimension of the letter, ``scale`` the chain that the pairings put in
    (Sigma^-1) and ``gap`` is n - d - 1.
    Raises ValueError for more than four such letters in one product.
    """
    items: list[tuple[Term, Fraction]] = []
    for term, value in expression.terms.items():
        pieces, words = _cut(term, name, expression)
        k = sum(len(piece) - 1 for piece in pieces)
        if k > MAXIMUM_INVERSES:
            raise ValueError(
                f"the inverse of {name} occurs {k} times in one product; at most "
                f"{MAXIMUM_INVERSES} are computed (there are {prod(range(1, 2 * k, 2))} "
                "pairings)"
            )
        rest = Expression.build("1", "1", [(((), collect(words)), value)])
        unit: Pairing = tuple((2 * i, 2 * i + 1) for i in range(k))
        numbers = {
            kind: quotients.letter(sympy.factor((-1) ** k * number.subs(_Z, -gap)))
            for kind, number in weingarten(k).items()
        }
        for pairing in pairings(tuple(range(2 * k))):
            joined = _joined(pieces, pairing, scale, side, expression)
            items += (numbers[coset_type(unit, pairing)] * rest * joined).terms.items()
    return Expression.build(expression.rows, expression.cols, items)


Piece = list[Chain]


def _cut(term: Term, name: str, expression: Expression) -> tuple[list[Piece], list[Word]]:
    """The chains between the occurrences of a letter.

    A piece is [before, between, ..., behind]: an open chain with k letters cut out; a closed word
    is turned so that it begins behind one of its letters, and its first and last chains are joined.
    The second part are the words without the letter.
    """
    chain, monomial = term
    pieces, words = [], []
    if not expression.is_scalar:
        pieces.append([*_split_at(chain, name)])
    for word, exponent in monomial:
        for _ in range(exponent):
            if any(x.name == name for x in word):
                pieces.append(_split_at(word, name))
            else:
                words.append(word)
    return pieces, words


def _split_at(chain: Chain, name: str) -> list[Chain]:
    found: list[Chain] = [()]
    for letter in chain:
        if letter.name == name:
            found.append(())
        else:
            found[-1] = (*found[-1], letter)
    return found


def _joined(
    pieces: list[Piece], pairing: Pairing, scale: Chain, side: str, expression: Expression
) -> Expression:
    """The pieces joined by a pairing of the letters' sides; leg 2i is the left one of letter i."""
    opened = not expression.is_scalar
    partner = {a: b for p, q in pairing for a, b in ((p, q), (q, p))}
    # What lies between two legs: from the right side of a letter to the left side of the next.
    between: dict[int, tuple[Chain, int]] = {}
    first = 0
    head, tail = -1, -2
    for number, piece in enumerate(pieces):
        k = len(piece) - 1
        if opened and number == 0:
            legs = [head, *range(2 * first, 2 * (first + k)), tail]
            chains = piece
        else:
            inner = list(range(2 * first, 2 * (first + k)))
            legs = [*inner[1:], inner[0]]
            chains = [*piece[1:-1], piece[-1] + piece[0]]
        for j, chain in enumerate(chains):
            left, right = legs[2 * j], legs[2 * j + 1]
            between[left] = (chain, right)
            between[right] = (transpose(chain), left)
        first += k
    words: list[Word] = []
    open_chain: Chain = ()
    seen: set[int] = set()
    if opened:
        open_chain, at = between[head]
        seen |= {head}
        while at != tail:
            seen |= {at, partner[at]}
            chain, following = between[partner[at]]
            open_chain, at = open_chain + scale + chain, following
        seen.add(tail)
    for start in between:
        if start in seen:
            continue
        loop: Chain = ()
        at = start
        while True:
            chain, other = between[at]
            seen |= {at, other}
            loop += chain + scale
            at = partner[other]
            if at == start:
                break
        words += close(loop, side)
    chain, more = split(open_chain)
    return Expression.build(
        expression.rows, expression.cols, [((chain, collect(words + more)), Fraction(1))]
    )
