"""Responses g(t), t = w.x, as users write them: a small grammar, parsed and never run.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "/") signed }
    signed  = { "+" | "-" } power
    power   = atom [ "^" whole number ]
    atom    = number | "t" | function "(" sum ")" | "(" sum ")"
    function = sin | cos | exp | relu | abs | tanh | sigmoid | probit | sign | clip

``clip`` cuts at -1 and 1, ``probit`` is the normal distribution function. Division is by numbers
only. What is known of each piece is in ``setting.response_nodes``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from verifier.setting.covariance import FloatArray
from verifier.setting.numbers import exact_number
from verifier.setting.response_forms import MAXIMUM_DEGREE, Coefficients, Kinked
from verifier.setting.response_nodes import (
    FUNCTIONS,
    VARIABLE,
    Growth,
    Node,
    added,
    applied,
    multiplied,
    negative,
    number,
    powered,
    reciprocal,
)

MAXIMUM_LENGTH = 500
MAXIMUM_DEPTH = 30
MAXIMUM_EXPONENT = 20

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|([A-Za-z_]\w*)|(\S))")


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

    @property
    def parity(self) -> int | None:
        """0 for an even g, 1 for an odd one, None where neither is seen."""
        return self.node.parity

    @property
    def trend(self) -> Coefficients:
        """The polynomial that is plainly added to the rest of g."""
        return self.node.trend

    @property
    def rest(self) -> Growth:
        """How fast g minus its trend can grow."""
        return self.node.rest

    @property
    def cost(self) -> int:
        """About how many multiplications one evaluation takes."""
        return self.node.cost


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
        digits, name, sign = match.groups()
        if name is not None and name != "t" and name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise ValueError(f"unknown name {name[:20]!r}; the expression is in t, with {known}")
        if sign is not None and sign not in "+-*/^()":
            raise ValueError(f"unexpected character {sign!r}")
        tokens.append(digits or name or sign)
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
            total = added(total, term if sign == "+" else negative(term))
        return total

    def product(self, depth: int) -> Node:
        result = self.signed(depth)
        while self.peek() in ("*", "/"):
            operation = self.take()
            factor = self.signed(depth)
            result = multiplied(result, factor if operation == "*" else reciprocal(factor))
        return result

    def signed(self, depth: int) -> Node:
        flipped = False
        while self.peek() in ("+", "-"):
            flipped ^= self.take() == "-"
        power = self.power(depth)
        return negative(power) if flipped else power

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
        return powered(base, int(token))

    def atom(self, depth: int) -> Node:
        token = self.take()
        if token == "(":
            inner = self.sum(depth + 1)
            self.expect(")")
            return inner
        if token == "t":
            return VARIABLE
        if token in FUNCTIONS:
            self.expect("(")
            inner = self.sum(depth + 1)
            self.expect(")")
            return applied(token, inner)
        if token[:1].isdigit() or token[:1] == ".":
            return number(exact_number(token, "a number in the expression"))
        raise ValueError(f"a number, t or a function is expected, not {token or 'the end'!r}")
