"""Index expressions as products of matrices and vectors, and back (standard library only).

``sum[i,j](x[i]*A[j,i]*s[j])`` is x'A's. A `Tree` is such an expression: vectors are columns, an
example's or a feature's index is a row or a column of something, and nothing is summed in writing.
`matrix_form` finds the tree of an expression with at most two free indices, `index_form` writes the
sums out again. What has no such form (three free indices, a diagonal) stays in indices.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.proof.syntax import (
    Binary,
    Expect,
    Neg,
    Node,
    Number,
    Pow,
    Sum,
    Symbol,
    children,
    free_indices,
    names,
)
from verifier.render.as_written import rebuilt


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar, a column or a matrix by name; ``order`` is its number of indices."""

    name: str
    order: int


@dataclass(frozen=True, slots=True)
class Unit:
    """The identity matrix."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; 0 also stands for a vector or a matrix of zeros."""

    value: int


@dataclass(frozen=True, slots=True)
class Add:
    """left + right, or left - right."""

    sign: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Negative:
    """-body."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Product:
    """Scalars first, then a product of matrices that fit together."""

    factors: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """A fraction of scalars."""

    above: Tree
    below: Tree


@dataclass(frozen=True, slots=True)
class Power:
    """A power of a scalar."""

    body: Tree
    exponent: int


@dataclass(frozen=True, slots=True)
class Transposed:
    """body'."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Trace:
    """tr(body)."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Norm:
    """The sum of the squares of all entries: |v|^2, or the squared Frobenius norm."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Indexed:
    """A scalar that stays in indices, all of them summed."""

    node: Node


@dataclass(frozen=True, slots=True)
class Mean:
    """E(body), or over some sources."""

    sources: tuple[str, ...] | None
    body: Tree


Tree = (
    Leaf
    | Unit
    | Whole
    | Add
    | Negative
    | Product
    | Quotient
    | Power
    | Transposed
    | Trace
    | Norm
    | Mean
    | Indexed
)
Shape = tuple[bool, bool]  # whether it has rows, and columns
SCALAR: Shape = (False, False)


class NoMatrixForm(ValueError):
    """The expression cannot be written without indices."""


def shape(tree: Tree) -> Shape:
    """Whether the tree has rows and columns."""
    match tree:
        case Leaf(_, order):
            return (order > 0, order > 1)
        case Unit():
            return (True, True)
        case Add(_, left, right):
            return shape(right) if left == Whole(0) else shape(left)
        case Negative(body) | Mean(_, body):
            return shape(body)
        case Transposed(body):
            rows, columns = shape(body)
            return (columns, rows)
        case Product(factors):
            shapes = [shape(f) for f in factors if shape(f) != SCALAR]
            return (shapes[0][0], shapes[-1][1]) if shapes else SCALAR
    return SCALAR


def transposed(tree: Tree, symmetric: frozenset[str] = frozenset()) -> Tree:
    """tree', with the sign of transposition moved to the factors; S' = S where S is symmetric."""
    match tree:
        case Transposed(body):
            return body
        case Leaf(name, 2) if name in symmetric:
            return tree
        case Unit() | Whole() | Leaf(_, 0):
            return tree
        case Add(sign, left, right) if shape(tree) != SCALAR:
            return Add(sign, transposed(left, symmetric), transposed(right, symmetric))
        case Negative(body):
            return Negative(transposed(body, symmetric))
        case Product(factors):
            numbers = tuple(f for f in factors if shape(f) == SCALAR)
            rest = [f for f in factors if shape(f) != SCALAR]
            return Product((*numbers, *(transposed(f, symmetric) for f in reversed(rest))))
    return tree if shape(tree) == SCALAR else Transposed(tree)


@dataclass
class _Factor:
    """A vector or a matrix with the labels of its indices."""

    tree: Tree
    labels: tuple[str, ...]
    used: bool = False

    def leaving(self, label: str, symmetric: frozenset[str]) -> tuple[Tree, str]:
        """The factor read from this label, and the label at its other end ('' at a vector)."""
        if len(self.labels) == 1:
            return self.tree, ""
        if self.labels[0] == label:
            return self.tree, self.labels[1]
        return transposed(self.tree, symmetric), self.labels[0]


@dataclass
class _Network:
    """A product taken apart: scalars, divisors, and factors with labels; ``sign`` is 1 or -1."""

    scalars: list[Node] = field(default_factory=list)
    divisors: list[Node] = field(default_factory=list)
    factors: list[tuple[Node, tuple[str, ...]]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    sign: int = 1


@dataclass(frozen=True)
class Former:
    """Finds matrix forms. ``symmetric``: names of matrices that equal their transposes;
    ``fixed``: names of what is not random, so that a mean of it is left out.
    """

    symmetric: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()

    def form(self, node: Node, free: tuple[str, ...] = ()) -> Tree:
        """The tree whose rows and columns are the free indices; NoMatrixForm if there is none."""
        if len(free) > 2:
            raise NoMatrixForm("three free indices")
        if free:
            return self._form(node, free)
        try:
            return self._form(node, free)
        except NoMatrixForm:
            return Indexed(node)

    def _form(self, node: Node, free: tuple[str, ...]) -> Tree:
        match node:
            case Number(value):
                if free and value:
                    raise NoMatrixForm("a number in every entry")
                return Whole(value)
            case Binary("+" | "-" as sign, left, right):
                second = self.form(right, free)
                if isinstance(second, Negative):
                    sign, second = ("-" if sign == "+" else "+"), second.body
                return positive_first(Add(sign, self.form(left, free), second))
            case Neg(body):
                return Negative(self.form(body, free))
            case Expect(sources, body):
                inner = self.form(body, free)
                return inner if names(body) <= self.fixed else Mean(sources, inner)
            case Sum(indices, body) if isinstance(body, Binary) and body.operation in "+-":
                parts = (Sum(indices, body.left), Sum(indices, body.right))
                return self.form(Binary(body.operation, *parts), free)
            case Symbol(name, ()):
                return Leaf(name, 0)
            case Pow(base, exponent) if not free_indices(base):
                return Power(self.form(base), exponent)
        return self._product(node, free)

    def _product(self, node: Node, free: tuple[str, ...]) -> Tree:
        found = _Network()
        _collect(node, found, itertools.count())
        contracted = _contracted(found, free)
        for label in {x for _, labels in contracted for x in labels} | found.bound | set(free):
            count = sum(labels.count(label) for _, labels in contracted)
            if count != (1 if label in free else 2):
                raise NoMatrixForm(f"the index {label.partition('#')[0]} occurs {count} times")
        factors = [_Factor(self._factor(one, labels), labels) for one, labels in contracted]
        for factor in factors:
            if isinstance(factor.tree, Negative):
                factor.tree, found.sign = factor.tree.body, -found.sign
        if len(factors) == 1 and factors[0].labels == free and contracted[0][0] == node:
            return factors[0].tree
        above = [self.form(one) for one in found.scalars]
        matrices = self._open(factors, free)
        above += self._closed(factors)
        return _assembled(above, [self.form(one) for one in found.divisors], matrices, found.sign)

    def _factor(self, node: Node, labels: tuple[str, ...]) -> Tree:
        match node:
            case Symbol("delta"):
                return Unit()
            case Symbol(name, indices):
                if len(indices) > 2:
                    raise NoMatrixForm(f"{name} has three indices")
                return Leaf(name, len(indices))
        if isinstance(node, Pow):
            raise NoMatrixForm("a power of every entry")
        return self.form(node, labels)

    def _walk(self, factors: list[_Factor], label: str) -> Iterator[tuple[Tree, str]]:
        """The factors that hang together from this label on, each with the label after it."""
        while label:
            nearest = next((f for f in factors if not f.used and label in f.labels), None)
            if nearest is None:
                return
            nearest.used = True
            tree, label = nearest.leaving(label, self.symmetric)
            yield tree, label

    def _open(self, factors: list[_Factor], free: tuple[str, ...]) -> list[Tree]:
        """The factors from the rows to the columns."""
        if not free:
            return []
        chain = [*self._walk(factors, free[0])]
        trees = [tree for tree, _ in chain]
        if len(free) == 1:
            if chain[-1][1]:
                raise NoMatrixForm("no vector at the end")
            return trees
        if chain[-1][1]:
            return trees
        back = [tree for tree, _ in self._walk(factors, free[1])]
        return [*trees, *(transposed(tree, self.symmetric) for tree in reversed(back))]

    def _closed(self, factors: list[_Factor]) -> Iterator[Tree]:
        """The scalars: u'M...v from vector to vector, then traces."""
        for one in factors:
            if one.used or len(one.labels) != 1:
                continue
            one.used = True
            chain = [tree for tree, _ in self._walk(factors, one.labels[0])]
            yield self._squared((transposed(one.tree, self.symmetric), *chain))
        for one in factors:
            if one.used:
                continue
            one.used = True
            start, end = one.labels
            chain = [] if start == end else [tree for tree, _ in self._walk(factors, end)]
            trees = (one.tree, *chain)
            turned = tuple(transposed(tree, self.symmetric) for tree in reversed(trees))
            best = min((trees, turned), key=_turns)
            squared = self._squared(best)
            yield squared if isinstance(squared, Norm) else Trace(product(best))

    def _squared(self, trees: tuple[Tree, ...]) -> Tree:
        """A product, as |v|^2 where its second half is the transpose of the first."""
        half = len(trees) // 2
        second = trees[half:]
        mirrored = tuple(transposed(tree, self.symmetric) for tree in reversed(second))
        if len(trees) % 2 == 0 and trees[:half] == mirrored:
            best = min((second, mirrored), key=_turns) if shape(second[-1])[1] else second
            return Norm(product(best))
        return product(trees)


def positive_first(total: Add) -> Add:
    """The sum with a leading negative term after the first positive one."""
    terms: list[tuple[str, Tree]] = []
    rest: Tree = total
    while isinstance(rest, Add):
        terms.append((rest.sign, rest.right))
        rest = rest.left
    terms.reverse()
    at = next((k for k, (sign, _) in enumerate(terms) if sign == "+"), None)
    if not isinstance(rest, Negative) or at is None:
        return total
    first = terms.pop(at)[1]
    result: Tree = first
    for sign, term in [("-", rest.body), *terms]:
        result = Add(sign, result, term)
    assert isinstance(result, Add)
    return result


def _turns(trees: tuple[Tree, ...]) -> int:
    """How many factors are transposed."""
    return sum(isinstance(tree, Transposed) for tree in trees)


def product(trees: Sequence[Tree]) -> Tree:
    """One factor as it is, several as a product.

    A scalar such as u'v goes in without brackets where it is the only thing that is no number.
    """
    wide = sum(shape(tree) != SCALAR for tree in trees) > 0
    chains = sum(isinstance(tree, Product) and _has_matrices(tree) for tree in trees)
    flat: list[Tree] = []
    for tree in trees:
        closed = isinstance(tree, Product) and shape(tree) == SCALAR and _has_matrices(tree)
        loose = isinstance(tree, Product) and not (closed and (wide or chains > 1))
        flat += tree.factors if isinstance(tree, Product) and loose else (tree,)
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def _has_matrices(tree: Product) -> bool:
    return any(shape(factor) != SCALAR for factor in tree.factors)


def _assembled(above: list[Tree], below: list[Tree], matrices: list[Tree], sign: int) -> Tree:
    """Numbers, then scalars over their divisors, then matrices."""
    scalars = _powers(sorted((x for x in above if x != Whole(1)), key=_place))
    if below:
        scalars = cancelled(scalars, below)
    tree = product([*scalars, *matrices] or [Whole(1)])
    return Negative(tree) if sign < 0 else tree


def cancelled(above: list[Tree], below: list[Tree]) -> list[Tree]:
    """A quotient of products as factors, without what divides both sides in plain sight."""
    left: list[Tree] = []
    for factor in _factors(below):
        for k, one in enumerate(above):
            found = _divided(one, factor)
            if found is not None:
                above = [*above[:k], *((found,) if found != Whole(1) else ()), *above[k + 1 :]]
                break
        else:
            left.append(factor)
    if not left:
        return above or [Whole(1)]
    return [Quotient(product(above or [Whole(1)]), product(left))]


def _factors(trees: list[Tree]) -> Iterator[Tree]:
    for tree in trees:
        yield from tree.factors if isinstance(tree, Product) else (tree,)


def _divided(tree: Tree, factor: Tree) -> Tree | None:
    """tree/factor, where it is written as a multiple."""
    match tree:
        case Add(sign, left, right):
            one, two = _divided(left, factor), _divided(right, factor)
            return None if one is None or two is None else Add(sign, one, two)
        case Power(body, exponent) if body == factor and exponent > 1:
            return body if exponent == 2 else Power(body, exponent - 1)
        case Product(factors) if factor in factors:
            at = factors.index(factor)
            return product([*factors[:at], *factors[at + 1 :]])
    return Whole(1) if tree == factor else None


def _powers(scalars: list[Tree]) -> list[Tree]:
    """Equal factors as a power, whole numbers as their product."""
    found: dict[Tree, int] = {}
    whole = math.prod(one.value for one in scalars if isinstance(one, Whole))
    rest = [one for one in scalars if not isinstance(one, Whole)]
    for one in (*((Whole(whole),) if whole != 1 else ()), *rest):
        body, exponent = (one.body, one.exponent) if isinstance(one, Power) else (one, 1)
        found[body] = found.get(body, 0) + exponent
    return [body if k == 1 else Power(body, k) for body, k in found.items()]


def _place(scalar: Tree) -> int:
    """Numbers before letters before chains such as u'v."""
    if isinstance(scalar, Whole):
        return 0
    return 2 if isinstance(scalar, Product) and _has_matrices(scalar) else 1


def _collect(node: Node, found: _Network, fresh: Iterator[int]) -> None:
    """Take a product apart; summed letters get labels of their own."""
    match node:
        case Binary("*", left, right):
            _collect(left, found, fresh)
            _collect(right, found, fresh)
        case Binary("/", left, right):
            _collect(left, found, fresh)
            found.divisors.append(right)
        case Neg(body):
            found.sign = -found.sign
            _collect(body, found, fresh)
        case Sum(indices, body) if not (isinstance(body, Binary) and body.operation in "+-"):
            own = {index: f"{index.partition('#')[0]}#{next(fresh)}" for index in indices}
            found.bound.update(own.values())
            _collect(relabelled(body, own), found, fresh)
        case Pow(base, 2) if free_indices(base):
            _collect(base, found, fresh)
            _collect(base, found, fresh)
        case _:
            labels = node.indices if isinstance(node, Symbol) else free_indices(node)
            if labels:
                found.factors.append((node, labels))
            else:
                found.scalars.append(node)


def relabelled(node: Node, letters: Mapping[str, str]) -> Node:
    """The node with other free index letters."""
    if isinstance(node, Symbol):
        return Symbol(node.name, tuple(letters.get(i, i) for i in node.indices))
    if isinstance(node, Sum):
        inner = {k: v for k, v in letters.items() if k not in node.indices}
        return replace(node, body=relabelled(node.body, inner))
    return rebuilt(node, tuple(relabelled(x, letters) for x in children(node)))


def _contracted(found: _Network, free: tuple[str, ...]) -> list[tuple[Node, tuple[str, ...]]]:
    """The factors without the deltas of summed labels."""
    factors = list(found.factors)
    while True:
        at = next(
            (
                k
                for k, (one, labels) in enumerate(factors)
                if isinstance(one, Symbol)
                and one.name == "delta"
                and labels[0] != labels[1]
                and set(labels) & found.bound
                and len(factors) > 1
            ),
            None,
        )
        if at is None:
            return factors
        one, two = factors.pop(at)[1]
        gone, kept = (one, two) if one in found.bound else (two, one)
        if kept not in (*free, *(x for _, labels in factors for x in labels)):
            raise NoMatrixForm("a delta alone")
        found.bound.discard(gone)
        factors = [
            (relabelled(node, {gone: kept}), tuple(kept if x == gone else x for x in labels))
            for node, labels in factors
        ]
