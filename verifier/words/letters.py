"""Letters, chains and canonical closed words: the alphabet of the dimension-free algebra.

A *letter* is a named matrix, vector or scalar. Its sides are ``"1"`` or the name of a dimension,
``"d"`` (features) and ``"n"`` (examples) first of all, so one word stands for matrices of every
size. A *chain* is a
tuple of letters whose sides fit together, read as a matrix product. A *closed* chain is a trace;
wherever a side is ``"1"`` the trace falls apart into bilinear forms ``u' M1 ... Mk v``. Each
closed piece has one canonical spelling:

* a trace is the least among its rotations and the rotations of its transpose,
* a bilinear form is the lesser of itself and its transpose,

so equality of words is equality of tuples. A matrix and its inverse cancel where they meet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

Chain = tuple["Letter", ...]
Word = Chain
Monomial = tuple[tuple[Word, int], ...]


class Letter(NamedTuple):
    """One occurrence of a named matrix (``rows`` x ``cols``), a vector or a scalar.

    ``law`` is empty for a deterministic letter. For a random one, the centred matrix-normal
    letter Z with ``E[Z_ia Z_jb] = scale * R_ij * C_ab``, it is the triple (scale, R, C) of a
    monomial and two chains; an empty chain is the identity.
    """

    name: str
    rows: str
    cols: str
    transposed: bool = False
    power: int = 1
    symmetric: bool = False
    law: tuple[Any, ...] = ()

    def flipped(self) -> Letter:
        """Return the transpose of this letter; symmetric letters and scalars are their own."""
        if self.symmetric or (self.rows == "1" and self.cols == "1"):
            return self
        return Letter(
            self.name, self.cols, self.rows, not self.transposed, self.power, False, self.law
        )

    def inverted(self) -> Letter:
        """Return the inverse of a deterministic square matrix letter (ValueError otherwise)."""
        if self.rows != self.cols or self.rows == "1" or self.law:
            raise ValueError(f"{self.name} has no inverse: only a deterministic square matrix has")
        return self._replace(power=-self.power)


def scalar_letter(name: str) -> Letter:
    """Return the scalar ``name``; the dimensions themselves are the scalars "n" and "d"."""
    return Letter(name, "1", "1", symmetric=True)


def transpose(chain: Chain) -> Chain:
    """Return the transpose of a matrix product: letters flipped, in reverse order."""
    return tuple(letter.flipped() for letter in reversed(chain))


def _cancels(left: Letter, right: Letter) -> bool:
    return left.power == -right.power and left.name == right.name and left[3] == right[3]


def cancel(chain: Chain) -> Chain:
    """Remove every adjacent pair of a letter and its inverse."""
    if all(letter.power == 1 for letter in chain):
        return chain
    kept: list[Letter] = []
    for letter in chain:
        if kept and _cancels(kept[-1], letter):
            kept.pop()
        else:
            kept.append(letter)
    return tuple(kept)


def _cancel_cyclically(chain: Chain) -> Chain:
    chain = cancel(chain)
    while len(chain) > 1 and _cancels(chain[-1], chain[0]):
        chain = chain[1:-1]
    return chain


def _least_rotation(chain: Chain) -> Chain:
    first = min(chain)
    return min(chain[i:] + chain[:i] for i in range(len(chain)) if chain[i] == first)


def _canonical_trace(chain: Chain) -> Word:
    return min(_least_rotation(chain), _least_rotation(transpose(chain)))


def _canonical_form(chain: Chain) -> Word:
    return min(chain, transpose(chain))


def collect(words: list[Word]) -> Monomial:
    """Return the monomial that is the product of ``words``."""
    counts: dict[Word, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return tuple(sorted(counts.items()))


def close(chain: Chain, space: str) -> list[Word]:
    """Return the canonical words whose product is the trace of ``chain``.

    ``space`` names the side on which the chain closes; it decides the trace of the identity
    (``d``, ``n`` or 1) when the chain is, or cancels to, the empty one.
    """
    chain = _cancel_cyclically(chain)
    if not chain:
        return [] if space == "1" else [(scalar_letter(space),)]
    cuts = [i for i, letter in enumerate(chain) if letter.rows == "1"]
    if not cuts:
        return [_canonical_trace(chain)]
    turned = chain[cuts[0] :] + chain[: cuts[0]]
    return _forms(turned, [i - cuts[0] for i in cuts] + [len(chain)])


def _forms(chain: Chain, cuts: list[int]) -> list[Word]:
    return [_canonical_form(chain[i:j]) for i, j in pairwise(cuts)]


def split(chain: Chain) -> tuple[Chain, list[Word]]:
    """Split an open chain into its matrix part and the scalar words that factor out of it.

    ``M u v' N w x'`` is the chain ``M u x'`` times the word ``v' N w``.
    """
    chain = cancel(chain)
    cuts = [i for i, letter in enumerate(chain) if letter.rows == "1"]
    if chain and chain[-1].cols == "1":
        cuts.append(len(chain))
    if len(cuts) < 2:
        return chain, []
    return chain[: cuts[0]] + chain[cuts[-1] :], _forms(chain, cuts)


def letter_label(letter: Letter) -> str:
    """Return plain text for one letter: ``A``, ``A'`` (transposed), ``A^-1`` (inverse)."""
    power = "" if letter.power == 1 else f"^{letter.power}"
    return letter.name + power + ("'" if letter.transposed else "")


def word_label(word: Word) -> str:
    """Return plain text for one closed word: ``d``, ``tr(A B')`` or ``u' A v``."""
    text = " ".join(letter_label(letter) for letter in word)
    return text if word[0].rows == "1" else f"tr({text})"
