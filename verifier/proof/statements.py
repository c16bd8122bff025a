"""Statements and certificates, as data.

`Claim`: in every admissible model, if the equations and inequalities ``given`` hold, then all of
one of the ``cases`` do. `Minimum`: for all values of the parameters objective >= value, equality
holds exactly in the cases, and some values attain it. A certificate is untrusted: a tree of rules,
or the values that attain a minimum; `rules` checks it. Trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from .context import Atom, Context, Definition

EXPRESSIONS = (
    *("left", "right", "combination", "times", "rest", "coefficient", "term"),
    *("objective", "value", "body"),
)
Case = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """If all atoms of ``given`` hold, then all atoms of one of the cases do."""

    given: tuple[Atom, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """objective >= value for all parameters; equality exactly in one of the cases; attained."""

    objective: str
    value: str
    parameters: tuple[str, ...]
    cases: tuple[Case, ...]


Statement = Claim | Minimum


@dataclass(frozen=True, slots=True)
class Square:
    """coefficient * E(sum over the free indices of the term of term^2)."""

    coefficient: str
    term: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class By:
    """Why an atom holds: times * (left - right) = combination of residuals [+ rest + squares]."""

    combination: str = "0"
    times: str = "1"
    rest: str = "0"
    squares: tuple[Square, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclude:
    """A leaf: the atoms of one case, by name."""

    case: int = 0
    by: Mapping[str, By] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A leaf: 1 = 0."""

    by: By


@dataclass(frozen=True, slots=True)
class Derive:
    """Adds an equation."""

    equation: Atom
    by: By
    then: Tree


@dataclass(frozen=True, slots=True)
class Null:
    """From sum c E(t^2) = 0 with all c >= 0: adds t = 0 for each named square, whose c is > 0."""

    squares: tuple[Square, ...]
    by: By
    then: Tree


@dataclass(frozen=True, slots=True)
class Split:
    """From a product of two deterministic factors that is 0: one branch for each factor."""

    one: Atom
    two: Atom
    by: By
    branches: tuple[Tree, Tree]


@dataclass(frozen=True, slots=True)
class Cite:
    """An earlier claim whose premises hold here: one branch for each of its cases."""

    step: str
    by: Mapping[str, By]
    branches: tuple[Tree, ...]


Tree = Conclude | Contradiction | Derive | Null | Split | Cite


@dataclass(frozen=True, slots=True)
class Attained:
    """Of a minimum: which case the parameter values satisfy, and why."""

    case: int
    values: tuple[Definition, ...]
    by: Mapping[str, By] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A statement and its certificate; ``uses`` names earlier steps, ``claim`` what it shows."""

    name: str
    statement: Statement
    certificate: Tree | Attained
    uses: tuple[str, ...] = ()
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A context and steps, each established from the earlier ones that it names."""

    name: str
    context: Context
    steps: tuple[Step, ...]


def parts(part: object) -> Iterator[Any]:
    """A statement or certificate and every atom, square, reason and branch in it."""
    if is_dataclass(part):
        yield part
        for one in fields(part):
            yield from parts(getattr(part, one.name))
    elif isinstance(part, tuple | Mapping):
        for inner in part.values() if isinstance(part, Mapping) else part:
            yield from parts(inner)


def texts(part: object) -> Iterator[str]:
    """Every expression in a statement or a certificate."""
    for one in parts(part):
        yield from (getattr(one, name) for name in EXPRESSIONS if hasattr(one, name))
