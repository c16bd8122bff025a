"""One feature and a task mean: when a single head makes the best prediction.

A head predicts x (A x + c y)(a x + b y) summed over tokens, a product of two linear forms; the best
prediction has the form Q x^2 + P x r + R r^2 with r = y - mu x. It is such a product exactly where
P^2 >= 4 Q R.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import line
from verifier.proof.context import Atom, Definition, Scalar
from verifier.proof.statements import By, Claim, Conclude, Derive, Null, Proof, Square, Step, Tree
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Options, Table

if TYPE_CHECKING:
    import sympy

NAMES = ("tau", "beta", "kappa")


@dataclass(frozen=True, slots=True)
class Form:
    """Q x^2 + P x r + R r^2, SymPy in n, sigma2 and mu."""

    Q: sympy.Expr
    P: sympy.Expr
    R: sympy.Expr

    @property
    def discriminant(self) -> str:
        """P^2 - 4 Q R as index text."""
        Q, P, R = map(scalar_text, (self.Q, self.P, self.R))
        return f"({P})^2 - 4*({Q})*({R})"


@cache
def form() -> Form:
    """The best prediction without the query's token, in x and r = y - mu x."""
    import sympy

    tau, beta, kappa = line.best(False).weights
    mu = sympy.Symbol("mu")
    Q = sympy.factor(tau + mu * beta + mu**2 * kappa)
    P = sympy.factor(beta + 2 * mu * kappa)
    return Form(Q, P, kappa)


def proofs() -> tuple[Proof, ...]:
    """One head where the discriminant is a square, and none where it is negative."""
    return (_enough(form().discriminant), _needed(form().discriminant))


def _best() -> Definition:
    return Definition("best", (), line.best(False).text, "the best prediction")


def _enough(text: str) -> Proof:
    """b = 1, c = R, a = 2 Q/(P + root) - mu, A = P - R (a + mu) - R mu."""
    own, head = form(), line.Heads()
    Q, P, R = map(scalar_text, (own.Q, own.P, own.R))
    shifted = f"2*({Q})/({P} + root)"
    values = head.realised(a=f"{shifted} - mu", b="1", A=f"{P} - ({R})*{shifted} - ({R})*mu", c=R)
    root = Scalar("root", Fraction(0), meaning="the root of P^2 - 4 Q R")
    bare = line.context((head,), False, (), (root,))
    context = replace(bare, arrays=line.DATA, definitions=(*values, *bare.definitions))
    given = (Atom("square", "root^2", text),)
    off = f"(({Q})/({P} + root)^2)^2*(root^2 - ({text}))*square"
    least = Atom("reached", line.LOSS, scalar_text(line.best(False).loss))
    by = By(f"E(xq^2*S^2)*{off}")
    step = Step(
        "line-enough", Claim(given, ((least,),)), Conclude(0, {"reached": by}), claim="line-enough"
    )
    return Proof("d = 1, one head", context, (step,))


def _needed(text: str) -> Proof:
    """Where L = L* the weights of S, s and q are the best ones, by their second moments."""
    import sympy

    best, head = line.best(False), line.Heads()
    adjugate, whole = best.means.adjugate(), sympy.factor(best.means.det())
    wanted = [scalar_text(w) for w in best.weights]
    tests = [f"E(({feature})*gap)" for feature in line.FEATURES]
    at = Atom("minimal", line.LOSS, scalar_text(best.loss))
    large = Atom("large", text, "0", ">=")
    a, b = (f"(hx*WVx{y} + hy*WVy{y})" for y in "xy")
    A, c = f"({head.product('x')})", f"({head.product('y')})"
    by = By(
        f"0 - is_beta*(beta + {wanted[1]}) + 4*(is_tau*kappa + ({wanted[0]})*is_kappa)",
        squares=(Square("1", f"{A}*{b} - {c}*{a}"),),
    )
    tree: Tree = Conclude(0, {"large": by})
    for row, name in reversed(tuple(enumerate(NAMES))):
        terms = (
            f"({scalar_text(sympy.expand(adjugate[row, k]))})*{test}"
            for k, test in enumerate(tests)
        )
        why = By(" + ".join(terms), scalar_text(whole))
        tree = Derive(Atom(f"is_{name}", name, wanted[row]), why, tree)
    gap = Square("1", "yhat - best", "gap")
    step = Step(
        "line-needed",
        Claim((at,), ((large,),)),
        Null((gap,), By("minimal"), tree),
        claim="line-needed",
    )
    return Proof("d = 1, what one head cannot", line.context((head,), False, (_best(),)), (step,))


def table(options: Options) -> Table:
    """It passes if descents of one head end at the bound where they should, above it elsewhere."""
    import numpy as np

    from proofs.shared.population import Quadratic

    rng = np.random.default_rng([options.seed, 54])
    rows, passed = [], True
    for n, noise, mean in ((1, 1, 1), (2, 1, 1), (1, 1, 4), (2, 2, 4)):
        case = line.case(n, Fraction(noise), Fraction(mean), False)
        at = {"n": n, "sigma2": noise, "mu": mean}
        own = form()
        sign = float((own.P**2 - 4 * own.Q * own.R).subs(at))
        quadratic = Quadratic(case)
        one, two = (quadratic.descend(k, False, 6, rng)[0] - case.minimum for k in (1, 2))
        passed &= (one < 1e-8) == (sign >= 0) and one > -1e-9 and abs(two) < 1e-8
        rows.append((*map(str, (n, noise, mean)), f"{sign:+.3g}", f"{one:+.1e}", f"{two:+.1e}"))
    return Table(
        "One head and two, d = 1, tasks with a mean",
        ("n", "sigma2", "mu", "P^2 - 4 Q R", "one head - L*", "two heads - L*"),
        tuple(rows),
        bool(passed),
        "prompts at the nodes of an exact Gauss-Hermite rule; six descents each",
        ("line-enough", "line-needed"),
    )
