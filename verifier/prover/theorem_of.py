"""From a setting to a theorem: claims, the derivation that proves them, and what attacks them.

The result is a `verifier.theorem.Theorem` like those in ``proofs/``: `check_theorem` derives it, has
the kernel check each step, and reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from verifier.proof.context import Atom, Definition
from verifier.proof.rules import By, Conclude, Proof, Step
from verifier.proof.rules import Claim as Statement
from verifier.prover import projection as pr
from verifier.prover.closed_form import closed_form, with_inverse
from verifier.prover.layer import DIMENSION_HEADS, FULL, READOUT, LayerOptions, layer
from verifier.prover.optimum import Optimum, normal_left, optimum
from verifier.prover.problem import Problem, problem
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.witness import attaining
from verifier.theorem import Claim, Derivation, Options, Progress, Table, Theorem

SOURCE = "found by the prover"
WORDS = {
    "decomposition": "L - L* is the mean squared distance to the best prediction",
    "bound": "L >= L* for all weights",
    "equality": "L = L* for these weights only",
    "minimum": "L* is the minimum; exactly these weights attain it",
    "prediction": "Every global minimiser makes this prediction",
    "optimal": "What determines {}",
    "heads-minimum": "d + 1 heads attain L*",
    "heads-prediction": "d + 1 heads: every global minimiser makes this prediction",
}
AT_BOUND = "Wherever L = L* the layer makes this prediction"


@dataclass(frozen=True)
class Prover:
    """The problem of a setting, solved once."""

    setting: SymbolicSetting
    progress: Progress = lambda text: None

    def problem(self, options: LayerOptions) -> Problem:
        """The data of the setting read by a layer."""
        model = self.setting.model
        try:
            taken = model.context().taken
            return problem(model, layer(options, model.token_weights, taken))
        except ValueError as error:
            raise ValueError(f"{self.setting.name}: {error}") from None

    @cached_property
    def main(self) -> Problem:
        """The setting's own layer."""
        return self.problem(self.setting.layer)

    @cached_property
    def best(self) -> Optimum:
        """The optimal weights of the features."""
        return with_inverse(self.main, optimum(self.main))

    @cached_property
    def values(self) -> tuple[Definition, ...] | None:
        """Weights of the setting's own layer that attain the bound, if some were found."""
        return attaining(self.main, self.best)

    @cached_property
    def heads(self) -> Problem | None:
        """The layer of d + 1 heads, where the setting's own does not attain the bound."""
        if self.values is not None or self.setting.layer.weights != FULL:
            return None
        found = self.problem(replace(self.setting.layer, heads=DIMENSION_HEADS))
        return found if attaining(found, optimum(found)) is not None else None

    # Claims and results

    def claims(self) -> tuple[Claim, ...]:
        """The claims in the order in which they are shown."""
        ids = ["decomposition", "bound"]
        ids += ["equality", "minimum"] if self.values is not None else []
        ids += ["prediction", *(f"optimal-{name}" for name in self.unknown)]
        ids += ["heads-minimum", "heads-prediction"] if self.heads is not None else []
        return tuple(Claim(one, self._words(one), SOURCE) for one in ids)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of what has no closed form: tensors, or rates."""
        best = self.best
        return tuple(t.name for t in (*best.tensors.values(), *(r.tensor for r in best.rates)))

    def _words(self, claim: str) -> str:
        if claim == "prediction" and self.values is None:
            return AT_BOUND
        if claim.startswith("optimal-"):
            return WORDS["optimal"].format(claim.removeprefix("optimal-"))
        return WORDS[claim]

    def derive(self, claimed: Mapping[str, str]) -> Derivation:
        """The proofs, with what a user claims in place of what is derived."""
        best = self._claimed(claimed)
        setup = pr.setup(
            self.main, best, claimed.get("minimum_loss", ""), claimed.get("prediction", "")
        )
        steps = list(pr.bound_steps(setup))
        families = pr.trivial(setup)
        if self.values is not None:
            families = pr.explicit(setup, self.progress)
            values = attaining(self.main, best) or self.values
            steps += pr.minimum_steps(setup, families, values)
        steps.append(pr.prediction_step(setup, setup.predicted))
        explicit = self._explicit(setup)
        steps += [one for one, _ in explicit]
        proofs = [Proof("the best layer", setup.context, tuple(steps))]
        if self.heads is not None:
            proofs.append(self._heads_proof(self.heads, claimed))
        results: dict[str, object] = {"minimum_loss": setup.value}
        if self.values is None:
            results = {"lower_bound": setup.value}
        results["predictor"] = setup.predicted
        if best.definitions:
            results["learning_rate"] = best.definitions[0].body
        for rate in best.rates:
            results["learning_rate" if len(best.rates) == 1 else rate.tensor.name] = rate.closed
        for name, (_, equation) in zip(best.tensors, explicit, strict=False):
            results["readout" if name == READOUT else f"optimal_{name}"] = equation
        if self.values is not None:
            results["minimisers"] = [
                "; ".join(f"{atom.left} = {atom.right}" for atom in case) for case in families.cases
            ]
        fillings = (self.values,) if self.values is not None else ()
        return Derivation(tuple(proofs), results, fillings)

    def _claimed(self, claimed: Mapping[str, str]) -> Optimum:
        if "learning_rate" not in claimed or not self.best.definitions:
            return self.best
        first = replace(self.best.definitions[0], body=claimed["learning_rate"])
        return replace(self.best, definitions=(first, *self.best.definitions[1:]))

    def _explicit(self, setup: pr.Setup) -> list[tuple[Step, str]]:
        """A step for each tensor or rate: the equation that determines it."""
        found = []
        for name, tensor in setup.best.tensors.items():
            form = closed_form(setup, name)
            if form is None:
                left = normal_left(setup.best, name)
                form_equation = Atom("equation", left)
                by = By(setup.best.residual(setup.context, name))
            else:
                form_equation, by = form.equation, form.by
            found.append(_step(tensor.name, form_equation, by))
        for rate, atom in zip(setup.best.rates, setup.best.equations, strict=False):
            equation = replace(atom, name="equation")
            found.append(_step(rate.tensor.name, equation, By(atom.name)))
        return found

    def _heads_proof(self, heads: Problem, claimed: Mapping[str, str]) -> Proof:
        """The minimum of d + 1 heads: the same bound, attained."""
        best = optimum(heads)
        setup = pr.setup(heads, best, claimed.get("minimum_loss", ""), claimed.get("prediction", ""))
        values = attaining(heads, best) or ()
        steps = (
            *pr.bound_steps(setup),
            *pr.minimum_steps(setup, pr.trivial(setup), values),
            pr.prediction_step(setup, setup.predicted),
        )
        named = {"minimum": "heads-minimum", "prediction": "heads-prediction"}
        return Proof(
            "d + 1 heads",
            setup.context,
            tuple(replace(step, claim=named.get(step.claim, "")) for step in steps),
        )


def _step(name: str, equation: Atom, by: By) -> tuple[Step, str]:
    claim = f"optimal-{name}"
    statement = Statement((), ((equation,),))
    step = Step(claim, statement, Conclude(0, {equation.name: by}), claim=claim)
    return step, f"{equation.left} = {equation.right}"


def theorem_of(setting: SymbolicSetting, progress: Progress = lambda text: None) -> Theorem:
    """The theorem about the best layer in a setting; ValueError says what stands in the way."""
    prover = Prover(setting, progress)
    attained = prover.values is not None
    kind = "every global minimiser of" if attained else "no layer goes below a bound of"
    numbers = ["minimum_loss"] + (["learning_rate"] if prover.best.definitions else [])

    def evidence(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
        from verifier.prover.attack import tables

        return tables(prover, derivation, options, progress)

    notes = "".join(f" Here {note}." for note in setting.notes)
    return Theorem(
        id=setting.name.removesuffix(".toml"),
        title=f"The best layer in {setting.name}",
        source="a setting file; certificates found by machine",
        statement=(
            f"For prompts as described, {kind} the expected loss"
            + (" predicts what least squares over all that the layer can say predicts." if attained
               else "; layers that reach it predict as least squares does.")
            + notes
        ),
        claims=prover.claims(),
        derive=prover.derive,
        evidence=evidence,
        claimable=("minimum_loss", "prediction", *numbers[1:]),
        numbers=tuple(numbers),
    )
