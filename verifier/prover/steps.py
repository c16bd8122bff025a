"""Steps of proofs written as text, with why they hold as calls beside them.

    identity("learning-rate", "E(sum[i](w[i]*s[i])) = eta*E(sum[i](s[i]^2))")
    identity("tower", "E(t) = d", By("E(sum[i](residual[i,i]))"), given=("residual: A[i,j] = 0",))
    step(
        "either",
        "no_A: A[i,j] = 0 | no_a: a[l] = 0",
        split(
            ("first: A[i,j] = 0", conclude(0, no_A="first[i,j]")),
            ("second: a[l] = 0", conclude(1, no_a="second[l]")),
            by="outer[i,j,l]",
        ),
        given=("outer: A[i,j]*a[l] = 0",),
    )

The sides are expressions of the index language; a reason is a combination of residuals, or a `By`.
Not trusted: the checker reads what is written.
"""

from __future__ import annotations

import re

from verifier.proof.context import Atom, Definition
from verifier.proof.statements import (
    By,
    Case,
    Claim,
    Conclude,
    Derive,
    Null,
    Split,
    Square,
    Step,
    Tree,
)

EQUAL = "equal"
_DEFINED = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[([^\]]*)\])?\s*=\s*(.*)", re.DOTALL)
_RELATION = re.compile(r"(>=|>|=)")
_NAMED = re.compile(r"\s*([A-Za-z]\w*)\s*:(.*)", re.DOTALL)


Reason = By | str


def equation(text: str, name: str = EQUAL) -> Atom:
    """``name: left = right``, or without a name of its own; ValueError where it is none."""
    found = relation(text, name)
    if found.relation != "=":
        raise ValueError(f"{text.strip()!r} is not an equation such as a[i] = 0")
    return found


def relation(text: str, name: str = EQUAL) -> Atom:
    """An equation, or the same with ``>`` or ``>=``; ValueError where it is none."""
    named = _NAMED.fullmatch(text)
    if named:
        name, text = named[1], named[2]
    sides = _RELATION.split(text)
    if len(sides) != 3:
        raise ValueError(f"{text.strip()!r} is not an equation such as a[i] = 0")
    return Atom(name, sides[0].strip(), sides[2].strip(), sides[1])


def defined(text: str, meaning: str = "") -> Definition:
    """``t = ...`` or ``M[i,j] = ...``: a name for an expression; ValueError where it is none."""
    found = _DEFINED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text.strip()!r} is not a definition such as M[i,j] = ...")
    letters = tuple(x.strip() for x in found[2].split(",")) if found[2] else ()
    return Definition(found[1], letters, found[3].strip(), meaning)


def identity(claim: str, text: str, by: Reason = "0", given: tuple[str, ...] = ()) -> Step:
    """The step, named like the claim that it shows: if all that is given holds, left = right."""
    atom = relation(text)
    return _step(claim, ((atom,),), Conclude(0, {atom.name: reason(by)}), given)


def positive(claim: str, text: str) -> Step:
    """``left > 0`` or ``left >= 0`` where all numbers in left show it."""
    return identity(claim, text, By(rest=relation(text).left))


def step(claim: str, text: str, tree: Tree, given: tuple[str, ...] = ()) -> Step:
    """If all that is given holds, one of the systems does: ``name: a = 0; b = 0 | c = 0``."""
    return _step(claim, systems(text, EQUAL), tree, given)


def _step(claim: str, cases: tuple[Case, ...], tree: Tree, given: tuple[str, ...]) -> Step:
    return Step(claim, Claim(tuple(map(equation, given)), cases), tree, claim=claim)


def reason(by: Reason) -> By:
    """A combination of residuals as it stands, or with all that a `By` has."""
    return By(by) if isinstance(by, str) else by


def conclude(case: int = 0, **by: Reason) -> Conclude:
    """A leaf: why each equation of a case holds, by name."""
    return Conclude(case, {name: reason(why) for name, why in by.items()})


def derive(text: str, by: Reason, then: Tree) -> Derive:
    """One more equation, and then the rest."""
    return Derive(equation(text), reason(by), then)


def null(*squares: Square, by: Reason, then: Tree) -> Null:
    """A sum of squares of mean 0: each one that has a name vanishes, and then the rest."""
    return Null(squares, reason(by), then)


def split(one: tuple[str, Tree], two: tuple[str, Tree], by: Reason) -> Split:
    """A product of two factors is 0: each factor that vanishes, with what then follows."""
    return Split(equation(one[0]), equation(two[0]), reason(by), (one[1], two[1]))


def systems(text: str, prefix: str) -> tuple[Case, ...]:
    """Systems of equations: ``|`` between systems, ``;`` between the equations of one.

    The k-th equation of the m-th system is named ``{prefix}{m}_{k}`` where it has no name of its
    own; ValueError on other text.
    """
    return tuple(
        tuple(equation(one, f"{prefix}{m}_{k}") for k, one in enumerate(system.split(";"), 1))
        for m, system in enumerate(text.split("|"), 1)
    )
