"""Proofs replayed in mutated contexts: what is still accepted must still be true, and says why.

A step that does not rest on the changed declaration, by the names that its statement, certificate
and premises reach through definitions, sorts, laws and inverse pairs, says what it said before. Of
any other one that is accepted the new range lies in the old one, or the statement is judged without
normal forms at points of the changed context.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from attack_points import Place, attack_points, judged
from context_mutants import NARROWER, ContextMutant, context_mutants
from mutated_steps import AT_POINTS, FALSE, NO_POINT, UNITS, witnesses
from refusals import refusal_class

from verifier.proof.context import Context, Draws, Slot
from verifier.proof.rules import Checker
from verifier.proof.statements import Cite, Proof, parts
from verifier.proof.syntax import Fuel, ProofError
from verifier.theorem.witness_points import Filling

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ATTEMPTS = 16
REFUSED = "the context is refused: "


@dataclass(frozen=True)
class ContextVerdict:
    """What became of one step in one mutated context; ``points``: at how many it was judged."""

    kind: str
    what: str
    proof: str
    step: str
    outcome: str
    points: int = 0

    @property
    def accepted(self) -> bool:
        return self.outcome.startswith("true") or self.outcome == FALSE


def rests_on(proof: Proof) -> dict[str, frozenset[str]]:
    """For each step the names of all declarations on which its meaning and its proof rest."""
    links = _links(proof.context)
    found: dict[str, frozenset[str]] = {}
    for step in proof.steps:
        used = set(NAME.findall(repr((step.statement, step.certificate))))
        cited = {one.step for one in parts(step.certificate) if isinstance(one, Cite)}
        for premise in {*step.uses, *cited}:
            used |= found[premise]
        queue = list(used)
        while queue:
            for name in links.get(queue.pop(), frozenset()) - used:
                used.add(name)
                queue.append(name)
        found[step.name] = frozenset(used)
    return found


def _links(context: Context) -> dict[str, frozenset[str]]:
    """What each declared name leads to. A law leads to its hidden source, and to its moments."""
    sizes = {sort.name: sort.size for sort in context.sorts}
    links: dict[str, set[str]] = {}
    for letter, sort in context.letters.items():
        links[letter] = {sort, sizes[sort]}
    for array in context.arrays:
        links[array.name] = set(NAME.findall(repr(array))) | set(context.shape(array))
        if isinstance(array, Draws | Slot):
            links[array.name].add(array.law)
    for one in context.definitions:
        links[one.name] = set(NAME.findall(one.body))
    for law in context.laws:
        links[law.name] = {law.of, *(atom.name for atom in context.moments)}
    for atom in (*context.moments, *context.given):
        links[atom.name] = set(NAME.findall(f"{atom.left} {atom.right}"))
        for name in links[atom.name] if atom in context.given else ():
            links.setdefault(name, set()).add(atom.name)
    return {name: frozenset(filter(None, found)) for name, found in links.items()}


def verdicts(
    proof: Proof, fillings: tuple[Filling, ...], texts: int, every: int = 1
) -> Iterator[ContextVerdict]:
    """The verdict on the steps in mutated contexts on which they rest.

    ``texts``: mutants of each expression; ``every`` k-th mutant only.
    """
    names, suggested = rests_on(proof), witnesses(proof) + fillings
    found = itertools.islice(context_mutants(proof.context, texts), every - 1, None, every)
    for mutant in found:
        touched = {s.name for s in proof.steps if names[s.name] & mutant.touches}
        if touched or not mutant.touches:
            yield from _replayed(proof, mutant, touched, suggested)


def _replayed(
    proof: Proof, mutant: ContextMutant, touched: set[str], fillings: tuple[Filling, ...]
) -> Iterator[ContextVerdict]:
    def verdict(step: str, outcome: str, points: int = 0) -> ContextVerdict:
        return ContextVerdict(mutant.kind, mutant.what, proof.name, step, outcome, points)

    try:
        context = mutant.applied(proof.context)
        checker = Checker(context, Fuel(10 * UNITS))
    except ProofError as error:
        yield verdict("", REFUSED + refusal_class(str(error)))
        return
    places: list[Place] | None = None
    for step in proof.steps:
        checker.fuel.units = 3 * UNITS
        try:
            checker.check(step)
        except ProofError as error:
            if step.name in touched:
                yield verdict(step.name, f"refused: {refusal_class(str(error))}")
            continue
        if step.name not in touched:
            continue
        if mutant.kind in NARROWER:
            yield verdict(step.name, "true in a part of the old range")
            continue
        if places is None:
            places = attack_points(context, fillings, attempts=ATTEMPTS)
        tried, at = judged(places, step)
        yield verdict(step.name, FALSE if at else AT_POINTS if tried else NO_POINT, tried)
