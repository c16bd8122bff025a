"""Mutants of the checker: one change of one place of a file at a time.

The files are those of ``verifier/proof``, and two beside it that decide what is called refuted.

Two sources of changes. Cosmic Ray's operators change comparisons, arithmetic, logic, numbers,
loops, decorators and exceptions. What it lacks matters most for a checker, whose every line is a
refusal: *a check that is left out*. So here a raise or a bare call is dropped, a part of a
condition is ignored, and a condition becomes always or never true. ``mutant_runs`` tells which
mutants the tests notice.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained_mutants.txt")
TRUSTED = (
    "networks",
    "normal",
    "arrays",
    "gaussian",
    "draws",
    "isotropy",
    "expectations",
    "given",
    "mean",
    "atoms",
    "trees",
    "minima",
    "lemmas",
    "rules",
    "instances",
    "refute",
    "direct",
    "symmetry",
    "context",
    "statements",
    "syntax",
    "codec",
    "record",
    "verdict",
)
BESIDE = ("refute", "verdict")

OPERATORS = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_USub",
    "ZeroIterationForLoop",
    *(
        f"ReplaceComparisonOperator_{pair}"
        for pair in (
            *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is"),
            *("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
        )
    ),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in (
            *("Add_Sub", "Sub_Add", "Mul_Add", "Div_Mul", "FloorDiv_Mul", "Mod_Add", "Pow_Mul"),
            *("BitOr_BitAnd", "BitAnd_BitOr"),
        )
    ),
)
"""Cosmic Ray's operators, with one other operator for each arithmetic one.

Of its 11 replacements of ``+``, say, nearly all end in a TypeError at once. Left out as well is
``is`` for ``==``, which depends on the interpreter's caches.
"""


@dataclass(frozen=True)
class Mutant:
    """One span of a trusted module's source and the text that takes its place."""

    module: str
    what: str
    start: int
    end: int
    text: str

    @property
    def source(self) -> str:
        """The whole changed source."""
        source = trusted_source(self.module)
        return source[: self.start] + self.text + source[self.end :]

    @property
    def line(self) -> int:
        """The line on which the change begins."""
        return trusted_source(self.module).count("\n", 0, self.start) + 1

    @property
    def lines(self) -> range:
        """The lines of the smallest statement around the change, without those that it contains."""
        tree, found = ast.parse(trusted_source(self.module)), range(0)
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and node.end_lineno and node.lineno <= self.line:
                inner = [x.lineno for x in getattr(node, "body", []) if isinstance(x, ast.stmt)]
                last = min([node.end_lineno + 1, *(x for x in inner if x > node.lineno)])
                if self.line < last:
                    found = range(node.lineno, last)
        return found or range(self.line, self.line + 1)

    @property
    def key(self) -> str:
        """The module and its code before and after the change; no line number, which may move."""
        source = trusted_source(self.module)
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        sides = (
            source[first:last],
            source[first : self.start] + self.text + source[self.end : last],
        )
        before, after = (" ".join(side.split()) for side in sides)
        return f"{self.module} {self.what}: {before} => {after}"


def explained() -> dict[str, str]:
    """The reason why a mutant that no test notices changes no verdict, by the mutant's key."""
    found, reason = {}, ""
    for line in EXPLAINED.read_text().splitlines():
        if line.startswith("# "):
            reason = line.removeprefix("# ")
        elif line:
            found[line] = reason
    return found


def trusted_source(module: str) -> str:
    """The unchanged source of a trusted module."""
    return source_file(module).read_text()


def import_name(module: str) -> str:
    """The name under which a trusted module is imported."""
    return f"verifier.theorem.{module}" if module in BESIDE else f"verifier.proof.{module}"


def source_file(module: str) -> Path:
    """Where the source of a trusted module is."""
    return ROOT.joinpath(*import_name(module).split(".")).with_suffix(".py")


def mutants(module: str) -> list[Mutant]:
    """Every mutant of the module that means something else than all before it, in order.

    Left alone are annotations, at which Python does not look, the texts of errors, limits on size
    (``MAX_...``), of which one more or less is as good, and the arguments of decorators.
    """
    source = trusted_source(module)
    offsets = _Offsets(source)
    nodes = list(ast.walk(ast.parse(source)))
    kept = [offsets.span(node) for node in nodes if isinstance(node, ast.Raise) or _is_limit(node)]
    kept += [offsets.span(x) for node in nodes for x in getattr(node, "decorator_list", [])]
    tops = [*(offsets.of(line, 0) for line in _first_lines(source)), len(source)]
    seen: set[tuple[int, str]] = set()
    found = []
    for what, start, end, text in (*_left_out(source, offsets), *_cosmic_ray(source, offsets)):
        if any(a < start and end <= b for a, b in kept):
            continue
        top, after = next((a, b) for a, b in itertools.pairwise((0, *tops)) if a <= start < b)
        try:
            before = _meaning(source[top:after])
            meaning = _meaning(source[top:start] + text + source[end:after])
        except SyntaxError:
            continue
        if meaning != before and (top, meaning) not in seen:
            seen.add((top, meaning))
            found.append(_narrowed(source, Mutant(module, what, start, end, text)))
    return sorted(found, key=lambda m: m.start)


def _is_limit(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("MAX_")


def _first_lines(source: str) -> Iterator[int]:
    """The line on which each statement of the module begins, with its decorators."""
    for node in ast.parse(source).body:
        decorators = getattr(node, "decorator_list", [])
        yield min(x.lineno for x in (node, *decorators))


def _narrowed(source: str, mutant: Mutant) -> Mutant:
    """The same change without what both sides begin and end with."""
    old, new = source[mutant.start : mutant.end], mutant.text
    same = _common(old, new)
    old, new = old[same:], new[same:]
    tail = _common(old[::-1], new[::-1])
    text = new[: len(new) - tail]
    return replace(mutant, start=mutant.start + same, end=mutant.end - tail, text=text)


def _common(one: str, two: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next(
        (k for k, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )


class _Offsets:
    """From a line and a column to a place in the text."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines(keepends=True)
        self.starts = [0, *itertools.accumulate(map(len, self.lines))]

    def of(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node of ``ast``, which counts columns in bytes, begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        first, last = (
            self.of(line, len(self.lines[line - 1].encode()[:column].decode()))
            for line, column in (start, end)
        )
        return first, last


Change = tuple[str, int, int, str]


def _left_out(source: str, offsets: _Offsets) -> Iterator[Change]:
    """Raises and bare calls dropped, conditions and parts of them made always and never true."""

    def change(what: str, node: ast.expr | ast.stmt, text: str) -> Change:
        return what, *offsets.span(node), text

    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Raise() | ast.Expr(value=ast.Call()):
                yield change("drop", node, "pass")
            case ast.If(test=test) | ast.IfExp(test=test):
                yield change("never", test, "False")
                yield change("always", test, "True")
            case ast.While(test=test):
                yield change("never", test, "False")
            case ast.BoolOp(op=op, values=values):
                for value in values:
                    yield change("ignore", value, str(isinstance(op, ast.And)))
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                yield change("not in", node, f"not ({ast.unparse(node)})")
            case ast.comprehension(ifs=conditions):
                for test in conditions:
                    yield change("always", test, "True")


def _cosmic_ray(source: str, offsets: _Offsets) -> Iterator[Change]:
    """Cosmic Ray's changes by the operators in OPERATORS."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator

    nodes = list(ast_nodes(get_ast(source)))
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        for node in nodes:
            for k, _ in enumerate(operator.mutation_positions(node)):
                parent, node.parent = node.parent, None
                single = copy.deepcopy(node)
                node.parent = single.parent = parent
                changed = operator.mutate(single, k)
                text = "" if changed is None else changed.get_code(include_prefix=False)
                start, end = offsets.of(*node.start_pos), offsets.of(*node.end_pos)
                yield name, start, end, text


def _meaning(source: str) -> str:
    """The syntax tree without annotations and positions."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)
