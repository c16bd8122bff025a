"""The loss at a point as an exact quadratic in the features' weights, by direct evaluation.

    E (yq - sum_r T_r random_r)^2 = E yq^2 - 2 g'T + T'M T,   g_r = E yq random_r,
    M_rs = E random_r random_s,

r over all entries of all features. Expectations are those of `verifier.proof.direct`, which shares
no code with the normal forms of a proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import Context
from verifier.proof.direct import Poly
from verifier.proof.instances import World
from verifier.prover.data_model import TARGET
from verifier.prover.features import Feature
from verifier.prover.layer import Layer
from verifier.prover.problem import indexed

Entry = tuple[str, tuple[int, ...]]  # a feature, the values of its slots and of the output's index


@dataclass(frozen=True, slots=True)
class Quadratic:
    """constant - 2 linear'T + T' square T, T by ``entries``."""

    entries: tuple[Entry, ...]
    constant: Fraction
    linear: tuple[Fraction, ...]
    square: tuple[tuple[Fraction, ...], ...]

    def at(self, weights: Sequence[Fraction]) -> Fraction:
        """The loss at these weights."""
        bent = sum(
            x * y * m
            for x, row in zip(weights, self.square, strict=True)
            if x
            for y, m in zip(weights, row, strict=True)
        )
        return self.constant - 2 * _dot(self.linear, weights) + bent

    @property
    def least(self) -> Fraction:
        """The least value over all weights, from the normal equations."""
        rows = [[*row, right] for row, right in zip(self.square, self.linear, strict=True)]
        return self.constant - _dot(self.linear, solution(rows))


class Moments:
    """Means of products of two entries of features, or of one with the target, at a point.

    An entry has a weight for each of the layer's ``outputs``, which do not mix in the loss.
    """

    def __init__(
        self, world: World, features: Mapping[str, Feature], outputs: tuple[str, ...] = ()
    ) -> None:
        self.world, self.features, self.outputs = world, features, outputs
        self.entries = tuple(entries_of(world, features, outputs))
        letters, target = world.context.letters, world.context.read(indexed(TARGET, outputs))
        self._targets = {
            place: world.polynomial(target, dict(zip(outputs, place, strict=True)))
            for place in world.places(tuple(letters[index] for index in outputs))
        }
        self._polynomials: list[Poly] = []
        self._means: dict[tuple[int, int], Fraction] = {}
        self._with_target: dict[tuple[tuple[int, ...], int], Fraction] = {}
        same: dict[frozenset[object], int] = {}
        self._number: dict[Entry, int] = {}
        for name, place in self.entries:
            node = world.context.read(features[name].random)
            poly = world.polynomial(node, indices(features[name], place, outputs))
            number = same.setdefault(frozenset(poly.items()), len(same))
            if number == len(self._polynomials):
                self._polynomials.append(poly)
            self._number[name, place] = number

    def cross(self, one: Entry, two: Entry) -> Fraction:
        """E random_one random_two, 0 for different outputs."""
        if self._output(one) != self._output(two):
            return Fraction(0)
        key = min(self._number[one], self._number[two]), max(self._number[one], self._number[two])
        if key not in self._means:
            self._means[key] = self._mean(self._polynomials[key[0]], self._polynomials[key[1]])
        return self._means[key]

    def target(self, one: Entry) -> Fraction:
        """E yq random_one."""
        key = self._output(one), self._number[one]
        if key not in self._with_target:
            target = self._targets[key[0]]
            self._with_target[key] = self._mean(target, self._polynomials[key[1]])
        return self._with_target[key]

    def quadratic(self) -> Quadratic:
        """The loss in all weights."""
        return Quadratic(
            self.entries,
            sum((self._mean(one, one) for one in self._targets.values()), Fraction(0)),
            tuple(self.target(one) for one in self.entries),
            tuple(tuple(self.cross(one, two) for two in self.entries) for one in self.entries),
        )

    def _output(self, one: Entry) -> tuple[int, ...]:
        return one[1][len(one[1]) - len(self.outputs) :]

    def _mean(self, one: Poly, two: Poly) -> Fraction:
        return self.world.constant(self.world.expect(self.world.times(one, two), None))


def data_context(context: Context, layer: Layer, without: Sequence[str] = ()) -> Context:
    """The data of a context: no weights, no forward pass, no assumptions, none of these tensors."""
    arrays = {*layer.parameters, *without}
    defined = {one.name for one in layer.definitions}
    return Context(
        sorts=context.sorts,
        scalars=context.scalars,
        laws=context.laws,
        arrays=tuple(array for array in context.arrays if array.name not in arrays),
        definitions=tuple(one for one in context.definitions if one.name not in defined),
    )


def entries_of(
    world: World, features: Mapping[str, Feature], outputs: tuple[str, ...] = ()
) -> list[Entry]:
    """All entries of all features, for each output."""
    letters = world.context.letters
    return [
        (name, place)
        for name, feature in features.items()
        for place in world.places(tuple(letters[x] for x in (*feature.slots, *outputs)))
    ]


def indices(
    feature: Feature, place: tuple[int, ...], outputs: tuple[str, ...] = ()
) -> dict[str, int]:
    """The values of the slots and of the output's index at a place."""
    return dict(zip((*feature.slots, *outputs), place, strict=True))


def solution(rows: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """A solution of a consistent system, free unknowns 0; each row ends with its right side."""
    from verifier.arithmetic.flint_matrices import any_solution, from_flint, to_flint  # slow

    left, right = to_flint([row[:-1] for row in rows]), to_flint([row[-1:] for row in rows])
    return [value for (value,) in from_flint(any_solution(left, right))]


def _dot(one: Sequence[Fraction], two: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(one, two, strict=True)), Fraction(0))
