"""What an equation says of the letters in it: its constant part, the product that it sets to 0."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from verifier.proof.networks import DELTA

from .coefficients import PRIME
from .contractions import Equation
from .forms import Form, Forms, Networks
from .linear import residues
from .spelling import indexed

Entry = tuple[str, tuple[str, ...]]  # a letter and its indices


class Letters:
    """Questions about equations between the letters of one context."""

    def __init__(self, forms: Forms, letters: Sequence[str]) -> None:
        self.forms, self.names = forms, tuple(letters)

    def constant(self, form: Form) -> Form:
        """The terms without letters."""
        return {
            ids: part
            for ids, part in form.items()
            if self.forms.names({ids: part}).isdisjoint(self.names)
        }

    def factors(self, one: Equation) -> list[Entry] | None:
        """The different letters, at free indices, whose product an equation sets to 0."""
        if len(one.form) != 1:
            return None
        factors, sorts = self.forms.meaning.spread(next(iter(one.form)))
        labels = [x for f in factors for x in f[1:]]
        if sorts or len(set(labels)) != len(labels) or any(f[0] == DELTA for f in factors):
            return None
        indices = {x: i for i, x in self.forms.meaning.labels.items()}
        heads = self.forms.meaning.heads
        found = [(heads[f[0]].name, tuple(indices[x] for x in f[1:])) for f in factors]
        names = {name for name, _ in found}
        return found if names <= set(self.names) and len(names) == len(found) else None

    def entry(self, name: str, avoid: Collection[str] = ()) -> str:
        """A letter at fresh indices."""
        sorts = self.forms.meaning.heads[self.forms.tensor_head(name)].sorts
        return indexed(name, self.forms.fresh(sorts, avoid))

    def same(self, one: Equation, two: Equation) -> bool:
        """Whether two equations are multiples of each other, their indices renamed."""
        forms, labels = self.forms, self.forms.meaning.labels
        if sorted(map(forms.sort, one.indices)) != sorted(map(forms.sort, two.indices)):
            return False
        wanted = _scaled(residues(forms, two.form))
        for order in itertools.permutations(two.indices):
            places = {labels[i]: labels[j] for i, j in zip(one.indices, order, strict=True)}
            moved = forms.multiplied(forms.terms(one.form), places, {})
            if _scaled(residues(forms, moved)) == wanted:
                return True
        return False


def _scaled(values: dict[Networks, int]) -> dict[Networks, int]:
    """A vector modulo the prime, its first coordinate 1."""
    first = pow(values[min(values)], -1, PRIME) if values else 0
    return {ids: value * first % PRIME for ids, value in values.items()}
