"""Expressions in words, compiled together for floats: each product is computed once.

A program is a straight line: letters, products of chains, values of closed words, monomials in
those, and one matrix product that gives the coefficient of every open chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from verifier.words.letters import Chain, Letter, Monomial
from verifier.words.words import Expression

Floats = NDArray[np.float64]
Values = list[Floats]
_IDENTITY = -1


@dataclass(frozen=True, slots=True)
class _Output:
    """One expression: its shape, and the places of its chains (`_IDENTITY` for the empty one)."""

    rows: str
    cols: str
    chains: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WordProgram:
    """What `compiled` makes of some expressions.

    Places count the letters, then the products of two earlier places. A word is the trace of the
    product of two places, or of one place. ``monomials``, shape (M, degree), counts words, and one
    more that is 1; ``coefficients``, shape (C, M), has one row for each chain of each output.
    """

    letters: tuple[Letter, ...]
    products: tuple[tuple[int, int], ...]
    words: tuple[tuple[int, ...], ...]
    monomials: NDArray[np.intp]
    coefficients: Floats
    outputs: tuple[_Output, ...]

    def run(self, arrays: Mapping[str, Floats], dimension: int, batch: tuple[int, ...]) -> Values:
        """Every expression as an array of shape (..., rows, cols), where ``batch`` fills the dots.

        ``arrays`` by name, of shape (..., rows, cols); an inverse is named like ``Lambda^-1``.
        """
        places = [_array(letter, arrays) for letter in self.letters]
        identity = np.eye(dimension)
        for left, right in self.products:
            places.append(places[left] @ places[right])
        words = np.ones((len(self.words) + 1, *batch))
        for k, word in enumerate(self.words):
            if len(word) == 1:
                words[k] = np.einsum("...ii->...", places[word[0]])
            else:
                words[k] = np.einsum("...ij,...ji->...", places[word[0]], places[word[1]])
        monomials = words[self.monomials].prod(axis=1).reshape(len(self.monomials), -1)
        scales = iter((self.coefficients @ monomials).reshape(-1, *batch, 1, 1))
        values = []
        for output in self.outputs:
            rows, cols = (1 if side == "1" else dimension for side in (output.rows, output.cols))
            total = np.zeros((*batch, rows, cols))
            for place in output.chains:
                total += next(scales) * (
                    identity[:rows, :rows] if place == _IDENTITY else places[place]
                )
            values.append(total)
        return values


def compiled(expressions: Sequence[Expression]) -> WordProgram:
    """The program that computes all of these expressions."""
    work = _Work()
    outputs: list[_Output] = []
    rows: list[dict[int, float]] = []
    for expression in expressions:
        chains: dict[int, dict[int, float]] = {}
        for (chain, monomial), value in expression.terms.items():
            place = work.place(chain) if chain else _IDENTITY
            chains.setdefault(place, {})[work.monomial(monomial)] = float(value)
        outputs.append(_Output(expression.rows, expression.cols, tuple(chains)))
        rows += chains.values()
    coefficients = np.zeros((len(rows), len(work.monomials)))
    for k, row in enumerate(rows):
        coefficients[k, list(row)] = list(row.values())
    letters, products, moved = work.in_order()
    return WordProgram(
        letters,
        products,
        tuple(tuple(moved[place] for place in word) for word in work.words.values()),
        work.positions(),
        coefficients,
        tuple(
            _Output(one.rows, one.cols, tuple(moved.get(place, place) for place in one.chains))
            for one in outputs
        ),
    )


@dataclass(slots=True)
class _Work:
    """Chains, words and monomials met so far, numbered as they come."""

    chains: dict[Chain, int] = field(default_factory=dict)
    parts: dict[int, tuple[int, int]] = field(default_factory=dict)
    words: dict[Chain, tuple[int, ...]] = field(default_factory=dict)
    monomials: dict[Monomial, int] = field(default_factory=dict)

    def place(self, chain: Chain) -> int:
        """The number of a chain, its parts numbered before it."""
        if chain not in self.chains:
            parts = None if len(chain) == 1 else tuple(map(self.place, _parts(chain)))
            self.chains[chain] = len(self.chains)
            if parts is not None:
                self.parts[self.chains[chain]] = (parts[0], parts[1])
        return self.chains[chain]

    def monomial(self, monomial: Monomial) -> int:
        """The number of a monomial, its words numbered too."""
        for word, _ in monomial:
            if word not in self.words:
                scalar = word[0].rows == "1" or len(word) == 1
                half = (len(word) + 1) // 2
                sides = (word,) if scalar else (word[:half], word[half:])
                self.words[word] = tuple(map(self.place, sides))
        return self.monomials.setdefault(monomial, len(self.monomials))

    def positions(self) -> NDArray[np.intp]:
        """The words of every monomial, powers written out, filled up with the word that is 1."""
        number = {word: k for k, word in enumerate(self.words)}
        rows = [
            [number[word] for word, power in monomial for _ in range(power)]
            for monomial in self.monomials
        ]
        degree = max(map(len, rows), default=0)
        filled = [[*row, *[len(number)] * (degree - len(row))] for row in rows]
        return np.array(filled, dtype=np.intp).reshape(len(rows), degree)

    def in_order(self) -> tuple[tuple[Letter, ...], tuple[tuple[int, int], ...], dict[int, int]]:
        """Letters, products of places, and the place of every number, letters first."""
        single = [number for number in self.chains.values() if number not in self.parts]
        moved = {number: k for k, number in enumerate([*single, *self.parts])}
        letters = tuple(chain[0] for chain in self.chains if len(chain) == 1)
        products = tuple((moved[left], moved[right]) for left, right in self.parts.values())
        return letters, products, moved


def _parts(chain: Chain) -> tuple[Chain, Chain]:
    """Where a chain is cut: at a scalar inside, else so that a vector is multiplied first."""
    inner = next((i for i in range(1, len(chain)) if chain[i].rows == "1"), None)
    cut = inner or (1 if chain[-1].cols == "1" else len(chain) - 1)
    return chain[:cut], chain[cut:]


def _array(letter: Letter, arrays: Mapping[str, Floats]) -> Floats:
    name = letter.name if letter.power == 1 else f"{letter.name}^{letter.power}"
    array = arrays[name]
    return np.swapaxes(array, -1, -2) if letter.transposed else array
