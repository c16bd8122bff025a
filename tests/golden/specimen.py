"""A theorem with one of everything that a report, a document or a record can show.

Its first proof is the toy theorem's. The second is about nothing, in the context of the tests of
documents, which declares one of everything: it has a strict and a weak sign, a bound, premises and
alternatives, so that a form that drops one of them shows it here. Two claims are for numbers alone:
one that a table supports and one that nothing supports.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("commands", "reports")]

import setting
from toys import TOY

from verifier.proof import statements
from verifier.proof.context import Atom
from verifier.proof.statements import By, Conclude, Proof, Square, Step
from verifier.theorem.theorem import (
    Claim,
    Curve,
    Derivation,
    Options,
    Progress,
    Table,
    Theorem,
)

SCALAR = Atom("scalar", "F[i,j]", "b*delta[i,j]")
DOUBLE = Atom("double", "2*F[i,l]", "2*b*delta[i,l]")


def _sign(name: str, left: str, relation: str, right: str = "0") -> Step:
    """left >= right, or >, shown by the signs of the coefficients of the difference."""
    goal = Atom("goal", left, right, relation)
    why = By(rest=left if right == "0" else f"{left} - ({right})")
    return Step(name, statements.Claim((), ((goal,),)), Conclude(0, {"goal": why}), claim=name)


STEPS = (
    *setting.STEPS,
    _sign("positive", "sigma2*d", ">"),
    _sign("not-negative", "d - 2", ">="),
    _sign("above", "(n + 1)*(sigma2 + d)", ">=", "n + d"),
    Step(
        "sum",
        statements.Claim((), ((Atom("goal", "b^2 + sigma2 + 1", "2*b", ">"),),)),
        Conclude(0, {"goal": By(rest="sigma2", squares=(Square("1", "b - 1"),))}),
        claim="sum",
    ),
    Step(
        "premise",
        statements.Claim((SCALAR,), ((Atom("goal", "F[i,l]*F[l,i]", "b^2*delta[i,l]"),),)),
        Conclude(0, {"goal": By("scalar[i,l]*F[l,i] + b*delta[i,l]*scalar[l,i]")}),
        claim="premise",
    ),
    Step(
        "either",
        statements.Claim((SCALAR,), ((DOUBLE,), (Atom("zero", "b", "0"),))),
        Conclude(0, {"double": By("2*scalar[i,l]")}),
        claim="either",
    ),
)
WORDS = {
    "inverse": "F times its inverse",
    "tasks": "Second moments of the task's signal",
    "rows": "Lengths of rows, and their angles",
    "hat": "What the hat matrix solves",
    "absolute": "The square of an absolute value",
    "function": "A mean of which nothing is known",
    "positive": "A product of positive numbers",
    "not-negative": "A dimension is at least 2",
    "above": "A bound",
    "sum": "A square and a positive number",
    "premise": "From a premise for all indices",
    "either": "One of two systems",
    "seen": "The loss is seen in samples",
    "unseen": "Nobody looked at this",
}

SAMPLED = ("seen", "unseen")


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The toy's proof and the second one."""
    toy = TOY.derive(claimed)
    results = {**toy.results, "rule_of_thumb": "shrink the more, the noisier"}
    return Derivation(
        (*toy.proofs, Proof("features", setting.CONTEXT, STEPS)), results, toy.fillings
    )


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
        *(
            Claim(name, words, f"source of {name}", name in SAMPLED)
            for name, words in WORDS.items()
        ),
    ),
    derive=derive,
    evidence=evidence,
    claimable=TOY.claimable,
)
OPPOSED = replace(SPECIMEN, id="opposed", title="The same, opposed by numbers", evidence=opposed)
