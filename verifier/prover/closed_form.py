"""The normal equation of optimal weights made explicit, and the inverse of a readout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.proof.context import Atom, Context, Definition, Tensor
from verifier.proof.networks import DELTA
from verifier.proof.statements import By
from verifier.prover.cancelling import Cancelled, both_ways, cancellations, names_in, spare_letters
from verifier.prover.data_model import FEATURE
from verifier.prover.indices import renamed
from verifier.prover.optimum import OPTIMAL, Inverse, Optimum, normal_left
from verifier.prover.problem import Problem
from verifier.prover.projection import Setup
from verifier.prover.reading import Reading, Unwritable, scalar_text

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """An equation for optimal weights without expectations, and why it holds."""

    equation: Atom
    by: By


def closed_form(setup: Setup, name: str) -> ClosedForm | None:
    """The normal equation of a feature, written out; None where the language cannot say it.

    Invertible factors are cancelled as long as that makes it shorter, and a positive factor.
    """
    import sympy

    best, model = setup.best, setup.problem.model
    tensor = best.tensors[name].name
    reading = Reading(setup.context, model.squares)
    left, slots = normal_left(best, name), best.slots(name)
    found = min(
        cancellations(reading, left, slots, tensor, both_ways(model.inverses), later=True),
        key=lambda one: _length(reading, one.text),
    )
    parts = reading.parts(found.text)
    with_tensor = {ids: -c for ids, c in parts.items() if tensor in names_in(reading, ids)}
    without = {ids: c for ids, c in parts.items() if ids not in with_tensor}
    content = next(iter(without.values())) if len(without) == 1 else _common(parts.values())
    if not _positive(reading, content):
        content = sympy.Integer(1)
    try:
        sides = [
            reading.written({ids: sympy.cancel(c / content) for ids, c in side.items()})
            for side in (with_tensor, without)
        ]
    except Unwritable:
        return None
    why = found.carried(best.own_residual(setup.context, name))
    return ClosedForm(
        Atom("equation", *sides), By(f"-1*({why})", scalar_text(sympy.factor(content)))
    )


def _common(coefficients: Iterable[sympy.Expr]) -> sympy.Expr:
    """The greatest common divisor of rational functions, of leading coefficient > 0."""
    import sympy

    above, below = zip(*(sympy.fraction(sympy.cancel(c)) for c in coefficients), strict=True)
    return sympy.cancel(sympy.gcd_list(above) / sympy.lcm_list(below))


def with_inverse(problem: Problem, best: Optimum) -> Optimum:
    """The optimum with P tied to its inverse K = M where the normal equation says P M = I."""
    tensor = best.tensors.get("readout")
    if tensor is None or tensor.sorts != (FEATURE, FEATURE) or len(best.tensors) > 1:
        return best
    full = replace(problem.full, arrays=(*problem.full.arrays, tensor))
    reading = Reading(full, problem.model.squares)
    left, slots = normal_left(best, "readout"), best.slots("readout")
    inverses = both_ways(problem.model.inverses)
    for found in cancellations(reading, left, slots, tensor.name, inverses):
        matrix = _matrix(reading, found, slots, tensor.name)
        if matrix is not None:
            content, text = matrix
            other = Tensor(_unused("K", full), tensor.sorts, f"inverse of {tensor.name}")
            letter = spare_letters(full)[0]
            one = f"{tensor.name}[{slots[0]},{letter}]*{OPTIMAL}[{letter},{slots[1]}]"
            why = found.undone(f"({content})*sum[{letter}]({one})")
            return replace(best, inverse=Inverse(tensor, other, text, why))
    return best


def _unused(name: str, context: Context) -> str:
    return name if name not in context.taken else _unused(f"{name}o", context)


def _matrix(
    reading: Reading, found: Cancelled, slots: tuple[str, ...], tensor: str
) -> tuple[str, str] | None:
    """c and M, in i and j, where the equation says c (I - P M) = 0 with c > 0."""
    import sympy

    meaning = reading.meaning
    first = meaning.labels.get(slots[0])
    rest, content = {}, None
    for ids, coefficient in reading.parts(found.text).items():
        factors = [f for i in ids for f in meaning.table[i]]
        own = [f for f in factors if meaning.heads[f[0]].name == tensor]
        if not own and [f[0] for f in factors] == [DELTA]:
            content = coefficient
        elif len(own) == 1 and own[0][1] == first:
            rest[ids] = coefficient
        else:
            return None
    if content is None or not rest or not _positive(reading, content):
        return None
    # What M is a sum of must not be subtracted, for M to be positive definite.
    if not all(_positive(reading, -sympy.cancel(c / content), False) for c in rest.values()):
        return None
    identity = Definition(tensor, ("i", "j"), "delta[i,j]")
    plain = replace(
        reading.context,
        arrays=tuple(a for a in reading.context.arrays if a.name != tensor),
        definitions=(identity, *reading.context.definitions),
    )
    try:
        text = reading.written({ids: -sympy.cancel(c / content) for ids, c in rest.items()})
        written = Reading(plain, tuple(reading.squares.values())).text(text)
    except Unwritable:
        return None
    return scalar_text(sympy.factor(content)), renamed(written, dict(zip(slots, "ij", strict=True)))


def _length(reading: Reading, text: str) -> int:
    """How many array entries the written equation has."""
    try:
        written = reading.text(text)
    except Unwritable:
        return 0
    return written.count("[") - written.count("sum[")


def _positive(reading: Reading, number: object, strict: bool = True) -> bool:
    meaning = reading.meaning
    text = str(number).replace("**", "^")
    return meaning.positive(meaning.value(reading.context.read(text)), strict)
