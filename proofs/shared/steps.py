"""Two steps of gradient descent in Theorem 1's setting: the loss and its optimum, derived.

Rates e1, e2 give u = e1 s + e2 (s - S e1 s) = alpha s - beta S s with alpha = e1 + e2 and
beta = e1 e2, and the loss is quadratic in (alpha, beta):

    L = sigma2 + d - 2 (alpha M1 - beta M2) + alpha^2 A11 - 2 alpha beta A12 + beta^2 A22,
    M_k = E tr S^k,  A11 = M2 + sigma2 M1,  A12 = M3 + sigma2 M2,  A22 = M4 + sigma2 M3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from verifier.proof.context import Context, Definition, Scalar, Tensor
from verifier.prover.reading import Reading, scalar_text

if TYPE_CHECKING:
    import sympy

STEPPED = (
    *pencil.LINEAR_RESPONSES,
    pencil.STATISTICS[0],
    pencil.STATISTICS[2],
    Definition("Ss", ("i",), "sum[j](S[i,j]*s[j])", "S s"),
)
RATES = (Tensor("e1", (), "rate of the first step"), Tensor("e2", (), "rate of the second step"))
TWO_STEPS = (
    Definition("u1", ("i",), "e1*s[i]", "after one step from 0"),
    Definition("u2", ("i",), "u1[i] + e2*(s[i] - sum[j](S[i,j]*u1[j]))", "after two steps"),
    Definition("yhat", (), "sum[i](xq[i]*u2[i])", "the prediction"),
)


def context(
    arrays: tuple[Tensor, ...],
    definitions: tuple[Definition, ...],
    scalars: tuple[Scalar, ...] = (),
) -> Context:
    """Theorem 1's prompts with these parameters and predictions."""
    return Context(
        pencil.SORTS,
        (*pencil.SIZES, *scalars),
        arrays=(*pencil.STANDARD, *arrays),
        definitions=(*STEPPED, *definitions),
    )


@dataclass(frozen=True, slots=True)
class Optimum:
    """The quadratic loss in (alpha, beta), its minimum and where it is; SymPy in n, d, sigma2."""

    loss: sympy.Expr
    alpha: sympy.Expr
    beta: sympy.Expr
    minimum: sympy.Expr
    A11: sympy.Expr
    A12: sympy.Expr
    A22: sympy.Expr
    one_step: sympy.Expr

    def text(self, name: str) -> str:
        """A quantity as index text."""
        return scalar_text(getattr(self, name))


@cache
def optimum() -> Optimum:
    """The loss by Isserlis on up to 8 factors of X, and its least value."""
    import sympy

    free = (Scalar("alpha"), Scalar("beta"))
    read = Reading(context((), (), free))
    loss = sympy.expand(read.number("E((yq - sum[i](xq[i]*(alpha*s[i] - beta*Ss[i])))^2)"))
    alpha, beta = sympy.symbols("alpha beta")
    at = sympy.solve([sympy.diff(loss, alpha), sympy.diff(loss, beta)], [alpha, beta])
    found = {name: sympy.factor(at[name]) for name in (alpha, beta)}
    quadratic = sympy.Poly(loss, alpha, beta)
    A11, A12, A22 = (
        sympy.factor(quadratic.coeff_monomial(m) * c)
        for m, c in ((alpha**2, 1), (alpha * beta, -sympy.Rational(1, 2)), (beta**2, 1))
    )
    one = loss.subs(beta, 0)
    best = sympy.solve(sympy.diff(one, alpha), alpha)[0]
    return Optimum(
        loss,
        found[alpha],
        found[beta],
        sympy.factor(loss.subs(found)),
        A11,
        A12,
        A22,
        sympy.factor(one.subs(alpha, best)),
    )


FEATURE_LETTERS = "ijlpru"


@cache
def trace_moment(power: int) -> sympy.Expr:
    """E tr S^power, 2 power factors of X; ValueError for a power that there are no letters for."""
    letters = FEATURE_LETTERS[:power]
    if len(letters) != power:
        raise ValueError(f"E tr S^{power} has more indices than {FEATURE_LETTERS!r} has letters")
    read = Reading(context((), ()))
    factors = "*".join(
        f"S[{a},{b}]" for a, b in zip(letters, letters[1:] + letters[0], strict=True)
    )
    import sympy

    return sympy.factor(read.number(f"E(sum[{','.join(letters)}]({factors}))"))
