"""Deterministic index texts evaluated exactly at numbers, as matrices in their free indices.

A sum over a product is summed one index at a time, over the factors that carry it, so that a
product of matrices costs what products of matrices cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.arithmetic.flint_matrices import from_flint, to_flint
from verifier.proof.context import Context
from verifier.proof.syntax import Binary, Neg, Node, Number, Pow, Sum, Symbol, free_indices
from verifier.prover.data_model import FEATURE

Exact = Any  # a NumPy array of Fractions
ZERO, ONE = Fraction(0), Fraction(1)
ROW, COLUMN = "i23", "i24"  # feature indices that statements do not use
OWN = (ROW, COLUMN)


@dataclass(frozen=True, slots=True)
class _Term:
    """An array with one axis for each of the indices."""

    array: Exact
    axes: tuple[str, ...]


def _with_own_letters(context: Context) -> Context:
    """The context with two more index letters of features, `ROW` and `COLUMN`."""
    sorts = tuple(
        replace(sort, letters=(*(x for x in sort.letters if x not in OWN), *OWN))
        if sort.name == FEATURE
        else sort
        for sort in context.sorts
    )
    return replace(context, sorts=sorts)


class Numbers:
    """What the scalars and tensors of a context are; definitions are evaluated where needed.

    ``values``: scalars, and tensors as nested sequences; ``sizes``: how many values a sort has.
    """

    def __init__(
        self, context: Context, sizes: Mapping[str, int], values: Mapping[str, object]
    ) -> None:
        self.context, self.sizes = _with_own_letters(context), sizes
        self.arrays = {name: np.array(value, dtype=object) for name, value in values.items()}
        self.definitions = {one.name: one for one in context.definitions}

    def number(self, text: str) -> Fraction:
        """The value of a text without free indices; ValueError where a name has no value."""
        found: Fraction = self.array(text, ())[()]
        return found

    def array(self, text: str, axes: Sequence[str]) -> Exact:
        """The values of a text as an array whose axes are these indices."""
        return self.of_node(self.context.read(text), axes)

    def of_node(self, node: Node, axes: Sequence[str]) -> Exact:
        """The values of a parsed text."""
        return np.broadcast_to(self._aligned(self._term(node), axes), self._shape(axes))

    def _term(self, node: Node) -> _Term:
        match node:
            case Number(value):
                return _Term(np.array(Fraction(value), dtype=object), ())
            case Symbol(name, indices):
                return self._entry(name, indices)
            case Neg(body):
                term = self._term(body)
                return _Term(-term.array, term.axes)
            case Pow(base, exponent):
                term = self._term(base)
                return _Term(term.array**exponent, term.axes)
            case Sum(indices, body):
                return self._sum(indices, body)
            case Binary("*", _, _):
                return self._product(_factors(node), free_indices(node))
            case Binary(operation, left, right):
                axes = free_indices(node)
                u, v = (self._aligned(self._term(one), axes) for one in (left, right))
                match operation:
                    case "+":
                        return _Term(u + v, axes)
                    case "-":
                        return _Term(u - v, axes)
                return _Term(u / v, axes)
        raise ValueError("an expectation has no value without its law")

    def _entry(self, name: str, indices: tuple[str, ...]) -> _Term:
        if name == "delta":
            size = self.sizes[self.context.letters[indices[0]]]
            entries = [[ONE if i == j else ZERO for j in range(size)] for i in range(size)]
            return _diagonal(np.array(entries, dtype=object), indices)
        if name not in self.arrays:
            one = self.definitions.get(name)
            if one is None:
                raise ValueError(f"{name} has no value here")
            self.arrays[name] = self.array(one.body, one.parameters)
        return _diagonal(self.arrays[name], indices)

    def _sum(self, indices: tuple[str, ...], body: Node) -> _Term:
        """Sums of sums apart, each product with its indices summed one after the other."""
        match body:
            case Binary("+" | "-" as operation, left, right):
                return self._term(Binary(operation, Sum(indices, left), Sum(indices, right)))
            case Neg(inner):
                return self._term(Neg(Sum(indices, inner)))
            case Sum(inner, rest) if not set(inner) & set(indices):
                return self._sum(indices + inner, rest)
        free = tuple(index for index in free_indices(body) if index not in indices)
        return self._product(_factors(body), free, indices)

    def _product(
        self, nodes: Sequence[Node], free: tuple[str, ...], summed: Sequence[str] = ()
    ) -> _Term:
        terms, left, count = [self._term(node) for node in nodes], list(summed), 1
        while left:
            index = min(left, key=lambda one: self._cost(terms, one))
            left.remove(index)
            own = [term for term in terms if index in term.axes]
            if not own:
                count *= self.sizes[self.context.letters[index]]
                continue
            terms = [term for term in terms if index not in term.axes]
            terms.append(self._joined(own, index))
        total = np.array(Fraction(count), dtype=object)
        for term in terms:
            total = total * self._aligned(term, free)
        return _Term(total, free)

    def _joined(self, terms: Sequence[_Term], index: str) -> _Term:
        """The product of these terms summed over one index of theirs."""
        kept = tuple(dict.fromkeys(x for term in terms for x in term.axes if x != index))
        first, *rest = sorted(terms, key=lambda term: len(term.axes))
        while len(rest) > 1:
            axes = tuple(dict.fromkeys(first.axes + rest[0].axes))
            product = self._aligned(first, axes) * self._aligned(rest.pop(0), axes)
            first = _Term(product, axes)
        if not rest:
            return _Term(first.array.sum(axis=first.axes.index(index)), _without(first, index))
        if len(kept) == 2 and len(first.axes) == len(rest[0].axes) == 2:
            return self._matrix_product(first, rest[0], index)
        letters = {x: k for k, x in enumerate((*kept, index))}
        one, two = ([letters[x] for x in term.axes] for term in (first, rest[0]))
        joined = np.einsum(first.array, one, rest[0].array, two, [letters[x] for x in kept])
        return _Term(np.asarray(joined, dtype=object), kept)

    def _matrix_product(self, left: _Term, right: _Term, index: str) -> _Term:
        """The sum over one index that both matrices have, by exact products of matrices."""
        one, two = _without(left, index)[0], _without(right, index)[0]
        rows, columns = self._aligned(left, (one, index)), self._aligned(right, (index, two))
        for matrix, other, across in ((rows, columns, True), (columns, rows, False)):
            diagonal = _diagonal_of(matrix)
            if diagonal is not None:
                scaled = diagonal[:, None] * other if across else other * diagonal
                return _Term(scaled, (one, two))
        product = to_flint(rows.tolist()) * to_flint(columns.tolist())
        return _Term(np.array(from_flint(product), dtype=object), (one, two))

    def _cost(self, terms: Sequence[_Term], index: str) -> int:
        """How many entries the sum over this index has."""
        axes = {x for term in terms if index in term.axes for x in term.axes} - {index}
        return math.prod(self._shape(tuple(axes)))

    def _aligned(self, term: _Term, axes: Sequence[str]) -> Exact:
        """The array with its axes where ``axes`` has them, of length 1 where it has none."""
        order = [term.axes.index(x) for x in axes if x in term.axes]
        shape = [self._shape((x,))[0] if x in term.axes else 1 for x in axes]
        return np.transpose(term.array, order).reshape(shape)

    def _shape(self, axes: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.sizes[self.context.letters[x]] for x in axes)


def substituted(node: Node, symbols: Mapping[str, str]) -> Node:
    """The node with each vector of ``symbols``, v[i], replaced by the unit vector delta[i,letter].

    What is linear in v becomes its coefficient.
    """
    match node:
        case Symbol(name, (index,)) if name in symbols:
            return Symbol("delta", (index, symbols[name]))
        case Neg(body):
            return Neg(substituted(body, symbols))
        case Pow(base, exponent):
            return Pow(substituted(base, symbols), exponent)
        case Sum(indices, body):
            return Sum(indices, substituted(body, symbols))
        case Binary(operation, left, right):
            return Binary(operation, substituted(left, symbols), substituted(right, symbols))
    return node


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.operation == "*":
        return [*_factors(node.left), *_factors(node.right)]
    return [node]


def _diagonal_of(matrix: Exact) -> Exact | None:
    """The diagonal of a diagonal matrix; None for any other."""
    if matrix.shape[0] != matrix.shape[1] or np.count_nonzero(matrix) > len(matrix):
        return None
    diagonal = np.diagonal(matrix)
    return diagonal if np.count_nonzero(diagonal) == np.count_nonzero(matrix) else None


def _without(term: _Term, index: str) -> tuple[str, ...]:
    return tuple(x for x in term.axes if x != index)


def _diagonal(array: Exact, indices: tuple[str, ...]) -> _Term:
    """The entries at these indices: a doubled one takes the diagonal."""
    axes = list(indices)
    for index in dict.fromkeys(indices):
        while axes.count(index) > 1:
            one = axes.index(index)
            two = axes.index(index, one + 1)
            array = np.diagonal(array, axis1=one, axis2=two)
            axes = [x for k, x in enumerate(axes) if k not in (one, two)] + [index]
    return _Term(array, tuple(axes))
