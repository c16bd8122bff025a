"""Prose with a little mathematics in it, as theorem files write it (stdlib only).

Words such as ``sigma2``, ``x_{n+1}'`` or ``W_K'`` inside an English sentence become symbols in
plain text and mathematics in LaTeX; everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from verifier.render.symbols import latex_head, text_head

_GREEK = (
    "alpha|beta|gamma|delta|Delta|eta|sigma2|sigma|Sigma|Lambda|Gamma|mu|tau|rho|omega|lambda|"
    "kappa|theta|phi|psi"
)
_EXPONENT = r"\^(?:\{[^{}]*\}|-?[0-9]+|-T|[A-Za-z*+])"
_ATOM = rf"[A-Za-z][0-9]?(?:_(?:\{{[^{{}}]*\}}|[A-Za-z0-9]+))?(?:{_EXPONENT})?"
_FACTOR = rf"(?:{_ATOM}|[A-Z]{{2}})"
_PRODUCT = rf"(?:{_FACTOR}')+(?!s\b){_FACTOR}?"
_DERIVATIVE = r"(?:[fgh]'\([a-z]\)|l')"
_SIDE = "(?:[A-Za-z]|[0-9]+)"
_SIGNS = {">=": "≥", "<=": "≤", "!=": "≠", "->": "→", "||": "‖", "oo": "∞", "sqrt": "√"}
_SIGNS_TEX = {
    ">=": r"\ge ",
    "<=": r"\le ",
    "!=": r"\neq ",
    "->": r"\to ",
    "||": r"\Vert ",
    "oo": r"\infty ",
    "sqrt": r"\surd ",
}
MATHEMATICS = re.compile(
    rf"(?P<close>\)')|(?P<raised>(?<=[)|\]]){_EXPONENT})|(?P<sign>>=|<=|!=|->|\|\||\b(?:oo|sqrt)\b)"
    rf"|(?P<sum>\bsum_[a-z]\b)"
    rf"|(?<![\w'.])(?:(?P<times>{_SIDE} x {_SIDE})"
    rf"|(?P<star>[A-Z]\*)|(?P<greek>{_GREEK})(?:{_EXPONENT}|'|\*)?"
    rf"|(?P<derivative>{_DERIVATIVE})|(?P<product>{_PRODUCT})|(?P<atom>{_ATOM}))"
    r"(?![\w']|\.[A-Za-z])"
)
_BELOW = str.maketrans("0123456789+-ijklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₚₛₜ")
_LOW = frozenset("0123456789+-ijklmnpst")
_LETTER = re.compile(rf"({_GREEK})({_EXPONENT}|'|\*)?")
_VARIANCE = re.compile(r"sigma2\^\{?(-?[0-9]{1,3})\}?")
_WORDS = frozenset(("a", "A", "I"))


def pretty(text: str, unicode: bool = True) -> str:
    """The sentence with Greek letters and subscripts as such."""
    if not unicode:
        return text
    return MATHEMATICS.sub(lambda match: _plain(match.group()), text)


def marked(text: str, words: Callable[[str], str], formula: Callable[[str], str]) -> str:
    """The sentence for a document: its words through ``words``, LaTeX through ``formula``."""
    pieces, at = [], 0
    for match in MATHEMATICS.finditer(text):
        if is_mathematics(match.group()):
            pieces += [words(text[at : match.start()]), formula(to_latex(match.group()))]
            at = match.end()
    return "".join([*pieces, words(text[at:])])


def is_mathematics(token: str) -> bool:
    """Whether a matched token is mathematics rather than a one-letter English word."""
    return token not in _WORDS


def to_latex(token: str) -> str:
    """LaTeX (without dollars) of one matched token."""
    if (power := _VARIANCE.fullmatch(token)) is not None:
        return rf"\sigma^{{{2 * int(power[1])}}}"
    greek = _LETTER.fullmatch(token)
    if greek:
        return latex_head(greek[1]).base + _raised(greek[2] or "")
    if token in _SIGNS_TEX:
        return _SIGNS_TEX[token]
    if token[0] == "^":
        return "{}" + _raised(token)
    if token.startswith("sum_"):
        return rf"\sum_{{{token[-1]}}}"
    if " x " in token:
        return token.replace(" x ", r" \times ")
    if re.fullmatch(_DERIVATIVE, token):
        return token
    token = re.sub(_EXPONENT, lambda match: _raised(match.group()), token)
    token = re.sub(r"_([A-Za-z]{2,})", r"_{\\mathrm{\1}}", token)
    token = re.sub(r"(?<![A-Za-z0-9_{])([A-Za-z])([0-9])", r"\1_\2", token)
    return token.replace("*", "^\\star").replace("'", r"^\top ")


def _raised(text: str) -> str:
    """A power, a prime or a star as LaTeX."""
    if text in ("'", "*"):
        return {"'": r"^\top ", "*": r"^\star "}[text]
    inside = text[1:].strip("{}").replace("*", r"\star ").replace("-T", r"-\top ")
    return f"^{{{inside}}}" if text else ""


_ABOVE = str.maketrans("0123456789-+Tn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿ")
_HIGH = frozenset("0123456789-+Tn")


def _above(text: str) -> str:
    """A power, a prime or a star in letters, as far as there are such."""
    if text == "'":
        return "ᵀ"
    inside = text[1:].strip("{}")
    return inside.translate(_ABOVE) if inside and set(inside) <= _HIGH else text


def _plain(token: str) -> str:
    if (power := _VARIANCE.fullmatch(token)) is not None:
        return f"σ{str(2 * int(power[1])).translate(_ABOVE)}"
    greek = _LETTER.fullmatch(token)
    if greek:
        return text_head(greek[1]).base + _above(greek[2] or "")
    if token in _SIGNS:
        return _SIGNS[token]
    if token[0] == "^":
        return _above(token)
    if token.startswith("sum_"):
        return f"∑{token[-1].translate(_BELOW)}"
    if " x " in token:
        return token.replace(" x ", " × ")
    if re.fullmatch(_DERIVATIVE, token):
        return token
    token = re.sub(_EXPONENT, lambda match: _above(match.group()), token)
    token = re.sub(r"_(?:\{([^{}]*)\}|([A-Za-z0-9]+))", _lowered, token)
    token = re.sub(r"^([A-Za-z])([0-9])", lambda m: m[1] + m[2].translate(_BELOW), token)
    return token.replace("'", "ᵀ")


def _lowered(match: re.Match[str]) -> str:
    below: str = match[1] or match[2]
    return below.translate(_BELOW) if set(below) <= _LOW else f"_{below}"
