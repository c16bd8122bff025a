"""Steps of proofs written as text: equations between names, and why they hold.

    identity("learning-rate", "E(sum[i](w[i]*s[i])) = eta*E(sum[i](s[i]^2))")
    identity("tower", "E(t) = d", By("E(sum[i](residual[i,i]))"), given=("residual: A[i,j] = 0",))

The sides are expressions of the index language. Not trusted: the checker reads what is written.
"""

from __future__ import annotations

import re

from verifier.proof.context import Atom, Definition
from verifier.proof.statements import By, Case, Claim, Conclude, Step

EQUAL = "equal"
_DEFINED = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[([^\]]*)\])?\s*=\s*(.*)", re.DOTALL)
_NAMED = re.compile(r"\s*([A-Za-z]\w*)\s*:(.*)", re.DOTALL)


def equation(text: str, name: str = EQUAL) -> Atom:
    """``name: left = right``, or without a name of its own; ValueError where it is none."""
    named = _NAMED.fullmatch(text)
    if named:
        name, text = named[1], named[2]
    sides = text.split("=")
    if len(sides) != 2:
        raise ValueError(f"{text.strip()!r} is not an equation such as a[i] = 0")
    return Atom(name, *(side.strip() for side in sides))


def defined(text: str, meaning: str = "") -> Definition:
    """``t = ...`` or ``M[i,j] = ...``: a name for an expression; ValueError where it is none."""
    found = _DEFINED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text.strip()!r} is not a definition such as M[i,j] = ...")
    letters = tuple(x.strip() for x in found[2].split(",")) if found[2] else ()
    return Definition(found[1], letters, found[3].strip(), meaning)


def identity(claim: str, text: str, by: By | None = None, given: tuple[str, ...] = ()) -> Step:
    """The step, named like the claim that it shows: if all that is given holds, left = right."""
    atom = equation(text)
    premises = tuple(map(equation, given))
    return Step(
        claim, Claim(premises, ((atom,),)), Conclude(0, {atom.name: by or By()}), claim=claim
    )


def systems(text: str, prefix: str) -> tuple[Case, ...]:
    """Systems of equations: ``|`` between systems, ``;`` between the equations of one.

    The k-th equation of the m-th system is named ``{prefix}{m}_{k}``; ValueError on other text.
    """
    return tuple(
        tuple(equation(one, f"{prefix}{m}_{k}") for k, one in enumerate(system.split(";"), 1))
        for m, system in enumerate(text.split("|"), 1)
    )
