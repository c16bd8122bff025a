"""The search for exact counterexamples to claims that the checker does not accept.

Not trusted: whatever is found counts only once `verifier.theorem.refute` has accepted it. The
search goes from the simplest sizes and numbers upwards, first at the points that the theorem
suggests (a claimed minimiser, the derived one), then at small rationals drawn with a seed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from verifier.proof.context import Context, Definition, Point, Tensor
from verifier.proof.statements import Attained, Claim, Proof, Statement, Step
from verifier.proof.syntax import Binary, Fuel, Node, Number, ProofError, Symbol
from verifier.theorem.refute import TRUE_HERE, Refutation, refute
from verifier.theorem.witness_points import Filling, Start, build_point, starts

ATTEMPTS, UNITS, UNITS_EACH = 600, 3_000_000, 1_000_000
FEW = UNITS // 10  # once another statement of the same derivation is refuted
DRAWN = 3
NEAR = 3
HOPELESS = 40


def search(
    context: Context,
    step: Step,
    proof: Proof,
    fillings: tuple[Filling, ...],
    seed: int,
    units: int = UNITS,
) -> Refutation | None:
    """The first counterexample to the step's statement that the kernel accepts, or None.

    ``units``: the fuel of all attempts together.
    """
    attained = (one.certificate for one in proof.steps)
    own = tuple(one.values for one in attained if isinstance(one, Attained))
    premises = _premises(context, step.statement)
    numbers = _numbers(context, step.statement)
    points = _points(context, own + fillings, premises, numbers, random.Random(seed))
    met, left = 0, units
    for attempt, point in enumerate(itertools.islice(points, ATTEMPTS)):
        fuel = Fuel(min(left, UNITS_EACH))
        start = fuel.units
        try:
            return refute(context, step.statement, point, fuel)
        except ProofError as error:
            met += str(error) == TRUE_HERE
        left -= start - max(fuel.units, 0)
        if left <= 0 or (attempt > HOPELESS and not met):
            return None
    return None


def _premises(context: Context, statement: Statement) -> Filling:
    """What the premises of a claim say that a tensor is: elsewhere the claim is true of nothing."""
    if not isinstance(statement, Claim):
        return ()
    tensors = {array.name for array in context.arrays if isinstance(array, Tensor)}
    found: dict[str, Definition] = {}
    for atom in statement.given:
        left = context.read(atom.left)
        if atom.relation == "=" and isinstance(left, Symbol) and left.name in tensors:
            found.setdefault(left.name, Definition(left.name, left.indices, atom.right))
    return tuple(found.values())


def _numbers(context: Context, statement: Statement) -> dict[str, Fraction]:
    """What the premises of a claim say that scalars are, as ``n = 7``."""
    scalars = {scalar.name for scalar in context.scalars}
    found: dict[str, Fraction] = {}
    for atom in statement.given if isinstance(statement, Claim) else ():
        left, (above, below) = context.read(atom.left), _ratio(context.read(atom.right))
        if atom.relation == "=" and isinstance(left, Symbol) and left.name in scalars and below:
            found[left.name] = Fraction(above, below)
    return found


def _ratio(node: Node) -> tuple[int, int]:
    """A number as a quotient of integers; 0 below where it is none."""
    match node:
        case Number(above):
            return above, 1
        case Binary("/", Number(above), Number(below)):
            return above, below
    return 0, 0


def _points(
    context: Context,
    fillings: tuple[Filling, ...],
    premises: Filling,
    numbers: Mapping[str, Fraction],
    draw: random.Random,
) -> Iterator[Point]:
    """Points in order of size: small dimensions first, suggested fillings before random ones.

    The random ones have what the premises say, and the rest drawn.
    """
    names = {scalar.name for scalar in context.scalars}
    names |= {array.name for array in context.arrays if isinstance(array, Tensor)}
    kept = (tuple(d for d in filling if d.name in names) for filling in fillings)
    fitting = [filling for filling in dict.fromkeys(kept) if filling]
    near = [other for filling in fitting for other in _neighbours(filling)]
    grid = starts(context)
    if numbers:
        there = (replace(one, scalars={**one.scalars, **numbers}) for one in grid)
        grid = list({tuple(one.scalars.values()): one for one in there}.values())
    passes: list[tuple[Start, tuple[Filling, ...]]]
    drawn = DRAWN if _draws(context) else 1
    passes = [(start, (*fitting, *(premises,) * drawn)) for start in grid]
    passes += [(start, tuple(near)) for start in grid[:NEAR]]
    for start, choice in passes:
        for filling in choice:
            try:
                yield build_point(context, start, filling, draw)
            except ProofError:
                continue


def _draws(context: Context) -> bool:
    """Whether a point has anything to draw at random."""
    free = any(scalar.minimum is None for scalar in context.scalars)
    return free or any(isinstance(array, Tensor) for array in context.arrays)


def _neighbours(filling: Filling) -> Iterator[Filling]:
    """One value plus one or zero in place of the suggested one; one doubled and another halved.

    The first two leave a set of minimisers that is claimed too large, the last stays within one
    that is claimed too small.
    """
    for k, one in enumerate(filling):
        rest = (*filling[:k], *filling[k + 1 :])
        yield (*rest, replace(one, body=f"{one.body} + 1"))
        yield (*rest, replace(one, body="0"))
        for m, other in enumerate(rest):
            if one.body != "0" and other.body != "0":
                halved = replace(other, body=f"({other.body})/2")
                doubled = replace(one, body=f"2*({one.body})")
                yield (*rest[:m], halved, *rest[m + 1 :], doubled)
