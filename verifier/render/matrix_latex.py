"""Trees of matrices as LaTeX that can be read back (standard library only).

Factors are separated by thin spaces, and `read_tree` inverts `tree_latex` once it is told how many
indices each name has.
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.proof.syntax import Symbol
from verifier.render.latex_expression import (
    FACTOR,
    PRODUCT,
    SUM,
    bracket,
    latex,
    may_carry_power,
    symbol,
)
from verifier.render.latex_reading import Reader
from verifier.render.matrix import (
    SCALAR,
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
    shape,
)
from verifier.render.symbols import latex_head

TOP = r"^{\top}"
INVERSE, INVERSE_TOP = "^{-1}", r"^{-\top}"


def tree_latex(tree: Tree, level: int = SUM) -> str:  # noqa: C901 - a case for each kind of tree
    """LaTeX of a tree. ``level``: how tightly the place binds that it is written in."""
    match tree:
        case Whole(value):
            return str(value)
        case Unit():
            return "I"
        case Leaf(name, _):
            return symbol(name)
        case Indexed(node):
            return latex(node, max(level, PRODUCT), last=level <= PRODUCT)
        case Quotient(above, below):
            return rf"\frac{{{tree_latex(above)}}}{{{tree_latex(below)}}}"
        case Power(Leaf("sigma2", 0), exponent):
            return rf"\sigma^{{{2 * exponent}}}"
        case Power(Norm(body), exponent):
            return rf"\lVert {tree_latex(body)} \rVert^{{{2 * exponent}}}"
        case Power(body, exponent):
            bare = isinstance(body, Whole) or (
                isinstance(body, Leaf) and may_carry_power(Symbol(body.name))
            )
            inner = tree_latex(body)
            return f"{inner if bare else bracket(inner)}^{{{exponent}}}"
        case Transposed(body):
            return _transposed(body)
        case Trace(body):
            return rf"\operatorname{{tr}}{bracket(tree_latex(body))}"
        case Norm(body):
            return rf"\lVert {tree_latex(body)} \rVert^{{2}}"
        case Mean(sources, body):
            over = "" if sources is None else f"_{{{','.join(symbol(a) for a in sources)}}}"
            return rf"\mathbb{{E}}{over}{bracket(tree_latex(body), '[', ']')}"
        case Negative(body):
            text, own = f"-{tree_latex(body, PRODUCT)}", 1
        case Add(sign, left, right):
            second = tree_latex(right, PRODUCT)
            text, own = f"{tree_latex(left)} {sign} {second}", SUM
        case Product(factors):
            parts = [*map(_factor, factors[:-1]), _last(factors[-1])]
            text, own = parts[0], PRODUCT
            for part in parts[1:]:
                text += (r"\cdot " if part[0].isdigit() else r"\,") + part
    return bracket(text) if own < level else text


def _factor(tree: Tree) -> str:
    """A factor; u'v within a product of other things stands in brackets."""
    return tree_latex(tree, FACTOR)


def _last(tree: Tree) -> str:
    """The last factor: a sum sign reaches to the end of its product and needs no brackets."""
    return latex(tree.node, FACTOR) if isinstance(tree, Indexed) else _factor(tree)


def _transposed(body: Tree) -> str:
    if not isinstance(body, Leaf):
        return bracket(tree_latex(body)) + TOP
    text, base = symbol(body.name), latex_head(body.name).base
    if text.endswith(INVERSE):
        return text[: -len(INVERSE)] + INVERSE_TOP
    return (bracket(text) if "^" in base else text) + TOP


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


def is_scalar(tree: Tree) -> bool:
    """Whether the tree has neither rows nor columns."""
    return shape(tree) == SCALAR
