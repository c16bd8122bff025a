"""Mutants of a context: every range, law, symmetry, moment, given equation and definition changed.

A mutant names the declarations that it changes, so that a step which does not rest on them is known
to be untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mutations import spread, text_mutants

from verifier.proof.context import (
    RELATIONS,
    Absolute,
    Context,
    Definition,
    Draws,
    Function,
    Hat,
    Law,
    Normal,
    Scalar,
    Slot,
    Tensor,
)
from verifier.proof.syntax import ProofError

NARROWER = ("bound raised", "bound added", "strictness added", "integrality added")


@dataclass(frozen=True)
class ContextMutant:
    """A change: its kind, the declarations that it touches, and the fields in their new form."""

    kind: str
    touches: frozenset[str]
    what: str
    fields: tuple[tuple[str, Any], ...]

    def applied(self, context: Context) -> Context:
        """The changed context; ProofError where the declarations make no sense any more."""
        return replace(context, **dict(self.fields))


def _swapped(sequence: tuple[Any, ...], at: int, *new: Any) -> tuple[Any, ...]:
    return (*sequence[:at], *new, *sequence[at + 1 :])


def _one(kind: str, touched: object, what: str, **fields: Any) -> ContextMutant:
    names = frozenset({touched} if isinstance(touched, str) else touched)  # type: ignore[call-overload]
    return ContextMutant(kind, names, what, tuple(fields.items()))


def context_mutants(context: Context, texts: int = 8) -> Iterator[ContextMutant]:
    """Every mutant by one change, at most ``texts`` of each expression, evenly spread."""
    yield from _scalars(context)
    yield from _sorts(context)
    yield from _hidden(context)
    yield from _laws(context)
    yield from _arrays(context, texts)
    yield from _atoms(context, "moments", texts)
    yield from _atoms(context, "given", texts)
    yield from _definitions(context, texts)
    yield from _instances(context)


def _scalars(context: Context) -> Iterator[ContextMutant]:
    for k, scalar in enumerate(context.scalars):
        for kind, changed in _scalar(scalar):
            what = f"{scalar.name} -> {changed.minimum}{' <' if changed.strict else ''}"
            yield _one(kind, scalar.name, what, scalars=_swapped(context.scalars, k, changed))


def _scalar(scalar: Scalar) -> Iterator[tuple[str, Scalar]]:
    low = scalar.minimum
    flipped = "integrality dropped" if scalar.integer else "integrality added"
    yield flipped, replace(scalar, integer=not scalar.integer)
    if low is None:
        yield "bound added", replace(scalar, minimum=Fraction(0))
        return
    strict = "strictness dropped" if scalar.strict else "strictness added"
    yield strict, replace(scalar, strict=not scalar.strict)
    yield "bound raised", replace(scalar, minimum=low + 1)
    yield "bound lowered", replace(scalar, minimum=low - 1)
    if low > 1:
        yield "bound lowered", replace(scalar, minimum=Fraction(0))
    yield "bound removed", replace(scalar, minimum=None, strict=False)


def _sorts(context: Context) -> Iterator[ContextMutant]:
    """Another size of a sort; a letter moved to another sort."""
    for k, sort in enumerate(context.sorts):
        for other in context.sorts:
            if other.size != sort.size:
                changed = _swapped(context.sorts, k, replace(sort, size=other.size))
                yield _one("size of a sort", sort.name, f"{sort.name}: {other.size}", sorts=changed)


def _hidden(context: Context) -> Iterator[ContextMutant]:
    for k, hidden in enumerate(context.hidden):
        fields = [f.name for law in context.laws if law.of == hidden.name for f in law.fields]
        groups = (
            ("isotropic", [sort.name for sort in context.sorts]),
            ("odd", list(dict.fromkeys(fields))),
        )
        for name, possible in groups:
            own = getattr(hidden, name)
            for one in possible:
                kept = tuple(x for x in own if x != one)
                verb = "dropped" if one in own else "added"
                changed = replace(hidden, **{name: kept if one in own else (*own, one)})
                yield _one(
                    f"{name} {verb}",
                    hidden.name,
                    f"{hidden.name}: {one}",
                    hidden=_swapped(context.hidden, k, changed),
                )


def _laws(context: Context) -> Iterator[ContextMutant]:
    for k, law in enumerate(context.laws):
        if law.of:
            plain = replace(law, of="", fields=tuple(replace(f, hidden=False) for f in law.fields))
            yield _law("law without its hidden source", context, k, plain)
        for m, field in enumerate(law.fields):
            if law.of:
                turned = _swapped(law.fields, m, replace(field, hidden=not field.hidden))
                kind = "field hidden" if not field.hidden else "field not hidden"
                yield _law(kind, context, k, replace(law, fields=turned))


def _law(kind: str, context: Context, at: int, law: Law) -> ContextMutant:
    named = {law.name, context.laws[at].of} - {""}
    return _one(kind, named, law.name, laws=_swapped(context.laws, at, law))


def _arrays(context: Context, texts: int) -> Iterator[ContextMutant]:
    for k, array in enumerate(context.arrays):
        for kind, what, changed in _array(context, array, texts):
            swapped = _swapped(context.arrays, k, changed)
            yield _one(kind, array.name, f"{array.name}: {what}", arrays=swapped)


def _array(context: Context, array: Any, texts: int) -> Iterator[tuple[str, str, Any]]:
    match array:
        case Tensor(name, sorts):
            yield "tensor made normal", name, Normal(name, sorts)
        case Normal(name, sorts, variance):
            yield "normal made a tensor", name, Tensor(name, sorts)
            for text in spread(list(text_mutants(variance, context)), texts):
                yield "variance mutated", text, replace(array, variance=text)
        case Draws(name, law, field) | Slot(name, law, field):
            for other in context.laws:
                for one in other.fields:
                    if (other.name, one.name) != (law, field):
                        what = f"{other.name}.{one.name}"
                        yield "another field", what, replace(array, law=other.name, field=one.name)
            if isinstance(array, Slot):
                for slot in _slots(context) - {array.slot}:
                    yield "slots merged", slot, replace(array, slot=slot)
                yield "slots split", "other", replace(array, slot="other")
        case Absolute(name, parameters, argument):
            for text in spread(list(text_mutants(argument, context)), texts):
                yield "argument mutated", text, replace(array, argument=text)
            sorts = tuple(context.letters[i] for i in parameters)
            yield "function made any function", name, Function(name, sorts, context.sources)
        case Hat(name, design, penalty):
            for text in spread(list(text_mutants(penalty, context)), texts):
                yield "penalty mutated", text, replace(array, penalty=text)
            sorts = context.shape(array)
            yield "function made any function", name, Function(name, sorts, (design,))
        case Function(name, _, sources):
            for one in sources:
                rest = tuple(x for x in sources if x != one)
                yield "function of less", one, replace(array, of=rest)
            for one in set(context.sources) - set(sources):
                yield "function of more", one, replace(array, of=(*sources, one))
    sorts = getattr(array, "sorts", ())
    for at, sort in enumerate(sorts):
        for other in context.sorts:
            if other.name != sort:
                moved = replace(array, sorts=_swapped(sorts, at, other.name))
                yield "sort of an index", str(moved.sorts), moved


def _slots(context: Context) -> set[str]:
    return {array.slot for array in context.arrays if isinstance(array, Slot)}


def _atoms(context: Context, group: str, texts: int) -> Iterator[ContextMutant]:
    atoms = getattr(context, group)
    kind = group.removesuffix("s")
    for k, atom in enumerate(atoms):

        def one(what: str, shown: str, *new: Any, k: int = k, name: str = atom.name) -> Any:
            return _one(f"{kind} {what}", name, shown, **{group: _swapped(atoms, k, *new)})

        yield one("dropped", atom.name)
        yield one("given twice", atom.name, atom, replace(atom, name=f"{atom.name}_again"))
        for relation in RELATIONS:
            if relation != atom.relation:
                yield one("relation", relation, replace(atom, relation=relation))
        for side in ("left", "right"):
            for text in spread(list(text_mutants(getattr(atom, side), context)), texts):
                yield one("mutated", f"{side}: {text}", replace(atom, **{side: text}))


def _definitions(context: Context, texts: int) -> Iterator[ContextMutant]:
    for k, one in enumerate(context.definitions):
        for text in spread(list(text_mutants(one.body, context)), texts):
            changed = _swapped(context.definitions, k, replace(one, body=text))
            what = f"{one.name} := {text}"
            yield _one("definition mutated", one.name, what, definitions=changed)


def _instances(context: Context) -> Iterator[ContextMutant]:
    """An instance dropped; one without a value or a model; all of one size."""
    for k, point in enumerate(context.instances):
        rest = _swapped(context.instances, k)
        yield _one("instance dropped", (), str(k), instances=rest)
        yield _one("instance doubled", (), str(k), instances=(*rest, *rest))
        for m, value in enumerate(point.values):
            poorer = replace(point, values=_swapped(point.values, m))
            changed = _swapped(context.instances, k, poorer)
            yield _one("instance's value dropped", (), value.name, instances=changed)
            if isinstance(value, Definition):
                for text in spread(list(_texts(value.body, context)), 2):
                    other = replace(
                        point, values=_swapped(point.values, m, replace(value, body=text))
                    )
                    changed = _swapped(context.instances, k, other)
                    yield _one("instance mutated", (), f"{value.name}: {text}", instances=changed)


def _texts(body: str, context: Context) -> dict[str, str]:
    try:
        return text_mutants(body, context)
    except ProofError:
        return {}
