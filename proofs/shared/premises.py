"""Signs of rational functions where some polynomials vanish, as certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from verifier.proof.statements import By
from verifier.prover.reading import scalar_text

if TYPE_CHECKING:
    import sympy


def under(difference: sympy.Expr, value: sympy.Expr, premises: Mapping[str, sympy.Expr]) -> By:
    """Why a rational function is the value, where the residuals of these names vanish.

    ``premises``: the residuals as polynomials, each linear in a symbol of its own with the others
    in lower ones. ValueError if the difference is not its value there.
    """
    import sympy

    above, below = sympy.fraction(sympy.together(difference))
    at, over = sympy.fraction(sympy.together(value))
    off = sympy.expand(sympy.expand(above) * over - sympy.expand(at * sympy.expand(below)))
    symbols = sorted(off.free_symbols | set().union(*(p.free_symbols for p in premises.values())),
                     key=str)  # fmt: skip
    quotients, left = sympy.reduced(off, list(premises.values()), *symbols)
    if left != 0:
        raise ValueError("the difference is not its value under these premises")
    scale = scalar_text(sympy.factor(over * sympy.factor(below)))
    terms = " + ".join(
        f"({grouped(q, symbols[-2:])})*{name}" for q, name in zip(quotients, premises, strict=True)
    )
    return By(f"({terms})/({scale})", rest=scalar_text(sympy.factor(value)))


def grouped(polynomial: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> str:
    """A polynomial as text, its terms put together by their powers of these symbols."""
    import sympy

    found = []
    for powers, coefficient in sympy.Poly(polynomial, *symbols).terms():
        factors = [f"{x}^{k}" for x, k in zip(symbols, powers, strict=True) if k]
        found.append("*".join((f"({scalar_text(coefficient)})", *factors)))
    return " + ".join(found)
