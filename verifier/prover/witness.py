"""Weights that attain the optimum: letters of one head, or of d + 1 heads, with these features.

One head with b = 1, c = 0, A' = P makes the readout P; a is then sought among the vectors of the
setting, so that A[i,j] a[l] makes the other features. d + 1 heads make any readout linear in
G = sum_k v_k v_k': the first the readout and the energy, the others, with a = e_m, all second ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.proof.context import Definition
from verifier.prover.indices import fresh_letters, renamed
from verifier.prover.layer import (
    DIMENSION_HEADS,
    ENERGY,
    FULL,
    READOUT,
    SECOND,
    SKIP,
)
from verifier.prover.optimum import Optimum, solved
from verifier.prover.problem import Problem
from verifier.prover.reading import Reading, scalar_text
from verifier.prover.vector_layer import realised


def attaining(problem: Problem, best: Optimum) -> tuple[Definition, ...] | None:
    """Weights at which the layer predicts the best prediction; None if none were found."""
    layer, options = problem.layer, problem.layer.options
    optimum = {name: feature.optimum for name, feature in best.features.items()}
    if options.key_dimension:
        return None
    if layer.outputs:
        return _every_output(problem, best)
    scale = "" if options.divide_by == "1" else f"({options.divide_by})*"
    readout = optimum[READOUT]
    if options.weights != FULL:
        return layer.restricted(f"{scale}({readout})")
    turned = renamed(readout, {"i": "j", "j": "i"})
    if options.heads == DIMENSION_HEADS:
        index = layer.groups[1].index
        first = {"b": "1", "A": f"{scale}({turned})", "c": f"{scale}({optimum[ENERGY]})"}
        second = renamed(optimum[SECOND], {"l": index})
        others = {"a": f"delta[{index},l]", "A": f"{scale}({second})"}
        return layer.realised(first, others, skip=optimum.get(SKIP, "0"))
    if optimum[ENERGY] != "0":
        return None
    a = _value_vector(problem, best)
    if a is None:
        return None
    share = f"/{layer.scalars[0].name}" if layer.groups[0].index else ""
    head = {"b": "1", "A": f"{scale}({turned}){share}", "a": a}
    return layer.realised(head, skip=optimum.get(SKIP, "0"))


def _every_output(problem: Problem, best: Optimum) -> tuple[Definition, ...] | None:
    """The same A for every output, b the identity, where the best prediction is x' P X' Y."""
    layer, (output,) = problem.layer, problem.layer.outputs
    if best.relevant != (READOUT,):
        return None
    feature = best.features[READOUT]
    size = next(sort.size for sort in problem.full.sorts if output in sort.letters)
    shared = renamed(feature.optimum, {feature.slots[-1]: output})
    matrix = renamed(f"sum[{output}]({shared})/{size}", {"i": "j", "j": "i"})
    divide = layer.options.divide_by
    return realised(layer, matrix if divide == "1" else f"({divide})*{matrix}")


def _symmetrised(text: str, place: Mapping[str, str]) -> str:
    """A text in i, j, l at other letters, plus the same with i and l exchanged."""
    swapped = {**place, "i": place["l"], "l": place["i"]}
    return f"({renamed(text, place)}) + ({renamed(text, swapped)})"


def _value_vector(problem: Problem, best: Optimum) -> str | None:
    """a[l] with P[j,i] a[l] = the optimal second weights, symmetrised; None if there is none."""
    wanted = best.features[SECOND].optimum
    if wanted == "0":
        return "0"
    context = problem.reduced
    place = fresh_letters(context, ("i", "j", "l"), {"i", "j", "l"})
    arrays = (*context.arrays, *best.unknowns)
    definitions = (*best.definitions, *context.definitions)
    reading = Reading(replace(context, arrays=arrays, definitions=definitions))
    turned = renamed(best.features[READOUT].optimum, {"i": "j", "j": "i"})
    target = reading.parts(_symmetrised(wanted, place))
    columns = [
        reading.parts(_symmetrised(f"({turned})*{vector}[l]", place))
        for vector in problem.model.vectors
    ]
    keys = sorted({key for part in (target, *columns) for key in part})
    rows = [{k: part[key] for k, part in enumerate(columns) if key in part} for key in keys]
    right = [target.get(key, 0) for key in keys]
    names = [scalar.name for scalar in context.scalars]
    solution = solved(rows, right, len(problem.model.vectors), names)
    if solution is None:
        return None
    terms = [
        f"({scalar_text(x)})*{vector}[l]"
        for x, vector in zip(solution, problem.model.vectors, strict=True)
        if x != 0
    ]
    return " + ".join(terms) or "0"
