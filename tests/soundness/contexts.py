"""Proofs replayed in mutated contexts: what is still accepted must still be true, and says why.

A step that does not rest on the changed declaration, by the names that its statement, certificate
and premises mention through definitions, sorts, laws and inverses, says what it said before.
Any other step is checked again; where it is accepted, the new range lies in the old one, or the
statement is judged without the checker at points of the changed context.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from context_mutants import NARROWER, ContextMutant, context_mutants
from refusals import refusal_class
from steps import as_proved, is_slow, judge, witnesses

from verifier.points import Filling
from verifier.proof.checker import Checked, Proof, Step, _apply, examine
from verifier.proof.context import Context
from verifier.proof.expression import ProofError
from verifier.proof.record import Record, dump

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SLOW = 5
FALSE = "FALSE"
NO_POINT = "no point tried satisfies it"


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
        return self.outcome.startswith(("true", FALSE, NO_POINT))


def rests_on(proof: Proof) -> dict[str, frozenset[str]]:
    """For each step the names of all declarations on which its meaning and its proof rest."""
    links = _links(proof.context)
    data = json.loads(dump(Record("", "", "", (proof,))))["proofs"][0]["steps"]
    found: dict[str, frozenset[str]] = {}
    for step, entry in zip(proof.steps, data, strict=True):
        names = set(NAME.findall(json.dumps(entry)))
        for premise in step.uses:
            names |= found[premise]
        queue = list(names)
        while queue:
            for name in links.get(queue.pop(), frozenset()) - names:
                names.add(name)
                queue.append(name)
        found[step.name] = frozenset(names)
    return found


def _links(context: Context) -> dict[str, frozenset[str]]:
    """What each declared name leads to: sizes, laws, bodies, inverses, what a tensor depends on."""
    sizes, links = dict(context.sorts), {}
    for tensor in context.tensors:
        links[tensor.name] = {*tensor.sorts, *map(sizes.get, tensor.sorts), *tensor.depends_on}
    for x in context.definitions:
        links[x.name] = {*NAME.findall(x.body), *x.sorts, *map(sizes.get, x.sorts)}
    for h in context.hypotheses:
        links[h.name] = set(NAME.findall(f"{h.left} {h.right}"))
    for law in context.laws:
        named = {*law.arrays, *NAME.findall(law.variance)}
        named = named.union(*(NAME.findall(text) for _, text in law.moments))
        for array in law.arrays:
            links[array] |= named
    for pair in context.inverses:
        for name in pair:
            links[name] |= set(pair)
    return {name: frozenset(filter(None, found)) for name, found in links.items()}


def verdicts(
    proof: Proof, fillings: tuple[Filling, ...], texts: int, every: int = 1, slow: int = SLOW
) -> Iterator[ContextVerdict]:
    """The verdict on the steps in mutated contexts on which they rest.

    ``texts``: mutants of each expression; ``every`` k-th mutant only. The slowest steps, and what
    rests on them, are tried with every ``slow``-th of these, and never if it is 0; then the
    original proof is taken as checked.
    """
    accepted = examine(proof)[0] if slow else as_proved(proof)
    names = rests_on(proof)
    suggested = witnesses(proof) + fillings
    found = itertools.islice(context_mutants(proof.context, texts), every - 1, None, every)
    for k, mutant in enumerate(found):
        touched = [s for s in proof.steps if names[s.name] & mutant.touches]
        kept = {s.name: accepted[s.name] for s in proof.steps if s not in touched}
        if not slow or k % slow:
            touched = _without_slow(touched)
        for step, outcome, tried in _replayed(proof, mutant, touched, kept, suggested):
            yield ContextVerdict(mutant.kind, mutant.what, proof.name, step.name, outcome, tried)


def _without_slow(steps: list[Step]) -> list[Step]:
    left: set[str] = set()
    for step in steps:
        if is_slow(step.statement) or left.intersection(step.uses):
            left.add(step.name)
    return [step for step in steps if step.name not in left]


def _replayed(
    proof: Proof,
    mutant: ContextMutant,
    touched: list[Step],
    known: dict[str, Checked],
    fillings: tuple[Filling, ...],
) -> Iterator[tuple[Step, str, int]]:
    try:
        context = mutant.applied(proof.context)
    except ProofError:
        for step in touched:
            yield step, "the context is refused", 0
        return
    for step in touched:
        if not set(step.uses) <= set(known):
            yield step, "a premise is rejected", 0
            continue
        try:
            axioms = _apply(context, step, known)
        except ProofError as error:
            yield step, refusal_class(str(error)), 0
            continue
        known[step.name] = Checked(step, axioms, context)
        if mutant.kind in NARROWER:
            yield step, "true: in a part of the old range", 0
        else:
            tried, false = judge(context, step, known, fillings)
            if false is not None:
                yield step, f"{FALSE} at {false.point}", tried
            else:
                yield step, "true at every point tried" if tried else NO_POINT, tried
