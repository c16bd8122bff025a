"""True statements in varied form: every proof and every claim rewritten, certificates kept.

A rewriting of expressions is applied to all statements of a proof at once, or to all declarations
of its context, so that the texts which the rules ``minimum``, ``at-minimum`` and ``tower`` compare
stay equal. A change of shape (sides swapped, scaled, reordered) may have to change certificates
in the same way: only then are they touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any

from rewritings import REWRITINGS, Rewriting, rewritten
from shapes import SHAPES, declared_backwards
from steps import as_proved, is_slow, refusal

from verifier.proof.checker import Proof
from verifier.proof.context import Context, Equation
from verifier.proof.statement import (
    AtMinimum,
    Minimum,
    Sign,
    Square,
)
from verifier.proof.verdict import Verdict
from verifier.theorem import Report, Theorem

MARK = "987654321"
# Of declarations no quotients, since a moment must be a polynomial.
DECLARED = (
    "bound indices renamed",
    "terms and factors commuted",
    "products expanded",
    "delta inserted",
    "negated twice",
)
CLAIMED = (
    "bound indices renamed",
    "terms and factors commuted",
    "products expanded",
    "delta inserted",
    "x (n+d) / (n+d)",
    "two halves",
)


@dataclass(frozen=True)
class Variant:
    """A true statement in another form, and why the checker rejects it ('' if accepted)."""

    kind: str
    proof: str
    step: str
    reason: str


def over_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The statement or equation with every expression in it changed, names and flags kept."""
    match value:
        case Equation(name, left, right):
            return Equation(name, change(left), change(right))
        case Square(coefficient, term, strict):
            return Square(change(coefficient), change(term), strict)
        case Sign(expression, strict):
            return Sign(change(expression), strict)
        case Minimum() | AtMinimum():
            kept = replace(value, parameters=())
            return replace(_fields(kept, change), parameters=value.parameters)
        case tuple():
            return tuple(over_texts(one, change) for one in value)
        case str():
            return change(value)
    return _fields(value, change)


def _fields(value: Any, change: Callable[[str], str]) -> Any:
    changed = {f.name: over_texts(getattr(value, f.name), change) for f in fields(value)}
    return type(value)(**changed)


def in_statements(proof: Proof, rewriting: Rewriting) -> Proof:
    """All statements in another form."""

    def change(text: str) -> str:
        return rewritten(text, rewriting, proof.context)

    steps = (replace(s, statement=over_texts(s.statement, change)) for s in proof.steps)
    return replace(proof, steps=tuple(steps))


def in_declarations(proof: Proof, rewriting: Rewriting) -> Proof:
    """All definitions, hypotheses, variances and moments in another form."""
    context = proof.context
    bare = replace(context, definitions=())

    def change(text: str) -> str:
        return rewritten(text, rewriting, bare)

    laws = tuple(
        replace(
            law,
            variance=change(law.variance) if law.kind == "normal" else law.variance,
            moments=tuple((degrees, change(text)) for degrees, text in law.moments),
        )
        for law in context.laws
    )
    definitions = tuple(replace(x, body=change(x.body)) for x in context.definitions)
    hypotheses = over_texts(context.hypotheses, change)
    changed = replace(context, laws=laws, definitions=definitions, hypotheses=hypotheses)
    return replace(proof, context=changed)


FORMS: dict[str, Callable[[Proof], Proof]] = (
    {kind: partial(in_statements, rewriting=how) for kind, how in REWRITINGS.items()}
    | SHAPES
    | {"declarations permuted": declared_backwards}
    | {f"declarations: {k}": partial(in_declarations, rewriting=REWRITINGS[k]) for k in DECLARED}
)


def variants(proof: Proof, kind: str, slow: bool = True) -> Iterator[Variant]:
    """The verdict on every step that takes another form, its premises taking the same one.

    ``slow``: the slowest steps, which open the expectation of the loss, as well.
    """
    changed = FORMS[kind](proof)
    known = as_proved(changed)
    for old, new in zip(proof.steps, changed.steps, strict=True):
        touched = old.statement != new.statement or proof.context != changed.context
        if touched and (slow or not is_slow(new.statement)):
            yield Variant(kind, proof.name, new.name, refusal(changed.context, new, known))


def all_variants(proof: Proof, slow: int) -> Iterator[Variant]:
    """All forms, the slowest steps in every ``slow``-th."""
    for k, kind in enumerate(FORMS):
        yield from variants(proof, kind, k % slow == 0)


def derived_texts(theorem: Theorem) -> dict[str, str]:
    """For each claimable quantity the text that the program derives, found by a marked claim."""
    found: dict[str, str] = {}
    plain = theorem.derive({}).proofs
    for key in theorem.claimable:
        try:
            marked = theorem.derive({key: MARK}).proofs
        except ValueError:
            continue
        for old, new in zip(plain, marked, strict=False):
            text = next(_replaced(old, new), None)
            if text is not None:
                found.setdefault(key, text)
    return found


def _replaced(old: Any, new: Any) -> Iterator[str]:
    """The texts for which the marked derivation has the mark."""
    if new == MARK and isinstance(old, str):
        yield old
    elif is_dataclass(old) and type(old) is type(new):
        for f in fields(old):
            yield from _replaced(getattr(old, f.name), getattr(new, f.name))
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for one, two in zip(old, new, strict=True):
            yield from _replaced(one, two)


def claim_variants(theorem: Theorem) -> Iterator[tuple[str, dict[str, str]]]:
    """Every claimable quantity in other forms, by kind; sets of minimisers side by side."""
    derivation = theorem.derive({})
    systems, texts = derivation.results.get("minimisers"), derived_texts(theorem)
    bare = _common(derivation.proofs)
    for kind in CLAIMED:
        rewriting = REWRITINGS[kind]
        for key, text in texts.items():
            found = rewritten(text, rewriting, bare)
            if found != text and not text.isdigit():
                yield kind, {key: found}
        if "minimisers" in theorem.claimable and isinstance(systems, list):
            yield kind, {"minimisers": " | ".join(_system(s, rewriting, bare) for s in systems)}


def _common(proofs: tuple[Proof, ...]) -> Context:
    """Scalars of all contexts, since a claim may enter each; tensors of any; no definitions."""
    shared = set.intersection(*({s.name for s in p.context.scalars} for p in proofs))
    scalars = tuple(s for s in proofs[0].context.scalars if s.name in shared and s.integer)
    tensors = {t.name: t for p in proofs for t in p.context.tensors}
    plain = tuple(replace(t, sorts=(), depends_on=()) for t in tensors.values())
    return Context(scalars, (), plain)


def _system(text: str, rewriting: Rewriting, context: Context) -> str:
    equations = (equation.split("=") for equation in text.split(";"))
    sides = ([rewritten(side.strip(), rewriting, context) for side in pair] for pair in equations)
    return "; ".join(" = ".join(pair) for pair in sides)


def not_proved(report: Report) -> dict[str, str]:
    """The claims that have a proof which the checker does not accept, and why.

    A claim without a proof is supported by sampling only, which is not done here.
    """
    return {
        c.claim.id: c.reason
        for c in report.claims
        if c.statement is not None and c.verdict is not Verdict.PROVED
    }
