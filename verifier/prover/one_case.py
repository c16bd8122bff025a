"""The minimisers as one case, where families of letters are not found.

The case has an equation for each feature whose symmetrised weight was found to be optimal. What is
left of the gap vanishes almost surely, and so does each of its parts that are uncorrelated: where
E(part * other part) = 0, E(part^2) = E(gap * part) = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom
from verifier.proof.rules import By, Case, Conclude, Derive, Null, Square, Tree

from .forms import indexed, summed
from .gap_means import GapMeans, Simple


@dataclass(frozen=True, slots=True)
class OneCase:
    """A tree with one case, and why gap = 0 there."""

    tree: Tree
    case: Case
    converse: str


@dataclass(frozen=True, slots=True)
class _Line:
    """An equation of the case: its sides, its residual in the tree, its share of the gap.

    In the share ``{}`` stands for the name of the equation.
    """

    left: str
    right: str
    residual: str
    share: str


def one_case(
    means: GapMeans, simple: Sequence[Simple], new_name: Callable[[str], str], prefix: str
) -> OneCase:
    """The equations that were found, and that each part of the rest of the gap is 0."""
    lines = [_solved(means, one) for one in sorted(simple, key=lambda one: one.feature)]
    known = " + ".join(
        line.share.replace("{}", one.equation.name)
        for line, one in zip(lines, sorted(simple, key=lambda one: one.feature), strict=True)
    )
    rest = f"{means.gap} - ({known})" if known else means.gap
    solved = {one.feature for one in simple}
    groups = means.uncorrelated([r for r in range(len(means.features)) if r not in solved])
    nulls = []
    for group in groups:
        part, residual = " + ".join(means.share(r, means.difference(r)) for r in group), rest
        if len(groups) > 1:
            name = new_name("part")
            product = f"({rest})*({part})"
            mean = summed(means.outputs, product) if means.outputs else product
            nulls.append((Square("1", part, name), By(f"E({mean})")))
            residual = indexed(name, means.outputs)
        lines.append(_Line(part, "0", residual, indexed("{}", means.outputs)))
    case = tuple(Atom(f"{prefix}1_{k}", line.left, line.right) for k, line in enumerate(lines, 1))
    named = list(zip(case, lines, strict=True))
    tree: Tree = Conclude(0, {atom.name: By(line.residual) for atom, line in named})
    for square, why in reversed(nulls):
        tree = Null((square,), why, tree)
    converse = " + ".join(line.share.replace("{}", atom.name) for atom, line in named)
    return OneCase(after(simple, tree), case, converse or "0")


def after(simple: Sequence[Simple], then: Tree) -> Tree:
    """The tree that derives these equations, one from the other, and goes on."""
    for one in reversed(simple):
        then = Derive(one.equation, one.by, then)
    return then


def _solved(means: GapMeans, one: Simple) -> _Line:
    indices = means.forms.indices(one.equation.left, one.equation.right)
    count = len(means.symmetries[one.feature])
    return _Line(
        one.equation.left,
        one.equation.right,
        indexed(one.equation.name, indices),
        means.share(one.feature, indexed("{}", indices), count),
    )
