"""The search for exact counterexamples to claims that the checker does not accept (floor 3).

Not trusted: whatever is found counts only once `verifier.proof.counterexample` has accepted it.
The search goes from the simplest sizes and numbers upwards, first at the points that the theorem
suggests (a claimed minimiser, the derived one), then at small rationals drawn with a seed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

from verifier.points import Filling, build_point, scalar_grid
from verifier.proof.checker import Checked, Proof, Step
from verifier.proof.context import Context, Definition
from verifier.proof.counterexample import Counterexample, Refutation, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.statement import AtMinimum, Minimum

ATTEMPTS = 400
DRAWN = 3


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
    try:
        refuter = Refuter(context, minimum)
    except ProofError:
        return None
    own = tuple(_witness(other) for other in proof.steps if "witness" in other.certificate)
    points = _points(context, own + fillings, random.Random(seed))
    for point in itertools.islice(points, ATTEMPTS):
        try:
            return refuter.refute(statement, point)
        except ProofError:
            continue
    return None


def _witness(step: Step) -> Filling:
    values = step.certificate["witness"]["values"]
    return tuple(Definition(v["name"], tuple(v["parameters"]), v["body"]) for v in values)


def _points(
    context: Context, fillings: tuple[Filling, ...], draw: random.Random
) -> Iterator[Counterexample]:
    """Points in order of size: small dimensions first, suggested fillings before random ones."""
    names = {t.name for t in context.tensors} | {s.name for s in context.scalars}
    for scalars in scalar_grid(context):
        for filling in (*fillings, *((),) * DRAWN):
            try:
                fitting = tuple(d for d in filling if d.name in names)
                yield build_point(context, scalars, fitting, draw)
            except ProofError:
                continue
