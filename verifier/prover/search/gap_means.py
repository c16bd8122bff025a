"""What a gap that vanishes almost surely says of each feature: its symmetrised weight is optimal.

For the search each weight_r - optimum_r is one array U_r of its own, so that E(gap * probe) = 0 are
linear equations in the U_r. Only the sum of U_r over the permutations of slots that leave its
random part as it is can be found from them; `simple` finds it, one feature after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verifier.proof.context import Atom, Context, Tensor
from verifier.proof.statements import By
from verifier.proof.syntax import free_indices
from verifier.prover.features import Feature

from . import texts
from .budget import Budget
from .combinations import Combinations, Found
from .contractions import Column, Equation
from .forms import Form, Forms
from .linear import residues
from .peeling import Peeled, peel
from .probes import Probe, probes
from .rewriting import reduced, rule
from .spelling import indexed, plus, summed

GAP = "gap"


@dataclass(frozen=True)
class Simple:
    """An equation that says that one feature's symmetrised weight is its optimum, and why."""

    feature: int
    equation: Atom
    by: By


class GapMeans:
    """The linear equations that a vanishing gap gives.

    ``outputs`` are the indices of the gap, if the layer predicts a vector.
    """

    def __init__(
        self,
        context: Context,
        features: Sequence[Feature],
        outputs: tuple[str, ...],
        budget: Budget,
    ) -> None:
        self.features, self.outputs, self.budget = tuple(features), outputs, budget
        self.indices = [_indices(context, one, outputs) for one in features]
        self.arrays = _new_names(context, "gap_of", len(features))
        extra = tuple(
            Tensor(name, tuple(context.letters[i] for i in indices))
            for name, indices in zip(self.arrays, self.indices, strict=True)
        )
        self.search = Combinations(replace(context, arrays=(*context.arrays, *extra)), budget)
        self.forms: Forms = self.search.forms
        self.symmetries = [symmetries(self.forms, one) for one in features]
        self.gap = indexed(GAP, outputs)
        self.means: list[Equation] = []
        self.macros: dict[str, tuple[tuple[str, ...], str]] = {}
        self.known: dict[int, Equation] = {}
        self.found: list[Simple] = []

    # Texts

    def difference(self, r: int) -> str:
        """weight - optimum of a feature."""
        feature = self.features[r]
        if not self.forms.form(feature.optimum):
            return feature.weight
        return f"{feature.weight} - ({feature.optimum})"

    def symmetrised(self, r: int) -> str:
        """weight - optimum summed over the symmetries of a feature."""
        return self._over_symmetries(r, self.difference(r))

    def share(self, r: int, difference: str, below: int = 1) -> str:
        """A feature's share of the gap, ``below`` times its weight - optimum given as text."""
        feature = self.features[r]
        body = summed(feature.slots, f"({difference})*({feature.random})")
        return f"{body}/{below}" if below > 1 else body

    def _over_symmetries(self, r: int, text: str) -> str:
        slots, orders = self.features[r].slots, self.symmetries[r]
        if len(orders) == 1:
            return text
        return plus(texts.at(self.forms, text, slots, order) for order in orders)

    def _goal(self, r: int) -> str:
        """The sum of U_r over the symmetries of its feature."""
        others = self.indices[r][len(self.features[r].slots) :]
        return plus(indexed(self.arrays[r], (*order, *others)) for order in self.symmetries[r])

    def _unknown(self, r: int) -> str:
        """A feature's share of the gap, in U_r."""
        return self.share(r, indexed(self.arrays[r], self.indices[r]))

    # Search

    def simple(self, new_name: Callable[[str], str]) -> list[Simple]:
        """As many equations as are found, in the order in which each follows from the earlier.

        They are named by ``new_name``. BudgetSpent leaves what was found in ``found``.
        """
        for size, more in enumerate(probes(self.forms, self.features, self.outputs)):
            self.budget.start(f"means of the gap against products of {size} random entries")
            for probe in more:
                self._add(probe)
            while self._one_more(new_name):
                pass
            if len(self.known) == len(self.features):
                break
        return self.found

    def _add(self, probe: Probe) -> None:
        """The mean of the gap against a probe; where the gap has indices, also summed over them."""
        unknown = " + ".join(map(self._unknown, range(len(self.features))))
        mean, meant = f"E({self.gap}*{probe.text})", f"E(({unknown})*{probe.text})"
        own = tuple(i for i in probe.indices if i not in self.outputs)
        self._note_mean((*own, *self.outputs), mean, meant)
        if self.outputs:
            self._note_mean(own, summed(self.outputs, mean), summed(self.outputs, meant))

    def _note_mean(self, indices: tuple[str, ...], mean: str, meant: str) -> None:
        """Note a mean, in the gap and in the U_r, unless it is 0 or has a moment not given."""
        name = f"{GAP}_mean{len(self.means)}"
        atom = Atom(name, meant)
        form = self.forms.cheap_form(meant, self.budget)
        heads, table = self.forms.meaning.heads, self.forms.meaning.table
        if form and not any(heads[f[0]].boxes for ids in form for i in ids for f in table[i]):
            self.means.append(Equation(atom, indices, form))
            self.macros[name] = (indices, mean)

    def _one_more(self, new_name: Callable[[str], str]) -> bool:
        """Find the equation of one more feature."""
        met = set().union(*(self.forms.names(one.form) for one in self.means))
        for r in range(len(self.features)):
            if r not in self.known and self.arrays[r] in met:
                by = self._solved(r)
                if by is not None:
                    self._note(r, by, new_name("feature"))
                    return True
        return False

    def _solved(self, r: int) -> By | None:
        """Why the symmetrised U_r vanishes."""
        target = self.forms.form(self._goal(r))
        plain = [*self.means, *self.known.values()]
        found = self.search.combination(target, self.indices[r], plain, (), 0)
        if found is not None:
            return self.search.reason(found)
        rest = [self._without_known(one) for one in self.means]
        usable = [one for one, _ in rest]
        if self.known:
            found = self.search.combination(target, self.indices[r], usable, (), 0)
        found = found or self._peeled(r, target, usable)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        corrected = {one.name: (one.indices, text) for one, text in rest if text != one.name}
        return replace(by, combination=texts.expanded(self.forms, by.combination, corrected))

    def _without_known(self, one: Equation) -> tuple[Equation, str]:
        """A mean without the features that are known to vanish, and what it is as residuals."""
        rules = [x for known in self.known.values() if (x := rule(self.forms, known))]
        form, correction = reduced(self.forms, one.form, one.indices, rules)
        if not correction:
            return one, one.name
        atom = Atom(f"{one.name}_{len(self.known)}", one.atom.left)
        return Equation(atom, one.indices, form), f"{one.at(one.indices)} - ({correction})"

    def _peeled(self, r: int, target: Form, usable: Sequence[Equation]) -> Found | None:
        """From a mean that has U_r between invertible matrices."""
        for one in usable:
            for part in self._alone(r, one.form):
                found = self.search.combination(part, one.indices, usable, (), 0)
                if found is not None:
                    start = Peeled(part, one.indices, f"({found.combination})")
                    last = self._matched(r, target, peel(self.forms, start))
                    if last is not None:
                        return Found(last.times * found.times, last.combination)
        return None

    def _alone(self, r: int, form: Form) -> list[Form]:
        """Terms that have U_r: all of a form, those without deltas, those with the same entries."""
        parts: dict[tuple[int, ...], Form] = {}
        for ids, part in form.items():
            if self.forms.meaning.deltas.isdisjoint(ids):
                heads = sorted(f[0] for i in ids for f in self.forms.meaning.table[i])
                if self.forms.tensor_head(self.arrays[r]) in heads:
                    parts.setdefault(tuple(heads), {})[ids] = part
        whole = {ids: part for one in parts.values() for ids, part in one.items()}
        found = [whole, *parts.values()] if len(parts) > 1 else list(parts.values())
        alone = all(self.arrays[r] in self.forms.names({ids: part}) for ids, part in form.items())
        return [*found, form] if alone and whole != form else found

    def _matched(self, r: int, target: Form, result: Peeled) -> Found | None:
        """The target from a peeled form, its indices in some order."""
        if len(result.indices) != len(self.indices[r]):
            return None
        for order in itertools.permutations(self.indices[r]):
            column = self._moved(result, order)
            found = None if column is None else self.search.spanned(target, [column])
            if found is not None:
                return found
        return None

    def _moved(self, one: Peeled, order: Sequence[str]) -> Column | None:
        """A peeled form at the indices of a feature."""
        forms, labels = self.forms, self.forms.meaning.labels
        if any(forms.sort(i) != forms.sort(j) for i, j in zip(one.indices, order, strict=True)):
            return None
        places = {labels[i]: labels[j] for i, j in zip(one.indices, order, strict=True)}
        form = forms.multiplied(forms.terms(one.form), places, {})
        text = texts.at(forms, one.combination, one.indices, order)
        return Column(text, form, residues(forms, form))

    def _note(self, r: int, by: By, name: str) -> None:
        """Note the equation of a feature; its residual has the indices in the order of its text."""
        left, right = self._over_symmetries(r, self.features[r].weight), "0"
        if self.forms.form(self.features[r].optimum):
            right = self._over_symmetries(r, self.features[r].optimum)
        indices, goal = self.forms.indices(left, right), self._goal(r)
        self.known[r] = Equation(Atom(name, goal), indices, self.forms.form(goal))
        combination = texts.expanded(self.forms, by.combination, self.macros)
        self.found.append(Simple(r, Atom(name, left, right), replace(by, combination=combination)))

    # Parts of the gap

    def uncorrelated(self, chosen: Sequence[int]) -> list[list[int]]:
        """Some features in groups whose shares of the gap have mean products 0."""
        groups: list[list[int]] = []
        for r in chosen:
            met = [g for g in groups if any(self._correlated(r, other) for other in g)]
            groups = [g for g in groups if g not in met]
            groups.append(sorted([r, *itertools.chain(*met)]))
        return sorted(groups)

    def _correlated(self, r: int, other: int) -> bool:
        mean = f"E(({self._unknown(r)})*({self._unknown(other)}))"
        return self.forms.cheap_form(mean, self.budget) != {}


def symmetries(forms: Forms, feature: Feature) -> list[tuple[str, ...]]:
    """The permutations of its slots that leave the random part of a feature as it is."""
    sorts = [forms.sort(i) for i in feature.slots]
    found = []
    for order in itertools.permutations(feature.slots):
        if [forms.sort(i) for i in order] == sorts:
            moved = texts.at(forms, feature.random, feature.slots, order)
            if not forms.form(f"({feature.random}) - {moved}"):
                found.append(order)
    return found


def _indices(context: Context, one: Feature, outputs: tuple[str, ...]) -> tuple[str, ...]:
    """The slots of a feature, and the indices of the gap that its weight has."""
    met = free_indices(context.read(one.weight), context.read(one.optimum))
    if not set(one.slots) <= set(met) <= {*one.slots, *outputs}:
        wanted = ", ".join(one.slots) or "no index"
        raise ValueError(f"the weight {one.weight!r} of a feature must have the slots {wanted}")
    return (*one.slots, *(o for o in outputs if o in met))


def _new_names(context: Context, stem: str, count: int) -> list[str]:
    """Names that mean nothing in the context yet."""
    numbers = (n for n in itertools.count() if f"{stem}{n}" not in context.taken)
    return [f"{stem}{next(numbers)}" for _ in range(count)]
