"""The checker: replays the steps of a proof and accepts each, or says why not.

Each rule's docstring says what it proves; docs/meaning.md says why. Trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .atoms import Atoms, Known
from .context import Context
from .lemmas import lemmas_of
from .minima import check_minimum
from .statements import Attained, Cite, Claim, Minimum, Proof, Statement, Step, parts
from .syntax import Fuel, ProofError
from .trees import check_tree

FUEL = 10_000_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A step that the kernel accepted, and the lemmas on which it rests.

    ``moments``: for each law and function of how many of its entries, those of one draw counted,
    an expectation took the product so far, that is, in this step or an earlier one.
    """

    step: Step
    lemmas: frozenset[str]
    moments: Mapping[str, int] = field(default_factory=dict)


class Checker:
    """Replays the steps of one proof; ProofError, one line, at what it does not accept."""

    def __init__(self, context: Context, fuel: Fuel | None = None) -> None:
        self.context, self.fuel = context, fuel or Fuel(FUEL)
        self.atoms = Atoms(context, self.fuel)
        self.meaning = self.atoms.meaning
        self.accepted: dict[str, Checked] = {}
        self.statements: dict[str, Statement] = {}

    def check(self, step: Step) -> Checked:
        """Accept a step, or raise ProofError."""
        if step.name in self.accepted:
            raise ProofError(f"two steps are named {step.name!r}")
        unknown = [name for name in step.uses if name not in self.accepted]
        if unknown:
            raise ProofError(f"there is no earlier step {unknown[0]!r} that was accepted")
        try:
            self.atoms.well_formed(step.statement)
            certificate = step.certificate
            used = [self.statements[name] for name in step.uses]
            if isinstance(step.statement, Minimum) != isinstance(certificate, Attained):
                raise ProofError("values that attain it are what a minimum needs, and nothing else")
            if isinstance(step.statement, Minimum) and isinstance(certificate, Attained):
                check_minimum(self.atoms, step.statement, certificate, used)
            elif isinstance(step.statement, Claim) and not isinstance(certificate, Attained):
                known = self.atoms.premises(self._known(used), step.statement.given)
                check_tree(self.atoms, self.statements, known, step.statement.cases, certificate)
            else:
                raise ProofError(f"a {type(step.statement).__name__} is no statement")
        except RecursionError:
            raise ProofError("an expression is nested too deeply") from None
        self.fuel.spend(len(self.meaning.degrees))
        checked = Checked(step, self._lemmas(step), dict(self.meaning.degrees))
        self.accepted[step.name] = checked
        self.statements[step.name] = step.statement
        return checked

    def _known(self, used: list[Statement]) -> Known:
        """The context's equations, and those of claims that have no premise and one case."""
        known: Known = self.atoms.given
        for one in used:
            if isinstance(one, Claim) and not one.given and len(one.cases) == 1:
                known = self.atoms.premises(known, one.cases[0])
        return known

    def _lemmas(self, step: Step) -> frozenset[str]:
        """The lemmas behind the rules that a step could use, and those of the steps it uses."""
        cited = [one.step for one in parts(step.certificate) if isinstance(one, Cite)]
        earlier = (self.accepted[name].lemmas for name in (*step.uses, *cited))
        return frozenset(lemmas_of(self.atoms, step)).union(*earlier)


def check(proof: Proof, fuel: Fuel | None = None) -> tuple[Checked, ...]:
    """Accept a whole proof; ProofError, naming the step, at the first that is not accepted."""
    accepted, failed = examine(proof, fuel)
    for step in proof.steps:
        if step.name in failed:
            raise ProofError(f"{proof.name}, step {step.name}: {failed[step.name]}")
    return tuple(accepted.values())


def examine(proof: Proof, fuel: Fuel | None = None) -> tuple[dict[str, Checked], dict[str, str]]:
    """Each accepted step by name, and why each other one is not."""
    fuel = fuel or Fuel(FUEL)
    failed: dict[str, str] = {}
    try:
        checker = Checker(proof.context, fuel)
    except ProofError as error:
        return {}, {step.name: str(error) for step in proof.steps}
    for step in proof.steps:
        try:
            checker.check(step)
        except ProofError as error:
            failed[step.name] = str(error)
    return dict(checker.accepted), failed
