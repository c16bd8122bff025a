"""Trees of matrices written in indices again, so that tests can compare with what was checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.proof.syntax import Binary, Expect, Neg, Node, Number, Pow, Sum, Symbol
from verifier.render.matrix import (
    SCALAR,
    Add,
    Indexed,
    Leaf,
    Mean,
    Negative,
    NoMatrixForm,
    Norm,
    Power,
    Product,
    Quotient,
    Trace,
    Transposed,
    Tree,
    Unit,
    Whole,
    shape,
)

Sorts = tuple[str | None, str | None]


@dataclass
class Indexer:
    """Writes trees in indices. ``sorts``: those of each name's indices; ``letters``: fresh ones.

    ``letters`` gives for each sort an endless supply of letters.
    """

    sorts: Mapping[str, tuple[str, ...]]
    letters: Mapping[str, Iterator[str]]

    def node(self, tree: Tree, rows: str = "", columns: str = "") -> Node:
        """The entry of the tree at these indices."""
        match tree:
            case Whole(value):
                return Number(value)
            case Indexed(node):
                return node
            case Leaf(name, order):
                return Symbol(name, (rows, columns)[:order])
            case Unit():
                return Symbol("delta", (rows, columns))
            case Add(sign, left, right):
                sides = self.node(left, rows, columns), self.node(right, rows, columns)
                return Binary(sign, *sides)
            case Negative(body):
                return Neg(self.node(body, rows, columns))
            case Transposed(body):
                return self.node(body, columns, rows)
            case Quotient(above, below):
                return Binary("/", self.node(above), self.node(below))
            case Power(body, exponent):
                return Pow(self.node(body), exponent)
            case Mean(sources, body):
                return Expect(sources, self.node(body, rows, columns))
            case Trace(body):
                label = self._fresh(self.ends(body)[0])
                return Sum((label,), self.node(body, label, label))
            case Norm(body):
                return self._norm(body)
            case Product(factors):
                return self._product(factors, rows, columns)

    def _norm(self, body: Tree) -> Node:
        ends = [sort for sort in self.ends(body) if sort is not None]
        labels = tuple(self._fresh(sort) for sort in ends)
        entry = self.node(body, *labels)
        return Sum(labels, Binary("*", entry, entry)) if labels else Pow(entry, 2)

    def _product(self, factors: tuple[Tree, ...], rows: str, columns: str) -> Node:
        if Whole(0) in factors:
            return Number(0)
        entries = [self.node(f) for f in factors if shape(f) == SCALAR]
        rest = [f for f in factors if shape(f) != SCALAR]
        labels, between = rows, list[str]()
        for k, one in enumerate(rest):
            inner = k + 1 < len(rest) and shape(one)[1]
            after = self._fresh(self._joint(one, rest[k + 1])) if inner else ""
            between += [after] if after else []
            last = k + 1 == len(rest) or not shape(one)[1]
            entries.append(self._entry(one, labels, columns if last else after))
            labels = after or columns
        total = entries[0]
        for entry in entries[1:]:
            total = Binary("*", total, entry)
        return Sum(tuple(between), total) if between else total

    def _entry(self, tree: Tree, rows: str, columns: str) -> Node:
        """An entry of a factor; a row vector has columns alone."""
        has_rows, has_columns = shape(tree)
        return self.node(tree, rows if has_rows else "", columns if has_columns else "")

    def _joint(self, left: Tree, right: Tree) -> str | None:
        return self.ends(left)[1] or self.ends(right)[0]

    def _fresh(self, sort: str | None) -> str:
        if sort is None:
            raise NoMatrixForm("of which size is this?")
        return next(self.letters[sort])

    def ends(self, tree: Tree) -> Sorts:
        """The sorts of rows and columns, as far as they can be told."""
        match tree:
            case Leaf(name, order):
                own = self.sorts[name] if order else ()
                return (own[0] if order else None, own[1] if order > 1 else None)
            case Transposed(body):
                return self.ends(body)[::-1]
            case Add(_, left, right):
                one, two = self.ends(left), self.ends(right)
                return (one[0] or two[0], one[1] or two[1])
            case Negative(body) | Mean(_, body):
                return self.ends(body)
            case Product(factors):
                rest = [f for f in factors if shape(f) != SCALAR]
                return (self.ends(rest[0])[0], self.ends(rest[-1])[1]) if rest else (None, None)
        return (None, None)
