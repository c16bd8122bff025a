"""Mutants of proof steps, each statement changed and its certificate kept, and their verdicts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from attack_points import TabledPoint, attack_points, given_all, judged
from mutations import statement_mutants
from refusals import refusal_class

from verifier.points import Filling
from verifier.proof.checker import Checked, Proof, Step, _apply, examine
from verifier.proof.context import Context, Definition, Equation
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning
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
from verifier.theorem import Theorem

UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Mutant:
    """A changed statement, what the checker said, and what exact points say without it.

    ``refused``: the class of the checker's reason, or ''; ``accepted_as``: why acceptance is right,
    or ''; ``points``: at how many points it was judged; ``refuted``: whether it is false at one.
    """

    kind: str
    step: str
    statement: Statement
    refused: str
    accepted_as: str
    points: int = 0
    refuted: bool = False

    @property
    def outcome(self) -> str:
        """One column of the table of figures."""
        if self.accepted_as:
            return self.accepted_as
        return f"refused: {self.refused}"


def step_mutants(
    proof: Proof, fillings: tuple[Filling, ...], most: int, draw: random.Random, thorough: bool
) -> Iterator[Mutant]:
    """At most ``most`` mutants of every step; ``unexplained`` ones are holes.

    ``thorough``: replay the proof first, mutate the slowest steps too, and try to refute by exact
    points what the checker rejects.
    """
    accepted = examine(proof)[0] if thorough else as_proved(proof)
    context, suggested = proof.context, witnesses(proof) + fillings
    for step in proof.steps:
        if step.name not in accepted or (is_slow(step.statement) and not thorough):
            continue
        kinds: dict[Statement, str] = {}
        for kind, statement in statement_mutants(step.statement, context):
            kinds.setdefault(statement, kind)
        kinds.pop(step.statement, None)
        found, limit = list(kinds), max(1, most // 8) if is_slow(step.statement) else most
        for statement in found if len(found) <= limit else draw.sample(found, limit):
            changed = replace(step, statement=statement)
            reason = refusal(context, changed, accepted)
            why = "" if reason else _explanation(context, step, changed, accepted)
            tried, false = 0, False
            if why == UNEXPLAINED or (reason and thorough):
                tried, at = judge(context, changed, accepted, suggested)
                false = at is not None
            if why == UNEXPLAINED and tried and not false:
                why = "true at every point tried"
            refused = refusal_class(reason) if reason else ""
            yield Mutant(kinds[statement], step.name, statement, refused, why, tried, false)


def as_proved(proof: Proof) -> dict[str, Checked]:
    """All steps as accepted ones, without the work of checking what other tests check."""
    return {step.name: Checked(step, frozenset(), proof.context) for step in proof.steps}


def witnesses(proof: Proof) -> tuple[Filling, ...]:
    """The minimisers that a proof exhibits, as values of the parameters."""
    found = [s.certificate["witness"]["values"] for s in proof.steps if "witness" in s.certificate]
    return tuple(
        tuple(Definition(v["name"], tuple(v["parameters"]), v["body"]) for v in values)
        for values in found
    )


def judge(
    context: Context,
    step: Step,
    accepted: Mapping[str, Checked],
    fillings: tuple[Filling, ...],
    most: int = 0,
) -> tuple[int, TabledPoint | None]:
    """At how many points the step's statement was evaluated, and one where it is false.

    What functions of random arrays depend on is held fixed; a mean over it (the tower rule) is
    judged by the conditional mean that is its premise.
    """
    premises = [accepted[name].step.statement for name in step.uses]
    minimum = next((p for p in premises if isinstance(p, Minimum)), None)
    statement = premises[0] if step.rule == "tower" else step.statement
    return judged(attack_points(given_all(context), fillings, most), statement, minimum)


def is_slow(statement: Statement) -> bool:
    """A statement about the whole loss takes a second to check, others milliseconds."""
    loss = isinstance(statement, Identity) and "yhat" in statement.left
    return loss or isinstance(statement, Bound)


def refusal(context: Context, step: Step, accepted: Mapping[str, Checked]) -> str:
    """Why the checker rejects the step; '' if it accepts it."""
    try:
        _apply(context, step, accepted)
    except ProofError as error:
        return str(error)
    return ""


def _explanation(context: Context, old: Step, new: Step, accepted: Mapping[str, Checked]) -> str:
    """Why an accepted mutant is a true statement, if that can be read off."""
    one, two = old.statement, new.statement
    if _same(context, one, two):
        return "the same statement"
    if _weaker(one, two):
        return "a weaker statement"
    match one, two:
        case (Implication(), Implication()) | (Identity(), Identity()):
            kept = tuple(e for e in two.given if e in one.given)
            bare = replace(new, statement=replace(two, given=kept))
            if kept != two.given and not refusal(context, bare, accepted):
                return "a premise that the proof does not use"
            if set(two.given) < set(one.given):
                return "a premise that the proof does not use"
    return UNEXPLAINED


def _same(context: Context, one: Statement, two: Statement) -> bool:
    """Equal field by field, where texts may differ as long as their normal forms agree."""
    return _alike(context, one, two)


def _alike(context: Context, one: object, two: object) -> bool:
    if isinstance(one, str) and isinstance(two, str):
        if one == two:
            return True
        try:
            return Meaning(context).equal(one, two)
        except ProofError:
            return False
    if isinstance(one, Equation) and isinstance(two, Equation):
        sides = _alike(context, one.left, two.left) and _alike(context, one.right, two.right)
        gaps = [f"({e.left}) - ({e.right})" for e in (one, two)]
        return sides or _alike(context, *gaps)
    if isinstance(one, tuple) and isinstance(two, tuple):
        pairs = zip(one, two, strict=False)
        return len(one) == len(two) and all(_alike(context, a, b) for a, b in pairs)
    if type(one) is not type(two) or isinstance(one, (bool, str)):
        return one == two
    fields = type(one).__dataclass_fields__  # type: ignore[attr-defined]
    return all(_alike(context, getattr(one, f), getattr(two, f)) for f in fields)


def _weaker(one: Statement, two: Statement) -> bool:
    match one, two:
        case Sign(expression, strict), Sign(other, weak):
            return expression == other and strict and not weak
        case Bound(), Bound():
            relaxed = tuple(replace(s, strict=False) for s in one.squares)
            same = relaxed == tuple(replace(s, strict=False) for s in two.squares)
            signs = zip(one.squares, two.squares, strict=False)
            return (
                same
                and (one.objective, one.value) == (two.objective, two.value)
                and all(s.strict or not t.strict for s, t in signs)
            )
        case Implication(), Implication() if one.given == two.given:
            return all(any(_covers(a, b) for b in two.conclude) for a in one.conclude)
        case AtMinimum(), AtMinimum():
            return _covers(one.conclude, two.conclude) and one.objective == two.objective
    return False


def _covers(strong: System, weak: System) -> bool:
    """Whether the equations of the weaker system are among those of the stronger one, or 0 = 0."""
    return all(e in strong or e.left == e.right for e in weak)


def mutants(theorem: Theorem, most: int, thorough: bool = True) -> Iterator[Mutant]:
    """The mutants of all steps of a theorem, drawn with a fixed seed."""
    draw, derivation = random.Random(0), theorem.derive({})
    for proof in derivation.proofs:
        yield from step_mutants(proof, derivation.fillings, most, draw, thorough)
