"""Curves in the weights that leave stationary points with N* not reached, or with omega = 0.

Each is a product of matrices multiplied out, or the isotropic form at such a product; z, y, w and
tau are chosen in docs/landscape-mathematics.md, section 8, so that the loss falls.
"""

from __future__ import annotations

from fractions import Fraction

from proofs.shared import layer
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import combination
from proofs.shared.landscape.weights import COEFFICIENTS, FEATURES, FORM, NORM, V, instances
from proofs.shared.landscape.wells import form, quadratic_part
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import By, Proof

ZERO = Fraction(0)
T = Scalar("t", meaning="distance along the curve")
TAU = Scalar("tau", ZERO, strict=True, meaning="how much faster one factor moves")
DIMENSION = Scalar("d", Fraction(1), integer=True)
CLAIMS = (
    (
        "rank-curve",
        "z'Q = 0: K + t tau z y', Q - t/tau z w' move N by -t/tau K'z w' - t^2 |z|^2 y w'",
    ),
    (
        "rank-slope",
        "W_K Gam = 0, y = Gam g, w = Gam'y: the slope of L along it is -t^2 |z|^2 |w|^2",
    ),
    (
        "gradient",
        "L(N + D) = L(N) + <Gam, D> + the second difference of convexity, Gam the gradient",
    ),
    ("head-curve", "h = 0: h = t y/tau, W_V - t tau y g' move omega by t/tau W_V'y - t^2 |y|^2 g"),
    ("head-slope", "W_V g = 0: the slope of L in omega along it is -t^2 |y|^2 |g|^2"),
    ("origin-curve", "From W_K = W_Q = W_V = h = 0 the loss falls along a curve, as -2 lin t^4"),
)
WIDTH = Scalar("width", Fraction(1), integer=True, meaning="entries of a token")


def rank_proof() -> Proof:
    """A hidden direction z that W_Q does not use carries y w' into N at order 2."""
    context = Context(
        sorts=(FEATURES, Sort("hidden", "r", ("h",)), Sort("token", "width", ("m",))),
        scalars=(DIMENSION, WIDTH, Scalar("r", Fraction(1), integer=True), T, TAU),
        arrays=(
            Tensor("K", ("hidden", "token"), meaning="W_K"),
            Tensor("Q", ("hidden", layer.FEATURE), meaning="first d columns of W_Q"),
            Tensor("z", ("hidden",), meaning="orthogonal to the columns of Q"),
            Tensor("y", ("token",)),
            Tensor("w", landscape.VECTOR),
        ),
        given=(Atom("idle", "sum[h](z[h]*Q[h,j])"),),
        instances=tuple(_unused(size) for size in (1, 2)),
    )
    left = "sum[h]((K[h,m] + t*tau*z[h]*y[m])*(Q[h,j] - t/tau*z[h]*w[j]))"
    right = "sum[h](K[h,m]*Q[h,j]) - t/tau*sum[h](K[h,m]*z[h])*w[j] - t^2*sum[h](z[h]^2)*y[m]*w[j]"
    step = layer.identity_step(
        "rank-curve", left, right, By("t*tau*y[m]*idle[j]"), claim="rank-curve"
    )
    return Proof("a curve from weights of low rank", context, (step,))


def slope_proof() -> Proof:
    """<Gam, N(t) - N> along that curve, Gam any matrix with K Gam = 0."""
    context = Context(
        sorts=(FEATURES, Sort("hidden", "r", ("h",)), Sort("token", "width", ("m", "g"))),
        scalars=(DIMENSION, WIDTH, Scalar("r", Fraction(1), integer=True), T, TAU),
        arrays=(
            Tensor("K", ("hidden", "token"), meaning="W_K"),
            Tensor("z", ("hidden",), meaning="orthogonal to the columns of Q"),
            Tensor("Gam", ("token", layer.FEATURE), meaning="gradient in N"),
            Tensor("u", landscape.VECTOR, meaning="g: any vector"),
        ),
        definitions=(
            Definition("y", ("m",), "sum[j](Gam[m,j]*u[j])", "Gam g"),
            Definition("w", ("j",), "sum[g](Gam[g,j]*y[g])", "Gam'Gam g"),
            Definition(
                "move",
                ("m", "j"),
                "-t/tau*sum[h](K[h,m]*z[h])*w[j] - t^2*sum[h](z[h]^2)*y[m]*w[j]",
                "N(t) - N: claim rank-curve",
            ),
        ),
        given=(Atom("at_rest", "sum[m](K[h,m]*Gam[m,j])"),),
        instances=tuple(_resting(size) for size in (1, 2)),
    )
    left, right = "sum[m,j](Gam[m,j]*move[m,j])", "-t^2*sum[h](z[h]^2)*sum[j](w[j]^2)"
    by = By("-t/tau*sum[h,j](z[h]*w[j]*at_rest[h,j])")
    step = layer.identity_step("rank-slope", left, right, by, claim="rank-slope")
    return Proof("the slope along it", context, (step,))


def gradient_proof() -> Proof:
    """The isotropic form in N at fixed omega: its gradient and its second difference."""
    moved = (
        Tensor("MA", landscape.MATRIX, meaning="a displacement of A"),
        Tensor("mc", landscape.VECTOR, meaning="a displacement of c"),
    )
    context = Context(
        sorts=(FEATURES,),
        scalars=(DIMENSION, *COEFFICIENTS),
        arrays=(*landscape.OMEGA, *landscape.FREE, *moved),
        definitions=(
            FORM,
            Definition("image", ("j",), "sum[i](A[i,j]*a[i])", "A'a"),
            Definition(
                "GA",
                ("i", "j"),
                "2*(-lin*b*delta[i,j] + Q*b*(b*A[i,j] + a[i]*c[j])"
                " + g2*sum[l](a[l]^2)*A[i,j] + (G - g2)*a[i]*image[j] + g3*b*a[i]*c[j])",
                "the gradient in A",
            ),
            Definition(
                "Gc",
                ("j",),
                "2*(-lin*a[j] + Q*sum[i]((b*A[i,j] + a[i]*c[j])*a[i])"
                " + g3*b*image[j] + g4*b^2*c[j])",
                "the gradient in c",
            ),
            Definition("Ato", ("i", "j"), "A[i,j] + MA[i,j]"),
            Definition("cto", ("j",), "c[j] + mc[j]"),
            Definition("fto", (), form("Ato", "cto"), "the loss at N + D"),
        ),
    )
    right = f"f + sum[i,j](GA[i,j]*MA[i,j]) + sum[j](Gc[j]*mc[j]) + {quadratic_part('MA', 'mc')}"
    step = layer.identity_step("gradient", "fto", right, claim="gradient")
    return Proof("the gradient in N", context, (step,))


def _resting(size: int) -> Point:
    """All sizes alike, K = 0 and all else 1."""
    numbers = {"d": size, "width": size, "r": size, "t": 1, "tau": 1}
    return Point(
        (
            *(Value(name, Fraction(number)) for name, number in numbers.items()),
            Definition("K", ("h", "m"), "0"),
            Definition("z", ("h",), "1"),
            Definition("Gam", ("m", "j"), "1"),
            Definition("u", ("j",), "1"),
        )
    )


def _unused(size: int) -> Point:
    """All sizes alike, Q = 0 and all else 1."""
    numbers = {"d": size, "width": size, "r": size, "t": 1, "tau": 1}
    return Point(
        (
            *(Value(name, Fraction(number)) for name, number in numbers.items()),
            Definition("K", ("h", "m"), "1"),
            Definition("Q", ("h", "j"), "0"),
            Definition("z", ("h",), "1"),
            Definition("y", ("m",), "1"),
            Definition("w", ("j",), "1"),
        )
    )


def head_proof() -> Proof:
    """At h = 0, omega moves against g at order 2."""
    context = Context(
        sorts=(Sort("token", "width", ("j",)), Sort("value", "r", ("m",))),
        scalars=(WIDTH, Scalar("r", Fraction(1), integer=True), T, TAU),
        arrays=(
            Tensor("W", ("value", "token"), meaning="W_V"),
            Tensor("y", ("value",)),
            Tensor("g", ("token",), meaning="gradient in omega"),
        ),
    )
    left = "sum[m]((W[m,j] - t*tau*y[m]*g[j])*(t/tau*y[m]))"
    moved = "(t/tau*sum[m](W[m,j]*y[m]) - t^2*sum[m](y[m]^2)*g[j])"
    steps = (
        layer.identity_step("head-curve", left, moved, claim="head-curve"),
        layer.identity_step(
            "head-slope",
            f"sum[j](g[j]*{moved})",
            "-t^2*sum[m](y[m]^2)*sum[j](g[j]^2)",
            By("t/tau*sum[m](y[m]*still[m])"),
            (Atom("still", "sum[j](W[m,j]*g[j])"),),
            "head-slope",
        ),
    )
    return Proof("a curve from h = 0", context, steps)


def origin_proof() -> Proof:
    """h, W_V, W_K, W_Q of size t with omega = t^2 e_{d+1}, N = t^2 (v v'; 0), v a unit vector."""
    context = Context(
        sorts=(FEATURES,),
        scalars=(DIMENSION, *COEFFICIENTS, T),
        arrays=(V,),
        definitions=(
            Definition("a", ("i",), "0*v[i]"),
            Definition("b", (), "t^2"),
            Definition("A", ("i", "j"), "t^2*v[i]*v[j]", "A along the curve"),
            Definition("c", ("j",), "0*v[j]"),
            FORM,
        ),
        given=(NORM,),
        instances=instances({"t": "1"}),
    )
    right = "c0 - 2*lin*t^4 + Q*t^8"
    by = By(combination(context, "f", right))
    step = layer.identity_step("origin-curve", "f", right, by, claim="origin-curve")
    return Proof("a curve from the origin", context, (step,))


def proofs() -> tuple[Proof, ...]:
    """All of them."""
    return (rank_proof(), slope_proof(), gradient_proof(), head_proof(), origin_proof())
