"""Trees of matrices as LaTeX that can be read back (standard library only).

Factors are separated by thin spaces, and `read_tree` of the tests inverts `tree_latex` once it is
told how many indices each name has.
"""

from __future__ import annotations

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
