"""The LaTeX that documents write, as MathML that a browser shows (standard library only).

Only the dialect of `latex_expression`, `matrix_latex` and `saying` is read; an unknown command is
a ValueError, which the tests look for in every document.
"""

from __future__ import annotations

import re
from html import escape

from verifier.render.symbols import GREEK

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|:=|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_LETTERS = {**GREEK, "delta": "δ", "varepsilon": "ε", "infty": "∞", "top": "⊤", "star": "⋆"}
_SIGNS = {
    "ge": "≥", "le": "≤", "neq": "≠", "in": "∈", "to": "→", "times": "×", "cdot": "·", "sim": "~",
    "approx": "≈", "pm": "±", "dots": "…", "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖",
    "Vert": "‖", "sum": "∑", "min": "min", "surd": "√", "textbar": "|",
}  # fmt: skip
_SPACES = {",": "0.17em", "quad": "1em", "qquad": "2em", " ": "0.25em"}
_SIZES = frozenset({"bigl", "bigr", "Bigl", "Bigr", "big", "displaystyle", "BreakProduct", "left"})
_SIZES |= {"right", "allowbreak"}
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
BREAK, END = r"\\", r"\end"
_STRETCH = frozenset("()[]|‖")


def mathml(text: str, display: bool = False) -> str:
    """A ``math`` element; ValueError, one line, for LaTeX that documents do not write."""
    reader = _Reader(text)
    body = reader.row()
    if reader.peek():
        raise ValueError(f"unexpected {reader.peek()!r} in the formula {text[:60]!r}")
    shown = ' display="block"' if display else ""
    return f"<math{shown}>{body}</math>"


class _Reader:
    """Recursive descent over tokens."""

    def __init__(self, text: str) -> None:
        self.tokens = _TOKEN.findall(text)
        self.text, self.at = text, 0

    def peek(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def row(self, *ends: str) -> str:
        """Everything up to one of the ends, or a closing brace."""
        parts = []
        while (token := self.peek()) and token != "}" and token not in ends:
            parts.append(self.scripted())
        return "".join(parts)

    def scripted(self) -> str:
        """An atom with what stands below and above it."""
        under = self.peek() in (r"\sum", r"\min")
        base = self.atom()
        low = high = ""
        while self.peek() in ("_", "^"):
            if self.take() == "_":
                low = self.group()
            else:
                high = self.group()
        if not (low or high):
            return base
        names = ("munder", "mover", "munderover") if under else ("msub", "msup", "msubsup")
        base = base or "<mrow></mrow>"
        if low and high:
            return f"<{names[2]}>{base}{low}{high}</{names[2]}>"
        name = names[0] if low else names[1]
        return f"<{name}>{base}{low or high}</{name}>"

    def group(self) -> str:
        """What is in braces, as one element; or one token."""
        if self.peek() != "{":
            return f"<mrow>{self.atom()}</mrow>"
        self.take()
        body = self.row()
        self.expect("}")
        return f"<mrow>{body}</mrow>"

    def expect(self, wanted: str) -> None:
        if self.take() != wanted:
            raise ValueError(f"expected {wanted!r} in the formula {self.text[:60]!r}")

    def atom(self) -> str:
        token = self.take()
        if not token:
            raise ValueError(f"the formula {self.text[:60]!r} ends too early")
        if token == "{":
            self.at -= 1
            return self.group()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        stretchy = ' stretchy="false"' if token in _STRETCH else ""
        return f"<mo{stretchy}>{escape({'-': '−', ':=': '≔'}.get(token, token))}</mo>"

    def command(self, name: str) -> str:
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _SIGNS:
            return f"<mo>{_SIGNS[name]}</mo>" if name != "min" else "<mi>min</mi>"
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name in _SIZES:
            return ""
        if name in _ACCENTS:
            return f'<mover accent="true">{self.group()}<mo>{_ACCENTS[name]}</mo></mover>'
        match name:
            case "frac":
                return f"<mfrac>{self.group()}{self.group()}</mfrac>"
            case "text" | "mathrm" | "operatorname" | "textup" | "textit":
                return self.words(name)
            case "mathbb":
                letter = re.sub("<[^>]*>", "", self.group())
                letter = {"E": "𝔼", "R": "ℝ"}.get(letter, letter)
                return f"<mi>{letter}</mi>"
            case "begin":
                return self.matrix()
            case "_" | "{" | "}" | "%" | "&" | "#" | "$":
                return f"<mo>{escape(name)}</mo>"
        raise ValueError(f"unknown command {name!r} in the formula {self.text[:60]!r}")

    def words(self, name: str) -> str:
        """Upright words; what is in the braces is taken as it is."""
        self.expect("{")
        start, depth = self.at, 1
        while depth:
            token = self.tokens[self.at] if self.at < len(self.tokens) else ""
            if not token:
                raise ValueError(f"no end of words in the formula {self.text[:60]!r}")
            depth += {"{": 1, "}": -1}.get(token, 0)
            self.at += 1
        inside = "".join(self.tokens[start : self.at - 1]).replace("\\_", "_")
        kind = "mtext" if name.startswith("text") else "mi"
        inside = inside.replace("\\", "")
        if kind == "mtext" and (inside[:1] == " " or inside[-1:] == " "):
            inside = inside.replace(" ", "\u00a0")
        return f"<{kind}>{escape(inside)}</{kind}>"

    def matrix(self) -> str:
        """A pmatrix."""
        self.expect("{")
        while self.take() != "}":
            pass
        rows, cells = [], []
        while True:
            cells.append(f"<mtd>{self.row('&', BREAK, END)}</mtd>")
            token = self.take()
            if token == "&":
                continue
            rows.append(f"<mtr>{''.join(cells)}</mtr>")
            cells = []
            if token != BREAK:
                break
        self.expect("{")
        while self.take() != "}":
            pass
        return f"<mrow><mo>(</mo><mtable>{''.join(rows)}</mtable><mo>)</mo></mrow>"
