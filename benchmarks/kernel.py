"""What replaying each proof file costs, as ratios: ``python benchmarks/kernel.py [runs]``.

Each file is replayed by ``python -S -m verifier recheck``, a cold process without any package,
in turn with ``python -S -c pass``; the ratio of processor times is taken pair by pair, so that it
holds on a machine whose speed drifts. The median, the range, the target and the peak memory.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from theorems import run

TARGETS = {"theorem1": 45.0}
MEMORY_TARGET = 60.0


def main(runs: int = 7) -> int:
    """Print the table; exit code 1 if a target is missed."""
    from verifier.theorem.registry import theorems

    met = True
    print(f"{'recheck':<26} {'median':>8} {'least':>8} {'most':>8} {'target':>8} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name in theorems():
            record = str(Path(folder) / f"{name}.json")
            run(sys.executable, "-m", "verifier", "check", name, "--no-numerics", "--proof", record)
            ratios, memory = [], 0.0
            for _ in range(runs):
                bare = statistics.mean(
                    run(sys.executable, "-S", "-c", "pass").processor for _ in range(3)
                )
                cost = run(sys.executable, "-S", "-m", "verifier", "recheck", record)
                ratios.append(cost.processor / bare)
                memory = max(memory, cost.memory)
            ratio, target = statistics.median(ratios), TARGETS.get(name)
            fine = memory <= MEMORY_TARGET and (target is None or ratio <= target)
            met = met and fine
            print(
                f"{name:<26} {ratio:>8.1f} {min(ratios):>8.1f} {max(ratios):>8.1f}"
                f" {target or '':>8} {memory:>6.0f}{'' if fine else '  MISSED'}",
                flush=True,
            )
    return int(not met)


if __name__ == "__main__":
    raise SystemExit(main(*(int(argument) for argument in sys.argv[1:2])))
