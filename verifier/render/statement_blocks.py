"""A checked statement and its context as blocks of a document (stdlib only)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from verifier.proof.context import Context, Tensor
from verifier.proof.statements import Minimum, Statement
from verifier.render.document import Block, Display, Formula, Grid, Paragraph, Piece
from verifier.render.facts import ASSUMED, LAWS, NOTATION, facts
from verifier.render.saying import BECOMES, quantifiers, ranged, said, space


def statement_blocks(
    context: Context, statement: Statement, minima: Sequence[Minimum] = ()
) -> Iterator[Block]:
    """Quantifiers and claim of a statement."""
    scope = quantifiers(context, statement, minima)
    if scope:
        yield Paragraph(("For ", *scope, ":"))
    parts = said(context, statement, minima)
    if parts.lead:
        yield Paragraph((*parts.lead, *(() if parts.given else (",",))))
    if parts.given:
        yield Display(parts.given)
    for k, case in enumerate(parts.cases):
        opening = parts.opening if k == 0 else "or"
        if opening:
            yield Paragraph((opening,))
        yield Display(case)


def context_blocks(context: Context, moments: Mapping[str, int]) -> Iterator[Block]:
    """Everything that a context declares: ranges, spaces, facts, definitions."""
    rows: list[tuple[tuple[Piece, ...], ...]] = [
        (ranged(s), (s.meaning,), ("integer" if s.integer else "real",)) for s in context.scalars
    ]
    for array in context.arrays:
        name = (Formula.symbol(array.name), space(context, context.shape(array)))
        kind = "any value" if isinstance(array, Tensor) else "random"
        rows.append((name, (array.meaning,), (kind,)))
    sources = [(x.name, x.meaning) for x in context.laws]
    sources += [(x.name, x.meaning) for x in context.hidden]
    rows += [((Formula.symbol(name),), (meaning,), ("source",)) for name, meaning in sources]
    yield Grid(("symbol", "meaning", "kind"), tuple(rows))
    yield from fact_blocks(context, moments, (*NOTATION, *LAWS, *ASSUMED))
    if context.definitions:
        yield Paragraph(("Definitions:",))
    for x in context.definitions:
        if x.meaning:
            yield Paragraph((f"{x.meaning}:",), depth=1)
        head = Formula.symbol(x.name, x.parameters)
        yield Display((head, BECOMES, Formula.of(context, x.body)))


def fact_blocks(
    context: Context, moments: Mapping[str, int], kinds: Iterable[str]
) -> Iterator[Block]:
    """What the context declares of these kinds (`verifier.render.facts`), one block each."""
    for fact in facts(context, moments):
        if fact.kind in kinds:
            yield Display(fact.pieces) if fact.kind == "block" else Paragraph(fact.pieces)
