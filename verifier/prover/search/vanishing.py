"""Steps that show a product of letters, or a letter, to be 0."""

from __future__ import annotations

from dataclasses import replace

from verifier.proof.context import Atom
from verifier.proof.statements import By, Derive, Null, Square, Tree

from . import squares, texts
from .coefficients import Coefficient
from .contractions import Column, Equation, equation
from .node import Ground, Node
from .peeling import Peeled, peel_term
from .rewriting import reduced, rule
from .spelling import indexed

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
                if ground.letters.factors(new) is not None and _implies(ground, new, one):
                    then = ground.grow(node.exchanged(one, new))
                    return Null(found.squares, found.by, then)
    return None


def rooted(ground: Ground, node: Node) -> Tree | None:
    """A product with a letter twice: b^2 A = 0 says b A = 0, and a_i a_j = 0 says a = 0."""
    forms = ground.forms
    for one in node.active:
        names = [name for name in ground.letters.names if name in forms.names(one.form)]
        if len(one.form) > 1 or not names or ground.letters.factors(one) is not None:
            continue
        for letters in ((), *((name,) for name in names)):
            for column in ground.search.contractions.columns(one, (), letters):
                found = _root(ground, one, column)
                if found is not None:
                    square, new = found
                    then = ground.grow(node.exchanged(one, new))
                    return Null((square,), By(column.text), then)
    return None


def _root(ground: Ground, one: Equation, column: Column) -> tuple[Square, Equation] | None:
    """The square that a contraction of a product is, of fewer entries than the product has."""
    forms = ground.forms
    if len(column.form) != 1:
        return None
    ((ids, coefficient),) = column.form.items()
    root, text = squares.square_root(forms, ids), forms.coefficient_text(coefficient)
    if root is None or not forms.meaning.positive(forms.meaning.value(forms.read(text)), True):
        return None
    new = equation(forms, Atom(ground.new_name("root"), root))
    shorter = _length(ground, new) < _length(ground, one)
    return (Square(text, root, new.name), new) if shorter and _implies(ground, new, one) else None


def _length(ground: Ground, one: Equation) -> int:
    """The number of entries in the product that an equation sets to 0."""
    return sum(len(ground.forms.meaning.table[i]) for i in next(iter(one.form)))


def _implies(ground: Ground, product: Equation, one: Equation) -> bool:
    """Whether every term of an equation has a product that vanishes."""
    found = rule(ground.forms, product)
    return found is not None and not reduced(ground.forms, one.form, one.indices, [found])[0]


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
            undone = _inverse(ground, one, result.combination)
            inverses = tuple(dict.fromkeys((*node.inverses, *undone)))
            more = replace(node, aids=(*node.aids, equation(forms, atom)), inverses=inverses)
            return Derive(atom, By(result.combination), ground.grow(more))
    return None


def letter_gone(ground: Ground, node: Node) -> Tree | None:
    """A letter vanishes by a combination."""
    if not node.zeros:
        return None
    letters, known = multipliers(ground, node), [*node.aids, *node.active]
    for name in [x for x in letters if x in ground.letters.names]:
        entry = ground.letters.entry(name)
        ground.search.budget.start(f"{entry} = 0 where {node.said()}")
        target, indices = ground.forms.form(entry), ground.forms.indices(entry)
        found = ground.search.combination(target, indices, known, letters, DEGREE)
        by = None if found is None else ground.search.reason(found)
        if by is not None:
            atom = Atom(ground.new_name(f"zero_{name}"), entry)
            more = node.with_zero(name, equation(ground.forms, atom))
            return Derive(atom, by, ground.grow(more))
    return None


def multipliers(ground: Ground, node: Node) -> list[str]:
    """The letters that are left, and the matrices that undo a constant."""
    gone = {name for name, _ in node.zeros}
    present = set().union(*(ground.forms.names(x.form) for x in (*node.active, *node.aids)))
    own = [name for name in ground.letters.names if name in present - gone]
    return [*own, *node.inverses]


def _inverse(ground: Ground, one: Equation, combination: str) -> tuple[str, ...]:
    """What an equation was multiplied with, as a matrix."""
    forms = ground.forms
    if len(one.indices) != 2 or len(set(map(forms.sort, one.indices))) > 1:
        return ()
    macros = {one.name: (one.indices, indexed("delta", one.indices))}
    return (forms.text(forms.form(texts.expanded(forms, combination, macros))),)
