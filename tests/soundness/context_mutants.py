"""Mutants of a proof's context: every bound, hypothesis, law, moment, sign change and definition.

A mutant names the declaration that it changes, so that a step which does not rest on that
declaration is known to be untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mutations import expression_mutants, system_mutants

from verifier.proof.context import Context, Law, Scalar

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


def context_mutants(context: Context, texts: int = 1_000) -> Iterator[ContextMutant]:
    """Every mutant by one change, at most ``texts`` of each expression, evenly spread."""
    yield from _scalars(context)
    yield from _hypotheses(context, texts)
    yield from _laws(context, texts)
    yield from _flips(context)
    yield from _inverses(context)
    yield from _definitions(context, texts)
    yield from _ranges(context)


def _scalars(context: Context) -> Iterator[ContextMutant]:
    for k, scalar in enumerate(context.scalars):
        for kind, changed in _scalar(scalar):
            yield ContextMutant(
                kind,
                frozenset({scalar.name}),
                f"{scalar.name} -> {changed.minimum}{' <' if changed.strict else ''}",
                (("scalars", _swapped(context.scalars, k, changed)),),
            )


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


def _hypotheses(context: Context, texts: int) -> Iterator[ContextMutant]:
    for k, hypothesis in enumerate(context.hypotheses):
        name = frozenset({hypothesis.name})
        rest = _swapped(context.hypotheses, k)
        yield ContextMutant("hypothesis dropped", name, hypothesis.name, (("hypotheses", rest),))
        mutants = [m[0] for _, m in system_mutants((hypothesis,), context) if m]
        for one in _spread(mutants, texts):
            changed = _swapped(context.hypotheses, k, one)
            what = f"{one.left} = {one.right}"
            yield ContextMutant("hypothesis mutated", name, what, (("hypotheses", changed),))


def _laws(context: Context, texts: int) -> Iterator[ContextMutant]:
    def mutant(kind: str, law: Law, at: int, what: str, *new: Law) -> ContextMutant:
        changed = (("laws", _swapped(context.laws, at, *new)),)
        return ContextMutant(kind, frozenset(law.arrays), what, changed)

    for at, law in enumerate(context.laws):
        yield mutant("law dropped", law, at, str(law.arrays))
        if law.kind == "normal":
            for text in _spread(expression_mutants(law.variance, context), texts):
                yield mutant("variance mutated", law, at, text, replace(law, variance=text))
            continue
        other = {"rows": "joint", "joint": "rows"}[law.kind]
        yield mutant("law's kind changed", law, at, other, replace(law, kind=other))
        for k, (degrees, moment) in enumerate(law.moments):
            rest = replace(law, moments=_swapped(law.moments, k))
            yield mutant("moment dropped", law, at, str(degrees), rest)
            for text in _spread(expression_mutants(moment, context), texts):
                changed = replace(law, moments=_swapped(law.moments, k, (degrees, text)))
                yield mutant("moment mutated", law, at, f"{degrees}: {text}", changed)


def _flips(context: Context) -> Iterator[ContextMutant]:
    arrays = [name for law in context.laws for name in law.arrays]
    for k, flip in enumerate(context.flips):
        rest = (("flips", _swapped(context.flips, k)),)
        yield ContextMutant("sign change dropped", frozenset(flip), str(flip), rest)
        others = [tuple(a for a in flip if a != name) for name in flip]
        others += [(*flip, name) for name in arrays if name not in flip]
        for other in filter(None, others):
            changed = (("flips", _swapped(context.flips, k, other)),)
            touched = frozenset({*flip, *other})
            yield ContextMutant("sign change altered", touched, str(other), changed)
    for name in arrays:
        added = (("flips", (*context.flips, (name,))),)
        yield ContextMutant("sign change added", frozenset({name}), name, added)


def _inverses(context: Context) -> Iterator[ContextMutant]:
    for k, pair in enumerate(context.inverses):
        rest = (("inverses", _swapped(context.inverses, k)),)
        yield ContextMutant("inverse pair dropped", frozenset(pair), str(pair), rest)
        for other in context.inverses[k + 1 :]:
            crossed = tuple(p for p in context.inverses if p not in (pair, other))
            crossed += ((pair[0], other[1]), (other[0], pair[1]))
            touched = frozenset({*pair, *other})
            yield ContextMutant("inverses crossed", touched, str(crossed), (("inverses", crossed),))


def _definitions(context: Context, texts: int) -> Iterator[ContextMutant]:
    for k, definition in enumerate(context.definitions):
        for text in _spread(expression_mutants(definition.body, context), texts):
            changed = _swapped(context.definitions, k, replace(definition, body=text))
            yield ContextMutant(
                "definition mutated",
                frozenset({definition.name}),
                f"{definition.name} := {text}",
                (("definitions", changed),),
            )


def _ranges(context: Context) -> Iterator[ContextMutant]:
    """An index runs over another range; a tensor's index is of another sort, or depends on less."""
    for k, (sort, size) in enumerate(context.sorts):
        others = [s for _, s in context.sorts if s != size]
        for other in others:
            changed = (("sorts", _swapped(context.sorts, k, (sort, other))),)
            yield ContextMutant("range of an index", frozenset({sort}), f"{sort}: {other}", changed)
    for k, tensor in enumerate(context.tensors):
        name = frozenset({tensor.name})
        for at, sort in enumerate(tensor.sorts):
            for other in (s for s, _ in context.sorts if s != sort):
                moved = replace(tensor, sorts=_swapped(tensor.sorts, at, other))
                tensors = _swapped(context.tensors, k, moved)
                what = f"{tensor.name}: {moved.sorts}"
                yield ContextMutant("sort of an index", name, what, (("tensors", tensors),))
        if tensor.depends_on:
            alone = _swapped(context.tensors, k, replace(tensor, depends_on=()))
            yield ContextMutant("dependence dropped", name, tensor.name, (("tensors", alone),))


def _spread(found: list[Any], most: int) -> list[Any]:
    """At most so many, evenly spread over the list."""
    return found if len(found) <= most else [found[k * len(found) // most] for k in range(most)]
