"""Undoing multiplications by matrices whose inverses are given: from F'A F = 0 to A = 0."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.proof.networks import DELTA, Factor

from . import texts
from .forms import Form, Forms
from .spelling import indexed


@dataclass(frozen=True)
class Peeled:
    """A form, its free indices, and the combination of residuals that it is."""

    form: Form
    indices: tuple[str, ...]
    combination: str


def peel(forms: Forms, one: Peeled) -> Peeled:
    """Multiply by inverses at free indices, and close deltas, as long as some term asks for it.

    An index is peeled where it stands at one place of one invertible matrix in every term; a delta
    that every term has is summed away.
    """
    while True:
        more = _strip(forms, one) or _peel(forms, one)
        if more is None:
            return one
        one = more


def peel_term(forms: Forms, one: Peeled, ids: tuple[int, ...]) -> Peeled | None:
    """Multiply by the inverses that make a term, which has no letters, a product of deltas."""
    changed = False
    while True:
        spot = next(
            (
                (i, f)
                for i in one.indices
                for f in _touching(forms, ids, i)
                if _undone(forms, i, f) is not None and f[1] != f[2]
            ),
            None,
        )
        if spot is None:
            return one if changed and _only_deltas(forms, ids) else None
        index, factor = spot
        single = _multiplied(forms, Peeled({ids: {0: 1}}, one.indices, "0"), index, factor)
        one = _multiplied(forms, one, index, factor)
        if len(single.form) != 1:
            return None
        ids, changed = next(iter(single.form)), True


def _only_deltas(forms: Forms, ids: tuple[int, ...]) -> bool:
    return all(forms.meaning.table[i][0][0] == DELTA for i in ids)


def _touching(forms: Forms, ids: tuple[int, ...], index: str) -> list[Factor]:
    label = forms.meaning.labels[index]
    return [f for i in ids for f in forms.meaning.table[i] if label in f[1:]]


def _peel(forms: Forms, one: Peeled) -> Peeled | None:
    for index in one.indices:
        label = forms.meaning.labels[index]
        spots = set()
        for ids in one.form:
            touching = _touching(forms, ids, index)
            lone = len(touching) == 1 and touching[0][1:].count(label) == 1
            spots.add((touching[0][0], touching[0].index(label, 1)) if lone else (DELTA, 0))
        if len(spots) == 1:
            head, at = spots.pop()
            factor = (head, label, 0) if at == 1 else (head, 0, label)
            if _undone(forms, index, factor) is not None:
                return _multiplied(forms, one, index, factor)
    return None


def _undone(forms: Forms, index: str, factor: Factor) -> int | None:
    """The matrix that undoes a factor at the place of this index, if one is given."""
    return forms.inverse(factor[0], left=factor[1] == forms.meaning.labels[index])


def _multiplied(forms: Forms, one: Peeled, index: str, factor: Factor) -> Peeled:
    """The form times the inverse of a matrix in which the index stands first or second."""
    label, sort = forms.meaning.labels[index], forms.sort(index)
    inverse, first = _undone(forms, index, factor), factor[1] == label
    assert inverse is not None
    entry = (inverse, label, 0) if first else (inverse, 0, label)
    form = forms.multiplied(forms.terms(one.form), {label: 0}, {0: sort}, [entry])
    (new,) = forms.fresh([sort], one.indices)
    name = forms.meaning.heads[inverse].name
    matrix = indexed(name, (index, new) if first else (new, index))
    body = texts.at(forms, one.combination, [index], [new])
    return Peeled(form, one.indices, f"sum[{new}]({matrix}*{body})")


def _strip(forms: Forms, one: Peeled) -> Peeled | None:
    """A delta that every term has, summed over its index that stands nowhere else, or over both."""
    shared: set[Factor] | None = None
    others: set[int] = set()
    for ids in one.form:
        factors = [f for i in ids for f in forms.meaning.table[i]]
        deltas = {f for f in factors if f[0] == DELTA}
        shared = deltas if shared is None else shared & deltas
    if not shared:
        return None
    delta = min(shared)
    for ids in one.form:
        factors = [f for i in ids for f in forms.meaning.table[i]]
        others |= {x for f in factors if f != delta for x in f[1:]}
    gone = [x for x in delta[1:] if x not in others]
    letters = {label: letter for letter, label in forms.meaning.labels.items()}
    names = [letters[x] for x in gone]
    sort = forms.sort(names[0])
    form = forms.multiplied(forms.terms(one.form), dict.fromkeys(gone, 0), {0: sort})
    body = texts.at(forms, one.combination, names, names[:1] * len(names))
    indices = tuple(i for i in one.indices if i not in names)
    return Peeled(form, indices, f"sum[{names[0]}]({body})")
