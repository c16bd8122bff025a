"""Time and memory of the commands on every theorem: ``python benchmarks/theorems.py``.

Each row is one cold process with default settings (one BLAS thread): wall and processor time,
peak memory, and the target. ``recheck`` runs under ``python -S``, with no package to import. The
last row is the float optimum of one Gaussian pair at d = 200, median of five in this process.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CHECK_TARGET = {"theorem1": 3.0}
DEFAULT_TARGET = 5.0
MEMORY_TARGET = 300.0
LIST_TARGET, RECHECK_TARGET, PAIR_TARGET = 0.3, 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: seconds on the wall and of processor, peak memory in MB."""

    wall: float
    processor: float
    memory: float
    code: int


def run(*command: str) -> Cost:
    """Run a command from the repository's root and measure that process alone."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    memory = usage.ru_maxrss * unit / 2**20
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory, process.returncode)


def row(label: str, cost: Cost, target: float) -> bool:
    """Print one line; whether wall or processor time (on a shared machine) meets the target."""
    met = cost.code == 0 and min(cost.wall, cost.processor) <= target
    note = "" if met else f"  exit {cost.code}" if cost.code else "  MISSED"
    print(
        f"{label:<34} {cost.wall:>8.2f} {cost.processor:>10.2f} {cost.memory:>8.0f} "
        f"{target:>8.1f}{note}",
        flush=True,
    )
    return met


def pair_seconds() -> float:
    """Median time of the optimum of one pair at d = 200."""
    import numpy as np

    from verifier.optimum.pair import pair_optimum

    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((2, 200, 200)) / 14
    covariances = F @ F.T + np.eye(200), G @ G.T + np.eye(200)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        pair_optimum(*covariances, 40, 0.5)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> int:
    """Print the table; exit code 1 if a target is missed."""
    from verifier.theorem.registry import theorems

    verifier = (sys.executable, "-m", "verifier")
    print(f"{'command':<34} {'wall s':>8} {'processor':>10} {'MB':>8} {'target':>8}")
    met = [
        row("--help", run(*verifier, "--help"), LIST_TARGET),
        row("list", run(*verifier, "list"), LIST_TARGET),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in theorems():
            record = str(Path(folder) / f"{name}.json")
            cost = run(*verifier, "check", name)
            met.append(row(f"check {name}", cost, CHECK_TARGET.get(name, DEFAULT_TARGET)))
            run(*verifier, "check", name, "--no-numerics", "--proof", record)
            again = run(sys.executable, "-S", "-m", "verifier", "recheck", record)
            met.append(row(f"recheck {name}, -S", again, RECHECK_TARGET))
    taken = pair_seconds()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    met.append(row("pair optimum, d = 200", Cost(taken, taken, peak, 0), PAIR_TARGET))
    return int(not all(met))


if __name__ == "__main__":
    raise SystemExit(main())
