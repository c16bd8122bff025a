"""Exact moments beside what one would use instead: ``python benchmarks/moments.py``.

One run measures both sides of every row and compares their answers. Here n, d and the matrices are
symbols; sympy.stats works on the entries, so n and d are numbers there (2 unless said otherwise).
tensorgrad, whose ``Expectation`` is dimension-free too, joins where it is installed. Exit code 1
where two answers differ or E tr(S^8) takes more than a second.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import sympy
from sympy.stats import E, Normal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verifier.moments.question import expectation

ROOT = Path(__file__).resolve().parent.parent
REPEATS, TARGET = 5, 1.0
QUESTIONS = (
    "E[S A S]",
    "E tr(S^4)",
    "E tr(S^8)",
    "E tr(S^8) where S ~ wishart(n, I)",
    "E S^8",
    "E tr(S)^2 tr(S^3) S^2",
    "Cov[tr(S), tr(S^2)]",
    "E[S^-1 A S^-1]",
    "E[S^-1 A S^-1 B S^-1]",
    "E[(x + m)(x + m)'A(x + m)(x + m)']",
    "E[X'A X B X'C X]",
    "E[x x'A x x'B x x'] where x ~ rademacher",
)


def measured(job: Callable[[], object], repeats: int) -> tuple[float, object]:
    """The median wall time of some runs, and the last result."""
    times, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = job()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def normal_entries(name: str, rows: int, cols: int) -> sympy.Matrix:
    """A matrix of independent standard normal variables of sympy.stats."""
    return sympy.Matrix(rows, cols, lambda i, j: Normal(f"{name}{i}{j}", 0, 1))


def stats_wishart(k: int, n: int, d: int) -> sympy.Expr:
    """E tr(S^k) with sympy.stats, entry by entry."""
    X = normal_entries("x", n, d)
    return E(sympy.expand(((X.T * X) ** k).trace()))


def stats_forms(d: int) -> sympy.Expr:
    """E (x'A x)^2 at A = diag(1, 2) with sympy.stats."""
    x = normal_entries("x", d, 1)
    return E(sympy.expand((x.T * sympy.diag(*range(1, d + 1)) * x)[0] ** 2))


def tensorgrad_wishart(k: int) -> object:
    """E tr(S^k) with tensorgrad, n and d symbolic."""
    from tensorgrad import Variable
    from tensorgrad.extras.expectation import Expectation

    X = Variable("X", *sympy.symbols("n d"))
    grams = [X.rename(d=f"d{i}") @ X.rename(d=f"d{(i + 1) % k}") for i in range(k)]
    return Expectation(reduce(lambda left, right: left @ right, grams), X).full_simplify()


def comparisons() -> list[tuple[str, dict[str, object], str, Callable[[], object]]]:
    """Question, values at which to compare, what is beside it, and its job."""
    rows: list[tuple[str, dict[str, object], str, Callable[[], object]]] = [
        (
            f"E tr(S^{k}) where S ~ wishart(n, I)",
            {"n": n, "d": d},
            f"sympy.stats at n = {n}, d = {d}",
            lambda k=k, n=n, d=d: stats_wishart(k, n, d),
        )
        for k, n, d in ((1, 2, 2), (2, 2, 2), (3, 2, 2), (4, 2, 2), (3, 3, 2))
    ]
    rows.append(
        (
            "E[(x'A x)^2] where x ~ normal(0, I)",
            {"A": [[1, 0], [0, 2]], "d": 2},
            "sympy.stats at d = 2, A = diag(1, 2)",
            lambda: stats_forms(2),
        )
    )
    if importlib.util.find_spec("tensorgrad") is not None:
        importlib.import_module("tensorgrad.extras.expectation")
        rows += [
            (
                f"E tr(S^{k}) where S ~ wishart(n, I)",
                {},
                "tensorgrad Expectation",
                lambda k=k: tensorgrad_wishart(k),
            )
            for k in (1, 2, 3)
        ]
    return rows


def main() -> int:
    """Print both tables."""
    failed = False
    print(f"{'all n, d and matrices':<48} {'terms':>6} {'seconds':>10}")
    for question in QUESTIONS:
        taken, answer = measured(lambda question=question: expectation(question), REPEATS)
        late = question.startswith("E tr(S^8)") and taken > TARGET
        failed = failed or late
        mark = f"  MISSED {TARGET} s" if late else ""
        print(f"{question:<48} {len(answer.terms):>6} {taken:>10.4f}{mark}")
    command = [sys.executable, "-m", "verifier", "moments", "E tr(S^8)"]
    process, _ = measured(lambda: subprocess.run(command, cwd=ROOT, capture_output=True), 3)
    plain, _ = measured(lambda: subprocess.run([sys.executable, "-c", "import sympy"]), 3)
    print(f"whole process, E tr(S^8): {process:.2f} s; python -c 'import sympy': {plain:.2f} s")
    print(f"\n{'question':<40} {'ours, s':>9}  {'beside it':<38} {'s':>8} {'ratio':>7}  answers")
    for question, values, name, job in comparisons():
        ours, answer = measured(lambda question=question: expectation(question), REPEATS)
        theirs, found = measured(job, 1)
        verdict = "not compared"
        if values:
            same = sympy.Rational(str(answer.evaluate(**values))) == found
            failed = failed or not same
            verdict = f"both {found}" if same else f"DIFFER: {answer.evaluate(**values)}, {found}"
        ratio = theirs / ours
        print(f"{question:<40} {ours:>9.4f}  {name:<38} {theirs:>8.2f} {ratio:>7.0f}  {verdict}")
    if importlib.util.find_spec("tensorgrad") is None:
        print("tensorgrad is not installed; pip install tensorgrad adds its rows")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
