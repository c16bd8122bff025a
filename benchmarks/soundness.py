"""How hard it is to get a false statement accepted, in figures (docs/soundness.md).

    python benchmarks/soundness.py claims              near misses of Theorem 1, true variants
    python benchmarks/soundness.py variants            every step in every other form
    python benchmarks/soundness.py steps [MOST]        mutated statements of every theorem's steps
    python benchmarks/soundness.py contexts [TEXTS]    mutated bounds, hypotheses, laws, definitions
    python benchmarks/soundness.py files [EDITS]       edited proof files, digest kept and renewed
    python benchmarks/soundness.py checker [MODULE ...]   all mutants of verifier/proof (hours)

Needs the test extra, and `checker` cosmic-ray and coverage. Every figure is deterministic.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "soundness"), str(ROOT / "tests" / "proof")]


def claims() -> None:
    from figures import false_claims, true_claims

    _print(false_claims())
    _print(true_claims())


def variants() -> None:
    from figures import true_statements

    _print(true_statements())


def steps(most: int = 12) -> None:
    from figures import mutated_steps

    _print(mutated_steps(most))


def contexts(texts: int = 1) -> None:
    from figures import mutated_contexts

    _print(mutated_contexts(texts))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def files(edits: int = 10_000) -> None:
    from file_edits import with_digest, without_digest
    from proof_files import small_record
    from test_edited_files import theorem_record

    print(f"digest kept, {edits} edits: {dict(without_digest(theorem_record(), edits, 1))}")
    counts, _ = with_digest(small_record(), edits, 1)
    print(f"digest renewed, {edits} edits: {dict(counts)}")


def checker(*modules: str) -> None:
    """Every mutant of the trusted modules: noticed by a test, explained, or a gap in the tests."""
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

    survey(chosen, known, report)
    for (module, verdict), number in sorted(counts.items()):
        print(f"{module}: {verdict} {number}")


def main() -> None:
    known = ("claims", "variants", "steps", "contexts", "files", "checker")
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
        case "checker":
            checker(*sys.argv[2:])
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
