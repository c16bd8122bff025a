"""Exact counterexamples: concrete rational values at which a statement is false.

The search for them is not trusted; this check is. Every number is recomputed from the statement
and the context, with expectations evaluated exactly, and the values must lie in the declared ranges
and satisfy the hypotheses. Trusted base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .checker import mentions
from .context import Context, Equation
from .expression import ProofError, Sum, free_indices, parse, show
from .meaning import Meaning, evaluate
from .statement import AtMinimum, Bound, Identity, Implication, Minimum, Sign, Statement, System

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


def refute(context: Context, statement: Statement, point: Counterexample) -> Refutation:
    """Accept the point as a counterexample or raise ProofError saying why it is none."""
    at = _Point(context, point)
    match statement:
        case Identity(left, right, given):
            if at.holds(given):
                gap = at.gap(Equation("", left, right))
                if gap:
                    return Refutation(
                        statement,
                        point,
                        "the two sides differ (squared distance)",
                        gap,
                        Fraction(0),
                    )
        case Sign(expression, strict):
            value = at.value(expression)
            if value < 0 or (strict and value == 0):
                return Refutation(
                    statement, point, "the expression has the wrong sign", value, Fraction(0)
                )
        case Bound(objective, value, squares):
            found, claimed = at.value(objective), at.value(value)
            if found < claimed:
                return Refutation(
                    statement, point, "the objective is below the claimed bound", found, claimed
                )
            claimed += sum(
                (at.value(s.coefficient) * at.squared(s.term) for s in squares), Fraction(0)
            )
            if found != claimed:
                return Refutation(
                    statement, point, "the sum of squares is another number", found, claimed
                )
        case Implication(given, conclude):
            if at.holds(given) and not any(at.holds(system) for system in conclude):
                return Refutation(
                    statement,
                    point,
                    "the premises hold but no conclusion does",
                    Fraction(1),
                    Fraction(0),
                )
        case Minimum(objective, value, _, minimisers):
            found, claimed = at.value(objective), at.value(value)
            inside = any(at.holds(system) for system in minimisers)
            if found < claimed:
                return Refutation(
                    statement,
                    point,
                    "these parameters have a lower loss than claimed possible",
                    found,
                    claimed,
                )
            if found > claimed and inside:
                return Refutation(
                    statement,
                    point,
                    "these claimed minimisers have a higher loss than claimed",
                    found,
                    claimed,
                )
            if found == claimed and not inside:
                return Refutation(
                    statement,
                    point,
                    "these parameters attain the value but are not listed",
                    found,
                    claimed,
                )
        case AtMinimum():
            raise ProofError(
                "a statement about minimisers is refuted through the minimum it rests on"
            )
    raise ProofError("the statement is true at these values")


class _Point:
    """Evaluation of closed expressions at one point."""

    def __init__(self, context: Context, point: Counterexample) -> None:
        self.context, self.point, self.meaning = context, point, Meaning(context)
        for declared in context.scalars:
            value = point.scalars.get(declared.name)
            if not isinstance(value, Fraction):
                raise ProofError(f"no exact value is given for {declared.name!r}")
            if declared.integer and value.denominator != 1:
                raise ProofError(f"{declared.name!r} must be an integer")
            low = declared.minimum
            if low is not None and (value < low or (declared.strict and value == low)):
                raise ProofError(f"{declared.name!r} = {value} is outside its range")
        if not self.holds(context.hypotheses):
            raise ProofError("the values do not satisfy the hypotheses")

    def value(self, text: str) -> Fraction:
        return evaluate(self.meaning, text, self.point.scalars, self.point.tensors)

    def squared(self, term: str) -> Fraction:
        node = parse(f"({term})^2")
        indices = free_indices(node)
        summed = Sum(indices, node) if indices else node
        random = mentions(self.meaning.value(term).numerator, self.context.random())
        return self.value(f"E({show(summed)})" if random else show(summed))

    def gap(self, equation: Equation) -> Fraction:
        return self.squared(f"({equation.left}) - ({equation.right})")

    def holds(self, system: System) -> bool:
        return all(self.gap(equation) == 0 for equation in system)
