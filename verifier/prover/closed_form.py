"""The normal equation of a matrix made explicit: invertible factors cancelled from the outside.

For a Gaussian pair the equation n L G L = n (n+1) L P L G L + n t L P L loses both outer L = F F'
and then G, until P ((n+1) L + t G^-1) = I is left. Each step multiplies by an inverse.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from verifier.proof.context import Atom
from verifier.proof.normal import DELTA
from verifier.proof.rules import By
from verifier.prover.data_model import FEATURE
from verifier.prover.optimum import normal_left, normal_residual, renamed
from verifier.prover.projection import Setup
from verifier.prover.reading import Networks, Reading, Unwritable

MAX_SQUARES = 3


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """An equation for optimal weights without expectations, and why it holds."""

    equation: Atom
    by: By


def closed_form(setup: Setup, name: str) -> ClosedForm | None:
    """The normal equation of a feature, written out; None where the language cannot say it."""
    import sympy

    context = setup.context
    feature, tensor = setup.best.features[name], setup.best.tensors[name].name
    reading = Reading(context, setup.problem.model.squares)
    inverses = {}
    for one, two in setup.problem.model.inverses:
        inverses |= {one: two, two: one}
    start = normal_left(setup.best, name), normal_residual(context, name, feature)
    orders: tuple[tuple[str, ...], ...] = ((),)
    if len(feature.slots) == 2:
        orders = tuple(
            order for k in range(MAX_SQUARES + 1) for order in itertools.product(feature.slots, repeat=k)
        )
    choices = [_cancelled(reading, start, order, tensor, inverses) for order in orders]
    text, why = min(choices, key=lambda choice: _weight(reading, choice[0]))
    parts = reading.parts(text)
    try:
        left = {ids: -c for ids, c in parts.items() if tensor in _names(reading, ids)}
        right = {ids: c for ids, c in parts.items() if ids not in left}
        content = sympy.Integer(1)
        if len(right) == 1:
            ((_, content),) = right.items()
        if not _positive(reading, content):
            content = sympy.Integer(1)
        sides = [
            reading.written({ids: sympy.cancel(c / content) for ids, c in side.items()})
            for side in (left, right)
        ]
    except Unwritable:
        return None
    times = str(sympy.factor(content)).replace("**", "^")
    return ClosedForm(Atom("optimal", *sides), By(f"-1*({why})", times))


def _cancelled(
    reading: Reading,
    start: tuple[str, str],
    order: tuple[str, ...],
    tensor: str,
    inverses: Mapping[str, str],
) -> tuple[str, str]:
    """The equation and its reason after a matrix F F' is cancelled at each of these slots."""
    text, why = start
    letters = next(s.letters for s in reading.context.sorts if s.name == FEATURE)
    spare = iter(letters[-2 * MAX_SQUARES - 1 : -1])
    for slot in order:
        for _ in range(2):
            found = _outer(reading, text, slot, tensor, inverses)
            if found is None:
                break
            matrix, position = found
            letter = next(spare)
            at = f"{slot},{letter}" if position == 0 else f"{letter},{slot}"
            text, why = (
                f"sum[{letter}]({inverses[matrix]}[{at}]*({renamed(one, {slot: letter})}))"
                for one in (text, why)
            )
    return text, why


def _weight(reading: Reading, text: str) -> int:
    """How many array entries the written equation has."""
    try:
        written = reading.text(text)
    except Unwritable:
        return 0
    return written.count("[") - written.count("sum[")


def _names(reading: Reading, ids: Networks) -> set[str]:
    meaning = reading.meaning
    return {meaning.heads[f[0]].name for i in ids for f in meaning.table[i]}


def _positive(reading: Reading, number: object) -> bool:
    meaning = reading.meaning
    text = str(number).replace("**", "^")
    return meaning.positive(meaning.value(reading.context.read(text)), strict=True)


def _outer(
    reading: Reading, text: str, slot: str, tensor: str, inverses: Mapping[str, str]
) -> tuple[str, int] | None:
    """The invertible matrix at a slot of the one term without the tensor, and on which side."""
    meaning = reading.meaning
    free = [ids for ids in reading.parts(text) if tensor not in _names(reading, ids)]
    if len(free) != 1:
        return None
    for i in free[0]:
        for head, *labels in meaning.table[i]:
            for position, label in enumerate(labels):
                known = head != DELTA and meaning.heads[head].name in inverses
                if known and label == meaning.labels.get(slot):
                    return meaning.heads[head].name, position
    return None
