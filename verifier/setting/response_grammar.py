"""Responses g(t), t = w.x, as users write them: a small grammar, parsed and never run (floor 1).

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "/") signed }
    signed  = { "+" | "-" } power
    power   = atom [ "^" whole number ]
    atom    = number | "t" | function "(" sum ")" | "(" sum ")"
    function = sin | cos | exp | relu | abs | tanh

Division is by numbers only. Each node carries its exact form p(t) + r(t)|t| where it has one
(``setting.response_forms``) and a bound on its growth, from which follows which moments exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.setting.covariance import FloatArray
from verifier.setting.numbers import exact_number
from verifier.setting.response_forms import MAXIMUM_DEGREE, Kinked

MAXIMUM_LENGTH = 500
MAXIMUM_DEPTH = 30
MAXIMUM_EXPONENT = 20

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z_]\w*)|(\S))")
_FUNCTIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "sin": np.sin,
    "cos": np.cos,
    "exp": np.exp,
    "relu": lambda u: np.maximum(u, 0.0),
    "abs": np.abs,
    "tanh": np.tanh,
}


@dataclass(frozen=True, slots=True)
class Growth:
    """|g(t)| <= C (1 + |t|)^degree exp(rate |t|)."""

    degree: int
    rate: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A parsed piece: how to compute it, its exact form if it has one, and its growth."""

    compute: Callable[[FloatArray], FloatArray]
    form: Kinked | None
    growth: Growth


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionLink:
    """A parsed response; a ``Link`` of ``setting.responses``. Equal texts are not compared."""

    text: str
    node: Node

    def __call__(self, t: FloatArray) -> FloatArray:
        """g(t), entry by entry."""
        return self.node.compute(np.asarray(t, dtype=float))

    @property
    def form(self) -> Kinked | None:
        """p(t) + r(t) |t|, where g is of that form."""
        return self.node.form

    @property
    def growth(self) -> Growth:
        """How fast g can grow."""
        return self.node.growth


def parse_response(text: str) -> ExpressionLink:
    """The function that ``text`` denotes.

    Raises ``ValueError`` in one line for anything outside the grammar, more than 500 characters,
    nesting beyond 30, a degree beyond 12, or values that are not finite.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ValueError(f"the expression has more than {MAXIMUM_LENGTH} characters")
    parser = _Parser(_tokens(text))
    node = parser.sum(0)
    if parser.position < len(parser.tokens):
        raise ValueError(f"unexpected {parser.tokens[parser.position]!r} after a whole expression")
    link = ExpressionLink(" ".join(text.split()), node)
    if link.growth.degree > MAXIMUM_DEGREE:
        raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")
    probes = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0])
    with np.errstate(all="ignore"):
        values = link(probes)
    if not np.isfinite(values).all():
        raise ValueError(f"the expression is not finite at t = {probes[~np.isfinite(values)][0]:g}")
    return link


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise ValueError(f"cannot read {stripped[position : position + 10]!r}")
        number, name, sign = match.groups()
        if name is not None and name != "t" and name not in _FUNCTIONS:
            known = ", ".join(_FUNCTIONS)
            raise ValueError(f"unknown name {name[:20]!r}; the expression is in t, with {known}")
        if sign is not None and sign not in "+-*/^()":
            raise ValueError(f"unexpected character {sign!r}")
        tokens.append(number or name or sign)
        position = match.end()
    if not tokens:
        raise ValueError("the expression is empty")
    return tokens


class _Parser:
    """Recursive descent; ``depth`` counts parentheses, functions and signs."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise ValueError(f"a {token!r} is missing")

    def sum(self, depth: int) -> Node:
        if depth > MAXIMUM_DEPTH:
            raise ValueError(f"the expression is nested more than {MAXIMUM_DEPTH} deep")
        total = self.product(depth)
        while self.peek() in ("+", "-"):
            sign = self.take()
            term = self.product(depth)
            total = _add(total, term if sign == "+" else _negative(term))
        return total

    def product(self, depth: int) -> Node:
        result = self.signed(depth)
        while self.peek() in ("*", "/"):
            operation = self.take()
            factor = self.signed(depth)
            result = _multiply(result, factor if operation == "*" else _reciprocal(factor))
        return result

    def signed(self, depth: int) -> Node:
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take() == "-"
        power = self.power(depth)
        return _negative(power) if negative else power

    def power(self, depth: int) -> Node:
        base = self.atom(depth)
        if self.peek() != "^":
            return base
        self.take()
        token = self.take()
        if not token.isdigit() or len(token) > 4 or int(token) > MAXIMUM_EXPONENT:
            raise ValueError(f"an exponent is a whole number from 0 to {MAXIMUM_EXPONENT}")
        if self.peek() == "^":
            raise ValueError("put parentheses around a power that is raised to a power")
        return _power(base, int(token))

    def atom(self, depth: int) -> Node:
        token = self.take()
        if token == "(":
            inner = self.sum(depth + 1)
            self.expect(")")
            return inner
        if token == "t":
            return Node(lambda t: t, Kinked((Fraction(0), Fraction(1))), Growth(1))
        if token in _FUNCTIONS:
            self.expect("(")
            inner = self.sum(depth + 1)
            self.expect(")")
            return _apply(token, inner)
        if token[:1].isdigit() or token[:1] == ".":
            return _number(exact_number(token, "a number in the expression"))
        raise ValueError(f"a number, t or a function is expected, not {token or 'the end'!r}")


def _number(value: Fraction) -> Node:
    try:
        decimal = float(value)
    except OverflowError:
        raise ValueError("a number in the expression is too large") from None
    return Node(lambda t: np.full_like(t, decimal), Kinked.constant(value), Growth(0))


def _grown(growth: Growth, form: Kinked | None) -> Growth:
    """The bound on growth, read off the exact form where there is one (cancellation counts)."""
    return growth if form is None else Growth(form.degree)


def _add(left: Node, right: Node) -> Node:
    form = left.form + right.form if left.form and right.form else None
    growth = Growth(
        max(left.growth.degree, right.growth.degree), max(left.growth.rate, right.growth.rate)
    )
    return Node(lambda t: left.compute(t) + right.compute(t), form, _grown(growth, form))


def _multiply(left: Node, right: Node) -> Node:
    form = left.form * right.form if left.form and right.form else None
    growth = Growth(left.growth.degree + right.growth.degree, left.growth.rate + right.growth.rate)
    if growth.degree > 4 * MAXIMUM_DEGREE:
        raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")
    return Node(lambda t: left.compute(t) * right.compute(t), form, _grown(growth, form))


def _negative(node: Node) -> Node:
    form = node.form.scaled(Fraction(-1)) if node.form else None
    return Node(lambda t: -node.compute(t), form, node.growth)


def _reciprocal(node: Node) -> Node:
    form = node.form
    if form is None or not form.is_constant:
        raise ValueError("division is by numbers only, not by something that depends on t")
    if not form.smooth:
        raise ValueError("division by zero")
    return _number(1 / form.smooth[0])


def _power(base: Node, exponent: int) -> Node:
    growth = Growth(base.growth.degree * exponent, base.growth.rate * exponent)
    if growth.degree > 4 * MAXIMUM_DEGREE:
        raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")
    form = base.form.power(exponent) if base.form else None
    return Node(lambda t: base.compute(t) ** exponent, form, _grown(growth, form))


def _apply(name: str, inner: Node) -> Node:
    function = _FUNCTIONS[name]
    form, growth = None, inner.growth
    if name in ("abs", "relu") and inner.form is not None:
        form = inner.form.absolute()
        if name == "relu" and form is not None:
            form = (inner.form + form).scaled(Fraction(1, 2))
    elif name in ("sin", "cos", "tanh"):
        growth = Growth(0)
    elif name == "exp":
        growth = _exponential_growth(inner)
    return Node(lambda t: function(inner.compute(t)), form, _grown(growth, form))


def _exponential_growth(inner: Node) -> Growth:
    """exp(u): bounded for bounded u; for a polynomial u what its two ends say."""
    if inner.growth == Growth(0):
        return Growth(0)
    if inner.form is None:
        raise ValueError("exp takes a polynomial (abs and relu allowed) or something bounded")
    rate = Fraction(0)
    for degree, leading in inner.form.ends():
        if degree == 1:
            rate = max(rate, leading)
        elif degree > 1 and leading > 0:
            raise ValueError("exp of something that grows faster than t has no moments")
    return Growth(0, rate)
