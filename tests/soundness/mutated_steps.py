"""Mutants of proof steps, one place of statement or certificate changed, and their verdicts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

from attack_points import Place, attack_points, judged
from mutations import step_mutants
from refusals import refusal_class

from verifier.proof.context import Atom
from verifier.proof.mean import Meaning
from verifier.proof.rules import Checker
from verifier.proof.statements import (
    EXPRESSIONS,
    Attained,
    Case,
    Claim,
    Conclude,
    Proof,
    Statement,
    Step,
)
from verifier.proof.syntax import ProofError
from verifier.theorem.theorem import Theorem
from verifier.theorem.witness_points import Filling

UNITS = 400_000
FALSE, NO_POINT = "FALSE", "true or false: no value at any point tried"
AT_POINTS = "true at every point tried"


@dataclass(frozen=True)
class Mutant:
    """A changed step, why the kernel refused it ('' if it did not), and what is known of it.

    ``accepted_as``: why acceptance is right; ``points``: at how many it was judged, ``refuted``:
    whether it is false at one.
    """

    kind: str
    step: Step
    refused: str
    accepted_as: str = ""
    points: int = 0
    refuted: bool = False

    @property
    def outcome(self) -> str:
        """One column of the table of figures."""
        return f"refused: {self.refused}" if self.refused else self.accepted_as


def mutants(
    theorem: Theorem, most: int, refute_refused: bool = False, every: int = 1
) -> Iterator[Mutant]:
    """At most ``most`` mutants of each step of every k-th proof, drawn with a fixed seed."""
    draw, derivation = random.Random(0), theorem.derive({})
    for proof in derivation.proofs[::every]:
        yield from proof_mutants(proof, derivation.fillings, most, draw, refute_refused)


def proof_mutants(
    proof: Proof,
    fillings: tuple[Filling, ...],
    most: int,
    draw: random.Random,
    refute_refused: bool = False,
) -> Iterator[Mutant]:
    """Mutants of each step, checked where the step stands: after those before it alone."""
    checker, places = Checker(proof.context), attack_points(proof.context, fillings)
    for step in proof.steps:
        kinds: dict[str, tuple[str, Step]] = {}
        for kind, mutant in step_mutants(step, proof.context):
            kinds.setdefault(repr(mutant), (kind, mutant))
        kinds.pop(repr(step), None)
        found = list(kinds.values())
        for kind, mutant in found if len(found) <= most else draw.sample(found, most):
            yield _verdict(checker, kind, step, mutant, places, refute_refused)
        checker.fuel.units = 10 * UNITS
        checker.check(step)


def refusal(checker: Checker, step: Step) -> str:
    """Why the kernel refuses the step; '' if it accepts it. Nothing is learnt from it."""
    checker.fuel.units = UNITS
    try:
        checker.check(step)
    except ProofError as error:
        return str(error)
    del checker.accepted[step.name]
    return ""


def _verdict(
    checker: Checker, kind: str, old: Step, new: Step, places: list[Place], refute_refused: bool
) -> Mutant:
    reason = refusal(checker, new)
    if reason:
        bare = replace(new, certificate=Conclude())  # of the statement alone
        tried, at = judged(places, bare) if refute_refused else (0, None)
        return Mutant(kind, new, refusal_class(reason), "", tried, at is not None)
    if old.statement == new.statement:
        return Mutant(kind, new, "", "the same statement, another certificate")
    if alike(checker.meaning, old.statement, new.statement):
        return Mutant(kind, new, "", "the same statement")
    if _weaker(old.statement, new.statement):
        return Mutant(kind, new, "", "a weaker statement")
    tried, at = judged(places, new)
    why = FALSE if at is not None else AT_POINTS if tried else NO_POINT
    return Mutant(kind, new, "", why, tried, at is not None)


def alike(meaning: Meaning, one: object, two: object) -> bool:
    """Equal part by part, where expressions may differ as long as their normal forms agree."""
    if isinstance(one, Atom) and isinstance(two, Atom) and one.relation == two.relation == "=":
        gaps = [f"({x.left}) - ({x.right})" for x in (one, two)]
        return _equal(meaning, *gaps)
    if isinstance(one, tuple) and isinstance(two, tuple):
        return len(one) == len(two) and all(
            alike(meaning, a, b) for a, b in zip(one, two, strict=True)
        )
    if type(one) is not type(two) or not is_dataclass(one):
        return one == two
    for part in fields(one):
        a, b = getattr(one, part.name), getattr(two, part.name)
        same = _equal(meaning, a, b) if part.name in EXPRESSIONS else alike(meaning, a, b)
        if not same:
            return False
    return True


def _equal(meaning: Meaning, one: str, two: str) -> bool:
    meaning.fuel.units = UNITS
    try:
        values = [meaning.value(meaning.context.read(text)) for text in (one, two)]
        return meaning.vanishes(meaning.plus(*values, -1))
    except ProofError:
        return one == two


def _weaker(one: Statement, two: Statement) -> bool:
    """More premises, more cases, or fewer atoms in a case."""
    if not isinstance(one, Claim) or not isinstance(two, Claim):
        return False
    premises = all(any(_implies(p, q) for p in two.given) for q in one.given)
    return premises and all(any(_covers(a, b) for b in two.cases) for a in one.cases)


def _covers(strong: Case, weak: Case) -> bool:
    """Whether the atoms of the weaker case are among those of the stronger one."""
    return all(any(_implies(one, atom) for one in strong) for atom in weak)


def _implies(one: Atom, two: Atom) -> bool:
    """The same sides, with = for >= or >, or > for >=."""
    order = {("=", "="), (">", ">"), (">=", ">="), ("=", ">="), (">", ">=")}
    same = (one.left, one.right) == (two.left, two.right)
    return same and (one.relation, two.relation) in order


def witnesses(proof: Proof) -> tuple[Filling, ...]:
    """The minimisers that a proof exhibits, as values of the parameters."""
    found = (step.certificate for step in proof.steps)
    return tuple(one.values for one in found if isinstance(one, Attained))
