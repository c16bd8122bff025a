"""From a setting file to a theorem: claims, the derivation that proves them, and what attacks them.

The result is a `verifier.theorem.Theorem` like those in ``proofs/``: `check_theorem` derives it,
has the kernel check each step, and reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from verifier.proof.rules import Proof
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.solution import Progress, Solution, silent
from verifier.prover.used_letters import with_used_letters
from verifier.theorem import Claim, Derivation, Options, Table, Theorem

SOURCE = "found by the prover"
WORDS = {
    "decomposition": "L - L* is the mean squared distance to the best prediction",
    "bound": "L >= L* for all weights",
    "equality": "L = L* for these weights only",
    "minimum": "L* is the minimum; exactly these weights attain it",
    "prediction": "Every global minimiser makes this prediction",
    "heads-minimum": "d + 1 heads attain L*",
    "heads-prediction": "d + 1 heads: every global minimiser makes this prediction",
}
AT_BOUND = "Wherever L = L* the layer makes this prediction"


@dataclass(frozen=True, slots=True)
class Prover:
    """The claims of a setting and their derivation."""

    solution: Solution

    def claims(self) -> tuple[Claim, ...]:
        """The claims in the order in which they are shown."""
        solution = self.solution
        attained = solution.values is not None
        ids = ["decomposition", "bound"]
        ids += ["equality", "minimum"] if attained else []
        ids += ["prediction", *(f"optimal-{name}" for name in solution.unknown)]
        ids += ["heads-minimum", "heads-prediction"] if solution.heads is not None else []
        words = {f"optimal-{name}": f"What determines {name}" for name in solution.unknown}
        words |= WORDS if attained else {**WORDS, "prediction": AT_BOUND}
        return tuple(Claim(one, words[one], SOURCE) for one in ids)

    def derive(self, claimed: Mapping[str, str]) -> Derivation:
        """The proofs, with what a user claims in place of what is derived."""
        solution = self.solution
        setup = solution.setup(claimed)
        families = solution.families(claimed)
        steps = solution.steps(setup, families, claimed.get("prediction", ""))
        proofs = [Proof("the best layer", setup.context, steps)]
        heads = solution.heads_proof(claimed)
        if heads is not None:
            named = {"minimum": "heads-minimum", "prediction": "heads-prediction"}
            steps = tuple(replace(one, claim=named.get(one.claim, "")) for one in heads.steps)
            proofs.append(replace(heads, steps=steps))
        shown = tuple(map(with_used_letters, proofs))
        return Derivation(shown, solution.results(), solution.fillings)


def theorem_of(setting: SymbolicSetting, progress: Progress = silent) -> Theorem:
    """The theorem about the best layer in a setting; ValueError says what stands in the way."""
    prover = Prover(Solution(setting, progress))
    attained = prover.solution.values is not None
    rate = ("learning_rate",) if prover.solution.best.definitions else ()

    def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
        from verifier.prover.attack import tables

        return tables(prover.solution, derivation, options, progress)

    conclusion = (
        "every global minimiser of the expected loss predicts what least squares over all that the "
        "layer can represent predicts"
        if attained
        else "no layer goes below the least-squares bound; one that reaches it predicts the same"
    )
    notes = "".join(f" Here {note}." for note in setting.notes)
    return Theorem(
        id=setting.name.removesuffix(".toml"),
        title=f"The best layer in {setting.name}",
        source="a setting file; certificates found by machine",
        statement=f"For prompts and the layer as described, {conclusion}.{notes}",
        claims=prover.claims(),
        derive=prover.derive,
        evidence=evidence,
        claimable=("minimum_loss", "prediction", *rate),
        numbers=("minimum_loss", *rate),
        symbols=tuple(scalar.name for scalar in setting.model.scalars),
    )
