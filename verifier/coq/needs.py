"""Which rules the identities of a step need that have no proof in coq/kernel yet.

An identity is computed there by Isserlis' theorem; a mean over anything but normal arrays, or of a
function of the arrays that are integrated, is refused. The checker in Coq decides in the end: a
step that is exported although Coq refuses it makes the whole file fail, loudly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.coq import language as coq
from verifier.coq.language import Expr, Relation, inside
from verifier.coq.steps import Exported, Steps

LAWS = "means over draws of a law (rows, moments)"
HIDDEN = "means over a hidden source (its symmetries)"
FUNCTIONS = "means of a function of random arrays (boxes, parity)"


def missing_rule(steps: Steps, exported: Exported) -> str:
    """The first rule that a step needs and that Coq has not; empty if there is none."""
    laws = {steps.declared.source[law.name] for law in steps.context.laws}
    hidden = {steps.declared.source[one.name] for one in steps.context.hidden}
    functions = {
        number: {source for source, _ in kind.sources}
        for number, kind in enumerate(steps.kinds, 1)
        if kind.name == "Fun"
    }
    for sources, body in _means(steps, exported):
        over = set(sources)
        if over & hidden:
            return HIDDEN
        if over & laws:
            return LAWS
        met = {one.array for e in body for one in inside(e) if isinstance(one, coq.Ten)}
        if any(over & functions[array] for array in met & functions.keys()):
            return FUNCTIONS
    return ""


def _means(steps: Steps, exported: Exported) -> Iterator[tuple[tuple[int, ...], Sequence[Expr]]]:
    """Each mean that the identities of a step take: its sources, and what stands under it."""
    for e in _expressions(steps, exported):
        for one in inside(e):
            if isinstance(one, coq.Mean):
                yield one.sources, (one.body,)
    for c, known in _combinations(steps, exported):
        if isinstance(c, coq.Averaged):
            yield c.sources, list(_under(c, known))


def _under(c: coq.Combination, known: Sequence[Relation]) -> Iterator[Expr]:
    match c:
        case coq.Plain(body):
            yield body
        case coq.Residual(at, _):
            yield from (known[at].left, known[at].right)
        case coq.Plus(left, right) | coq.Times(left, right):
            yield from _under(left, known)
            yield from _under(right, known)
        case coq.Summed(_, body) | coq.Averaged(_, body):
            yield from _under(body, known)


def _expressions(steps: Steps, exported: Exported) -> Iterator[Expr]:
    for why, known, sides in _heavy(steps, exported):
        yield from sides
        yield from _under(why.combination, known)
        if why.squares:
            terms = (coq.Mul(c, coq.Mean(steps.declared.sources(), t)) for c, t in why.squares)
            yield from terms


def _combinations(
    steps: Steps, exported: Exported
) -> Iterator[tuple[coq.Combination, Sequence[Relation]]]:
    for why, known, _ in _heavy(steps, exported):
        todo: list[coq.Combination] = [why.combination]
        while todo:
            c = todo.pop()
            yield c, known
            match c:
                case coq.Plus(left, right) | coq.Times(left, right):
                    todo += (left, right)
                case coq.Summed(_, body) | coq.Averaged(_, body):
                    todo.append(body)


Reason = tuple[coq.Why, Sequence[Relation], tuple[Expr, ...]]


def _heavy(steps: Steps, exported: Exported) -> Iterator[Reason]:
    """The identities for which means have to be computed."""
    return (one for one in _reasons(steps, exported) if not one[0].light)


def _reasons(steps: Steps, exported: Exported) -> Iterator[Reason]:
    """Each identity of a step: why it holds, what is known there, and its sides."""
    given = [one.atom for one in steps.given]
    statement, certificate = exported.statement, exported.certificate
    if isinstance(certificate, coq.Attained):
        for why in certificate.whys:
            yield why, given, ()
        return
    known = list(given)
    for name in exported.step.uses:
        used = steps.statement(steps.by_name[name].statement)
        if isinstance(used, coq.Claim) and not used.given and len(used.cases) == 1:
            known += used.cases[0]
    if isinstance(statement, coq.Claim):
        known += statement.given
    yield from _in_tree(steps, certificate, known, statement.cases)


def _in_tree(
    steps: Steps,
    tree: coq.Tree,
    known: list[Relation],
    cases: tuple[tuple[Relation, ...], ...],
) -> Iterator[Reason]:
    match tree:
        case coq.Conclude(at, whys):
            for why, atom in zip(whys, cases[at], strict=True):
                yield why, known, (atom.left, atom.right)
        case coq.Contradiction(why):
            yield why, known, ()
        case coq.Derive(left, right, why, then):
            yield why, known, (left, right)
            yield from _in_tree(steps, then, [*known, Relation("=", left, right)], cases)
        case coq.Null(squares, why, then):
            sources = steps.declared.sources()
            yield why, known, tuple(coq.Mul(c, coq.Mean(sources, t)) for c, t, _ in squares)
            more = [Relation("=", t, coq.ZERO) for _, t, named in squares if named]
            yield from _in_tree(steps, then, [*known, *more], cases)
        case coq.Split(left, right, why, branches):
            yield why, known, (left, right)
            for e, branch in zip((left, right), branches, strict=True):
                yield from _in_tree(steps, branch, [*known, Relation("=", e, coq.ZERO)], cases)
        case coq.Cite(at, whys, branches):
            cited = steps.statement(steps.proof.steps[at].statement)
            given = cited.given if isinstance(cited, coq.Claim) else ()
            for why, atom in zip(whys, given, strict=True):
                yield why, known, (atom.left, atom.right)
            for case, branch in zip(cited.cases, branches, strict=True):
                yield from _in_tree(steps, branch, [*known, *case], cases)
