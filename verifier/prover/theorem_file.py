"""Theorem files on the prover: proofs written as settings, with a person's steps beside them.

    PARTS = (Part("minimisers", SETTING, {"minimum": "minimum", "prediction": "prediction"}), ...)
    THEOREM = Theorem(..., derive=lambda claimed: derivation(PARTS, claimed), ...)

A part is a setting in TOML; the prover writes its proof. Which of its steps show which claims of
the theorem is said by name: decomposition, bound, equality, minimum, prediction, optimal-P and,
where one head does not attain the bound, heads-minimum and heads-prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from verifier.proof.context import Point
from verifier.proof.statements import Proof, Step
from verifier.prover.projection import Setup
from verifier.prover.setting_file import SymbolicSetting, parse_symbolic
from verifier.prover.solution import Solution
from verifier.theorem import Derivation, Filling, Options, Progress, Table


def no_steps(setup: Setup) -> tuple[Step, ...]:
    """Nothing is added."""
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """One proof of a theorem: a setting, and the theorem's claims by the names of its steps.

    The setting is a text in TOML, or one that no file can say.

    ``claimed`` names what a user may put in place of what is derived here: the theorem's name of
    it, and minimum_loss, prediction or learning_rate. ``extra`` writes further steps, which may use
    the others; those of them that carry a claim carry the theorem's own. ``points`` are instances
    of a setting whose data model has none of its own.
    """

    name: str
    setting: str | SymbolicSetting
    claims: Mapping[str, str]
    claimed: Mapping[str, str] = field(default_factory=dict)
    extra: Callable[[Setup], tuple[Step, ...]] = no_steps
    points: tuple[Point, ...] = ()


@cache
def solved(setting: str | SymbolicSetting, name: str) -> Solution:
    """The solution of a setting."""
    if isinstance(setting, SymbolicSetting):
        return Solution(setting)
    return Solution(parse_symbolic(setting.encode("utf-8"), name))


def attacks(
    parts: Sequence[Part], derivation: Derivation, options: Options, progress: Progress
) -> tuple[Table, ...]:
    """The numerical attacks on the settings of these parts."""
    from verifier.prover.attack import tables

    found: list[Table] = []
    for part in parts:
        names = (part.name, heads_name(part.name))
        own = tuple(proof for proof in derivation.proofs if proof.name in names)
        solution = solved(part.setting, part.name)
        found += tables(solution, replace(derivation, proofs=own), options, progress)
    return tuple(found)


def heads_name(name: str) -> str:
    """The name of the proof about d + 1 heads in the setting of a part."""
    return f"{name}, d + 1 heads"


def derivation(
    parts: Sequence[Part],
    claimed: Mapping[str, str],
    fillings: tuple[Filling, ...] = (),
    others: tuple[Proof, ...] = (),
) -> Derivation:
    """The proofs of all parts, then ``others``; the results are those of the first part."""
    proofs: list[Proof] = []
    results: dict[str, object] = {}
    points: list[Filling] = []
    for part in parts:
        solution = solved(part.setting, part.name)
        named = {own: claimed[key] for key, own in part.claimed.items() if key in claimed}
        setup = solution.setup(named)
        if part.points:
            setup = replace(setup, context=replace(setup.context, instances=part.points))
        families = solution.families(setup)
        steps = tuple(_renamed(step, part.claims) for step in solution.steps(setup, families))
        proofs.append(Proof(part.name, setup.context, (*steps, *part.extra(setup))))
        heads = solution.heads_proof(named)
        if heads is not None:
            own = {
                key.removeprefix("heads-"): v for key, v in part.claims.items() if "heads-" in key
            }
            moved = tuple(_renamed(step, own) for step in heads.steps)
            proofs.append(Proof(heads_name(part.name), heads.context, moved))
        results = results or solution.results(setup, families)
        points += solution.points
    return Derivation((*proofs, *others), results, (*points, *fillings))


def _renamed(step: Step, claims: Mapping[str, str]) -> Step:
    return replace(step, claim=claims.get(step.claim, ""))
