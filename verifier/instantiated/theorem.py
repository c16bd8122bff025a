"""The theorem about a symbolic setting, with what makes it checkable at the numbers of one setting.

Where minimum and rate are rational functions of the scalars, their values at the setting's numbers
are claims of the checker as well. Where the optimal readout P has no closed form, the theorem holds
for every P that satisfies its normal equations, and these say E(...) of laws. A further claim,
accepted like the others, is that every P which satisfies the explicit equation satisfies them.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verifier.instantiated.symbolic import Symbolic
from verifier.proof.context import Atom
from verifier.proof.rules import examine
from verifier.proof.statements import By, Claim, Conclude, Proof, Step
from verifier.prover import at_numbers as here
from verifier.prover.projection import LEAST_SQUARES
from verifier.prover.setting_file import parse_symbolic
from verifier.prover.solution import silent
from verifier.prover.theorem_of import theorem_of
from verifier.theorem.theorem import Claim as Said
from verifier.theorem.theorem import Derivation, Progress, Theorem

DETERMINES, CONVERSE = "optimal-P", "sufficient-P"
HERE, RATE_HERE = here.HERE, here.RATE_HERE
WORDS = {CONVERSE: "The equation for P is enough: every P that solves it is optimal", **here.WORDS}


def containing_theorem(
    form: Symbolic, name: str, progress: Progress = silent, keep: bool = True
) -> Theorem:
    """The theorem about a symbolic setting, under this name; ``keep`` as in `theorem_of`."""
    theorem = theorem_of(parse_symbolic(form.toml.encode(), name), progress, keep)
    found = theorem.derive({})
    own = converses(found.proofs) + values_here(found, form)
    ids = [step.claim for proof in own for step in proof.steps]
    return replace(
        theorem,
        statement=f"{theorem.statement} This setting contains the one of {name}.",
        claims=theorem.claims + tuple(Said(one, WORDS[one], theorem.source) for one in ids),
        derive=lambda claimed: replace(found, proofs=found.proofs + own),
        claimable=(),
        numbers=(),
    )


def values_here(found: Derivation, form: Symbolic) -> tuple[Proof, ...]:
    """Minimum and rate at the numbers of ``form``, where they are rational functions of scalars.

    Numbers too long for the checker's texts are left to `verifier.instantiated.evaluation`.
    """
    context = found.proofs[0].context
    values = {name: value for name, value in form.values.items() if isinstance(value, Fraction)}
    steps = []
    for key, claim, named in (("minimum_loss", HERE, ""), ("learning_rate", RATE_HERE, "eta")):
        text = found.results.get(key)
        if isinstance(text, str) and here.scalar_only(context, text):
            steps.append(here.at_numbers(context, text, values, claim, named))
    proof = Proof("at these numbers", context, tuple(steps))
    return (proof,) if steps and not examine(proof)[1] else ()


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
