"""What people type, in the letters that our grammars read (standard library only).

Formulas are typed as they are printed in papers, in notebooks and by this program: with the minus
sign U+2212, Greek letters, raised digits, ``**``, ``σ²``. `plain_formula` turns all of these into
the one plain spelling (``-``, ``Sigma``, ``^2``, ``^``, ``sigma2``) and leaves the rest alone, so
that each grammar, the trusted one of `verifier.proof` too, stays as small as it is. Text is
rewritten letter by letter, never evaluated.
"""

from __future__ import annotations

import re

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu",
    "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
    "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
GREEK_NAMES = frozenset(_GREEK.values())
_SIGNS = {
    **dict.fromkeys("−‐‑‒–—﹣－", "-"),
    **dict.fromkeys("×·⋅∙∗⁎∘", "*"),
    **dict.fromkeys("′’ʹᵀ⊤", "'"),
    **dict.fromkeys("∕⁄÷", "/"),
    **dict.fromkeys("\u00a0\u2009\u202f\u2062\u200b", " "),
    "𝔼": "E",
    "∑": "sum",
}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
_LOWERED_RUN = re.compile(f"[{''.join(_LOWERED)}]+")
_GREEK_LETTER = re.compile(f"[{''.join(_GREEK)}]")
_LATEX_NAME = re.compile(rf"\\({'|'.join(sorted(GREEK_NAMES, key=len, reverse=True))})(?![A-Za-z])")
_SIGMA_POWER = re.compile(r"(?<![A-Za-z0-9_])sigma\s*\^\s*([0-9]{1,2})(?![0-9])")
# A Greek letter that touches a letter or digit is a factor of its own: ΣA is Sigma A.
_ENDS = f"[A-Za-z0-9_{''.join(_RAISED)}{''.join(_LOWERED)}]"
_TOUCHING = re.compile(rf"(?<={_ENDS})(?=\x00)|(?<=\x01)(?=[A-Za-z])")
_PIECE = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[0-9]+|\s+|.", re.DOTALL)
_BEFORE_BODY = re.compile(r"(?<![A-Za-z0-9_])(?:E|sum|(?:sum|E)\s*\[[^\[\]]*\])$")


def plain_formula(text: str, variance: bool = True) -> str:
    """The formula in plain spelling; the same text where there is nothing to change.

    ``variance``: sigma^2 is sigma2, the variance; not where sigma is a number of its own.
    """
    text = "".join(_SIGNS.get(letter, letter) for letter in text)
    text = _LATEX_NAME.sub(lambda m: f"\x00{m[1]}\x01", text)
    text = _GREEK_LETTER.sub(lambda m: f"\x00{_GREEK[m[0]]}\x01", text)
    text = _TOUCHING.sub(" ", text).replace("\x00", "").replace("\x01", "")
    text = _RAISED_RUN.sub(lambda m: "^" + "".join(map(_RAISED.__getitem__, m[0])), text)
    text = _LOWERED_RUN.sub(lambda m: "_" + "".join(map(_LOWERED.__getitem__, m[0])), text)
    text = text.replace("**", "^")
    return _SIGMA_POWER.sub(_of_variance, text) if variance else text


def _of_variance(match: re.Match[str]) -> str:
    """σ to an even power is a power of the variance sigma2; an odd one stays."""
    half, odd = divmod(int(match[1]), 2)
    if odd or not half:
        return match[0]
    return "sigma2" if half == 1 else f"sigma2^{half}"


def starred_products(text: str) -> str:
    """The formula with ``*`` wherever two factors stand side by side: ``d n/(n+1)``, ``2(n+1)``.

    ``sum[i](...)``, ``E(...)`` and ``E[w](...)`` are no products. For grammars in which a product
    has to be written.
    """
    done, gap = "", ""
    for piece in _PIECE.findall(text):
        if piece.isspace():
            gap += piece
            continue
        ends = done[-1:].isalnum() or done[-1:] in ("_", "]", ")")
        begins = piece[0].isascii() and (piece[0].isalnum() or piece == "(")
        if done and ends and begins and not (piece == "(" and _opens_a_body(done)):
            gap = "*"
        done, gap = done + gap + piece, ""
    return done + gap


def _opens_a_body(before: str) -> bool:
    return _BEFORE_BODY.search(before) is not None
