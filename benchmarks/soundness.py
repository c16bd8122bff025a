"""How hard it is to get a false statement accepted, in figures (docs/soundness.md).

    python benchmarks/soundness.py claims              near misses of Theorem 1, true variants
    python benchmarks/soundness.py variants            every step in every other form
    python benchmarks/soundness.py steps [MOST]        mutated statements and certificates of steps
    python benchmarks/soundness.py contexts [TEXTS]    mutated ranges, laws, moments, definitions
    python benchmarks/soundness.py files [EDITS]       edited proof files, digest kept and renewed
    python benchmarks/soundness.py random [FALSE]      false statements in random contexts
    python benchmarks/soundness.py checker [SECONDS] [MODULE ...]   mutants of verifier/proof

Needs the test extra, and `checker` cosmic-ray and coverage. Every figure is deterministic, but for
how many mutants of the checker are tried in the seconds allowed.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
sys.path[:0] = [str(ROOT), str(TESTS), str(TESTS / "soundness"), str(TESTS / "proof")]


def claims() -> None:
    """False claims that are refused, and true ones that are proved."""
    from figures import false_claims, true_claims

    _print(false_claims())
    _print(true_claims())


def variants() -> None:
    """True statements in other words."""
    from figures import true_statements

    _print(true_statements())


def steps(most: int = 12) -> None:
    """Steps with one part changed."""
    from figures import mutated_steps

    _print(mutated_steps(most))


def contexts(texts: int = 1) -> None:
    """Contexts with one part changed."""
    from figures import mutated_contexts

    _print(mutated_contexts(texts))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def files(edits: int = 10_000) -> None:
    """Proof files with random edits."""
    from file_edits import with_digest, without_digest
    from proof_files import small_record
    from test_edited_files import theorem_record

    print(f"digest kept, {edits} edits: {dict(without_digest(theorem_record(), edits, 1))}")
    counts, false = with_digest(small_record(), edits, 1)
    print(f"digest renewed, {edits} edits: {dict(counts)}")
    _print(false)


def false_statements(wanted: int = 100_000) -> None:
    """Random identities in random contexts until so many are false; AssertionError is a hole."""
    from random import Random

    from scenes import scene
    from test_agreement import judge

    counts = Counter[str]()
    for part in range(1_000, 1_020):
        draw, false = Random(part), 0
        while false < wanted // 20:
            found = judge(draw, scene(draw), 20, wrong=0.9)
            false += found["not accepted, false"]
            counts += found
        print(f"{part - 999} of 20: {dict(counts)}", flush=True)


def checker(seconds: float, modules: Sequence[str]) -> None:
    """Mutants of the trusted modules: noticed by a test, explained, or a gap in the tests."""
    from checker_mutants import TRUSTED, Mutant, explained, mutants
    from mutant_runs import SURVIVED, survey

    known, counts = explained(), Counter[tuple[str, str]]()
    chosen = [mutant for module in modules or TRUSTED for mutant in mutants(module)]
    print(f"{len(chosen)} mutants", flush=True)

    def report(mutant: Mutant, verdict: str) -> None:
        if verdict == SURVIVED:
            verdict = "explained" if mutant.key in known else "NOT EXPLAINED"
        counts[mutant.module, verdict] += 1
        if verdict == "NOT EXPLAINED":
            print(f"line {mutant.line} of {mutant.key}", flush=True)

    survey(chosen, known, report, seconds)
    for (module, verdict), number in sorted(counts.items()):
        print(f"{module}: {verdict} {number}")


def main() -> None:
    """One of the tables, by its name."""
    known = ("claims", "variants", "steps", "contexts", "files", "random", "checker")
    if len(sys.argv) < 2 or sys.argv[1] not in known:
        sys.exit(__doc__)
    started = time.perf_counter()
    numbers = [int(x) for x in sys.argv[2:] if x.isdigit()]
    match sys.argv[1]:
        case "claims":
            claims()
        case "variants":
            variants()
        case "steps":
            steps(*numbers)
        case "contexts":
            contexts(*numbers)
        case "files":
            files(*numbers)
        case "random":
            false_statements(*numbers)
        case "checker":
            checker(*(numbers or [math.inf]), [x for x in sys.argv[2:] if not x.isdigit()])
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
