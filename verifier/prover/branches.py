"""All solutions of equations between letters, as a tree of cases that the checker replays.

At each node the first of these that applies: terms that vanish are removed; invertible matrices are
undone; a product is shown to vanish; a letter is shown to vanish; a condition on the scalars
follows, or a contradiction; one factor of a vanishing product is 0. What is left where nothing
applies is a case. Not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verifier.proof.context import Atom
from verifier.proof.rules import By, Case, Conclude, Contradiction, Derive, Null, Split, Tree

from .combinations import Combinations
from .contractions import Equation, equation
from .forms import Coefficient, Form, Polynomial, indexed
from .letters import Letters
from .peeling import Peeled, peel, peel_term
from .rank_one import one_feature
from .rewriting import Rule, reduced, rule
from .squares import vanishing

MAX_CASES = 12


@dataclass(frozen=True)
class Node:
    """What is known at a node of the tree.

    ``active``: the equations that describe the solutions left; ``zeros``: letters that vanish;
    ``products``: those of the active that set a product of letters to 0; ``conditions`` on the
    scalars; ``aids``: consequences that serve the search alone.
    """

    active: tuple[Equation, ...]
    zeros: tuple[tuple[str, Equation], ...] = ()
    products: tuple[Equation, ...] = ()
    conditions: tuple[Equation, ...] = ()
    aids: tuple[Equation, ...] = ()

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

    def zero(self, name: str, one: Equation) -> Node:
        """The node with one more letter that vanishes."""
        return replace(self, zeros=(*self.zeros, (name, one)))

    def said(self) -> str:
        """The letters that vanish, in words."""
        return ", ".join(f"{one.atom.left} = 0" for _, one in self.zeros) or "nothing vanishes"


@dataclass(frozen=True, slots=True)
class Branches:
    """A tree of cases, and the cases."""

    tree: Tree
    cases: tuple[Case, ...]


class Grower:
    """Grows the tree of cases of one system of equations."""

    def __init__(
        self,
        search: Combinations,
        letters: Sequence[str],
        new_name: Callable[[str], str],
        prefix: str,
    ) -> None:
        self.search, self.forms, self.new_name = search, search.forms, new_name
        self.letters, self.prefix = Letters(search.forms, letters), prefix
        self.leaves: list[tuple[tuple[str, str], ...]] = []  # the sides of each equation
        self.weights: list[int] = []  # the number of conditions of each leaf

    def branches(self, equations: Sequence[Equation]) -> Branches:
        """The tree and its cases, those without conditions first.

        BudgetSpent where the search takes too long.
        """
        tree = self._grown(Node(tuple(equations)))
        order = sorted(range(len(self.leaves)), key=self.weights.__getitem__)
        cases = tuple(
            tuple(Atom(self._equation(at, k), *sides) for k, sides in enumerate(self.leaves[m], 1))
            for at, m in enumerate(order)
        )
        return Branches(self._renumbered(tree, {m: at for at, m in enumerate(order)}), cases)

    def _equation(self, case: int, k: int) -> str:
        return f"{self.prefix}{case + 1}_{k}"

    def _renumbered(self, tree: Tree, place: dict[int, int]) -> Tree:
        """The tree with its cases, and their equations, at their final numbers."""
        match tree:
            case Derive() | Null():
                return replace(tree, then=self._renumbered(tree.then, place))
            case Split():
                one, two = tree.branches
                return replace(
                    tree, branches=(self._renumbered(one, place), self._renumbered(two, place))
                )
            case Conclude(at, by):
                named = {self._equation(place[at], int(k)): why for k, why in by.items()}
                return Conclude(place[at], named)
        return tree

    def _grown(self, node: Node) -> Tree:
        for step in (
            self._simplified,
            self._peeled,
            self._recognised,
            self._squared,
            self._helped,
            self._letter_gone,
            self._conditioned,
            self._split,
        ):
            tree = step(node)
            if tree is not None:
                return tree
        return self._leaf(node)

    # Simplification

    def _simplified(self, node: Node) -> Tree | None:
        """Terms with a vanishing letter or product are removed, equations without terms dropped."""
        for one in (*node.active, *node.aids):
            form, text = reduced(self.forms, one.form, one.indices, self._rules(node, one))
            if not text:
                continue
            if not form:
                return self._grown(node.without(one))
            why = By(f"{one.at(one.indices)} - ({text})")
            return self._replaced(node, one, self._atom(form, one), why)
        return None

    def _rules(self, node: Node, but: Equation) -> list[Rule]:
        known = [*(one for _, one in node.zeros), *node.products]
        return [x for one in known if one is not but and (x := rule(self.forms, one))]

    def _atom(self, form: Form, like: Equation) -> Atom:
        """form = 0; what has no letter stays on the right as it was written there."""
        constant, right = self.letters.constant(form), "0"
        if constant and not self.forms.added(constant, self.forms.form(like.atom.right)):
            form = {ids: part for ids, part in form.items() if ids not in constant}
            right = like.atom.right
        return Atom(self.new_name("reduced"), self.forms.text(form, like.indices), right)

    def _replaced(self, node: Node, one: Equation, atom: Atom, by: By) -> Tree:
        """Derive an equation that takes the place of another, unless it is there already."""
        new = equation(self.forms, atom)
        if any(self.letters.same(new, other) for other in node.active if other is not one):
            return self._grown(node.without(one))
        return Derive(atom, by, self._grown(node.exchanged(one, new)))

    def _peeled(self, node: Node) -> Tree | None:
        """Invertible matrices at free indices are undone, common deltas summed away."""
        for one in node.active:
            start = Peeled(one.form, one.indices, one.at(one.indices))
            result = peel(self.forms, start)
            if result is not start and result.form:
                text = self.forms.text(result.form, result.indices)
                atom = Atom(self.new_name("peeled"), text)
                return self._replaced(node, one, atom, By(result.combination))
        return None

    # Products and letters that vanish

    def _recognised(self, node: Node) -> Tree | None:
        """Equations that set a letter or a product of letters to 0 are noted as such."""
        for one in node.active:
            factors = self.letters.factors(one)
            if not factors or one in node.products:
                continue
            (coefficient,) = one.form.values()
            if coefficient != {0: 1}:
                tree = self._without_coefficient(node, one, coefficient)
                if tree is not None:
                    return tree
            elif len(factors) == 1:
                return self._grown(node.without(one).zero(factors[0][0], one))
            else:
                return self._grown(replace(node, products=(*node.products, one)))
        return None

    def _without_coefficient(
        self, node: Node, one: Equation, coefficient: Coefficient
    ) -> Tree | None:
        """A product whose coefficient has a sign, without it."""
        text = self.forms.coefficient_text(coefficient)
        atom = Atom(self.new_name("product"), self.forms.product_text(next(iter(one.form))))
        for sign in ("", "-"):
            times = f"{sign}({text})" if sign else text
            value = self.forms.meaning.value(self.forms.read(times))
            if self.forms.meaning.positive(value, strict=True):
                why = By(f"{sign}{one.at(one.indices)}", times)
                return self._replaced(node, one, atom, why)
        return None

    def _squared(self, node: Node) -> Tree | None:
        """A product that vanishes because an equation times it is a sum of squares."""
        for one in node.active:
            if len(one.form) > 1 and not self.letters.constant(one.form):
                name = self.new_name("product")
                found = vanishing(self.forms, one, name)
                if found is not None:
                    new = equation(self.forms, Atom(name, found.squares[0].term))
                    if self.letters.factors(new) is not None:
                        then = self._grown(node.exchanged(one, new))
                        return Null(found.squares, found.by, then)
        return None

    def _helped(self, node: Node) -> Tree | None:
        """From c_i a_j = P_ij, P invertible, also c_i (K a)_j = delta_ij, for the search alone."""
        if not node.zeros:
            return None
        for one in node.active:
            constant = self.letters.constant(one.form)
            stem = f"{one.name}_whitened"
            if len(constant) != 1 or any(x.name.startswith(stem) for x in node.aids):
                continue
            start = Peeled(one.form, one.indices, one.at(one.indices))
            result = peel_term(self.forms, start, next(iter(constant)))
            if result is not None:
                atom = Atom(self.new_name(stem), self.forms.text(result.form, result.indices))
                more = replace(node, aids=(*node.aids, equation(self.forms, atom)))
                return Derive(atom, By(result.combination), self._grown(more))
        return None

    def _multipliers(self, node: Node) -> tuple[list[str], list[str]]:
        """The letters that are left, and the matrices that were multiplied with."""
        gone = {name for name, _ in node.zeros}
        present = set().union(*(self.forms.names(x.form) for x in (*node.active, *node.aids)))
        helping = set().union(*(self.forms.names(x.form) for x in node.aids))
        own = [name for name in self.letters.names if name in present - gone]
        return own, sorted(helping - set(self.letters.names))

    def _letter_gone(self, node: Node) -> Tree | None:
        """A letter that vanishes by a combination."""
        if not node.zeros:
            return None
        own, matrices = self._multipliers(node)
        for name in own:
            entry = self.letters.entry(name)
            self.search.budget.start(f"{entry} = 0 where {node.said()}")
            found = self.search.combination(
                self.forms.form(entry),
                self.forms.indices(entry),
                [*node.aids, *node.active],
                [*own, *matrices],
                2,
            )
            by = None if found is None else self.search.reason(found)
            if by is not None:
                atom = Atom(self.new_name(f"zero_{name}"), entry)
                more = node.zero(name, equation(self.forms, atom))
                return Derive(atom, by, self._grown(more))
        return None

    # Conditions, splits, leaves

    def _conditioned(self, node: Node) -> Tree | None:
        """1 = 0, or that a factor which is not shown to be positive is 0, such as d - 1."""
        if node.conditions:
            return self._impossible(node)
        if not node.zeros:
            return None
        own, matrices = self._multipliers(node)
        known = [x for x in node.aids or node.active if self.letters.constant(x.form)]
        self.search.budget.start(f"a condition on the scalars where {node.said()}")
        short = (one_feature(self.forms, one) for one in known)
        found = next((one for one in short if one is not None), None)
        if found is None:
            found = self.search.combination(
                self.forms.form("1"), (), known, [*own, *matrices], 2, positive=False
            )
        if found is None:
            return None
        positive, rest = self.forms.split_sign(found.times)
        times = self.forms.polynomial_text(positive)
        if rest.is_constant():
            sign = "" if rest == 1 else "-"
            return Contradiction(By(f"{sign}({found.combination})", times))
        atom, sign = self._condition(rest)
        more = replace(node, conditions=(*node.conditions, equation(self.forms, atom)))
        return Derive(atom, By(f"{sign}({found.combination})", times), self._grown(more))

    def _impossible(self, node: Node) -> Tree | None:
        """An equation that sets a number to 0 which has a sign."""
        for one in node.active:
            if set(one.form) == {()}:
                text = self.forms.coefficient_text(one.form[()])
                for sign in ("", "-"):
                    value = self.forms.meaning.value(self.forms.read(f"{sign}({text})"))
                    if self.forms.meaning.positive(value, strict=True):
                        return Contradiction(By(f"{sign}{one.at(())}", f"{sign}({text})"))
        return None

    def _condition(self, rest: Polynomial) -> tuple[Atom, str]:
        """rest = 0, as scalar = number where it is that, and the sign with which it is."""
        name = self.new_name("condition")
        for scalar in self.forms.meaning.scalars:
            for sign in (1, -1):
                number = self.forms.form(f"{scalar} - ({sign * rest})")
                if set(number) <= {()} and set(number.get((), {})) <= {0}:
                    value = number.get((), {}).get(0, 0)
                    return Atom(name, scalar, str(value)), "" if sign == 1 else "-"
        return Atom(name, self.forms.polynomial_text(rest)), ""

    def _split(self, node: Node) -> Tree | None:
        """One factor of a vanishing product is 0."""
        for one in node.products:
            factors = self.letters.factors(one)
            if factors is None or len(self.leaves) >= MAX_CASES:
                continue
            first, *others = factors
            stem = f"zero_{others[0][0]}" if len(others) == 1 else "product"
            sides = (
                Atom(self.new_name(f"zero_{first[0]}"), indexed(*first)),
                Atom(self.new_name(stem), "*".join(indexed(*factor) for factor in others)),
            )
            left = node.without(one)
            one_zero, rest_zero = (
                self._grown(replace(left, active=(*left.active, equation(self.forms, side))))
                for side in sides
            )
            return Split(*sides, By(one.at(one.indices)), (one_zero, rest_zero))
        return None

    def _leaf(self, node: Node) -> Tree:
        """What is left is a case; one that is there already is not listed again."""
        zeros = sorted(node.zeros, key=lambda zero: self.letters.names.index(zero[0]))
        source = [*node.conditions, *(one for _, one in zeros), *node.active]
        named = {(one.atom.left, one.atom.right): By(one.at(one.indices)) for one in source}
        found = next((leaf for leaf in self.leaves if set(leaf) == set(named)), None)
        if found is None:
            found = tuple(named)
            self.leaves.append(found)
            self.weights.append(len(node.conditions))
        by = {str(k): named[sides] for k, sides in enumerate(found, 1)}
        return Conclude(self.leaves.index(found), by)
