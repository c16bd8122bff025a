"""Everything that a context assumes, one fact after another (standard library only).

The one walk over a context from which terminal, documents and JSON are made. A reader of all facts
knows every model: what is random and independent of what, which laws, symmetries and functions
there are, what is given, and which moments must exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.proof.context import (
    Absolute,
    Array,
    Context,
    Draws,
    Function,
    Hat,
    Hidden,
    Law,
    Normal,
    Slot,
)
from verifier.proof.syntax import Number, Symbol
from verifier.render.document import Formula, Piece, Pieces, Tex, joined
from verifier.render.latex_expression import symbol
from verifier.render.layer_blocks import matrices
from verifier.render.plain_expression import plain_symbol
from verifier.render.saying import SIGNS, index_list, listed, space, system

NOTATION = ("sort", "block")
LAWS = ("source", "draw", "symmetry", "function", "independence", "existence")
ASSUMED = ("moment", "given", "lemma")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a context declares; ``kind`` is in `NOTATION`, `LAWS` or `ASSUMED`."""

    kind: str
    pieces: Pieces


def facts(context: Context, moments: Mapping[str, int]) -> Iterator[Fact]:
    """All facts. ``moments``: the orders that a proof used (`verifier.proof.rules.Checked`)."""
    for sort in context.sorts:
        run = Tex(rf"= 1, \dots, {symbol(sort.size)}", f" = 1, …, {plain_symbol(sort.size)}")
        yield Fact("sort", ("indices ", index_list(sort.letters), run, f" ({sort.name})"))
    for matrix in matrices(context):
        rows = [[symbol(x) for x in row] for row in matrix.rows]
        text = r" \\ ".join(" & ".join(row) for row in rows)
        plain = "; ".join(" ".join(map(plain_symbol, row)) for row in matrix.rows)
        tex = rf"{matrix.name} = \begin{{pmatrix}} {text} \end{{pmatrix}}"
        yield Fact("block", (Tex(tex, f"{matrix.name} = [{plain}]"),))
    yield from _normal(context)
    for law in context.laws:
        yield Fact("source", _law(context, law))
        yield from (Fact("draw", pieces) for pieces in _draws(context, law))
    for hidden in context.hidden:
        yield Fact("source", (_name(hidden.name), " is drawn once, before the draws"))
        yield from (Fact("symmetry", pieces) for pieces in _symmetries(context, hidden))
    for array in context.arrays:
        if isinstance(array, Absolute | Hat | Function):
            yield Fact("function", _function(context, array))
    if len(context.sources) > 1:
        yield Fact("independence", ("independent: ", *listed(context, context.sources)))
    if context.sources:
        yield Fact("independence", ("equations between random quantities hold almost surely",))
    for law in context.laws:
        whose: Pieces = ("all moments of the draws of ", _name(law.name), " exist")
        yield Fact("existence", (*whose, *_used(moments, law.name, "entries of one draw")))
    for array in context.arrays:
        if isinstance(array, Function):
            whose = ("all moments of ", _name(array.name), " exist")
            yield Fact("existence", (*whose, *_used(moments, array.name, "of its entries")))
    for kind, atoms in (("moment", context.moments), ("given", context.given)):
        for atom in atoms:
            word = "given moment " if kind == "moment" else "assuming "
            yield Fact(kind, (word, _name(atom.name), ": ", *system(context, (atom,))))
    for lemma in context.assumptions:
        yield Fact("lemma", (f"assumed: {lemma}",))


def _used(moments: Mapping[str, int], name: str, what: str) -> Pieces:
    """Of which order the moments are that a proof used."""
    return (f" (used: products of at most {moments[name]} {what})",) if name in moments else ()


def _name(name: str) -> Piece:
    return Formula.symbol(name)


def _normal(context: Context) -> Iterator[Fact]:
    """Normal arrays, those of one variance together."""
    alike: dict[str, list[Normal]] = {}
    for array in context.arrays:
        if isinstance(array, Normal):
            alike.setdefault(array.variance, []).append(array)
    for variance, arrays in alike.items():
        names = joined(((_name(a.name), space(context, a.sorts)) for a in arrays), ", ")
        law = (Tex("N(0,", "N(0, "), Formula.of(context, variance), Tex(")", ")"))
        entries = "independent entries " if any(a.sorts for a in arrays) else "law "
        yield Fact("source", (*names, f" with {entries}", *law))


def _law(context: Context, law: Law) -> Pieces:
    """D: independent, identically distributed draws with these fields."""
    fields = joined(((_name(f.name), space(context, f.sorts)) for f in law.fields), ", ")
    hidden = tuple(field.name for field in law.fields if field.hidden)
    given: Pieces = (", given ", _name(law.of), ",") if law.of else ()
    draws = ": independent, identically distributed draws"
    start: Pieces = (_name(law.name), draws, *given, " with ")
    if not hidden:
        return (*start, _plural("field", len(law.fields)), " ", *fields)
    one = len(hidden) == 1
    of = f" {'is a function' if one else 'are functions'} of the draw and of "
    own: Pieces = ("; ", *_and(hidden), of, _name(law.of))
    return (*start, _plural("field", len(law.fields)), " ", *fields, *own)


def _draws(context: Context, law: Law) -> Iterator[Pieces]:
    """Which arrays are fields of the k-th draw, and which of one further draw."""
    rows = [a for a in context.arrays if isinstance(a, Draws) and a.law == law.name]
    if rows:
        letter = next(s.letters[0] for s in context.sorts if s.name == rows[0].rows)
        names = [Formula.symbol(a.name, (letter,)) for a in rows]
        draw: Pieces = ("the ", index_list((letter,)), "-th draw of ", _name(law.name))
        yield (*_are(names, rows), *draw)
    slots: dict[str, list[Slot]] = {}
    for array in context.arrays:
        if isinstance(array, Slot) and array.law == law.name:
            slots.setdefault(array.slot, []).append(array)
    for number, arrays in enumerate(slots.values()):
        names = [Formula.symbol(a.name) for a in arrays]
        first = "one further draw of " if rows else "one draw of "
        which = "another draw of " if number else first
        apart = ", none of those above" if number else ""
        yield (*_are(names, arrays), which, _name(law.name), apart)


def _are(names: Sequence[Formula], arrays: Sequence[Draws | Slot]) -> Pieces:
    """X_k and y_k are the fields x and y of ..."""
    verb = f" {'is' if len(names) == 1 else 'are'} the {_plural('field', len(names))} "
    fields = _and([array.field for array in arrays])
    return (*joined(((name,) for name in names), " and "), verb, *fields, " of ")


def _symmetries(_context: Context, hidden: Hidden) -> Iterator[Pieces]:
    """What leaves the joint law of the hidden source and the draws as it is."""
    same = "the joint law of all draws as it is"
    for sort in hidden.isotropic:
        axes = f"rotations that permute and reflect the {sort} axes, in all fields of all draws"
        yield (f"{axes} at once, leave {same}",)
    if hidden.odd:
        signs = "the sign" if len(hidden.odd) == 1 else "the signs"
        both = "" if len(hidden.odd) == 1 else " together,"
        yield (
            f"changing {signs} of ",
            *_and(hidden.odd),
            f"{both} in all draws at once leaves {same}",
        )


def _function(context: Context, array: Array) -> Pieces:
    """|t|, a hat matrix, or any function of some sources."""
    match array:
        case Absolute():
            bars = Tex(r"\lvert ", "|"), Tex(r"\rvert ", "|")
            argument = Formula.of(context, array.argument)
            head = Formula.symbol(array.name, array.parameters)
            return (head, SIGNS["="], bars[0], argument, bars[1])
        case Hat():
            name, design = _name(array.name), _name(array.design)
            gram: Pieces = (design, Tex(r"\,", " "), design, Tex(r"^\top", "ᵀ"))
            shifted = (Tex("(", " ("), *gram, Tex("+", " + "), *_penalty(context, array))
            bounds = Tex(
                r",\quad 0 \le " + symbol(array.name) + r" \le I", f", 0 ≤ {array.name} ≤ I"
            )
            start: Pieces = ("the hat matrix ", name, " of ", design, ": ", name)
            return (*start, *shifted, SIGNS["="], *gram, bounds)
        case Function():
            where = space(context, array.sorts)
            of = listed(context, array.of)
            return (_name(array.name), where, " is any function of ", *of)
    return ()


def _penalty(context: Context, hat: Hat) -> Pieces:
    """c I) with brackets around c where it has terms."""
    penalty, unit = Formula.of(context, hat.penalty), Tex(r"\,I)", " I)")
    if isinstance(penalty.node, Symbol | Number):
        return (penalty, unit)
    return (Tex("(", "("), penalty, Tex(")", ")"), unit)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _and(names: Sequence[str]) -> Pieces:
    return joined(((_name(name),) for name in names), " and ")
