"""Statements at concrete points, with none of the checker's normal forms (see slow_evaluation)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from slow_evaluation import Atoms, World

from verifier.proof.context import Context, Equation
from verifier.proof.counterexample import Counterexample, Refutation
from verifier.proof.expression import Expect, Pow, Sub, Sum, free_indices, parse, show
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


class Point:
    """One point of a context, with values that are recomputed from single random variables."""

    def __init__(
        self,
        context: Context,
        point: Counterexample,
        atoms: Mapping[tuple[str, ...], Atoms] | None = None,
    ) -> None:
        self.context, self.point = context, point
        self.world = self._world(atoms or {})
        self.memory: dict[str, Fraction] = {}
        for scalar in context.scalars:
            value = point.scalars[scalar.name]
            low = scalar.minimum
            assert low is None or value > low or (value == low and not scalar.strict)
            assert not scalar.integer or value.denominator == 1
        assert self.holds(context.hypotheses)

    def _world(self, atoms: Mapping[tuple[str, ...], Atoms]) -> World:
        return World(self.context, self.point.scalars, self.point.tensors, atoms)

    def value(self, text: str) -> Fraction:
        if text not in self.memory:
            self.memory[text] = self.world.value(text)
        return self.memory[text]

    def squared(self, text: str) -> Fraction:
        """E of the sum over all free indices of the square."""
        node = Pow(parse(text), 2)
        indices = free_indices(node)
        return self.value(show(Expect(None, Sum(indices, node) if indices else node)))

    def gap(self, equation: Equation) -> Fraction:
        return self.squared(show(Sub(parse(equation.left), parse(equation.right))))

    def holds(self, system: System) -> bool:
        return all(self.gap(equation) == 0 for equation in system)

    def bound_gap(self, bound: Bound) -> Fraction:
        """objective - value - the sum of squares."""
        squares = sum(
            (self.value(s.coefficient) * self.squared(s.term) for s in bound.squares), Fraction(0)
        )
        return self.value(bound.objective) - self.value(bound.value) - squares


def is_false(point: Point, statement: Statement, minimum: Minimum | None = None) -> bool:
    """Whether the statement is false at this point, by its meaning."""
    match statement:
        case Identity(left, right, given):
            return point.holds(given) and point.gap(Equation("", left, right)) != 0
        case Sign(expression, strict):
            value = point.value(expression)
            return value < 0 or (strict and value == 0)
        case Bound():
            signs = (point.value(s.coefficient) for s in statement.squares)
            weak = any(
                value < 0 or (s.strict and value == 0)
                for s, value in zip(statement.squares, signs, strict=True)
            )
            return weak or point.bound_gap(statement) != 0
        case Implication(given, conclude):
            return point.holds(given) and not any(point.holds(system) for system in conclude)
        case Minimum(objective, value, _, minimisers):
            gap = point.value(objective) - point.value(value)
            inside = any(point.holds(system) for system in minimisers)
            return gap < 0 or (gap == 0) != inside
        case AtMinimum(objective, _, conclude_all):
            assert minimum is not None
            assert minimum.objective == objective
            inside = any(point.holds(system) for system in minimum.minimisers)
            return inside and not point.holds(conclude_all)
    raise AssertionError(statement)


def confirm(
    context: Context, refutation: Refutation, minima: Mapping[str, Minimum] | None = None
) -> None:
    """Assert that the refutation's point makes its statement false, and its numbers are right."""
    point, statement = Point(context, refutation.point), refutation.statement
    minimum = (minima or {}).get(getattr(statement, "objective", ""))
    assert is_false(point, statement, minimum), refutation
    if isinstance(statement, (Minimum, Bound)):
        assert refutation.found == point.value(statement.objective)
    if isinstance(statement, Minimum):
        assert refutation.claimed == point.value(statement.value)
    if isinstance(statement, Identity):
        assert refutation.found == point.gap(Equation("", statement.left, statement.right))
