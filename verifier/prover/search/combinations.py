"""Why an equation follows from others: a combination of their residuals, found by linear algebra.

Each known equation is multiplied by up to ``degree`` letters and contracted in every way; whether
the goal is in the span of these products, with coefficients in the scalars, is linear algebra. The
kernel's own normal forms are the vectors, so what is found is what the checker will accept.
Not trusted.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom, Context
from verifier.proof.statements import By

from .budget import Budget
from .coefficients import Polynomial
from .contractions import Column, Contractions, Equation, equation
from .forms import Form, Forms
from .linear import flattened, residues, solve
from .spelling import plus, weighted

ENTRIES = 20  # of vectors that count as one product


@dataclass(frozen=True, slots=True)
class Found:
    """times * target = the combination; nothing is said of the sign of ``times``."""

    times: Polynomial
    combination: str


class Combinations:
    """Looks for combinations in one context."""

    def __init__(self, context: Context, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.forms = Forms(context)
        self.contractions = Contractions(self.forms, self.budget)

    def find(
        self, goal: Atom, known: Sequence[Atom], letters: Sequence[str], degree: int
    ) -> By | None:
        """Why the goal follows, or None if no combination up to this degree shows it.

        BudgetSpent when too much was tried; TooFewLetters where a sort has too few indices.
        """
        target = self.forms.residual(goal)
        free = self.forms.indices(goal.left, goal.right)
        equations = [equation(self.forms, atom) for atom in known]
        found = self.combination(target, free, equations, letters, degree)
        return None if found is None else self.reason(found)

    def reason(self, found: Found) -> By | None:
        """The certificate, if the kernel sees that what the goal is multiplied with is > 0."""
        if self.forms.positive(found.times):
            return By(found.combination, self.forms.polynomial_text(found.times))
        if self.forms.positive(-found.times):
            return By(f"-({found.combination})", self.forms.polynomial_text(-found.times))
        return None

    def combination(
        self,
        target: Form,
        free: tuple[str, ...],
        known: Sequence[Equation],
        letters: Sequence[str],
        degree: int,
        positive: bool = True,
    ) -> Found | None:
        """times * target as a combination, of the least degree that there is.

        ``positive``: only where ``times`` may be positive for all scalars in their ranges.
        """
        columns: list[Column] = []
        for top in range(degree + 1):
            before = len(columns)
            for multiset in itertools.combinations_with_replacement(letters, top):
                for one in known:
                    columns += self.contractions.columns(one, free, multiset)
            if top and len(columns) == before:
                continue
            found = self.spanned(target, columns, positive)
            if found is not None:
                return found
        return None

    def spanned(
        self, target: Form, columns: Sequence[Column], positive: bool = True
    ) -> Found | None:
        """times * target as a combination of columns."""
        vectors = [(column.form, column.residues) for column in columns]
        self.budget.spend(sum(len(column.residues) for column in columns) // ENTRIES)
        solution = solve(self.forms, vectors, target, positive)
        if solution is None:
            return None
        if positive and not self._signed(solution.times):
            return self._over_numbers(target, columns)
        parts = [
            weighted(self.forms.polynomial_text(weight), columns[j].text)
            for j, weight in solution.weights
        ]
        return Found(solution.times, plus(parts))

    def _signed(self, times: Polynomial) -> bool:
        return self.forms.positive(times) or self.forms.positive(-times)

    def _over_numbers(self, target: Form, columns: Sequence[Column]) -> Found | None:
        """The target from columns times 1 or one scalar, with numbers as coefficients."""
        forms, texts, vectors = self.forms, [], []
        for name in ("", *(scalar.name for scalar in forms.context.scalars)):
            shift = 1 << forms.meaning.shift[name] if name else 0
            for column in columns:
                moved = {
                    ids: {forms.meaning.packed(p, shift): c for p, c in part.items()}
                    for ids, part in column.form.items()
                }
                flat = flattened(moved)
                vectors.append((flat, residues(forms, flat)))
                texts.append(weighted(name or "1", column.text))
        solution = solve(forms, vectors, flattened(target))
        if solution is None:
            return None
        parts = [weighted(str(weight), texts[j]) for j, weight in solution.weights]
        return Found(solution.times, plus(parts))
