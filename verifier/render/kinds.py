"""What kind of statement a reader has before them (standard library only).

The kernel knows claims and minima. A reader tells an identity from a bound and an implication, and
reads the premise "objective = value", where this is a minimum that was proved, as "whenever the
parameters minimise the objective".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from verifier.proof.context import Atom
from verifier.proof.statements import Claim, Minimum, Statement


class Form(Enum):
    """The kinds of statements, in words."""

    IDENTITY = "identity"
    SIGN = "sign"
    BOUND = "bound"
    ALTERNATIVES = "alternatives"
    IMPLICATION = "implication"
    MINIMUM = "minimum"
    AT_MINIMUM = "at minimum"


@dataclass(frozen=True, slots=True)
class AtMinimum:
    """A premise that says that parameters minimise an objective, and the other premises."""

    minimum: Minimum
    others: tuple[Atom, ...]


def at_minimum(statement: Statement, minima: Sequence[Minimum]) -> AtMinimum | None:
    """The premise objective = value of one of the minima, if the claim has it.

    ``minima`` must have been accepted in the claim's own proof.
    """
    given = statement.given if isinstance(statement, Claim) else ()
    for atom in given:
        for minimum in minima:
            if (atom.left, atom.relation, atom.right) == (minimum.objective, "=", minimum.value):
                return AtMinimum(minimum, tuple(x for x in given if x != atom))
    return None


def form_of(statement: Statement, minima: Sequence[Minimum] = ()) -> Form:
    """The kind of a statement."""
    match statement:
        case Minimum():
            return Form.MINIMUM
        case Claim((), (case,)) if all(atom.relation == "=" for atom in case):
            return Form.IDENTITY
        case Claim((), (case,)):
            return Form.SIGN if all(atom.right == "0" for atom in case) else Form.BOUND
        case Claim(()):
            return Form.ALTERNATIVES
    return Form.AT_MINIMUM if at_minimum(statement, minima) else Form.IMPLICATION


def parameters(statement: Statement, minima: Sequence[Minimum] = ()) -> frozenset[str]:
    """The names that the statement itself ranges over."""
    if isinstance(statement, Minimum):
        return frozenset(statement.parameters)
    found = at_minimum(statement, minima)
    return frozenset(found.minimum.parameters if found else ())
