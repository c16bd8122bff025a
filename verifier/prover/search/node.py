"""A node of a tree of cases, and the ground that every step of growing it stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from verifier.proof.context import Atom
from verifier.proof.statements import By, Derive, Tree

from .combinations import Combinations
from .contractions import Equation, equation
from .forms import Form, Forms
from .letters import Letters


@dataclass(frozen=True)
class Node:
    """What is known at a node of the tree.

    ``active``: the equations that describe the solutions left; ``zeros``: letters that vanish;
    ``products``: those of the active that set a product of letters to 0; ``conditions`` on the
    scalars; ``aids``: consequences that serve the search alone, ``inverses`` the matrices by which
    they came about.
    """

    active: tuple[Equation, ...]
    zeros: tuple[tuple[str, Equation], ...] = ()
    products: tuple[Equation, ...] = ()
    conditions: tuple[Equation, ...] = ()
    aids: tuple[Equation, ...] = ()
    inverses: tuple[str, ...] = ()

    def without(self, one: Equation) -> Node:
        """The node without an equation."""
        return replace(
            self,
            active=tuple(x for x in self.active if x is not one),
            products=tuple(x for x in self.products if x is not one),
            aids=tuple(x for x in self.aids if x is not one),
        )

    def exchanged(self, one: Equation, new: Equation) -> Node:
        """The node with an equation in the place of another."""
        return replace(
            self,
            active=tuple(new if x is one else x for x in self.active),
            aids=tuple(new if x is one else x for x in self.aids),
            products=tuple(x for x in self.products if x is not one),
        )

    def with_active(self, one: Equation) -> Node:
        """The node with one more equation."""
        return replace(self, active=(*self.active, one))

    def with_zero(self, name: str, one: Equation) -> Node:
        """The node with one more letter that vanishes."""
        return replace(self, zeros=(*self.zeros, (name, one)))

    def said(self) -> str:
        """The letters that vanish, in words."""
        return ", ".join(f"{one.atom.left} = 0" for _, one in self.zeros) or "nothing vanishes"


@dataclass(frozen=True)
class Ground:
    """The search, the letters, names that nothing has yet, and how a tree grows on."""

    search: Combinations
    letters: Letters
    new_name: Callable[[str], str]
    grow: Callable[[Node], Tree]

    @property
    def forms(self) -> Forms:
        """The normal forms in which the search calculates."""
        return self.search.forms

    def atom(self, stem: str, form: Form, indices: Collection[str], right: str = "0") -> Atom:
        """form = 0 with what has no letter on the right, as ``right`` says it where it does."""
        constant = self.letters.constant(form)
        left = {ids: part for ids, part in form.items() if ids not in constant}
        if not constant or not left:
            return Atom(self.new_name(stem), self.forms.text(form, indices))
        if self.forms.added(constant, self.forms.form(right)):
            minus = {ids: {p: -c for p, c in part.items()} for ids, part in constant.items()}
            right = self.forms.text(minus, indices)
        return Atom(self.new_name(stem), self.forms.text(left, indices), right)

    def replaced(self, node: Node, one: Equation, atom: Atom, by: By) -> Tree:
        """Derive an equation that takes the place of another, unless it is there already."""
        new = equation(self.forms, atom)
        if any(self.letters.same(new, other) for other in node.active if other is not one):
            return self.grow(node.without(one))
        return Derive(atom, by, self.grow(node.exchanged(one, new)))


Step = Callable[[Ground, Node], Tree | None]
