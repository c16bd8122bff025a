"""One bound for every number of heads and every law of prompts that parity leaves as it is.

H heads predict x' (B s + e), e linear in S = sum u x x' and q = sum u y^2. Where w and s are
uncorrelated with S and q, and P E ss' = E ws', the error of x'P s is uncorrelated with all that
heads can predict: the least loss is that of x'P s for every H, and exactly the layers that predict
it reach it. Nothing else is asked of the law. Second moments of two numbers more give P and L*.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs import causal_training, elliptical, heads, noise_levels
from proofs.shared import hypotheses
from proofs.shared import layer as pencil
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Field,
    Law,
    Model,
    Outcome,
    Point,
    Scalar,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import (
    Attained,
    By,
    Conclude,
    Derive,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
)
from verifier.proof.statements import Claim as Statement
from verifier.prover.data_model import EXAMPLE, FEATURE, Sizes
from verifier.prover.layer import Layer, LayerOptions, layer
from verifier.prover.theorem_file import Part, derivation
from verifier.prover.used_letters import with_used_letters
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
    from proofs.shared.population import Case

CLAIMS = (
    Claim("decomposition", "L - L* is the mean squared distance to x'P s, H heads", "new"),
    Claim("bound", "L >= L*, the loss of x'P s, for every number of heads", "new"),
    Claim("minimum", "L* is the minimum; exactly the layers that predict x'P s reach it", "new"),
    Claim("prediction", "Every global minimiser predicts x'P s", "new"),
    Claim(
        "closed",
        "E ws' = p Gamma Lambda, E ss' = alpha Lambda Gamma Lambda + beta Lambda: P and L*",
        "new",
    ),
    Claim("of-pair", "Gaussian pair: p = n, alpha = n (n + 1), beta = n t", "new"),
    Claim(
        "of-noise", "Any noises: p = n, alpha = n (n + 1), beta = n tr Lambda Gamma + tr C", "new"
    ),
    Claim(
        "of-length", "Random length: p = n p1, alpha = n ((n - 1) p2 + 2 p1), beta = n p1 t", "new"
    ),
    Claim(
        "of-ellipse",
        "Elliptical: p = n, alpha = n (n - 1 + 2 kappa), beta = n (kappa tr + sigma2)",
        "new",
    ),
)
OWN = frozenset(("w", "y", "X", "u", "xq", "yq", "eq", "P", "F", "Lambda", "Gamma", "G"))
PREDICTED = "sum[i,j](xq[i]*P[i,j]*s[j])"
VALUE = "sigma2 + sum[i,j](Lambda[i,j]*(E(w[i]*w[j]) - sum[l](P[i,l]*E(s[l]*w[j]))))"
PARITY = (
    Atom("wS", "E(w[i]*S[j,l])"),
    Atom("wq", "E(w[i]*q)"),
    Atom("sS", "E(s[i]*S[j,l])"),
    Atom("sq", "E(s[i]*q)"),
)
NORMAL = Atom("normal", "sum[j](P[i,j]*E(s[j]*s[l]))", "E(w[i]*s[l])")
TABLE = (
    Atom("task", "E(w[i]*w[j])", "Gamma[i,j]"),
    Atom("cross", "E(w[i]*s[j])", "p*sum[l](Gamma[i,l]*Lambda[l,j])"),
    Atom(
        "second",
        "E(s[i]*s[j])",
        "alpha*sum[l,i1](Lambda[i,l]*Gamma[l,i1]*Lambda[i1,j]) + beta*Lambda[i,j]",
    ),
    Atom(
        "readout",
        "alpha*sum[j,l](P[i,j]*Lambda[j,l]*Gamma[l,i1]) + beta*P[i,i1]",
        "p*Gamma[i,i1]",
    ),
)


def prompts() -> Context:
    """One prompt of any law, tokens weighed by u, and a query independent of it."""
    sizes = Sizes()
    square = (FEATURE, FEATURE)
    return Context(
        sorts=sizes.sorts(),
        scalars=(*sizes.scalars(), pencil.NOISE),
        laws=(
            Law(
                "D",
                (
                    Field("w", (FEATURE,)),
                    Field("X", (EXAMPLE, FEATURE)),
                    Field("y", (EXAMPLE,)),
                    Field("u", (EXAMPLE,)),
                ),
                meaning="law of the prompt and its task",
            ),
            Law("Q", (Field("x", (FEATURE,)),), meaning="law of the query"),
            Law("N", (Field("e"),), meaning="law of the query's noise"),
        ),
        arrays=(
            Slot("w", "D", "w", "prompt", "task vector"),
            Slot("X", "D", "X", "prompt", "covariates of the examples"),
            Slot("y", "D", "y", "prompt", "responses of the examples"),
            Slot("u", "D", "u", "prompt", "weights of the tokens"),
            Slot("xq", "Q", "x", "query", "query"),
            Slot("eq", "N", "e", "query", "noise of the query's response"),
            Tensor("F", square, "Lambda = F F'"),
            Tensor("P", square, "the best readout"),
        ),
        definitions=(
            Definition("Lambda", ("i", "j"), "sum[l](F[i,l]*F[j,l])", "second moments of x"),
            Definition("yq", (), "sum[i](xq[i]*w[i]) + eq", "response of the query, the target"),
        ),
        moments=(
            Atom("query", "E(xq[i]*xq[j])", "Lambda[i,j]"),
            Atom("noise_mean", "E(eq)", "0"),
            Atom("noise", "E(eq^2)", "sigma2"),
        ),
    )


def extended(
    bare: Context,
    own: Layer,
    given: tuple[Atom, ...],
    instances: tuple[Point, ...],
    more: tuple[tuple[Scalar, ...], tuple[Tensor, ...], tuple[Definition, ...]] = ((), (), ()),
) -> Context:
    """The prompts, a layer's statistics and weights, and what is given."""
    scalars, arrays, definitions = more
    return Context(
        sorts=(*bare.sorts, *own.sorts),
        scalars=(*bare.scalars, *own.scalars, *scalars),
        laws=bare.laws,
        arrays=(*bare.arrays, *arrays, *own.weights),
        definitions=(*bare.definitions, *definitions, *own.statistics, *own.definitions),
        moments=bare.moments,
        given=given,
        instances=instances,
    )


def _instance(own: Layer, size: int, further: tuple[Value | Definition, ...] = ()) -> Point:
    """n = d = H = size, X = I, u = 1, w of independent fair signs and y = X w."""
    signs = tuple(itertools.product((Fraction(-1), Fraction(1)), repeat=size))
    tasks = tuple(Outcome(Fraction(1, len(signs)), (Value("w0", one),)) for one in signs)
    fields = (
        Definition("w", ("i",), "w0[i]"),
        Definition("X", ("k", "i"), "one[k,i]"),
        Definition("y", ("k",), "sum[i](one[k,i]*w0[i])"),
        Definition("u", ("k",), "1"),
    )
    one = tuple(tuple(Fraction(i == j) for j in range(size)) for i in range(size))
    tasks = tuple(Outcome(x.weight, (*x.values, Value("one", one))) for x in tasks)
    numbers = {"n": size, "d": size, "sigma2": 1} | {x.name: size for x in own.scalars}
    return Point(
        (
            *(Value(name, Fraction(x)) for name, x in numbers.items()),
            Definition("F", ("i", "j"), "delta[i,j]"),
            Definition("P", ("i", "j"), "delta[i,j]"),
            *further,
            *own.realised(*({} for _ in own.groups)),
        ),
        (
            Model("D", (), tasks, fields),
            Model("Q", (Tensor("z", (FEATURE,)),), (), (Definition("x", ("i",), "z[i]"),)),
            Model("N", (Tensor("z"),), (), (Definition("e", (), "z"),)),
        ),
    )


def bound_proof(claimed: Mapping[str, str]) -> Proof:
    """The error of x'P s against all that H heads predict."""
    bare = prompts()
    own = layer(LayerOptions("H"), "u", bare.taken | OWN)
    context = extended(bare, own, (*PARITY, NORMAL), (_instance(own, 1), _instance(own, 2)))
    value = claimed.get("minimum_loss", VALUE)
    rest, gap = _rest(own), Square("1", f"yhat - {PREDICTED}", "gap")
    at, case = Atom("minimal", pencil.LOSS, value), (Atom("predicted", "yhat", PREDICTED),)
    total = f"{value} + E((yhat - {PREDICTED})^2)"
    lower = Atom("bound", pencil.LOSS, value, ">=")
    converse = Derive(
        Atom("vanishes", f"yhat - {PREDICTED}"),
        By("predicted"),
        Conclude(0, {"minimal": By(f"{rest} + E((yhat - {PREDICTED})*vanishes)")}),
    )
    head = {"b": "1", "A": "P[j,i]/H"}
    null = Null((gap,), By(f"minimal - ({rest})"), Conclude(0, {"predicted": By("gap")}))
    steps = (
        pencil.identity_step("decomposition", pencil.LOSS, total, By(rest), claim="decomposition"),
        Step(
            "bound",
            Statement((), ((lower,),)),
            Conclude(0, {"bound": By(rest, squares=(gap,))}),
            claim="bound",
        ),
        Step("equality", Statement((at,), (case,)), null, claim="prediction"),
        Step("converse", Statement(case, ((at,),)), converse),
        Step(
            "minimum",
            Minimum(pencil.LOSS, value, own.parameters, (case,)),
            Attained(0, own.realised(head)),
            ("bound", "equality", "converse"),
            "minimum",
        ),
    )
    return with_used_letters(Proof("any law with parity", context, steps))


def _rest(own: Layer) -> str:
    """L - L* - E (yhat - x'P s)^2 by what is given: w - P s against s, S and q."""
    (group,) = own.groups
    outer = group.summed(f"{group.at('A', 'j', 'l')}*{group.at('a', 'i1')}")
    energy = group.summed(f"{group.at('b')}*{group.at('c', 'l')}")
    against_s = "sum[j](B[l,j]*normal[i,j])"
    against_S = f"sum[j,i1]({outer}*(wS[i,j,i1] - sum[i2](P[i,i2]*sS[i2,j,i1])))"
    against_q = f"({energy})*(wq[i] - sum[j](P[i,j]*sq[j]))"
    return (
        "0 - sum[i,l,j](Lambda[i,l]*P[i,j]*normal[l,j])"
        f" - sum[i,l](2*Lambda[i,l]*(0 - {against_s} + {against_S} + {against_q}))"
    )


def closed_proof() -> Proof:
    """With the two second moments in closed form: P and L*."""
    bare = prompts()
    own = layer(LayerOptions("H"), "u", bare.taken | OWN)
    numbers = (
        Scalar("alpha", meaning="of Lambda Gamma Lambda in E ss'"),
        Scalar("beta", meaning="of Lambda in E ss'"),
        Scalar("p", meaning="of Gamma Lambda in E ws'"),
    )
    tensors = (Tensor("Gamma", (FEATURE, FEATURE), "second moments of the task"),)
    further: tuple[Value | Definition, ...] = (
        *(Value(name, Fraction(x)) for name, x in (("alpha", 0), ("beta", 1), ("p", 1))),
        Definition("Gamma", ("i", "j"), "delta[i,j]"),
    )
    points = tuple(_instance(own, size, further) for size in (1, 2))
    context = extended(bare, own, TABLE, points, (numbers, tensors, ()))
    chain = "Lambda[i,j]*P[j,l]*Lambda[l,i1]*Gamma[i,i1]"
    loss = f"sigma2 + sum[i,j](Lambda[i,j]*Gamma[i,j]) - p*sum[i,j,l,i1]({chain})"
    atoms = (Atom("normal", NORMAL.left, NORMAL.right), Atom("loss", VALUE, loss))
    by = {
        "normal": By("sum[j](P[i,j]*second[j,l]) - cross[i,l] + sum[j](readout[i,j]*Lambda[j,l])"),
        "loss": By("sum[i,j](Lambda[i,j]*task[i,j]) - sum[i,j,l](Lambda[i,j]*P[i,l]*cross[j,l])"),
    }
    step = Step("closed", Statement((), (atoms,)), Conclude(0, by), claim="closed")
    return with_used_letters(Proof("closed form", context, (step,)))


def _row(claim: str, p: str, alpha: str, beta: str) -> Step:
    """The four covariances that vanish, and the two second moments."""
    replaced = {"p*": f"({p})*", "alpha*": f"({alpha})*", "beta*": f"({beta})*"}
    atoms = list(PARITY)
    for one in TABLE[1:3]:
        right = one.right
        for name, text in replaced.items():
            right = right.replace(name, text)
        atoms.append(Atom(f"of_{one.name}", one.left, right))
    return Step(
        claim,
        Statement((), (tuple(atoms),)),
        Conclude(0, {a.name: By() for a in atoms}),
        claim=claim,
    )


TRACE = "sum[i1,i2](Lambda[i1,i2]*Gamma[i1,i2])"


def _rows(name: str, part: Part, step: Step) -> Part:
    """The setting of another theorem, without its layer."""
    return Part(name, part.setting, {}, steps=(step,), points=part.points)


ROWS = (
    _rows(
        "Gaussian pair",
        heads.PARTS[0],
        _row("of-pair", "n", "n*(n + 1)", f"n*({TRACE} + sigma2)"),
    ),
    _rows(
        "any noises",
        noise_levels.PARTS[0],
        _row("of-noise", "n", "n*(n + 1)", f"n*{TRACE} + sum[k](C[k,k])"),
    ),
    _rows(
        "random length",
        causal_training.PARTS[0],
        _row("of-length", "n*p1", "n*((n - 1)*p2 + 2*p1)", f"n*p1*({TRACE} + sigma2)"),
    ),
    _rows(
        "elliptical covariates",
        elliptical.PARTS[0],
        _row("of-ellipse", "n", "n*(n - 1 + 2*kappa)", f"n*(kappa*{TRACE} + sigma2)"),
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The bound, its closed form, and the rows of the table."""
    own = (bound_proof(claimed), closed_proof())
    rows = derivation(ROWS, claimed)
    return Derivation((*own, *rows.proofs), {"minimum_loss": VALUE})


def evidence(_given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on laws that parity leaves as they are."""
    from proofs.shared.population import heads_table

    progress("descending over one to three heads")
    cases = [_case(d, n, options) for d in (1, 2) if d in options.dimensions for n in (1, 3)]
    return (heads_table(cases, options, ("d", "n"), ("bound", "minimum", "prediction")),)


def _case(d: int, n: int, options: Options) -> Case:
    """Forty prompts of no shape and their mirror images, each with every node of the query."""
    import numpy as np

    from proofs.shared import population

    rng = np.random.default_rng([options.seed, 51, d, n])
    X, w, noise = (rng.normal(size=(40, *shape)) for shape in ((n, d), (d,), (n,)))
    y = np.einsum("Nki,Ni->Nk", X, w) ** 3 / 4 + noise * X[:, :, 0]
    tokens = rng.uniform(size=(40, n))
    X, w, y, tokens = (
        np.concatenate(pair) for pair in ((X, X), (w, -w), (y, -y), (tokens, tokens))
    )
    weight, at = population.nodes({"q": ((d,), 3)})
    query = at["q"] @ rng.normal(size=(d, d))
    many, places = len(X), len(query)
    repeated = [np.repeat(one, places, axis=0) for one in (X, w, y, tokens)]
    query = np.tile(query, (many, 1))
    people = population.Population(
        np.tile(weight, many) / many, repeated[0], repeated[2], query,
        np.einsum("Ni,Ni->N", query, repeated[1]), 0.5, repeated[3],
    )  # fmt: skip
    s = np.einsum("Nk,Nki,Nk->Ni", tokens, X, y)
    P = (w.T @ s) @ np.linalg.pinv(s.T @ s)
    predicted = np.einsum("Ni,ij,Nj->N", query, P, people.steps())
    least = people.mean((people.target - predicted) ** 2) + people.floor
    return population.Case((str(d), str(n)), people, least, predicted)


THEOREM = Theorem(
    id="universal-bound",
    title="One bound for every number of heads and every law of prompts with parity",
    source="this project",
    statement=(
        "Let a query of second moments Lambda be independent of the prompt and its task, and let w "
        "and s = sum u x y be uncorrelated with S = sum u x x' and q = sum u y^2. With P E ss' = "
        "E ws', the least loss of H heads of linear self-attention is that of x'P s for every H, "
        "and exactly the layers that predict x'P s attain it."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss",),
    numbers=(),
    hypotheses=(
        Hypothesis(
            "parity",
            "w and s are uncorrelated with S and q",
            violations=hypotheses.task_mean("linear readout"),
        ),
    ),
)
