"""What is attacked where: the layers of a derivation at one point, with the exact loss there.

All that is claimed is read off the derivation's proofs, a user's claims included: L* and the
prediction from their steps, the minimiser from the certificate of the minimum.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.proof.context import Context, Definition, Point
from verifier.proof.instances import World, admissible
from verifier.proof.statements import Attained, Claim, Proof, Step
from verifier.proof.syntax import Fuel
from verifier.prover.instances import completed
from verifier.prover.layer import DIMENSION_HEADS
from verifier.prover.numerics.points import UNITS, Sizes, data_point
from verifier.prover.numerics.quadratic import Moments, Quadratic, data_context, indices
from verifier.prover.problem import Problem
from verifier.prover.solution import Solution
from verifier.theorem.theorem import Derivation


@dataclass(frozen=True, slots=True)
class Target:
    """A layer and what its proof says: L*, the prediction there, weights that make it."""

    label: str
    problem: Problem
    context: Context
    value: str
    predicted: str
    minimiser: tuple[Definition, ...]

    @classmethod
    def of(cls, problem: Problem, proof: Proof) -> Target:
        """The target of one proof of the prover."""
        steps = {step.name: step for step in proof.steps}
        value, predicted = _right(steps["bound"]), _right(steps["prediction"])
        minimum = steps["minimum"].certificate if "minimum" in steps else None
        values = minimum.values if isinstance(minimum, Attained) else ()
        label = "d + 1 heads" if problem.layer.options.heads == DIMENSION_HEADS else "own"
        return cls(label, problem, proof.context, value, predicted, values)


def _right(step: Step) -> str:
    """The right side of what a step claims."""
    if not isinstance(step.statement, Claim):
        raise TypeError(f"the step {step.name!r} is a claim")
    return step.statement.cases[0][0].right


def targets(solution: Solution, derivation: Derivation) -> tuple[Target, ...]:
    """The setting's own layer, then that of d + 1 heads if the derivation has it."""
    own, *heads = derivation.proofs
    return (
        Target.of(solution.main, own),
        *(Target.of(solution.with_heads, proof) for proof in heads),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A target at a point: ``world`` knows the data and the optimal tensors, but no weights."""

    target: Target
    shown: tuple[str, ...]
    point: Point
    world: World
    quadratic: Quadratic

    @property
    def claimed(self) -> Fraction:
        """L* at the point."""
        return self.world.number(self.world.context.read(self.target.value))

    def minimiser(self) -> World | None:
        """The forward pass with the claimed minimiser as its weights, if there is one."""
        target, context = self.target, self.target.context
        if not target.minimiser:
            return None
        weights = {one.name for one in target.minimiser}
        forward = {one.name for one in target.problem.layer.definitions}
        special = replace(
            context,
            arrays=tuple(array for array in context.arrays if array.name not in weights),
            definitions=(
                *(one for one in context.definitions if one.name not in forward),
                *target.minimiser,
                *(one for one in context.definitions if one.name in forward),
            ),
            moments=(),
            given=(),
            instances=(),
        )
        return World(special, self.point, Fuel(UNITS))

    def minimiser_loss(self, world: World) -> Fraction:
        """The exact loss of the claimed minimiser."""
        layer, weights = self.target.problem.layer, []
        for name, place in self.quadratic.entries:
            feature = layer.features[name]
            at = indices(feature, place, layer.outputs)
            weights.append(world.number(world.context.read(feature.weight), at))
        return self.quadratic.at(weights)


def sites(
    solution: Solution, aims: Sequence[Target], sizes: Sizes, seed: int, scalars: Sequence[str]
) -> tuple[Site, ...]:
    """The targets at one point, ``scalars`` shown; ValueError where it cannot be evaluated."""
    problem, best = solution.main, solution.best
    unknown = [tensor.name for tensor in best.unknowns]
    context = aims[0].context
    data = data_context(context, problem.layer, unknown)
    rng = random.Random(f"{seed} {sizes.dimension} {sizes.length}")
    bare = data_point(problem, data, sizes, rng)
    layer, world = problem.layer, World(data, bare, Fuel(UNITS))
    quadratic = Moments(world, layer.features, layer.outputs).quadratic()
    full = completed(problem, best, context, bare)
    found = []
    for aim in aims:
        own = data_context(aim.context, aim.problem.layer)
        assumed = replace(own, moments=aim.context.moments, given=aim.context.given)
        names = {one.name for one in (*own.scalars, *own.arrays)}
        point = replace(full, values=tuple(v for v in full.values if v.name in names))
        world = admissible(assumed, point, Fuel(UNITS))
        shown = tuple(str(world.constant(world.entry(name, ()))) for name in scalars)
        found.append(Site(aim, shown, point, world, quadratic))
    return tuple(found)
