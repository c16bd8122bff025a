"""One BLAS thread per process, and all tests of a theorem in one process, which derives it once."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from verifier.theorem.registry import theorems


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group for ``--dist loadgroup``: by the theorem that a test is about, else by its module."""
    known = theorems()
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_theorem(item, frozenset(known)) or _module(item)))


def _theorem(item: pytest.Item, known: frozenset[str]) -> str:
    """The theorem among the parameters of a test, or in the name of its module."""
    call = getattr(item, "callspec", None)
    for value in call.params.values() if call is not None else ():
        if isinstance(value, str) and value in known:
            return value
    named = Path(item.path).stem.removeprefix("test_").replace("_", "-")
    return named if named in known else ""


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
