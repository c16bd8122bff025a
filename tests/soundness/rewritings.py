"""Equivalent forms of an expression: each rewriting keeps the value at every point.

The checker compares normal forms, so it should accept every one in place of the original, with the
certificate as it is. A rewriting is structural: equal texts become equal texts, which keeps the
places where a rule compares a statement's text with its premises'.
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.document.tidy import rename
from verifier.proof.context import Context
from verifier.proof.expression import (
    Add,
    Div,
    Expect,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sub,
    Sum,
    Symbol,
    children,
    free_indices,
    parse,
    show,
    symbols,
)

Rewriting = Callable[[Node, Context], Node]
LONGEST = 4_000


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with every immediate child changed."""
    match node:
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            return type(node)(change(left), change(right))
        case Neg(body):
            return Neg(change(body))
        case Pow(base, exponent):
            return Pow(change(base), exponent)
        case Sum(indices, body):
            return Sum(indices, change(body))
        case Expect(arrays, body):
            return Expect(arrays, change(body))
    return node


def everywhere(local: Rewriting) -> Rewriting:
    """The local rewriting at every place, innermost first."""

    def rewrite(node: Node, context: Context) -> Node:
        return local(rebuilt(node, lambda child: rewrite(child, context)), context)

    return rewrite


def renamed(node: Node, context: Context, depth: int = 0) -> Node:
    """Bound indices get other names."""
    if isinstance(node, Sum):
        names = {i: f"{i}_{depth}" for i in node.indices}
        inner = rename(node.body, names)
        return Sum(tuple(names.values()), renamed(inner, context, depth + 1))
    return rebuilt(node, lambda child: renamed(child, context, depth))


def commuted(node: Node, context: Context) -> Node:
    """b + a for a + b, b a for a b, -b + a for a - b."""
    match node:
        case Add(left, right) | Mul(left, right):
            return type(node)(right, left)
        case Sub(left, right):
            return Add(Neg(right), left)
    return node


def regrouped(node: Node, context: Context) -> Node:
    """a + (b + c) for (a + b) + c, and so for products."""
    match node:
        case Add(Add(a, b), c):
            return Add(a, Add(b, c))
        case Mul(Mul(a, b), c):
            return Mul(a, Mul(b, c))
    return node


def expanded(node: Node, context: Context) -> Node:
    """a c + b c for (a + b) c."""
    match node:
        case Mul(Add(a, b) | Sub(a, b), c):
            outer = Add if isinstance(node.left, Add) else Sub
            return outer(expanded(Mul(a, c), context), expanded(Mul(b, c), context))
        case Mul(a, Add(b, c) | Sub(b, c)):
            outer = Add if isinstance(node.right, Add) else Sub
            return outer(expanded(Mul(a, b), context), expanded(Mul(a, c), context))
        case Pow(Add() | Sub(), 2):
            return expanded(Mul(node.base, node.base), context)
    return node


def powers_as_products(node: Node, context: Context) -> Node:
    """a a for a^2."""
    if isinstance(node, Pow) and node.exponent >= 2:
        return Mul(Pow(node.base, node.exponent - 1), node.base)
    return node


def sums_apart(node: Node, context: Context) -> Node:
    """One sum for each index, in the other order, and one for each term that carries it."""
    if not isinstance(node, Sum):
        return node
    if len(node.indices) > 1:
        inner = sums_apart(Sum(node.indices[:1], node.body), context)
        return sums_apart(Sum(node.indices[1:], inner), context)
    if isinstance(node.body, (Add, Sub)) and all(
        set(node.indices) <= _carried(part) for part in children(node.body)
    ):
        parts = [sums_apart(Sum(node.indices, part), context) for part in children(node.body)]
        return type(node.body)(*parts)
    return node


def _carried(node: Node) -> set[str]:
    """Free indices that a tensor carries in every term (a delta alone does not give a sort)."""
    match node:
        case Add(left, right) | Sub(left, right):
            return _carried(left) & _carried(right)
    own = {i for s in symbols(node) if s.name != "delta" for i in s.indices}
    return own & set(free_indices(node))


def expectations_apart(node: Node, context: Context) -> Node:
    """E(a) + E(b) for E(a + b)."""
    if isinstance(node, Expect) and isinstance(node.body, (Add, Sub)):
        parts = [
            expectations_apart(Expect(node.arrays, part), context) for part in children(node.body)
        ]
        return type(node.body)(*parts)
    return node


def definitions_unfolded(node: Node, context: Context) -> Node:
    """The body of a definition in its place."""
    known = {x.name: x for x in context.definitions}
    if not isinstance(node, Symbol) or node.name not in known:
        return node
    definition = known[node.name]
    apart = {i: f"{i}_u" for i in definition.parameters}
    body = rename(renamed(parse(definition.body), context), apart)
    return rename(body, {f"{i}_u": j for i, j in zip(apart, node.indices, strict=True)})


def delta_inserted(node: Node, context: Context) -> Node:
    """sum[z](delta[i,z] T[z,j]) for the first T[i,j]."""
    tensors = {t.name for t in context.tensors}
    done = False

    def visit(inner: Node) -> Node:
        nonlocal done
        if not done and isinstance(inner, Symbol) and inner.name in tensors and inner.indices:
            done = True
            first, *others = inner.indices
            moved = Symbol(inner.name, ("zz", *others))
            return Sum(("zz",), Mul(Symbol("delta", (first, "zz")), moved))
        return rebuilt(inner, visit)

    return visit(node)


def _positive(context: Context) -> Node:
    """The sum of all scalars that are surely positive, or 3."""
    total: Node = Number(3)
    for s in context.scalars:
        if s.minimum is not None and s.minimum >= 0 and (s.strict or s.minimum > 0):
            total = Add(total, Symbol(s.name)) if total != Number(3) else Symbol(s.name)
    return total


def over_itself(node: Node, context: Context) -> Node:
    """x (n + d) / (n + d)."""
    return Div(Mul(node, _positive(context)), _positive(context))


def added_and_taken(node: Node, context: Context) -> Node:
    """x + (n + d) - (n + d)."""
    return Sub(Add(node, _positive(context)), _positive(context))


def two_halves(node: Node, context: Context) -> Node:
    """x/2 + x/2."""
    return Add(Div(node, Number(2)), Div(node, Number(2)))


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
    "definitions unfolded": everywhere(definitions_unfolded),
    "delta inserted": delta_inserted,
    "x (n+d) / (n+d)": over_itself,
    "x + (n+d) - (n+d)": added_and_taken,
    "two halves": two_halves,
    "negated twice": negated_twice,
}

WHOLE = (over_itself, added_and_taken, two_halves, negated_twice)


def rewritten(text: str, rewriting: Rewriting, context: Context) -> str:
    """The text in its other form; as it was where the form is too long or would capture an index.

    Kept by design: a lone 0, by which rules know what vanishes; the E of E(P), by which the tower
    rule knows its P; the order in which free indices appear, in which a certificate counts them.
    """
    node = parse(text)
    if node == Number(0):
        return text
    try:
        if isinstance(node, Expect) and rewriting in WHOLE:
            found = show(Expect(node.arrays, rewriting(node.body, context)))
        else:
            found = show(rewriting(node, context))
        same = free_indices(parse(found)) == free_indices(node)
    except ProofError:
        return text
    return found if same and len(found) <= max(LONGEST, 3 * len(text)) else text
