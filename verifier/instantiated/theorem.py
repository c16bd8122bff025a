"""The theorem about a symbolic setting, with what makes its readout checkable at numbers.

Where the optimal readout P has no closed form, the theorem holds for every P that satisfies its
normal equations, and these say E(...) of laws. A further claim, accepted by the checker like the
others, is that every P which satisfies the explicit equation satisfies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.proof.context import Atom
from verifier.proof.rules import By, Claim, Conclude, Proof, Step
from verifier.prover.projection import LEAST_SQUARES
from verifier.prover.setting_file import parse_symbolic
from verifier.prover.solution import silent
from verifier.prover.theorem_of import theorem_of
from verifier.theorem import Claim as Said
from verifier.theorem import Derivation, Progress, Theorem

DETERMINES, CONVERSE = "optimal-P", "sufficient-P"
WORDS = "The equation for P is enough: every P that solves it is optimal"


def containing_theorem(
    toml: str, name: str, progress: Progress = silent, keep: bool = True
) -> Theorem:
    """The theorem about a symbolic setting, under this name; ``keep`` as in `theorem_of`."""
    theorem = theorem_of(parse_symbolic(toml.encode(), name), progress, keep)

    def derive(claimed: Mapping[str, str]) -> Derivation:
        found = theorem.derive(claimed)
        return replace(found, proofs=found.proofs + converses(found.proofs))

    words = f"{theorem.statement} This setting contains the one of {name}."
    claims = theorem.claims
    if any(claim.id == DETERMINES for claim in claims):
        claims += (Said(CONVERSE, WORDS, theorem.source),)
    return replace(theorem, statement=words, claims=claims, derive=derive)


def converses(proofs: tuple[Proof, ...]) -> tuple[Proof, ...]:
    """That the explicit equation of P implies its normal equations, which the proofs assume."""
    found = []
    for proof in proofs:
        for step in proof.steps:
            if step.claim == DETERMINES:
                found.append(_converse(proof, step))
    return tuple(found)


def _converse(proof: Proof, step: Step) -> Proof:
    """times * (left - right) = -(normal equation), so the normal equation is -times * (...)."""
    normal = normal_equation(proof)
    if not isinstance(step.statement, Claim) or not isinstance(step.certificate, Conclude):
        raise TypeError(f"{DETERMINES} is an equation that is concluded")
    ((equation,),) = step.statement.cases
    times = step.certificate.by[equation.name].times
    context = replace(
        proof.context,
        given=tuple(atom for atom in proof.context.given if atom != normal),
        assumptions=tuple(one for one in proof.context.assumptions if one != LEAST_SQUARES),
    )
    by = Conclude(0, {normal.name: By(f"0 - ({times})*{equation.name}[i,j]")})
    converse = Step(CONVERSE, Claim((equation,), ((normal,),)), by, claim=CONVERSE)
    return Proof("what determines P", context, (converse,))


def normal_equation(proof: Proof) -> Atom:
    """The one equation that the proof assumes of P."""
    (found,) = (atom for atom in proof.context.given if "P" in atom.left and "E(" in atom.left)
    return found
