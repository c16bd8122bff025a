"""Every way to multiply an equation by letters and to sum the product, for given free indices.

A letter is the name of an array, a definition or a scalar, or an expression such as
``sum[l](K[i,l]*c[l])``. The indices of the equation, those of the letters and the free ones are
paired in all ways that their sorts allow: a pair without a free index is summed, a pair of free
indices is a delta.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from verifier.proof.context import Atom
from verifier.proof.networks import DELTA, Factor, Sorts
from verifier.proof.syntax import is_name

from .budget import Budget
from .forms import Form, Forms, Term
from .linear import Residues, residues
from .spelling import indexed, summed
from .texts import at

Item = TypeVar("Item")
MAX_PAIRINGS = 1_000  # of the indices in one product: ten of one sort have 945
TERMS = 4  # that count as one more product


@dataclass(frozen=True)
class Equation:
    """An assumed equation: its name, its free indices, left - right."""

    atom: Atom
    indices: tuple[str, ...]
    form: Form = field(hash=False)

    @property
    def name(self) -> str:
        """What a residual is called."""
        return self.atom.name

    def at(self, indices: Sequence[str]) -> str:
        """The residual at other indices, as text."""
        return indexed(self.name, indices)


def equation(forms: Forms, atom: Atom) -> Equation:
    """Read an equation."""
    return Equation(atom, forms.indices(atom.left, atom.right), forms.residual(atom))


@dataclass(frozen=True, slots=True)
class Column:
    """A contraction of an equation with letters: its text, in the equation's name, and its form."""

    text: str
    form: Form
    residues: Residues


@dataclass(frozen=True, slots=True)
class _Slot:
    """An index that is to be paired: of the equation (-1), free (-2) or of the k-th letter."""

    owner: int
    at: int
    sort: str


class Contractions:
    """Columns for linear algebra; each list of them is built once."""

    def __init__(self, forms: Forms, budget: Budget) -> None:
        self.forms, self.budget = forms, budget
        self.built: dict[tuple[Atom, tuple[str, ...], tuple[str, ...]], list[Column]] = {}
        self.pieces: dict[str, tuple[list[Term], tuple[int, ...], tuple[str, ...]]] = {}

    def columns(
        self, one: Equation, free: tuple[str, ...], letters: tuple[str, ...]
    ) -> list[Column]:
        """All different contractions of an equation with these letters, in a fixed order."""
        key = (one.atom, free, letters)
        if key not in self.built:
            self.built[key] = list(self._columns(one, free, letters))
        return self.built[key]

    def _columns(
        self, one: Equation, free: tuple[str, ...], letters: tuple[str, ...]
    ) -> Iterator[Column]:
        forms = self.forms
        pieces = [self._piece(name) for name in letters]
        slots = [
            *(_Slot(-1, k, forms.sort(i)) for k, i in enumerate(one.indices)),
            *(_Slot(n, k, s) for n, piece in enumerate(pieces) for k, s in enumerate(piece[2])),
            *(_Slot(-2, k, forms.sort(i)) for k, i in enumerate(free)),
        ]
        if not one.form or not 0 < _count(slots) <= MAX_PAIRINGS:
            return
        seen: set[frozenset[tuple[tuple[int, ...], int]]] = set()
        terms = forms.terms(one.form)
        labels = {x: i for i, x in forms.meaning.labels.items()}
        for pairs in pairings(slots, lambda a, b: a.sort == b.sort):
            self.budget.spend(1 + len(terms) // TERMS)
            place, deltas, sorts = _placing(pairs, [self._label(i) for i in free])
            own = {forms.meaning.labels[i]: place[-1, k] for k, i in enumerate(one.indices)}
            form: Form = {}
            for chosen in itertools.product(*(piece[0] for piece in pieces)):
                others = [
                    (term, {x: place[n, k] for k, x in enumerate(pieces[n][1])})
                    for n, term in enumerate(chosen)
                ]
                part = forms.multiplied(terms, own, sorts, deltas, others)
                form = forms.added(form, part) if form else part
            values = residues(forms, form)
            signature = frozenset(values.items())
            if not values or signature in seen:
                continue
            seen.add(signature)
            names = dict(zip(sorts, forms.fresh(list(sorts.values()), free), strict=True))
            shown = {**labels, **names}
            texts = [
                *(
                    self._at(name, [shown[place[n, k]] for k in range(len(pieces[n][2]))])
                    for n, name in enumerate(letters)
                ),
                *(indexed("delta", [shown[f[1]], shown[f[2]]]) for f in deltas),
                one.at([shown[place[-1, k]] for k in range(len(one.indices))]),
            ]
            body = "*".join(texts)
            yield Column(summed(list(names.values()), body) if names else body, form, values)

    def _label(self, index: str) -> int:
        return self.forms.meaning.label(index, self.forms.sort(index))

    def _piece(self, letter: str) -> tuple[list[Term], tuple[int, ...], tuple[str, ...]]:
        """A letter at some free indices: its terms, the labels of these, their sorts."""
        if letter not in self.pieces:
            text, indices = self._spelled(letter)
            labels = tuple(self._label(i) for i in indices)
            sorts = tuple(self.forms.sort(i) for i in indices)
            self.pieces[letter] = (self.forms.terms(self.forms.form(text)), labels, sorts)
        return self.pieces[letter]

    def _at(self, letter: str, indices: Sequence[str]) -> str:
        """A letter at some indices, as text."""
        text, own = self._spelled(letter)
        return indexed(letter, indices) if is_name(letter) else at(self.forms, text, own, indices)

    def _spelled(self, letter: str) -> tuple[str, tuple[str, ...]]:
        """A letter at free indices of its own."""
        if not is_name(letter):
            return letter, self.forms.indices(letter)
        indices = self.forms.fresh(self._sorts(letter), ())
        return indexed(letter, indices), tuple(indices)

    def _sorts(self, name: str) -> tuple[str, ...]:
        context = self.forms.context
        for array in context.arrays:
            if array.name == name:
                return context.shape(array)
        for one in context.definitions:
            if one.name == name:
                return tuple(context.letters[i] for i in one.parameters)
        if any(scalar.name == name for scalar in context.scalars):
            return ()
        raise ValueError(f"{name!r} is no array, definition or scalar of the context")


def _count(slots: Sequence[_Slot]) -> int:
    """The number of ways to pair slots of equal sorts."""
    sizes = Counter(slot.sort for slot in slots).values()
    if any(size % 2 for size in sizes):
        return 0
    return math.prod(math.prod(range(size - 1, 0, -2)) for size in sizes)


def _placing(
    pairs: Sequence[tuple[_Slot, _Slot]], free: Sequence[int]
) -> tuple[dict[tuple[int, int], int], list[Factor], Sorts]:
    """The label of each slot, the deltas of free indices, the sorts of summed labels."""
    place: dict[tuple[int, int], int] = {}
    deltas: list[Factor] = []
    sorts: Sorts = {}
    for one, two in pairs:
        if one.owner == two.owner == -2:
            deltas.append((DELTA, free[one.at], free[two.at]))
            continue
        if two.owner == -2:
            label = free[two.at]
        else:
            label = len(sorts)
            sorts[label] = one.sort
        place[one.owner, one.at] = place[two.owner, two.at] = label
    return place, deltas, sorts


def pairings(
    items: Sequence[Item], fit: Callable[[Item, Item], bool]
) -> Iterator[list[tuple[Item, Item]]]:
    """All ways to pair items that fit."""
    if not items:
        yield []
        return
    first, *others = items
    for k, partner in enumerate(others):
        if fit(first, partner):
            for rest in pairings([*others[:k], *others[k + 1 :]], fit):
                yield [(first, partner), *rest]
