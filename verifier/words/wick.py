"""Expectations of matrix expressions in Gaussian letters, for all n and d at once.

Isserlis' (Wick's) theorem: the mean of a product of centred jointly Gaussian variables is the sum
over pairings of the product of the pairs' covariances. On words a pairing is cutting and joining.
For a matrix-normal letter Z with E[Z_ia Z_jb] = R_ij C_ab, and any matrices P, Q that fit,

    E over the pair in  tr(Z P Z' Q)       is  tr(C P) tr(R Q),
    E over the pair in  tr(Z P Z Q)        is  tr(P R Q' C),
    E over the pair in  tr(Z P) tr(Z Q)    is  tr(P R Q' C).

Bilinear forms are traces closed through the space "1", so these three lines are the whole theorem.
A closed loop of examples leaves a factor n, one of features a factor d. `expect` contracts one
letter at a time and merges equal canonical words in between, with a memo over what is left, which
is why tr(S^6) takes milliseconds although it has 10395 pairings.

Sources: Isserlis (1918); Wick (1950); for Wishart moments Letac and Massam (2004).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.words.letters import (
    Chain,
    Letter,
    Monomial,
    Word,
    close,
    collect,
    transpose,
)
from verifier.words.terms import Term, multiply_monomials
from verifier.words.words import (
    Expression,
    constant,
    identity,
    random_letter,
    vector,
)

Moments = dict[Monomial, Fraction]
_PROBES = ("_left", "_right")


def gaussian_rows(
    name: str, covariance: Expression | None = None, *, rows: str = "n", cols: str = "d"
) -> Expression:
    """Return the random matrix whose rows are independent N(0, covariance).

    The covariance is the identity unless told otherwise: ``E[X_ia X_jb] = delta_ij Lambda_ab``.
    """
    return random_letter(
        name, rows, cols, identity(rows), identity(cols) if covariance is None else covariance
    )


def gaussian_vector(
    name: str, covariance: Expression | None = None, *, space: str = "d"
) -> Expression:
    """Return the random column vector N(0, covariance) over ``space`` (default identity)."""
    return random_letter(
        name, space, "1", identity(space) if covariance is None else covariance, constant(1)
    )


def gaussian_scalar(name: str, variance: Expression) -> Expression:
    """Return the random scalar N(0, variance); ``variance`` is a product of named scalars."""
    return random_letter(name, "1", "1", constant(1), variance)


def expect(expression: Expression, limit: int | None = None) -> Expression:
    """Return the exact mean over all Gaussian letters in ``expression``.

    Works for scalars, vectors and matrices alike; the answer has the sides of the question and
    holds for every n and d. Raises ValueError if one name stands for two different Gaussians, or
    if more than ``limit`` terms would have to be remembered on the way (about 10,000 a second).
    """
    _refuse_two_laws(expression)
    contraction = _Contraction(limit)
    return Expression.build(
        expression.rows,
        expression.cols,
        (
            (term, value * coefficient)
            for key, coefficient in expression.terms.items()
            for term, value in _mean_of_term(key, expression, contraction)
        ),
    )


def _refuse_two_laws(expression: Expression) -> None:
    laws: dict[str, tuple[object, ...]] = {}
    for letter in expression.letters():
        if laws.setdefault(letter.name, letter.law) != letter.law:
            raise ValueError(f"{letter.name} names two letters with different laws")


def _mean_of_term(
    key: Term, expression: Expression, contraction: _Contraction
) -> Iterator[tuple[Term, Fraction]]:
    chain, monomial = key
    if not any(letter.law for letter in chain):
        fixed, state = _sort_words(monomial)
        for words, value in contraction.moments(state).items():
            yield (chain, multiply_monomials(fixed, words)), value
        return
    left, right = _probes(expression)
    closed = collect(close(left + chain + right, "1"))
    fixed, state = _sort_words(multiply_monomials(monomial, closed))
    for words, value in contraction.moments(state).items():
        yield _open(multiply_monomials(fixed, words), bool(left and right)), value


def _probe(name: str, space: str) -> Letter:
    ((chain, _), _), *_ = vector(name, space).terms.items()
    return chain[0]


def _probes(expression: Expression) -> tuple[Chain, Chain]:
    """Return the probe vectors that close an open chain into a scalar, so that it can be paired."""
    left = () if expression.rows == "1" else (_probe(_PROBES[0], expression.rows).flipped(),)
    right = () if expression.cols == "1" else (_probe(_PROBES[1], expression.cols),)
    return left, right


def _open(words: Monomial, both: bool) -> tuple[Chain, Monomial]:
    """Take the probes off again: the words that hold them become the open chain."""
    head: Chain = ()
    tail: Chain = ()
    rest: list[tuple[Word, int]] = []
    for word, exponent in words:
        names = (word[0].name, word[-1].name)
        if _PROBES[0] in names:
            head = word[1:] if names[0] == _PROBES[0] else transpose(word)[1:]
        elif _PROBES[1] in names:
            tail = word[:-1] if names[1] == _PROBES[1] else transpose(word)[:-1]
        else:
            rest.append((word, exponent))
    if both and head and head[-1].name == _PROBES[1]:
        head = head[:-1]
    return head + tail, tuple(rest)


def _is_random(word: Word) -> bool:
    return any(letter.law for letter in word)


def _sort_words(monomial: Monomial) -> tuple[Monomial, Monomial]:
    """Split a monomial into its deterministic and its random words."""
    fixed = tuple(item for item in monomial if not _is_random(item[0]))
    return fixed, tuple(item for item in monomial if _is_random(item[0]))


def _turned(word: Word, position: int) -> Chain:
    """Return the cyclic word turned so that it begins with its letter, not transposed."""
    turned = word[position:] + word[:position]
    if not turned[0].transposed:
        return turned
    flipped = transpose(turned)
    return flipped[-1:] + flipped[:-1]


def _has_odd_letter(state: Monomial) -> bool:
    counts: dict[str, int] = {}
    for word, exponent in state:
        for letter in word:
            if letter.law:
                counts[letter.name] = counts.get(letter.name, 0) + exponent
    return any(count % 2 for count in counts.values())


@dataclass(slots=True)
class _Contraction:
    """Means of products of random words, remembered by canonical product."""

    limit: int | None = None
    size: int = 0
    memo: dict[Monomial, Moments] = field(default_factory=lambda: {(): {(): Fraction(1)}})

    def moments(self, state: Monomial) -> Moments:
        """Return the mean of ``state`` as a polynomial in deterministic words."""
        known = self.memo.get(state)
        if known is None:
            known = self.memo[state] = {} if _has_odd_letter(state) else self._contract(state)
            self.size += len(known)
            if self.limit is not None and self.size > self.limit:
                raise ValueError(f"more than {self.limit} terms on the way to the mean")
        return known

    def _contract(self, state: Monomial) -> Moments:
        word, exponent = state[0]
        rest = ((word, exponent - 1), *state[1:]) if exponent > 1 else state[1:]
        turned = _turned(word, next(i for i, letter in enumerate(word) if letter.law))
        total: Moments = {}
        for left, words, times in _pairings(turned, rest):
            fixed, random = _sort_words(collect(words))
            fixed = multiply_monomials(fixed, turned[0].law[0])
            for monomial, value in self.moments(multiply_monomials(left, random)).items():
                product = multiply_monomials(fixed, monomial)
                total[product] = total.get(product, Fraction(0)) + value * times
        return {monomial: value for monomial, value in total.items() if value}


def _pairings(turned: Chain, rest: Monomial) -> Iterator[tuple[Monomial, list[Word], int]]:
    """Pair the first letter with each of its partners; yield (untouched words, new words, count).

    ``turned`` is the cyclic word Z tail; ``rest`` are the other random words with multiplicities.
    """
    pivot, tail = turned[0], turned[1:]
    _, row_covariance, col_covariance = pivot.law
    for j, letter in enumerate(tail):
        if letter.name == pivot.name:
            p, q = tail[:j], tail[j + 1 :]
            if letter.transposed:
                loops = close(col_covariance + p, pivot.cols)
                yield rest, loops + close(row_covariance + q, pivot.rows), 1
            else:
                yield rest, _joined(p, row_covariance, q, col_covariance, pivot), 1
    for k, (word, exponent) in enumerate(rest):
        fewer = ((word, exponent - 1),) if exponent > 1 else ()
        left = rest[:k] + fewer + rest[k + 1 :]
        for j, letter in enumerate(word):
            if letter.name == pivot.name:
                q = _turned(word, j)[1:]
                yield left, _joined(tail, row_covariance, q, col_covariance, pivot), exponent


def _joined(p: Chain, r: Chain, q: Chain, c: Chain, pivot: Letter) -> list[Word]:
    return close(p + r + transpose(q) + c, pivot.cols)
