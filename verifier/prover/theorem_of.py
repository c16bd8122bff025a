"""From a setting file to a theorem: claims, the derivation that proves them, and what attacks them.

The result is a `verifier.theorem.theorem.Theorem` like those in ``proofs/``: `check_theorem`
derives it, has the kernel check each step, and reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.proof.statements import Proof
from verifier.proof.syntax import ProofError
from verifier.prover import weight_decay
from verifier.prover.at_numbers import WORDS as AT_NUMBERS
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.solution import FOUND, Progress, Solution, silent
from verifier.prover.store import Found, stored
from verifier.prover.used_letters import with_used_letters
from verifier.theorem.theorem import Claim, Derivation, Exposition, Options, Table, Theorem

MACHINE, WRITTEN = "certificates found by machine", "certificate written by hand, decay added"
WORDS = {
    "decomposition": "L - L* is the mean squared distance to the best prediction",
    "bound": "L >= L* for all weights",
    "equality": "L = L* for these weights only",
    "minimum": "L* is the minimum; exactly these weights attain it",
    "prediction": "Every global minimiser makes this prediction",
    FOUND: "How far above L* the best layer found is: the table of descents",
    "heads-minimum": "d + 1 heads attain L*",
    "heads-prediction": "d + 1 heads: every global minimiser makes this prediction",
}
OPTIMAL = "optimal-"
NO_NUMBERS = {"prediction", "minimisers", "readout", "precision"}
AT_BOUND = "Wherever L = L* the layer makes this prediction"
MINIMUM = (
    "every global minimiser of the expected loss predicts what least squares over all that the "
    "layer can represent predicts"
)
DECAY = "every global minimiser of the loss with weight decay takes the same shorter step"
BOUND = "no layer goes below the least-squares bound; one that reaches it predicts the same"


def theorem_of(
    setting: SymbolicSetting, progress: Progress = silent, keep: bool = False
) -> Theorem:
    """The theorem about the best layer in a setting; ValueError says what stands in the way.

    ``keep``: what is found is kept on disk, and what was kept is used again.
    """
    solution = Solution(setting, progress)
    found = stored(setting.content, lambda: _found(solution), keep)
    claimable = found.claimable

    def derive(claimed: Mapping[str, str]) -> Derivation:
        return derived(solution, claimed) if claimed else found.derivation

    def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
        from verifier.prover.attack import tables

        if setting.decay:
            return ()
        return tables(solution, derivation, options, progress)

    source = WRITTEN if setting.decay else MACHINE
    notes = "".join(f" Here {note}." for note in setting.notes)
    conclusion = DECAY if setting.decay else MINIMUM if found.attained else BOUND
    return Theorem(
        id=setting.name.removesuffix(".toml"),
        title=f"The best layer in {setting.name}",
        source=f"a setting file; {source}",
        statement=f"For prompts and the layer as described, {conclusion}.{notes}",
        claims=_claims(found, source),
        derive=derive,
        evidence=evidence,
        claimable=claimable,
        numbers=tuple(x for x in claimable if x not in NO_NUMBERS and not x.startswith("optimal_")),
        inverses={"readout": "precision"} if "precision" in claimable else {},
        symbols=tuple(scalar.name for scalar in setting.model.scalars),
        exposition=Exposition(
            notation={"value": "phi", "score": "psi"}, command=f"prove {setting.name}"
        ),
    )


def derived(solution: Solution, claimed: Mapping[str, str]) -> Derivation:
    """The proofs, with what a user claims in place of what is derived."""
    setup = solution.setup(claimed)
    families = solution.families(claimed)
    steps = solution.steps(setup, families, claimed)
    proofs = [Proof("the best layer", setup.context, steps)]
    heads = solution.heads_proof(claimed)
    if heads is not None:
        named = {"minimum": "heads-minimum", "prediction": "heads-prediction"}
        steps = tuple(replace(one, claim=named.get(one.claim, "")) for one in heads.steps)
        proofs.append(replace(heads, steps=steps))
    shown = tuple(map(with_used_letters, proofs))
    return Derivation(shown, solution.results(), solution.fillings)


def _found(solution: Solution) -> Found:
    if solution.setting.decay:
        return Found(True, (), weight_decay.derivation(solution.setting.decay))
    try:
        return Found(solution.values is not None, solution.claimable, derived(solution, {}))
    except ProofError as error:
        raise ValueError(f"{solution.setting.name}: {error}") from None


def _claims(found: Found, source: str) -> tuple[Claim, ...]:
    """The claims that the steps carry, in their order, and what descents find below no minimum."""
    steps = (step for proof in found.derivation.proofs for step in proof.steps)
    ids = [step.claim for step in steps if step.claim]
    words = {one: f"What determines {one.removeprefix(OPTIMAL)}" for one in ids}
    words |= AT_NUMBERS
    words |= WORDS if found.attained else {**WORDS, "prediction": AT_BOUND}
    claims = tuple(Claim(one, words[one], source) for one in ids)
    return claims if found.attained else (*claims, Claim(FOUND, words[FOUND], source, True))
