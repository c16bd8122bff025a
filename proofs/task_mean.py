"""Tasks with a mean mu: with a linear skip one step from mu; without it the price of the mean.

With v = w - mu the tokens' responses are y = X mu + (X v + noise), and the layer at (a, b, A, c)
predicts with y - X mu what it predicts at (a + b mu, b, A + mu c', c) with y. A skip makes the mean
free of charge: every global minimiser takes one preconditioned step from mu. Without a skip the
layer must build the constant 1 out of tr S and q: it pays kappa |mu|^2, d + 1 heads pay no more,
and one head at most (d + 1)/(n + d + 1) |mu|^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from proofs.shared import hypotheses, mean_heads, mean_line, mean_price
from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Scalar
from verifier.proof.statements import By, Proof, Step
from verifier.prover.layer import LayerOptions, layer
from verifier.prover.projection import Setup
from verifier.prover.reading import Reading, scalar_text
from verifier.prover.theorem_file import Part, attacks, derivation, shows, solved
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

if TYPE_CHECKING:
    import sympy

ZHANG = (
    "stronger: any heads, all minimisers; Zhang, Wu, Bartlett (2024), arXiv:2402.14951, of whose "
    "theorem only the abstract was seen"
)
NEW = "new"
CLAIMS = (
    Claim("skip-minimum", "Skip, every pair and mean, H heads: the minimum, free of mu", ZHANG),
    Claim("skip-equality", "With the skip L = L* only for these weights; the skip is mu", NEW),
    Claim("skip-prediction", "Every global minimiser predicts x'(mu + P(X'y - X'X mu))", ZHANG),
    Claim("skip-one-head", "The same for one head: exactly two families of weights", NEW),
    Claim("bound", "No skip, x ~ N(0, I), w ~ N(mu, I): no number of heads goes below L*", NEW),
    Claim("bound-prediction", "A layer of H heads that reaches L* predicts this", NEW),
    Claim("attained", "d + 1 heads reach L*: it is their minimum", NEW),
    Claim("attained-prediction", "Every global minimiser of d + 1 heads predicts that", NEW),
    Claim(
        "price",
        "L* = d + sigma2 - n d/(n + d + 1 + sigma2) + kappa |mu|^2, kappa in closed form",
        "new; that attention alone has an additive error: arXiv:2402.14951",
    ),
    Claim("price-positive", "kappa > 0: without the skip a mean always costs", NEW),
    Claim("price-at-most", "kappa <= 2/(n d + 2), the price without noise", NEW),
    Claim("pair-bound", "No skip, every pair: no number of heads goes below L*", NEW),
    Claim(
        "pair-bound-prediction", "Every pair: what a layer of H heads that reaches L* predicts", NEW
    ),
    Claim("pair-attained", "Every pair: d + 1 heads reach L*, exactly with that prediction", NEW),
    Claim(
        "pair-attained-prediction", "Every pair: what every minimiser of d + 1 heads predicts", NEW
    ),
    Claim(
        "pair-price",
        "Every pair: the equation of kappa, L* = the minimum without a mean + kappa mu'Lambda mu",
        "new; that attention alone has an additive error: arXiv:2402.14951",
    ),
    Claim(
        "pair-few",
        "Every pair: d heads make that prediction where k t^2 - t + be = 0, k = m'(al Lambda^-1 "
        "- be Gamma) m, m = P^-1 mu",
        NEW,
    ),
    Claim("pair-few-needed", "4 be k <= 1 where the prediction's forms vanish at (x, 1)", NEW),
    Claim("one-head-pays", "A layer of one head pays (d + 1)/(n + d + 1) |mu|^2", NEW),
    Claim("one-head-line", "d = 1, no noise: that layer of one head reaches L*", NEW),
    Claim("few-enough", "No noise, x ~ N(0, I), w ~ N(mu, I): d heads reach L*", NEW),
    Claim("few-needed", "A direction that no head reads (H < d): L = L* for mu = 0 only", NEW),
    Claim("line-enough", "d = 1: one head reaches L* where P^2 - 4 Q R >= 0", NEW),
    Claim("line-needed", "d = 1: one head reaches L* only where P^2 - 4 Q R >= 0", NEW),
)

SKIP = """
[covariates]
covariance = "Lambda > 0"
[task]
mean = "mu"
covariance = "Gamma > 0"
[layer]
skip = true
"""
MEAN = '[task]\nmean = "mu"\n'
MANY = 'heads = "H"\n'


def price_steps(setup: Setup) -> tuple[Step, ...]:
    """The price of the mean, split off the derived bound, in closed form and its sign."""
    derived = solved(PARTS[2].setting, PARTS[2].name).setup().value
    constant, kappa = split(setup.context, derived)
    noiseless, V = "2/(n*d + 2)", "2*n*((n + 1)*d + (d + sigma2)^2)"
    closed = f"({noiseless})*{V}/(({noiseless})*n^2*sigma2^2 + {V})"
    total = f"{scalar_text(constant)} + ({closed})*sum[i](mu[i]^2)"
    text = scalar_text(kappa)
    return (
        pencil.identity_step("price", derived, total, claim="price"),
        pencil.inequality_step(
            "price-positive", text, "0", ">", By(rest=text), claim="price-positive"
        ),
        pencil.inequality_step(
            "price-at-most",
            noiseless,
            text,
            ">=",
            By(rest=_over_one(f"{noiseless} - ({text})")),
            claim="price-at-most",
        ),
    )


def _over_one(text: str) -> str:
    """A rational function with numerator and denominator multiplied out."""
    import sympy

    return scalar_text(sympy.factor(sympy.sympify(text.replace("^", "**"))))


def split(context: Context, value: str) -> tuple[sympy.Expr, sympy.Expr]:
    """The constant, and the coefficient of |mu|^2; ValueError if there is more."""
    reading = Reading(replace(context, instances=()))
    parts = reading.parts(value)
    ((square, _),) = reading.parts("sum[i](mu[i]^2)").items()
    if set(parts) != {(), square}:
        raise ValueError("the bound is not a constant and a multiple of |mu|^2")
    return parts[()], parts[square]


PARTS = (
    Part(
        "a linear skip, any heads",
        SKIP + MANY,
        shows("minimum", "equality", "prediction", prefix="skip-"),
        shows("minimum_loss", "prediction"),
    ),
    Part("a linear skip, one head", SKIP, {"minimum": "skip-one-head"}),
    Part(
        "no skip",
        MEAN + "[layer]\n" + MANY,
        {
            "bound": "bound",
            "prediction": "bound-prediction",
            "heads-minimum": "attained",
            "heads-prediction": "attained-prediction",
        },
        {"minimum_loss": "lower_bound"},
        extra=price_steps,
    ),
)


def one_head_proof(claimed: Mapping[str, str]) -> Proof:
    """The layer b = 1, A = eta I, a = (t - 1) mu, c = 0 with the best t, and its loss."""
    import sympy

    best = solved(PARTS[2].setting, PARTS[2].name)
    setup = best.setup()
    model = best.setting.model
    one = layer(LayerOptions(), "", model.context().taken | {"t"})
    rate = best.best.definitions[0].body
    values = one.realised({"b": "1", "A": f"({rate})*delta[i,j]", "a": "(t - 1)*mu[l]"})
    free = Context(
        sorts=model.sorts,
        scalars=(*model.scalars, Scalar("t", meaning="1 + the multiple of mu in a")),
        arrays=model.arrays,
        definitions=(*model.definitions, *one.statistics, *values, *one.definitions),
    )
    loss = f"E((yq - {one.names['yhat']})^2)"
    constant, of_mean = split(free, loss)
    t = sympy.Symbol("t")
    best_t = sympy.factor(sympy.solve(sympy.diff(of_mean, t), t)[0])
    pays = claimed.get("one_head", scalar_text(sympy.factor(of_mean.subs(t, best_t))))
    fixed = tuple(
        replace(one, body=one.body.replace("(t - 1)", f"({scalar_text(sympy.factor(best_t - 1))})"))
        for one in free.definitions
    )
    context = replace(free, scalars=model.scalars, definitions=fixed)
    value = f"{scalar_text(constant)} + ({pays})*sum[i](mu[i]^2)"
    line = (Atom("line", "d", "1"), Atom("quiet", "sigma2"))
    return Proof(
        "one head",
        context,
        (
            pencil.identity_step("one-head-pays", loss, value, claim="one-head-pays"),
            pencil.identity_step(
                "one-head-line", loss, setup.value, _on_line(context, value, setup.value), line,
                "one-head-line",
            ),
        ),
    )  # fmt: skip


def _on_line(context: Context, value: str, bound: str) -> By:
    """value - bound as a combination of d - 1 and sigma2, the residuals ``line`` and ``quiet``."""
    import sympy

    d, sigma2 = sympy.symbols("d sigma2")
    pairs = zip(split(context, value), split(context, bound), strict=True)
    above, below = sympy.fraction(sympy.together([one - two for one, two in pairs][1]))
    (of_line, of_quiet), rest = sympy.reduced(sympy.expand(above), [d - 1, sigma2], d, sigma2)
    if rest != 0:
        return By()
    text = f"({scalar_text(of_line)})*line + ({scalar_text(of_quiet)})*quiet"
    return By(f"sum[i](mu[i]^2)*({text})", scalar_text(sympy.expand(below)))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers with and without the skip, and what one head pays."""
    others = (one_head_proof(claimed), *mean_price.proofs(claimed))
    heads = (*mean_heads.proofs(), *mean_line.proofs())
    return derivation(PARTS, claimed, others=(*others, *heads))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on exact moments, and the attack on the first setting."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import case_of, gaussian, heads_table, small_sizes

    progress("descending over one to three heads")
    cases, noise = [], float(max(options.noises))
    for d, n in small_sizes(options):
        Lam, Gam = (_evidence.example_covariance(d, shift).array() for shift in (0, 1))
        mean = np.array([1.5, -0.5])[:d]
        arrays = {"F": np.linalg.cholesky(Lam), "G": np.linalg.cholesky(Gam), "mu": mean}
        numbers = {"sigma2": noise}
        skip = solved(PARTS[0].setting, PARTS[0].name)
        people = gaussian(n, noise, Lam, Gam, mean)
        cases.append(case_of(skip, (str(d), str(n), "yes"), people, numbers, arrays, (1, 2)))
        plain = solved(PARTS[2].setting, PARTS[2].name)
        people = gaussian(n, noise, Lam, Gam, mean)
        pair = (str(d), str(n), "no, pair")
        cases.append(mean_price.case(pair, people, (Lam, Gam), mean, noise))
        people = gaussian(n, noise, np.eye(d), np.eye(d), mean)
        heads = tuple(range(1, d + 2))
        cases.append(
            case_of(plain, (str(d), str(n), "no"), people, numbers, {"mu": mean}, heads, d + 1)
        )
    supports = (
        *("skip-minimum", "skip-prediction", "bound", "attained"),
        *("pair-bound", "pair-attained", "pair-attained-prediction"),
    )
    table = heads_table(cases, options, ("d", "n", "skip"), supports)
    return (table, mean_line.table(options), *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="task-mean",
    title="Tasks with a mean: a skip makes one step from the mean, and what its absence costs",
    source="this project; Zhang, Wu, Bartlett (2024), arXiv:2402.14951 (abstract seen)",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(mu, Gamma) and noise of variance sigma2, every global "
        "minimiser of H heads of linear self-attention with a linear skip of the query predicts "
        "x_{n+1}'(mu + P (X'y - X'X mu)). Without the skip the least loss of all numbers of "
        "heads, which d + 1 heads reach, is larger by kappa mu'Lambda mu; kappa > 0 for Lambda = "
        "Gamma = I. There, without noise, d heads reach it and fewer do not unless mu = 0; for d = "
        "1 with noise one head does exactly where P^2 >= 4 Q R."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "prediction", "lower_bound", "one_head", "pair_lower_bound"),
    numbers=("minimum_loss", "lower_bound", "one_head"),
    hypotheses=(
        Hypothesis(
            "centred-task", "the task has mean 0", ("task-mean", "skip-prediction"),
            hypotheses.task_mean("linear readout"),
            instead="a linear skip of the query, which is free of charge",
        ),
    ),
)  # fmt: skip
