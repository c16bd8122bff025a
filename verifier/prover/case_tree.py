"""All weights for which a gap vanishes: a tree of cases, the cases, and why each of them does.

From ``gap = 0`` the means against random products give one equation for each feature
(`gap_means`), a tree of cases solves these equations (`branches`), and in each case the weight of
each feature, symmetrised as its random part is, is a combination of the case's equations.
Not trusted: the checker replays the tree and the combinations.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom, Context
from verifier.proof.rules import By, Case, Conclude, Derive, Null, Square, Tree

from .branches import Grower
from .budget import Budget, BudgetSpent, Progress
from .contractions import Equation, equation
from .features import Feature
from .forms import Form, indexed, summed
from .gap_means import GAP, GapMeans, Simple
from .rewriting import reduced, rule

PRODUCTS = 200_000  # that a search may try
DEGREE = 2  # of the letters that a case's equations are multiplied with


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
    optima mention. The answer is the families of letters, where the tree of cases is found within
    ``products`` tried; else one case with an equation for each feature, those features for which
    none is found together: their part of the gap vanishes almost surely. New names are in neither
    the context nor ``taken``. TooFewLetters where a sort has too few indices.
    """
    means = GapMeans(context, features, Budget(products, progress))
    builder = _Builder(means, {*context.taken, *taken, GAP}, prefix)
    try:
        simple = means.simple(builder.new_name)
        if len(simple) == len(features):
            families = builder.families(simple, parameters)
            if families is not None:
                return families
    except BudgetSpent:
        pass
    return builder.by_features(means.found)


class _Builder:
    """Puts the tree, the cases and their converses together."""

    def __init__(self, means: GapMeans, taken: set[str], prefix: str) -> None:
        self.means, self.taken, self.prefix = means, taken, prefix
        self.search, self.forms = means.search, means.forms

    def new_name(self, stem: str) -> str:
        """A name that nothing has yet."""
        names = itertools.chain((stem,), (f"{stem}{n}" for n in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return name

    # Families

    def families(self, simple: Sequence[Simple], parameters: Sequence[str]) -> Equality | None:
        """The solutions of the features' equations; None if some case is not shown to suffice."""
        equations = [equation(self.forms, one.equation) for one in simple]
        grower = Grower(self.search, parameters, self.new_name, self.prefix)
        found = grower.branches(equations)
        converses = []
        for case in found.cases:
            converse = self._converse(case, parameters)
            if converse is None:
                return None
            converses.append(converse)
        return Equality(_after(simple, found.tree), found.cases, tuple(converses))

    def _converse(self, case: Case, parameters: Sequence[str]) -> str | None:
        """Why the gap is 0 where a case holds: each feature's weight is its optimum."""
        known = [equation(self.forms, atom) for atom in case]
        parts = []
        for r in range(len(self.means.features)):
            part = self._vanishes(r, known, parameters)
            if part is None:
                return None
            parts.append(part)
        return " + ".join(part for part in parts if part) or "0"

    def _vanishes(
        self, r: int, known: Sequence[Equation], parameters: Sequence[str]
    ) -> str | None:
        """A feature's share of the gap as a combination of a case's equations."""
        feature, count = self.means.features[r], len(self.means.symmetries[r])
        plain = self.forms.form(f"({feature.weight}) - ({feature.optimum})")
        whole = self.forms.form(self.means.symmetrised(r))
        for degree in range(DEGREE + 1):
            for target, below in ((plain, 1), (whole, count)):
                found = self._combined(target, feature.slots, known, parameters, degree)
                if found is not None:
                    return self._share(r, found, below) if found else ""
        return None

    def _combined(
        self,
        target: Form,
        slots: tuple[str, ...],
        known: Sequence[Equation],
        parameters: Sequence[str],
        degree: int,
    ) -> str | None:
        """A target as a combination of known equations, by rewriting and then by search."""
        rules = [x for one in known if (x := rule(self.forms, one))]
        form, text = reduced(self.forms, target, slots, rules)
        if not form:
            return text
        present = set().union(*(self.forms.names(one.form) for one in known))
        letters = [name for name in parameters if name in present]
        found = self.search.combination(form, slots, known, letters, degree)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        more = f"({by.combination})/({by.times})" if by.times != "1" else by.combination
        return f"{text} + {more}" if text else more

    def _share(self, r: int, difference: str, below: int = 1) -> str:
        """A feature's share of the gap, ``below`` times its weight - optimum given as text."""
        feature = self.means.features[r]
        body = summed(feature.slots, f"({difference})*({feature.random})")
        return f"{body}/{below}" if below > 1 else body

    # One case

    def by_features(self, simple: Sequence[Simple]) -> Equality:
        """One case: the equations that are found, and that the rest of the gap is 0."""
        tree: list[Simple | Null] = [*simple]
        sides: list[tuple[str, str, str]] = []  # left, right, residual in the tree
        shares: list[str] = []  # of the gap, a residual written {}
        for one in sorted(simple, key=lambda one: one.feature):
            slots = self.means.features[one.feature].slots
            sides.append((one.equation.left, one.equation.right, indexed(one.equation.name, slots)))
            shares.append(self._solved_share(one.feature, indexed("{}", slots)))
        known = " + ".join(
            self._solved_share(x.feature, indexed(x.equation.name, self.means.features[x.feature].slots))
            for x in simple
        )
        rest = f"{GAP} - ({known})" if known else GAP
        unsolved = [r for r in range(len(self.means.features)) if r not in {x.feature for x in simple}]
        classes = self.means.uncorrelated(unsolved)
        for group in classes:
            part = " + ".join(self._share(r, self._difference(r)) for r in group)
            residual = rest
            if len(classes) > 1:
                residual = self.new_name("part")
                tree.append(
                    Null((Square("1", part, residual),), By(f"E(({rest})*({part}))"), Conclude())
                )
            sides.append((part, "0", residual))
            shares.append("{}")
        case = tuple(
            Atom(f"{self.prefix}1_{k}", left, right) for k, (left, right, _) in enumerate(sides, 1)
        )
        by = {atom.name: By(why) for atom, (_, _, why) in zip(case, sides, strict=True)}
        converse = " + ".join(
            share.replace("{}", atom.name) for share, atom in zip(shares, case, strict=True)
        )
        return Equality(_after(tree, Conclude(0, by)), (case,), (converse,))

    def _solved_share(self, r: int, symmetrised: str) -> str:
        """A feature's share of the gap from the residual of its equation."""
        return self._share(r, symmetrised, len(self.means.symmetries[r]))

    def _difference(self, r: int) -> str:
        feature = self.means.features[r]
        if not self.forms.form(feature.optimum):
            return feature.weight
        return f"{feature.weight} - ({feature.optimum})"


def _after(steps: Sequence[Simple | Null], then: Tree) -> Tree:
    """The tree that takes these steps, one after the other, and goes on."""
    for one in reversed(steps):
        if isinstance(one, Null):
            then = Null(one.squares, one.by, then)
        else:
            then = Derive(one.equation, one.by, then)
    return then
