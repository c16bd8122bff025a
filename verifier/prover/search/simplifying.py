"""Steps that put a simpler equation in the place of one."""

from __future__ import annotations

import itertools

from verifier.proof.context import Atom
from verifier.proof.networks import DELTA, Factor
from verifier.proof.statements import By, Tree
from verifier.proof.syntax import STRENGTH, show

from . import texts
from .contractions import Equation, equation
from .forms import Form
from .node import Ground, Node
from .peeling import Peeled, peel
from .rewriting import Rule, reduced, rule

PRODUCT = STRENGTH["*"]


def simplified(ground: Ground, node: Node) -> Tree | None:
    """Terms with a vanishing letter or product are removed, equations without terms dropped."""
    forms = ground.forms
    known = [*(one for _, one in node.zeros), *node.products]
    for one in (*node.active, *node.aids):
        rules = [x for other in known if other is not one and (x := rule(forms, other))]
        form, text = reduced(forms, one.form, one.indices, rules)
        if not text:
            continue
        if not form:
            return ground.grow(node.without(one))
        atom, times = _atom(ground, form, one)
        why = By(f"{one.at(one.indices)} - ({text})", times)
        return ground.replaced(node, one, atom, why)
    return None


def _atom(ground: Ground, form: Form, like: Equation) -> tuple[Atom, str]:
    """form = 0, and what it is divided by: the coefficient of all terms with letters, if positive.

    What has no letter stays on the right as it was written there.
    """
    forms, constant = ground.forms, ground.letters.constant(form)
    left = {ids: part for ids, part in form.items() if ids not in constant}
    monic, times = _monic(ground, left)
    if times == "1" or not constant or forms.added(constant, forms.form(like.atom.right)):
        return ground.atom("reduced", form, like.indices, like.atom.right), "1"
    inverse = forms.inverse_text(next(iter(left.values())))
    right = f"{inverse}*{show(forms.read(like.atom.right), PRODUCT)}"
    return Atom(ground.new_name("reduced"), forms.text(monic, like.indices), right), times


def peeled(ground: Ground, node: Node) -> Tree | None:
    """Invertible matrices at free indices are undone, common deltas summed away."""
    for one in node.active:
        start = Peeled(one.form, one.indices, one.at(one.indices))
        result = peel(ground.forms, start)
        if result is not start:
            atom = ground.atom("peeled", result.form, result.indices)
            return ground.replaced(node, one, atom, By(result.combination))
    return None


def substituted(ground: Ground, node: Node) -> Tree | None:
    """Where b A_ij = P_ij, b times an equation in A is one without A."""
    for one in node.active:
        found = _readout(ground, one)
        if found is None:
            continue
        scalar, array = sorted(found.lead, key=len)
        heads = ground.forms.meaning.heads
        name, times = heads[array[0]].name, heads[scalar[0]].name
        for other in node.active:
            met = ground.forms.names(other.form)
            if other is not one and name in met and times not in met:
                tree = _without_array(ground, node, other, found, scalar, name)
                if tree is not None:
                    return tree
    return None


def _readout(ground: Ground, one: Equation) -> Rule | None:
    """The rule of b A_ij = P_ij, a scalar letter times an array at free indices, P not 0."""
    constant = ground.letters.constant(one.form)
    terms = [ids for ids in one.form if ids not in constant]
    if not constant or len(terms) != 1:
        return None
    factors, sorts = ground.forms.meaning.spread(terms[0])
    names = {ground.forms.meaning.heads[f[0]].name for f in factors if f[0] != DELTA}
    if sorts or len(factors) != 2 or not len(names) == 2 <= len(names & set(ground.letters.names)):
        return None
    small, large = sorted(factors, key=len)
    if len(small) > 1 or len(set(large[1:])) != len(one.indices):
        return None
    return Rule(one, (small, large))


def _without_array(
    ground: Ground, node: Node, one: Equation, found: Rule, scalar: Factor, name: str
) -> Tree | None:
    """An equation times a scalar letter, from which a rule removes an array.

    None where the equation does not follow back, as the letter might be 0.
    """
    forms = ground.forms

    def left(form: Form) -> int:
        return sum(name in forms.names({ids: part}) for ids, part in form.items())

    times = forms.meaning.heads[scalar[0]].name
    form = forms.multiplied(forms.terms(one.form), {}, {}, [scalar])
    form, text = reduced(forms, form, one.indices, [found], left)
    if left(form) or not text:
        return None
    start = Peeled(form, one.indices, f"({times}*{one.at(one.indices)} - ({text}))")
    result, below = _trace(ground, peel(forms, start))
    atom = ground.atom("substituted", result.form, result.indices)
    known = [equation(forms, atom), found.equation]
    letters = sorted(forms.names(one.form) | forms.names(found.equation.form))
    if ground.search.combination(one.form, one.indices, known, letters, 1) is None:
        return None
    return ground.replaced(node, one, atom, By(result.combination, below))


def traced(ground: Ground, node: Node) -> Tree | None:
    """delta_ij t_l + delta_jl t_i = 0 says t = 0: an equation in fewer indices, no less."""
    for one in node.active:
        start = Peeled(one.form, one.indices, one.at(one.indices))
        result, below = _trace(ground, start)
        if result is not start:
            atom = ground.atom("traced", result.form, result.indices)
            return ground.replaced(node, one, atom, By(result.combination, below))
    return None


def _trace(ground: Ground, one: Peeled) -> tuple[Peeled, str]:
    """The sum over two indices, where all follows back from it, and what it was divided by."""
    forms = ground.forms
    if any(forms.meaning.deltas.isdisjoint(ids) for ids in one.form):
        return one, "1"
    for i, j in itertools.combinations(one.indices, 2):
        if forms.sort(i) != forms.sort(j):
            continue
        places = {forms.meaning.labels[x]: 0 for x in (i, j)}
        form = forms.multiplied(forms.terms(one.form), places, {0: forms.sort(i)})
        form, below = _monic(ground, form)
        indices = tuple(x for x in one.indices if x not in (i, j))
        new = Equation(Atom("trace", forms.text(form, indices)), indices, form)
        if ground.search.combination(one.form, one.indices, [new], (), 0) is not None:
            moved = texts.at(forms, one.combination, [j], [i])
            return Peeled(form, indices, f"sum[{i}]({moved})"), below
    return one, "1"


def _monic(ground: Ground, form: Form) -> tuple[Form, str]:
    """A form divided by the coefficient that all its terms have, if that is positive."""
    first = next(iter(form.values()), {})
    text = ground.forms.coefficient_text(first)
    value = ground.forms.meaning.value(ground.forms.read(text))
    if any(part != first for part in form.values()):
        return form, "1"
    if not ground.forms.meaning.positive(value, strict=True):
        return form, "1"
    return {ids: {0: 1} for ids in form}, text
