"""Reads back the LaTeX that `verifier.render.latex_expression` writes.

It is what lets a test say that a printed formula *is* the object that was checked. Only that
dialect is read; anything else is a ValueError with one line. Standard library only.
"""

from __future__ import annotations

import re

from verifier.proof.syntax import Binary, Expect, Neg, Node, Number, Pow, Sum, Symbol
from verifier.render.symbols import INVERSE, NEXT, SIGMA_SQUARED, STAR, Head, name_of

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[,_]|[0-9]+|[A-Za-z]|[-+^_{}()\[\],.]")
_SIZES = ("bigl", "bigr", "Bigl", "Bigr", "left", "right")
_LAYOUT = frozenset("\\" + word for word in (*_SIZES, "allowbreak", "displaystyle"))


def read_latex(text: str) -> Node:
    """The expression that this LaTeX writes; ValueError if it is not of the dialect."""
    return Reader(text).whole()


class Reader:
    """Recursive descent; one method per level of the grammar."""

    def __init__(self, text: str) -> None:
        leftover = _TOKEN.sub("", text).strip()
        if leftover:
            raise ValueError(f"unexpected {leftover[:1]!r} in the formula {text[:60]!r}")
        self.tokens = [token for token in _TOKEN.findall(text) if token not in _LAYOUT]
        self.text, self.at = text, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.peek()
        for wanted in expected or (token,):
            if not self.peek() or self.peek() != wanted:
                raise ValueError(
                    f"expected {wanted or 'more'!r}, found {self.peek() or 'the end'!r} "
                    f"in the formula {self.text[:60]!r}"
                )
            self.at += 1
        return token

    def skip(self, token: str) -> bool:
        found = self.peek() == token
        self.at += found
        return found

    def whole(self) -> Node:
        node = self.sum_of_terms()
        self.end()
        return node

    def end(self) -> None:
        """ValueError if there is more."""
        if self.peek():
            raise ValueError(f"unexpected {self.peek()!r} in the formula {self.text[:60]!r}")

    def sum_of_terms(self) -> Node:
        node = self.term()
        while self.peek() in ("+", "-"):
            node = Binary(self.take(), node, self.term())
        return node

    def term(self) -> Node:
        node = Neg(self.factor()) if self.skip("-") else self.factor()
        while self.peek() in ("\\,", "\\cdot"):
            self.take()
            node = Binary("*", node, self.factor())
        return node

    def factor(self) -> Node:
        if self.skip("\\sum"):
            self.take("_", "{")
            indices = [self.index()]
            while self.skip(","):
                indices.append(self.index())
            self.take("}")
            return Sum(tuple(indices), self.term())
        sigma = self.peek() == "\\sigma"
        node = self.atom()
        if self.peek() == "^":
            self.take("^", "{")
            exponent = int(self.take())
            self.take("}")
            if sigma and node == Symbol("sigma"):
                return Pow(Symbol("sigma2"), exponent // 2)
            return Pow(node, exponent)
        return node

    def atom(self) -> Node:
        token = self.peek()
        if token.isdigit():
            return Number(int(self.take()))
        if self.skip("("):
            node = self.sum_of_terms()
            self.take(")")
            return node
        if self.skip("\\frac"):
            self.take("{")
            above = self.sum_of_terms()
            self.take("}", "{")
            below = self.sum_of_terms()
            self.take("}")
            return Binary("/", above, below)
        if self.skip("\\mathbb"):
            self.take("{", "E", "}")
            return self.expectation()
        head, indices = self.name()
        if head == Head("\\delta") and indices:
            return Symbol("delta", indices)
        return Symbol(name_of(head), indices)

    def expectation(self) -> Node:
        sources = self.sources()
        self.take("[")
        body = self.sum_of_terms()
        self.take("]")
        return Expect(sources, body)

    def sources(self) -> tuple[str, ...] | None:
        """Over what an expectation is taken, if that is said."""
        if not self.skip("_"):
            return None
        self.take("{")
        found = [self.whole_name()]
        while self.skip(","):
            found.append(self.whole_name())
        self.take("}")
        return tuple(found)

    def whole_name(self) -> str:
        """A name without indices."""
        return name_of(self.name()[0])

    def name(self) -> tuple[Head, tuple[str, ...]]:
        """A head and its indices."""
        base = self.base()
        if not self.skip("_"):
            return Head(base), ()
        self.take("{")
        fixed = ""
        if self.tokens[self.at : self.at + 3] == ["n", "+", "1"]:
            self.at += 3
            fixed = NEXT
        elif self.peek().isdigit():
            fixed = self.take()
            if self.skip("."):
                fixed += "." + self.take()
        indices: list[str] = []
        if not fixed or self.skip(","):
            while self.peek() != "}":
                indices.append(self.index())
        self.take("}")
        return Head(base, fixed), tuple(indices)

    def base(self) -> str:
        base = self.letter()
        if self.tokens[self.at : self.at + 5] == ["^", "{", "-", "1", "}"]:
            self.at += 5
            return base + INVERSE
        if self.tokens[self.at : self.at + 4] == ["^", "{", "\\star", "}"]:
            self.at += 4
            return base + STAR
        return base

    def letter(self) -> str:
        token = self.take()
        if token in ("\\bar", "\\tilde"):
            self.take("{")
            inside = self.take()
            self.take("}")
            return rf"{token}{{{inside}}}"
        if token == "\\hat":
            self.take("{", "y", "}")
            return r"\hat{y}"
        if token == "\\mathrm":
            return rf"\mathrm{{{self.word()}}}"
        ahead = self.tokens[self.at : self.at + 2]
        if token == "\\sigma" and ahead == ["^", "2"]:
            self.at += 2
            return SIGMA_SQUARED
        if token in "Wh" and ahead == ["^", "{"] and self.tokens[self.at + 2] in "KQVxy":
            self.at += 2
            return f"{token}^{{{''.join(iter(self.take, '}'))}}}"
        if not (token.isalpha() or token[0] == "\\"):
            raise ValueError(f"unexpected {token!r} in the formula {self.text[:60]!r}")
        return token

    def word(self) -> str:
        self.take("{")
        pieces = []
        while self.peek() != "}":
            pieces.append(self.take())
        self.take("}")
        return "".join(pieces)

    def index(self) -> str:
        if self.skip("\\mathrm"):
            return self.word().replace("\\_", "_")
        letter = self.take()
        if not letter.isalpha():
            raise ValueError(f"{letter!r} is no index in the formula {self.text[:60]!r}")
        if self.skip("_"):
            self.take("{")
            letter += self.take()
            self.take("}")
        return letter
