"""Steps that show a product of letters, or a letter, to be 0."""

from __future__ import annotations

from dataclasses import replace

from verifier.proof.context import Atom
from verifier.proof.rules import By, Derive, Null, Tree

from . import squares
from .coefficients import Coefficient
from .contractions import Equation, equation
from .node import Ground, Node
from .peeling import Peeled, peel_term

DEGREE = 2  # of the letters with which equations are multiplied


def recognised(ground: Ground, node: Node) -> Tree | None:
    """Equations that set a letter or a product of letters to 0 are noted as such."""
    for one in node.active:
        factors = ground.letters.factors(one)
        if not factors or one in node.products:
            continue
        (coefficient,) = one.form.values()
        if coefficient != {0: 1}:
            tree = _without_coefficient(ground, node, one, coefficient)
            if tree is not None:
                return tree
        elif len(factors) == 1:
            return ground.grow(node.without(one).with_zero(factors[0][0], one))
        else:
            return ground.grow(replace(node, products=(*node.products, one)))
    return None


def _without_coefficient(
    ground: Ground, node: Node, one: Equation, coefficient: Coefficient
) -> Tree | None:
    """A product whose coefficient has a sign, without it."""
    forms = ground.forms
    text = forms.coefficient_text(coefficient)
    for sign in ("", "-"):
        times = f"{sign}({text})" if sign else text
        if forms.meaning.positive(forms.meaning.value(forms.read(times)), strict=True):
            product = forms.product_text(next(iter(one.form)))
            why = By(f"{sign}{one.at(one.indices)}", times)
            return ground.replaced(node, one, Atom(ground.new_name("product"), product), why)
    return None


def squared(ground: Ground, node: Node) -> Tree | None:
    """A product vanishes because an equation times it is a sum of squares."""
    for one in node.active:
        if len(one.form) > 1 and not ground.letters.constant(one.form):
            name = ground.new_name("product")
            found = squares.vanishing(ground.forms, one, name)
            if found is not None:
                new = equation(ground.forms, Atom(name, found.squares[0].term))
                if ground.letters.factors(new) is not None:
                    then = ground.grow(node.exchanged(one, new))
                    return Null(found.squares, found.by, then)
    return None


def helped(ground: Ground, node: Node) -> Tree | None:
    """From c_i a_j = P_ij, P invertible, also c_i (K a)_j = delta_ij, for the search alone."""
    if not node.zeros:
        return None
    forms = ground.forms
    for one in node.active:
        constant = ground.letters.constant(one.form)
        stem = f"{one.name}_whitened"
        if len(constant) != 1 or any(x.name.startswith(stem) for x in node.aids):
            continue
        start = Peeled(one.form, one.indices, one.at(one.indices))
        result = peel_term(forms, start, next(iter(constant)))
        if result is not None:
            atom = Atom(ground.new_name(stem), forms.text(result.form, result.indices))
            more = replace(node, aids=(*node.aids, equation(forms, atom)))
            return Derive(atom, By(result.combination), ground.grow(more))
    return None


def letter_gone(ground: Ground, node: Node) -> Tree | None:
    """A letter vanishes by a combination."""
    if not node.zeros:
        return None
    own, matrices = multipliers(ground, node)
    known = [*node.aids, *node.active]
    for name in own:
        entry = ground.letters.entry(name)
        ground.search.budget.start(f"{entry} = 0 where {node.said()}")
        target, indices = ground.forms.form(entry), ground.forms.indices(entry)
        found = ground.search.combination(target, indices, known, [*own, *matrices], DEGREE)
        by = None if found is None else ground.search.reason(found)
        if by is not None:
            atom = Atom(ground.new_name(f"zero_{name}"), entry)
            more = node.with_zero(name, equation(ground.forms, atom))
            return Derive(atom, by, ground.grow(more))
    return None


def multipliers(ground: Ground, node: Node) -> tuple[list[str], list[str]]:
    """The letters that are left, and the matrices that were multiplied with."""
    gone = {name for name, _ in node.zeros}
    present = set().union(*(ground.forms.names(x.form) for x in (*node.active, *node.aids)))
    helping = set().union(*(ground.forms.names(x.form) for x in node.aids))
    own = [name for name in ground.letters.names if name in present - gone]
    return own, sorted(helping - set(ground.letters.names))
