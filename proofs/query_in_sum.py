"""The query's own token in the sum: without a task mean it changes nothing, whatever the heads.

With a task mean it matters: one feature shows that it helps without noise and can harm with it.

The token v_{n+1} = (x, 0) adds x x' to S. The prediction gains x' sum_h A_h' x a_h'x, which is odd
in x where the target's own terms are linear in w, so the least-squares readout x'P s is
uncorrelated with it. A division by n + 1 only rescales the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import line as _line
from proofs.shared.premises import under
from verifier.proof.context import Atom, Context, Definition, Scalar
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.reading import scalar_text
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

NEW = "new; for one head `gaussian-pair` query-in-sum"
ZHANG = "new; the layer of Zhang, Frei, Bartlett (2024), arXiv:2306.09927, divides by n"
CLAIMS = (
    Claim("minimum", "Every pair, H heads: one head's minimum without that token", NEW),
    Claim("equality", "L = L* only where B = P, sum b c = 0, sum of A a symmetrised = 0", "new"),
    Claim("prediction", "Every pair, H heads: every global minimiser predicts x'P s", NEW),
    Claim("divided-minimum", "One head, divided by n + 1: exactly two families of weights", "new"),
    Claim("divided-prediction", "The same: every global minimiser predicts x'P s", "new"),
    Claim("by-n-minimum", "H heads, divided by n: the same minimum", ZHANG),
    Claim("by-n-prediction", "The same: every global minimiser predicts x'P s", ZHANG),
    Claim(
        "any-laws-minimum",
        "x ~ N(0, I), E w = 0, E ww' = I, E www = 0, centred noise, H heads: minimum",
        "new",
    ),
    Claim("any-laws-prediction", "The same: prediction eta x'X'y", "new"),
    Claim("mean-bound", "w ~ N(mu, Gamma), H heads: L* by linear equations; none below", "new"),
    Claim("mean-prediction", "A layer of H heads that reaches L* predicts this", "new"),
    Claim("mean-attained", "d + 1 heads reach L*: it is their minimum", "new"),
    Claim("mean-attained-prediction", "Every minimiser of d + 1 heads predicts that", "new"),
    Claim("line-bound", "d = 1, w ~ N(mu, 1): L* in closed form, no H heads below", "new"),
    Claim("line-prediction", "The same: what a layer of H heads that reaches L* predicts", "new"),
    Claim("line-minimum", "d = 1, w ~ N(mu, 1): two heads reach L*", "new"),
    Claim("line-without", "The same layer without that token: its minimum, two heads", "new"),
    Claim("line-helps", "No noise, mu != 0: L* is less than without that token", "new"),
    Claim("line-harms", "n = 12, sigma2 = 4, mu = 1: L* is more than without that token", "new"),
)

COVARIANCES = """
[covariates]
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
"""
PAIR = COVARIANCES + '[layer]\nheads = "H"\nquery_in_sum = true\n'
DIVIDED = COVARIANCES + '[layer]\nquery_in_sum = true\ndivide_by = "n+1"\n'
BY_N = COVARIANCES + '[layer]\nheads = "H"\nquery_in_sum = true\ndivide_by = "n"\n'
ANY_LAWS = """
[task]
law = "symmetric"
[noise]
law = "any"
[layer]
heads = "H"
query_in_sum = true
"""
MEAN = """
[covariates]
covariance = "Lambda > 0"
[task]
mean = "mu"
covariance = "Gamma > 0"
[layer]
heads = "H"
query_in_sum = true
"""
PARTS = (
    Part(
        "every pair",
        PAIR,
        shows("minimum", "equality", "prediction"),
        shows("minimum_loss", "prediction"),
    ),
    Part(
        "divided by n + 1",
        DIVIDED,
        shows("minimum", "prediction", prefix="divided-"),
        shows("minimum_loss", prefix="divided_"),
    ),
    Part(
        "divided by n",
        BY_N,
        shows("minimum", "prediction", prefix="by-n-"),
        shows("minimum_loss", prefix="by_n_"),
    ),
    Part(
        "any symmetric task, any noise",
        ANY_LAWS,
        shows("minimum", "prediction", prefix="any-laws-"),
        {"learning_rate": "learning_rate", "minimum_loss": "any_laws_minimum_loss"},
    ),
    Part(
        "tasks with a mean",
        MEAN,
        {
            "bound": "mean-bound",
            "prediction": "mean-prediction",
            "heads-minimum": "mean-attained",
            "heads-prediction": "mean-attained-prediction",
        },
    ),
)
SQUARE = Scalar("square", Fraction(0), strict=True, meaning="mu^2")
HARMED = {"n": 12, "sigma2": 4, "mu": 1}


def line_proofs(claimed: Mapping[str, str]) -> tuple[Proof, ...]:
    """One feature: the bound, two heads with and without the token, and which is less."""
    many, two = (_line.Heads(many=True),), (_line.Heads(), _line.Heads("f"))
    shown = {"bound": "line-bound", "prediction": "line-prediction"}
    value = claimed.get("line_minimum_loss", "")
    proofs = [
        Proof("d = 1, H heads", _with_best(many, True), _line.bound_steps(True, shown, value))
    ]
    for query, claim in ((True, "line-minimum"), (False, "line-without")):
        own = value if query else ""
        steps = (
            *_line.bound_steps(query, {}, own),
            *_line.minimum_steps(query, two, claim, own),
        )
        proofs.append(Proof(f"d = 1, two heads, {claim}", _with_best(two, query), steps))
    bare = _line.context((), True, (), (SQUARE,))
    return (*proofs, Proof("d = 1, with and without", bare, _compared()))


def _with_best(groups: tuple[_line.Heads, ...], query: bool) -> Context:
    best = Definition("best", (), _line.best(query).text, "the best prediction")
    return _line.context(groups, query, (best,))


def _compared() -> tuple[Step, ...]:
    """The sign of the difference without noise, and at one point with noise."""
    import sympy

    own, without = (_line.best(query).loss for query in (True, False))
    sigma2, mu, square = sympy.symbols("sigma2 mu square")
    quiet = {sigma2: 0, mu: sympy.sqrt(square)}
    helps = {"mean": mu**2 - square, "quiet": sigma2}
    harms = {f"at_{name}": sympy.Symbol(name) - at for name, at in HARMED.items()}
    gain = sympy.factor(without - own)
    texts = scalar_text(own), scalar_text(without)
    return (
        _sign(
            "line-helps",
            (Atom("mean", "mu^2", "square"), Atom("quiet", "sigma2")),
            Atom("less", texts[1], texts[0], ">"),
            under(gain, sympy.factor(gain.subs(quiet)), helps),
        ),
        _sign(
            "line-harms",
            tuple(Atom(f"at_{name}", name, str(at)) for name, at in HARMED.items()),
            Atom("more", texts[0], texts[1], ">"),
            under(-gain, -gain.subs(HARMED), harms),
        ),
    )


def _sign(claim: str, given: tuple[Atom, ...], atom: Atom, by: By) -> Step:
    return Step(claim, Statement(given, ((atom,),)), Conclude(0, {atom.name: by}), claim=claim)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers whose sum has the query's token."""
    _, beta, kappa = map(scalar_text, _line.best(True).weights)
    near = _line.Heads(many=True).realised(b="1/H", A=beta, c=kappa)
    given = derivation(PARTS, claimed, (near,), line_proofs(claimed))
    loss = scalar_text(_line.best(True).loss)
    return replace(given, results={**given.results, "line_minimum_loss": loss})


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on exact moments, and the attack on the first setting."""
    from proofs.shared.population import heads_table, pairs_table

    progress("descending over one to three heads")
    table = pairs_table(solved(PAIR, "every pair"), options, query_nodes=4)
    noise = max(options.noises)
    cases = [_line.case(n, noise, mean, True) for n, mean in ((1, Fraction(1)), (2, Fraction(2)))]
    supports = ("line-bound", "line-prediction", "line-minimum")
    line = heads_table(cases, options, ("d", "n", "mu"), supports)
    return (table, line, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="query-in-sum",
    title="The query's own token in the sum: nothing changes, unless the tasks have a mean",
    source="this project; the layer of Zhang, Frei, Bartlett (2024), arXiv:2306.09927",
    statement=(
        "For x_i ~ N(0, Lambda), w ~ N(0, Gamma) and noise of variance sigma2, let the sum of a "
        "layer of H heads run over the query's token (x_{n+1}, 0) too, undivided or divided by n. "
        "The minimum is that of the layer without that token, and every global minimiser predicts "
        "x_{n+1}' P X' y. With w ~ N(mu, Gamma) the least loss of all numbers of heads solves a "
        "linear least-squares problem, and d + 1 heads reach it. For d = 1 it is in closed form: "
        "less than without that token for mu != 0 and no noise, more at n = 12, sigma2 = 4, mu = 1."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "divided_minimum_loss",
        "by_n_minimum_loss",
        "any_laws_minimum_loss",
        "line_minimum_loss",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "divided_minimum_loss",
        "by_n_minimum_loss",
        "any_laws_minimum_loss",
        "line_minimum_loss",
    ),
    hypotheses=(
        Hypothesis("one-head", "the layer has one head", ("query-in-sum", "prediction")),
        Hypothesis(
            "not-divided", "the sum is not divided by n", ("query-in-sum", "by-n-prediction")
        ),
    ),
)
