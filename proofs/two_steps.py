"""Two steps of gradient descent against one: the exact gain, and a transition in the noise.

In alpha = e1 + e2, beta = e1 e2 the loss is a positive definite quadratic, whose minimum is below
the loss of the best single step by n d c^2/((n + d + 1 + sigma2) Delta), for all n, d and noises.
Real rates with that sum and product exist where alpha^2 >= 4 beta: without noise, but not from
sigma2 = d + 1 or n + 1 on. There every stationary point has equal rates: the best learner of two
steps is a loop of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import steps as _steps
from verifier.proof.context import Atom, Context, Definition, Scalar, Tensor
from verifier.proof.statements import (
    By,
    Conclude,
    Contradiction,
    Derive,
    Null,
    Proof,
    Split,
    Square,
    Step,
    Tree,
)
from verifier.proof.statements import Claim as Statement
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np
    import sympy

AHN = "new; two layers of this form in Ahn et al. (2023), arXiv:2306.00297"
CLAIMS = (
    Claim("loss", "The expected loss of two steps as a polynomial in their rates", "new"),
    Claim("decomposition", "L = L2* + two squares in e1 + e2, e1 e2, coefficients > 0", AHN),
    Claim("bound", "No two steps go below L2*", AHN),
    Claim("equality", "L = L2* only for this sum and product of the rates", "new"),
    Claim("one-step", "One step: L = L1* + A11 (e1 - eta)^2", "Theorem 1's step"),
    Claim("gain", "L1* - L2* = n d c^2 / ((n + d + 1 + sigma2) Delta), c = n d + n + d + 3", AHN),
    Claim("gain-positive", "L1* - L2* > 0, for all n, d and noises", AHN),
    Claim("slopes", "L is quadratic in each rate, with these slopes", "new"),
    Claim("stationary", "Both slopes 0: equal rates, or the optimal sum and product", "new"),
    Claim("apart", "With the optimal sum and product (e1 - e2)^2 = D(n, d, sigma2)", "new"),
    Claim("apart-quiet", "D > 0 without noise", "new"),
    Claim("real-rates", "Where D = t^2, e = (alpha* +- t)/2 have that sum and product", "new"),
    Claim(
        "transition",
        "Delta^2 D = A - B sigma2 - C sigma2^2, A, B, C > 0: D changes its sign once, from + to -",
        "new",
    ),
    Claim("looped-beyond", "Where D < 0 every stationary point has equal rates", "new"),
    Claim(
        "matrices",
        "Two layers A1, A2: at (e1 I, e2 I) each slope is that of the rate times tr V/d",
        "stationarity as in Ahn et al. (2023), arXiv:2306.00297, Theorem 3 (text not seen)",
    ),
    Claim("looped-d", "sigma2 >= d + 1: every stationary point has equal rates", "new"),
    Claim("looped-n", "sigma2 >= n + 1: every stationary point has equal rates", "new"),
)
LOSS = "E((yq - yhat)^2)"
ALPHA, BETA = "(e1 + e2)", "(e1*e2)"
SLOPES = (
    Atom("slope1", "E(0 - 2*(yq - yhat)*sum[i](xq[i]*(s[i] - e2*Ss[i])))"),
    Atom("slope2", "E(0 - 2*(yq - yhat)*sum[i](xq[i]*(s[i] - e1*Ss[i])))"),
)


def squares(best: _steps.Optimum) -> tuple[Square, ...]:
    """A11 (da - A12/A11 db)^2 + (A22 - A12^2/A11) db^2, in the distances to the optimum."""
    import sympy

    ratio = scalar_text(sympy.factor(best.A12 / best.A11))
    rest = scalar_text(sympy.factor(best.A22 - best.A12**2 / best.A11))
    return (
        Square(best.text("A11"), f"da - ({ratio})*db", "sum_term"),
        Square(rest, "db", "product_term"),
    )


def distances(best: _steps.Optimum) -> tuple[Definition, ...]:
    """How far the sum and the product of the rates are from the best ones."""
    return (
        Definition("da", (), f"{ALPHA} - ({best.text('alpha')})", "e1 + e2 - alpha*"),
        Definition("db", (), f"{BETA} - ({best.text('beta')})", "e1 e2 - beta*"),
    )


def optimum_proof(claimed: Mapping[str, str]) -> Proof:
    """Loss, decomposition, bound, equality case and the gain over one step."""
    import sympy

    best = _steps.optimum()
    n, d, sigma2 = sympy.symbols("n d sigma2")
    value = claimed.get("minimum_loss", best.text("minimum"))
    loss = scalar_text(best.loss).replace("alpha", ALPHA).replace("beta", BETA)
    c = sympy.fraction(best.beta)[0]
    delta = sympy.fraction(best.beta)[1]
    gain = claimed.get(
        "gain", scalar_text(n * d * c**2 / ((n + d + 1 + sigma2) * sympy.expand(delta)))
    )
    own = squares(best)
    total = " + ".join((f"({value})", *(f"({q.coefficient})*({q.term})^2" for q in own)))
    ratio = own[0].term.partition("(")[2].rpartition(")*db")[0]
    at = Atom("minimal", LOSS, value)
    optimal = (Atom("total", ALPHA, best.text("alpha")), Atom("product", BETA, best.text("beta")))
    leaf = Conclude(
        0, {"total": By(f"sum_term + ({ratio})*product_term"), "product": By("product_term")}
    )
    one_loss = "E((yq - e1*sum[i](xq[i]*s[i]))^2)"
    eta = scalar_text(sympy.factor(best.loss.coeff(sympy.Symbol("alpha"), 1).subs("beta", 0)
                                   / (-2 * best.A11)))  # fmt: skip
    one_step = f"({best.text('one_step')}) + ({best.text('A11')})*(e1 - ({eta}))^2"
    difference = scalar_text(sympy.factor(best.one_step - best.minimum))
    context = _steps.context(_steps.RATES, (*_steps.TWO_STEPS, *distances(best)))
    steps = (
        pencil.identity_step("loss", LOSS, loss, claim="loss"),
        pencil.identity_step("decomposition", LOSS, total, claim="decomposition"),
        pencil.inequality_step("bound", LOSS, value, ">=", By(squares=own), "bound"),
        Step(
            "equality",
            Statement((at,), (optimal,)),
            Null(own, By("minimal"), leaf),
            claim="equality",
        ),
        pencil.identity_step("one-step", one_loss, one_step, claim="one-step"),
        pencil.identity_step("gain", f"({best.text('one_step')}) - ({value})", gain, claim="gain"),
        pencil.inequality_step(
            "gain-positive",
            best.text("one_step"),
            value,
            ">",
            By(rest=difference),
            "gain-positive",
        ),
        _slopes(),
        Step(
            "stationary",
            Statement(SLOPES, ((Atom("tied", "e1", "e2"),), optimal)),
            stationary_tree(best, _at_optimum(best)),
            claim="stationary",
        ),
        *_apart(best, optimal),
    )
    return Proof("two steps", context, steps)


def _slopes() -> Step:
    """L(e + v) = L(e) + v slope + v^2 curvature, in each rate."""
    atoms = []
    for number, (moved, other) in enumerate((("e1", "e2"), ("e2", "e1")), 1):
        change = f"v*sum[i](xq[i]*(s[i] - {other}*Ss[i]))"
        atoms.append(
            Atom(
                f"quadratic{number}",
                f"E((yq - yhat - {change})^2)",
                f"{LOSS} + v*({SLOPES[number - 1].left}) + E(({change})^2)",
            )
        )
        atoms.append(
            Atom(
                f"moved{number}",
                f"sum[i](xq[i]*(({moved} + v + {other})*s[i] - ({moved} + v)*{other}*Ss[i]))",
                f"yhat + {change}",
            )
        )
    by = {atom.name: By() for atom in atoms}
    return Step("slopes", Statement((), (tuple(atoms),)), Conclude(0, by), claim="slopes")


def stationary_tree(best: _steps.Optimum, then: Tree) -> Tree:
    """From both slopes: (e1 - e2) L_beta = 0, and where L_beta = 0 also L_alpha = 0."""
    A11, A12, A22 = best.text("A11"), best.text("A12"), best.text("A22")
    M1, M2 = (scalar_text(_steps.trace_moment(k)) for k in (1, 2))
    of_alpha = f"(2*({ALPHA}*({A11}) - {BETA}*({A12}) - ({M1})))"
    of_beta = f"(2*({BETA}*({A22}) - {ALPHA}*({A12}) + ({M2})))"
    return Derive(
        Atom("times", f"(e1 - e2)*{of_beta}"),
        By("slope2 - slope1"),
        Split(
            Atom("difference", "e1 - e2"),
            Atom("in_beta", of_beta),
            By("times"),
            (
                Conclude(0, {"tied": By("difference")}),
                Derive(Atom("in_alpha", of_alpha), By("slope1 - e2*in_beta"), then),
            ),
        ),
    )


def _solved(best: _steps.Optimum) -> dict[str, By]:
    """The optimal sum and product from the two linear equations in them."""
    import sympy

    A11, A12, A22 = best.text("A11"), best.text("A12"), best.text("A22")
    twice = scalar_text(sympy.factor(2 * (best.A11 * best.A22 - best.A12**2)))
    return {
        "total": By(f"({A22})*in_alpha + ({A12})*in_beta", twice),
        "product": By(f"({A12})*in_alpha + ({A11})*in_beta", twice),
    }


def _at_optimum(best: _steps.Optimum) -> Tree:
    return Conclude(1, _solved(best))


def _discriminant(best: _steps.Optimum) -> sympy.Expr:
    """alpha*^2 - 4 beta*."""
    import sympy

    return sympy.factor(best.alpha**2 - 4 * best.beta)


def _apart(best: _steps.Optimum, optimal: tuple[Atom, ...]) -> tuple[Step, ...]:
    """When real rates have the optimal sum and product."""
    D = _discriminant(best)
    text, quiet = scalar_text(D), scalar_text(D.subs("sigma2", 0))
    alpha, beta = best.text("alpha"), best.text("beta")
    apart = By(f"({ALPHA} + ({alpha}))*total - 4*product")
    root = Atom("root", "width^2", text)
    rates = f"(({alpha}) + width)/2", f"(({alpha}) - width)/2"
    both = (
        Atom("of_sum", f"{rates[0]} + {rates[1]}", alpha),
        Atom("of_product", f"{rates[0]}*{rates[1]}", beta),
    )
    by = {"of_sum": By(), "of_product": By("-root/4")}
    return (
        pencil.identity_step("apart", "(e1 - e2)^2", text, apart, optimal, "apart"),
        pencil.inequality_step("apart-quiet", quiet, "0", ">", By(rest=quiet), "apart-quiet"),
        Step("real-rates", Statement((root,), (both,)), Conclude(0, by), claim="real-rates"),
    )


def _transition() -> Step:
    """D times the square of its denominator, a quadratic in the noise."""
    import sympy

    best = _steps.optimum()
    delta = sympy.expand(sympy.fraction(best.beta)[1])
    D = _discriminant(best)
    sigma2 = sympy.Symbol("sigma2")
    parts = sympy.Poly(sympy.cancel(D * delta**2), sigma2).all_coeffs()[::-1]
    signed = [
        scalar_text(sympy.factor(part * sign))
        for part, sign in zip(parts, (1, -1, -1), strict=True)
    ]
    quadratic = f"({signed[0]}) - ({signed[1]})*sigma2 - ({signed[2]})*sigma2^2"
    atoms = (
        Atom("quadratic", f"({scalar_text(delta)})^2*({scalar_text(D)})", quadratic),
        *(Atom(f"sign{k}", text, "0", ">") for k, text in enumerate(signed)),
    )
    by = {f"sign{k}": By(rest=text) for k, text in enumerate(signed)}
    step = Statement((), (atoms,))
    return Step("transition", step, Conclude(0, {"quadratic": By(), **by}), claim="transition")


def beyond_proof() -> Proof:
    """D + below = 0, below > 0: where the slopes vanish, e1 = e2."""
    best = _steps.optimum()
    text = scalar_text(_discriminant(best))
    alpha, beta = best.text("alpha"), best.text("beta")
    below = Scalar("below", Fraction(0), strict=True, meaning="-D")
    own = (Square("1", "e1 - e2", "none"), Square("below", "1", "one"))
    last: Tree = Null(
        own,
        By(f"({ALPHA} + ({alpha}))*sum_of - 4*product_of + negative"),
        Contradiction(By("one")),
    )
    found = _solved(best)
    last = Derive(Atom("product_of", BETA, beta), found["product"], last)
    last = Derive(Atom("sum_of", ALPHA, alpha), found["total"], last)
    given = (*SLOPES, Atom("negative", f"({text}) + below"))
    statement = Statement(given, ((Atom("tied", "e1", "e2"),),))
    claim = "looped-beyond"
    step = Step(claim, statement, stationary_tree(best, last), claim=claim)
    return Proof(
        "beyond the transition",
        _steps.context(_steps.RATES, _steps.TWO_STEPS, (below,)),
        (_transition(), step),
    )


MOVED = (
    Definition("first", ("i",), "e1*s[i] + v*sum[j](V[i,j]*s[j])", "A1 s, A1 = e1 I + v V"),
    Definition(
        "moved1",
        (),
        "sum[i](xq[i]*(first[i] + e2*(s[i] - sum[j](S[i,j]*first[j]))))",
        "prediction, A1 moved",
    ),
    Definition("rest", ("i",), "s[i] - e1*Ss[i]", "s - S A1 s"),
    Definition(
        "moved2",
        (),
        "sum[i](xq[i]*(u1[i] + e2*rest[i] + v*sum[j](V[i,j]*rest[j])))",
        "prediction, A2 moved",
    ),
    Definition(
        "change1",
        (),
        "sum[i,j](xq[i]*V[i,j]*s[j]) - e2*sum[i,j,l](xq[i]*S[i,j]*V[j,l]*s[l])",
        "its change by v, A1",
    ),
    Definition("change2", (), "sum[i,j](xq[i]*V[i,j]*rest[j])", "its change by v, A2"),
)


def matrices_proof() -> Proof:
    """u = A1 s + A2 (s - S A1 s): where A1 = e1 I, A2 = e2 I move along a matrix V."""
    arrays = (
        *_steps.RATES,
        Tensor("V", (pencil.FEATURE, pencil.FEATURE), "a direction, any matrix"),
        Tensor("v", (), "how far"),
    )
    atoms = []
    for k, slope in enumerate(SLOPES, 1):
        along = f"d*E(0 - 2*(yq - yhat)*change{k})"
        atoms.append(Atom(f"linear{k}", f"moved{k}", f"yhat + v*change{k}"))
        atoms.append(Atom(f"along{k}", along, f"sum[i](V[i,i])*{slope.left}"))
    by = {atom.name: By() for atom in atoms}
    step = Step("matrices", Statement((), (tuple(atoms),)), Conclude(0, by), claim="matrices")
    context = _steps.context(arrays, (*_steps.TWO_STEPS, *MOVED))
    return Proof("full matrices", context, (step,))


def looped_proof(size: str) -> Proof:
    """sigma2 = size + 1 + more: where the slopes vanish, e1 = e2."""
    import sympy

    best = _steps.optimum()
    noise, more = f"{size} + 1 + more", sympy.Symbol("more")
    moved = {"sigma2": sympy.Symbol(size) + 1 + more}
    D = sympy.factor(_discriminant(best).subs(moved))
    alpha, beta = (scalar_text(sympy.factor(x.subs(moved))) for x in (best.alpha, best.beta))
    extra = Scalar("more", Fraction(0), meaning=f"sigma2 - {size} - 1")
    plain = _steps.context(_steps.RATES, _steps.TWO_STEPS)
    context = replace(
        plain,
        scalars=(*(x for x in plain.scalars if x.name != "sigma2"), extra),
        definitions=(Definition("sigma2", (), noise, "noise variance"), *plain.definitions),
    )
    own = (
        Square("1", "e1 - e2", "none"),
        Square(scalar_text(sympy.factor(-D)), "1", "one"),
    )
    found = _solved(best)
    last: Tree = Null(
        own,
        By(f"({ALPHA} + ({alpha}))*sum_of - 4*product_of"),
        Contradiction(By("one")),
    )
    last = Derive(Atom("product_of", BETA, beta), found["product"], last)
    last = Derive(Atom("sum_of", ALPHA, alpha), found["total"], last)
    tree = stationary_tree(best, last)
    claim = f"looped-{size}"
    statement = Statement(SLOPES, ((Atom("tied", "e1", "e2"),),))
    return Proof(f"noise from {size} + 1 on", context, (Step(claim, statement, tree, claim=claim),))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive the best two steps and write the proofs."""
    best = _steps.optimum()
    main = optimum_proof(claimed)
    main = replace(main, context=with_scalars(main.context))
    results = {
        "minimum_loss": best.text("minimum"),
        "sum_of_rates": best.text("alpha"),
        "product_of_rates": best.text("beta"),
    }
    fillings = (
        (Definition("e1", (), best.text("alpha")), Definition("e2", (), "0")),
        tuple(Definition(rate, (), "3/(5*(n + d + 1))") for rate in ("e1", "e2")),
    )
    further = (beyond_proof(), matrices_proof(), looped_proof("d"), looped_proof("n"))
    return Derivation((main, *further), results, fillings)


def with_scalars(context: Context) -> Context:
    """A displacement v of a rate and a root, any numbers."""
    any_numbers = (Tensor("v", (), "any displacement"), Tensor("width", (), "any number"))
    return replace(context, arrays=(*context.arrays, *any_numbers))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The steps taken on sampled prompts: the loss at the optimum, and the sample's own optimum."""
    progress("taking two steps on sampled prompts")
    return (sampled_table(given, options),)


def sampled_table(given: Derivation, options: Options) -> Table:
    """It passes if no estimate of L2* or of (alpha*, beta*) is 5 standard errors away."""
    import numpy as np

    from proofs.shared.evidence import grid, number

    rng = np.random.default_rng([options.seed, 42])
    rows, passed = [], True
    for d, n, noise in grid(options):
        at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        names = ("sum_of_rates", "product_of_rates", "minimum_loss")
        alpha, beta, least = (float(number(given.results[name], at)) for name in names)
        target, one, two = sampled_steps(d, n, float(noise), options.samples, rng)
        gap = target - alpha * one + beta * two
        estimate, error = float(np.mean(gap**2)), float(np.std(gap**2) / np.sqrt(len(gap)))
        slopes = [np.mean(gap * x) / (np.std(gap * x) / np.sqrt(len(gap))) for x in (one, two)]
        scores = ((estimate - least) / error, *map(float, slopes))
        passed &= max(map(abs, scores)) < 5
        shown = (f"{least:.6g}", f"{estimate:.6g}", *(f"{score:+.2f}" for score in scores))
        rows.append((str(d), str(n), str(noise), *shown))
    return Table(
        "Two steps on sampled prompts",
        ("d", "n", "sigma2", "L2*", "estimate", "z", "z of slope alpha", "z of slope beta"),
        tuple(rows),
        bool(passed),
        f"{options.samples} prompts each; the slopes of the loss vanish at (alpha*, beta*)",
        ("loss", "decomposition", "bound"),
    )


def sampled_steps(
    d: int, n: int, noise: float, samples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets, x's and x'S s of sampled prompts."""
    import numpy as np

    X, w, x = (rng.normal(size=(samples, *shape)) for shape in ((n, d), (d,), (d,)))
    y = np.einsum("Nki,Ni->Nk", X, w) + np.sqrt(noise) * rng.normal(size=(samples, n))
    target = np.einsum("Ni,Ni->N", x, w) + np.sqrt(noise) * rng.normal(size=samples)
    s = np.einsum("Nki,Nk->Ni", X, y)
    Ss = np.einsum("Nki,Nkj,Nj->Ni", X, X, s)
    return target, np.einsum("Ni,Ni->N", x, s), np.einsum("Ni,Ni->N", x, Ss)


THEOREM = Theorem(
    id="two-steps",
    title="Two steps of gradient descent against one, and from which noise on they are a loop",
    source="this project; two-layer transformers in Ahn et al. (2023), arXiv:2306.00297",
    statement=(
        "For x_i, w ~ N(0, I) and noise of variance sigma2, the loss of two gradient steps is L2* "
        "and two squares in e1 + e2 and e1 e2. L2* is smaller than the loss of the best single "
        "step by exactly n d c^2/((n + d + 1 + sigma2) Delta); without noise two different real "
        "rates reach it; where D < 0, as for sigma2 >= min(n, d) + 1, none do, and every "
        "stationary point in (e1, e2) has e1 = e2. D changes its sign once as the noise grows."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "gain"),
    numbers=("minimum_loss", "gain"),
)
