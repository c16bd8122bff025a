"""Concrete rational points of a context: values for scalars and deterministic tensors (floor 3).

A point gives suggested tensors their suggested values, makes declared inverse pairs inverse,
computes what a hypothesis defines (``K[i,j] = ...``, or as an inverse: ``sum[j](R[i,j]*(...)) =
delta[i,l]``, ``ti*(...) = 1``) and draws the rest from small rationals. Not trusted: the checker
verifies ranges, hypotheses and inverses of every point it uses.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from math import prod

from verifier.proof.context import Context, Definition, Tensor
from verifier.proof.counterexample import Counterexample, Nested
from verifier.proof.expression import (
    Mul,
    Number,
    ProofError,
    Sum,
    Symbol,
    parse,
    show,
    symbols,
)
from verifier.proof.meaning import Meaning, evaluate

Filling = tuple[Definition, ...]
Matrix = list[list[Fraction]]
SMALL = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(2))
DIAGONAL = (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3))


def build_point(
    context: Context, scalars: Mapping[str, Fraction], filling: Filling, draw: random.Random
) -> Counterexample:
    """A point at the given scalars; ProofError where the filling is circular or does not fit."""
    return _Builder(context, scalars, filling, draw).point()


class _Builder:
    """Values found so far, and what is still to be valued."""

    def __init__(
        self,
        context: Context,
        scalars: Mapping[str, Fraction],
        filling: Filling,
        draw: random.Random,
    ) -> None:
        self.context, self.draw, self.reals = context, draw, dict(scalars)
        self.values: dict[str, Nested] = {}
        self.sorts = {t.name: t.sorts for t in context.tensors if t.name not in context.random()}
        self.partner = dict(context.inverses) | {two: one for one, two in context.inverses}
        self.inverse_rules: set[str] = set()
        self.rules = {d.name: d for d in (*self._definitional_hypotheses(), *filling)}
        self.inverse_rules -= {definition.name for definition in filling}
        self.bodies = {d.name: d.body for d in context.definitions}

    def _definitional_hypotheses(self) -> list[Definition]:
        """Hypotheses of the form T[i,j] = ..., as definitions of T or of its inverse."""
        found = []
        for hypothesis in self.context.hypotheses:
            left, right = parse(hypothesis.left), parse(hypothesis.right)
            match left, right:
                case Symbol(name, indices), _ if name in self.sorts:
                    found.append(Definition(name, indices, hypothesis.right))
                case (
                    Sum((joined,), Mul(Symbol(name, (_, middle)), body)),
                    Symbol("delta", (_, last)),
                ) if name in self.sorts and middle == joined:
                    self.inverse_rules.add(name)
                    found.append(Definition(name, (joined, last), show(body)))
                case Mul(Symbol(name, ()), body), Number(1) if name in self.reals:
                    self.inverse_rules.add(name)
                    found.append(Definition(name, (), show(body)))
        return found

    def point(self) -> Counterexample:
        for scalar in self.context.scalars:
            if scalar.minimum is None and scalar.name not in self.rules:
                self.reals[scalar.name] = self.draw.choice(SMALL)
        waiting = [name for name in self.sorts if not self._draw_free(name)]
        waiting += [s.name for s in self.context.scalars if s.name in self.rules]
        while waiting:
            done = [name for name in waiting if self._resolve(name)]
            if not done:
                name = next((w for w in waiting if w in self.partner and w not in self.rules), None)
                if name is None:
                    raise ProofError("the filling is circular")
                self.values[name] = self._invertible(self._shape(name)[0])
                done = [name]
            waiting = [name for name in waiting if name not in done]
        return Counterexample(self.reals, self.values)

    def _shape(self, name: str) -> list[int]:
        sizes = dict(self.context.sorts)
        return [int(self.reals[sizes[sort]]) for sort in self.sorts.get(name, ())]

    def _draw_free(self, name: str) -> bool:
        if name in self.rules or name in self.partner:
            return False
        self.values[name] = self._drawn(self._shape(name))
        return True

    def _resolve(self, name: str) -> bool:
        """Value a tensor by its rule or as the inverse of its partner, if that is possible now."""
        rule, partner = self.rules.get(name), self.partner.get(name, "")
        if rule is not None and self._needs(rule) <= set(self.values) | set(self.reals):
            value = self._entries(replace(rule, sorts=self.sorts.get(name, ())))
            if name in self.inverse_rules:
                value = _inverted(value)
            if name in self.sorts:
                self.values[name] = value
            elif isinstance(value, Fraction):
                self.reals[name] = value
            return True
        if rule is None and partner in self.values:
            self.values[name] = _inverted(self.values[partner])
            return True
        return False

    def _needs(self, rule: Definition) -> set[str]:
        """The tensors and scalars that a rule's body rests on, through definitions."""
        queue, seen = [rule.body], {"delta"}
        while queue:
            for name in {s.name for s in symbols(parse(queue.pop()))} - seen:
                seen.add(name)
                if name in self.bodies:
                    queue.append(self.bodies[name])
        return seen - set(self.bodies) - {"delta"}

    def _entries(self, rule: Definition) -> Nested:
        """All entries of a rule's value, picked out by contraction with unit vectors."""
        shape = self._shape(rule.name)
        units = len(rule.sorts)
        meaning = _with_units(self.context, rule.sorts)
        picks = "".join(f"unit{k}[{i}]*" for k, i in enumerate(rule.parameters))
        text = f"sum[{','.join(rule.parameters)}]({picks}({rule.body}))" if units else rule.body

        def level(at: tuple[int, ...]) -> Nested:
            if len(at) < len(shape):
                return tuple(level((*at, i)) for i in range(shape[len(at)]))
            chosen: dict[str, Nested] = {
                f"unit{k}": tuple(Fraction(int(i == position)) for i in range(shape[k]))
                for k, position in enumerate(at)
            }
            return evaluate(meaning, text, self.reals, {**self.values, **chosen})

        return level(())

    def _drawn(self, shape: list[int]) -> Nested:
        if not shape:
            return self.draw.choice(SMALL)
        return tuple(self._drawn(shape[1:]) for _ in range(shape[0]))

    def _invertible(self, size: int) -> Nested:
        """A lower triangular matrix with a positive diagonal."""
        return tuple(
            tuple(
                self.draw.choice(DIAGONAL if i == j else SMALL) if j <= i else Fraction(0)
                for j in range(size)
            )
            for i in range(size)
        )


@lru_cache(maxsize=64)
def _with_units(context: Context, sorts: tuple[str, ...]) -> Meaning:
    """Normal forms with a vector unit0, unit1, ... of each sort; many points share them."""
    units = tuple(Tensor(f"unit{k}", (sort,)) for k, sort in enumerate(sorts))
    return Meaning(replace(context, tensors=context.tensors + units, hypotheses=()))


def _inverted(value: Nested) -> Nested:
    """The inverse of a number, or of a matrix by Gauss-Jordan; ProofError if there is none."""
    if isinstance(value, Fraction):
        if not value:
            raise ProofError("a number that must be invertible is zero at this point")
        return 1 / value
    rows: Matrix = [[x for x in row if isinstance(x, Fraction)] for row in map(_row, value)]
    size = len(rows)
    work = [row + [Fraction(int(i == j)) for j in range(size)] for i, row in enumerate(rows)]
    for i in range(size):
        pivot = next((r for r in range(i, size) if work[r][i]), None)
        if pivot is None:
            raise ProofError("a matrix that must be invertible is singular at this point")
        work[i], work[pivot] = work[pivot], work[i]
        work[i] = [x / work[i][i] for x in work[i]]
        for r in range(size):
            if r != i and work[r][i]:
                work[r] = [x - work[r][i] * y for x, y in zip(work[r], work[i], strict=True)]
    return tuple(tuple(row[size:]) for row in work)


def _row(value: Nested) -> tuple[Nested, ...]:
    return () if isinstance(value, Fraction) else tuple(value)


def scalar_grid(context: Context) -> list[dict[str, Fraction]]:
    """Scalar values in their ranges, the simplest first: by their sum, then by tensor entries."""
    sizes = {dimension for _, dimension in context.sorts if dimension}
    ranges = []
    for scalar in context.scalars:
        low = scalar.minimum
        if low is None:
            ranges.append([Fraction(1)])
        elif scalar.name in sizes:
            ranges.append([low + k for k in (0, 1)] if low >= 1 else [Fraction(1), Fraction(2)])
        else:
            first = low + 1 if scalar.strict else low
            step = Fraction(1) if scalar.integer else Fraction(1, 2)
            ranges.append([first, first + step, first + 2])
    grid = sorted(set(itertools.product(*ranges)), key=lambda p: (sum(p), p))
    points = [{s.name: v for s, v in zip(context.scalars, p, strict=True)} for p in grid]
    points = _modelled(context, points)
    return sorted(points, key=lambda p: (sum(p.values()), _entries_at(context, p)))


def _modelled(context: Context, points: list[dict[str, Fraction]]) -> list[dict[str, Fraction]]:
    """The points with free moments replaced by those of each model, each point once."""
    if not context.moment_symbols():
        return points
    meaning = Meaning(context)
    found: dict[tuple[tuple[str, Fraction], ...], dict[str, Fraction]] = {}
    for point, model in itertools.product(points, context.models):
        values = {name: evaluate(meaning, text, point, {}) for name, text in model.values}
        moved = {**point, **values}
        found.setdefault(tuple(sorted(moved.items())), moved)
    return list(found.values())


def _entries_at(context: Context, scalars: Mapping[str, Fraction]) -> Fraction:
    """How many entries the tensors have that a point must value: what its checking costs."""
    sizes, random = dict(context.sorts), context.random()
    fixed = [t for t in context.tensors if t.name not in random]
    return sum(
        (
            prod((scalars.get(sizes[s], Fraction(1)) for s in t.sorts), start=Fraction(1))
            for t in fixed
        ),
        Fraction(0),
    )
