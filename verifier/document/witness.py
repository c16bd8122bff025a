"""An exact counterexample for a reader: the simplest way to say where a claim fails (floor 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.document.layer_blocks import matrices
from verifier.document.mentions import mentioned, parameters, texts
from verifier.document.wording import Wording
from verifier.proof.context import Context
from verifier.proof.counterexample import Nested, Refutation
from verifier.proof.statement import Statement


@dataclass(frozen=True, slots=True)
class Witness:
    """Scalars, the tensors that are not zero, and the two numbers that contradict the claim."""

    scalars: Mapping[str, Fraction]
    tensors: Mapping[str, Nested]
    zero: tuple[str, ...]
    reason: str
    found: Fraction
    claimed: Fraction
    compares: bool

    @classmethod
    def of(cls, context: Context, refutation: Refutation) -> Witness:
        """The witness of a refutation, blocks of one matrix joined."""
        used = _used(context, refutation.statement)
        joined = {k: v for k, v in refutation.point.tensors.items() if k in used}
        for matrix in matrices(context):
            if all(block in joined for block in matrix.blocks):
                blocks = [[joined.pop(block) for block in row] for row in matrix.rows]
                joined[matrix.name] = _join(blocks, matrix.order)
        zero = tuple(name for name, value in joined.items() if _is_zero(value))
        rest = {name: value for name, value in joined.items() if name not in zero}
        compares = refutation.found != refutation.claimed and "loss" in refutation.reason
        compares = compares or refutation.claimed != 0
        return cls(
            {k: v for k, v in refutation.point.scalars.items() if k in used},
            rest,
            zero,
            refutation.reason,
            refutation.found,
            refutation.claimed,
            compares,
        )

    def point_text(self, words: Wording) -> str:
        """All values in one line."""
        parts = [f"{words.symbol(name)} = {value}" for name, value in self.scalars.items()]
        parts += [f"{words.symbol(name)} = {nested_text(v)}" for name, v in self.tensors.items()]
        if self.zero:
            parts.append(f"{', '.join(words.symbol(name) for name in self.zero)} = 0")
        return ", ".join(parts)


def _used(context: Context, statement: Statement) -> frozenset[str]:
    """What the statement speaks of, each matrix with all of its blocks."""
    names = mentioned(context, texts(statement)) | parameters(statement)
    whole = [set(m.blocks) for m in matrices(context) if names & set(m.blocks)]
    return names.union(*whole)


def nested_text(value: Nested) -> str:
    """Nested tuples of fractions as text: [[1, 0], [0, 1/2]]."""
    if isinstance(value, Fraction):
        return str(value)
    return f"[{', '.join(map(nested_text, value))}]"


def _is_zero(value: Nested) -> bool:
    return value == 0 if isinstance(value, Fraction) else all(map(_is_zero, value))


def _join(blocks: Sequence[Sequence[Nested]], order: int) -> Nested:
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


def _entries(value: Nested) -> Sequence[Nested]:
    return () if isinstance(value, Fraction) else value
