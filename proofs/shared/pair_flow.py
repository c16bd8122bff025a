"""Gradient flow on a = 0, c = 0 for every pair of covariances: how fast the loss falls.

With D = b A' - P and C = E ss' the loss is L* + tr Lambda D C D'. Where Lambda = l I + M M' and
C = e I + N N', |grad_A L|^2 - 4 b^2 l e (L - L*) is a sum of squares. Weights with b^2 = |A|^2
have |D| >= | b^2 - |P| |, so that b^2 >= |P| - g as long as |D| <= g: then L - L* falls at least at
the rate 4 l e (|P| - g), exponentially by Grönwall's lemma.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value
from verifier.proof.statements import By, Claim, Conclude, Null, Proof, Square, Step
from verifier.prover.theorem_file import solved
from verifier.prover.used_letters import with_used_letters
from verifier.theorem.theorem import Options, Table

if TYPE_CHECKING:
    import numpy as np

PAIR = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
"""
GROENWALL = (
    "Grönwall: df/dt <= -c f on [0, t] gives f(t) <= f(0) exp(-c t)",
    "gradient flow keeps a = 0, c = 0 and b^2 - |A|^2 (claims invariant and norms), and L falls",
)
SQUARE = ("feature", "feature")
TENSORS = (
    Tensor("P", SQUARE, "the best readout"),
    Tensor("K", SQUARE, "its inverse"),
    Tensor("M", SQUARE, "Lambda = l I + M M'"),
    Tensor("N", SQUARE, "E ss' = e I + N N'"),
    Tensor("V", SQUARE, "a change of A"),
    Tensor("v", (), "a change of b"),
    Tensor("slack", (), "g^2 - |D|^2 is its square"),
    Tensor("more", (), "a number"),
)
SCALARS = (
    Scalar("least", Fraction(0), meaning="l, the least eigenvalue of Lambda or less"),
    Scalar("low", Fraction(0), meaning="e, the least eigenvalue of E ss' or less"),
    Scalar("norm", Fraction(0), strict=True, meaning="|P|"),
    Scalar("g", Fraction(0), meaning="a bound on |D|"),
)
GIVEN = (
    Atom("optimal", "K[i,j]", "(n + 1)*Lambda[i,j] + t*Gammai[i,j]"),
    Atom("P_K", "sum[j](P[i,j]*K[j,l])", "delta[i,l]"),
    Atom("K_P", "sum[j](K[i,j]*P[j,l])", "delta[i,l]"),
)
OF_X = Atom("of_x", "Lambda[i,j]", "least*delta[i,j] + sum[l](M[i,l]*M[j,l])")
OF_S = Atom("of_s", "C[i,j]", "low*delta[i,j] + sum[l](N[i,l]*N[j,l])")
SIZE = Atom("size", "norm^2", "sum[i,j](P[i,j]^2)")
DEFINED = (
    Definition("t", (), "sum[i,j](Lambda[i,j]*Gamma[i,j]) + sigma2", "tr Lambda Gamma + sigma2"),
    Definition(
        "C",
        ("i", "j"),
        "n*(n + 1)*sum[l,i1](Lambda[i,l]*Gamma[l,i1]*Lambda[i1,j]) + n*t*Lambda[i,j]",
        "E ss'",
    ),
    Definition("D", ("i", "j"), "b*A[j,i] - P[i,j]", "b A' - P"),
    Definition("plain", (), "b*sum[i,j](xq[j]*A[i,j]*s[i])", "prediction at a = 0, c = 0"),
    Definition("off", (), "sum[i,j](xq[i]*D[i,j]*s[j])", "prediction - x'P s"),
    Definition("GA", ("l", "j"), "2*b*sum[i,i1](Lambda[i,j]*D[i,i1]*C[i1,l])", "gradient in A"),
    Definition(
        "Gb",
        (),
        "2*sum[i,j,l,i1](Lambda[i,j]*A[l,j]*C[l,i1]*D[i,i1])",
        "gradient in b",
    ),
)
LOSS = "E((yq - plain)^2)"
VALUE = "t - n*sum[i,j,l,i1](Lambda[i,j]*P[j,l]*Lambda[l,i1]*Gamma[i1,i])"
ABOVE = "sum[i,j,l,i1](Lambda[i,j]*D[j,l]*C[l,i1]*D[i,i1])"
SPEED = "sum[i,j](GA[i,j]^2)"
BALANCED = Atom("balanced", "b^2", "sum[i,j](A[i,j]^2)")
SQUARES = (
    Square("4", "b*sum[l,i1,i2](M[i,l]*M[i1,l]*D[i1,i2]*C[i2,j])"),
    Square("4*least", "b*sum[i1,i2](M[i1,i]*D[i1,i2]*C[i2,j])"),
    Square("4*least", "b*sum[i1,i2,i3](F[i1,i]*D[i1,i2]*N[i2,i3]*N[j,i3])"),
    Square("4*least*low", "b*sum[i1,i2](F[i1,i]*D[i1,i2]*N[i2,j])"),
)


def context(reduced: tuple[Tensor, ...]) -> Context:
    """The prompts of a pair, b and A, and lower bounds of both covariances."""
    solution = solved(PAIR, "pair")
    bare = solution.setting.model.context()
    return Context(
        sorts=bare.sorts,
        scalars=(*bare.scalars, *SCALARS),
        arrays=(*bare.arrays, *reduced, *TENSORS),
        definitions=(*bare.definitions, *solution.main.layer.statistics, *DEFINED),
        given=(*bare.given, *GIVEN),
        instances=(_instance(1), _instance(2)),
        assumptions=(*bare.assumptions, *GROENWALL),
    )


def _instance(size: int) -> Point:
    """n = d = size, sigma2 = 1, Lambda = Gamma = I: t = size + 1, K = 2 t I; b = A = 0."""
    t = Fraction(size + 1)
    numbers = {"n": size, "d": size} | dict.fromkeys(("sigma2", *(x.name for x in SCALARS)), 1)
    unit = dict.fromkeys(("F", "Fi", "G", "Gi"), Fraction(1)) | {"K": 2 * t, "P": 1 / (2 * t)}
    zero = (name for name in ("A", "M", "N", "V"))
    return Point(
        (
            *(Value(name, Fraction(x)) for name, x in numbers.items()),
            *(Definition(name, ("i", "j"), f"{x}*delta[i,j]") for name, x in unit.items()),
            *(Definition(name, ("i", "j"), "0") for name in zero),
            *(Definition(name, (), "0") for name in ("b", "v", "slack", "more")),
        )
    )


def proof(reduced: tuple[Tensor, ...]) -> Proof:
    """The claims about the slice for every pair."""
    steps = (_slice(), _gradients(), _distance(), _lojasiewicz(), _balance(), _rate())
    return with_used_letters(Proof("the slice, every pair", context(reduced), steps))


def _slice() -> Step:
    """The loss on the slice: C P' = n Lambda Gamma by the equation of P."""
    wrong = "sum[i2,i3,i4](P[i,i2]*optimal[i2,i3]*Gamma[i3,i4]*Lambda[i4,j])"
    left = "sum[l](Lambda[i,l]*(2*b*A[j,l] - P[l,j]))"
    by = By(f"0 - n*sum[i,j]({left}*{wrong})")
    atoms = (
        Atom("loss", LOSS, f"{VALUE} + {ABOVE}"),
        Atom("moments", "E(s[i]*s[j])", "C[i,j]"),
    )
    return Step(
        "pair-slice",
        Claim((), (atoms,)),
        Conclude(0, {"loss": by, "moments": By()}),
        claim="pair-slice",
    )


def _gradients() -> Step:
    """L along a change of A and of b, to second order, which is exact."""
    wrong = "sum[i2,i3,i4](P[i,i2]*optimal[i2,i3]*Gamma[i3,i4]*Lambda[i4,j])"
    moved = "E((yq - ({b})*sum[i,j](xq[j]*({A})*s[i]))^2)"
    atoms = (
        Atom(
            "along_A",
            moved.format(b="b", A="A[i,j] + V[i,j]"),
            f"{LOSS} + sum[i,j](GA[i,j]*V[i,j])"
            " + b^2*sum[i,j,l,i1](Lambda[i,j]*V[l,j]*C[l,i1]*V[i1,i])",
        ),
        Atom(
            "along_b",
            moved.format(b="b + v", A="A[i,j]"),
            f"{LOSS} + v*Gb + v^2*sum[i,j,l,i1](Lambda[i,j]*A[l,j]*C[l,i1]*A[i1,i])",
        ),
    )
    by = {
        "along_A": By(f"0 - 2*n*b*sum[i,j](sum[l](Lambda[i,l]*V[j,l])*{wrong})"),
        "along_b": By(f"0 - 2*n*v*sum[i,j](sum[l](Lambda[i,l]*A[j,l])*{wrong})"),
    }
    return Step("pair-gradients", Claim((), (atoms,)), Conclude(0, by), claim="pair-gradients")


def _psd(matrix: str, root: str, name: str) -> str:
    """matrix^2 - least matrix - (root root')^2 - least root root' at [i1,i2], by the residual."""
    return (
        f"sum[i3]({matrix}[i1,i3]*{name}[i3,i2])"
        f" + sum[i3]({name}[i1,i3]*sum[i4]({root}[i3,i4]*{root}[i2,i4]))"
    )


def _by_squares() -> str:
    """|Lambda D C|^2 - l e tr Lambda D C D' less the squares, by both residuals."""
    twice = "sum[l](C[j,l]*sum[i4](C[l,i4]*D[i1,i4]))"
    first = f"sum[i1,i2,j](({_psd('Lambda', 'M', 'of_x')})*D[i2,j]*{twice})"
    seen = "sum[i,j](Lambda[i,j]*D[j,i1]*D[i,i2])"
    return f"4*b^2*({first} + least*sum[i1,i2](({_psd('C', 'N', 'of_s')})*{seen}))"


def _lojasiewicz() -> Step:
    """The gradient in A against the loss."""
    larger = Atom("larger", SPEED, f"4*b^2*least*low*{ABOVE}", ">=")
    return Step(
        "pair-lojasiewicz",
        Claim((OF_X, OF_S), ((larger,),)),
        Conclude(0, {"larger": By(_by_squares(), squares=SQUARES)}),
        claim="pair-lojasiewicz",
    )


def _distance() -> Step:
    """tr Lambda D C D' >= l e |D|^2."""
    squares = (
        Square("1", "sum[i1,i2](F[i1,i]*D[i1,i2]*N[i2,j])"),
        Square("low", "sum[i1](M[i1,i]*D[i1,j])"),
    )
    by = By(
        "sum[i,j,l,i1](Lambda[i,j]*D[j,l]*of_s[l,i1]*D[i,i1])"
        " + low*sum[i,j,l](of_x[i,j]*D[j,l]*D[i,l])",
        squares=squares,
    )
    larger = Atom("larger", ABOVE, "least*low*sum[i,j](D[i,j]^2)", ">=")
    return Step(
        "pair-distance",
        Claim((OF_X, OF_S), ((larger,),)),
        Conclude(0, {"larger": by}),
        claim="pair-distance",
    )


def _balance() -> Step:
    """b^2 + g + more^2 = |P| and |D| <= g only where more = 0."""
    bounded = Atom("bounded", "sum[i,j](D[i,j]^2) + slack^2", "g^2")
    short = Atom("short", "b^2 + g + more^2", "norm")
    squares = (
        Square("2*g", "more"),
        Square("1", "more^2", "square"),
        Square("1", "slack"),
        Square("1/norm", "norm*A[j,i] - b*P[i,j]"),
    )
    whole = "(norm - b^2 + g + more^2)"
    by = By(f"bounded + short*{whole} - (norm - b^2)*balanced + size*(norm - b^2)/norm")
    return Step(
        "pair-balance",
        Claim((BALANCED, SIZE, bounded, short), ((Atom("none", "more^2"),),)),
        Null(squares, by, Conclude(0, {"none": By("square")})),
        claim="pair-balance",
    )


def _rate() -> Step:
    """b^2 = |P| - g + more^2: the speed of the loss against the loss."""
    enough = Atom("enough", "b^2", "norm - g + more^2")
    larger = Atom("larger", f"{SPEED} + Gb^2", f"4*least*low*(norm - g)*{ABOVE}", ">=")
    by = By(
        f"{_by_squares()} + 4*least*low*{ABOVE}*enough",
        squares=(*SQUARES, Square("1", "Gb"), Square("4*least*low", "more*off")),
    )
    return Step(
        "pair-rate",
        Claim((OF_X, OF_S, enough), ((larger,),)),
        Conclude(0, {"larger": by}),
        claim="pair-rate",
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """L - L* on the slice of a pair, at b and A, and the flow's velocity."""

    Lam: np.ndarray
    C: np.ndarray
    P: np.ndarray

    def above(self, b: float, A: np.ndarray) -> float:
        """tr Lambda D C D'."""
        import numpy as np

        D = b * A.T - self.P
        return float(np.trace(self.Lam @ D @ self.C @ D.T))

    def velocity(self, b: float, A: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the gradients in b and A."""
        import numpy as np

        G = 2 * self.Lam @ (b * A.T - self.P) @ self.C
        return -float(np.sum(G * A.T)), -b * G.T

    def run(self, b: float, A: np.ndarray, step: float, rate: float) -> float:
        """The largest quotient of L - L* by (L0 - L*) exp(-rate t) along the flow."""
        import numpy as np

        start, worst = self.above(b, A), 0.0
        for count in range(1, 401):
            db, dA = self.velocity(b, A)
            db, dA = self.velocity(b + step / 2 * db, A + step / 2 * dA)
            b, A = b + step * db, A + step * dA
            worst = max(worst, self.above(b, A) / (start * float(np.exp(-rate * step * count))))
        return worst


def rate_table(options: Options) -> Table:
    """It passes if the loss of the flow stays below the exponential of the claims."""
    import numpy as np

    rng = np.random.default_rng([options.seed, 52])
    rows, passed = [], True
    for d in options.dimensions[:2]:
        n, noise = 3, float(max(options.noises))
        Lam, Gam = (root @ root.T for root in np.eye(d) + 0.2 * rng.normal(size=(2, d, d)))
        t = float(np.trace(Lam @ Gam)) + noise
        C = n * (n + 1) * Lam @ Gam @ Lam + n * t * Lam
        P = n * Gam @ Lam @ np.linalg.inv(C)
        own = Slice(Lam, C, P)
        least, low = (float(np.linalg.eigvalsh(one)[0]) for one in (Lam, C))
        size = float(np.linalg.norm(P))
        A = P.T / np.sqrt(size) + 0.02 * rng.normal(size=(d, d))
        b = float(np.linalg.norm(A))
        g = float(np.sqrt(own.above(b, A) / (least * low)))
        rate = 4 * least * low * (size - g)
        worst = own.run(b, A, 0.02 / float(np.linalg.norm(C)), rate)
        passed &= size > g and worst <= 1
        rows.append((str(d), f"{size:.4g}", f"{g:.4g}", f"{rate:.4g}", f"{worst:.4f}"))
    return Table(
        "Gradient flow on the slice of a pair",
        ("d", "|P|", "g", "rate", "largest (L - L*)/bound"),
        tuple(rows),
        bool(passed),
        "midpoint rule; the bound is (L0 - L*) exp(-rate t)",
        ("pair-slice", "pair-rate"),
    )
