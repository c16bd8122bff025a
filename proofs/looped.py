"""A looped layer: one symmetric preconditioner applied twice has a multiple of I as exact optimum.

Without noise, two loops of the layer with preconditioner A = A' predict x'(2 A - A S A) s. With eta
the rate at which (E tr (I - eta S)^4)' = 0, the loss above that of eta I is a sum of three mean
squares, for every n and d: of M^2 - (M^2)' with M = I - A S, and of two differences between
I - X A X' and I - eta X X'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import steps as _steps
from verifier.proof.context import Atom, Context, Definition, Tensor
from verifier.proof.statements import By, Conclude, Null, Proof, Square, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np
    import sympy

GATMIRY = (
    "exact and with the constant; Gatmiry et al. (2024), arXiv:2410.08292, up to small errors "
    "(theorem not seen in full)"
)
CLAIMS = (
    Claim("forward", "Two loops predict x'(2 A - A S A) s, A symmetric", "new"),
    Claim("scalar-loss", "At A = eta I the loss is E tr (I - eta S)^4, a polynomial in eta", "new"),
    Claim(
        "decomposition",
        "At a root eta of the cubic: L(A) = l(eta) + three mean squares, l the scalar loss",
        GATMIRY,
    ),
    Claim("bound", "At such an eta no symmetric A goes below l(eta)", GATMIRY),
    Claim("equality", "At such an eta L(A) = l(eta) for A = eta I only, A symmetric", GATMIRY),
    Claim("one-root", "Two roots of the cubic are equal", "new"),
    Claim("root", "The cubic is > 0 at 0 and < 0 at 3 M3/M4, M_k = E tr S^k", "new"),
    Claim("slope", "The cubic is the slope of the scalar loss, over -4 n d", "new"),
)


def context() -> Context:
    """Noiseless prompts of Theorem 1, A = A0 + A0', two loops over the same layer."""
    noiseless = tuple(x for x in pencil.STANDARD if x.name in ("xq", "X", "w"))
    return Context(
        pencil.SORTS,
        pencil.SIZES[:2],
        arrays=(
            *noiseless,
            Tensor("A0", (pencil.FEATURE, pencil.FEATURE), "any matrix"),
            Tensor("eta", (), "a rate"),
            Tensor("change", (), "a change of the rate"),
        ),
        definitions=(
            Definition("y", ("k",), "sum[i](X[k,i]*w[i])", "responses of the examples"),
            Definition("yq", (), "sum[i](xq[i]*w[i])", "response of the query, the target"),
            pencil.STATISTICS[0],
            pencil.STATISTICS[2],
            Definition("A", ("i", "j"), "A0[i,j] + A0[j,i]", "the symmetric preconditioner"),
            Definition("As", ("i",), "sum[j](A[i,j]*s[j])", "A s"),
            Definition("rest", ("k",), "y[k] - sum[i](X[k,i]*As[i])", "responses after one loop"),
            Definition(
                "yhat",
                (),
                "sum[i](xq[i]*As[i]) + sum[i,j,k](xq[i]*A[i,j]*X[k,j]*rest[k])",
                "the prediction after two loops",
            ),
            Definition("M", ("i", "j"), "delta[i,j] - sum[l](A[i,l]*S[l,j])", "I - A S"),
            Definition("MM", ("i", "j"), "sum[l](M[i,l]*M[l,j])", "(I - A S)^2"),
            Definition(
                "own", ("k", "h"), "delta[k,h] - sum[i,j](X[k,i]*A[i,j]*X[h,j])", "I - X A X'"
            ),
            Definition(
                "best", ("k", "h"), "delta[k,h] - eta*sum[i](X[k,i]*X[h,i])", "I - eta X X'"
            ),
        ),
    )


def scalar_loss() -> sympy.Expr:
    """E tr (I - eta S)^4 = d - 4 eta M1 + 6 eta^2 M2 - 4 eta^3 M3 + eta^4 M4."""
    import sympy

    eta, d = sympy.symbols("eta d")
    moments = [_steps.trace_moment(k) for k in (1, 2, 3, 4)]
    signs = (-4, 6, -4, 1)
    return d + sum(c * eta**k * m for k, (c, m) in enumerate(zip(signs, moments, strict=True), 1))


def cubic() -> sympy.Expr:
    """The slope of the scalar loss in eta, divided by -4 n d: 1 - 3 eta M2/M1 + ..."""
    import sympy

    n, d, eta = sympy.symbols("n d eta")
    return sympy.expand(sympy.cancel(sympy.diff(scalar_loss(), eta) / (-4 * n * d)))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the proof."""
    value = claimed.get("minimum_loss", scalar_text(scalar_loss()))
    root = scalar_text(cubic())
    loss = "E((yq - yhat)^2)"
    squares = (
        Square("1/2", "MM[i,j] - MM[j,i]"),
        Square("1", "sum[g](own[k,g]*own[g,h] - best[k,g]*best[g,h])"),
        Square("2", "sum[g]((own[k,g] - best[k,g])*best[g,h])", "apart"),
    )
    at_root = (Atom("cubic", root),)
    by = "0 - 4*n*(sum[i](A[i,i]) - d*eta)*cubic"
    total = " + ".join((f"({value})", *(pencil.mean(q, pencil.LETTERS) for q in squares)))
    bound = Atom("bound", loss, value, ">=")
    at_scalar = tuple(
        replace(one, body="eta*delta[i,j]") if one.name == "A" else one
        for one in context().definitions
    )
    moved = value.replace("eta", "(eta + change)")
    rest = _quadratic_rest()
    scalar = replace(context(), definitions=at_scalar)
    steps = (
        pencil.identity_step(
            "forward",
            "yhat",
            "sum[i](xq[i]*(2*As[i] - sum[j,l](A[i,j]*S[j,l]*As[l])))",
            claim="forward",
        ),
        pencil.identity_step("decomposition", loss, total, By(by), at_root, "decomposition"),
        Step(
            "bound",
            Statement(at_root, ((bound,),)),
            Conclude(0, {"bound": By(by, squares=squares)}),
            claim="bound",
        ),
        _equality(loss, value, by, squares, at_root),
    )
    scalar_steps = (
        pencil.identity_step("scalar-loss", loss, value, claim="scalar-loss"),
        pencil.identity_step(
            "slope",
            moved,
            f"({value}) - 4*n*d*({root})*change + change^2*({rest})",
            claim="slope",
        ),
    )
    proofs = (
        Proof("a symmetric preconditioner", context(), steps),
        Proof("a multiple of I", scalar, scalar_steps),
        Proof("the cubic", _steps.context(ROOTS, ()), _roots()),
    )
    return Derivation(proofs, {"minimum_loss": value, "rate": f"root of {root}"}, _points())


def _equality(
    loss: str, value: str, by: str, squares: tuple[Square, ...], at_root: tuple[Atom, ...]
) -> Step:
    """Where the third square vanishes, X D X'(I - eta X X') = 0 with D = eta I - A, so D = 0.

    With Z the left side, E X'Z X = E S D S - eta E S D S^2, and tr S in the mean multiplies the
    first term by n d + 4 and the second by n d + 6: so E S D S = n (n + 1) D + n tr D I is 0.
    """
    plain = "sum[k,h](X[k,{0}]*apart[k,h]*X[h,{1}])"
    weighed = f"sum[g,p](X[g,p]^2)*{plain}"
    moment = f"((n*d + 6)*E({plain}) - E({weighed}))/2"
    trace = moment.format("l", "l")
    reason = By(
        f"delta[i,j]*sum[l]({trace})/(n + d + 1) - ({moment.format('i', 'j')})", "n*(n + 1)"
    )
    same = Atom("same", "A[i,j]", "eta*delta[i,j]")
    return Step(
        "equality",
        Statement((*at_root, Atom("minimal", loss, value)), ((same,),)),
        Null(squares, By(f"minimal - ({by})"), Conclude(0, {"same": reason})),
        claim="equality",
    )


ROOTS = (Tensor("eta", (), "a root"), Tensor("other", (), "another root"))


def _roots() -> tuple[Step, ...]:
    """c(eta) - c(other) is minus their distance times a form that is positive definite."""
    import sympy

    eta, other = sympy.symbols("eta other")
    M1, M2, M3, M4 = (_steps.trace_moment(k) for k in (1, 2, 3, 4))
    text = scalar_text(cubic())
    atoms = (
        Atom("at_eta", text),
        Atom("at_other", scalar_text(cubic().subs(eta, other))),
    )
    ratio = scalar_text(sympy.factor(2 * M3 / M4))
    squares = (
        Square(scalar_text(sympy.factor(3 * (M2 - M3**2 / M4) / M1)), "eta - other", "distance"),
        Square(
            scalar_text(sympy.factor(3 * M4 / (4 * M1))), f"(eta - other)*(eta + other - {ratio})"
        ),
        Square(scalar_text(sympy.factor(M4 / (4 * M1))), "(eta - other)^2"),
    )
    equal = Atom("equal", "eta", "other")
    last = scalar_text(sympy.factor(3 * M3 / M4))
    at_zero, at_last = (text.replace("eta", f"({rate})") for rate in ("0", last))
    below = scalar_text(sympy.factor(-cubic().subs(eta, 3 * M3 / M4)))
    ends = (Atom("above", at_zero, "0", ">"), Atom("below", "0", at_last, ">"))
    return (
        Step(
            "one-root",
            Statement(atoms, ((equal,),)),
            Null(
                squares,
                By("0 - (eta - other)*(at_eta - at_other)"),
                Conclude(0, {"equal": By("distance")}),
            ),
            claim="one-root",
        ),
        Step(
            "root",
            Statement((), (ends,)),
            Conclude(0, {"above": By(rest="1"), "below": By(rest=below)}),
            claim="root",
        ),
    )


def _quadratic_rest() -> str:
    """(l(eta + v) - l(eta) - v l'(eta))/v^2."""
    import sympy

    eta, v = sympy.symbols("eta change")
    loss = scalar_loss()
    whole = loss.subs(eta, eta + v) - loss - v * sympy.diff(loss, eta)
    return scalar_text(sympy.expand(sympy.cancel(sympy.expand(whole) / v**2)))


def _points() -> tuple[tuple[Definition, ...], ...]:
    rate = "1/(3*(n + d + 1))"
    return ((Definition("A0", ("i", "j"), f"{rate}*delta[i,j]"), Definition("eta", (), rate)),)


def evidence(_given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over symmetric and over all preconditioners on exact moments."""
    progress("descending over preconditioners of two loops")
    return (descent_table(options),)


def descent_table(options: Options) -> Table:
    """It passes if no descent over symmetric matrices ends below the scalar optimum."""
    import numpy as np
    from scipy.optimize import minimize

    from proofs.shared.evidence import number
    from proofs.shared.population import nodes

    rng = np.random.default_rng([options.seed, 46])
    rows, passed = [], True
    for d, n in ((1, 2), (2, 1), (2, 2)):
        if d not in options.dimensions:
            continue
        at = {"n": Fraction(n), "d": Fraction(d)}
        rate = _root(at)
        least = float(number(scalar_text(scalar_loss()), {**at, "eta": Fraction(rate)}))
        weight, places = nodes({"X": ((n, d), 5)})
        loops = _Loops(weight, np.einsum("Nki,Nkj->Nij", places["X"], places["X"]))
        ends = [
            min(
                float(minimize(f, 0.2 * rng.normal(size=d * d), method="BFGS").fun)
                for _ in range(min(options.starts, 6))
            )
            for f in (loops.symmetric, loops.any)
        ]
        scalar = loops.any(rate * np.eye(d))
        passed &= abs(ends[0] - least) < 1e-6 and abs(scalar - least) < 1e-9
        shown = (f"{rate:.6g}", f"{least:.8g}", *(f"{end - least:+.1e}" for end in ends))
        rows.append((str(d), str(n), *shown))
    return Table(
        "Two loops on exact moments",
        ("d", "n", "eta", "L(eta I)", "symmetric A, best - L", "any A, best - L"),
        tuple(rows),
        bool(passed),
        "S at the nodes of an exact Gauss-Hermite rule; the last column only informs",
        ("bound",),
    )


@dataclass(frozen=True)
class _Loops:
    """E tr (I - A S)^2 (I - S A')^2 over matrices S (N, d, d) of these probabilities."""

    weight: np.ndarray
    S: np.ndarray

    def any(self, entries: np.ndarray) -> float:
        """The loss at A, of shape (d, d) or flat."""
        import numpy as np

        d = self.S.shape[1]
        M = np.eye(d) - entries.reshape(d, d) @ self.S
        both = M @ M
        return float(self.weight @ np.einsum("Nij,Nij->N", both, both))

    def symmetric(self, entries: np.ndarray) -> float:
        """The loss at A0 + A0'."""
        d = self.S.shape[1]
        half = entries.reshape(d, d)
        return self.any(half + half.T)


def _root(at: Mapping[str, Fraction]) -> float:
    """The root of the cubic, by bisection."""
    from scipy.optimize import brentq

    from proofs.shared.evidence import number

    text = scalar_text(cubic())
    return float(brentq(lambda x: float(number(text, {**at, "eta": Fraction(x)})), 0, 1))


THEOREM = Theorem(
    id="looped",
    title="Two loops of one layer without noise: the exact optimum is a multiple of I",
    source="this project; Gatmiry et al. (2024), arXiv:2410.08292",
    statement=(
        "For x_i, w ~ N(0, I) without noise, the loss of two loops of a layer with a symmetric "
        "preconditioner A is at least that of A = eta I, eta a root of the cubic slope of "
        "E tr (I - eta S)^4, with equality for that A only; the slope has one root. For all n, d."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss",),
    numbers=(),
)
