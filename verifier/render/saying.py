"""A statement and its quantifiers as pieces: the one walk from which every form is made.

`said` takes a checked statement apart into what is supposed, and the systems one of which is
concluded; a terminal puts them on a line, a document displays them. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from verifier.proof.context import Atom, Context, Function, Scalar, Tensor
from verifier.proof.statements import Minimum, Statement, texts
from verifier.render.document import Formula, Piece, Pieces, Tex, joined
from verifier.render.free_names import free_of, indices_of, mentioned
from verifier.render.kinds import at_minimum, parameters
from verifier.render.latex_expression import symbol
from verifier.render.layer_blocks import matrices
from verifier.render.plain_expression import plain_symbol
from verifier.render.symbols import latex_index

AND, COMMA = Tex(r",\quad ", " and "), Tex(r",\quad ", ", ")
SIGNS = {"=": Tex("=", " = "), ">=": Tex(r"\ge", " ≥ "), ">": Tex(">", " > ")}
BECOMES = Tex(":=", " := ")
ALWAYS: Pieces = ("in every case",)
IMPOSSIBLE: Pieces = ("a contradiction: there is no such case",)


@dataclass(frozen=True, slots=True)
class Said:
    """``lead`` (words) and ``given`` (a formula), then ``opening`` before one of the ``cases``.

    Without premises lead and given are empty; of a minimum ``given`` is its value.
    """

    lead: Pieces
    given: Pieces
    opening: str
    cases: tuple[Pieces, ...]


class Writer(Protocol):
    """How names, expressions and equations are written; `Indexed` writes them as they stand."""

    def names(self, names: tuple[str, ...]) -> Pieces:
        """A list of names."""

    def expression(self, text: str) -> Piece:
        """One expression without free indices."""

    def equation(self, atom: Atom) -> tuple[Pieces, tuple[str, ...]]:
        """left = right, or another relation, and the indices that remain in it."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """The index form."""

    context: Context

    def names(self, names: tuple[str, ...]) -> Pieces:
        """A list of names, whole matrices under theirs."""
        return listed(self.context, names)

    def expression(self, text: str) -> Piece:
        """The expression."""
        return Formula.of(self.context, text)

    def equation(self, atom: Atom) -> tuple[Pieces, tuple[str, ...]]:
        """Both sides, and all of their indices."""
        return atom_pieces(self.context, atom), indices_of(self.context, (atom,))


def said(
    context: Context,
    statement: Statement,
    minima: Sequence[Minimum] = (),
    writer: Writer | None = None,
) -> Said:
    """The statement without its outer quantifiers (`quantified`)."""
    write = writer or Indexed(context)
    if isinstance(statement, Minimum):
        names = write.names(statement.parameters)
        over: Pieces = (Tex(r"\min_{", "min over "), *names, Tex("}", " of "))
        value = write.equation(Atom("", statement.objective, statement.value))[0]
        cases = tuple(written(write, case) or ALWAYS for case in statement.cases)
        return Said((), (*over, *value), "attained exactly where", cases)
    inner = not free_of(context, statement)
    found = at_minimum(statement, minima)
    if found is not None:
        names = write.names(found.minimum.parameters)
        objective = write.expression(found.minimum.objective)
        verb = " minimises " if len(found.minimum.parameters) == 1 else " minimise "
        lead: Pieces = ("whenever ", *names, verb, objective)
        lead = (*lead, " and") if found.others else lead
        opening, given = "", written(write, found.others)
    else:
        lead = ("if",) if statement.given else ()
        opening = "then" if statement.given else ""
        given = written(write, statement.given)
    cases = tuple(written(write, case, inner) or ALWAYS for case in statement.cases)
    return Said(lead, given, opening, cases or (IMPOSSIBLE,))


def atom_pieces(context: Context, atom: Atom) -> Pieces:
    """left = right, or another relation."""
    sides = Formula.of(context, atom.left), Formula.of(context, atom.right)
    return (sides[0], SIGNS[atom.relation], sides[1])


def system(
    context: Context, atoms: tuple[Atom, ...], scoped: bool = True, between: Tex = AND
) -> Pieces:
    """All atoms of a system, ``scoped``: for all values of their indices."""
    return written(Indexed(context), atoms, scoped, between)


def written(
    write: Writer, atoms: tuple[Atom, ...], scoped: bool = True, between: Tex = AND
) -> Pieces:
    """All atoms of a system in this writing, ``scoped``: for all values of the indices left."""
    found = [write.equation(atom) for atom in atoms]
    indices = tuple(dict.fromkeys(x for _, free in found for x in free))
    scope = for_all(indices) if scoped else ()
    return (*joined((pieces for pieces, _ in found), between), *scope)


def for_all(indices: tuple[str, ...]) -> Pieces:
    """``for all i, j``, where indices remain."""
    if not indices:
        return ()
    letters = index_list(indices)
    return (Tex(rf"\quad\text{{for all }} {letters.text}", f" for all {letters.plain}"),)


def index_list(indices: tuple[str, ...]) -> Tex:
    """Index letters, separated by commas."""
    return Tex(", ".join(map(latex_index, indices)), ", ".join(indices))


def listed(context: Context, names: tuple[str, ...]) -> Pieces:
    """A list of names, a matrix whose blocks are all there under its own name."""
    shown: dict[str, Piece] = {}
    for name in names:
        block = next((m for m in matrices(context) if name in m.blocks), None)
        if block and set(block.blocks) <= set(names):
            shown[block.name] = Tex(block.name, block.name)
        else:
            shown[name] = Formula.symbol(name)
    return joined(((piece,) for piece in shown.values()), Tex(r",\allowbreak\,", ", "))


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing over which a statement ranges: ``before`` and ``after`` are shared by its kind."""

    before: str
    name: Pieces
    after: Pieces = ()


INDICES = "all indices "


def quantified(
    context: Context, statement: Statement, minima: Sequence[Minimum] = ()
) -> tuple[Quantity, ...]:
    """Everything that the statement ranges over, but for parameters that minimise."""
    found = [*_quantified(context, statement, minima)]
    found += [Quantity(INDICES, (index_list((index,)),)) for index in free_of(context, statement)]
    return tuple(found)


def _quantified(
    context: Context, statement: Statement, minima: Sequence[Minimum]
) -> Iterator[Quantity]:
    free = mentioned(context, texts(statement)) - parameters(statement, minima)
    for scalar in context.scalars:
        if scalar.name in free:
            kind = "all integers " if scalar.integer else "all real "
            yield Quantity(kind, ranged(scalar))
    whole = [m for m in matrices(context) if free & set(m.blocks)]
    for matrix in whole:
        name = Tex(matrix.name, matrix.name)
        size = f"({symbol(matrix.size)}+1)", f"({plain_symbol(matrix.size)}+1)"
        yield Quantity("all ", (name,), (_space([size] * matrix.order),))
    inside = {block for matrix in whole for block in matrix.blocks}
    for array in context.arrays:
        if array.name in free - inside and isinstance(array, Tensor | Function):
            after: Pieces = (space(context, array.sorts),)
            if isinstance(array, Function):
                after = (*after, " depending on ", *listed(context, array.of), " alone")
            yield Quantity("all ", (Formula.symbol(array.name),), after)


def ranged(scalar: Scalar) -> Pieces:
    """A scalar with its bound."""
    name = Formula.symbol(scalar.name)
    if scalar.minimum is None:
        return (name,)
    bound = Tex(str(scalar.minimum), str(scalar.minimum))
    return (name, SIGNS[">" if scalar.strict else ">="], bound)


def space(context: Context, sorts: tuple[str, ...]) -> Tex:
    """In which space an array with these sorts lies, such as ∈ ℝ^(n×d)."""
    sizes = {sort.name: sort.size for sort in context.sorts}
    return _space([(symbol(sizes[s]), plain_symbol(sizes[s])) for s in sorts])


def _space(sizes: list[tuple[str, str]]) -> Tex:
    """From each size in LaTeX and in plain text."""
    if not sizes:
        return Tex(r"\in \mathbb{R}", " ∈ ℝ")
    power = "×".join(plain for _, plain in sizes)
    power = f"({power})" if len(sizes) > 1 else power
    product = r"\times ".join(text for text, _ in sizes)
    return Tex(rf"\in \mathbb{{R}}^{{{product}}}", f" ∈ ℝ^{power}")


def grouped(items: Iterable[Quantity]) -> tuple[Pieces, ...]:
    """One phrase for each kind, listing all that goes into it."""
    groups: dict[tuple[str, Pieces], list[Pieces]] = {}
    for one in items:
        groups.setdefault((one.before, one.after), []).append(one.name)
    comma = Tex(r",\,", ", ")
    return tuple(
        (before, *joined(names, comma), *after) for (before, after), names in groups.items()
    )


def quantifiers(context: Context, statement: Statement, minima: Sequence[Minimum] = ()) -> Pieces:
    """Everything that the statement ranges over, as one phrase; empty if there is nothing."""
    return joined(grouped(quantified(context, statement, minima)), "; ")
