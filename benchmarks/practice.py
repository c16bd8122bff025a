"""Time `explore` and `sweep` as users run them, beside ``import sympy`` in the same run.

Run from the repository's root: ``python -m benchmarks.practice``. Processor seconds of whole cold
processes; targets are multiples of the time that importing SymPy takes.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import tomllib

ISOTROPIC = "verifier/examples/isotropic.toml"


def seconds(*command: str) -> float:
    """User and system time of one fresh Python process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def line(what: str, took: float, unit: float, target: float) -> None:
    """One line: seconds, the ratio, and the target's ratio."""
    print(f"{what:<44}{took:8.2f} s   {took / unit:6.1f} x   target {target:g} x")


def warm_cell() -> float:
    """Seconds of one cell of a sweep once everything is imported."""
    from verifier.grid.cell import cell_row

    with open(ISOTROPIC, "rb") as file:
        document = tomllib.load(file, parse_float=str)
    cell_row((document, 0))
    start = time.process_time()
    for _ in range(50):
        cell_row((document, 0))
    return (time.process_time() - start) / 50


def given_layer() -> tuple[float, float]:
    """Seconds of the exact loss of a layer at d = 64, and of the same in floats."""
    from fractions import Fraction

    import numpy as np

    from verifier import expected_loss

    d = 64
    Lam = [[Fraction(4, 5) ** abs(i - j) for j in range(d)] for i in range(d)]
    Gam = [[Fraction(1, 3) ** abs(i - j) for j in range(d)] for i in range(d)]
    a, A = [Fraction(1, 7)] * d, [[Fraction(i - j, 9) for j in range(d)] for i in range(d)]
    start = time.process_time()
    loss = expected_loss(d, 100, 1, Lam, Gam, method="matrices")
    loss.evaluate(a, 1, A, a)
    exact = time.process_time() - start
    numeric = loss.numeric()
    arrays = np.array(a, dtype=float), np.array(A, dtype=float)
    start = time.process_time()
    for _ in range(100):
        numeric.loss(arrays[0], 1.0, arrays[1], arrays[0])
    return exact, (time.process_time() - start) / 100


def main() -> None:
    """Print one line for each measurement."""
    unit = min(seconds("-c", "import sympy") for _ in range(3))
    print(f"import sympy                                {unit:8.2f} s")
    line("explore isotropic.toml", seconds("-m", "verifier", "explore", ISOTROPIC), unit, 4)
    with tempfile.TemporaryDirectory() as folder:
        pair = os.path.join(folder, "pair.toml")
        with open(pair, "w", encoding="ascii") as file:
            file.write("[prompt]\ndimension = 256\ncontext_length = 512\n[covariates]\n")
            file.write(f"covariance = {[1 + i % 7 for i in range(256)]}\n")
            file.write(f"[task]\ncovariance = {[1 + i % 5 for i in range(256)]}\n")
        line(
            "explore, a Gaussian pair at d = 256",
            seconds("-m", "verifier", "explore", pair),
            unit,
            20,
        )
        axes = ("--over", "prompt.context_length=1:40", "--over", "noise.variance=0:4:25")
        took = seconds("-m", "verifier", "sweep", ISOTROPIC, *axes)
        line("sweep of 1,000 isotropic settings", took, unit, 60)
    print(f"a warm cell                                 {1000 * warm_cell():8.2f} ms   target 5 ms")
    exact, floats = given_layer()
    print(f"a given layer at d = 64, exact              {exact:8.2f} s    target: seconds")
    print(f"the same in floats                          {1000 * floats:8.2f} ms   target 10 ms")


if __name__ == "__main__":
    main()
