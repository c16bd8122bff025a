"""Index expressions: the language in which every statement and certificate is written.

An expression is built from rational numbers, tensors with explicit indices, and an explicit sum:
``sum[k,i](X[k,i]*w[i])``. Nothing is summed silently, so an expression means one function of its
free indices. ``E(...)`` is the expectation over everything random; ``E[w,e](...)`` the one over
the named arrays with all else held fixed; ``delta[i,j]`` is the identity.

Trusted base: text is parsed by the grammar below and never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_LENGTH = 200_000
MAX_DEPTH = 60
MAX_HEIGHT = 300
MAX_POWER = 16
RESERVED = frozenset({"sum", "E", "delta"})


class ProofError(ValueError):
    """A statement, step or proof file that the checker does not accept; one line says why."""


@dataclass(frozen=True, slots=True)
class Number:
    """A non-negative integer constant (fractions are quotients, negatives are negations)."""

    value: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A scalar (no indices), an entry of a tensor, or an entry of a definition."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Add:
    """left + right."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Sub:
    """left - right."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Mul:
    """left * right."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Div:
    """left / right; the checker asks for a proof that right is positive."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Neg:
    """-body."""

    body: Node


@dataclass(frozen=True, slots=True)
class Pow:
    """base ^ exponent with a small natural exponent."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Sum of body over each named index through its whole range."""

    indices: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Expect:
    """Expectation of body over the named arrays, or over all that is random (``arrays`` None)."""

    arrays: tuple[str, ...] | None
    body: Node


Node = Number | Symbol | Add | Sub | Mul | Div | Neg | Pow | Sum | Expect

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<op>[-+*/^()\[\],]))"
)


def is_name(text: str) -> bool:
    """Whether a text can name a scalar, tensor, sort, definition or equation."""
    return re.fullmatch("[A-Za-z][A-Za-z0-9_]*", text) is not None and text not in RESERVED


class _Parser:
    """Recursive descent over the token list; one method per level of the grammar."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ProofError(f"expression of {len(text)} characters; at most {MAX_LENGTH} are read")
        self.text, self.tokens, self.at, self.depth = text, [], 0, 0
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                raise ProofError(
                    f"unexpected character {text[position:].strip()[:1]!r} in {text[:60]!r}"
                )
            self.tokens.append(match.group().strip())
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = repr(expected) if expected else "more"
            raise ProofError(
                f"expected {wanted} but found {token or 'the end'!r} in {self.text[:60]!r}"
            )
        self.at += 1
        return token

    def parse(self) -> Node:
        node = self.sum_of_terms()
        if self.peek():
            raise ProofError(f"unexpected {self.peek()!r} in {self.text[:60]!r}")
        level, height = [node], 0
        while level:
            level, height = [child for one in level for child in children(one)], height + 1
        if height > MAX_HEIGHT:
            raise ProofError(f"more than {MAX_HEIGHT} operations in a row; use parentheses")
        return node

    def sum_of_terms(self) -> Node:
        node = self.term()
        while self.peek() in ("+", "-"):
            node = Add(node, self.term()) if self.take() == "+" else Sub(node, self.term())
        return node

    def term(self) -> Node:
        node = self.signed()
        while self.peek() in ("*", "/"):
            node = Mul(node, self.signed()) if self.take() == "*" else Div(node, self.signed())
        return node

    def signed(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ProofError(f"expression nested deeper than {MAX_DEPTH} levels")
        try:
            if self.peek() == "-":
                self.take()
                return Neg(self.signed())
            return self.power()
        finally:
            self.depth -= 1

    def power(self) -> Node:
        node = self.atom()
        if self.peek() == "^":
            self.take()
            exponent = self.take()
            if not exponent.isdigit() or len(exponent) > 3 or int(exponent) > MAX_POWER:
                raise ProofError(
                    f"exponent {exponent[:9]!r} is not a whole number up to {MAX_POWER}"
                )
            node = Pow(node, int(exponent))
        return node

    def names(self) -> tuple[str, ...]:
        self.take("[")
        found = [self.name()]
        while self.peek() == ",":
            self.take()
            found.append(self.name())
        self.take("]")
        return tuple(found)

    def name(self) -> str:
        token = self.take()
        if not token[0].isalpha() or token in RESERVED:
            raise ProofError(f"expected a name but found {token!r} in {self.text[:60]!r}")
        return token

    def atom(self) -> Node:
        token = self.take()
        if token == "(":
            node = self.sum_of_terms()
            self.take(")")
            return node
        if token.isdigit():
            if len(token) > 60:
                raise ProofError("number with more than 60 digits")
            return Number(int(token))
        if token in ("sum", "E"):
            arrays = self.names() if token == "sum" or self.peek() == "[" else None
            self.take("(")
            body = self.sum_of_terms()
            self.take(")")
            if token == "E":
                return Expect(arrays, body)
            if arrays is None or len(set(arrays)) != len(arrays):
                raise ProofError(f"a sum needs distinct indices in {self.text[:60]!r}")
            return Sum(arrays, body)
        if token[0].isalpha():
            return Symbol(token, self.names() if self.peek() == "[" else ())
        raise ProofError(f"unexpected {token!r} in {self.text[:60]!r}")


def parse(text: str) -> Node:
    """Parse an index expression; raises ProofError with one line on anything else."""
    if type(text) is not str:
        raise ProofError(f"an expression must be text, not {type(text).__name__}")
    return _parse(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Node:
    return _Parser(text).parse()


def show(node: Node, level: int = 0) -> str:
    """Text that parses back to the same expression; ``level`` is the binding strength around."""
    match node:
        case Number(value):
            return str(value)
        case Symbol(name, indices):
            return f"{name}[{','.join(indices)}]" if indices else name
        case Add(left, right):
            text, own = f"{show(left, 1)} + {show(right, 2)}", 1
        case Sub(left, right):
            text, own = f"{show(left, 1)} - {show(right, 2)}", 1
        case Mul(left, right):
            text, own = f"{show(left, 2)}*{show(right, 3)}", 2
        case Div(left, right):
            text, own = f"{show(left, 2)}/{show(right, 3)}", 2
        case Neg(body):
            text, own = f"-{show(body, 3)}", 3
        case Pow(base, exponent):
            text, own = f"{show(base, 5)}^{exponent}", 4
        case Sum(indices, body):
            return f"sum[{','.join(indices)}]({show(body)})"
        case Expect(arrays, body):
            return f"E{'' if arrays is None else '[' + ','.join(arrays) + ']'}({show(body)})"
    return f"({text})" if own < level else text


def children(node: Node) -> tuple[Node, ...]:
    """The immediate sub-expressions."""
    match node:
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            return (left, right)
        case Neg(body) | Pow(body, _) | Sum(_, body) | Expect(_, body):
            return (body,)
    return ()


def symbols(node: Node) -> Iterator[Symbol]:
    """Every symbol that occurs, left to right."""
    if isinstance(node, Symbol):
        yield node
    for child in children(node):
        yield from symbols(child)


def free_indices(node: Node) -> tuple[str, ...]:
    """The indices that no sum binds, in order of first appearance."""
    if isinstance(node, Symbol):
        return tuple(dict.fromkeys(node.indices))
    bound = node.indices if isinstance(node, Sum) else ()
    found = [i for child in children(node) for i in free_indices(child) if i not in bound]
    return tuple(dict.fromkeys(found))
