"""Means over a vector or matrix of independent entries of one symmetric law.

With cumulants k_2, k_4, ... of an entry, the mean of a product of entries is a sum over partitions
of the factors into blocks of even size. A block of two joins like a Gaussian pair, with variance
k_2. A block of size b >= 4 forces its b entries to be one and the same, which leaves k_b times the
sum over i of the product with the unit vector e_i in their places (e_i f_a' for a matrix). So

    E[x x'A x x'] = k_2^2 (A + A' + tr(A) I) + k_4 sum_i (e_i'A e_i) e_i e_i'.

The letters e_i stand in the answer as vectors, and the sum over i is understood.
Source: P. McCullagh (1987), Tensor Methods in Statistics, sections 2.3 and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from math import comb

from verifier.setting.laws import BaseLaw
from verifier.words.letters import (
    Chain,
    Letter,
    Monomial,
    close,
    collect,
    scalar_letter,
    split,
)
from verifier.words.terms import Term, multiply_monomials
from verifier.words.wick import expect
from verifier.words.words import Expression, constant, scalar

MAXIMUM_DEGREE = 10
# The index of a block over the rows, and the one over the columns that goes with it.
COLUMN_INDEX = {"i": "a", "j": "b", "k": "c", "l": "g"}


@dataclass(frozen=True, slots=True)
class EntryLaw:
    """The law of one entry: given by its moments, or symbolic in m2, m4, ... where it is None."""

    base: BaseLaw | None

    def moment(self, order: int) -> Expression:
        """E z^order, for even orders. ValueError where it is infinite."""
        if self.base is None:
            return scalar(f"m{order}") if order else constant(1)
        return constant(self.base.even_moment((order,), 1) if order else 1)

    def cumulant(self, order: int) -> Expression:
        """k_r = m_r - sum over even j < r of C(r - 1, j - 1) k_j m_(r - j)."""
        total = self.moment(order)
        for j in range(2, order, 2):
            total -= comb(order - 1, j - 1) * self.cumulant(j) * self.moment(order - j)
        return total


def unit_vector(index: str, side: str) -> Letter:
    """The letter e_i over a side."""
    return Letter(f"e_{index}", side, "1")


def independent_mean(
    expression: Expression, name: str, rows: str, cols: str, law: EntryLaw
) -> Expression:
    """The mean over the letter ``name`` of sides ``rows`` x ``cols``.

    Raises ValueError beyond degree ten, or where a moment is infinite.
    """
    taken = {x.name for x in expression.letters()}
    free = [u for u in COLUMN_INDEX if f"e_{u}" not in taken]
    total = Expression.build(expression.rows, expression.cols, [])
    for term, value in expression.terms.items():
        total += value * _mean_of_term(term, expression, name, (rows, cols), law, free)
    return total


def _mean_of_term(
    term: Term,
    expression: Expression,
    name: str,
    sides: tuple[str, str],
    law: EntryLaw,
    free: list[str],
) -> Expression:
    chain, monomial = term
    chains = [chain, *(word for word, exponent in monomial for _ in range(exponent))]
    places = [(k, j) for k, c in enumerate(chains) for j, x in enumerate(c) if x.name == name]
    count = len(places)
    empty = Expression.build(expression.rows, expression.cols, [])
    if count % 2:
        return empty
    if count > MAXIMUM_DEGREE:
        raise ValueError(
            f"{name} occurs {count} times in one product; at most {MAXIMUM_DEGREE} are computed "
            "for entries that are not normal"
        )
    gaussian = Letter(f"_z_{name}", *sides, law=((), (), ()))
    total = empty
    for blocks in _big_blocks(tuple(range(count))):
        if len(blocks) > len(free):
            raise ValueError("too many non-normal letters in one product")
        weight = law.cumulant(2) ** ((count - sum(map(len, blocks))) // 2) if count else constant(1)
        for block in blocks:
            weight = weight * law.cumulant(len(block))
        of_place = {places[i]: b for b, block in enumerate(blocks) for i in block}
        filled = [
            tuple(
                y
                for j, x in enumerate(c)
                for y in _filled(x, name, of_place.get((k, j)), gaussian, sides, free)
            )
            for k, c in enumerate(chains)
        ]
        part = _assembled(filled, chains, expression)
        total += weight * contracted(expect(part), free[: len(blocks)])
    return total


def _big_blocks(items: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every family of disjoint blocks of even sizes >= 4; what is left is paired by Wick."""
    if not items:
        yield ()
        return
    first, rest = items[0], items[1:]
    yield from _big_blocks(rest)
    for size in range(3, len(rest) + 1, 2):
        for others in combinations(rest, size):
            left = tuple(i for i in rest if i not in others)
            for family in _big_blocks(left):
                yield ((first, *others), *family)


def _filled(
    letter: Letter,
    name: str,
    block: int | None,
    gaussian: Letter,
    sides: tuple[str, str],
    free: list[str],
) -> Chain:
    """What stands for one occurrence: the Gaussian letter, or the unit vectors of its block."""
    if letter.name != name:
        return (letter,)
    if block is None:
        return (gaussian.flipped() if letter.transposed else gaussian,)
    index = free[block]
    left = () if sides[0] == "1" else (unit_vector(index, sides[0]),)
    right = () if sides[1] == "1" else (unit_vector(COLUMN_INDEX[index], sides[1]).flipped(),)
    found = (*left, *right)
    return tuple(x.flipped() for x in reversed(found)) if letter.transposed else found


def _assembled(filled: list[Chain], chains: list[Chain], expression: Expression) -> Expression:
    """The product of the chains, the first of them open, as an expression of one term."""
    opened, words = split(filled[0])
    for chain, before in zip(filled[1:], chains[1:], strict=True):
        words = words + close(chain, before[0].rows)
    return Expression.build(
        expression.rows, expression.cols, [((opened, collect(words)), Fraction(1))]
    )


def contracted(expression: Expression, used: list[str]) -> Expression:
    """The same sum with the deltas e_i'e_j used up and the indices in one fixed order."""
    total = Expression.build(expression.rows, expression.cols, [])
    for term, value in expression.terms.items():
        term = _deltas_used(term)
        found = Expression.build(expression.rows, expression.cols, [(term, value)])
        for index in (*used, *(COLUMN_INDEX[u] for u in used)):
            found = _summed(found, f"e_{index}")
        total += found
    return Expression.build(
        total.rows, total.cols, ((_ordered(term, used), v) for term, v in total.terms.items())
    )


def _deltas_used(term: Term) -> Term:
    """e_i'e_i is 1; where e_i'e_j is a factor, j is i."""
    chain, monomial = term
    for k, (word, _) in enumerate(monomial):
        if len(word) == 2 and all(x.name.startswith("e_") for x in word):
            first, second = word
            rest = monomial[:k] + monomial[k + 1 :]
            if first.name == second.name and not _occurs(second.name, chain, rest):
                # What is left does not depend on i: the sum over i is a factor.
                rest = multiply_monomials(rest, (((scalar_letter(second.rows),), 1),))
            return _deltas_used(_renamed((chain, rest), {second.name: first.name}))
    return term


def _occurs(name: str, chain: Chain, monomial: Monomial) -> bool:
    return any(x.name == name for x in (*chain, *(y for word, _ in monomial for y in word)))


def _summed(expression: Expression, name: str) -> Expression:
    """The sum over i where e_i occurs in two places only: sum_i e_i e_i' is the identity."""
    ((chain, monomial), _), *_ = expression.terms.items()
    letters = [*chain, *(x for word, e in monomial for _ in range(e) for x in word)]
    found = [x for x in letters if x.name == name]
    if len(found) != 2:
        return expression
    side = found[0].cols if found[0].transposed else found[0].rows
    z = Expression.build(
        side, "1", [(((Letter(name, side, "1", law=((), (), ())),), ()), Fraction(1))]
    )
    return expect(expression.substitute({name: z}))


def _ordered(term: Term, used: list[str]) -> Term:
    """The term with its indices named in the first of all orders: they are dummies."""
    versions = []
    for order in permutations(used):
        names = {f"e_{a}": f"e_{b}" for a, b in zip(used, order, strict=True)}
        names |= {
            f"e_{COLUMN_INDEX[a]}": f"e_{COLUMN_INDEX[b]}" for a, b in zip(used, order, strict=True)
        }
        versions.append(_renamed(term, names))
    return min(versions)


def _renamed(term: Term, names: dict[str, str]) -> Term:
    chain, monomial = term

    def image(x: Letter) -> Letter:
        return x._replace(name=names.get(x.name, x.name))

    words: Monomial = ()
    for word, exponent in monomial:
        renamed = collect(close(tuple(map(image, word)), word[0].rows))
        words = multiply_monomials(words, tuple((w, e * exponent) for w, e in renamed))
    return tuple(map(image, chain)), words
