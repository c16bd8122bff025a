"""A theorem with one of everything that a report, a document or a record can show.

Its first proof is the toy theorem's. The second is about nothing: it has a strict and a weak bound,
premises, a hypothesis, a pair of inverses, a sign symmetry, a law given by its moments and an
assumption in words, so that a form that drops one of them shows it here. Two claims are for numbers
alone: one that a table supports and one that nothing supports.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "commands"))

from toys import TOY

from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
from verifier.proof.statement import Identity, Implication, Sign
from verifier.theorem import Claim, Curve, Derivation, Options, Progress, Table, Theorem

ASSUMPTION = "the queries do not look at the noise"
CONTEXT = Context(
    scalars=(
        Scalar("d", Fraction(1), integer=True, meaning="dimension"),
        Scalar("sigma2", Fraction(0), strict=True, meaning="noise variance"),
        Scalar("r", meaning="rate"),
    ),
    sorts=(("feature", "d"),),
    tensors=(
        Tensor("P", ("feature", "feature"), meaning="a matrix"),
        Tensor("Q", ("feature", "feature"), meaning="a projection"),
        Tensor("M", ("feature", "feature"), meaning="a matrix with an inverse"),
        Tensor("N", ("feature", "feature"), meaning="its inverse"),
        Tensor("z", ("feature",), meaning="a random direction"),
    ),
    laws=(Law("joint", ("z",), moments=(((1,), "0"), ((2,), "sigma2*delta[s1,s2]"))),),
    flips=(("z",),),
    definitions=(Definition("size", (), "sum[i](z[i]^2)", "squared length"),),
    hypotheses=(Equation("projection", "sum[k](Q[i,k]*Q[k,j])", "Q[i,j]"),),
    inverses=(("M", "N"),),
    assumptions=(ASSUMPTION,),
)
SCALAR = Equation("scalar", "P[i,j]", "r*delta[i,j]")
STEPS = (
    Step("positive", "sign", Sign("sigma2*d", True), {}, claim="positive"),
    Step("not-negative", "sign", Sign("d - 1", False), {}, claim="not-negative"),
    Step("length", "identity", Identity("E(size)", "sigma2*d"), {}, claim="length"),
    Step(
        "cubed",
        "identity",
        Identity("sum[k,l](Q[i,k]*Q[k,l]*Q[l,j])", "Q[i,j]"),
        {"combination": "sum[l](projection[i,l]*Q[l,j]) + projection[i,j]"},
        claim="cubed",
    ),
    Step(
        "cancelled",
        "identity",
        Identity("sum[k,l](M[i,k]*N[k,l]*P[l,j])", "P[i,j]"),
        {},
        claim="cancelled",
    ),
    Step(
        "premise",
        "identity",
        Identity("P[k,l]*P[l,k]", "r^2*delta[k,l]", (SCALAR,)),
        {"combination": "scalar[k,l]*P[l,k] + r*delta[k,l]*scalar[l,k]"},
        claim="premise",
    ),
    Step(
        "either",
        "cases",
        Implication(
            (SCALAR,),
            (
                (Equation("double", "2*P[k,l]", "2*r*delta[k,l]"),),
                (Equation("zero", "r", "0"),),
            ),
        ),
        {"node": "conclude", "system": 0, "by": {"double": {"combination": "2*scalar[k,l]"}}},
        claim="either",
    ),
)
WORDS = {
    "positive": "A product of positive numbers",
    "not-negative": "A dimension is at least 1",
    "length": "The expected squared length",
    "cubed": "A projection cubed",
    "cancelled": "M and its inverse cancel",
    "premise": "From a premise for all indices",
    "either": "One of two systems",
    "seen": "The loss is seen in samples",
    "unseen": "Nobody looked at this",
}


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The toy's proof and the second one."""
    toy = TOY.derive(claimed)
    results = {**toy.results, "rule_of_thumb": "shrink the more, the noisier"}
    return Derivation((*toy.proofs, Proof("features", CONTEXT, STEPS)), results, toy.fillings)


def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """A table that supports a claim, and one with a curve that only informs."""
    rows = tuple((str(d), "1/2", f"{d}.25", f"{d}.31") for d in options.dimensions)
    columns = ("d", "sigma2", "exact loss", "estimate")
    line = Curve("b", "loss", ((0.0, 1.0), (0.5, 0.5), (1.0, 1.0)), ((0.5, 0.5, "best"),))
    return (
        Table("Loss by sampling", columns, rows, True, "64 prompts", ("seen",)),
        Table("Loss by factor", ("b", "loss"), (("0", "1"), ("1/2", "1/2")), None, "", (), line),
    )


def opposed(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The same tables, the first of which speaks against the theorem."""
    first, *others = evidence(derivation, options, progress)
    return replace(first, passed=False), *others


SPECIMEN = Theorem(
    id="specimen",
    title="Shrink a noisy observation, and one of everything",
    source="Galton (1886), with additions",
    statement="For w ~ N(0, 1) and y = w + noise of variance sigma2, eta y is the best multiple.",
    claims=(
        *TOY.claims,
        *(Claim(name, words, f"source of {name}") for name, words in WORDS.items()),
    ),
    derive=derive,
    evidence=evidence,
    claimable=TOY.claimable,
)
OPPOSED = replace(SPECIMEN, id="opposed", title="The same, opposed by numbers", evidence=opposed)
