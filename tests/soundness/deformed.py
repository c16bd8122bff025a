"""Laws near those of an instance: a field doubled, or with a biased array of its law or of f."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from verifier.proof.context import Context, Field, Model, Outcome, Value
from verifier.theorem.witness_points import Start


def deformed(context: Context, start: Start) -> Iterator[tuple[Model, ...]]:
    """Models in which one field has another law: biased, drawn to a direction, or doubled."""
    models = {model.source: model for model in start.models}
    sizes = {sort.name: int(start.scalars[sort.size]) for sort in context.sorts}
    for law in context.laws:
        bodies = {one.name: one for one in models[law.name].fields}
        for field in law.fields:
            sources = (law.name, *([law.of] if law.of and field.hidden else []))
            own = bodies[field.name]
            entry = f"biased[{','.join(own.parameters)}]" if own.parameters else "biased"
            for source in sources:
                changed = _with_biased(models, source, _shape(field, sizes))
                yield _with_field(changed, law.name, field.name, "{} + " + entry)
            for other in (x for x in law.fields if field.hidden and len(x.sorts) == 1):
                (letter,), body = bodies[other.name].parameters, bodies[other.name].body
                tilted = f"{{}} + sum[{letter}](biased[{letter}]*({body}))"
                changed = _with_biased(models, law.of, _shape(other, sizes))
                if not own.parameters:
                    yield _with_field(changed, law.name, field.name, tilted)
            yield _with_field(models, law.name, field.name, "2*({})")


def _shape(field: Field, sizes: Mapping[str, int]) -> list[int]:
    return [sizes[sort] for sort in field.sorts]


def _with_field(models: Mapping[str, Model], law: str, name: str, form: str) -> tuple[Model, ...]:
    """The models with another body of one field."""
    fields = tuple(
        replace(one, body=form.format(one.body)) if one.name == name else one
        for one in models[law].fields
    )
    return tuple({**models, law: replace(models[law], fields=fields)}.values())


def _with_biased(models: Mapping[str, Model], source: str, shape: list[int]) -> dict[str, Model]:
    """A source with one more array, ``biased``: 0 or, with probability 1/3, 1, 2, ..."""
    old = models[source].outcomes or (Outcome(Fraction(1), ()),)
    outcomes = tuple(
        Outcome(one.weight * weight, (*one.values, Value("biased", _filled(shape, number))))
        for one in old
        for weight, number in ((Fraction(1, 3), Fraction(1)), (Fraction(2, 3), Fraction(0)))
    )
    return {**models, source: replace(models[source], outcomes=outcomes)}


def _filled(shape: list[int], number: Fraction) -> Any:
    """The number times 1, 2, ... along each index."""
    if not shape:
        return number
    return tuple(_filled(shape[1:], number * k) for k in range(1, shape[0] + 1))
