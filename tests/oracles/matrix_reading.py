"""Reads back the LaTeX that `verifier.render.matrix_latex` writes, so that tests can compare."""

from __future__ import annotations

from collections.abc import Mapping

from oracles.latex_reading import Reader

from verifier.render.matrix import (
    Add,
    Indexed,
    Leaf,
    Mean,
    Negative,
    Norm,
    Power,
    Product,
    Quotient,
    Trace,
    Transposed,
    Tree,
    Unit,
    Whole,
)


def read_tree(text: str, orders: Mapping[str, int]) -> Tree:
    """The tree that this LaTeX writes; ValueError if it is not of the dialect.

    ``orders`` has the number of indices of every name.
    """
    return _TreeReader(text, orders).whole()


class _TreeReader:
    """Recursive descent; one method per level of the grammar."""

    def __init__(self, text: str, orders: Mapping[str, int]) -> None:
        self.tokens = Reader(text)
        self.orders = orders

    def whole(self) -> Tree:
        tree = self.terms()
        self.tokens.end()
        return tree

    def terms(self) -> Tree:
        tree = self.term()
        while self.tokens.peek() in ("+", "-"):
            tree = Add(self.tokens.take(), tree, self.term())
        return tree

    def term(self) -> Tree:
        if self.tokens.skip("-"):
            return Negative(self.product())
        return self.product()

    def product(self) -> Tree:
        factors = [self.factor()]
        while self.tokens.peek() in ("\\,", "\\cdot"):
            self.tokens.take()
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def factor(self) -> Tree:
        sigma = self.tokens.peek() == "\\sigma"
        tree = self.atom()
        if self.tokens.peek() != "^":
            return tree
        self.tokens.take("^", "{")
        if self.tokens.skip("\\top"):
            tree = Transposed(tree)
        elif self.tokens.skip("-"):
            self.tokens.take("\\top")
            assert isinstance(tree, Leaf)
            tree = Transposed(self.leaf(f"{tree.name}inv"))
        else:
            exponent = int(self.tokens.take())
            both = sigma and tree == Leaf("sigma", 0)
            tree = Power(Leaf("sigma2", 0), exponent // 2) if both else Power(tree, exponent)
        self.tokens.take("}")
        return tree

    def atom(self) -> Tree:
        tokens = self.tokens
        if tokens.peek() == "\\sum":
            return Indexed(tokens.factor())
        if tokens.peek().isdigit():
            return Whole(int(tokens.take()))
        if tokens.skip("("):
            tree = self.terms()
            tokens.take(")")
            return tree
        if tokens.skip("\\frac"):
            tokens.take("{")
            above = self.terms()
            tokens.take("}", "{")
            below = self.terms()
            tokens.take("}")
            return Quotient(above, below)
        if tokens.skip("\\operatorname"):
            tokens.take("{", "t", "r", "}", "(")
            tree = Trace(self.terms())
            tokens.take(")")
            return tree
        if tokens.skip("\\lVert"):
            tree = Norm(self.terms())
            tokens.take("\\rVert", "^", "{")
            exponent = int(tokens.take()) // 2
            tokens.take("}")
            return tree if exponent == 1 else Power(tree, exponent)
        if tokens.skip("\\mathbb"):
            tokens.take("{", "E", "}")
            sources = tokens.sources()
            tokens.take("[")
            tree = Mean(sources, self.terms())
            tokens.take("]")
            return tree
        if tokens.peek() == "I" and "I" not in self.orders:
            tokens.take()
            return Unit()
        return self.leaf(tokens.whole_name())

    def leaf(self, name: str) -> Leaf:
        """A known name; sigma stands for the root of sigma2 in powers of it."""
        return Leaf(name, self.orders.get(name, 0))
