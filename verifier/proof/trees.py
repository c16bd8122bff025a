"""Case trees: certificates of claims.

Each rule adds equations to what is known, or splits it into cases; each leaf establishes one of the
cases of the claim, or that there is no such model. docs/meaning.md says why. Trusted.
"""

from __future__ import annotations

from collections.abc import Mapping

from .atoms import Atoms, Known
from .context import Atom
from .statements import (
    By,
    Case,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Null,
    Split,
    Statement,
    Tree,
)
from .syntax import Binary, Number, ProofError, free_indices

MAX_DEPTH = 40


def check_tree(
    here: Atoms,
    earlier: Mapping[str, Statement],
    known: Known,
    cases: tuple[Case, ...],
    tree: Tree,
    depth: int = 0,
) -> None:
    """Every leaf of the tree establishes one of the cases, or that there is no such model.

    ``earlier``: the statements that were accepted before.
    """
    if depth > MAX_DEPTH:
        raise ProofError(f"the case tree is deeper than {MAX_DEPTH} levels")
    match tree:
        case Conclude(at, by):
            if not 0 <= at < len(cases):
                raise ProofError("a conclusion must name one of the cases")
            here.all_follow(known, cases[at], by)
        case Contradiction(by):
            here.equal(known, Number(1), Number(0), by)
        case Derive(equation, by, then):
            left, right = here.equation(equation)
            here.equal(known, left, right, by)
            more = here.extend(known, equation.name, left, right)
            check_tree(here, earlier, more, cases, then, depth + 1)
        case Null(squares, by, then):
            here.equal(known, here.squares(squares), Number(0), by)
            for square in (one for one in squares if one.name):
                here.squares((square,), strict=True)
                known = here.extend(known, square.name, here.read(square.term), Number(0))
            check_tree(here, earlier, known, cases, then, depth + 1)
        case Split(one, two, by, branches):
            _split(here, known, one, two, by, branches)
            for atom, branch in zip((one, two), branches, strict=True):
                more = here.extend(known, atom.name, *here.equation(atom))
                check_tree(here, earlier, more, cases, branch, depth + 1)
        case Cite(step, by, branches):
            cited = earlier.get(step)
            if not isinstance(cited, Claim):
                raise ProofError(f"there is no earlier claim {step!r} that was accepted")
            here.all_follow(known, cited.given, by)
            if len(branches) != len(cited.cases):
                raise ProofError("a cited claim needs one branch for each of its cases")
            for case, branch in zip(cited.cases, branches, strict=True):
                check_tree(here, earlier, here.premises(known, case), cases, branch, depth + 1)
        case _:
            raise ProofError(f"a {type(tree).__name__} is no certificate of a claim")


def _split(
    here: Atoms, known: Known, one: Atom, two: Atom, by: By, branches: tuple[Tree, ...]
) -> None:
    """e f = 0 for deterministic e, f with separate indices: e = 0 for all, or f = 0 for all."""
    if len(branches) != 2:
        raise ProofError("a split has two branches")
    (left, zero), (right, nought) = here.equation(one), here.equation(two)
    if (zero, nought) != (Number(0), Number(0)):
        raise ProofError("the factors of a split are set to 0")
    if set(free_indices(left)) & set(free_indices(right)):
        raise ProofError("the factors of a split must have separate indices")
    if any(here.meaning.random(here.meaning.value(node)) for node in (left, right)):
        raise ProofError("a split needs deterministic factors")
    here.equal(known, Binary("*", left, right), Number(0), by)
