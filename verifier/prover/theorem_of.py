"""From a setting file to a theorem: claims, the derivation that proves them, and what attacks them.

The result is a `verifier.theorem.Theorem` like those in ``proofs/``: `check_theorem` derives it,
has the kernel check each step, and reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.proof.rules import Proof
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.solution import Progress, Solution, silent
from verifier.prover.store import Found, stored
from verifier.theorem import Claim, Derivation, Options, Table, Theorem

SOURCE = "found by the prover"
FOUND = "best-found"  # the claim that descents support where no weights were found to attain L*
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
AT_BOUND = "Wherever L = L* the layer makes this prediction"
MINIMUM = (
    "every global minimiser of the expected loss predicts what least squares over all that the "
    "layer can represent predicts"
)
BOUND = "no layer goes below the least-squares bound; one that reaches it predicts the same"


def theorem_of(
    setting: SymbolicSetting, progress: Progress = silent, keep: bool = False
) -> Theorem:
    """The theorem about the best layer in a setting; ValueError says what stands in the way.

    ``keep``: what is found is kept on disk, and what was kept is used again.
    """
    solution = Solution(setting, progress)
    found = stored(setting.content, lambda: _found(solution), keep)
    rate = ("learning_rate",) if found.rate else ()

    def derive(claimed: Mapping[str, str]) -> Derivation:
        return derived(solution, claimed) if claimed else found.derivation

    def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
        from verifier.prover.attack import tables

        return tables(solution, derivation, options, progress)

    notes = "".join(f" Here {note}." for note in setting.notes)
    conclusion = MINIMUM if found.attained else BOUND
    return Theorem(
        id=setting.name.removesuffix(".toml"),
        title=f"The best layer in {setting.name}",
        source="a setting file; certificates found by machine",
        statement=f"For prompts and the layer as described, {conclusion}.{notes}",
        claims=_claims(found),
        derive=derive,
        evidence=evidence,
        claimable=("minimum_loss", "prediction", *rate),
        numbers=("minimum_loss", *rate),
        symbols=tuple(scalar.name for scalar in setting.model.scalars),
    )


def derived(solution: Solution, claimed: Mapping[str, str]) -> Derivation:
    """The proofs, with what a user claims in place of what is derived."""
    setup = solution.setup(claimed)
    families = solution.families(setup)
    proofs = [Proof("the best layer", setup.context, solution.steps(setup, families))]
    heads = solution.heads_proof(claimed)
    if heads is not None:
        named = {"minimum": "heads-minimum", "prediction": "heads-prediction"}
        steps = tuple(replace(one, claim=named.get(one.claim, "")) for one in heads.steps)
        proofs.append(replace(heads, steps=steps))
    fillings = (solution.values,) if solution.values is not None else ()
    return Derivation(tuple(proofs), solution.results(setup, families), fillings)


def _found(solution: Solution) -> Found:
    attained = solution.values is not None
    heads, rate = solution.heads is not None, bool(solution.best.definitions)
    return Found(attained, solution.unknown, heads, rate, derived(solution, {}))


def _claims(found: Found) -> tuple[Claim, ...]:
    """The claims in the order in which they are shown."""
    ids = ["decomposition", "bound"]
    ids += ["equality", "minimum"] if found.attained else []
    ids += ["prediction", *(f"optimal-{name}" for name in found.unknown)]
    ids += [] if found.attained else [FOUND]
    ids += ["heads-minimum", "heads-prediction"] if found.heads else []
    words = {f"optimal-{name}": f"What determines {name}" for name in found.unknown}
    words |= WORDS if found.attained else {**WORDS, "prediction": AT_BOUND}
    return tuple(Claim(one, words[one], SOURCE, one == FOUND) for one in ids)
