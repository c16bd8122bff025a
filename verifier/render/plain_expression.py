"""Expressions of the index language as one line of plain text for a reader.

In Unicode ``sum[k,i](X[k,i]*w[i])`` is ∑ₖᵢ Xₖᵢ wᵢ; in ASCII the text of the index language is
shown, which is unambiguous and can be typed back. Standard library only.
"""

from __future__ import annotations

from verifier.proof.syntax import Binary, Expect, Neg, Node, Number, Pow, Sum, Symbol, show
from verifier.render.symbols import text_head

_SUBSCRIPTS = str.maketrans("0123456789+aeoxhklmnpstijruv", "₀₁₂₃₄₅₆₇₈₉₊ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = frozenset("0123456789+aeoxhklmnpstijruv")


def plain(node: Node, unicode: bool = True) -> str:
    """The expression for a reader."""
    return _text(node, 0, True) if unicode else show(node)


def plain_symbol(name: str, indices: tuple[str, ...] = (), unicode: bool = True) -> str:
    """A name with indices for a reader."""
    node = Symbol(name, indices)
    return _symbol(node) if unicode else show(node)


def _symbol(node: Symbol) -> str:
    head = text_head(node.name) if node.name != "delta" else text_head("δ")
    own = "".join(node.indices)
    text = head.base + _lower(head.subscript)
    if not node.indices:
        return text
    short = all(len(i) == 1 and i in _LOWERED for i in node.indices)
    if short and not head.subscript and not head.base.endswith("²"):
        return text + _lower(own)
    return f"{text}[{','.join(node.indices)}]"


def _lower(text: str) -> str:
    return text.translate(_SUBSCRIPTS)


def _text(node: Node, level: int, last: bool) -> str:
    match node:
        case Number(value):
            return str(value)
        case Symbol():
            return _symbol(node)
        case Binary("+" | "-" as operation, left, right):
            sign = "+" if operation == "+" else "−"
            text, own = f"{_text(left, 1, True)} {sign} {_text(right, 2, True)}", 1
        case Binary("*", left, right):
            closed = last or level > 2
            second = _text(right, 4, closed)
            sign = "·" if second[0].isdigit() or _misread(left, right) else " "
            text, own = f"{_text(left, 2, False)}{sign}{second}", 2
        case Binary(_, left, right):
            text, own = f"{_text(left, 2, False)}/{_text(right, 5, False)}", 2
        case Neg(body):
            text, own = f"−{_text(body, 4, last or level > 3)}", 3
        case Pow(Symbol("sigma2", ()), exponent):
            return "σ" + str(2 * exponent).translate(_SUPERSCRIPTS)
        case Pow(base, exponent):
            inner = _text(base, 6, False)
            bare = isinstance(base, Number) or (isinstance(base, Symbol) and inner[0] != "σ")
            inner = inner if bare else _bracket(_text(base, 0, True))
            return inner + str(exponent).translate(_SUPERSCRIPTS)
        case Sum(indices, body):
            text = f"∑{_range(indices)} {_text(body, 2, True)}"
            return text if last else _bracket(text)
        case Expect(sources, body):
            over = "" if sources is None else "_{" + ",".join(map(plain_symbol, sources)) + "}"
            return f"E{over}[{_text(body, 0, True)}]"
    return _bracket(text) if own < level else text


def _misread(left: Node, right: Node) -> bool:
    """Whether a space would seem to put the right factor below the left one's fraction bar."""
    match left, right:
        case Binary("/", Number(), Number()), _:
            return False
        case Binary("/"), _:
            return not isinstance(right, Sum | Expect)
    return False


def _range(indices: tuple[str, ...]) -> str:
    if all(len(i) == 1 and i in _LOWERED for i in indices):
        return _lower("".join(indices))
    return f"[{','.join(indices)}]"


def _bracket(text: str) -> str:
    return f"({text})"
