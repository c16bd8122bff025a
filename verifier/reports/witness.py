"""An exact counterexample for a reader: the simplest way to say where a claim fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Context, Definition, Entries, Model, Value
from verifier.proof.statements import Statement, texts
from verifier.render.columns import with_decimal
from verifier.render.free_names import mentioned
from verifier.render.kinds import parameters
from verifier.render.layer_blocks import matrices
from verifier.render.wording import Wording

if TYPE_CHECKING:
    from verifier.theorem.refute import Refutation


@dataclass(frozen=True, slots=True)
class Witness:
    """Scalars, the tensors that are not zero, laws, and the two numbers that contradict the claim.

    ``rules``: arrays whose entries the point gives by a definition. ``where``: the values of the
    indices at which the numbers are ``found`` and ``claimed``.
    """

    scalars: Mapping[str, Fraction]
    tensors: Mapping[str, Entries]
    zero: tuple[str, ...]
    rules: tuple[Definition, ...]
    models: tuple[Model, ...]
    where: tuple[tuple[str, int], ...]
    reason: str
    found: Fraction
    claimed: Fraction
    compares: bool

    @classmethod
    def of(cls, context: Context, refutation: Refutation) -> Witness:
        """The witness of a refutation, blocks of one matrix joined."""
        used = _used(context, refutation.statement)
        point = refutation.point
        known = {s.name for s in context.scalars}
        values = {v.name: v.entries for v in point.values if isinstance(v, Value)}
        joined = {name: value for name, value in values.items() if name in used - known}
        for matrix in matrices(context):
            if all(block in joined for block in matrix.blocks):
                blocks = [[joined.pop(block) for block in row] for row in matrix.rows]
                joined[matrix.name] = _join(blocks, matrix.order)
        zero = tuple(name for name, value in joined.items() if _is_zero(value))
        compares = refutation.found != refutation.claimed and "loss" in refutation.reason
        return cls(
            {k: v for k, v in values.items() if k in used & known and isinstance(v, Fraction)},
            {name: value for name, value in joined.items() if name not in zero},
            zero,
            tuple(x for x in point.values if isinstance(x, Definition) and x.name in used),
            tuple(model for model in point.models if model.source in used),
            refutation.where,
            refutation.reason,
            refutation.found,
            refutation.claimed,
            compares or refutation.claimed != 0,
        )

    def point_text(self, words: Wording, context: Context) -> str:
        """All values in one line."""
        parts = [f"{words.symbol(name)} = {value}" for name, value in self.scalars.items()]
        parts += [f"{words.symbol(name)} = {nested_text(v)}" for name, v in self.tensors.items()]
        if self.zero:
            parts.append(f"{', '.join(words.symbol(name) for name in self.zero)} = 0")
        parts += [words.definition(context, rule) for rule in self.rules]
        parts += [f"{name} = {value}" for name, value in self.where]
        laws = (_model(words, context, model) for model in self.models)
        return "; ".join(filter(None, (", ".join(parts), *laws)))

    def numbers_text(self) -> str:
        """Why the claim fails, and the numbers that show it if there are any."""
        if self.found == self.claimed:
            return self.reason
        claimed = f", claimed {exact(self.claimed)}" if self.compares else ""
        return f"{self.reason}: found {exact(self.found)}{claimed}"


def exact(value: Fraction) -> str:
    """A rational number, with a decimal where that helps; ≈ where the decimal is rounded."""
    if value.denominator == 1 and abs(value) < 10**12:
        return str(value)
    return with_decimal(value) if len(str(value)) < 40 else f"≈ {float(value):.10g}"


def _model(words: Wording, context: Context, model: Model) -> str:
    """How a law or hidden source is drawn, and its fields."""
    drawn = [
        " and ".join(f"{words.symbol(v.name)} = {nested_text(v.entries)}" for v in one.values)
        for one in model.outcomes
    ]
    weights = [outcome.weight for outcome in model.outcomes]
    if len(set(weights)) == 1:
        shown = f"{' or '.join(drawn)}, with probability {weights[0]}"
        shown += " each" if len(drawn) > 1 else ""
    else:
        each = zip(drawn, weights, strict=True)
        shown = " or ".join(f"{text} with probability {weight}" for text, weight in each)
    names = ", ".join(words.symbol(one.name) for one in model.normals)
    normal = f"{names} with independent N(0, 1) entries" if names else ""
    fields = [words.definition(context, field) for field in model.fields]
    return f"{words.symbol(model.source)}: {'; '.join(filter(None, (*fields, normal, shown)))}"


def _used(context: Context, statement: Statement) -> frozenset[str]:
    """What the statement speaks of, each matrix with all of its blocks."""
    names = mentioned(context, texts(statement)) | parameters(statement)
    whole = [set(m.blocks) for m in matrices(context) if names & set(m.blocks)]
    return names.union(*whole)


def nested_text(value: Entries) -> str:
    """Nested tuples of fractions as text: [[1, 0], [0, 1/2]]."""
    if isinstance(value, Fraction):
        return str(value)
    return f"[{', '.join(map(nested_text, value))}]"


def _is_zero(value: Entries) -> bool:
    return value == 0 if isinstance(value, Fraction) else all(map(_is_zero, value))


def _join(blocks: Sequence[Sequence[Entries]], order: int) -> Entries:
    """A (d+1) x (d+1) matrix or a vector of d+1 entries from its blocks."""
    if order == 1:
        top, last = blocks[0][0], blocks[1][0]
        return (*_entries(top), last)
    (square, column), (row, corner) = blocks
    rows = [
        (*_entries(entries), side)
        for entries, side in zip(_entries(square), _entries(column), strict=True)
    ]
    return (*rows, (*_entries(row), corner))


def _entries(value: Entries) -> Sequence[Entries]:
    return () if isinstance(value, Fraction) else value
