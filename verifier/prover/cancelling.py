"""Invertible factors cancelled from the outside of a normal equation, and put back.

For a Gaussian pair the equation n L G L = n (n+1) L P L G L + n t L P L loses both outer L = F F'
and then G, until P ((n+1) L + t G^-1) = I is left. Each step multiplies by an inverse.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.proof.context import Context
from verifier.proof.networks import DELTA
from verifier.prover.data_model import FEATURE
from verifier.prover.indices import renamed
from verifier.prover.reading import Networks, Reading

MAX_SQUARES = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """A matrix with a slot at one of its two positions, its inverse, and a letter that is free."""

    slot: str
    matrix: str
    inverse: str
    position: int
    letter: str

    def times(self, matrix: str, text: str) -> str:
        """A text in the slot, multiplied by a matrix there."""
        at = (self.slot, self.letter) if self.position == 0 else (self.letter, self.slot)
        moved = renamed(text, {self.slot: self.letter})
        return f"sum[{self.letter}]({matrix}[{','.join(at)}]*({moved}))"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An equation text = 0 after factors were cancelled from another one."""

    text: str
    factors: tuple[Factor, ...]

    def carried(self, residual: str) -> str:
        """Gets this equation from the one before: a combination of its residual."""
        for factor in self.factors:
            residual = factor.times(factor.inverse, residual)
        return residual

    def undone(self, residual: str) -> str:
        """The equation before from this one: a combination of its residual."""
        for factor in reversed(self.factors):
            residual = factor.times(factor.matrix, residual)
        return residual


def cancellations(
    reading: Reading,
    left: str,
    slots: tuple[str, ...],
    tensor: str,
    inverses: Mapping[str, str],
    later: bool = False,
) -> Iterator[Cancelled]:
    """The equation left = 0 with F F' cancelled at some of its slots, in every order.

    ``later``: with other letters, so that one cancellation can stand around another.
    """
    if len(slots) != 2:
        yield Cancelled(left, ())
        return
    seen = set()
    for count in range(MAX_SQUARES + 1):
        for order in itertools.product(slots, repeat=count):
            found = _cancelled(reading, left, order, tensor, inverses, later)
            if found.factors not in seen:
                seen.add(found.factors)
                yield found


def _cancelled(
    reading: Reading,
    left: str,
    order: tuple[str, ...],
    tensor: str,
    inverses: Mapping[str, str],
    later: bool,
) -> Cancelled:
    half = 2 * MAX_SQUARES
    letters = spare_letters(reading.context)[1:]
    spare = iter(letters[half:] if later else letters[:half])
    text, factors = left, []
    for slot in order:
        for _ in range(2):
            found = _outer(reading, text, slot, tensor, inverses)
            if found is None:
                break
            matrix, position = found
            factor = Factor(slot, matrix, inverses[matrix], position, next(spare))
            text = factor.times(factor.inverse, text)
            factors.append(factor)
    return Cancelled(text, tuple(factors))


def spare_letters(context: Context) -> tuple[str, ...]:
    """One letter for the inner sum of a residual, and those of two cancellations around it.

    They are far from the first ones, which everything else takes.
    """
    letters = next(sort.letters for sort in context.sorts if sort.name == FEATURE)
    return letters[-2 - 4 * MAX_SQUARES : -1]


def _outer(
    reading: Reading, text: str, slot: str, tensor: str, inverses: Mapping[str, str]
) -> tuple[str, int] | None:
    """The invertible matrix at a slot of the one term without the tensor, and on which side."""
    meaning = reading.meaning
    free = [ids for ids in reading.parts(text) if tensor not in names_in(reading, ids)]
    if len(free) != 1:
        return None
    for i in free[0]:
        for head, *labels in meaning.table[i]:
            for position, label in enumerate(labels):
                known = head != DELTA and meaning.heads[head].name in inverses
                if known and label == meaning.labels.get(slot):
                    return meaning.heads[head].name, position
    return None


def names_in(reading: Reading, ids: Networks) -> set[str]:
    """The arrays in a product of networks."""
    meaning = reading.meaning
    return {meaning.heads[f[0]].name for i in ids for f in meaning.table[i]}


def both_ways(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Each matrix with its inverse."""
    return {a: b for one, two in pairs for a, b in ((one, two), (two, one))}
