"""A proof file for Coq: which of its claims are checked there, on what they rest, which are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.coq.declarations import NotExported
from verifier.coq.needs import missing_rule
from verifier.coq.sharing import shared
from verifier.coq.steps import Exported, Steps
from verifier.proof.record import Record
from verifier.proof.statements import Proof, Step

CLOSED, CONDITIONAL, NOT_EXPORTED = "closed", "conditional", "not exported"


@dataclass(frozen=True, slots=True)
class Part:
    """One step. ``reason``: why Coq does not check it; it is a hypothesis of what rests on it."""

    place: int
    step: Step
    exported: Exported | None
    reason: str = ""

    @property
    def checked(self) -> Exported | None:
        """The step in Coq's form, if Coq is to check it."""
        return None if self.reason else self.exported


@dataclass(frozen=True, slots=True)
class Standing:
    """What Coq says of a claim. ``hypotheses``: the steps on which it is conditional, and why.

    ``reason``: why the claim is not exported.
    """

    claim: str
    proof: str
    number: int
    place: int
    hypotheses: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def standing(self) -> str:
        """Closed, conditional or not exported."""
        if self.reason:
            return NOT_EXPORTED
        return CONDITIONAL if self.hypotheses else CLOSED

    @property
    def theorem(self) -> str:
        """The name of the theorem in Coq."""
        return f"proof_{self.number}.step_{self.place}_valid"


@dataclass(frozen=True, slots=True)
class ProofInCoq:
    """One proof; ``steps`` is None where its context has no counterpart in Coq: ``reason``."""

    number: int
    proof: Proof
    steps: Steps | None
    parts: tuple[Part, ...]
    reason: str = ""

    def resting(self) -> dict[int, tuple[int, ...]]:
        """The places of the steps that each step rests on and that Coq does not check."""
        found: dict[int, tuple[int, ...]] = {}
        for part in self.parts:
            if part.checked is None:
                found[part.place] = (part.place,)
            else:
                earlier = (*part.checked.uses, *part.checked.cites)
                found[part.place] = tuple(sorted({x for one in earlier for x in found[one]}))
        return found

    def below(self) -> dict[int, set[int]]:
        """The places of all steps on which each step rests, its own included."""
        found: dict[int, set[int]] = {}
        for part in self.parts:
            earlier = () if part.checked is None else (*part.checked.uses, *part.checked.cites)
            found[part.place] = {part.place}.union(*(found[place] for place in earlier))
        return found

    def standings(self) -> tuple[Standing, ...]:
        """What Coq says of each claim of the proof."""
        resting, found = self.resting(), []
        for part in self.parts:
            if not part.step.claim:
                continue
            head = (part.step.claim, self.proof.name, self.number, part.place)
            if part.checked is None:
                found.append(Standing(*head, reason=part.reason))
                continue
            on = [self.parts[place] for place in resting[part.place]]
            lost = next((one for one in on if one.exported is None), None)
            if lost is not None:
                reason = f"rests on the step {lost.step.name!r}: {lost.reason}"
                found.append(Standing(*head, reason=reason))
                continue
            hypotheses = tuple((one.step.name, one.reason) for one in on)
            found.append(Standing(*head, hypotheses=hypotheses))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class RecordInCoq:
    """All proofs of a record."""

    record: Record
    proofs: tuple[ProofInCoq, ...]

    def standings(self) -> tuple[Standing, ...]:
        """What Coq says of each claim."""
        return tuple(one for proof in self.proofs for one in proof.standings())


def export(record: Record) -> RecordInCoq:
    """A record in Coq's form; every step that is left out is named with the reason."""
    proofs = [_proof(number, proof) for number, proof in enumerate(record.proofs, 1)]
    return RecordInCoq(record, tuple(proofs))


def _proof(number: int, proof: Proof) -> ProofInCoq:
    try:
        lighter = shared(proof)
        proof = lighter.proof
        steps = Steps(proof, lighter.light)
    except NotExported as error:
        parts = tuple(Part(k, step, None, str(error)) for k, step in enumerate(proof.steps))
        return ProofInCoq(number, proof, None, parts, str(error))
    return ProofInCoq(number, proof, steps, _parts(steps, proof.steps))


def _parts(steps: Steps, every: Sequence[Step]) -> tuple[Part, ...]:
    found = []
    for k, step in enumerate(every):
        try:
            exported = steps.convert(step)
            found.append(Part(k, step, exported, missing_rule(steps, exported)))
        except NotExported as error:
            found.append(Part(k, step, None, str(error)))
    return tuple(found)
