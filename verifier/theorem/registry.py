"""The registry of theorems: every module at the top of ``proofs/``, and plugins.

Other packages add theorems through the entry-point group ``verifier.theorems``, each entry naming a
`verifier.theorem.theorem.Theorem`. Registering a theorem gives it `list`, `check`, the tests and
the rows of docs/coverage.md. A theorem that is not installed is named by its file. The name
``proofs`` means the package beside ``verifier``, whatever else has that name where the program is
run.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from verifier.render.streams import clean, say
from verifier.theorem.theorem import Theorem

GROUP, ATTRIBUTE, SUFFIX = "verifier.theorems", "THEOREM", ".py"
SHELF = "proofs"


@cache
def theorems() -> dict[str, Theorem]:
    """All registered theorems by identifier, the project's own first, in reading order."""
    package = _shelf()
    found: dict[str, Theorem] = {}
    names = [one.name for one in pkgutil.iter_modules(package.__path__) if not one.ispkg]
    for name in sorted(names, key=lambda n: (_place(package.READING_ORDER, n), n)):
        theorem = importlib.import_module(f"{SHELF}.{name}").THEOREM
        found[theorem.id] = theorem
    for entry in entry_points(group=GROUP):
        theorem = _plugged(entry, found)
        if theorem is not None:
            found[theorem.id] = theorem
    return found


def _shelf() -> ModuleType:
    """The package of our theorems, in place of another of its name."""
    beside = str(Path(__file__).resolve().parents[2] / SHELF)
    start = os.path.join(beside, "__init__.py")
    known = sys.modules.get(SHELF)
    if known is not None and known.__file__ is not None and os.path.samefile(known.__file__, start):
        return known
    for name in [x for x in sys.modules if x.partition(".")[0] == SHELF]:
        del sys.modules[name]
    return _run(SHELF, start, beside)


def _run(name: str, path: str, *folders: str) -> ModuleType:
    """The module of a file, under this name; a package with ``folders``."""
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=list(folders) or None
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be read as a module", name=name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _plugged(entry: EntryPoint, known: dict[str, Theorem]) -> Theorem | None:
    """The theorem of a plug-in; a warning in one line where it is none, or one that is known."""
    try:
        theorem = entry.load()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    else:
        if isinstance(theorem, Theorem) and theorem.id not in known:
            return theorem
        reason = "it names no Theorem"
        if isinstance(theorem, Theorem):
            reason = f"there is a theorem {theorem.id!r} already"
    shown = " ".join(f"{entry.value} is left out: {reason}".split())
    say(f"verifier: warning: the plug-in {clean(shown)[:200]}", sys.stderr)
    return None


def from_file(path: str) -> Theorem:
    """The ``THEOREM`` of a Python file, which is run; ValueError, one line, where it has none."""
    name, folder = os.path.basename(path), os.path.dirname(os.path.abspath(path))
    if not os.path.isfile(path):
        raise ValueError(f"there is no file {path}")
    _shelf()
    sys.path.insert(0, folder)
    try:
        module = _run(f"verifier_file_{name.removesuffix(SUFFIX)}", path)
    except Exception as error:
        own = os.path.abspath(path)
        places = [x for x in traceback.extract_tb(error.__traceback__) if x.filename == own]
        line = getattr(error, "lineno", None) or (places[-1].lineno if places else None)
        at = f", line {line}" if line else ""
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise ValueError(f"{name}{at}: {said}") from None
    finally:
        sys.path.remove(folder)
    theorem = getattr(module, ATTRIBUTE, None)
    if not isinstance(theorem, Theorem):
        raise ValueError(f"{name}: it has no {ATTRIBUTE}, a verifier.Theorem")
    return theorem


def find(name: str) -> Theorem:
    """The theorem of this identifier, or of this file; ValueError suggests the nearest name."""
    if name.endswith(SUFFIX):
        return from_file(name)
    known = theorems()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    raise ValueError(f"there is no theorem {name!r}; {hint}")


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
