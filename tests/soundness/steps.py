"""Mutants of proof steps, each statement changed and its certificate kept, and their verdicts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from independent import Point, is_false
from mutations import statement_mutants
from slow_evaluation import World

from verifier.points import build_point, scalar_grid
from verifier.proof.checker import Checked, Proof, Step, _apply, examine
from verifier.proof.context import Context, Equation
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

POINTS = 20


@dataclass(frozen=True)
class Mutant:
    """A changed statement and why its acceptance is right ('' where it was rejected)."""

    step: str
    statement: Statement
    accepted_as: str


def step_mutants(proof: Proof, most: int, draw: random.Random) -> Iterator[Mutant]:
    """At most ``most`` mutants of every accepted step; ``unexplained`` ones are holes."""
    accepted, _ = examine(proof)
    for step in proof.steps:
        if step.name in accepted:
            found = list(dict.fromkeys(statement_mutants(step.statement, proof.context)))
            found = [x for x in found if x != step.statement]
            limit = max(1, most // 8) if _is_slow(step.statement) else most
            for statement in found if len(found) <= limit else draw.sample(found, limit):
                changed = replace(step, statement=statement)
                if _accepts(proof.context, changed, accepted):
                    why = _explanation(proof.context, step, changed, accepted)
                    yield Mutant(step.name, statement, why)
                else:
                    yield Mutant(step.name, statement, "")


def _is_slow(statement: Statement) -> bool:
    """A statement about the whole loss takes a second to check, others milliseconds."""
    loss = isinstance(statement, Identity) and "yhat" in statement.left
    return loss or isinstance(statement, Bound)


def _accepts(context: Context, step: Step, accepted: Mapping[str, Checked]) -> bool:
    try:
        _apply(context, step, accepted)
    except ProofError:
        return False
    return True


def _explanation(context: Context, old: Step, new: Step, accepted: Mapping[str, Checked]) -> str:
    """Why an accepted mutant is a true statement."""
    one, two = old.statement, new.statement
    if _same(context, one, two):
        return "the same statement"
    if _weaker(one, two):
        return "a weaker statement"
    match one, two:
        case (Implication(), Implication()) | (Identity(), Identity()):
            kept = tuple(e for e in two.given if e in one.given)
            if kept != two.given and _accepts(
                context, replace(new, statement=replace(two, given=kept)), accepted
            ):
                return "a premise that the proof does not use"
            if set(two.given) < set(one.given):
                return "a premise that the proof does not use"
    points = _points(context)
    if points and not isinstance(two, (Implication, Minimum, AtMinimum)):
        false = any(is_false(point, two) for point in points)
        return "unexplained: false" if false else "true at all points tried"
    return "unexplained"


@lru_cache(maxsize=32)
def _points(context: Context) -> tuple[Point, ...]:
    """Points at small sizes; a scalar that a hypothesis defines is given its value."""
    draw, found = random.Random(1), []
    for scalars in scalar_grid(context)[:POINTS]:
        if any(scalars[size] > 2 for _, size in context.sorts if context.tensors):
            continue
        try:
            point = build_point(context, scalars, (), draw)
            world = World(context, point.scalars, point.tensors)
            values = {h.left: world.value(h.right) for h in context.hypotheses if h.left in scalars}
            found.append(Point(context, replace(point, scalars={**point.scalars, **values})))
        except (ProofError, AssertionError):
            continue
    return tuple(found)


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


def tally(theorem: Theorem, most: int, seed: int = 0) -> tuple[Counter[str], list[Mutant]]:
    """How many mutants were rejected or accepted and why, and the accepted ones."""
    draw, counts, accepted = random.Random(seed), Counter[str](), []
    for proof in theorem.derive({}).proofs:
        for mutant in step_mutants(proof, most, draw):
            counts[mutant.accepted_as or "rejected"] += 1
            if mutant.accepted_as:
                accepted.append(mutant)
    return counts, accepted
