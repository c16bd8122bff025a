"""Equivalent forms of an expression: each rewriting keeps the value at every point.

The kernel compares normal forms, so it should accept every one in place of the original, with the
certificate as it is. A rewriting is structural: equal texts become equal texts, which keeps the
places where a rule compares a statement's text with its premises'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from verifier.proof.context import Context
from verifier.proof.syntax import (
    Binary,
    Expect,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    children,
    free_indices,
    nodes,
    show,
)
from verifier.render.as_written import rebuilt

Rewriting = Callable[[Node, Context], Node]
LONGEST = 4_000


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with every immediate child changed."""
    return rebuilt(node, tuple(map(change, children(node))))


def everywhere(local: Rewriting) -> Rewriting:
    """The local rewriting at every place, innermost first."""

    def rewrite(node: Node, context: Context) -> Node:
        return local(mapped(node, lambda child: rewrite(child, context)), context)

    return rewrite


def renamed(node: Node, context: Context) -> Node:
    """Bound indices take other letters of their sorts, where there are some that do not occur."""
    if not isinstance(node, Sum):
        return mapped(node, lambda child: renamed(child, context))
    met = {i for one in nodes(node) if isinstance(one, Symbol | Sum) for i in one.indices}
    names = {}
    for index in node.indices:
        letters = [i for i, s in context.letters.items() if s == context.letters[index]]
        spare = [i for i in letters if i not in met and i not in names.values()]
        names[index] = spare[0] if spare else index
    body = renamed(_with_indices(node.body, names), context)
    return Sum(tuple(names.values()), body)


def _with_indices(node: Node, names: Mapping[str, str]) -> Node:
    """Free indices under other names that occur nowhere in the node."""
    match node:
        case Symbol(name, indices):
            return Symbol(name, tuple(names.get(i, i) for i in indices))
        case Sum(indices, body):
            inner = {k: v for k, v in names.items() if k not in indices}
            return Sum(indices, _with_indices(body, inner))
    return mapped(node, lambda child: _with_indices(child, names))


def commuted(node: Node, context: Context) -> Node:
    """b + a for a + b, b a for a b, -b + a for a - b."""
    match node:
        case Binary("+" | "*", left, right):
            return replace(node, left=right, right=left)
        case Binary("-", left, right):
            return Binary("+", Neg(right), left)
    return node


def regrouped(node: Node, context: Context) -> Node:
    """a + (b + c) for (a + b) + c, and so for products."""
    match node:
        case Binary("+" | "*" as outer, Binary(inner, a, b), c) if outer == inner:
            return Binary(outer, a, Binary(outer, b, c))
    return node


def expanded(node: Node, context: Context) -> Node:
    """a c + b c for (a + b) c."""
    match node:
        case Binary("*", Binary("+" | "-" as sign, a, b), c):
            parts = Binary("*", a, c), Binary("*", b, c)
        case Binary("*", a, Binary("+" | "-" as sign, b, c)):
            parts = Binary("*", a, b), Binary("*", a, c)
        case Pow(Binary("+" | "-"), 2):
            return expanded(Binary("*", node.base, node.base), context)
        case _:
            return node
    return Binary(sign, expanded(parts[0], context), expanded(parts[1], context))


def powers_as_products(node: Node, context: Context) -> Node:
    """a a for a^2."""
    if isinstance(node, Pow) and node.exponent >= 2:
        return Binary("*", Pow(node.base, node.exponent - 1), node.base)
    return node


def sums_apart(node: Node, context: Context) -> Node:
    """One sum for each index, in the other order, and one for each term."""
    match node:
        case Sum((first, *rest), body) if rest:
            return sums_apart(Sum(tuple(rest), sums_apart(Sum((first,), body), context)), context)
        case Sum(indices, Binary("+" | "-" as sign, left, right)):
            parts = (sums_apart(Sum(indices, part), context) for part in (left, right))
            return Binary(sign, *parts)
    return node


def expectations_apart(node: Node, context: Context) -> Node:
    """E(a) + E(b) for E(a + b)."""
    match node:
        case Expect(sources, Binary("+" | "-" as sign, left, right)):
            parts = (expectations_apart(Expect(sources, part), context) for part in (left, right))
            return Binary(sign, *parts)
    return node


def expectations_nested(node: Node, context: Context) -> Node:
    """E(E[a](x)) for E(x); one source after the other for E[a,b](x).

    Not a a hidden source: over what a law of it draws is integrated first, by design.
    """
    first = [name for name in context.sources if name not in {h.name for h in context.hidden}]
    match node:
        case Expect(None, body) if first:
            return Expect(None, Expect((first[-1],), body))
        case Expect((first, *rest), body) if rest:
            return Expect((first,), Expect(tuple(rest), body))
    return node


def definitions_unfolded(node: Node, context: Context) -> Node:
    """The body of a definition in its place, where no index is captured."""
    known = {x.name: x for x in context.definitions}
    if not isinstance(node, Symbol) or node.name not in known:
        return node
    body = context.read(known[node.name].body)
    names = dict(zip(known[node.name].parameters, node.indices, strict=True))
    bound = {i for one in nodes(body) if isinstance(one, Sum) for i in one.indices}
    met = bound | set(names)
    apart: dict[str, str] = {}
    for index in bound & (set(node.indices) | set(names)):
        letters = [i for i, s in context.letters.items() if s == context.letters[index]]
        spare = [i for i in letters if i not in met | {*node.indices, *apart.values()}]
        if not spare:
            return node
        apart[index] = spare[0]
    return _with_indices(_rebound(body, apart), names)


def _rebound(node: Node, names: Mapping[str, str]) -> Node:
    """Bound indices under other names."""
    if isinstance(node, Sum):
        mine = {i: names[i] for i in node.indices if i in names}
        inner = _with_indices(_rebound(node.body, names), mine)
        return Sum(tuple(mine.get(i, i) for i in node.indices), inner)
    return mapped(node, lambda child: _rebound(child, names))


def delta_inserted(node: Node, context: Context) -> Node:
    """sum[z](delta[i,z] T[z,j]) for the first T[i,j]."""
    arrays = {array.name for array in context.arrays}
    met = {i for one in nodes(node) if isinstance(one, Symbol | Sum) for i in one.indices}
    done = False

    def visit(inner: Node) -> Node:
        nonlocal done
        if done or not isinstance(inner, Symbol) or inner.name not in arrays or not inner.indices:
            return mapped(inner, visit)
        first, *others = inner.indices
        letters = [i for i, s in context.letters.items() if s == context.letters[first]]
        spare = [i for i in letters if i not in met]
        if not spare:
            return inner
        done = True
        moved = Symbol(inner.name, (spare[0], *others))
        return Sum((spare[0],), Binary("*", Symbol("delta", (first, spare[0])), moved))

    return visit(node)


def _positive(context: Context) -> Node:
    """The sum of all scalars that are surely positive, or 3."""
    total: Node = Number(3)
    for s in context.scalars:
        if s.minimum is not None and s.minimum >= 0 and (s.strict or s.minimum > 0):
            total = Binary("+", total, Symbol(s.name)) if total != Number(3) else Symbol(s.name)
    return total


def over_itself(node: Node, context: Context) -> Node:
    """x (n + d) / (n + d)."""
    return Binary("/", Binary("*", node, _positive(context)), _positive(context))


def added_and_taken(node: Node, context: Context) -> Node:
    """x + (n + d) - (n + d)."""
    return Binary("-", Binary("+", node, _positive(context)), _positive(context))


def two_halves(node: Node, context: Context) -> Node:
    """x/2 + x/2."""
    half = Binary("/", node, Number(2))
    return Binary("+", half, half)


def negated_twice(node: Node, context: Context) -> Node:
    """-(-x)."""
    return Neg(Neg(node))


REWRITINGS: dict[str, Rewriting] = {
    "bound indices renamed": renamed,
    "terms and factors commuted": everywhere(commuted),
    "regrouped": everywhere(regrouped),
    "products expanded": everywhere(expanded),
    "powers as products": everywhere(powers_as_products),
    "sums taken apart": everywhere(sums_apart),
    "expectations taken apart": everywhere(expectations_apart),
    "expectations nested": everywhere(expectations_nested),
    "definitions unfolded": everywhere(definitions_unfolded),
    "delta inserted": delta_inserted,
    "x (n+d) / (n+d)": over_itself,
    "x + (n+d) - (n+d)": added_and_taken,
    "two halves": two_halves,
    "negated twice": negated_twice,
}


def rewritten(text: str, rewriting: Rewriting, context: Context) -> str:
    """The text in its other form; as it was where that is too long or too deep to be read.

    Kept by design: a lone 0, which the rules compare; the order in which free indices appear, in
    which a certificate counts them.
    """
    node = context.read(text)
    if node == Number(0):
        return text
    try:
        found = show(rewriting(node, context))
        same = free_indices(context.read(found)) == free_indices(node)
    except ProofError:
        return text
    return found if same and len(found) <= max(LONGEST, 3 * len(text)) else text
