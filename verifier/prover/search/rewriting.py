"""Terms that vanish with an equation already known: A[i,j]*a[l] = 0 removes all that contain it.

A rule finds the product that is its lead inside a term of a form and subtracts the multiple of its
equation that cancels the term, where this makes the form smaller: it has fewer terms, say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.networks import DELTA, Factor, Sorts

from .coefficients import Coefficient
from .contractions import Equation
from .forms import Form, Forms, Networks
from .spelling import indexed, plus, summed, weighted


@dataclass(frozen=True)
class Rule:
    """An equation and the product of entries that it removes, at its free labels."""

    equation: Equation
    lead: tuple[Factor, ...]


def rule(forms: Forms, equation: Equation) -> Rule | None:
    """The rule of an equation that has a term with all its free indices and no delta.

    Preferred as its lead is a term whose coefficient is a number, and one without sums.
    """
    labels = {forms.meaning.labels[i] for i in equation.indices}
    leads = []
    for ids, coefficient in equation.form.items():
        factors, sorts = forms.meaning.spread(ids)
        met = {x for f in factors for x in f[1:] if x < 0}
        if factors and met == labels and all(f[0] != DELTA for f in factors):
            leads.append((set(coefficient) != {0}, len(sorts), factors))
    return Rule(equation, tuple(min(leads)[2])) if leads else None


def reduced(
    forms: Forms,
    form: Form,
    indices: Sequence[str],
    rules: Sequence[Rule],
    size: Callable[[Form], int] = len,
) -> tuple[Form, str]:
    """The form minus a combination of the rules' residuals, and that combination as text.

    Each step makes the form smaller, as ``size`` measures it.
    """
    parts: list[str] = []
    while True:
        step = _step(forms, form, indices, rules, size)
        if step is None:
            return form, plus(parts) if parts else ""
        form, text = step
        parts.append(text)


def _step(
    forms: Forms,
    form: Form,
    indices: Sequence[str],
    rules: Sequence[Rule],
    size: Callable[[Form], int],
) -> tuple[Form, str] | None:
    for ids in sorted(form):
        factors, sorts = forms.meaning.spread(ids)
        for one in rules:
            found = _match(one.lead, factors, sorts)
            if found is not None:
                step = _cancelled(forms, form, indices, ids, one, factors, sorts, found)
                if step is not None and size(step[0]) < size(form):
                    return step
    return None


def _cancelled(
    forms: Forms,
    form: Form,
    indices: Sequence[str],
    ids: Networks,
    one: Rule,
    factors: Sequence[Factor],
    sorts: Sorts,
    found: tuple[frozenset[int], dict[int, int]],
) -> tuple[Form, str] | None:
    """The form without the term ``ids``; None where its factor in the rule is no number."""
    used, place = found
    rest = [f for k, f in enumerate(factors) if k not in used]
    kept = {x for f in rest for x in f[1:]} | {y for x, y in place.items() if x < 0}
    sorts = {x: sort for x, sort in sorts.items() if x in kept}
    multiple = forms.multiplied(forms.terms(one.equation.form), place, sorts, rest)
    own = multiple.get(ids, {})
    if set(own) != {0}:
        return None
    factor: Coefficient = {p: -Fraction(c) / own[0] for p, c in form[ids].items()}
    left = forms.added(form, multiple, factor)
    free = {x: i for i, x in forms.meaning.labels.items()}
    fresh = forms.fresh(list(sorts.values()), indices)
    names = {**free, **dict(zip(sorts, fresh, strict=True))}
    labels = [forms.meaning.labels[i] for i in one.equation.indices]
    texts = [
        *(_entry(forms, f, names) for f in rest),
        one.equation.at([names[place[x]] for x in labels]),
    ]
    body = "*".join(texts)
    whole = summed(fresh, body) if fresh else body
    coefficient = forms.coefficient_text({p: -c for p, c in factor.items()})
    return left, weighted(coefficient, whole)


def _entry(forms: Forms, f: Factor, names: dict[int, str]) -> str:
    name = "delta" if f[0] == DELTA else forms.meaning.heads[f[0]].name
    return indexed(name, [names[x] for x in f[1:]])


def _match(
    lead: Sequence[Factor], factors: Sequence[Factor], sorts: Sorts
) -> tuple[frozenset[int], dict[int, int]] | None:
    """Which factors are the lead's, and where its labels are placed.

    A summed label of the lead is placed at a summed label that no other factor has.
    """

    def inner(used: frozenset[int], place: dict[int, int]) -> bool:
        summed_at = [y for x, y in place.items() if x >= 0]
        others = {x for k, f in enumerate(factors) if k not in used for x in f[1:]}
        outer = {y for x, y in place.items() if x < 0}
        return (
            len(set(summed_at)) == len(summed_at)
            and set(summed_at) <= set(sorts)
            and others.union(outer).isdisjoint(summed_at)
        )

    def search(
        k: int, used: frozenset[int], place: dict[int, int]
    ) -> tuple[frozenset[int], dict[int, int]] | None:
        if k == len(lead):
            return (used, place) if inner(used, place) else None
        for at, f in enumerate(factors):
            if at in used or f[0] != lead[k][0]:
                continue
            more = dict(place)
            if all(more.setdefault(x, y) == y for x, y in zip(lead[k][1:], f[1:], strict=True)):
                result = search(k + 1, used | {at}, more)
                if result is not None:
                    return result
        return None

    return search(0, frozenset(), {})
