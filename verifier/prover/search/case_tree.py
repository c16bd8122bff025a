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

from verifier.proof.context import Context
from verifier.proof.statements import Case, Tree
from verifier.prover.features import Feature

from .branches import Grower
from .budget import Budget, BudgetSpent, Progress
from .contractions import Equation, equation
from .forms import Form, Unwritable
from .gap_means import GAP, GapMeans, Simple
from .one_case import chained, derived, one_case
from .rewriting import reduced, rule

PRODUCTS = 60_000  # that a search may try
FALLBACK = 30_000  # and where it has tried too many, for parts of the gap
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
    outputs: tuple[str, ...] = (),
    taken: Collection[str] = (),
    prefix: str = "family",
    products: int = PRODUCTS,
    progress: Progress | None = None,
) -> Equality:
    """All minimisers where an equation named ``gap`` says that the features' sum is 0.

    ``context`` declares the random arrays, the letters (``parameters``) as tensors, and what the
    optima mention; ``outputs`` are the indices of the gap, which weights and random parts may have
    too. The answer is the families of letters, where the tree of cases is found within ``products``
    tried, and no case where the gap is shown to vanish nowhere; else one case with an equation for
    each feature, those features for which none is found together: their part of the gap vanishes
    almost surely. New names are in neither the context nor ``taken``. TooFewLetters where a sort
    has too few indices.
    """
    means = GapMeans(context, features, outputs, Budget(products, progress))
    builder = _Builder(means, {*context.taken, *taken, GAP}, tuple(parameters), prefix)
    try:
        simple = means.simple(builder.new_name)
        families = builder.families(simple) if len(simple) == len(features) else None
    except (BudgetSpent, Unwritable):
        families = None
    return families or builder.by_features(means.found)


class _Builder:
    """Puts the tree, the cases and their converses together."""

    def __init__(
        self, means: GapMeans, taken: set[str], parameters: tuple[str, ...], prefix: str
    ) -> None:
        self.means, self.taken, self.parameters, self.prefix = means, taken, parameters, prefix
        self.search, self.forms = means.search, means.forms

    def new_name(self, stem: str) -> str:
        """A name that nothing has yet."""
        names = itertools.chain((stem,), (f"{stem}{n}" for n in itertools.count(2)))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return name

    def by_features(self, simple: Sequence[Simple]) -> Equality:
        """One case, without families."""
        self.means.budget.allow(FALLBACK)
        found = one_case(self.means, simple, self.new_name, self.prefix)
        return Equality(found.tree, (found.case,), (found.converse,))

    def families(self, simple: Sequence[Simple]) -> Equality | None:
        """The solutions of the features' equations; None if some case is not shown to suffice."""
        equations = [equation(self.forms, one.equation) for one in simple]
        grower = Grower(self.search, self.parameters, self.new_name, self.prefix)
        found = grower.branches(equations)
        converses = []
        for case in found.cases:
            converse = self._converse(case)
            if converse is None:
                return None
            converses.append(converse)
        return Equality(chained(derived(simple), found.tree), found.cases, tuple(converses))

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
        plain = self.forms.form(self.means.difference(r))
        whole = self.forms.form(self.means.symmetrised(r))
        count = len(self.means.symmetries[r])
        for degree in range(DEGREE + 1):
            for target, below in ((plain, 1), (whole, count)):
                found = self._combined(target, self.means.indices[r], known, degree)
                if found is not None:
                    return self.means.share(r, found, below) if found else ""
        return None

    def _combined(
        self, target: Form, indices: tuple[str, ...], known: Sequence[Equation], degree: int
    ) -> str | None:
        """A target as a combination of known equations, by rewriting and then by search."""
        rules = [x for one in known if (x := rule(self.forms, one))]
        form, text = reduced(self.forms, target, indices, rules)
        if not form:
            return text
        present = set().union(*(self.forms.names(one.form) for one in known))
        letters = [
            *(x for x in self.parameters if x in present),
            *sorted(present - set(self.parameters)),
        ]
        found = self.search.combination(form, indices, known, letters, degree)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        more = f"({by.combination})/({by.times})" if by.times != "1" else by.combination
        return f"{text} + {more}" if text else more
