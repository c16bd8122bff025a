"""Prose with a little mathematics in it, as theorem files write it (floor 3; stdlib only).

Words such as ``sigma2``, ``x_{n+1}'`` or ``W_K'`` inside an English sentence become symbols in
plain text and mathematics in LaTeX; everything else stays as it is.
"""

from __future__ import annotations

import re

from verifier.document.symbols import latex_head, text_head

_GREEK = "eta|sigma2|Sigma|Lambda|Gamma|mu|tau|rho|omega|lambda|kappa|theta|phi|psi"
_ATOM = r"[A-Za-z](?:_(?:\{[^{}]*\}|[A-Za-z0-9]+))?(?:\^(?:\{[^{}]*\}|[A-Za-z0-9*+]))?"
_FACTOR = rf"(?:{_ATOM}|[A-Z]{{2}})"
_PRODUCT = rf"(?:{_FACTOR}')+(?!s\b){_FACTOR}?"
_DERIVATIVE = r"[fgh]'\([a-z]\)"
_SIDE = "(?:[A-Za-z]|[0-9]+)"
MATHEMATICS = re.compile(
    rf"(?P<close>\)(?:'|\^-1|\^\+))|(?P<least>>=)"
    rf"|(?<![A-Za-z0-9_'.])(?:(?P<times>{_SIDE} x {_SIDE})"
    rf"|(?P<star>[A-Z]\*)|(?P<greek>{_GREEK})(?:\^-1|')?"
    rf"|(?P<derivative>{_DERIVATIVE})|(?P<product>{_PRODUCT})|(?P<atom>{_ATOM}))(?![A-Za-z0-9_']|\.[A-Za-z])"
)
_BELOW = str.maketrans("0123456789+-ijklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₚₛₜ")
_LOW = frozenset("0123456789+-ijklmnpst")
_WORDS = frozenset(("a", "A", "I"))


def pretty(text: str, unicode: bool = True) -> str:
    """The sentence with Greek letters and subscripts as such."""
    if not unicode:
        return text
    return MATHEMATICS.sub(lambda match: _plain(match.group()), text)


def is_mathematics(token: str) -> bool:
    """Whether a matched token is mathematics rather than a one-letter English word."""
    return token not in _WORDS


def to_latex(token: str) -> str:
    """LaTeX (without dollars) of one matched token."""
    greek = re.fullmatch(rf"({_GREEK})(\^-1|')?", token)
    if greek:
        return latex_head(greek[1]).base + {"^-1": "^{-1}", "'": r"^\top "}.get(greek[2], "")
    if token == ">=":
        return r"\ge "
    if " x " in token:
        return token.replace(" x ", r" \times ")
    if re.fullmatch(_DERIVATIVE, token):
        return token
    token = token.replace("^-1", "^{-1}")
    token = re.sub(r"_([A-Za-z]{2,})", r"_{\\mathrm{\1}}", token)
    return token.replace("*", "^\\star").replace("'", r"^\top ")


def _plain(token: str) -> str:
    greek = re.fullmatch(rf"({_GREEK})(\^-1|')?", token)
    if greek:
        return text_head(greek[1]).base + {"^-1": "⁻¹", "'": "ᵀ"}.get(greek[2], "")
    if token == ">=":
        return "≥"
    if " x " in token:
        return token.replace(" x ", " × ")
    if re.fullmatch(_DERIVATIVE, token):
        return token
    token = token.replace("^-1", "⁻¹").replace("^+", "⁺")
    token = re.sub(r"_(?:\{([^{}]*)\}|([A-Za-z0-9]+))", _lowered, token)
    return token.replace("'", "ᵀ")


def _lowered(match: re.Match[str]) -> str:
    below: str = match[1] or match[2]
    return below.translate(_BELOW) if set(below) <= _LOW else f"_{below}"
