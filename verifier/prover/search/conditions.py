"""Steps that end a branch in a contradiction, or bind it to a condition on the scalars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verifier.proof.context import Atom
from verifier.proof.statements import By, Contradiction, Derive, Null, Square, Tree

from . import texts
from .coefficients import Polynomial
from .combinations import Found
from .contractions import Equation, equation, pairings
from .forms import Form
from .node import Ground, Node
from .rewriting import Rule, reduced, rule
from .spelling import summed
from .squares import square_root
from .vanishing import DEGREE


def absurd(ground: Ground, node: Node) -> Tree | None:
    """An equation without arrays: a contradiction, or a condition on the scalars."""
    for one in node.active:
        if set(one.form) == {()}:
            (above,), below = ground.forms.cleared([one.form[()]])
            return _follows(ground, node.without(one), Found(above, f"({below})*{one.name}"))
    return None


def against_given(ground: Ground, node: Node) -> Tree | None:
    """P = 0 for a given array P, while a given equation then says that 1 + squares = 0."""
    forms = ground.forms
    for one in node.active:
        found = rule(forms, one)
        if len(one.form) > 1 or found is None or one.form != ground.letters.constant(one.form):
            continue
        names = forms.names(one.form)
        for atom in forms.context.given:
            if atom.relation == "=" and names <= forms.names(forms.residual(atom)):
                tree = _positive_sum(ground, equation(forms, atom), found)
                if tree is not None:
                    return tree
    return None


def _positive_sum(ground: Ground, one: Equation, found: Rule) -> Tree | None:
    """The contradiction that some trace of an equation, reduced by a rule, is positive."""
    forms = ground.forms
    form, text = reduced(forms, one.form, one.indices, [found])
    residual = f"({one.at(one.indices)} - ({text}))" if text else one.at(one.indices)
    for pairs in pairings(one.indices, lambda i, j: forms.sort(i) == forms.sort(j)):
        places, sorts, moved = dict[int, int](), dict[int, str](), dict[str, str]()
        for k, (i, j) in enumerate(pairs):
            places |= {forms.meaning.labels[i]: k, forms.meaning.labels[j]: k}
            sorts[k], moved[j] = forms.sort(i), i
        total = forms.multiplied(forms.terms(form), places, sorts)
        at = texts.at(forms, residual, list(moved), list(moved.values()))
        body = summed([i for i, _ in pairs], at) if pairs else at
        for sign in ("", "-"):
            name = ground.new_name("one")
            squares = _squares(ground, total, sign, name)
            if squares is not None:
                return Null(squares, By(f"{sign}{body}"), Contradiction(By(name)))
    return None


def _squares(ground: Ground, total: Form, sign: str, name: str) -> tuple[Square, ...] | None:
    """A closed form as squares with coefficients >= 0 and a positive number, named."""
    forms, found = ground.forms, []
    if () not in total:
        return None
    for ids, coefficient in sorted(total.items()):
        root = square_root(forms, ids) if ids else "1"
        text = f"{sign}({forms.coefficient_text(coefficient)})"
        value = forms.meaning.value(forms.read(text))
        if root is None or not forms.meaning.positive(value, strict=not ids):
            return None
        found.append(Square(text, root, "" if ids else name))
    return tuple(found)


def conditioned(ground: Ground, node: Node) -> Tree | None:
    """1 = 0, or that a factor which is not shown to be positive is 0, such as d - 1."""
    if not node.zeros or node.conditions:
        return None
    known = [x for x in node.aids or node.active if ground.letters.constant(x.form)]
    letters = _parts(ground, known)
    ground.search.budget.start(f"a condition on the scalars where {node.said()}")
    one = ground.forms.form("1")
    found = ground.search.combination(one, (), known, letters, DEGREE, positive=False)
    return None if found is None else _follows(ground, node, found)


def _parts(ground: Ground, known: Sequence[Equation]) -> list[str]:
    """The networks with letters in some equations: c_i and sum_l K_jl a_l in c_i (K a)_j."""
    forms, found = ground.forms, dict[str, None]()
    for one in known:
        constant = ground.letters.constant(one.form)
        for ids in one.form:
            if ids not in constant:
                found.update(dict.fromkeys(forms.product_text((i,)) for i in ids))
    return list(found)


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
