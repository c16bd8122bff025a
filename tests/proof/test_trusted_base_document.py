"""docs/trusted-base.md lists the files of the trusted base, its rules and its axioms."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import get_args

from verifier.proof import lemmas, statements

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "verifier" / "proof"
DOCUMENT = (ROOT / "docs" / "trusted-base.md").read_text()


def test_files_and_lengths() -> None:
    listed = dict(re.findall(r"^\| `(\w+\.py)` \| (\d+) \|", DOCUMENT, re.MULTILINE))
    found = {f.name: len(f.read_text().splitlines()) for f in FOLDER.glob("*.py")}
    found.pop("__init__.py")
    assert listed.keys() == found.keys()
    for name, lines in found.items():
        assert abs(int(listed[name]) - lines) <= lines / 10, (name, lines)


def test_rules_are_those_of_the_checker() -> None:
    listed = set(re.findall(r"^\| `([A-Z][a-z]+)` \|", DOCUMENT, re.MULTILINE))
    certificates = {
        kind.__name__ for kind in (*get_args(statements.Tree), statements.Attained, statements.By)
    }
    assert listed == certificates


def test_axioms_are_named() -> None:
    for axiom, word in (
        (lemmas.FUBINI, "Fubini"),
        (lemmas.ISSERLIS, "Isserlis"),
        (lemmas.CUMULANTS, "Moebius inversion"),
        (lemmas.ISOTROPY, "Averaging over rotations"),
        (lemmas.FAITHFUL, "Squares"),
        (lemmas.RIDGE, "Hat matrix"),
    ):
        assert axiom
        assert f"**{word}" in DOCUMENT


def test_only_the_standard_library_is_imported_and_nothing_is_asserted() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            assert not isinstance(node, ast.Assert), file.name
            if isinstance(node, ast.Import):
                assert all(n.name.split(".")[0] in sys.stdlib_module_names for n in node.names)
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").split(".")[0] in sys.stdlib_module_names
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__")
