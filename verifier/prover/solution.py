"""The best layer of a setting, found once, and the proof that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from verifier.proof.context import Atom, Context, Definition, Tensor
from verifier.proof.statements import By, Conclude, Derive, Proof, Step, Tree
from verifier.proof.statements import Claim as Statement
from verifier.proof.syntax import show
from verifier.prover import projection as pr
from verifier.prover.at_numbers import HERE, RATE_HERE, at_numbers, scalar_only
from verifier.prover.closed_form import ClosedForm, closed_form, with_inverse
from verifier.prover.instances import letters_of_sorts
from verifier.prover.layer import (
    DIMENSION_HEADS,
    FULL,
    READOUT,
    LayerOptions,
    layer,
    own_names,
)
from verifier.prover.named_readout import Readout, with_readout
from verifier.prover.optimum import Optimum, Rate, normal_left, optimum
from verifier.prover.problem import Problem, indexed, problem
from verifier.prover.restating import fraction, restated, same_equation
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.steps import equation, systems
from verifier.prover.suggestions import suggestions
from verifier.prover.vector_layer import vector_layer
from verifier.prover.witness import attaining
from verifier.theorem.theorem import PRINTED_AS

Progress = Callable[[str], None]
HERE_KEYS = {HERE: "minimum_loss_here", RATE_HERE: "learning_rate_here"}
FOUND = "best-found"  # the claim that descents support where no weights attain L*
CHECKED_LATER = {*HERE_KEYS.values(), "prediction", "minimisers"}
NOTHING: Mapping[str, str] = {}


def silent(message: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Solution:
    """The problem of a setting, its optimum and weights that attain it; computed when asked for."""

    setting: SymbolicSetting
    progress: Progress = silent
    readout: Readout | None = None

    @cached_property
    def main(self) -> Problem:
        """The data of the setting read by its own layer."""
        return self._problem(self.setting.layer)

    @cached_property
    def best(self) -> Optimum:
        """The optimal weights of the features."""
        self.progress("solving the normal equations")
        found = with_inverse(self.main, optimum(self.main))
        return found if self.readout is None else with_readout(found, self.readout)

    @cached_property
    def values(self) -> tuple[Definition, ...] | None:
        """Weights of the setting's own layer that attain the bound, if some were found."""
        return attaining(self.main, self.best)

    @cached_property
    def heads(self) -> Problem | None:
        """The layer of d + 1 heads, where that attains the bound and the setting's own does not."""
        layer = self.setting.layer
        if self.values is not None or layer.weights != FULL or layer.key_dimension:
            return None
        if self.main.layer.outputs:
            return None
        found = self.with_heads
        return found if attaining(found, optimum(found)) is not None else None

    @cached_property
    def with_heads(self) -> Problem:
        """The data read by d + 1 heads."""
        return self._problem(replace(self.setting.layer, heads=DIMENSION_HEADS))

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of optimal tensors and rates that an equation determines."""
        best = self.best
        return tuple(t.name for t in (*best.tensors.values(), *(r.tensor for r in best.rates)))

    def _problem(self, options: LayerOptions) -> Problem:
        model = self.setting.model
        try:
            taken = model.context().taken
            if model.outputs:
                return problem(model, vector_layer(options, own_names(taken)))
            return problem(model, layer(options, model.token_weights, taken))
        except ValueError as error:
            raise ValueError(f"{self.setting.name}: {error}") from None

    # The proof

    @cached_property
    def derived(self) -> pr.Setup:
        """The context and texts of the proof."""
        return pr.setup(self.main, self.best)

    @cached_property
    def minimisers(self) -> pr.Families:
        """All minimisers, as conditions on the letters where the search finds them."""
        setup = self.derived
        return pr.trivial(setup) if self.values is None else pr.explicit(setup, self.progress)

    def setup(self, claimed: Mapping[str, str] | None = None) -> pr.Setup:
        """The same with what a user claims in place of learning rate, precision, minimum."""
        named = claimed or NOTHING
        if set(named) <= CHECKED_LATER:
            return self.derived
        value = named.get("minimum_loss") or self.derived.value
        return pr.setup(self.main, _as_claimed(self.best, named), value)

    def families(self, claimed: Mapping[str, str] | None = None) -> pr.Families:
        """All minimisers, in the words of a user who claims them."""
        text = (claimed or NOTHING).get("minimisers")
        if text is None:
            return self.minimisers
        return restated(self.minimisers, systems(text, "claimed"), pr.in_letters(self.derived))

    def steps(
        self, setup: pr.Setup, families: pr.Families, claimed: Mapping[str, str] = NOTHING
    ) -> tuple[Step, ...]:
        """Bound, minimum if it is attained, prediction, equations of the optimal tensors."""
        steps = list(pr.bound_steps(setup))
        if self.values is not None:
            values = attaining(self.main, setup.best) or self.values
            steps += pr.minimum_steps(setup, families, values)
        prediction = pr.prediction_step(setup, claimed.get("prediction") or setup.predicted)
        return (*steps, prediction, *explicit_steps(setup, claimed), *self.here(setup, claimed))

    def here(self, setup: pr.Setup, claimed: Mapping[str, str] = NOTHING) -> tuple[Step, ...]:
        """Minimum and rate at the numbers of the setting, where they are functions of scalars."""
        values, own = dict(self.setting.numbers), self.derived
        found = [(HERE_KEYS[HERE], HERE, own.value, setup.value)]
        found += [
            (HERE_KEYS[RATE_HERE], RATE_HERE, x.body, x.name) for x in own.best.definitions[:1]
        ]
        return tuple(
            at_numbers(own.context, text, values, claim, named, claimed.get(key, ""))
            for key, claim, text, named in found
            if values and scalar_only(own.context, text)
        )

    @property
    def fillings(self) -> tuple[tuple[Definition, ...], ...]:
        """Weights at which a false claim is likely to show, whatever it says that a rate is."""
        return suggestions(self.main, self.best, self.values)

    def heads_proof(self, claimed: Mapping[str, str]) -> Proof | None:
        """The minimum of d + 1 heads: the same bound, attained."""
        if self.heads is None:
            return None
        best = optimum(self.heads)
        setup = pr.setup(self.heads, best, claimed.get("minimum_loss", ""))
        steps = (
            *pr.bound_steps(setup),
            *pr.minimum_steps(setup, pr.trivial(setup), attaining(self.heads, best) or ()),
            pr.prediction_step(setup, claimed.get("prediction") or setup.predicted),
        )
        return Proof("d + 1 heads", setup.context, steps)

    def results(self) -> dict[str, object]:
        """Minimum or bound, predictor, rate or readout, minimisers: texts of the index language."""
        setup, best = self.derived, self.best
        kind = "lower_bound" if self.values is None else "minimum_loss"
        numbers = [one for one in best.definitions if not one.parameters]
        found: dict[str, object] = {}
        if numbers:
            found["learning_rate"] = numbers[0].body
            found |= {one.name: one.body for one in numbers[1:]}
        for rate in best.rates:
            found[_rate_key(best, rate)] = rate.closed
        found |= {kind: setup.value, "predictor": setup.predicted}
        for one in best.definitions:
            if one.parameters:
                found["readout"] = f"{one.name}[{','.join(one.parameters)}] = {one.body}"
        equations = [step.statement.cases[0][0] for step in explicit_steps(setup)]
        for name, atom in zip(best.tensors, equations, strict=False):
            found[_tensor_key(name)] = f"{atom.left} = {atom.right}"
        for step in self.here(setup):
            assert isinstance(step.statement, Statement)
            ((atom,),) = step.statement.cases
            found[HERE_KEYS[step.claim]] = atom.right
        if self.values is not None:
            found["minimisers"] = [
                "; ".join(f"{atom.left} = {atom.right}" for atom in case)
                for case in self.minimisers.cases
            ]
        return found

    @property
    def claimable(self) -> tuple[str, ...]:
        """What `results` says, and the inverse of the readout where it has one."""
        found = [PRINTED_AS.get(name, name) for name in self.results()]
        return (*found, *(("precision",) if self.best.inverse else ()))


def _as_claimed(best: Optimum, claimed: Mapping[str, str]) -> Optimum:
    """The optimum with a claimed rate or other coefficient, named readout, or inverse of one."""
    definitions: list[Definition] = []
    for one in best.definitions:
        first = not any(other.parameters == () for other in definitions)
        key = "readout" if one.parameters else "learning_rate" if first else one.name
        body = claimed.get(key, one.body)
        definitions.append(replace(one, body=body.partition("=")[2] or body))
    inverse = best.inverse
    if inverse is not None and "precision" in claimed:
        inverse = replace(inverse, matrix=claimed["precision"])
    return replace(best, definitions=tuple(definitions), inverse=inverse)


def _rate_key(best: Optimum, rate: Rate) -> str:
    return "learning_rate" if len(best.rates) == 1 else rate.tensor.name


def _tensor_key(feature: str) -> str:
    return "readout" if feature == READOUT else f"optimal_{feature}"


def explicit_steps(setup: pr.Setup, claimed: Mapping[str, str] = NOTHING) -> tuple[Step, ...]:
    """For each tensor or rate the equation that determines it, claim ``optimal-NAME``.

    A claimed one is an equation for the tensor, or its entry; what is derived shows it.
    """
    best, found = setup.best, []
    for name, tensor in best.tensors.items():
        form = closed_form(setup, name)
        if form is None:
            equation = Atom("equation", normal_left(best, name))
            form = ClosedForm(equation, By(best.own_residual(setup.context, name)))
        found.append(_step(setup, tensor, form, claimed.get(_tensor_key(name), "")))
    for rate, atom in zip(best.rates, best.equations, strict=False):
        form = ClosedForm(replace(atom, name="equation"), By(atom.name))
        found.append(_step(setup, rate.tensor, form, claimed.get(_rate_key(best, rate), "")))
    return tuple(found)


def _step(setup: pr.Setup, tensor: Tensor, form: ClosedForm, claimed: str) -> Step:
    claim, shown = f"optimal-{tensor.name}", form.equation
    tree: Tree = Conclude(0, {shown.name: form.by})
    if claimed:
        context = setup.context
        shown = _claimed_equation(context, tensor, claimed)
        own = replace(form.equation, name="derived")
        tree = Derive(own, form.by, Conclude(0, {shown.name: same_equation(context, shown, own)}))
    return Step(claim, Statement((), ((shown,),)), tree, claim=claim)


def _claimed_equation(context: Context, tensor: Tensor, text: str) -> Atom:
    """An equation as claimed, or the tensor's entry as claimed, divisions multiplied out."""
    if "=" in text:
        return equation(text, "equation")
    letters = letters_of_sorts(context, tensor.sorts)
    above, below = fraction(context.read(text))
    return Atom("equation", f"({show(below)})*{indexed(tensor.name, letters)}", show(above))
