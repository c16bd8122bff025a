"""All weights for which a gap vanishes: a tree of cases, the cases, and why each of them does.

From ``gap = 0`` the means against random products give one equation for each feature
(`gap_means`), a tree of cases solves these equations (`case_tree`), and in each case the weight of
each feature, symmetrised as its random part is, is a combination of the case's equations.
Not trusted: the checker replays the tree and the combinations.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom, Context
from verifier.proof.rules import By, Case, Conclude, Derive, Tree

from .budget import Budget, BudgetSpent, Progress
from .case_tree import CaseTree, Node
from .contractions import Equation, equation
from .features import Feature
from .forms import Form, summed
from .gap_means import GAP, GapMeans, Simple
from .rewriting import reduced, rule

PRODUCTS = 300_000  # that a search may try


@dataclass(frozen=True, slots=True)
class Equality:
    """Where ``gap = 0`` is known: the tree, its cases, and why gap = 0 in each case."""

    tree: Tree
    cases: tuple[Case, ...]
    converses: tuple[str, ...]


def equality(
    context: Context,
    features: Sequence[Feature],
    parameters: Sequence[str],
    *,
    taken: Collection[str] = (),
    prefix: str = "family",
    products: int = PRODUCTS,
    progress: Progress | None = None,
) -> Equality:
    """All minimisers where an equation named ``gap`` says that the features' sum is 0.

    ``context`` declares the random arrays, the letters (``parameters``) as tensors, and what the
    optima mention. Families of letters where the tree of cases is found within ``products`` tried;
    else the features' equations; else what is left of the gap itself. No new name is in ``taken``.
    """
    budget = Budget(products, progress)
    means = GapMeans(context, features, budget)
    try:
        simple = means.simple()
    except BudgetSpent:
        simple = list(means.found)
    return _Equality(means, parameters, {*context.taken, *taken, GAP}, prefix).build(simple)


class _Equality:
    """Puts the tree, the cases and their converses together."""

    def __init__(
        self, means: GapMeans, parameters: Sequence[str], taken: set[str], prefix: str
    ) -> None:
        self.means, self.parameters, self.prefix = means, tuple(parameters), prefix
        self.search, self.forms, self.taken = means.search, means.forms, taken

    def new_name(self, stem: str) -> str:
        """A name that nothing has yet."""
        names = itertools.chain((stem,), (f"{stem}{n}" for n in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return name

    def build(self, simple: Sequence[Simple]) -> Equality:
        """The families, or the best that there is instead."""
        if len(simple) == len(self.means.features):
            try:
                return self._families(simple)
            except BudgetSpent:
                self.means.budget.left = PRODUCTS
        return self._by_features(simple)

    def _families(self, simple: Sequence[Simple]) -> Equality:
        tree = CaseTree(self.search, self.parameters, self.new_name, self.prefix)
        active = tuple(equation(self.forms, one.equation) for one in simple)
        grown = _after(simple, tree.grow(Node(active)))
        converses = []
        for case in tree.cases:
            converse = self._converse(case)
            if converse is None:
                return self._by_features(simple)
            converses.append(converse)
        return Equality(grown, tuple(tree.cases), tuple(converses))

    def _by_features(self, simple: Sequence[Simple]) -> Equality:
        """One case: the equations that were found, and the rest of the gap as a random equation."""
        features = self.means.features
        order = sorted(simple, key=lambda one: one.feature)
        case = [
            Atom(f"{self.prefix}1_{k}", one.equation.left, one.equation.right)
            for k, one in enumerate(order, 1)
        ]
        by = {
            atom.name: By(self._at(one.equation, one.feature))
            for atom, one in zip(case, order, strict=True)
        }
        parts = [
            self._part(one.feature, self._at(atom, one.feature))
            for atom, one in zip(case, order, strict=True)
        ]
        solved = {one.feature for one in order}
        rest = [r for r in range(len(features)) if r not in solved]
        if rest:
            left = Atom(f"{self.prefix}1_{len(case) + 1}", " + ".join(map(self._term, rest)))
            known = [self._part(one.feature, self._at(one.equation, one.feature)) for one in order]
            minus = f" - ({' + '.join(known)})" if known else ""
            by[left.name] = By(f"{GAP}{minus}")
            case.append(left)
            parts.append(left.name)
        tree = _after(simple, Conclude(0, by))
        return Equality(tree, (tuple(case),), (" + ".join(parts),))

    def _at(self, atom: Atom, r: int) -> str:
        slots = self.means.features[r].slots
        return f"{atom.name}[{','.join(slots)}]" if slots else atom.name

    def _part(self, r: int, symmetrised: str, times: str = "1") -> str:
        """A feature's share of the gap, from its weight - optimum summed over its symmetries."""
        feature, count = self.means.features[r], len(self.means.symmetries[r])
        body = summed(feature.slots, f"({symmetrised})*({feature.random})")
        below = [x for x in (str(count), times) if x != "1"]
        return f"{body}/({'*'.join(below)})" if below else body

    def _term(self, r: int) -> str:
        feature = self.means.features[r]
        difference = f"({feature.weight})" if feature.optimum == "0" else (
            f"({feature.weight} - ({feature.optimum}))"
        )
        return summed(feature.slots, f"{difference}*({feature.random})")

    # Converses

    def _converse(self, case: Case) -> str | None:
        """Why the gap is 0 where a case holds: each feature's weight is its optimum."""
        known = [equation(self.forms, atom) for atom in case]
        parts = []
        for r in range(len(self.means.features)):
            part = self._vanishes(r, known)
            if part is None:
                return None
            parts.append(part)
        return " + ".join(part for part in parts if part) or "0"

    def _vanishes(self, r: int, known: Sequence[Equation]) -> str | None:
        """A feature's share of the gap as a combination of a case's equations."""
        feature = self.means.features[r]
        plain = f"{feature.weight} - ({feature.optimum})"
        whole = self.means.symmetrised(r, feature.weight, feature.optimum)
        for degree in range(3):
            for text, orders in ((plain, 1), (whole, len(self.means.symmetries[r]))):
                found = self._combined(self.forms.form(text), feature.slots, known, degree)
                if found == "":
                    return ""
                if found is not None:
                    body = summed(feature.slots, f"({found})*({feature.random})")
                    return body if orders == 1 else f"{body}/{orders}"
        return None

    def _combined(
        self, target: Form, slots: tuple[str, ...], known: Sequence[Equation], degree: int
    ) -> str | None:
        """A target as a combination of known equations, by rewriting and then by search."""
        rules = [x for one in known if (x := rule(self.forms, one))]
        form, text = reduced(self.forms, target, slots, rules)
        if not form:
            return text
        present = set().union(*(self.forms.names(one.form) for one in known))
        letters = [name for name in self.parameters if name in present]
        found = self.search.combination(form, slots, known, letters, degree)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        more = f"({by.combination})/({by.times})" if by.times != "1" else by.combination
        return f"{text} + {more}" if text else more


def _after(simple: Sequence[Simple], then: Tree) -> Tree:
    """The tree that derives these equations, one from the other, and goes on."""
    for one in reversed(simple):
        then = Derive(one.equation, one.by, then)
    return then


