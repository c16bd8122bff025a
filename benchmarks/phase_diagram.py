"""Time phase diagrams and landscapes as users run them: whole commands, in cold processes.

Run from the repository's root: ``python -m benchmarks.phase_diagram``.  Targets, on 2 cores:
one landscape 2 s, a 100 x 100 phase diagram under 60 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

GRID = ("phase-diagram", "--d", "3", "--n", "1:100", "--noise", "0:10:100", "--json")


def seconds(*words: str) -> float:
    """Wall time of one command in a fresh process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "verifier", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print one line for each command, with its target."""
    cell = ("landscape", "--d", "5", "--n", "150", "--noise", "1/3")
    with tempfile.TemporaryDirectory() as folder:
        figure, partial = os.path.join(folder, "figure.png"), os.path.join(folder, "partial.json")
        print(f"landscape, one cell               {seconds(*cell):7.2f} s    target 2 s")
        print(f"the same with a plot              {seconds(*cell, '--plot', figure):7.2f} s")
        basins = seconds("landscape", "--d", "3", "--n", "30", "--basins")
        print(f"with basins, 4 x 200 starts       {basins:7.2f} s")
        for jobs in ("1", "2"):
            took = seconds(*GRID, "--jobs", jobs)
            print(f"100 x 100 cells, {jobs} process(es)    {took:7.2f} s    target 60 s")
        seconds(*GRID, "--resume", partial)
        again = seconds(*GRID, "--resume", partial)
        print(f"the same, resumed when finished   {again:7.2f} s")
        wide = ("--d", "1:100", "--n", "1:10000:100", "--noise", "1", "--json")
        print(f"100 x 100 over d and n            {seconds('phase-diagram', *wide):7.2f} s")


if __name__ == "__main__":
    main()
