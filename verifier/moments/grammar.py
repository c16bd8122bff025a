"""The grammar of questions on moments; text is parsed, never evaluated.

    question   = expression ["where" declaration {"," declaration}]
    expression = ["+" | "-"] term {("+" | "-") term}
    term       = factor {["*" | "@" | "%*%"] factor | "/" factor}
    factor     = atom {"'" | ".T" | "^T" | "^" integer}
    atom       = number | name | "(" expression ")" | "tr" ("(" expression ")" | factor)
               | "E" ("[" expression "]" | term) | "Cov" "[" expression "," expression "]"
               | ("Var" | "inv" | "t") "(" expression ")"

Products need no sign: ``S A S``, and in letters that are names by convention ``SAS`` too. What
papers, wishmom and sympy.stats write is read as well: ``Trace(S)``, ``Expectation(...)``,
``S**2``, ``X.T``, ``Σ``, ``S⁻¹``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from verifier.moments.syntax import (
    Covariance,
    Mean,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Trace,
    Transpose,
)
from verifier.setting.numbers import exact_number
from verifier.setting.spelling import plain_formula

MAXIMUM_LENGTH, MAXIMUM_DEPTH, MAXIMUM_POWER = 4000, 40, 30

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<op>\.T\b|%\*%|[-+*/@^()\[\]{}',~=:.]))"
)
_WORDS = {
    "tr": "tr", "trace": "tr", "Tr": "tr", "Trace": "tr", "E": "E", "Expectation": "E",
    "expectation": "E", "mean": "E", "Cov": "Cov", "cov": "Cov", "Covariance": "Cov", "Var": "Var",
    "var": "Var", "Variance": "Var", "inv": "inv", "inverse": "inv", "Inverse": "inv",
    "transpose": "transpose", "Transpose": "transpose", "t": "transpose",
}  # fmt: skip
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_TIMES = ("*", "@", "%*%")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text and where it begins."""

    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a question in plain spelling; ValueError names the first character that is
    none.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ValueError(f"a question has at most {MAXIMUM_LENGTH} characters, not {len(text)}")
    plain = plain_formula(text).replace("\\top", "T").replace("^'", "'")
    found, position, end = [], 0, len(plain.rstrip())
    while position < end:
        match = _TOKEN.match(plain, position)
        if match is None:
            wrong = plain[position:].strip()[0]
            raise ValueError(f"unexpected character {wrong!r} in {plain[:60]!r}")
        found.append(Token(match.group().strip(), match.end() - len(match.group().strip())))
        position = match.end()
    return found


class Parser:
    """Recursive descent over tokens; one method per level of the grammar.

    ``split`` cuts a run of letters into names (``SAS`` into S, A, S); it raises ValueError.
    """

    def __init__(self, tokens: list[Token], split: Callable[[str], list[str]]) -> None:
        self.tokens, self.split, self.at, self.depth = tokens, split, 0, 0

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = repr(expected) if expected else "more"
            raise ValueError(f"expected {wanted} but found {token or 'the end'!r}{self.where()}")
        self.at += 1
        return token

    def where(self) -> str:
        before = " ".join(token.text for token in self.tokens[max(0, self.at - 6) : self.at])
        return f" behind {before!r}" if before else ""

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise ValueError(f"nested deeper than {MAXIMUM_DEPTH} levels")
        sign = -1 if self.peek() == "-" else 1
        if self.peek() in ("+", "-"):
            self.take()
        terms = [(sign, self.term())]
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            terms.append((sign, self.term()))
        self.depth -= 1
        return terms[0][1] if len(terms) == 1 and terms[0][0] > 0 else Sum(tuple(terms))

    def term(self) -> Node:
        factors: list[tuple[Node, int]] = []
        exponent = 1
        while True:
            found = self.factors()
            factors += [(factor, exponent if k == 0 else 1) for k, factor in enumerate(found)]
            exponent = 1
            if self.peek() in _TIMES:
                self.take()
            elif self.peek() == "/":
                self.take()
                exponent = -1
            elif not self._begins_a_factor():
                break
        return factors[0][0] if len(factors) == 1 else Product(tuple(factors))

    def _begins_a_factor(self) -> bool:
        token = self.peek()
        return bool(token) and token != "where" and (token[0].isalnum() or token in _BRACKETS)

    def factors(self) -> list[Node]:
        """One factor; several where it begins with a run of letters such as SAS."""
        before, node = self.atom()
        while True:
            if self.peek() in ("'", ".T"):
                self.take()
                node = Transpose(node)
            elif self.peek() == "^":
                self.take()
                node = self._raised(node)
            else:
                return [*before, node]

    def _raised(self, base: Node) -> Node:
        if self.peek() in ("T", "t"):
            self.take()
            return Transpose(base)
        if self.peek() == "'":
            self.take()
            return Transpose(base)
        closing = _BRACKETS.get(self.peek(), "")
        if closing:
            self.take()
            if self.peek() in ("T", "t"):
                self.take()
                self.take(closing)
                return Transpose(base)
        sign = 1
        while self.peek() in ("-", "+"):
            sign = -sign if self.take() == "-" else sign
        digits = self.take()
        if not digits.isdigit() or len(digits) > 3 or int(digits) > MAXIMUM_POWER:
            raise ValueError(
                f"the exponent {digits[:9]!r} is not a whole number up to {MAXIMUM_POWER}"
            )
        if closing:
            self.take(closing)
        return Power(base, sign * int(digits))

    def atom(self) -> tuple[list[Node], Node]:
        token = self.peek()
        if token in _BRACKETS:
            return [], self._bracketed()
        if token[:1].isdigit():
            return [], Number(exact_number(self.take(), "number"))
        word = _WORDS.get(token, "")
        if word and (word in ("E", "tr") or self.peek(1) in _BRACKETS):
            self.take()
            return [], self._applied(word)
        if not token[:1].isalpha() or token == "where":
            raise ValueError(f"expected a factor but found {token or 'the end'!r}{self.where()}")
        *before, last = self.split(self.take())
        return [Name(name) for name in before], Name(last)

    def _bracketed(self) -> Node:
        closing = _BRACKETS[self.take()]
        node = self.expression()
        self.take(closing)
        return node

    def _applied(self, word: str) -> Node:
        if word == "E":
            return Mean(self._bracketed() if self.peek() in _BRACKETS else self.term())
        if word == "tr":
            return Trace(self._bracketed() if self.peek() in _BRACKETS else self._bare_trace())
        closing = _BRACKETS[self.take()]
        first = self.expression()
        second = first
        if word == "Cov":
            if self.peek() == closing:
                raise ValueError("Cov takes two quantities: Cov[tr(S), tr(S^2)]")
            self.take(",")
            second = self.expression()
        self.take(closing)
        if word in ("Cov", "Var"):
            return Covariance(first, second)
        return Power(first, -1) if word == "inv" else Transpose(first)

    def _bare_trace(self) -> Node:
        """tr S^8 without brackets: one factor, with nothing behind it that could belong to it."""
        found = self.factors()
        if len(found) > 1 or self.peek() in _TIMES or self._begins_a_factor():
            raise ValueError("what is the trace of? write tr(...) with its brackets")
        return found[0]


def split_question(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The tokens before and behind ``where``."""
    for k, token in enumerate(tokens):
        if token.text == "where":
            return tokens[:k], tokens[k + 1 :]
    return tokens, []


def parse_expression(tokens: list[Token], split: Callable[[str], list[str]]) -> Node:
    """The tree of one whole expression. ValueError says in one line what is wrong."""
    if not tokens:
        raise ValueError("an expression is missing; write for example E[S A S]")
    parser = Parser(tokens, split)
    node = parser.expression()
    if parser.peek():
        raise ValueError(f"unexpected {parser.peek()!r}{parser.where()}")
    return node
