"""All solutions of equations between letters, as a tree of cases that the checker replays.

At each node the first of these that applies: terms that vanish are removed; invertible matrices are
undone; a product is shown to vanish; a condition on the scalars follows, or a contradiction; a
letter is shown to vanish; one factor of a vanishing product is 0. What is left where nothing
applies is a case. Not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from verifier.proof.context import Atom
from verifier.proof.statements import By, Case, Conclude, Derive, Null, Split, Tree

from . import texts
from .combinations import Combinations
from .conditions import absurd, against_given, conditioned
from .contractions import Equation, equation
from .letters import Letters
from .node import Ground, Node, Step
from .simplifying import peeled, simplified, substituted, traced
from .spelling import indexed
from .vanishing import helped, letter_gone, recognised, rooted, squared

Sides = tuple[str, str]  # of an equation
MAX_CASES = 12
STEPS: tuple[Step, ...] = (
    absurd,
    against_given,
    simplified,
    peeled,
    recognised,
    squared,
    rooted,
    helped,
    conditioned,
    letter_gone,
    substituted,
    traced,
)


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
        self.ground = Ground(search, Letters(search.forms, letters), new_name, self._grown)
        self.prefix = prefix
        self.leaves: list[tuple[Sides, ...]] = []
        self.conditions: list[int] = []  # how many of them are conditions on the scalars

    def branches(self, equations: Sequence[Equation]) -> Branches:
        """The tree and its cases, those without conditions first.

        BudgetSpent where the search takes too long.
        """
        tree = self._grown(Node(tuple(equations)))
        inside = self._inside()
        order = sorted(set(inside), key=lambda m: (self.conditions[m], m))
        cases = tuple(
            tuple(Atom(self._equation(at, k), *sides) for k, sides in enumerate(self.leaves[m], 1))
            for at, m in enumerate(order)
        )
        place = {m: (other, order.index(other)) for m, other in enumerate(inside)}
        return Branches(self._renumbered(tree, place), cases)

    def _equation(self, case: int, k: int) -> str:
        return f"{self.prefix}{case + 1}_{k}"

    def _inside(self) -> list[int]:
        """For each leaf the one that has the fewest of its equations and no other ones."""
        keys = [{self._key(sides) for sides in leaf} for leaf in self.leaves]
        return [
            min(
                (m for m, fewer in enumerate(keys) if fewer <= key), key=lambda m: (len(keys[m]), m)
            )
            for key in keys
        ]

    def _key(self, sides: Sides) -> Sides:
        """An equation at the first letters of its sorts, so that others do not matter."""
        forms = self.ground.forms
        own = forms.indices(*sides)
        first = forms.fresh([forms.sort(i) for i in own], ())
        left, right = (
            texts.at(forms, side, inner, [first[own.index(i)] for i in inner])
            for side in sides
            for inner in (forms.indices(side),)
        )
        return left, right

    def _renumbered(self, tree: Tree, place: Mapping[int, tuple[int, int]]) -> Tree:
        """The tree with its cases, and their equations, at their final numbers.

        ``place``: for each leaf the one in which it lies, and where that stands.
        """
        match tree:
            case Derive() | Null():
                return replace(tree, then=self._renumbered(tree.then, place))
            case Split():
                one, two = tree.branches
                return replace(
                    tree, branches=(self._renumbered(one, place), self._renumbered(two, place))
                )
            case Conclude(at, by):
                other, number = place[at]
                return Conclude(number, self._reasons(at, other, number, by))
        return tree

    def _reasons(self, leaf: int, other: int, number: int, by: Mapping[str, By]) -> dict[str, By]:
        """Why the equations of a leaf hold in one that has them all, at its letters."""
        forms = self.ground.forms
        known = {self._key(sides): (k, sides) for k, sides in enumerate(self.leaves[leaf], 1)}
        found = {}
        for k, sides in enumerate(self.leaves[other], 1):
            own, source = known[self._key(sides)]
            why, letters = (
                by[str(own)],
                zip(forms.indices(*source), forms.indices(*sides), strict=True),
            )
            moved = {one: two for one, two in letters if one != two}
            if moved:
                text = texts.at(forms, why.combination, list(moved), list(moved.values()))
                why = replace(why, combination=text)
            found[self._equation(number, k)] = why
        return found

    def _grown(self, node: Node) -> Tree:
        for step in STEPS:
            tree = step(self.ground, node)
            if tree is not None:
                return tree
        return self._split(node) or self._leaf(node)

    def _split(self, node: Node) -> Tree | None:
        """One factor of a vanishing product is 0."""
        ground = self.ground
        for one in node.products:
            factors = ground.letters.factors(one)
            if factors is None or len(self.leaves) >= MAX_CASES:
                continue
            first, *others = factors
            stem = f"zero_{others[0][0]}" if len(others) == 1 else "product"
            sides = (
                Atom(ground.new_name(f"zero_{first[0]}"), indexed(*first)),
                Atom(ground.new_name(stem), "*".join(indexed(*factor) for factor in others)),
            )
            left = node.without(one)
            one_zero, rest_zero = (
                self._grown(left.with_active(equation(ground.forms, side))) for side in sides
            )
            return Split(*sides, By(one.at(one.indices)), (one_zero, rest_zero))
        return None

    def _leaf(self, node: Node) -> Tree:
        """What is left is a case; one that is there already is not listed again."""
        letters = self.ground.letters.names
        zeros = sorted(node.zeros, key=lambda zero: letters.index(zero[0]))
        source = [*node.conditions, *(one for _, one in zeros), *node.active]
        named = {(one.atom.left, one.atom.right): By(one.at(one.indices)) for one in source}
        found = next((leaf for leaf in self.leaves if set(leaf) == set(named)), None)
        if found is None:
            found = tuple(named)
            self.leaves.append(found)
            self.conditions.append(len(node.conditions))
        by = {str(k): named[sides] for k, sides in enumerate(found, 1)}
        return Conclude(self.leaves.index(found), by)
