"""The optimal N at omega = (a, b), derived by SymPy and written as index text for both charts.

By rotation N* has three entries, A_11, A_jj (j >= 2) and c_1, which ``landscape_reduction`` solves
for at d = 2; in a = b v they are b A* = alpha I + beta v v', b c* = gamma v. Untrusted: the checker
completes the square at these values, for every d.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer

if TYPE_CHECKING:
    import sympy

UNKNOWNS = ("alpha", "beta", "gamma")


@dataclass(frozen=True, slots=True)
class Optimum:
    """N* at a = b v: b A* = alpha I + beta v v', b c* = gamma v, as SymPy fractions in rho, det."""

    alpha: sympy.Expr
    beta: sympy.Expr
    gamma: sympy.Expr


@cache
def optimum() -> Optimum:
    """The optimal N in the finite chart, from the SymPy elimination at d = 2."""
    import sympy

    from verifier.stationary.reduction import RHO, reduction

    found = reduction()
    along, across, context = (
        value.subs(found.b, 1) for value in (found.aligned, found.diagonal, found.context)
    )
    minor = found.convexity[1].as_expr().subs(RHO, found.radius**2)
    symbols = {name: sympy.Symbol(name) for name in ("G", "g1", "g2", "Q", "lin", "det")}
    names = {
        found.radius: sympy.sqrt(RHO),
        sympy.Symbol("g1"): symbols["G"] - symbols["g2"],
        sympy.Symbol("quadratic"): symbols["Q"],
        sympy.Symbol("linear"): symbols["lin"],
    }

    def written(value: sympy.Expr, over: sympy.Expr) -> sympy.Expr:
        return sympy.factor(sympy.cancel(value).subs(names)) / over

    return Optimum(
        written(across, sympy.Integer(1)),
        written((along - across) / found.radius**2 * minor, symbols["det"]),
        written(context / found.radius * minor, symbols["det"]),
    )


def finite_texts() -> dict[str, str]:
    """alpha, beta, gamma as index text in rho and det."""
    best = optimum()
    return {name: layer.text_of(getattr(best, name)) for name in UNKNOWNS}


def infinite_texts() -> dict[str, str]:
    """With v = e/s: r A* = (alpha I + beta rho e e')/s and r c* = gamma rho e at rho = 1/t.

    The determinant of this chart is t^2 times that of the other one.
    """
    import sympy

    rho, det, t, s = sympy.symbols("rho det t s")
    best = optimum()
    values = {"alpha": best.alpha / s, "beta": best.beta * rho / s, "gamma": best.gamma * rho}

    def moved(value: sympy.Expr) -> sympy.Expr:
        at = value.subs(det, det / t**2).subs(rho, 1 / t).subs(t, s**2)
        return sympy.factor(sympy.cancel(at)).subs(s**2, t)

    return {name: layer.text_of(moved(value)) for name, value in values.items()}
