"""Whether a user's claim is well formed where it stands in the proofs.

A claim that is false is refuted; one that says nothing is refused before anything is proved: a name
that is not declared, an index that the claim it replaces has not, a division by what is not shown
to be positive, a random quantity where one number for all prompts is asked for. What stands in the
proofs instead of what was derived is read with the checker's own meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.proof.context import Atom, Context
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL
from verifier.proof.statements import Claim, Minimum, Proof, Statement
from verifier.proof.syntax import Fuel, Node, ProofError, Symbol, free_indices


def refuse_unreadable(text: str, proofs: Sequence[Proof]) -> None:
    """Raise ProofError unless the claim is text of the index language in one of the proofs.

    Systems are separated by ``|``, equations by ``;`` and their sides by ``=``.
    """
    sides = [s for system in text.split("|") for part in system.split(";") for s in part.split("=")]
    reasons = []
    for proof in proofs:
        try:
            for side in sides:
                proof.context.read(side)
        except ProofError as error:
            reasons.append(error)
    if len(reasons) == len(proofs):
        raise reasons[0]


def refuse_ill_formed(proofs: Sequence[Proof], derived: Sequence[Proof]) -> None:
    """Raise ProofError, one line, unless the claim is well formed in some proof that it changes.

    ``derived``: the proofs without the claim.
    """
    before = {proof.name: proof for proof in derived}
    changed = [proof for proof in proofs if proof != before.get(proof.name)]
    reasons = []
    for proof in changed:
        try:
            _read(proof, before.get(proof.name))
        except ProofError as error:
            reasons.append(error)
    if reasons and len(reasons) == len(changed):
        raise reasons[0]


def refuse_random(text: str, proofs: Sequence[Proof]) -> None:
    """Raise ProofError unless a number is the same for all prompts wherever it has a value.

    A number has no index, and nothing random outside an expectation.
    """
    for proof in proofs:
        try:
            node = proof.context.read(text)
            meaning = Meaning(proof.context, Fuel(FUEL))
            random = meaning.random(meaning.value(node))
        except ProofError:
            continue
        stray = free_indices(node)
        if stray:
            raise ProofError(f"it has the free index {min(stray)!r}; a number has none")
        if random:
            raise ProofError("it is random; a number for all prompts is asked for")


def _read(proof: Proof, before: Proof | None) -> None:
    """Find the value of every expression that is not the derived one; ProofError without one."""
    changed = [*_changed_definitions(proof, before), *_changed_in_steps(proof, before)]
    meaning = Meaning(proof.context, Fuel(FUEL))
    for node in changed:
        meaning.value(node)


def _changed_definitions(proof: Proof, before: Proof | None) -> Iterator[Node]:
    old = before.context.definitions if before else ()
    for one in proof.context.definitions:
        if one not in old:
            yield Symbol(one.name, one.parameters)


def _changed_in_steps(proof: Proof, before: Proof | None) -> Iterator[Node]:
    """Expressions of statements that are not the derived ones, their indices compared."""
    known = {step.name: step.statement for step in before.steps} if before else {}
    for step in proof.steps:
        derived = known.get(step.name)
        if derived == step.statement:
            continue
        if derived is not None:
            _refuse_stray(proof.context, step.statement, derived)
        old = set(_sides(derived)) if derived else set()
        yield from (proof.context.read(side) for side in _sides(step.statement) if side not in old)


def _refuse_stray(context: Context, statement: Statement, derived: Statement) -> None:
    """Where one equation replaces another it may not have more indices."""
    match statement, derived:
        case Claim(_, ((new,),)), Claim(_, ((old,),)):
            stray = sorted(_indices(context, new) - _indices(context, old))
            if stray:
                raise ProofError(
                    f"the free index {stray[0]!r} is not one of what it is claimed for"
                )


def _indices(context: Context, atom: Atom) -> set[str]:
    return set(free_indices(context.read(atom.left), context.read(atom.right)))


def _sides(statement: Statement) -> Iterator[str]:
    """Every expression of a statement but a minimum's objective, which is never claimed."""
    groups = list(statement.cases)
    if isinstance(statement, Minimum):
        yield statement.value
    else:
        groups.append(statement.given)
    yield from (side for group in groups for atom in group for side in (atom.left, atom.right))
