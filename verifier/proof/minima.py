"""Minima: from a bound, its equality case, the converse of each case, and values in one case.

Trusted; docs/meaning.md says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .atoms import Atoms
from .context import Absolute, Atom, Hat, Normal, Tensor
from .mean import Meaning
from .statements import Attained, By, Claim, Minimum, Statement
from .syntax import ProofError


def check_minimum(here: Atoms, minimum: Minimum, by: Attained, used: Sequence[Statement]) -> None:
    """From a bound, the equality case, the converse of each case, and values in one case."""
    claims = [statement for statement in used if isinstance(statement, Claim)]
    if len(claims) != len(used) or len(claims) != 2 + len(minimum.cases):
        raise ProofError("a minimum uses its bound, its equality case, and a converse each case")
    bound, equality, *converse = claims
    if bound.given or len(bound.cases) != 1 or not _states(here, bound.cases[0], minimum, ">="):
        raise ProofError("the first step that a minimum uses is objective >= value")
    if not _states(here, equality.given, minimum, "=") or equality.cases != minimum.cases:
        raise ProofError("the second step leads from objective = value to the cases")
    if len(equality.given) != 1:
        raise ProofError("the second step has objective = value as its only premise")
    for case, back in zip(minimum.cases, converse, strict=True):
        if back.given != case or len(back.cases) != 1:
            raise ProofError("a converse leads from its case to objective = value")
        if not _states(here, back.cases[0], minimum, "="):
            raise ProofError("a converse leads from its case to objective = value")
    _parameters_are_free(here, minimum)
    _is_attained(here, minimum, by)


def _states(here: Atoms, atoms: tuple[Atom, ...], minimum: Minimum, relation: str) -> bool:
    wanted = (here.read(minimum.objective), relation, here.read(minimum.value))
    return any((here.read(a.left), a.relation, here.read(a.right)) == wanted for a in atoms)


def _parameters_are_free(here: Atoms, minimum: Minimum) -> None:
    """No law, moment, given equation or function mentions a parameter, nor does the value."""
    context, parameters = here.context, set(minimum.parameters)
    tensors = {array.name for array in context.arrays if isinstance(array, Tensor)}
    if not parameters <= tensors or len(parameters) != len(minimum.parameters):
        raise ProofError("the parameters of a minimum are distinct deterministic arrays")
    fixed = [minimum.value]
    for array in context.arrays:
        if isinstance(array, Normal | Absolute | Hat):
            fixed.append(
                array.variance
                if isinstance(array, Normal)
                else array.argument
                if isinstance(array, Absolute)
                else array.penalty
            )
    for atom in (*context.moments, *context.given):
        fixed += (atom.left, atom.right)
    met = parameters & here.reached(fixed)
    if met:
        raise ProofError(f"{min(met)!r} is not free: a law, a hypothesis or the value has it")


def _is_attained(here: Atoms, minimum: Minimum, by: Attained) -> None:
    """The case holds when the parameters are defined as these deterministic values."""
    context, parameters = here.context, set(minimum.parameters)
    if {v.name for v in by.values} != parameters or len(by.values) != len(parameters):
        raise ProofError("each parameter needs one value")
    if not 0 <= by.case < len(minimum.cases):
        raise ProofError("the values must satisfy one of the cases")
    arrays = {array.name: array for array in context.arrays}
    for value in by.values:
        shape = tuple(context.letters.get(i, "") for i in value.parameters)
        if shape != context.shape(arrays[value.name]):
            raise ProofError(f"the value of {value.name!r} does not fit its indices")
        if parameters & here.reached([value.body]):
            raise ProofError(f"the value of {value.name!r} mentions a parameter")
        if here.meaning.random(here.meaning.value(here.read(value.body))):
            raise ProofError(f"the value of {value.name!r} is random")
    before = [x for x in context.definitions if not parameters & here.reached([x.body])]
    after = [x for x in context.definitions if x not in before]
    special = replace(
        context,
        arrays=tuple(a for a in context.arrays if a.name not in parameters),
        definitions=(*before, *by.values, *after),
    )
    meaning = Meaning(special, here.fuel)
    unknown = set(by.by) - {atom.name for atom in minimum.cases[by.case]}
    if unknown:
        raise ProofError(f"{min(unknown)!r} is not what is to be concluded")
    for atom in minimum.cases[by.case]:
        why = by.by.get(atom.name, By())
        here.equal(here.given, special.read(atom.left), special.read(atom.right), why, meaning)
