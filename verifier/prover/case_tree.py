"""All solutions of equations between letters, as a tree of cases that the checker replays.

At each node the first of these that applies: terms that vanish are removed; invertible matrices are
undone; a product is shown to vanish; a letter is shown to vanish; a condition on the scalars
follows, or a contradiction; one factor of a vanishing product is 0. What is left where nothing
applies is a case. Not trusted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from verifier.proof.context import Atom
from verifier.proof.normal import DELTA
from verifier.proof.rules import By, Case, Conclude, Contradiction, Derive, Null, Split, Tree

from .combinations import Combinations
from .contractions import Equation, equation
from .forms import PRIME, Form, Forms, Networks, Polynomial, indexed
from .linear import residues
from .peeling import Peeled, peel, peel_term
from .rewriting import Rule, reduced, rule
from .squares import vanishing

MAX_CASES = 12


@dataclass(frozen=True)
class Node:
    """What is known at a node of the tree.

    ``active``: the equations that describe the solutions left; ``zeros``: letters that vanish;
    ``products``: equations whose factors are letters; ``conditions`` on the scalars; ``aids``:
    consequences that serve the search alone.
    """

    active: tuple[Equation, ...]
    zeros: tuple[tuple[str, Equation], ...] = ()
    products: tuple[Equation, ...] = ()
    conditions: tuple[Equation, ...] = ()
    aids: tuple[Equation, ...] = ()

    @property
    def vanished(self) -> frozenset[str]:
        """The letters that are 0."""
        return frozenset(name for name, _ in self.zeros)


class CaseTree:
    """Grows the tree of one system of equations; ``cases`` are its leaves."""

    def __init__(
        self,
        search: Combinations,
        letters: Sequence[str],
        new_name: Callable[[str], str],
        prefix: str = "family",
    ) -> None:
        self.search, self.letters, self.new_name = search, tuple(letters), new_name
        self.forms: Forms = search.forms
        self.prefix = prefix
        self.cases: list[Case] = []

    def grow(self, node: Node) -> Tree:
        """The tree from a node on; BudgetSpent where the search takes too long."""
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

    def _rules(self, node: Node, but: Equation | None = None) -> list[Rule]:
        known = [*(one for _, one in node.zeros), *node.products]
        return [x for one in known if one is not but and (x := rule(self.forms, one))]

    def _simplified(self, node: Node) -> Tree | None:
        """Terms with a vanishing letter or product are removed, equations without terms dropped."""
        for one in (*node.active, *node.aids):
            if any(one is other for _, other in node.zeros):
                continue
            form, text = reduced(self.forms, one.form, one.indices, self._rules(node, one))
            if not text:
                continue
            if not form:
                return self.grow(_without(node, one))
            why = By(f"{one.at(one.indices)} - ({text})")
            return self._replaced(node, one, self._atom(form, one, "reduced"), why)
        return None

    def _peeled(self, node: Node) -> Tree | None:
        """Invertible matrices at free indices are undone, common deltas summed away."""
        for one in node.active:
            start = Peeled(one.form, one.indices, one.at(one.indices))
            result = peel(self.forms, start)
            if result is not start and result.form:
                atom = Atom(self.new_name("peeled"), self.forms.text(result.form, result.indices))
                return self._replaced(node, one, atom, By(result.combination))
        return None

    def _atom(self, form: Form, like: Equation, stem: str) -> Atom:
        """form = 0; what has no letter stays on the right as it was written there."""
        constant = self._constant(form)
        name, right = self.new_name(stem), "0"
        if constant and constant == self._constant(like.form):
            if self.forms.added(constant, self.forms.form(like.atom.right)) == {}:
                form = {ids: part for ids, part in form.items() if ids not in constant}
                right = like.atom.right
        return Atom(name, self.forms.text(form, like.indices), right)

    def _constant(self, form: Form) -> Form:
        """The terms without letters."""
        return {
            ids: part
            for ids, part in form.items()
            if self.forms.names({ids: part}).isdisjoint(self.letters)
        }

    def _replaced(self, node: Node, one: Equation, atom: Atom, by: By) -> Tree:
        """Derive an equation that takes the place of another."""
        new = equation(self.forms, atom)
        if any(self._same(new, other) for other in node.active if other is not one):
            return self.grow(_without(node, one))
        more = replace(
            node,
            active=tuple(new if x is one else x for x in node.active),
            aids=tuple(new if x is one else x for x in node.aids),
            products=tuple(x for x in node.products if x is not one),
        )
        return Derive(atom, by, self.grow(more))

    def _same(self, one: Equation, two: Equation) -> bool:
        """Whether two equations are multiples of each other, their indices renamed."""
        if sorted(map(self.forms.sort, one.indices)) != sorted(map(self.forms.sort, two.indices)):
            return False
        if len(one.form) != len(two.form):
            return False
        labels, wanted = self.forms.meaning.labels, _monic(residues(self.forms, two.form))
        for order in itertools.permutations(two.indices):
            places = {labels[i]: labels[j] for i, j in zip(one.indices, order, strict=True)}
            moved = self.forms.multiplied(self.forms.terms(one.form), places, {})
            if _monic(residues(self.forms, moved)) == wanted:
                return True
        return False

    # Products and letters that vanish

    def _factors(self, one: Equation) -> list[tuple[str, tuple[str, ...]]] | None:
        """The letters, at free indices, whose product an equation sets to 0."""
        if len(one.form) != 1:
            return None
        factors, sorts = self.forms.meaning.spread(next(iter(one.form)))
        labels = [x for f in factors for x in f[1:]]
        if sorts or len(set(labels)) != len(labels) or any(f[0] == DELTA for f in factors):
            return None
        names = {x: i for i, x in self.forms.meaning.labels.items()}
        found = [
            (self.forms.meaning.heads[f[0]].name, tuple(names[x] for x in f[1:])) for f in factors
        ]
        known = all(name in self.letters for name, _ in found)
        return found if known and len({name for name, _ in found}) == len(found) else None

    def _recognised(self, node: Node) -> Tree | None:
        """Equations that set a letter or a product of letters to 0."""
        noted = [*node.products, *(one for _, one in node.zeros)]
        for one in node.active:
            factors = self._factors(one)
            if factors is None or any(one is other for other in noted):
                continue
            if len(factors) == 1:
                zeros = (*node.zeros, (factors[0][0], one))
                kept = tuple(x for x in node.active if x is not one)
                return self.grow(replace(node, zeros=zeros, active=kept))
            return self.grow(replace(node, products=(*node.products, one)))
        return None

    def _squared(self, node: Node) -> Tree | None:
        """A product that vanishes because an equation times it is a sum of squares."""
        for one in node.active:
            if len(one.form) == 1 or self._constant(one.form):
                continue
            name = self.new_name("product")
            found = vanishing(self.forms, one, name)
            if found is not None:
                new = equation(self.forms, Atom(name, found.squares[0].term))
                if self._factors(new) is not None:
                    active = tuple(new if x is one else x for x in node.active)
                    return Null(found.squares, found.by, self.grow(replace(node, active=active)))
        return None

    def _helped(self, node: Node) -> Tree | None:
        """From c_i a_j = P_ij, P invertible, also c_i (K a)_j = delta_ij, for the search alone."""
        if not node.zeros:
            return None
        for one in node.active:
            constant = self._constant(one.form)
            if len(constant) != 1 or any(x.name.startswith(f"{one.name}_") for x in node.aids):
                continue
            start = Peeled(one.form, one.indices, one.at(one.indices))
            result = peel_term(self.forms, start, next(iter(constant)))
            if result is not None:
                text = self.forms.text(result.form, result.indices)
                atom = Atom(self.new_name(f"{one.name}_"), text)
                new = equation(self.forms, atom)
                more = replace(node, aids=(*node.aids, new))
                return Derive(atom, By(result.combination), self.grow(more))
        return None

    def _live(self, node: Node) -> list[str]:
        """The letters that are left, and matrices that were multiplied with."""
        present = set().union(*(self.forms.names(x.form) for x in (*node.active, *node.aids)))
        own = [name for name in self.letters if name in present and name not in node.vanished]
        inverses = [
            name
            for name in sorted(set().union(*(self.forms.names(x.form) for x in node.aids), set()))
            if name not in self.letters
        ]
        return [*own, *inverses]

    def _letter_gone(self, node: Node) -> Tree | None:
        """A letter that vanishes by a combination."""
        if not node.zeros:
            return None
        known, live = [*node.aids, *node.active], self._live(node)
        for name in [x for x in live if x in self.letters]:
            entry = self._entry(name)
            self.search.budget.start(f"{entry} = 0 where {_said(node)}")
            found = self.search.combination(
                self.forms.form(entry), self.forms.indices(entry), known, live, 2
            )
            by = None if found is None else self.search.reason(found)
            if by is not None:
                atom = Atom(self.new_name(f"zero_{name}"), entry)
                new = equation(self.forms, atom)
                more = replace(node, zeros=(*node.zeros, (name, new)))
                return Derive(atom, by, self.grow(more))
        return None

    def _entry(self, name: str, avoid: Iterable[str] = ()) -> str:
        """A letter at fresh indices."""
        shape = self.forms.meaning.heads[self.forms.tensor_head(name)].sorts
        return indexed(name, self.forms.fresh(shape, tuple(avoid)))

    # Conditions, splits, leaves

    def _conditioned(self, node: Node) -> Tree | None:
        """1 = 0, or that a factor which is not shown to be positive is 0, such as d - 1."""
        if not node.zeros or node.conditions:
            return None
        known = [x for x in (*node.aids, *node.active) if self._constant(x.form)]
        if any(x in known for x in node.aids):
            known = [x for x in known if x in node.aids]
        self.search.budget.start(f"a condition on the scalars where {_said(node)}")
        live = self._live(node)
        degree = 2 if len(live) == len([x for x in live if x in self.letters]) else 3
        one = self.forms.form("1")
        found = self.search.combination(one, (), known, live, degree, positive=False)
        if found is None:
            return None
        positive, rest = self.forms.split_sign(found.times)
        why = By(found.combination, self.forms.polynomial_text(positive))
        if rest == 1:
            return Contradiction(why)
        if rest == -1:
            return Contradiction(replace(why, combination=f"-({why.combination})"))
        atom = self._condition(rest)
        if self.forms.form(f"({atom.left}) - ({atom.right}) - ({rest})"):
            why = replace(why, combination=f"-({why.combination})")
        more = replace(node, conditions=(*node.conditions, equation(self.forms, atom)))
        return Derive(atom, why, self.grow(more))

    def _condition(self, rest: Polynomial) -> Atom:
        """rest = 0, as scalar = number where it is that."""
        name = self.new_name("condition")
        for sign in (1, -1):
            for scalar in self.forms.meaning.scalars:
                for number in (int(c) for c in rest.coeffs()):
                    if self.forms.form(f"({scalar}) + ({sign * number}) - ({sign}) * ({rest})") == {}:
                        return Atom(name, scalar, str(-sign * number))
        return Atom(name, self.forms.polynomial_text(rest))

    def _split(self, node: Node) -> Tree | None:
        """One factor of a vanishing product is 0."""
        for one in node.products:
            factors = self._factors(one)
            if factors is None or len(self.cases) >= MAX_CASES:
                continue
            (name, own), *others = factors
            rest = "*".join(indexed(*factor) for factor in others)
            first = Atom(self.new_name(f"zero_{name}"), indexed(name, own))
            stem = f"zero_{others[0][0]}" if len(others) == 1 else "product"
            second = Atom(self.new_name(stem), rest)
            left = _without(node, one)
            branches = (
                self.grow(replace(left, active=(*left.active, equation(self.forms, first)))),
                self.grow(replace(left, active=(*left.active, equation(self.forms, second)))),
            )
            return Split(first, second, By(one.at(one.indices)), branches)
        return None

    def _leaf(self, node: Node) -> Tree:
        """What is left is a case; one that is there already is not listed again."""
        source = [*node.conditions, *(one for _, one in node.zeros), *node.active]
        sides = [(one.atom.left, one.atom.right) for one in source]
        for m, case in enumerate(self.cases):
            if sorted((atom.left, atom.right) for atom in case) == sorted(sides):
                order = [sides.index((atom.left, atom.right)) for atom in case]
                return self._concluded(m, [source[k] for k in order])
        number = len(self.cases) + 1
        self.cases.append(
            tuple(Atom(f"{self.prefix}{number}_{k}", *side) for k, side in enumerate(sides, 1))
        )
        return self._concluded(number - 1, source)

    def _concluded(self, m: int, source: Sequence[Equation]) -> Tree:
        pairs = zip(self.cases[m], source, strict=True)
        return Conclude(m, {atom.name: By(one.at(one.indices)) for atom, one in pairs})


def _without(node: Node, one: Equation) -> Node:
    """The node without an equation."""
    return replace(
        node,
        active=tuple(x for x in node.active if x is not one),
        products=tuple(x for x in node.products if x is not one),
        aids=tuple(x for x in node.aids if x is not one),
    )


def _said(node: Node) -> str:
    return ", ".join(f"{one.atom.left} = 0" for _, one in node.zeros) or "nothing vanishes"


def _monic(values: dict[Networks, int]) -> dict[Networks, int]:
    first = pow(values[min(values)], -1, PRIME) if values else 0
    return {ids: value * first % PRIME for ids, value in values.items()}
