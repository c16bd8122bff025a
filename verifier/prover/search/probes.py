"""Random products against which a vanishing gap is integrated: E(gap * probe) = 0.

A probe is a product of some of the random entries that occur in one term of a feature, each with
free indices of its own; row labels (of the examples, say) stay shared and are summed. For
x_j s_i = x_j sum_k X_ki (X_kl w_l + e_k) these are x_j, x_j w_l, x_j sum_k X_ki X_kl, and so on:
short probes suffice where the long ones, the features themselves, need determinants. Free are the
indices of the sorts that slots have; where there are no slots, those of each sort in turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.prover.features import Feature

from . import texts
from .forms import Forms
from .spelling import indexed, summed

MAX_INDICES = 5  # of a probe


@dataclass(frozen=True, slots=True)
class Probe:
    """A product of random entries: its free indices and its text."""

    indices: tuple[str, ...]
    text: str


def probes(
    forms: Forms, features: Sequence[Feature], outputs: tuple[str, ...]
) -> Iterator[list[Probe]]:
    """The probes of no, one, two, ... random entries, their indices none of ``outputs``."""
    free = {forms.sort(i) for feature in features for i in (*feature.slots, *outputs)}
    choices = [free] if free else [{sort.name} for sort in forms.context.sorts]
    skeletons = list(
        dict.fromkeys(one for chosen in choices for one in _skeletons(forms, features, chosen))
    )
    seen: set[tuple[tuple[str, tuple[int, ...]], ...]] = set()
    for size in range(max(map(len, skeletons), default=0) + 1):
        found = []
        for skeleton in skeletons:
            for part in itertools.combinations(skeleton, size):
                key = _renumbered(part)
                if key not in seen:
                    seen.add(key)
                    found.append(key)
        made = [_probe(forms, key, outputs) for key in found]
        made = [probe for probe in made if len(probe.indices) <= MAX_INDICES]
        yield [*made, *(x for probe in made if (x := _shared(forms, probe, outputs)))]


def _shared(forms: Forms, probe: Probe, outputs: tuple[str, ...]) -> Probe | None:
    """The probe with the indices of the gap in the place of its own of their sorts, if any."""
    of_sort = {forms.sort(i): i for i in outputs}
    moved = [of_sort.get(forms.sort(i), i) for i in probe.indices]
    kept = tuple(i for i in moved if i not in outputs)
    if len(kept) == len(probe.indices):
        return None
    return Probe(kept, texts.at(forms, probe.text, probe.indices, moved))


Entry = tuple[str, tuple[int, ...]]  # an array; for each index its row label, or -1: free


def _skeletons(
    forms: Forms, features: Sequence[Feature], free: set[str]
) -> Iterator[tuple[Entry, ...]]:
    """The random entries of each term of each feature."""
    heads = forms.meaning.heads
    for feature in features:
        for ids in sorted(forms.form(feature.random)):
            factors, _ = forms.meaning.spread(ids)
            random = [f for f in factors if heads[f[0]].sources and not heads[f[0]].boxes]
            yield _renumbered(
                [
                    (
                        heads[f[0]].name,
                        tuple(
                            -1 if sort in free else x
                            for x, sort in zip(f[1:], heads[f[0]].sorts, strict=True)
                        ),
                    )
                    for f in random
                ]
            )


def _renumbered(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries in order, their row labels numbered from 0 in order of appearance."""
    place: dict[int, int] = {-1: -1}
    found = []
    for name, labels in sorted(entries):
        for x in labels:
            place.setdefault(x, len(place) - 1)
        found.append((name, tuple(place[x] for x in labels)))
    return tuple(sorted(found))


def _probe(forms: Forms, entries: Sequence[Entry], avoid: Sequence[str]) -> Probe:
    heads = forms.meaning.heads
    sorts = {name: heads[forms.meaning.array_heads[name]].sorts for name, _ in entries}
    rows = {
        x: sort
        for name, labels in entries
        for x, sort in zip(labels, sorts[name], strict=True)
        if x >= 0
    }
    own = dict(zip(rows, forms.fresh(list(rows.values()), avoid), strict=True))
    places = [
        sort
        for name, labels in entries
        for x, sort in zip(labels, sorts[name], strict=True)
        if x < 0
    ]
    letters = forms.fresh(places, (*avoid, *own.values()))
    unused = iter(letters)
    texts = [
        indexed(name, [own[x] if x >= 0 else next(unused) for x in labels])
        for name, labels in entries
    ]
    body = "*".join(texts) or "1"
    return Probe(tuple(letters), summed(list(own.values()), body) if own else body)
