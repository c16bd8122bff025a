"""Mutation of the checker itself: one change of its source at a time, and the tests that notice.

Each mutant of a file of ``verifier/proof`` is written to a copy of the package in a temporary
directory, and a fixed list of test files is run against the copy, the fastest and sharpest first.
A mutant that no test notices *survives*; docs/soundness.md explains those that may.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRUSTED = (
    "normal",
    "meaning",
    "checker",
    "context",
    "counterexample",
    "expression",
    "record",
    "statement",
    "verdict",
)
TESTS = (
    "tests/proof/test_attacks.py",
    "tests/proof/test_counterexample.py",
    "tests/proof/test_normal.py",
    "tests/proof/test_expectations.py",
    "tests/proof/test_expression.py",
    "tests/proof/test_positivity.py",
    "tests/proof/test_record.py",
    "tests/soundness/test_theorems_hold.py",
)
SECONDS = 120
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Change:
    """One changed place: the file's line, what was done, and the whole new source."""

    line: int
    what: str
    source: str


def changes(source: str) -> Iterator[Change]:
    """Every single change of operators, conditions, constants, raises and statements."""
    count = sum(1 for _ in _sites(ast.parse(source)))
    for index in range(count):
        tree = ast.parse(source)
        line, what = _apply(tree, index)
        yield Change(line, what, ast.unparse(ast.fix_missing_locations(tree)))


def _sites(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Places that can be changed, in a fixed order; docstrings and messages are left alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield node, "compare"
        elif isinstance(node, (ast.BoolOp, ast.BinOp)) and type(node.op) in SWAPS:
            yield node, "operator"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not"
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            yield node, "never"
            if not isinstance(node, ast.While):
                yield node, "always"
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            yield node, "flag"
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield node, "number"
        elif isinstance(node, ast.Raise) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        ):
            yield node, "skip"
        elif isinstance(node, ast.AugAssign):
            yield node, "augmented"


def _apply(tree: ast.Module, index: int) -> tuple[int, str]:
    node, what = list(_sites(tree))[index]
    line = getattr(node, "lineno", 0)
    before = ast.unparse(node).splitlines()[0][:70]
    match node:
        case ast.Compare():
            node.ops[0] = SWAPS[type(node.ops[0])]()  # type: ignore[assignment]
        case ast.BoolOp() | ast.BinOp():
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        case ast.UnaryOp():
            node.op, node.operand = ast.UAdd(), ast.Call(ast.Name("bool"), [node.operand], [])
        case ast.If() | ast.While() | ast.IfExp():
            node.test = ast.Constant(what == "always")
        case ast.Constant():
            node.value = not node.value if what == "flag" else node.value + 1  # type: ignore
        case ast.AugAssign():
            node.op = SWAPS.get(type(node.op), ast.Sub)()  # type: ignore[assignment]
        case _:
            _replace(tree, node, ast.Pass())
    return line, f"{what}: {before}"


def _replace(tree: ast.Module, old: ast.AST, new: ast.stmt) -> None:
    for node in ast.walk(tree):
        for body in ("body", "orelse", "finalbody"):
            block = getattr(node, body, None)
            if isinstance(block, list) and old in block:
                block[block.index(old)] = new


def survivors(module: str, every: int = 1, offset: int = 0) -> Iterator[tuple[Change, bool]]:
    """Each change of one trusted module and whether it survives; ``every``-th change only."""
    target = Path("verifier", "proof", f"{module}.py")
    with _copy() as place:
        original = (ROOT / target).read_text()
        for k, change in enumerate(changes(original)):
            if k % every == offset:
                (place / target).write_text(change.source)
                yield change, _passes(place)
        (place / target).write_text(original)


class _copy:
    """A copy of the packages and tests in a temporary directory."""

    def __enter__(self) -> Path:
        import tempfile

        self.place = Path(tempfile.mkdtemp(prefix="checker-mutants-"))
        for folder in ("verifier", "proofs", "tests/proof", "tests/soundness"):
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, self.place / folder, ignore=ignore)
        shutil.copy(ROOT / "setup.cfg", self.place)
        return self.place

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.place)


def _passes(place: Path) -> bool:
    """Whether all tests pass; a run that takes too long counts as noticed."""
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    for tests in (TESTS[:2], TESTS[2:]):
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", *tests]
        try:
            run = subprocess.run(
                command, cwd=place, env=environment, capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
        if run.returncode:
            return False
    return True
