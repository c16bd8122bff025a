"""Steps that end a branch in a contradiction, or bind it to a condition on the scalars."""

from __future__ import annotations

from dataclasses import replace

from verifier.proof.context import Atom
from verifier.proof.rules import By, Contradiction, Derive, Tree

from .coefficients import Polynomial
from .combinations import Found
from .contractions import equation
from .node import Ground, Node
from .rank_one import one_feature
from .vanishing import DEGREE, multipliers


def absurd(ground: Ground, node: Node) -> Tree | None:
    """An equation without arrays: a contradiction, or a condition on the scalars."""
    for one in node.active:
        if set(one.form) == {()}:
            (above,), below = ground.forms.cleared([one.form[()]])
            return _follows(ground, node.without(one), Found(above, f"({below})*{one.name}"))
    return None


def conditioned(ground: Ground, node: Node) -> Tree | None:
    """1 = 0, or that a factor which is not shown to be positive is 0, such as d - 1."""
    if not node.zeros or node.conditions:
        return None
    own, matrices = multipliers(ground, node)
    known = [x for x in node.aids or node.active if ground.letters.constant(x.form)]
    ground.search.budget.start(f"a condition on the scalars where {node.said()}")
    degree = DEGREE + 1 if matrices else DEGREE
    one = ground.forms.form("1")
    short = (one_feature(ground.forms, x) for x in known)
    found = next((x for x in short if x is not None), None)
    if found is None:
        found = ground.search.combination(one, (), known, [*own, *matrices], degree, positive=False)
    return None if found is None else _follows(ground, node, found)


def _follows(ground: Ground, node: Node, found: Found) -> Tree:
    """What follows from times = 0."""
    positive, rest = ground.forms.split_sign(found.times)
    times = ground.forms.polynomial_text(positive)
    if rest.is_constant():
        sign = "" if rest == 1 else "-"
        return Contradiction(By(f"{sign}({found.combination})", times))
    atom, sign = _condition(ground, rest)
    more = replace(node, conditions=(*node.conditions, equation(ground.forms, atom)))
    return Derive(atom, By(f"{sign}({found.combination})", times), ground.grow(more))


def _condition(ground: Ground, rest: Polynomial) -> tuple[Atom, str]:
    """rest = 0, as scalar = number where it is that, and the sign with which it is."""
    name = ground.new_name("condition")
    for scalar in ground.forms.meaning.scalars:
        for sign, minus in (("", "-"), ("-", "+")):
            number = ground.forms.form(f"{scalar} {minus} ({rest})")
            if set(number) <= {()} and set(number.get((), {})) <= {0}:
                return Atom(name, scalar, str(number.get((), {}).get(0, 0))), sign
    return Atom(name, ground.forms.polynomial_text(rest)), ""
