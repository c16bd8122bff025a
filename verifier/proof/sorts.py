"""Which sort each index of an expression has, found from its text without evaluating it.

A statement is about all values of its free indices, so each must have a range: the sort of a tensor
that carries it, in that very expression or equation. An identity such as ``delta[i,j] = 1``, whose
indices no tensor carries, would say something else in each place where it is used; it is refused.

Trusted base.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from .context import Context
from .expression import Node, ProofError, Sum, Symbol, children, free_indices, is_name, parse
from .statement import AtMinimum, Bound, Identity, Implication, Minimum, Sign, Statement, System

Shape = tuple[tuple[int, str], ...]
"""For each index of a name: its class (indices of one class have one sort) and sort, if known."""


class Sorts:
    """The shapes of all names of a context; definitions are read in order, each once."""

    def __init__(self, context: Context) -> None:
        self.shapes: dict[str, Shape] = {"delta": ((0, ""), (0, ""))}
        self.shapes |= {s.name: () for s in context.scalars}
        self.shapes |= {t.name: tuple(enumerate(t.sorts)) for t in context.tensors}
        for definition in context.definitions:
            classes = self._classes([definition.body], definition.parameters)
            for parameter, sort in zip(definition.parameters, definition.sorts, strict=False):
                classes.give(parameter, sort, definition.name)
            groups: dict[str, int] = {}
            self.shapes[definition.name] = tuple(
                (groups.setdefault(classes.root(p), len(groups)), classes.sort(p))
                for p in definition.parameters
            )

    def free(self, *texts: str) -> dict[str, str]:
        """The sorts of the free indices of expressions that share them; raises ProofError."""
        indices = dict.fromkeys(i for text in texts for i in free_indices(parse(text)))
        classes = self._classes(texts, ())
        found = {index: classes.sort(index) for index in indices}
        for index, sort in found.items():
            if not sort:
                raise ProofError(f"no tensor carries the index {index!r}, so it has no range")
        return found

    def _classes(self, texts: Iterable[str], open_indices: tuple[str, ...]) -> _Classes:
        """Indices by class; every summed index has a sort, or that of an open index."""
        classes = _Classes()
        for text in texts:
            node = parse(text)
            self._read(node, {i: i for i in free_indices(node)}, classes)
        known = {classes.root(index) for index in open_indices}
        for index in classes.bound:
            if not classes.sort(index) and classes.root(index) not in known:
                raise ProofError("a sum runs over an index that no tensor in it carries")
        return classes

    def _read(self, node: Node, names: Mapping[str, str], classes: _Classes) -> None:
        if isinstance(node, Symbol):
            self._read_symbol(node, [names[i] for i in node.indices], classes)
        if isinstance(node, Sum):
            names = {**names, **{i: classes.fresh() for i in node.indices}}
        for child in children(node):
            self._read(child, names, classes)

    def _read_symbol(self, node: Symbol, indices: list[str], classes: _Classes) -> None:
        shape = self.shapes.get(node.name)
        if shape is None:
            raise ProofError(f"{node.name!r} is not declared")
        if len(shape) != len(indices):
            raise ProofError(f"{node.name!r} takes {len(shape)} indices, not {len(indices)}")
        first: dict[int, str] = {}
        for index, (group, sort) in zip(indices, shape, strict=True):
            classes.join(index, first.setdefault(group, index))
            if sort:
                classes.give(index, sort, node.name)


class _Classes:
    """Indices that must have one sort, because deltas join them."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self.sorts: dict[str, str] = {}
        self.bound: list[str] = []
        self.numbers = itertools.count()

    def fresh(self) -> str:
        """A new summed index, whose name no text can contain."""
        self.bound.append(f"#{next(self.numbers)}")
        return self.bound[-1]

    def root(self, index: str) -> str:
        while index in self.parent:
            index = self.parent[index]
        return index

    def sort(self, index: str) -> str:
        """The sort of the index; '' if none is known."""
        return self.sorts.get(self.root(index), "")

    def give(self, index: str, sort: str, name: str) -> None:
        known = self.sorts.setdefault(self.root(index), sort)
        if known != sort:
            raise ProofError(f"an index of {name!r} is used both as {sort} and as {known}")

    def join(self, one: str, two: str) -> None:
        first, second = self.root(one), self.root(two)
        if first == second:
            return
        sort, other = self.sorts.get(first, ""), self.sorts.pop(second, "")
        if sort and other and sort != other:
            raise ProofError("a delta joins indices of different sorts")
        self.parent[second] = first
        if other:
            self.sorts[first] = other


def check_system(sorts: Sorts, system: System) -> None:
    """Refuse equations with an undeclared name or an index without a range; raises ProofError."""
    for equation in system:
        sorts.free(equation.left, equation.right)
        if not is_name(equation.name):
            raise ProofError(f"{equation.name!r} is not a usable name of an equation")


def check_statement(sorts: Sorts, statement: Statement) -> None:
    """Refuse a statement with an undeclared name or an index without a range; raises ProofError.

    Objectives, values, coefficients and expressions with a sign are numbers: no free index.
    """
    match statement:
        case Identity(left, right, given):
            sorts.free(left, right)
            check_system(sorts, given)
        case Sign(expression, _):
            _check_numbers(sorts, expression)
        case Bound(objective, value, squares):
            _check_numbers(sorts, objective, value, *(s.coefficient for s in squares))
            for square in squares:
                sorts.free(square.term)
        case Implication(given, conclude):
            for system in (given, *conclude):
                check_system(sorts, system)
        case Minimum(objective, value, _, minimisers):
            _check_numbers(sorts, objective, value)
            for system in minimisers:
                check_system(sorts, system)
        case AtMinimum(objective, _, conclude_all):
            _check_numbers(sorts, objective)
            check_system(sorts, conclude_all)


def _check_numbers(sorts: Sorts, *texts: str) -> None:
    for text in texts:
        stray = sorts.free(text)
        if stray:
            raise ProofError(f"the free index {min(stray)!r} in {text[:60]!r}, which is a number")
