"""How the names of the index language look: one table for LaTeX, one for plain text.

A name is written as a head and at most one fixed subscript, so that ``xq[i]`` is x_{n+1,i} and
``g2[i]`` is g_{2,i}; ``Abar``, ``Atilde``, ``Ainv`` and ``Astar`` are A with a bar, with a tilde,
to the power -1, and with a star. `latex_head` and `name_of` are inverse to each other, which is
what makes LaTeX readable back into the expression that was checked. Standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "epsilon": "ϵ",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
NEXT, INVERSE, STAR = "n+1", "^{-1}", r"^{\star}"
SIGMA_SQUARED = r"\sigma^2"

_WEIGHT = re.compile(r"W([KQV])([xy]{1,2})")
_ACCENTED = re.compile(rf"([A-Za-z]|{'|'.join(GREEK)})(bar|tilde)?(inv|star)?")
_NUMBERED = re.compile(r"([A-Za-z]+)([0-9]+(?:_[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class Head:
    """How a name is written: a base and a fixed subscript ('' if none)."""

    base: str
    subscript: str = ""


_LATEX = {
    "xq": Head("x", NEXT),
    "yq": Head("y", NEXT),
    "zq": Head("z", NEXT),
    "eq": Head(r"\varepsilon", NEXT),
    "yhat": Head(r"\hat{y}", NEXT),
    "sigma2": Head(SIGMA_SQUARED),
    "e": Head(r"\varepsilon"),
    "hx": Head("h^{x}"),
    "hy": Head("h^{y}"),
    **{name: Head("\\" + name) for name in GREEK},
}
_TEXT = {
    "xq": Head("x", NEXT),
    "yq": Head("y", NEXT),
    "zq": Head("z", NEXT),
    "eq": Head("ε", NEXT),
    "yhat": Head("ŷ", NEXT),
    "sigma2": Head("σ²"),
    "e": Head("ε"),
    **{name: Head(letter) for name, letter in GREEK.items()},
}
_NAMES = {head: name for name, head in _LATEX.items()}


def latex_head(name: str) -> Head:
    """The LaTeX of a name; different names have different heads."""
    if name in _LATEX:
        return _LATEX[name]
    if weight := _WEIGHT.fullmatch(name):
        return Head(rf"W^{{{weight[1]},{weight[2]}}}")
    if accented := _ACCENTED.fullmatch(name):
        letter, accent, power = accented.groups()
        base = _plain(letter)
        base = rf"\{accent}{{{base}}}" if accent else base
        return Head(base + {None: "", "inv": INVERSE, "star": STAR}[power])
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        return Head(_plain(numbered[1]), numbered[2].replace("_", "."))
    return Head(_plain(name))


def name_of(head: Head) -> str:
    """The name that `latex_head` writes in this way; ValueError if there is none."""
    if head in _NAMES:
        return _NAMES[head]
    if weight := re.fullmatch(r"W\^\{([KQV]),([xy]{1,2})\}", head.base):
        return f"W{weight[1]}{weight[2]}{head.subscript}"
    if accented := re.fullmatch(
        r"(?:\\(bar|tilde)\{(.+?)\}|(.+?))(\^\{-1\}|\^\{\\star\})?", head.base
    ):
        accent, inside, alone, power = accented.groups()
        if accent or power:
            letter = name_of(Head(inside or alone))
            word = {None: "", INVERSE: "inv", STAR: "star"}[power]
            return f"{letter}{accent or ''}{word}{head.subscript}"
    plain = _NAMES.get(Head(head.base))
    if plain is None:
        roman = re.fullmatch(r"\\mathrm\{((?:[A-Za-z0-9]|\\_)+)\}", head.base)
        plain = roman[1].replace("\\_", "_") if roman else head.base
    name = plain + head.subscript.replace(".", "_")
    if latex_head(name) != head:
        raise ValueError(f"{head.base!r} with subscript {head.subscript!r} is no known name")
    return name


def _plain(name: str) -> str:
    """The base for a name without its number."""
    known = _LATEX.get(name)
    if known is not None and not known.subscript and "^" not in known.base:
        return known.base
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def text_head(name: str) -> Head:
    """The name in plain Unicode text."""
    if name in _TEXT:
        return _TEXT[name]
    if weight := _WEIGHT.fullmatch(name):
        return Head(f"W{weight[1]}{weight[2]}")
    if accented := _ACCENTED.fullmatch(name):
        letter, accent, power = accented.groups()
        marks = {None: "", "bar": "\u0304", "tilde": "\u0303"}[accent]
        marks += {None: "", "inv": "⁻¹", "star": "*"}[power]
        return Head(GREEK.get(letter, letter) + marks)
    numbered = _NUMBERED.fullmatch(name)
    if numbered and "_" not in name and (len(numbered[1]) == 1 or numbered[1] in GREEK):
        return Head(GREEK.get(numbered[1], numbered[1]), numbered[2])
    return Head(name)


def latex_index(name: str) -> str:
    """The LaTeX of an index: one letter, a numbered letter, or an upright word."""
    numbered = re.fullmatch(r"([A-Za-z])([0-9]+)", name)
    if numbered:
        return f"{numbered[1]}_{{{numbered[2]}}}"
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
