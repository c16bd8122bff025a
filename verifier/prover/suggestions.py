"""Weights at which a false claim about the best layer is likely to show.

Not trusted: the search for counterexamples starts there, and the kernel checks what it finds.
"""

from __future__ import annotations

from verifier.proof.context import Definition
from verifier.prover.forms import Forms
from verifier.prover.indices import renamed
from verifier.prover.layer import FULL, READOUT, SKIP
from verifier.prover.optimum import Optimum
from verifier.prover.problem import Problem
from verifier.prover.texts import expanded

Weights = tuple[Definition, ...]


def suggestions(problem: Problem, best: Optimum, values: Weights | None) -> tuple[Weights, ...]:
    """The weights that attain the optimum and others near them.

    Beside the first family of minimisers: the second one, which is for d = 1 (b = 0, c a' the
    readout); the first at another scale; the first with c, which is none; the prediction 0.
    """
    layer, options = problem.layer, problem.layer.options
    found = [] if values is None else [values]
    if options.weights != FULL or len(layer.groups) != 1 or layer.groups[0].index:
        return tuple(found)
    readout, scale = _written_out(problem, best, best.features[READOUT].optimum), options.divide_by
    skip = best.features[SKIP].optimum if options.skip else "0"
    turned = f"({scale})*({renamed(readout, {'i': 'j', 'j': 'i'})})"
    diagonal = f"({scale})*({renamed(readout, {'i': 'j'})})"
    heads: tuple[dict[str, str], ...] = (
        {"b": "1", "A": turned},
        {"a": "1", "c": diagonal},
        {"b": "2", "A": f"({turned})/2"},
        {"b": "1", "A": turned, "c": "1"},
        {},
    )
    return (*found, *(layer.realised(letters, skip=skip) for letters in heads))


def _written_out(problem: Problem, best: Optimum, text: str) -> str:
    """The text without names of coefficients, which mean something else where one is claimed."""
    forms, macros = Forms(problem.reduced), dict[str, tuple[tuple[str, ...], str]]()
    for one in best.definitions:
        macros[one.name] = one.parameters, expanded(forms, one.body, macros)
    return expanded(forms, text, macros)
