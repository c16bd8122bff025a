"""A search for numbers and laws at which declared moments and equations hold.

The kernel wants to see that the assumptions of a context can be satisfied. Tried are small rational
numbers for the scalars and a few laws for each field, the most generic first: 0 or 1, a skewed one,
three values, signs, a constant, normal. Finding nothing proves nothing; the message says what could
not be satisfied together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.proof.context import (
    Context,
    Definition,
    Law,
    Model,
    Outcome,
    Point,
    Tensor,
    Value,
)
from verifier.proof.instances import admissible
from verifier.proof.syntax import Fuel, ProofError, names
from verifier.prover.data_model import DataModel

HALF, ONE = Fraction(1, 2), Fraction(1)
LAWS: Mapping[str, tuple[tuple[Fraction, Fraction], ...]] = {
    "coin": ((HALF, ONE), (HALF, Fraction(0))),
    "skewed": ((Fraction(1, 3), ONE), (Fraction(2, 3), -HALF)),
    "three points": (
        (Fraction(1, 8), Fraction(2)),
        (Fraction(1, 8), Fraction(-2)),
        (Fraction(3, 4), Fraction(0)),
    ),
    "signs": ((HALF, ONE), (HALF, -ONE)),
    "constant": ((ONE, ONE),),
}  # probabilities and values
NORMAL = "normal"
OFFSETS = (ONE, HALF, Fraction(2), Fraction(3), Fraction(1, 4), Fraction(3, 4))
MAX_TRIES, UNITS = 4000, 200_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A law for each field, by law and field, and numbers for scalars."""

    laws: Mapping[tuple[str, str], str]
    numbers: tuple[tuple[str, Fraction], ...]


def with_instances(model: DataModel, context: Context) -> DataModel:
    """The model with laws and numbers at which it holds; ValueError if none are found."""
    if not (model.moments or model.given):
        return replace(model, laws_at=lambda size: _laws(model.laws, context, {}, size))
    for choice in itertools.islice(_choices(model, context), MAX_TRIES):
        if all(_holds(model, context, choice, size) for size in (1, 2)):
            return replace(
                model,
                numbers=choice.numbers,
                laws_at=lambda size, found=choice: _laws(  # type: ignore[misc]
                    model.laws, context, found.laws, size
                ),
            )
    shown = ", ".join(
        f"{a.left} {a.relation} {a.right}" for a in (*model.moments, *model.given)[:3]
    )
    raise ValueError(
        f"no numbers and laws were found at which all moments and equations hold: {shown[:120]}"
    )


def _choices(model: DataModel, context: Context) -> Iterator[Choice]:
    """Laws and numbers, the simplest first."""
    sizes = {sort.size for sort in context.sorts}
    texts = [t for atom in (*model.moments, *model.given) for t in (atom.left, atom.right)]
    met = {name for text in texts for name in names(context.read(text))}
    free = [s for s in context.scalars if s.name in met and s.name not in sizes]
    fields = [(law.name, field.name) for law in model.laws for field in law.fields]
    offsets = OFFSETS[: 2 if len(free) > 4 else 4 if len(free) > 2 else len(OFFSETS)]
    numbers = [
        [(scalar.name, (scalar.minimum or Fraction(0)) + step) for step in offsets]
        for scalar in free
    ]
    for kinds in itertools.product((*LAWS, NORMAL), repeat=len(fields)):
        for values in itertools.product(*numbers):
            yield Choice(dict(zip(fields, kinds, strict=True)), values)


def _holds(model: DataModel, context: Context, choice: Choice, size: int) -> bool:
    try:
        admissible(context, _point(model, context, choice, size), Fuel(UNITS))
    except ProofError:
        return False
    return True


def _point(model: DataModel, context: Context, choice: Choice, size: int) -> Point:
    sizes, known = {sort.size for sort in context.sorts}, dict(choice.numbers)
    values: list[Value | Definition] = []
    for scalar in context.scalars:
        least = scalar.minimum or Fraction(0)
        one = max(least, Fraction(size)) if scalar.name in sizes else least + 1
        values.append(Value(scalar.name, known.get(scalar.name, one)))
    pools = {sort.name: sort.letters for sort in context.sorts}
    for array in context.arrays:
        if isinstance(array, Tensor):
            count: dict[str, int] = {}
            letters = []
            for sort in array.sorts:
                letters.append(pools[sort][count.get(sort, 0)])
                count[sort] = count.get(sort, 0) + 1
            values.append(Definition(array.name, tuple(letters), "1"))
    return Point(tuple(values), _laws(model.laws, context, choice.laws, size))


def _laws(
    laws: tuple[Law, ...], context: Context, kinds: Mapping[tuple[str, str], str], size: int
) -> tuple[Model, ...]:
    return tuple(_model(law, context, kinds, size) for law in laws)


def _model(law: Law, context: Context, kinds: Mapping[tuple[str, str], str], size: int) -> Model:
    """Independent fields of the chosen laws, each with independent entries."""
    pools = {sort.name: sort.letters for sort in context.sorts}
    normals, finite, fields = [], [], []
    for field in law.fields:
        inner = f"{field.name}_0"
        letters = tuple(pools[sort][k] for k, sort in enumerate(field.sorts))
        at = f"[{','.join(letters)}]" if letters else ""
        fields.append(Definition(field.name, letters, inner + at))
        kind = kinds.get((law.name, field.name), NORMAL)
        if kind == NORMAL:
            normals.append(Tensor(inner, field.sorts))
        else:
            finite.append(_entries(inner, LAWS[kind], len(field.sorts), size))
    outcomes = []
    for combined in itertools.product(*finite) if finite else ():
        weight = ONE
        for one in combined:
            weight *= one.weight
        outcomes.append(Outcome(weight, tuple(v for one in combined for v in one.values)))
    return Model(law.name, tuple(normals), tuple(outcomes), tuple(fields))


def _entries(
    name: str, law: tuple[tuple[Fraction, Fraction], ...], rank: int, size: int
) -> list[Outcome]:
    """The outcomes of an array of independent entries, of rank 0 or 1."""
    found = []
    for drawn in itertools.product(law, repeat=size if rank else 1):
        weight = ONE
        for chance, _ in drawn:
            weight *= chance
        values = tuple(value for _, value in drawn)
        found.append(Outcome(weight, (Value(name, values if rank else values[0]),)))
    return found
