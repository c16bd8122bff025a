"""Minimisers as a person states them, in place of those that were found; what was found shows why.

An equation of the claim is matched with one that was found, up to the letters of its indices, a
scalar factor and what the normal form does not tell apart. Each claimed system takes its reasons
from the system that has most of its equations. What has no match is left without a reason, so that
the checker does not accept it. Not trusted.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.proof.context import Atom, Context
from verifier.proof.statements import By, Case, Conclude, Contradiction, Derive, Null, Split, Tree
from verifier.proof.syntax import Binary, Neg, Node, Number, ProofError, free_indices
from verifier.prover.indices import renamed
from verifier.prover.problem import indexed
from verifier.prover.projection import Families
from verifier.prover.reading import Networks, Reading, scalar_text

if TYPE_CHECKING:
    import sympy

    Parts = Mapping[Networks, sympy.Expr]

NO_REASON = By()


def restated(families: Families, claimed: tuple[Case, ...], context: Context) -> Families:
    """The claimed systems with the reasons that were found.

    ``context`` declares the letters; the claimed equations have names that no found one has.
    """
    match = _Match(Reading(context))
    found = families.cases
    pairs = [[match.links(one, other) for other in found] for one in claimed]
    back = [[match.links(other, one) for one in claimed] for other in found]
    place = [_best([row[n] for row in pairs]) for n in range(len(found))]
    converses, before = [], []
    for m in range(len(claimed)):
        n = _best([row[m] for row in back])
        links = back[n][m]
        before.append(tuple((a, links.get(a.name, NO_REASON)) for a in found[n]))
        converses.append(families.converses[n])
    leaves = tuple(
        (claimed_at, {atom.name: pairs[claimed_at][n].get(atom.name, NO_REASON)
                      for atom in claimed[claimed_at]})
        for n, claimed_at in enumerate(place)
    )  # fmt: skip
    tree = _moved(families.tree, found, leaves)
    return Families(tree, claimed, tuple(converses), tuple(before))


def _best(links: Sequence[Mapping[str, By]]) -> int:
    """Where most equations have a match."""
    return max(range(len(links)), key=lambda k: (len(links[k]), -k))


@dataclass(frozen=True, slots=True)
class _Match:
    """Which equations say the same."""

    reading: Reading

    def links(self, wanted: Case, known: Case) -> dict[str, By]:
        """For each wanted equation that has a match among the known ones, why it holds."""
        found = {}
        for atom in wanted:
            by = next((by for one in known if (by := self._by(atom, one)) is not None), None)
            if by is not None:
                found[atom.name] = by
        return found

    def _by(self, wanted: Atom, known: Atom) -> By | None:
        own, free = self._free(wanted), self._free(known)
        letters = self.reading.context.letters
        if sorted(map(letters.__getitem__, own)) != sorted(map(letters.__getitem__, free)):
            return None
        sides = self._parts(f"({wanted.left}) - ({wanted.right})")
        for order in itertools.permutations(own):
            place = dict(zip(free, order, strict=True))
            moved = self._parts(renamed(f"({known.left}) - ({known.right})", place))
            ratio = _ratio(sides, moved)
            if ratio is not None:
                above, below = ratio
                return By(f"({above})*{indexed(known.name, order)}", below)
        return None

    def _free(self, atom: Atom) -> tuple[str, ...]:
        read = self.reading.context.read
        return free_indices(read(atom.left), read(atom.right))

    def _parts(self, text: str) -> Parts:
        try:
            return {ids: x for ids, x in self.reading.parts(text).items() if x != 0}
        except ProofError:
            return {}


def _ratio(one: Parts, two: Parts) -> tuple[str, str] | None:
    """p and q with q one = p two, polynomials in the scalars; None where there are none."""
    import sympy

    if not one or set(one) != set(two):
        return None
    ratio = sympy.cancel(next(iter(one.values())) / two[next(iter(one))])
    if any(sympy.cancel(x - ratio * two[ids]) != 0 for ids, x in one.items()):
        return None
    above, below = sympy.fraction(ratio)
    return scalar_text(above), scalar_text(below)


def same_equation(context: Context, wanted: Atom, known: Atom) -> By:
    """Why an equation follows from one that says the same, up to letters and a scalar factor."""
    return _Match(Reading(context)).links((wanted,), (known,)).get(wanted.name, NO_REASON)


def fraction(node: Node) -> tuple[Node, Node]:
    """Numerator and denominator of a product of quotients."""
    match node:
        case Binary("*", one, two):
            (a, b), (c, d) = fraction(one), fraction(two)
            return Binary("*", a, c), Binary("*", b, d)
        case Binary("/", one, two):
            (a, b), (c, d) = fraction(one), fraction(two)
            return Binary("*", a, d), Binary("*", b, c)
        case Neg(body):
            above, below = fraction(body)
            return Neg(above), below
    return node, Number(1)


def _moved(
    tree: Tree, found: tuple[Case, ...], leaves: tuple[tuple[int, Mapping[str, By]], ...]
) -> Tree:
    """The tree whose leaves first derive what was found, and conclude what is claimed."""
    match tree:
        case Derive() | Null():
            return replace(tree, then=_moved(tree.then, found, leaves))
        case Split():
            one, two = tree.branches
            return replace(tree, branches=(_moved(one, found, leaves), _moved(two, found, leaves)))
        case Conclude(at, by):
            leaf: Tree = Conclude(*leaves[at])
            for atom in reversed(found[at]):
                leaf = Derive(atom, by[atom.name], leaf)
            return leaf
    assert isinstance(tree, Contradiction)
    return tree
