"""Index expressions: the language in which statements and certificates are written.

An expression is built from whole numbers, scalars and arrays with explicit indices:
``sum[k,i](X[k,i]*w[i])``. Nothing is summed silently, so an expression is one function of its free
indices. ``E(...)`` integrates everything that is random, ``E[w,e](...)`` the sources named, all
else held fixed; ``delta[i,j]`` is the identity. Every index letter belongs to one sort, so what an
index ranges over is known where it is read. Text is parsed by the grammar below, never evaluated.

Trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_LENGTH, MAX_DEPTH, MAX_HEIGHT, MAX_POWER, MAX_DIGITS = 200_000, 60, 300, 16, 60
RESERVED = frozenset({"sum", "E", "delta"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TOKEN = re.compile(r"\s*([0-9]+|[A-Za-z][A-Za-z0-9_]*|[-+*/^()\[\],])")


class ProofError(ValueError):
    """A text, statement, step or proof file that the kernel does not accept; one line says why."""


class Fuel:
    """What a proof file may spend in all: one unit is about one step of an inner loop."""

    def __init__(self, units: int) -> None:
        self.units = units

    def spend(self, units: int) -> None:
        """Take units away; ProofError when none are left."""
        self.units -= units
        if self.units < 0:
            raise ProofError("the proof asks for more steps than are allowed")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number (fractions are quotients, negative numbers negations)."""

    value: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A scalar (no index), an entry of an array or of a definition, or ``delta``."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """left + - * / right; what divides is shown to be a positive number."""

    operation: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Neg:
    """-body."""

    body: Node


@dataclass(frozen=True, slots=True)
class Pow:
    """base ^ exponent, a natural number."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of the body over each named index, through the whole range of its sort."""

    indices: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Expect:
    """The expectation of the body over the named sources, or over all of them (None)."""

    sources: tuple[str, ...] | None
    body: Node


Node = Number | Symbol | Binary | Neg | Pow | Sum | Expect
STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


def is_name(text: str) -> bool:
    """Whether a text can name a sort, letter, scalar, array, source, definition or equation."""
    return _NAME.fullmatch(text) is not None and text not in RESERVED


class _Parser:
    """Recursive descent over the tokens; one method per level of the grammar."""

    def __init__(self, text: str, letters: Mapping[str, str]) -> None:
        if len(text) > MAX_LENGTH:
            raise ProofError(f"an expression of {len(text)} characters; at most {MAX_LENGTH}")
        self.text, self.letters, self.at, self.depth = text, letters, 0, 0
        self.tokens: list[str] = []
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                character = text[position:].strip()[:1]
                raise ProofError(f"unexpected character {character!r} in {text[:60]!r}")
            self.tokens.append(match.group(1))
            position = match.end()

    def fail(self, message: str) -> ProofError:
        return ProofError(f"{message} in {self.text[:60]!r}")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if not token or (wanted and token not in wanted):
            expected = " or ".join(map(repr, wanted)) or "more"
            raise self.fail(f"expected {expected} but found {token or 'the end'!r}")
        self.at += 1
        return token

    def whole(self) -> Node:
        node = self.terms()
        if self.peek():
            raise self.fail(f"unexpected {self.peek()!r}")
        level, height = [node], 0
        while level:
            level, height = [child for one in level for child in children(one)], height + 1
        if height > MAX_HEIGHT:
            raise self.fail(f"more than {MAX_HEIGHT} operations in a row; use parentheses")
        return node

    def terms(self) -> Node:
        node = self.factors()
        while self.peek() in ("+", "-"):
            node = Binary(self.take(), node, self.factors())
        return node

    def factors(self) -> Node:
        node = self.signed()
        while self.peek() in ("*", "/"):
            node = Binary(self.take(), node, self.signed())
        return node

    def signed(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested deeper than {MAX_DEPTH} levels")
        if self.peek() == "-":
            self.take()
            node: Node = Neg(self.signed())
        else:
            node = self.atom()
            if self.peek() == "^":
                self.take()
                power = self.take()
                if not power.isdigit() or len(power) > 3 or int(power) > MAX_POWER:
                    wanted = f"a whole number up to {MAX_POWER}"
                    raise self.fail(f"exponent {power[:9]!r} is not {wanted}")
                node = Pow(node, int(power))
        self.depth -= 1
        return node

    def names(self) -> tuple[str, ...]:
        self.take("[")
        found = [self.take()]
        while self.take(",", "]") == ",":
            found.append(self.take())
        return tuple(found)

    def indices(self) -> tuple[str, ...]:
        found = self.names()
        for index in found:
            if index not in self.letters:
                raise self.fail(f"{index!r} is not a declared index letter")
        return found

    def body(self) -> Node:
        self.take("(")
        node = self.terms()
        self.take(")")
        return node

    def atom(self) -> Node:
        token = self.take()
        if token == "(":
            self.at -= 1
            return self.body()
        if token.isdigit():
            if len(token) > MAX_DIGITS:
                raise self.fail(f"a number with more than {MAX_DIGITS} digits")
            return Number(int(token))
        if token == "sum":
            found = self.indices()
            if len(set(found)) != len(found):
                raise self.fail("a sum needs distinct indices")
            return Sum(found, self.body())
        if token == "E":
            sources = self.names() if self.peek() == "[" else None
            if sources is not None and len(set(sources)) != len(sources):
                raise self.fail("an expectation names each source once")
            return Expect(sources, self.body())
        if not token[0].isalpha() or token in self.letters:
            raise self.fail(f"unexpected {token!r}")
        indices = self.indices() if self.peek() == "[" else ()
        if token == "delta" and (
            len(indices) != 2 or self.letters[indices[0]] != self.letters[indices[1]]
        ):
            raise self.fail("delta takes two indices of one sort")
        return Symbol(token, indices)


def parse(text: str, letters: Mapping[str, str]) -> Node:
    """Parse an expression whose index letters have the given sorts; ProofError on anything else."""
    if type(text) is not str:
        raise ProofError(f"an expression must be text, not {type(text).__name__}")
    return _Parser(text, letters).whole()


def show(node: Node, level: int = 0) -> str:
    """Text that parses back to the same expression; ``level`` is how strongly it is bound."""
    match node:
        case Number(value):
            return str(value)
        case Symbol(name, indices):
            return f"{name}[{','.join(indices)}]" if indices else name
        case Binary(operation, left, right):
            own = STRENGTH[operation]
            gap = " " if own == 1 else ""
            text = f"{show(left, own)}{gap}{operation}{gap}{show(right, own + 1)}"
        case Neg(body):
            text, own = f"-{show(body, 3)}", 3
        case Pow(base, exponent):
            text, own = f"{show(base, 5)}^{exponent}", 4
        case Sum(indices, body):
            return f"sum[{','.join(indices)}]({show(body)})"
        case Expect(sources, body):
            return f"E{'' if sources is None else '[' + ','.join(sources) + ']'}({show(body)})"
    return f"({text})" if own < level else text


def children(node: Node) -> tuple[Node, ...]:
    """The immediate sub-expressions."""
    match node:
        case Binary(_, left, right):
            return (left, right)
        case Neg(body) | Pow(body, _) | Sum(_, body) | Expect(_, body):
            return (body,)
    return ()


def nodes(node: Node) -> Iterator[Node]:
    """The expression and everything in it."""
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        todo += children(one)[::-1]


def names(node: Node) -> frozenset[str]:
    """Every name of a scalar, array, definition or equation that occurs."""
    return frozenset(x.name for x in nodes(node) if isinstance(x, Symbol) and x.name != "delta")


def free_indices(*expressions: Node) -> tuple[str, ...]:
    """The indices that no sum binds, in order of first appearance."""
    found: dict[str, None] = {}

    def walk(node: Node, bound: frozenset[str]) -> None:
        if isinstance(node, Symbol):
            found.update(dict.fromkeys(i for i in node.indices if i not in bound))
        inside = bound | set(node.indices) if isinstance(node, Sum) else bound
        for child in children(node):
            walk(child, inside)

    for expression in expressions:
        walk(expression, frozenset())
    return tuple(found)
