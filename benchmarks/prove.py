"""Time `prove` on every shipped example, beside ``import sympy`` in the same run.

Run from the repository's root: ``python -m benchmarks.prove [NAME ...]``. Processor seconds of
whole cold processes without cache, without attacks; targets are multiples of the time that
importing SymPy takes: Theorem 1's setting 6, isotropic settings 30, pairs of covariances and
vectors 90. A kept answer is measured beside `recheck` of its proof.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.practice import line, seconds

EXAMPLES = Path(__file__).resolve().parents[1] / "verifier" / "examples" / "prove"
FIRST, ISOTROPIC, PAIR = 6, 30, 90
PAIRS = {
    *("covariates_mean", "elliptical", "heads", "pair", "query_covariance", "query_in_sum"),
    *("semidefinite_pair", "skip_task_mean", "task_mean", "vector_responses"),
}


def target(name: str) -> int:
    """The multiple of ``import sympy`` within which an example is to be proved."""
    return FIRST if name == "theorem1" else PAIR if name in PAIRS else ISOTROPIC


def main() -> None:
    """Print one line for each example; then what is kept, and `recheck`."""
    names = sys.argv[1:] or sorted(path.stem for path in EXAMPLES.glob("*.toml"))
    unit = min(seconds("-c", "import sympy") for _ in range(3))
    print(f"import sympy                                {unit:8.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for name in names:
            proof = os.path.join(folder, f"{name}.json")
            prove = ("-m", "verifier", "prove", str(EXAMPLES / f"{name}.toml"), "--no-numerics")
            line(name, seconds(*prove, "--proof", proof), unit, target(name))
            again = seconds(*prove)
            check = seconds("-m", "verifier", "recheck", proof)
            print(f"  kept {again:.2f} s, recheck {check:.2f} s", flush=True)


if __name__ == "__main__":
    main()
