"""True statements in varied form: every proof and every claim rewritten, certificates kept.

A rewriting of expressions is applied to all statements of a proof at once, or to all declarations
of its context, so that the texts which the rule of minima compares stay equal. A change of shape
(sides swapped, scaled, reordered) may have to change certificates in the same way: only then are
they touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any

from rewritings import REWRITINGS, Rewriting, rewritten
from shapes import SHAPES, declared_backwards

from verifier.proof.context import Absolute, Context, Hat, Normal, Tensor
from verifier.proof.rules import examine
from verifier.proof.statements import EXPRESSIONS, Proof
from verifier.proof.syntax import ProofError
from verifier.theorem.theorem import Report, Theorem
from verifier.theorem.verdict import Verdict

MARK = "987654321"
KEPT = {
    "bound indices renamed",
    "terms and factors commuted",
    "products expanded",
    "delta inserted",
    "negated twice",
}
CLAIMED = (*sorted(KEPT - {"negated twice"}), "x (n+d) / (n+d)", "two halves")


@dataclass(frozen=True)
class Variant:
    """A true statement in another form, and why the kernel refuses it ('' if accepted)."""

    kind: str
    proof: str
    step: str
    reason: str


def over_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A statement or atom with every expression in it changed, names and relations kept."""
    if isinstance(value, tuple):
        return tuple(over_texts(one, change) for one in value)
    if not is_dataclass(value):
        return value
    changed = {}
    for one in fields(value):
        inner = getattr(value, one.name)
        text = one.name in EXPRESSIONS and isinstance(inner, str)
        changed[one.name] = change(inner) if text else over_texts(inner, change)
    return type(value)(**changed)  # type: ignore[operator]


def in_statements(proof: Proof, rewriting: Rewriting) -> Proof:
    """All statements in another form."""

    def change(text: str) -> str:
        return rewritten(text, rewriting, proof.context)

    steps = (replace(s, statement=over_texts(s.statement, change)) for s in proof.steps)
    return replace(proof, steps=tuple(steps))


def in_declarations(proof: Proof, rewriting: Rewriting) -> Proof:
    """All definitions, given atoms, right sides of moments, variances and arguments."""
    context = proof.context

    def change(text: str) -> str:
        return rewritten(text, rewriting, context)

    def array(one: Any) -> Any:
        match one:
            case Normal():
                return replace(one, variance=change(one.variance))
            case Absolute():
                return replace(one, argument=change(one.argument))
            case Hat():
                return replace(one, penalty=change(one.penalty))
        return one

    changed = replace(
        context,
        arrays=tuple(map(array, context.arrays)),
        definitions=over_texts(context.definitions, change),
        moments=tuple(replace(a, right=change(a.right)) for a in context.moments),
        given=tuple(
            atom if "delta" in atom.right else over_texts(atom, change) for atom in context.given
        ),
    )
    return replace(proof, context=changed)


FORMS: dict[str, Callable[[Proof], Proof]] = (
    {kind: partial(in_statements, rewriting=how) for kind, how in REWRITINGS.items()}
    | SHAPES
    | {"declarations permuted": declared_backwards}
    | {
        f"declarations: {kind}": partial(in_declarations, rewriting=how)
        for kind, how in REWRITINGS.items()
        if kind in KEPT
    }
)


def variants(proof: Proof, kind: str) -> Iterator[Variant]:
    """The verdict on every step that takes another form, its premises taking the same one."""
    changed = FORMS[kind](proof)
    _, failed = examine(changed)
    for old, new in zip(proof.steps, changed.steps, strict=True):
        if old != new or proof.context != changed.context:
            yield Variant(kind, proof.name, new.name, failed.get(new.name, ""))


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
        for one in fields(old):
            yield from _replaced(getattr(old, one.name), getattr(new, one.name))
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
            found = _rewritten(text, rewriting, bare)
            if found != text and not text.isdigit():
                yield kind, {key: found}
        if "minimisers" in theorem.claimable and isinstance(systems, list):
            yield kind, {"minimisers": " | ".join(_system(s, rewriting, bare) for s in systems)}


def _rewritten(text: str, rewriting: Rewriting, context: Context) -> str:
    try:
        return rewritten(text, rewriting, context)
    except ProofError:  # an index of another context
        return text


def _common(proofs: tuple[Proof, ...]) -> Context:
    """Sizes of all contexts, since a claim may enter each; tensors of the first; no definitions."""
    shared = set.intersection(*({s.name for s in p.context.scalars} for p in proofs))
    first = proofs[0].context
    scalars = tuple(s for s in first.scalars if s.name in shared and s.integer)
    sorts = tuple(sort for sort in first.sorts if sort.size in {s.name for s in scalars})
    tensors = (a for a in first.arrays if isinstance(a, Tensor))
    kept = tuple(a for a in tensors if set(a.sorts) <= {sort.name for sort in sorts})
    return Context(sorts, scalars, arrays=kept)


def _system(text: str, rewriting: Rewriting, context: Context) -> str:
    equations = (equation.split("=") for equation in text.split(";"))
    sides = ([_rewritten(side.strip(), rewriting, context) for side in pair] for pair in equations)
    return "; ".join(" = ".join(pair) for pair in sides)


def not_proved(report: Report) -> dict[str, str]:
    """The claims that have a proof which the kernel does not accept, and why.

    A claim without a proof is supported by sampling only, which is not done here.
    """
    return {
        c.claim.id: c.reason
        for c in report.claims
        if c.statement is not None and c.verdict is not Verdict.PROVED
    }
