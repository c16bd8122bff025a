"""Times of the exact engine beside what one would use instead: ``python benchmarks/exact.py``.

Every row is measured in this run: median of five for the engine, one run for the alternatives.
The alternatives are plain SymPy on the entries, which needs n and d as numbers, and tensorgrad's
``Expectation`` (dimension-free like ours) where that library is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import resource
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import prod
from pathlib import Path

import numpy as np
import sympy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verifier.law_moments.one_example import wishart_trace_moment
from verifier.law_moments.pairs import GaussianPair
from verifier.loss.dimension_free import dimension_free_loss
from verifier.loss.expected_loss import expected_loss

Job = Callable[[], object]
REPEATS = 5


def seconds(job: Job, repeats: int = REPEATS) -> float:
    """Return the median wall time of ``repeats`` runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def gaussian_mean(polynomial: sympy.Poly) -> sympy.Expr:
    """Replace g^m by (m-1)!! in every standard Gaussian generator, as a user of SymPy would."""
    return sympy.Add(
        *(
            value * prod(prod(range(1, exponent, 2)) for exponent in monomial)
            for monomial, value in polynomial.terms()
            if not any(exponent % 2 for exponent in monomial)
        )
    )


def sympy_wishart(k: int, n: int, d: int) -> sympy.Expr:
    """E tr((X'X)^k) at concrete n, d with SymPy matrices."""
    X = sympy.Matrix(n, d, sympy.symbols(f"x:{n * d}"))
    return gaussian_mean(sympy.Poly(((X.T * X) ** k).trace(), *X))


def sympy_loss(d: int, n: int) -> sympy.Expr:
    """The loss at concrete n, d with SymPy matrices; noise enters as sigma times a Gaussian."""
    X = sympy.Matrix(n, d, sympy.symbols(f"x:{n * d}"))
    query, w = (sympy.Matrix(d, 1, sympy.symbols(f"{name}:{d}")) for name in ("q", "w"))
    eps = sympy.Matrix(n, 1, sympy.symbols(f"e:{n}"))
    a, c = (sympy.Matrix(d, 1, sympy.symbols(f"{name}:{d}")) for name in ("a", "c"))
    A = sympy.Matrix(d, d, sympy.symbols(f"A:{d * d}"))
    b, sigma, last = sympy.symbols("b sigma e_query")
    y = X * w + sigma * eps
    scores = X * A * query + y * (c.T * query)[0]
    prediction = ((X * a + b * y).T * scores)[0]
    error = (w.T * query)[0] + sigma * last - prediction
    return gaussian_mean(sympy.Poly(error**2, *X, *query, *w, *eps, last))


def tensorgrad_wishart(k: int) -> object:
    """E tr((X'X)^k) with tensorgrad, n and d symbolic."""
    from tensorgrad import Variable
    from tensorgrad.extras.expectation import Expectation

    X = Variable("X", *sympy.symbols("n d"))
    grams = [X.rename(d=f"d{i}") @ X.rename(d=f"d{(i + 1) % k}") for i in range(k)]
    return Expectation(reduce(lambda left, right: left @ right, grams), X).full_simplify()


def float_job(general: bool) -> Job:
    """Loss and gradient in floats at d = 64."""
    generator = np.random.default_rng(0)
    theta = generator.normal(size=65**2) / 64
    if general:
        root = generator.normal(size=(64, 64)) / 8
        pair = GaussianPair.read("symbolic", "symbolic", None)
        evaluator = dimension_free_loss(*pair.letters()).numeric(
            64, 100, Fraction(1, 2), root @ root.T, np.eye(64)
        )
    else:
        evaluator = dimension_free_loss().numeric(64, 100, Fraction(1, 2))
    return lambda: evaluator.loss_and_gradient(theta)


def engine_rows() -> list[tuple[str, float, Job]]:
    """The engine's tasks with their targets in seconds."""
    rows: list[tuple[str, float, Job]] = [
        ("E tr(S^4), n and d symbolic", 0.1, lambda: wishart_trace_moment(4)),
        ("E tr(S^6), n and d symbolic", 3.0, lambda: wishart_trace_moment(6)),
        ("loss, all n, d, sigma2", 0.5, expected_loss),
        (
            "loss, all n, d, sigma2, Lambda, Gamma",
            0.5,
            lambda: expected_loss(covariance="symbolic", task_covariance="symbolic"),
        ),
        (
            "explicit loss, d = 4, n, sigma2 symbolic",
            0.1,
            lambda: expected_loss(4, method="explicit"),
        ),
        (
            "explicit loss, d = 8, n, sigma2 symbolic",
            3.0,
            lambda: expected_loss(8, method="explicit"),
        ),
        ("float loss and gradient, d = 64", 0.01, float_job(general=False)),
        ("float loss and gradient, d = 64, Lambda, Gamma", 0.01, float_job(general=True)),
    ]
    return rows


def alternative_rows() -> list[tuple[str, Job]]:
    """The same kind of task without the engine."""
    rows: list[tuple[str, Job]] = [
        ("plain SymPy, E tr(S^3) at n = d = 2 only", lambda: sympy_wishart(3, 2, 2)),
        ("plain SymPy, E tr(S^4) at n = d = 2 only", lambda: sympy_wishart(4, 2, 2)),
        ("plain SymPy, loss at n = d = 1 only", lambda: sympy_loss(1, 1)),
        ("plain SymPy, loss at n = d = 2 only", lambda: sympy_loss(2, 2)),
        (
            "definition route (sympy.polys.rings), n = d = 2",
            lambda: expected_loss(2, 2, method="definition"),
        ),
        (
            "definition route (sympy.polys.rings), n = d = 3",
            lambda: expected_loss(3, 3, method="definition"),
        ),
    ]
    if importlib.util.find_spec("tensorgrad") is not None:
        importlib.import_module("tensorgrad.extras.expectation")
        rows += [
            (f"tensorgrad Expectation, E tr(S^{k})", lambda k=k: tensorgrad_wishart(k))
            for k in (1, 2, 3)
        ]
    return rows


def main() -> int:
    """Print the table; exit code 1 if a target is missed."""
    missed = False
    print(f"{'exact engine':<50} {'seconds':>10} {'target':>8}")
    for name, target, job in engine_rows():
        taken = seconds(job)
        missed = missed or taken > target
        print(f"{name:<50} {taken:>10.5f} {target:>8.2f}{'  MISSED' if taken > target else ''}")
    print(f"\n{'instead of it':<50} {'seconds':>10}")
    for name, job in alternative_rows():
        print(f"{name:<50} {seconds(job, repeats=1):>10.5f}")
    if importlib.util.find_spec("tensorgrad") is None:
        print("tensorgrad is not installed; pip install tensorgrad adds its rows")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
