"""The best layer of a setting, found once, and the proof that it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from verifier.proof.context import Atom, Definition
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover import projection as pr
from verifier.prover.closed_form import closed_form, with_inverse
from verifier.prover.layer import (
    DIMENSION_HEADS,
    FULL,
    READOUT,
    LayerOptions,
    layer,
    own_names,
)
from verifier.prover.optimum import Optimum, normal_left, optimum
from verifier.prover.problem import Problem, problem
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.vector_layer import vector_layer
from verifier.prover.witness import attaining

Progress = Callable[[str], None]


def silent(message: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Solution:
    """The problem of a setting, its optimum and weights that attain it; computed when asked for."""

    setting: SymbolicSetting
    progress: Progress = silent

    @cached_property
    def main(self) -> Problem:
        """The data of the setting read by its own layer."""
        return self._problem(self.setting.layer)

    @cached_property
    def best(self) -> Optimum:
        """The optimal weights of the features."""
        self.progress("solving the normal equations")
        return with_inverse(self.main, optimum(self.main))

    @cached_property
    def values(self) -> tuple[Definition, ...] | None:
        """Weights of the setting's own layer that attain the bound, if some were found."""
        return attaining(self.main, self.best)

    @property
    def points(self) -> tuple[tuple[Definition, ...], ...]:
        """Weights that attain the minimum, written without names of the rates in them.

        They are where a false claim shows, whatever it says that a rate is.
        """
        if self.values is None:
            return ()
        found = self.values
        for one in reversed(self.best.definitions):
            name = re.compile(rf"\b{one.name}\b")
            found = tuple(replace(x, body=name.sub(f"({one.body})", x.body)) for x in found)
        return (found,)

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

    def setup(self, claimed: Mapping[str, str] | None = None) -> pr.Setup:
        """The context and texts of the proof, with what a user claims in place of the derived."""
        named, best = claimed or {}, self.best
        value = named.get("minimum_loss", "")
        if "learning_rate" in named and best.definitions:
            value = value or pr.setup(self.main, best).value
            first = replace(best.definitions[0], body=named["learning_rate"])
            best = replace(best, definitions=(first, *best.definitions[1:]))
        return pr.setup(self.main, best, value, named.get("prediction", ""))

    def families(self, setup: pr.Setup) -> pr.Families:
        """All minimisers, as conditions on the letters where the search finds them."""
        return pr.trivial(setup) if self.values is None else pr.explicit(setup, self.progress)

    def steps(self, setup: pr.Setup, families: pr.Families) -> tuple[Step, ...]:
        """Bound, minimum if it is attained, prediction, equations of the optimal tensors."""
        steps = list(pr.bound_steps(setup))
        if self.values is not None:
            values = attaining(self.main, setup.best) or self.values
            steps += pr.minimum_steps(setup, families, values)
        return (*steps, pr.prediction_step(setup, setup.predicted), *explicit_steps(setup))

    def heads_proof(self, claimed: Mapping[str, str]) -> Proof | None:
        """The minimum of d + 1 heads: the same bound, attained."""
        if self.heads is None:
            return None
        best = optimum(self.heads)
        named = claimed.get("minimum_loss", ""), claimed.get("prediction", "")
        setup = pr.setup(self.heads, best, *named)
        steps = (
            *pr.bound_steps(setup),
            *pr.minimum_steps(setup, pr.trivial(setup), attaining(self.heads, best) or ()),
            pr.prediction_step(setup, setup.predicted),
        )
        return Proof("d + 1 heads", setup.context, steps)

    def results(self, setup: pr.Setup, families: pr.Families) -> dict[str, object]:
        """Minimum or bound, predictor, rate or readout, minimisers: texts of the index language."""
        best = setup.best
        kind = "lower_bound" if self.values is None else "minimum_loss"
        found: dict[str, object] = {kind: setup.value, "predictor": setup.predicted}
        if best.definitions:
            found["learning_rate"] = best.definitions[0].body
            found |= {one.name: one.body for one in best.definitions[1:]}
        for rate in best.rates:
            found["learning_rate" if len(best.rates) == 1 else rate.tensor.name] = rate.closed
        equations = [step.statement.cases[0][0] for step in explicit_steps(setup)]
        for name, equation in zip(best.tensors, equations, strict=False):
            key = "readout" if name == READOUT else f"optimal_{name}"
            found[key] = f"{equation.left} = {equation.right}"
        if self.values is not None:
            found["minimisers"] = [
                "; ".join(f"{atom.left} = {atom.right}" for atom in case) for case in families.cases
            ]
        return found


def explicit_steps(setup: pr.Setup) -> tuple[Step, ...]:
    """For each tensor or rate the equation that determines it, claim ``optimal-NAME``."""
    best, found = setup.best, []
    for name, tensor in best.tensors.items():
        form = closed_form(setup, name)
        if form is None:
            equation = Atom("equation", normal_left(best, name))
            found.append(_step(tensor.name, equation, By(best.own_residual(setup.context, name))))
        else:
            found.append(_step(tensor.name, form.equation, form.by))
    for rate, atom in zip(best.rates, best.equations, strict=False):
        found.append(_step(rate.tensor.name, replace(atom, name="equation"), By(atom.name)))
    return tuple(found)


def _step(name: str, equation: Atom, by: By) -> Step:
    claim = f"optimal-{name}"
    tree = Conclude(0, {equation.name: by})
    return Step(claim, Statement((), ((equation,),)), tree, claim=claim)
