"""The same expression in the form in which people write it.

Engines print ``x + (-2*n)*y + (d + 1)``; a reader expects x - 2 n y + d + 1. Only rewritings that
keep the normal form are made, and the tests check that with the checker's own arithmetic. Standard
library only.
"""

from __future__ import annotations

from dataclasses import replace

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
)

ZERO, ONE = Number(0), Number(1)


def rebuilt(node: Node, parts: tuple[Node, ...]) -> Node:
    """The node with other immediate sub-expressions."""
    match node:
        case Binary():
            return Binary(node.operation, *parts)
        case Pow(_, exponent):
            return Pow(parts[0], exponent)
        case Neg() | Sum() | Expect():
            return replace(node, body=parts[0])
    return node


def tidy(node: Node) -> Node:
    """An expression with the same meaning, fit for reading."""
    parts = tuple(map(tidy, children(node)))
    match node:
        case Binary("+"):
            return _join(*parts)
        case Binary("-"):
            first, second = parts
            positive = _without_minus(second)
            if second == ZERO:
                return first
            if first == ZERO:
                return tidy(Neg(second)) if positive is None else positive
            return Binary("-", first, second) if positive is None else _join(first, positive)
        case Binary("*"):
            return _multiply(*parts)
        case Pow(_, 1):
            return parts[0]
        case Neg():
            return parts[0].body if isinstance(parts[0], Neg) else Neg(parts[0])
    return rebuilt(node, parts)


def _join(left: Node, right: Node) -> Node:
    """left + right, without needless brackets, adding a negative as a subtraction."""
    if isinstance(right, Binary) and right.operation in "+-":
        return replace(right, left=_join(left, right.left))
    positive = _without_minus(right)
    if right == ZERO:
        return left
    if left == ZERO and positive is None:
        return right
    return Binary("+", left, right) if positive is None else Binary("-", left, positive)


def _multiply(left: Node, right: Node) -> Node:
    """left * right as one flat product from left to right; an equal neighbour makes a square."""
    match left, right:
        case _, Binary("*"):
            return _multiply(_multiply(left, right.left), right.right)
        case Binary("*"), Symbol() if left.right == right:
            return Binary("*", left.left, Pow(right, 2))
        case _, Symbol() if left == right:
            return Pow(right, 2)
    if ZERO in (left, right):
        return ZERO
    if left == ONE:
        return right
    return left if right == ONE else Binary("*", left, right)


def _without_minus(node: Node) -> Node | None:
    """The negative of an expression that starts with a minus sign, else None."""
    match node:
        case Neg(body):
            return body
        case Binary("*" | "/" as operation, first, second):
            left = _without_minus(first)
            if left == ONE and operation == "*":
                return second
            return None if left is None else Binary(operation, left, second)
    return None
