"""Exact counterexamples: concrete rational values at which a statement is false.

The search for them is not trusted; this check is. Every number is recomputed from the statement
and the context, with expectations evaluated exactly, and the values must lie in the declared ranges
and satisfy the hypotheses. Trusted base.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .checker import Checked, mentions, random_names
from .context import Context, Equation
from .expression import Pow, ProofError, Sub, Sum, free_indices, parse, show
from .meaning import Meaning, evaluate
from .sorts import Sorts, check_statement, check_system
from .statement import AtMinimum, Bound, Identity, Implication, Minimum, Sign, Statement, System

TRUE_HERE = "the statement is true at these values"

Nested = Fraction | Sequence["Nested"]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Values for the scalars and for every deterministic tensor (nested tuples)."""

    scalars: Mapping[str, Fraction]
    tensors: Mapping[str, Nested]


@dataclass(frozen=True, slots=True)
class Refutation:
    """A statement that the checker has found false at a point, and the two numbers that show it."""

    statement: Statement
    point: Counterexample
    reason: str
    found: Fraction
    claimed: Fraction


class Refuter:
    """Checks points against statements of one context.

    ``minimum`` is a Minimum proved in the same context, on which statements about minimisers rest.
    """

    def __init__(self, context: Context, minimum: Checked | None = None) -> None:
        self.sorts = Sorts(context)
        check_system(self.sorts, context.hypotheses)
        if minimum and minimum.context != context:
            raise ProofError("the minimum was proved in another context")
        self.context, self.meaning = context, Meaning(context)
        self.minimum = minimum.step.statement if minimum else None

    def refute(self, statement: Statement, point: Counterexample) -> Refutation:
        """Accept the point as a counterexample or raise ProofError saying why it is none."""
        check_statement(self.sorts, statement)
        at = _Point(self.context, self.meaning, point)
        reason, found, claimed = "", Fraction(0), Fraction(0)
        match statement:
            case Identity(left, right, given):
                found = at.gap(Equation("", left, right)) if at.holds(given) else found
                reason = "the two sides differ; the sum of squared differences" if found else ""
            case Sign(expression, strict):
                found = at.value(expression)
                if found < 0 or (strict and found == 0):
                    reason = "the expression has the wrong sign; its value"
            case Bound(objective, value, squares):
                found, claimed = at.value(objective), at.value(value)
                reason = "the objective is below the claimed bound; its value"
                if found >= claimed:
                    for square in squares:
                        claimed += at.value(square.coefficient) * at.squared(square.term)
                    reason = "the sum of squares is another number" if found != claimed else ""
            case Implication(given, conclude):
                if at.holds(given) and not any(at.holds(system) for system in conclude):
                    reason = "the premises hold but no conclusion does"
            case Minimum(objective, value, _, minimisers):
                found, claimed = at.value(objective), at.value(value)
                inside = any(at.holds(system) for system in minimisers)
                if found < claimed:
                    reason = "these parameters have a lower loss than the claimed minimum"
                elif found > claimed and inside:
                    reason = "these claimed minimisers have a higher loss than the claimed minimum"
                elif found == claimed and not inside:
                    reason = "these parameters attain the claimed minimum but are not listed"
            case AtMinimum(objective, parameters, conclude):
                known = self.minimum
                if not isinstance(known, Minimum) or (objective, parameters) != (
                    known.objective,
                    known.parameters,
                ):
                    raise ProofError("no proved minimum of this objective is at hand")
                if any(at.holds(system) for system in known.minimisers):
                    found = sum((at.gap(equation) for equation in conclude), Fraction(0))
                    reason = "a minimiser violates it; the mean squared gap" if found else ""
        if not reason:
            raise ProofError(TRUE_HERE)
        return Refutation(statement, point, reason, found, claimed)


class _Point:
    """Evaluation of closed expressions at one point."""

    def __init__(self, context: Context, meaning: Meaning, point: Counterexample) -> None:
        self.context, self.point, self.meaning = context, point, meaning
        for declared in context.scalars:
            value = point.scalars.get(declared.name)
            if not isinstance(value, Fraction):
                raise ProofError(f"no exact value is given for {declared.name!r}")
            if declared.integer and value.denominator != 1:
                raise ProofError(f"{declared.name!r} must be an integer")
            low = declared.minimum
            if low is not None and (value < low or (declared.strict and value == low)):
                raise ProofError(f"{declared.name!r} = {value} is outside its range")
        random, sizes = random_names(context), dict(context.sorts)
        for tensor in context.tensors:
            shape = [int(point.scalars.get(sizes[sort], -1)) for sort in tensor.sorts]
            if tensor.name not in random and not _shaped(point.tensors.get(tensor.name), shape):
                raise ProofError(f"no exact value of shape {shape} is given for {tensor.name!r}")
        for one, two in context.inverses:
            if not _inverse(point.tensors.get(one), point.tensors.get(two)):
                raise ProofError(f"the values of {one!r} and {two!r} are not inverse matrices")
        if not self.holds(context.hypotheses):
            raise ProofError("the values do not satisfy the hypotheses")
        self._check_moments()

    def _check_moments(self) -> None:
        """A table of moments must be that of a model: its numbers may be the moments of no law."""
        if all(law.kind == "normal" for law in self.context.laws):
            return
        needed = self.context.moment_symbols()
        for model in self.context.models:
            values = dict(model.values)
            if needed <= set(values) and all(
                self.value(values[name]) == self.point.scalars.get(name) for name in needed
            ):
                return
        raise ProofError("the moments at these values are not known to be those of a law")

    def value(self, text: str) -> Fraction:
        if mentions(self.meaning.value(text), random_names(self.context)):
            raise ProofError("a random quantity has no value at a point")
        return evaluate(self.meaning, text, self.point.scalars, self.point.tensors)

    def squared(self, term: str) -> Fraction:
        node = Pow(parse(term), 2)
        indices = free_indices(node)
        if mentions(self.meaning.value(term), random_names(self.context)):
            return self.value(f"E({show(Sum(indices, node) if indices else node)})")
        sizes = [self.meaning.size(i) for i in indices]
        if not all(sizes):
            raise ProofError("an index without a declared size has no values")
        total = Fraction(0)
        for where in itertools.product(*(range(int(self.point.scalars[s])) for s in sizes)):
            at = dict(zip(indices, where, strict=True))
            total += evaluate(self.meaning, term, self.point.scalars, self.point.tensors, at) ** 2
        return total

    def gap(self, equation: Equation) -> Fraction:
        return self.squared(show(Sub(parse(equation.left), parse(equation.right))))

    def holds(self, system: System) -> bool:
        return all(self.gap(equation) == 0 for equation in system)


def _shaped(value: object, shape: list[int]) -> bool:
    """Whether a value is nested tuples of Fractions of exactly this shape."""
    if not shape:
        return isinstance(value, Fraction)
    return (
        isinstance(value, tuple)
        and len(value) == shape[0]
        and all(_shaped(entry, shape[1:]) for entry in value)
    )


def _inverse(one: object, two: object) -> bool:
    """Whether two square matrices of Fractions multiply to the identity."""
    if not isinstance(one, tuple) or not isinstance(two, tuple) or len(one) != len(two):
        return False
    size = range(len(one))
    return all(
        sum((one[i][k] * two[k][j] for k in size), Fraction(0)) == int(i == j)
        for i in size
        for j in size
    )
