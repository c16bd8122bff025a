"""GD++: moving the covariates between two gradient steps is strictly better than not moving them.

The first layer also sends every x, the query's too, to (I - gamma S) x. Two layers then predict x'u
with u = e1 s + e2 (I - gamma S)^2 (s - S e1 s). At the best rates of two plain steps the slope of
the loss in gamma at 0 is -4 n d beta* G3/Delta with a polynomial G3 of positive coefficients, so a
small gamma > 0 improves, for all n and d.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import steps as _steps
from verifier.proof.context import Atom, Definition, Tensor
from verifier.proof.statements import By, Proof
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np
    import sympy

OSWALD = "new; observed by von Oswald et al. (2023), arXiv:2212.07677, GD++"
CLAIMS = (
    Claim("forward", "Two layers predict x'(e1 s + e2 (I - gamma S)^2 (s - S e1 s))", OSWALD),
    Claim("slope", "Squared error: at 0 - 2 gamma (y - yhat(0)) yhat'(0) + gamma^2 (...)", "new"),
    Claim("slope-at-optimum", "At the best plain rates: E of - 2 (y - yhat(0)) yhat'(0)", "new"),
    Claim("improves", "That slope is < 0, for all n, d and noises", OSWALD),
)

DEFINITIONS = (
    Definition("u1", ("i",), "e1*s[i]", "the first layer's update of the responses"),
    Definition("rest", ("k",), "y[k] - sum[i](X[k,i]*u1[i])", "responses after the first layer"),
    Definition("XS", ("k", "i"), "sum[j](X[k,j]*S[j,i])", "X S"),
    Definition("Xm", ("k", "i"), "X[k,i] - gamma*XS[k,i]", "covariates after the first layer"),
    Definition("xm", ("i",), "xq[i] - gamma*sum[j](xq[j]*S[j,i])", "query after the first layer"),
    Definition(
        "yhat",
        (),
        "sum[i](xq[i]*u1[i]) + e2*sum[k](rest[k]*sum[i](Xm[k,i]*xm[i]))",
        "the prediction after the second layer",
    ),
    Definition("left", ("i",), "s[i] - e1*Ss[i]", "s - S e1 s"),
    Definition("Sl", ("i",), "sum[j](S[i,j]*left[j])", "S (s - S e1 s)"),
    Definition("SSl", ("i",), "sum[j](S[i,j]*Sl[j])", "S^2 (s - S e1 s)"),
    Definition("plain", (), "sum[i](xq[i]*(u1[i] + e2*left[i]))", "the prediction at gamma = 0"),
    Definition("first", (), "0 - 2*e2*sum[i](xq[i]*Sl[i])", "its first derivative in gamma"),
    Definition("second", (), "e2*sum[i](xq[i]*SSl[i])", "half of its second derivative"),
)
SLOPE = "E(0 - 2*(yq - plain)*first)"


def constant() -> sympy.Expr:
    """M3 - alpha* A22 + beta* A23 with M_k = E tr S^k, A23 = M5 + sigma2 M4: the slope's factor."""
    import sympy

    best, sigma2 = _steps.optimum(), sympy.Symbol("sigma2")
    A23 = _steps.trace_moment(5) + sigma2 * _steps.trace_moment(4)
    found = _steps.trace_moment(3) - best.alpha * best.A22 + best.beta * A23
    return sympy.factor(found)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the proof: forward pass, slope, its value and sign at the best plain rates."""
    import sympy

    best = _steps.optimum()
    factor = constant()
    derived = scalar_text(sympy.factor(-4 * best.beta * factor))
    slope = claimed.get("slope", derived)
    sigma2 = sympy.Symbol("sigma2")
    A23 = scalar_text(_steps.trace_moment(5) + sigma2 * _steps.trace_moment(4))
    A12, A22 = best.text("A12"), best.text("A22")
    at_optimum = By(
        f"4*e2*(product*({A22}) - total*({A12})) - 4*e1*e2*(product*({A23}) - total*({A22}))"
        f" - 4*({scalar_text(factor)})*product"
    )
    optimal = (
        Atom("total", "e1 + e2", best.text("alpha")),
        Atom("product", "e1*e2", best.text("beta")),
    )
    context = _steps.context((*_steps.RATES, Tensor("gamma", (), "rate of the move")), DEFINITIONS)
    moved = "plain + gamma*first + gamma^2*second"
    error = f"(yq - ({moved}))^2"
    whole = (
        "(yq - plain)^2 - 2*gamma*(yq - plain)*first"
        " + gamma^2*(first^2 - 2*(yq - plain)*second + 2*gamma*first*second + gamma^2*second^2)"
    )
    steps = (
        pencil.identity_step("forward", "yhat", moved, claim="forward"),
        pencil.identity_step("slope", error, whole, claim="slope"),
        pencil.identity_step(
            "slope-at-optimum", SLOPE, slope, at_optimum, optimal, "slope-at-optimum"
        ),
        pencil.inequality_step(
            "improves",
            "0",
            slope,
            ">",
            By(rest=scalar_text(sympy.factor(4 * best.beta * factor))),
            "improves",
        ),
    )
    return Derivation((Proof("GD++", context, steps),), {"slope": derived})


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The two layers run on sampled prompts: a small gamma at the best plain rates."""
    progress("running two layers that move their covariates on sampled prompts")
    return (sampled_table(given, options),)


def sampled_table(given: Derivation, options: Options) -> Table:
    """It passes if the derivative along gamma on the sample is within 5 standard errors."""
    import numpy as np

    from proofs.shared.evidence import grid, number

    rng = np.random.default_rng([options.seed, 43])
    rows, passed = [], True
    best = _steps.optimum()
    for d, n, noise in grid(options):
        at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        alpha, beta = (float(number(best.text(name), at)) for name in ("alpha", "beta"))
        apart = alpha**2 - 4 * beta
        if apart < 0:
            rows.append((str(d), str(n), str(noise), "no real rates", "", "", ""))
            continue
        slope = float(number(given.results["slope"], at))
        e1, e2 = (alpha - apart**0.5) / 2, (alpha + apart**0.5) / 2
        prompts = _prompts(d, n, float(noise), options.samples, rng)
        step = 1e-3 * e1
        up, down = (_losses(prompts, e1, e2, gamma) for gamma in (step, -step))
        change = (up - down) / (2 * step)
        estimate = float(np.mean(change))
        error = float(np.std(change) / np.sqrt(len(change)))
        score = (estimate - slope) / error
        passed &= abs(score) < 5
        rows.append(
            (
                *(str(d), str(n), str(noise)),
                f"{slope:.6g}",
                f"{estimate:.6g}",
                f"{error:.1e}",
                f"{score:+.2f}",
            )
        )
    return Table(
        "GD++ on sampled prompts",
        ("d", "n", "sigma2", "slope", "estimate", "s.e.", "z"),
        tuple(rows),
        bool(passed),
        f"{options.samples} prompts each; central differences in gamma through both layers",
        ("slope-at-optimum",),
    )


def _prompts(
    d: int, n: int, noise: float, samples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X, y, queries and targets."""
    import numpy as np

    X, w, x = (rng.normal(size=(samples, *shape)) for shape in ((n, d), (d,), (d,)))
    y = np.einsum("Nki,Ni->Nk", X, w) + np.sqrt(noise) * rng.normal(size=(samples, n))
    target = np.einsum("Ni,Ni->N", x, w) + np.sqrt(noise) * rng.normal(size=samples)
    return X, y, x, target


def _losses(
    prompts: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    e1: float,
    e2: float,
    gamma: float,
) -> np.ndarray:
    """Squared errors of two layers of attention; the first moves responses and covariates."""
    import numpy as np

    X, y, x, target = prompts
    kernel, asked = np.einsum("Nki,Nhi->Nkh", X, X), np.einsum("Nki,Ni->Nk", X, x)
    left = y - e1 * np.einsum("Nkh,Nh->Nk", kernel, y)
    predicted = e1 * np.einsum("Nk,Nk->N", asked, y)
    moved = X - gamma * np.einsum("Nkh,Nhi->Nki", kernel, X)
    query = x - gamma * np.einsum("Nk,Nki->Ni", asked, X)
    predicted = predicted + e2 * np.einsum("Nk,Nki,Ni->N", left, moved, query)
    found: np.ndarray = (target - predicted) ** 2
    return found


THEOREM = Theorem(
    id="gd-plus-plus",
    title="Moving the covariates between two gradient steps is strictly better",
    source="this project; GD++ of von Oswald et al. (2023), arXiv:2212.07677",
    statement=(
        "For x_i, w ~ N(0, I), noise of variance sigma2 and the best two gradient steps, where "
        "their rates are real, the loss of two layers that also move x to (I - gamma S) x has a "
        "negative slope in gamma at 0: GD++ is strictly better than the best two plain steps."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("slope",),
    numbers=("slope",),
)
