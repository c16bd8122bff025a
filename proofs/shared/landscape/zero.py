"""The zero predictor, omega = 0: when it is stationary in (omega, N), and why it is then a strict
saddle there.

L is quadratic in omega, so along any line (s a, s b), (A + s MA, c + s mc) it is an explicit
polynomial of degree 4 in s. Its linear part vanishes in every direction exactly if tr A = 0 and
c = 0; its quadratic part is then a difference of d + 1 and d + 1 squares.
"""

from __future__ import annotations

from proofs.shared import layer
from proofs.shared.landscape import phases
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.wells import quadratic_part
from verifier.proof.context import Atom, Context, Definition, Scalar, Tensor
from verifier.proof.statements import By, Proof

S = Scalar("s", meaning="distance along the line")
TRACELESS = Atom("traceless", "sum[i](A[i,i])")


AT_REST = (
    "Q*b^2*sum[i,j](A[i,j]^2) + g2*sum[i,j](A[i,j]^2)*sum[i](a[i]^2)"
    " + (G - g2)*sum[j](sum[i](A[i,j]*a[i])^2)"
)


def _line(
    *tensors: Tensor,
    A: str,
    c: str,
    a: str = "a[i]",
    b: str = "b",
    before: tuple[Definition, ...] = (),
) -> Context:
    return landscape.extend(
        landscape.standard_context(*tensors),
        (
            *phases.coefficient_definitions(),
            *before,
            Definition("as", ("i",), f"s*({a})", "omega along the line"),
            Definition("bs", (), f"s*({b})"),
            Definition("As", ("i", "j"), A, "N along the line"),
            Definition("cs", ("j",), c),
            *landscape.predictor("s"),
        ),
        (S,),
    )


_MOVED = (
    Tensor("MA", landscape.MATRIX, meaning="direction of A"),
    Tensor("mc", landscape.VECTOR, meaning="direction of c"),
)


def gradient_proof() -> Proof:
    """L along every line through (0, N): the slope at s = 0 is -2 lin (b tr A + a.c)."""
    context = _line(
        *landscape.OMEGA, *landscape.FREE, *_MOVED, A="A[i,j] + s*MA[i,j]", c="c[j] + s*mc[j]"
    )
    second = f"-2*lin*(b*sum[i](MA[i,i]) + sum[i](a[i]*mc[i])) + {quadratic_part('As', 'cs')}"
    right = f"c0 - 2*lin*s*(b*sum[i](A[i,i]) + sum[i](a[i]*c[i])) + s^2*({second})"
    step = layer.identity_step("zero-gradient", "Ls", right, claim="zero-gradient")
    return Proof("the gradient at the zero predictor", context, (step,))


def hessian_proof() -> Proof:
    """At tr A = 0, c = 0 the quadratic part along (a, b), (MA, mc) is d + 1 hyperbolic planes."""
    base = _line(
        *landscape.OMEGA,
        landscape.FREE[0],
        *_MOVED,
        A="A[i,j] + s*MA[i,j]",
        c="s*mc[j]",
    )
    context = landscape.extend(
        base,
        (
            Definition(
                "x",
                (),
                "sum[i](MA[i,i]) - Q*b*sum[i,j](A[i,j]^2)/(2*lin)",
                "partner of b",
            ),
            Definition(
                "z",
                ("i",),
                "mc[i] - ((G - g2)*sum[j,l](A[i,j]*A[l,j]*a[l])"
                " + g2*sum[j,l](A[j,l]^2)*a[i])/(2*lin)",
                "partner of a",
            ),
        ),
        assumptions=(landscape.LINEAR_ALGEBRA,),
    )
    planes = "(b - x)^2 + sum[i]((a[i] - z[i])^2) - (b + x)^2 - sum[i]((a[i] + z[i])^2)"
    beyond = f"{quadratic_part('As', 'cs')} - ({AT_REST})"
    right = f"c0 + s^2*lin/2*({planes}) + s^2*({beyond})"
    by = By("-2*lin*s*b*traceless")
    step = layer.identity_step("zero-hessian", "Ls", right, by, (TRACELESS,), "zero-hessian")
    return Proof("the Hessian at the zero predictor", context, (step,))


def saddle_proof() -> Proof:
    """A curve along which L falls from every stationary point in (omega, N) with omega = 0."""
    speed = "(Q*sum[i,j](A[i,j]^2) + 1)/(2*lin*d)"
    base = _line(
        landscape.FREE[0],
        A="A[i,j] + s*speed*delta[i,j]",
        c="0",
        a="0",
        b="1",
        before=(Definition("speed", (), speed, "how fast A moves along I"),),
    )
    right = "c0 - s^2 + s^4*Q*d*speed^2"
    by = By("(2*Q*s^3*speed - 2*lin*s)*traceless")
    step = layer.identity_step("zero-saddle", "Ls", right, by, (TRACELESS,), "zero-saddle")
    return Proof("a way down from the zero predictor", base, (step,))
