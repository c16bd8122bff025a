"""The same expression in the form in which people write it (floor 3).

Engines print ``x + (-2*n)*y + (d + 1)`` and number their indices; a reader expects
x - 2 n y + d + 1 and plain letters. Only rewritings that keep the normal form are made, and the
tests check that with the checker's own arithmetic. Standard library only.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace

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
    symbols,
)

_LETTERS = "ijklmpqrstuv" + string.ascii_lowercase


def tidy(node: Node) -> Node:
    """An expression with the same meaning, fit for reading."""
    return _signs(_letters(node))


def _signs(node: Node) -> Node:
    match node:
        case Add(left, right):
            return _join(_signs(left), _signs(right))
        case Sub(left, right):
            first, second = _signs(left), _signs(right)
            positive = _without_minus(second)
            if second == Number(0):
                return first
            return Sub(first, second) if positive is None else _join(first, positive)
        case Mul(left, right):
            return _multiply(_signs(left), _signs(right))
        case Neg(body):
            inner = _signs(body)
            return inner.body if isinstance(inner, Neg) else Neg(inner)
        case Div(left, right):
            return Div(_signs(left), _signs(right))
        case Pow(base, exponent):
            return Pow(_signs(base), exponent)
        case Sum(indices, body):
            return Sum(indices, _signs(body))
        case Expect(arrays, body):
            return Expect(arrays, _signs(body))
    return node


def _join(left: Node, right: Node) -> Node:
    """left + right, without needless brackets, adding a negative as a subtraction."""
    if isinstance(right, Add | Sub):
        start = _join(left, right.left)
        return replace(right, left=start)
    positive = _without_minus(right)
    if right == Number(0):
        return left
    return Add(left, right) if positive is None else Sub(left, positive)


def _multiply(left: Node, right: Node) -> Node:
    """left * right as one flat product from left to right; an equal neighbour makes a square."""
    if isinstance(right, Mul):
        return _multiply(_multiply(left, right.left), right.right)
    if isinstance(left, Mul) and left.right == right and isinstance(right, Symbol):
        return Mul(left.left, Pow(right, 2))
    if left == right and isinstance(right, Symbol):
        return Pow(right, 2)
    if left == Number(1):
        return right
    return left if right == Number(1) else Mul(left, right)


def _without_minus(node: Node) -> Node | None:
    """The negative of an expression that starts with a minus sign, else None."""
    if isinstance(node, Neg):
        return node.body
    if isinstance(node, Mul | Div):
        left = _without_minus(node.left)
        if left == Number(1) and isinstance(node, Mul):
            return node.right
        return None if left is None else replace(node, left=left)
    return None


def _letters(node: Node) -> Node:
    """Bound indices of more than one letter become single letters that are not in use."""
    if isinstance(node, Sum):
        taken = set(free_indices(node)) | _bound(node) | {s.name for s in symbols(node)}
        spare = (letter for letter in _LETTERS if letter not in taken)
        renamed = {i: next(spare, i) for i in node.indices if len(i) > 1}
        body = rename(node.body, renamed)
        return Sum(tuple(renamed.get(i, i) for i in node.indices), _letters(body))
    parts = tuple(map(_letters, children(node)))
    match node:
        case Add() | Sub() | Mul() | Div():
            return type(node)(*parts)
        case Neg():
            return Neg(*parts)
        case Pow(_, exponent):
            return Pow(parts[0], exponent)
        case Expect(arrays, _):
            return Expect(arrays, *parts)
    return node


def _bound(node: Node) -> set[str]:
    own = set(node.indices) if isinstance(node, Sum) else set()
    return own.union(*map(_bound, children(node)))


def rename(node: Node, names: Mapping[str, str]) -> Node:
    """Replace free indices; a sum hides the names that it binds, and none may be captured."""
    match node:
        case Symbol(name, indices):
            return Symbol(name, tuple(names.get(i, i) for i in indices))
        case Sum(indices, body):
            inner = {old: new for old, new in names.items() if old not in indices}
            if set(indices) & {inner[i] for i in free_indices(body) if i in inner}:
                raise ProofError(f"index {sorted(indices)} would capture a renamed index")
            return Sum(indices, rename(body, inner))
        case Expect(arrays, body):
            return Expect(arrays, rename(body, names))
        case Pow(base, exponent):
            return Pow(rename(base, names), exponent)
        case Neg(body):
            return Neg(rename(body, names))
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            return type(node)(rename(left, names), rename(right, names))
    return node
