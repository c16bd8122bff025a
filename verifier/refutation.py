"""The search for exact counterexamples to claims that the checker does not accept (floor 3).

Not trusted: whatever is found counts only once `verifier.proof.counterexample` has accepted it.
The search goes from the simplest sizes and numbers upwards, first at the points that the theorem
suggests (a claimed minimiser, the derived one), then at small rationals drawn with a seed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from verifier.points import Filling, build_point, scalar_grid
from verifier.proof.checker import Checked, Proof, Step
from verifier.proof.context import Context, Definition
from verifier.proof.counterexample import TRUE_HERE, Counterexample, Refutation, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.statement import AtMinimum, Minimum

ATTEMPTS = 1_500
DRAWN = 3
NEAR = 3
HOPELESS = 40


def search(
    context: Context,
    step: Step,
    accepted: Mapping[str, Checked],
    proof: Proof,
    fillings: tuple[Filling, ...],
    seed: int,
) -> Refutation | None:
    """The first counterexample to the step's statement that the checker accepts, or None."""
    statement, minimum = step.statement, None
    if isinstance(statement, AtMinimum):
        rests_on = [accepted[name] for name in step.uses if name in accepted]
        minimum = next((c for c in rests_on if isinstance(c.step.statement, Minimum)), None)
        if minimum is None:
            return None
    try:
        refuter = Refuter(context, minimum)
    except ProofError:
        return None
    own = tuple(_witness(other) for other in proof.steps if "witness" in other.certificate)
    points = _points(context, own + fillings, random.Random(seed))
    met = 0
    for attempt, point in enumerate(itertools.islice(points, ATTEMPTS)):
        try:
            return refuter.refute(statement, point)
        except ProofError as error:
            met += str(error) == TRUE_HERE
            if attempt > HOPELESS and not met:
                return None
    return None


def _witness(step: Step) -> Filling:
    values = step.certificate["witness"]["values"]
    return tuple(Definition(v["name"], tuple(v["parameters"]), v["body"]) for v in values)


def _points(
    context: Context, fillings: tuple[Filling, ...], draw: random.Random
) -> Iterator[Counterexample]:
    """Points in order of size: small dimensions first, suggested fillings before random ones."""
    names = {t.name for t in context.tensors} | {s.name for s in context.scalars}
    fitting = [tuple(d for d in filling if d.name in names) for filling in fillings]
    near = [other for filling in fitting for other in _neighbours(filling)]
    grid = scalar_grid(context)
    passes = [(scalars, (*fitting, *((),) * DRAWN)) for scalars in grid]
    passes += [(scalars, tuple(near)) for scalars in grid[:NEAR]]
    for scalars, choice in passes:
        for filling in choice:
            try:
                yield build_point(context, scalars, filling, draw)
            except ProofError:
                continue


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
