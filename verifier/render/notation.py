"""The letters in which a document writes the names of a proof (standard library only).

A name of the index language may be a word; a paper uses letters. What is declared beside a theorem
(`verifier.theorem.theorem.Exposition`) comes first; the second of a pair of inverse matrices is
written as the inverse of the first; whatever else would be a word gets its first letter and a
number. Every name has its own letter, so that a document can be read back.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from verifier.proof.context import Atom, Context, Tensor
from verifier.proof.syntax import Binary, Expect, Node, Sum, Symbol, children, free_indices
from verifier.proof.syntax import names as used
from verifier.render.as_written import rebuilt, tidy
from verifier.render.document import Formula, Matrix, Piece, Pieces
from verifier.render.matrix import Former, NoMatrixForm
from verifier.render.symbols import latex_head


@dataclass(frozen=True)
class Notation:
    """``shown`` has each name's letter; ``orders`` the number of indices by letter."""

    context: Context
    shown: Mapping[str, str]
    former: Former
    orders: Mapping[str, int]

    @classmethod
    def of(cls, context: Context, declared: Mapping[str, str]) -> Notation:
        """The notation of a context; ``declared`` has names and how they are to be written."""
        shown = _letters(context, declared)
        return cls(context, shown, _former(context, shown), _orders(context, shown))

    def node(self, node: Node) -> Node:
        """The expression with every name in its letter."""
        if isinstance(node, Symbol):
            return replace(node, name=self.shown.get(node.name, node.name))
        if isinstance(node, Expect) and node.sources is not None:
            sources = tuple(self.shown.get(one, one) for one in node.sources)
            return Expect(sources, self.node(node.body))
        return rebuilt(node, tuple(map(self.node, children(node))))

    def pieces(self, pieces: Pieces) -> Pieces:
        """The pieces with every name in its letter."""
        return tuple(map(self._piece, pieces))

    def _piece(self, piece: Piece) -> Piece:
        return Formula(self.node(piece.node)) if isinstance(piece, Formula) else piece

    def matrix(self, node: Node, free: tuple[str, ...]) -> Matrix | None:
        """The expression without its indices, where it can be so written."""
        try:
            return Matrix(self.former.form(self.node(tidy(node)), free))
        except NoMatrixForm:
            return None

    def sides(self, atom: Atom) -> tuple[Piece, Piece, tuple[str, ...]]:
        """Both sides of an equation, and the indices that remain in them.

        Without indices where both sides can be so written.
        """
        left, right = self.context.read(atom.left), self.context.read(atom.right)
        free = free_indices(left, right)
        one, two = self.matrix(left, free), self.matrix(right, free)
        if one is not None and two is not None:
            return one, two, ()
        return Formula(tidy(left)), Formula(tidy(right)), free


def inverses(context: Context) -> dict[str, str]:
    """For each matrix that is given as the inverse of another one, the name of that one."""
    pairs = [pair for atom in context.given if (pair := _unit_product(context, atom))]
    found: dict[str, str] = {}
    for one, two in pairs:
        if (two, one) in pairs and one not in found:
            found[two] = one
    return found


def inverse_atoms(context: Context) -> frozenset[str]:
    """Names of the equations that say that two matrices are inverse to each other."""
    inverse = inverses(context)
    known = {(one, two) for two, one in inverse.items()} | set(inverse.items())
    return frozenset(a.name for a in context.given if _unit_product(context, a) in known)


def _unit_product(context: Context, atom: Atom) -> tuple[str, str] | None:
    """(M, N) where the equation says MN = I."""
    match context.read(atom.left), context.read(atom.right):
        case (
            Sum((j,), Binary("*", Symbol(one, (i, middle)), Symbol(two, (again, k)))),
            Symbol("delta", ends),
        ) if middle == again == j and ends == (i, k):
            return one, two
    return None


def _letters(context: Context, declared: Mapping[str, str]) -> dict[str, str]:
    """The letter of every name that has another one."""
    names = list(_names(context))
    plain = {name for name in names if not _is_word(name)}
    shown = {name: declared[name] for name in names if name in declared}
    for name, one in inverses(context).items():
        if one in plain and name not in shown:
            shown[name] = f"{one}inv"
    clashes = [name for name in shown if shown[name] in plain - set(shown)]
    for name in clashes:
        del shown[name]
    taken = {*context.letters, *shown.values(), *(plain - set(shown))}
    for name in names:
        if name not in shown and name not in plain:
            letter = name[0]
            shown[name] = next(x for k in itertools.count() if (x := f"{letter}{k}") not in taken)
            taken.add(shown[name])
    return shown


def _names(context: Context) -> Iterable[str]:
    for group in (context.scalars, context.hidden, context.laws, context.arrays):
        yield from (one.name for one in group)
    for law in context.laws:
        yield from (field.name for field in law.fields)
    yield from (one.name for one in context.definitions)


def _is_word(name: str) -> bool:
    return r"\mathrm" in latex_head(name).base


def _orders(context: Context, shown: Mapping[str, str]) -> dict[str, int]:
    orders = {scalar.name: 0 for scalar in context.scalars}
    orders |= {array.name: len(context.shape(array)) for array in context.arrays}
    orders |= {one.name: len(one.parameters) for one in context.definitions}
    return {shown.get(name, name): order for name, order in orders.items()}


def _former(context: Context, shown: Mapping[str, str]) -> Former:
    """Knows which defined matrices equal their transposes by their form."""
    former = Former(fixed=_fixed(context))
    for one in context.definitions:
        if len(one.parameters) != 2:
            continue
        body = tidy(context.read(one.body))
        try:
            ways = [former.form(body, free) for free in (one.parameters, one.parameters[::-1])]
        except NoMatrixForm:
            continue
        if ways[0] == ways[1]:
            former = replace(former, symmetric=former.symmetric | {one.name})
    kinds = (former.symmetric, former.fixed)
    return Former(*(frozenset(shown.get(name, name) for name in kind) for kind in kinds))


def _fixed(context: Context) -> frozenset[str]:
    """Names of numbers and arrays that depend on no source."""
    known = frozenset(scalar.name for scalar in context.scalars)
    known |= {array.name for array in context.arrays if isinstance(array, Tensor)}
    for one in context.definitions:
        if used(context.read(one.body)) <= known:
            known |= {one.name}
    return known
