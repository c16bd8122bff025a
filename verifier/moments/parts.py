"""From the syntax tree to an expression of words: sides first, then the building.

Walking the tree equates sides (`verifier.moments.sides`) and returns closures; they are called once
every side has its name, because a letter of the algebra carries the names of its sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from verifier.moments.products import inverse, power, times
from verifier.moments.scalars import Quotients
from verifier.moments.sides import ONE, Sides, SidesDiffer
from verifier.moments.syntax import (
    Covariance,
    Mean,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Trace,
    Transpose,
    shown,
)
from verifier.words.words import Expression, constant, trace


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the question: its sides, and how to build it once all sides have names."""

    rows: int
    cols: int
    build: Callable[[], Expression]


@dataclass(frozen=True, slots=True)
class Parts:
    """Reads parts of a question; ``name`` gives the part of a name and ``mean`` takes E.

    Every method raises ValueError, in one line, where factors or terms do not fit.
    """

    sides: Sides
    quotients: Quotients
    name: Callable[[str], Part]
    mean: Callable[[Expression], Expression]

    def part(self, node: Node) -> Part:
        """The part for a node of the tree."""
        match node:
            case Number(value):
                return Part(ONE, ONE, lambda: constant(value))
            case Name(name):
                return self.name(name)
            case Sum(terms):
                return self._sum(terms)
            case Product(factors):
                return self._product(factors)
            case Power(base, exponent):
                return self._power(base, exponent)
            case Transpose(body):
                part = self.part(body)
                return Part(part.cols, part.rows, lambda: part.build().T)
            case Trace(body):
                part = self.part(body)
                self._square(part, node)
                return Part(ONE, ONE, lambda: trace(part.build()))
            case Mean(body):
                part = self.part(body)
                return Part(part.rows, part.cols, lambda: self.mean(part.build()))
            case Covariance(left, right):
                return self._two(left, right)

    def is_scalar(self, part: Part) -> bool:
        """Whether both sides are known to be 1."""
        return self.sides.is_one(part.rows) and self.sides.is_one(part.cols)

    def _sum(self, terms: tuple[tuple[int, Node], ...]) -> Part:
        parts = [self.part(term) for _, term in terms]
        first = parts[0]
        for part, (_, term) in zip(parts[1:], terms[1:], strict=True):
            if self.is_scalar(part) != self.is_scalar(first):
                raise ValueError(
                    f"cannot add the scalar and the matrix in {shown(terms[0][1])[:30]} + "
                    f"{shown(term)[:30]}; the identity is written I"
                )
            try:
                self.sides.equate(first.rows, part.rows)
                self.sides.equate(first.cols, part.cols)
            except SidesDiffer as error:
                raise ValueError(
                    f"cannot add {shown(terms[0][1])[:30]} and {shown(term)[:30]}: their sides "
                    f"differ ({error})"
                ) from None

        def build() -> Expression:
            total = terms[0][0] * parts[0].build()
            for (sign, _), part in zip(terms[1:], parts[1:], strict=True):
                total = total + sign * part.build()
            return total

        return Part(first.rows, first.cols, build)

    def _product(self, factors: tuple[tuple[Node, int], ...]) -> Part:
        """Scalars, and matrices that follow one another; a row times ... a column is a scalar."""
        scalars: list[Callable[[], Expression]] = []
        chains: list[list[Part]] = [[]]
        before: Node | None = None
        for node, exponent in factors:
            part = self.part(node)
            if self.is_scalar(part):
                scalars.append(self._divided(part, node) if exponent < 0 else part.build)
                continue
            if exponent < 0:
                raise ValueError(f"cannot divide by the matrix {shown(node)[:30]}; write inv(...)")
            chain = chains[-1]
            if chain and before is not None:
                self._follow(chain[-1], before, part, node)
            chain.append(part)
            before = node
            if self.sides.is_one(chain[0].rows) and self.sides.is_one(part.cols):
                chains.append([])
                before = None
        opened = chains[-1]

        def build() -> Expression:
            total = constant(1)
            for make in scalars:
                total = times(total, make())
            for chain in chains[:-1] if not opened else chains:
                total = times(total, reduce(times, (part.build() for part in chain)))
            return total

        if not opened:
            return Part(ONE, ONE, build)
        return Part(opened[0].rows, opened[-1].cols, build)

    def _follow(self, left: Part, left_node: Node, right: Part, right_node: Node) -> None:
        try:
            self.sides.equate(left.cols, right.rows)
        except SidesDiffer as error:
            raise ValueError(
                f"{shown(left_node)[:30]} times {shown(right_node)[:30]} does not fit (sides "
                f"{error}): x is a column and x' a row; a scalar x'A x stands first or in brackets"
            ) from None

    def _divided(self, part: Part, node: Node) -> Callable[[], Expression]:
        def build() -> Expression:
            value = self.quotients.value(part.build())
            if value == 0:
                raise ValueError(f"a division by {shown(node)[:40]}, which is zero")
            return self.quotients.letter(1 / value)

        return build

    def _power(self, base: Node, exponent: int) -> Part:
        part = self.part(base)
        if self.is_scalar(part):
            if exponent >= 0:
                return Part(ONE, ONE, lambda: power(part.build(), exponent))
            below = self._divided(part, base)
            return Part(ONE, ONE, lambda: power(below(), -exponent))
        self._square(part, base)

        def build() -> Expression:
            factor = part.build()
            if exponent < 0:
                factor = inverse(factor, shown(base))
            return power(factor, abs(exponent))

        return Part(part.rows, part.rows, build)

    def _square(self, part: Part, node: Node) -> None:
        try:
            self.sides.equate(part.rows, part.cols)
        except SidesDiffer:
            raise ValueError(
                f"{shown(node)[:40]} needs a square matrix; a column is no square (x'x and x x' "
                "are its products)"
            ) from None

    def _two(self, left: Node, right: Node) -> Part:
        """Cov of two scalars, or the matrix E[u v'] - E[u] E[v]' of two columns."""
        u, v = self.part(left), self.part(right)
        if not (self.sides.is_one(u.cols) and self.sides.is_one(v.cols)):
            raise ValueError(
                "Cov and Var are for scalars and columns, such as Cov[tr(S), tr(S^2)], Var[x]"
            )

        def build() -> Expression:
            a, b = u.build(), v.build()
            return self.mean(times(a, b.T)) - self.mean(a) @ self.mean(b).T

        return Part(u.rows, v.rows, build)
