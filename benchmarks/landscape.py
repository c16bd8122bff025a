"""Time the exact landscape: a cold process, warm cells, phases, boundaries, claims.

Run from the repository's root: ``python -m benchmarks.landscape``.  Targets, on 2 cores:
one cell in a cold process 2 s, warm 5 ms, a 100 x 100 phase diagram under 60 s.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction

from verifier.stationary.phase import boundary, classify, grid_over_noise
from verifier.stationary.phase_claims import claims
from verifier.stationary.reduction import derived_form
from verifier.stationary.stationary_points import landscape

COLD = (
    "from fractions import Fraction; from verifier.stationary.stationary_points import landscape; "
    "landscape(5, 40, Fraction(1, 3))"
)


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cells() -> list[tuple[int, int, Fraction]]:
    """Cells with 2 to 4 stationary families, rational and integral noise."""
    return [
        (d, n, noise)
        for d in (1, 2, 3, 5, 8)
        for n in (1, 7, 40, 300)
        for noise in (Fraction(0), Fraction(1, 3), Fraction(25))
    ]


def main() -> None:
    """Print one line for each measurement, with its target."""
    cold = seconds(lambda: subprocess.run([sys.executable, "-c", COLD], check=True))
    print(f"one cell, cold process      {cold:8.3f} s    target 2 s")
    landscape(2, 2, Fraction(1))
    each = [seconds(lambda cell=cell: landscape(*cell)) for cell in cells()]
    mean, worst = 1000 * sum(each) / len(each), 1000 * max(each)
    print(f"one cell, warm, mean        {mean:8.3f} ms   target 5 ms (worst {worst:.3f} ms)")
    each = [seconds(lambda cell=cell: classify(*cell)) for cell in cells()]
    print(f"classification, each cell   {1000 * sum(each) / len(each):8.3f} ms")
    lengths, noises = range(1, 101), [Fraction(k, 4) for k in range(100)]
    diagram = seconds(lambda: grid_over_noise(3, lengths, noises))
    print(f"100 x 100 phase diagram     {diagram:8.3f} s    target 60 s (one process)")
    print(f"boundary polynomials        {seconds(boundary):8.3f} s")
    print(f"claims for all n, d, noise  {seconds(lambda: claims(derived_form())):8.3f} s")


if __name__ == "__main__":
    main()
