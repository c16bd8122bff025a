"""The theorem of which a setting is an instance, as data for a reader."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import Context
from verifier.proof.record import Record


@dataclass(frozen=True, slots=True)
class Stated:
    """``left`` = ``right`` as the checker accepted it, index texts; ``left`` may be empty."""

    label: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A theorem that contains a setting, and that its numbers here are those of `explore`.

    ``setting``: the symbolic setting file that the theorem is about; ``stated`` reads in
    ``context``; ``values``: its scalars here; ``claims``: those that were accepted, and
    ``rests_on`` what they rest on; ``agreement``: the quantities that two routes give exactly
    alike, with their values; ``record``: the proof.
    """

    setting: str
    context: Context
    stated: tuple[Stated, ...]
    values: tuple[tuple[str, Fraction], ...]
    claims: tuple[tuple[str, str], ...]
    rests_on: tuple[str, ...]
    agreement: tuple[tuple[str, str], ...]
    record: Record
