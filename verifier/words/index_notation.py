"""Word expressions written out with indices, in the text that statements are made of.

``tr(A B')`` becomes ``sum[i,j](A[i,j]*B[i,j])``. The trusted checker reads this text with its own
arithmetic, so an error here can only make a true statement fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.words.letters import Word
from verifier.words.words import Expression


def index_text(expression: Expression, indices: Sequence[str]) -> str:
    """Return a scalar word expression as an index expression with these index letters.

    ValueError for a matrix, and for a word that needs more letters.
    """
    if not expression.is_scalar:
        raise ValueError(f"a scalar is needed, not a {expression.rows} x {expression.cols} matrix")
    terms = []
    for (_, monomial), value in expression.sorted_terms():
        factors = [_word(word, indices) + (f"^{e}" if e > 1 else "") for word, e in monomial]
        terms.append(_signed(value, factors))
    text = " ".join(terms) or "0"
    return text.removeprefix("+ ") if text.startswith("+ ") else text


def _signed(value: Fraction, factors: list[str]) -> str:
    sign, size = ("-" if value < 0 else "+"), abs(value)
    head = [] if size == 1 and factors else [str(size)]
    return f"{sign} {'*'.join([*head, *factors])}"


def _word(word: Word, indices: Sequence[str]) -> str:
    """One closed word: a scalar, a bilinear form or a trace."""
    if len(word) == 1 and word[0].rows == word[0].cols == "1":
        return word[0].name
    cyclic = word[0].rows != "1"
    needed = len(word) if cyclic else len(word) - 1
    if needed > len(indices):
        raise ValueError(f"a word of {len(word)} letters needs {needed} indices")
    names = iter(indices)
    first = next(names) if cyclic else ""
    left, used, factors = first, [first] if cyclic else [], []
    for position, letter in enumerate(word):
        last = position == len(word) - 1
        right = first if last else next(names)
        if right and right not in used:
            used.append(right)
        pair = [index for index in ((right, left) if letter.transposed else (left, right)) if index]
        factors.append(f"{letter.name}{'i' if letter.power < 0 else ''}[{','.join(pair)}]")
        left = right
    return f"sum[{','.join(used)}]({'*'.join(factors)})"
