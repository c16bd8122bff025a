"""Weights at which a false claim about the best layer is likely to show.

Not trusted: the search for counterexamples starts there, and the kernel checks what it finds.
"""

from __future__ import annotations

from dataclasses import replace

from verifier.proof.context import Definition
from verifier.prover.indices import renamed
from verifier.prover.layer import FULL, READOUT, SKIP
from verifier.prover.optimum import Optimum
from verifier.prover.problem import Problem
from verifier.prover.search.forms import Forms
from verifier.prover.search.texts import expanded

Weights = tuple[Definition, ...]


def suggestions(problem: Problem, best: Optimum, values: Weights | None) -> tuple[Weights, ...]:
    """The weights that attain the optimum and others near them.

    Beside the first family of minimisers: the second one, which is for d = 1 (b = 0, c a' the
    readout); the first at another scale; the first with c, which is none; the prediction 0.
    """
    rates = tuple(Definition(rate.tensor.name, (), rate.closed) for rate in best.rates)
    return tuple((*weights, *rates) for weights in _weights(problem, best, values))


def _weights(problem: Problem, best: Optimum, values: Weights | None) -> tuple[Weights, ...]:
    layer, options = problem.layer, problem.layer.options
    plain = _WrittenOut(problem, best)
    found = []
    if values is not None:
        found.append(tuple(replace(one, body=plain.text(one.body)) for one in values))
    if options.weights != FULL or len(layer.groups) != 1 or layer.groups[0].index:
        return tuple(found)
    readout, scale = plain.text(best.features[READOUT].optimum), options.divide_by
    skip = best.features[SKIP].optimum if options.skip else "0"
    turned = f"({scale})*({renamed(readout, {'i': 'j', 'j': 'i'})})"
    diagonal = f"({scale})*({renamed(readout, {'i': 'j'})})"
    heads: tuple[dict[str, str], ...] = (
        {"a": "1", "c": diagonal},
        {"b": "2", "A": f"({turned})/2"},
        {"b": "1", "A": turned, "c": "1"},
        {},
    )
    return (*found, *(layer.realised(letters, skip=skip) for letters in heads))


class _WrittenOut:
    """Texts without names of coefficients, which mean something else where one is claimed."""

    def __init__(self, problem: Problem, best: Optimum) -> None:
        self.forms = Forms(problem.reduced)
        self.macros: dict[str, tuple[tuple[str, ...], str]] = {}
        for one in best.definitions:
            self.macros[one.name] = one.parameters, self.text(one.body)

    def text(self, text: str) -> str:
        return expanded(self.forms, text, self.macros)
