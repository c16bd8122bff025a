"""The registry of theorems: every module of ``proofs/`` with a ``THEOREM``, and plugins (floor 4).

Other packages add theorems through the entry-point group ``verifier.theorems``, each entry naming
a `verifier.theorem.Theorem`. Registering a theorem gives it `list`, `check`, the tests and the
rows of docs/coverage.md.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from verifier.theorem import Theorem


@cache
def theorems() -> dict[str, Theorem]:
    """All registered theorems by identifier, the project's own first, in reading order."""
    package = importlib.import_module("proofs")
    found: dict[str, Theorem] = {}
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    for name in sorted(names, key=lambda n: (_place(package.READING_ORDER, n), n)):
        if not name.startswith("_"):
            theorem = importlib.import_module(f"proofs.{name}").THEOREM
            found[theorem.id] = theorem
    for entry in entry_points(group="verifier.theorems"):
        theorem = entry.load()
        found.setdefault(theorem.id, theorem)
    return found


def find(name: str) -> Theorem:
    """The theorem of this identifier; ValueError suggests the nearest name."""
    known = theorems()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    raise ValueError(f"there is no theorem {name!r}; {hint}")


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
