"""The minimisers as one case, where families of letters are not found.

The case has an equation for each feature whose symmetrised weight was found to be optimal. What is
left of the gap vanishes almost surely, and so does each of its parts that are uncorrelated: where
E(part * other part) = 0, E(part^2) = E(gap * part) = 0. A part whose mean square is a sum of
squares gives equations between the weights (`gap_squares`), another one stays a random equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verifier.proof.context import Atom
from verifier.proof.statements import By, Case, Conclude, Derive, Null, Square, Tree

from . import texts
from .gap_means import GapMeans, Simple
from .gap_squares import LEAF, part_squares
from .spelling import indexed, summed


@dataclass(frozen=True, slots=True)
class OneCase:
    """A tree with one case, and why gap = 0 there."""

    tree: Tree
    case: Case
    converse: str


@dataclass(frozen=True, slots=True)
class _Line:
    """An equation of the case: the name of its residual in the tree, its indices and sides."""

    name: str
    indices: tuple[str, ...]
    left: str
    right: str = "0"

    def at(self) -> str:
        """The residual at the equation's own indices."""
        return indexed(self.name, self.indices)


def one_case(
    means: GapMeans, simple: Sequence[Simple], new_name: Callable[[str], str], prefix: str
) -> OneCase:
    """The equations that were found, and what the rest of the gap says."""
    steps: list[Tree] = derived(simple)
    lines, shares = [], []
    for one in sorted(simple, key=lambda one: one.feature):
        left, right = one.equation.left, one.equation.right
        line = _Line(one.equation.name, means.forms.indices(left, right), left, right)
        lines.append(line)
        shares.append(means.share(one.feature, line.at(), len(means.symmetries[one.feature])))
    rest = f"{means.gap} - ({' + '.join(shares)})" if shares else means.gap
    solved = {one.feature for one in simple}
    for group in means.uncorrelated([r for r in range(len(means.features)) if r not in solved]):
        squares = part_squares(means, group, rest, new_name)
        if squares is not None:
            steps += squares.steps
            lines += [_Line(one.name, one.indices, one.left) for one in squares.cores]
            shares.append(squares.share)
            continue
        part = " + ".join(means.share(r, means.difference(r)) for r in group)
        line = _Line(new_name("part"), means.forms.indices(part), part)
        product = f"({rest})*({part})"
        mean = f"E({summed(means.outputs, product) if means.outputs else product})"
        steps.append(Null((Square("1", part, line.name),), By(mean), LEAF))
        lines.append(line)
        shares.append(line.at())
    case = tuple(Atom(f"{prefix}1_{k}", line.left, line.right) for k, line in enumerate(lines, 1))
    named = list(zip(case, lines, strict=True))
    leaf = Conclude(0, {atom.name: By(line.at()) for atom, line in named})
    moved = {line.name: (line.indices, indexed(atom.name, line.indices)) for atom, line in named}
    converse = texts.expanded(means.forms, " + ".join(shares) or "0", moved)
    return OneCase(chained(steps, leaf), case, converse)


def derived(simple: Sequence[Simple]) -> list[Tree]:
    """The steps that derive these equations."""
    return [Derive(one.equation, one.by, LEAF) for one in simple]


def chained(steps: Sequence[Tree], then: Tree) -> Tree:
    """One step after the other, and then the rest of a tree."""
    for step in reversed(steps):
        assert isinstance(step, Derive | Null)
        then = replace(step, then=then)
    return then
