"""Expressions of the index language as LaTeX that can be read back.

``latex`` writes products as juxtaposition with thin spaces, quotients as fractions, ``sum[k,i]`` as
a sum sign that reaches to the end of its product, and parentheses wherever anything else could be
read; `tests/oracles/latex_reading.py` inverts it. Standard library only.
"""

from __future__ import annotations

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
    show,
)
from verifier.render.as_written import rebuilt
from verifier.render.symbols import SIGMA_SQUARED, Head, latex_head, latex_index

SUM, PRODUCT, FACTOR = 1, 2, 4
LONG_NUMERATOR = 70


def latex(node: Node, level: int = SUM, last: bool = True) -> str:
    """LaTeX of the expression. ``level``: how tightly the place binds that it is written in;
    ``last``: whether nothing follows in the same product (so that a sum sign may stand bare).
    """
    match node:
        case Number(value):
            return str(value)
        case Symbol(name, indices):
            return symbol(name, indices)
        case Binary("/", left, right):
            return rf"\frac{{{latex(left)}}}{{{latex(right)}}}"
        case Pow(base, exponent):
            return _power(base, exponent)
        case Expect(sources, body):
            over = "" if sources is None else f"_{{{','.join(symbol(a) for a in sources)}}}"
            return rf"\mathbb{{E}}{over}{bracket(latex(body), '[', ']')}"
        case Sum(indices, body):
            inner = latex(body, PRODUCT)
            inner = bracket(inner) if inner.startswith("-") else inner
            text = rf"\sum_{{{','.join(map(latex_index, indices))}}} {inner}"
            return text if last else bracket(text)
        case Neg(body):
            text, own = f"-{latex(body, FACTOR, last or level > FACTOR)}", 3
        case Binary("+" | "-" as sign, left, right):
            second = latex(right, PRODUCT)
            second = bracket(second) if second.startswith("-") else second
            text, own = f"{latex(left)} {sign} {second}", SUM
        case Binary("*", left, right):
            closed = level > PRODUCT or last
            second = latex(right, FACTOR, closed)
            dot = r"\cdot " if second[0].isdigit() else r"\,"
            text, own = f"{latex(left, PRODUCT, last=False)}{dot}{second}", PRODUCT
    return bracket(text) if own < level else text


def symbol(name: str, indices: tuple[str, ...] = ()) -> str:
    """The LaTeX of a name with indices."""
    if name == "delta" and indices:
        return rf"\delta_{{{_indices(indices)}}}"
    head = latex_head(name)
    inside = ",".join(part for part in (head.subscript, _indices(indices)) if part)
    return f"{head.base}_{{{inside}}}" if inside else head.base


def _indices(indices: tuple[str, ...]) -> str:
    return " ".join(map(latex_index, indices))


def _power(base: Node, exponent: int) -> str:
    if base == Symbol("sigma2"):
        return rf"\sigma^{{{2 * exponent}}}"
    text = latex(base)
    bare = isinstance(base, Number) or (isinstance(base, Symbol) and may_carry_power(base))
    return f"{text if bare else bracket(text)}^{{{exponent}}}"


def may_carry_power(base: Symbol) -> bool:
    """Whether an exponent can follow the name without brackets."""
    head: Head = latex_head(base.name)
    return "^" not in head.base and head.base not in (SIGMA_SQUARED, r"\sigma")


def bracket(text: str, left: str = "(", right: str = ")") -> str:
    """The text in brackets that are large enough."""
    size = "big" if "(" in text or "[" in text else ""
    size = "Bigg" if r"\frac" in text or r"\sum" in text else size
    size = "Big" if size == "Bigg" else size
    return rf"\{size}l{left}{text}\{size}r{right}" if size else f"{left}{text}{right}"


def split_fractions(node: Node) -> Node:
    """The same value with a long numerator beside its fraction, where a line can be broken."""
    parts = tuple(map(split_fractions, children(node)))
    match node:
        case Binary("/"):
            above, below = parts
            if len(show(above)) > LONG_NUMERATOR:
                return Binary("*", Binary("/", Number(1), below), above)
    return rebuilt(node, parts)
