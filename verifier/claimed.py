"""Whether a user's claim is well formed where it stands in the proofs (floor 3).

A claim that is false is refuted; one that says nothing is refused before anything is proved: a name
that is not declared, an index that the claim it replaces has not, a division by what is not shown
to be positive, a random quantity where one number for all prompts is asked for. What stands in the
proofs instead of what was derived is read with the checker's own sorts and meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.proof.checker import Proof, Step, mentions, random_names
from verifier.proof.context import Context
from verifier.proof.expression import ProofError, free_indices, parse
from verifier.proof.meaning import Meaning
from verifier.proof.sorts import Sorts, check_statement, check_system
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Statement,
    System,
)


def refuse_ill_formed(
    text: str, proofs: Sequence[Proof], derived: Sequence[Proof], number: bool
) -> None:
    """Raise ProofError, one line, unless the claim ``text`` is well formed in some proof it is in.

    ``derived``: the proofs without the claim. ``number``: the claim is about one number, the same
    for all prompts.
    """
    before = {proof.name: proof for proof in derived}
    readable, reasons = [], []
    for proof in proofs:
        if proof != before.get(proof.name):
            try:
                _read(proof, before)
            except ProofError as error:
                reasons.append(error)
            else:
                readable.append(proof)
    if reasons and not readable:
        raise reasons[0]
    if number:
        for proof in readable:
            _refuse_random(proof.context, text)


def _read(proof: Proof, before: dict[str, Proof]) -> None:
    """Find the sort of every index and the value of every expression that is not the derived one.

    Raises ProofError at the first that has none.
    """
    sorts = Sorts(proof.context)
    check_system(sorts, proof.context.hypotheses)
    changed = [*_changed_in_context(proof, before), *_changed_in_steps(proof, before, sorts)]
    meaning = Meaning(proof.context)
    for expression in changed:
        meaning.value(expression)


def _refuse_random(context: Context, text: str) -> None:
    """A number has no index, and nothing random outside an expectation."""
    stray = Sorts(context).free(text)
    if stray:
        raise ProofError(f"a number has no free index such as {min(stray)!r}")
    if mentions(Meaning(context).value(text), random_names(context)):
        raise ProofError("it is random; a number for all prompts is asked for")


def _changed_in_context(proof: Proof, before: dict[str, Proof]) -> Iterator[str]:
    """Definitions and sides of hypotheses that are not the derived ones."""
    old = before.get(proof.name)
    definitions = set(old.context.definitions) if old else set()
    hypotheses = set(old.context.hypotheses) if old else set()
    for x in proof.context.definitions:
        if x not in definitions:
            yield f"{x.name}[{','.join(x.parameters)}]" if x.parameters else x.name
    for h in proof.context.hypotheses:
        if h not in hypotheses:
            yield from (h.left, h.right)


def _changed_in_steps(proof: Proof, before: dict[str, Proof], sorts: Sorts) -> Iterator[str]:
    """Expressions of statements that are not the derived ones, their sorts and indices checked."""
    old = before.get(proof.name)
    known = {step.name: step for step in old.steps} if old else {}
    for step in proof.steps:
        counterpart = known.get(step.name)
        if counterpart is not None and counterpart.statement == step.statement:
            continue
        check_statement(sorts, step.statement)
        derived = set(_sides(counterpart.statement)) if counterpart else set()
        if counterpart is not None:
            _refuse_stray(step, counterpart)
        yield from (side for side in _sides(step.statement) if side not in derived)


def _refuse_stray(step: Step, counterpart: Step) -> None:
    """Where one equation replaces another it may not have more indices."""
    if isinstance(step.statement, Identity | AtMinimum):
        allowed = _indices(counterpart.statement)
        stray = sorted(_indices(step.statement) - allowed)
        if stray:
            raise ProofError(f"the free index {stray[0]!r} is not one of what it is claimed for")


def _indices(statement: Statement) -> set[str]:
    return {i for side in _sides(statement) for i in free_indices(parse(side))}


def _sides(statement: Statement) -> Iterator[str]:
    """Every expression of a statement; objectives and squared terms are never claimed."""
    match statement:
        case Identity(left, right, given):
            yield from (left, right, *_of_system(given))
        case Sign(expression, _):
            yield expression
        case Bound(_, value, squares):
            yield from (value, *(square.coefficient for square in squares))
        case Implication(given, conclude):
            yield from _of_system(given)
            for system in conclude:
                yield from _of_system(system)
        case Minimum(_, value, _, minimisers):
            yield value
            for system in minimisers:
                yield from _of_system(system)
        case AtMinimum(_, _, conclude_all):
            yield from _of_system(conclude_all)


def _of_system(system: System) -> Iterator[str]:
    return (side for equation in system for side in (equation.left, equation.right))
