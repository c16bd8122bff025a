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
from verifier.proof.rules import By

from . import texts
from .budget import Budget
from .combinations import Combinations, Found
from .contractions import Column, Equation
from .features import Feature
from .forms import Form, Forms, indexed, summed
from .linear import residues
from .peeling import Peeled, peel
from .probes import probes
from .rewriting import Rule, reduced, rule

GAP = "gap"


@dataclass(frozen=True)
class Simple:
    """An equation that says that one feature's symmetrised weight is its optimum, and why."""

    feature: int
    equation: Atom
    by: By


class GapMeans:
    """The linear equations that a vanishing gap gives."""

    def __init__(self, context: Context, features: Sequence[Feature], budget: Budget) -> None:
        self.features, self.budget = tuple(features), budget
        self.arrays = _new_names(context, "gap_of", len(features))
        sorts = [tuple(context.letters[i] for i in one.slots) for one in features]
        extra = tuple(Tensor(n, s) for n, s in zip(self.arrays, sorts, strict=True))
        self.search = Combinations(replace(context, arrays=(*context.arrays, *extra)), budget)
        self.forms: Forms = self.search.forms
        self.symmetries = [symmetries(self.forms, one) for one in features]
        self.gap = " + ".join(self._share(r) for r in range(len(features)))
        self.means: list[Equation] = []
        self.macros: dict[str, tuple[tuple[str, ...], str]] = {}
        self.known: dict[int, Equation] = {}
        self.found: list[Simple] = []

    def simple(self, new_name: Callable[[str], str]) -> list[Simple]:
        """As many equations as are found, in the order in which each follows from the earlier.

        They are named by ``new_name``. BudgetSpent leaves what was found in ``found``.
        """
        for size, more in enumerate(probes(self.forms, self.features)):
            self.budget.start(f"means of the gap against products of {size} random entries")
            for probe in more:
                self._add(probe.indices, probe.text)
            progress = True
            while progress and len(self.known) < len(self.features):
                progress = False
                for r in range(len(self.features)):
                    if r not in self.known and self._occurs(r):
                        by = self._solved(r)
                        if by is not None:
                            self.found.append(self._simple(r, by, new_name("feature")))
                            progress = True
            if len(self.known) == len(self.features):
                break
        return self.found

    def _add(self, indices: tuple[str, ...], probe: str) -> None:
        """The mean of the gap against a probe, unless it is 0 or has a moment that is not given."""
        name = f"{GAP}_mean{len(self.means)}"
        atom = Atom(name, f"E(({self.gap})*{probe})")
        form = self.forms.residual(atom)
        heads, table = self.forms.meaning.heads, self.forms.meaning.table
        if form and not any(heads[f[0]].boxes for ids in form for i in ids for f in table[i]):
            self.means.append(Equation(atom, indices, form))
            self.macros[name] = (indices, f"E({GAP}*{probe})")

    def _occurs(self, r: int) -> bool:
        return any(self.arrays[r] in self.forms.names(one.form) for one in self.means)

    def goal(self, r: int) -> str:
        """The sum of U_r over the symmetries of its feature."""
        return " + ".join(indexed(self.arrays[r], one) for one in self.symmetries[r])

    def _solved(self, r: int) -> By | None:
        slots = self.features[r].slots
        target = self.forms.form(self.goal(r))
        plain = [*self.means, *self.known.values()]
        found = self.search.combination(target, slots, plain, (), 0)
        usable = [self._without_known(one) for one in self.means] if found is None else []
        if found is None and self.known:
            found = self.search.combination(target, slots, [u for u, _ in usable], (), 0)
        if found is None:
            found = self._peeled(r, target, usable)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        corrections = {u.name: (u.indices, text) for u, text in usable if text != u.name}
        return replace(by, combination=texts.expanded(self.forms, by.combination, corrections))

    def _without_known(self, one: Equation) -> tuple[Equation, str]:
        """A mean without the features that are known to vanish, and what it is as residuals."""
        rules = [x for known in self.known.values() if (x := rule(self.forms, known))]
        form, correction = reduced(self.forms, one.form, one.indices, rules)
        if not correction:
            return one, one.name
        atom = Atom(f"{one.name}_{len(self.known)}", one.atom.left)
        return Equation(atom, one.indices, form), f"{one.at(one.indices)} - ({correction})"

    def _peeled(
        self, r: int, target: Form, usable: Sequence[tuple[Equation, str]]
    ) -> Found | None:
        """From a mean that has U_r between invertible matrices."""
        slots = self.features[r].slots
        for one, _ in usable:
            part = self._alone(r, one.form)
            if not part:
                continue
            found = self.search.combination(part, one.indices, [u for u, _ in usable], (), 0)
            if found is None:
                continue
            whole = {ids: dict(c) for ids, c in part.items()}
            start = Peeled(whole, one.indices, f"({found.combination})")
            result = peel(self.forms, start)
            if sorted(map(self.forms.sort, result.indices)) != sorted(map(self.forms.sort, slots)):
                continue
            for order in itertools.permutations(slots):
                column = self._moved(result, order)
                if column is None:
                    continue
                last = self.search.spanned(target, [column])
                if last is not None:
                    times = last.times * found.times
                    return Found(times, last.combination)
        return None

    def _moved(self, one: Peeled, order: Sequence[str]) -> Column | None:
        """A peeled form at the slots of a feature."""
        forms = self.forms
        if any(forms.sort(i) != forms.sort(j) for i, j in zip(one.indices, order, strict=True)):
            return None
        labels = forms.meaning.labels
        places = {labels[i]: labels[j] for i, j in zip(one.indices, order, strict=True)}
        form = forms.multiplied(forms.terms(one.form), places, {})
        text = texts.at(forms, one.combination, one.indices, order)
        return Column(text, form, residues(forms, form))

    def _alone(self, r: int, form: Form) -> Form:
        """The terms that have U_r and no delta; none where another feature has such a term."""
        found: Form = {}
        for ids, part in form.items():
            if not self.forms.meaning.deltas.isdisjoint(ids):
                continue
            if self.arrays[r] in self.forms.names({ids: part}):
                found[ids] = part
        return found

    def _simple(self, r: int, by: By, name: str) -> Simple:
        feature = self.features[r]
        self.known[r] = Equation(
            Atom(name, self.goal(r)), feature.slots, self.forms.form(self.goal(r))
        )
        combination = texts.expanded(self.forms, by.combination, self.macros)
        left = self._over_symmetries(r, feature.weight)
        right = "0"
        if self.forms.form(feature.optimum):
            right = self._over_symmetries(r, feature.optimum)
        return Simple(r, Atom(name, left, right), replace(by, combination=combination))

    def symmetrised(self, r: int) -> str:
        """weight - optimum summed over the symmetries of a feature."""
        weight, optimum = self.features[r].weight, self.features[r].optimum
        return f"{self._over_symmetries(r, weight)} - ({self._over_symmetries(r, optimum)})"

    def uncorrelated(self, chosen: Sequence[int]) -> list[list[int]]:
        """Some features in groups whose shares of the gap have mean products 0."""
        groups: list[list[int]] = []
        for r in chosen:
            met = [g for g in groups if any(self._correlated(r, other) for other in g)]
            groups = [g for g in groups if g not in met]
            groups.append(sorted([r, *itertools.chain(*met)]))
        return sorted(groups)

    def _correlated(self, r: int, other: int) -> bool:
        return bool(self.forms.form(f"E(({self._share(r)})*({self._share(other)}))"))

    def _share(self, r: int) -> str:
        one = self.features[r]
        return summed(one.slots, f"{indexed(self.arrays[r], one.slots)}*({one.random})")

    def _over_symmetries(self, r: int, text: str) -> str:
        slots, orders = self.features[r].slots, self.symmetries[r]
        if len(orders) == 1:
            return text
        return " + ".join(texts.at(self.forms, text, slots, order) for order in orders)


def symmetries(forms: Forms, feature: Feature) -> list[tuple[str, ...]]:
    """The permutations of its slots that leave the random part of a feature as it is."""
    sorts = [forms.sort(i) for i in feature.slots]
    found = []
    for order in itertools.permutations(feature.slots):
        if [forms.sort(i) for i in order] == sorts:
            moved = texts.at(forms, feature.random, feature.slots, order)
            if forms.form(f"({feature.random}) - {moved}") == {}:
                found.append(order)
    return found


def _new_names(context: Context, stem: str, count: int) -> list[str]:
    """Names that mean nothing in the context yet."""
    numbers = (n for n in itertools.count() if f"{stem}{n}" not in context.taken)
    return [f"{stem}{next(numbers)}" for _ in range(count)]
