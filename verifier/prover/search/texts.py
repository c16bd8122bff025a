"""Index text at other indices, and with names replaced by what they stand for.

Summed letters are renamed where they would catch an index that comes from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.proof.syntax import (
    Node,
    Sum,
    Symbol,
    children,
    free_indices,
    show,
)
from verifier.render.as_written import rebuilt

from .forms import Forms

Macros = Mapping[str, tuple[tuple[str, ...], str]]


def at(forms: Forms, text: str, indices: Sequence[str], others: Sequence[str]) -> str:
    """The text with its free ``indices`` replaced by ``others``."""
    return show(_renamed(forms, forms.read(text), dict(zip(indices, others, strict=True))), 2)


def expanded(forms: Forms, text: str, macros: Macros) -> str:
    """The text with every ``name[indices]`` of a macro replaced by its body at these indices."""
    return show(_expanded(forms, forms.read(text), macros))


def _renamed(forms: Forms, node: Node, names: Mapping[str, str]) -> Node:
    names = {i: names[i] for i in free_indices(node) if names.get(i, i) != i}
    if not names:
        return node
    match node:
        case Symbol(name, indices):
            return Symbol(name, tuple(names.get(i, i) for i in indices))
        case Sum(indices, body):
            caught = [i for i in indices if i in names.values()]
            avoid = {*free_indices(body), *indices, *names.values()}
            fresh = forms.fresh([forms.sort(i) for i in caught], avoid)
            moved = dict(zip(caught, fresh, strict=True))
            bound = tuple(moved.get(i, i) for i in indices)
            return Sum(bound, _renamed(forms, body, {**names, **moved}))
    return rebuilt(node, tuple(_renamed(forms, one, names) for one in children(node)))


def _expanded(forms: Forms, node: Node, macros: Macros) -> Node:
    if isinstance(node, Symbol):
        if node.name not in macros:
            return node
        parameters, body = macros[node.name]
        return _renamed(forms, forms.read(body), dict(zip(parameters, node.indices, strict=True)))
    if isinstance(node, Sum):
        return Sum(node.indices, _expanded(forms, node.body, macros))
    return rebuilt(node, tuple(_expanded(forms, one, macros) for one in children(node)))
