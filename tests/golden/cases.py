"""The table of golden cases: a command line, the forms in which it is run, a file for each case.

A case is kept in ``files/NAME.txt``. A command for people runs on terminals of 60, 80 and 120
columns and in a pipe; texts that are equal are kept once. Of a text of more than `LONGEST`
letters the first `KEPT` lines are kept, and a digest of all.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTHS = (60, 80, 120, None)
PIPE = (None,)
LONGEST, KEPT = 20_000, 120


@dataclass(frozen=True, slots=True)
class Case:
    """One command line. ``before`` are commands to run first, ``written`` a file to show after."""

    name: str
    line: str
    widths: tuple[int | None, ...] = WIDTHS
    before: tuple[str, ...] = ()
    written: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The command's words."""
        return tuple(self.line.split())


def _forms(name: str, line: str, *forms: str) -> tuple[Case, ...]:
    """One case for each form of ``derive``."""
    return tuple(Case(f"{name}-{form}", f"{line} --format {form}", PIPE) for form in forms)


def _reports(name: str, line: str, *suffixes: str) -> tuple[Case, ...]:
    """One case for each suffix of ``explore``'s ``-o``."""
    return tuple(
        Case(f"{name}-{suffix}", f"{line} -o r.{suffix}", PIPE, written=f"r.{suffix}")
        for suffix in suffixes
    )


QUICK = "--samples 32000 --starts 2"
PROVE = "--no-numerics --no-cache"
BASINS = "--n 5 --noise 1/2 --basins --starts 8 --scales 0.1"
GRID = "phase-diagram --d 3 --n 1:60:12 --noise 0:8:5 --jobs 1"

CASES = (
    Case("list", "list"),
    Case("check-theorem1", "check theorem1 --no-numerics"),
    Case("check-theorem1-numbers", f"check theorem1 --dims 1,2 {QUICK}"),
    Case("check-theorem1-json", "check theorem1 --no-numerics --json", PIPE),
    Case("check-ridge-bayes", "check ridge-bayes --no-numerics"),
    Case("check-von-oswald", "check von-oswald-construction --no-numerics --full", PIPE),
    Case("check-refuted", "check theorem1 --no-numerics --claim learning_rate=1/(n+d+sigma2)"),
    Case("check-specimen", "check specimen"),
    Case("check-specimen-full", "check specimen --full", (60, None)),
    Case("check-specimen-json", "check specimen --json", PIPE),
    Case("check-specimen-refuted", "check specimen --claim learning_rate=1/(2+sigma2)", (80,)),
    Case(
        "check-specimen-refuted-json",
        "check specimen --claim learning_rate=1/(2+sigma2) --json",
        PIPE,
    ),
    Case("check-opposed", "check opposed", (80,)),
    Case("check-all", "check all --dims 1", (80,)),
    Case("recheck-specimen", "recheck proof.json", before=("check specimen --proof proof.json",)),
    Case("check-specimen-html", "check specimen -o r.html", PIPE, written="r.html"),
    *_forms("derive-specimen", "derive specimen", "latex", "markdown", "html"),
    *_forms("derive-specimen-full", "derive specimen --full", "latex", "markdown"),
    *_forms("derive-theorem1", "derive theorem1 --no-numerics", "latex", "markdown"),
    *_forms("derive-theorem1-full", "derive theorem1 --no-numerics --full", "latex"),
    *_forms("derive-ridge-bayes", "derive ridge-bayes --no-numerics", "latex"),
    Case("sweep", "sweep pair.toml --over noise.variance=0:2:3 --over task.law=normal,sparse"),
    Case("sweep-md", "sweep pair.toml --over noise.variance=0:2:3 -o r.md", PIPE, written="r.md"),
    Case("landscape", "landscape --d 2 --n 4 --noise 1/2"),
    Case("landscape-html", "landscape --d 2 --n 4 -o r.html", PIPE, written="r.html"),
    Case("landscape-line", "landscape --d 1"),
    Case("landscape-benign", "landscape --d 3 --n 4 --noise 1/2"),
    Case("landscape-basins", f"landscape --d 2 {BASINS}", (80,)),
    Case("landscape-basins-json", f"landscape --d 2 {BASINS} --json", PIPE),
    Case("landscape-setting", "landscape inverse.toml"),
    Case("landscape-setting-json", "landscape inverse.toml --json", PIPE),
    Case("landscape-pair", "landscape pair.toml --starts 12", (80,)),
    Case("phase-diagram", GRID),
    Case("phase-diagram-json", f"{GRID} --json", PIPE),
    Case("phase-diagram-csv", f"{GRID} --csv r.csv", PIPE, written="r.csv"),
    Case("prove-theorem1", f"prove prove_theorem1.toml {PROVE}"),
    Case("prove-theorem1-numbers", f"prove prove_theorem1.toml --no-cache --dims 1 {QUICK}", (80,)),
    Case("prove-theorem1-json", f"prove prove_theorem1.toml {PROVE} --json", PIPE),
    Case("prove-pair", f"prove prove_pair.toml {PROVE}", (80,)),
    Case("prove-task-mean", f"prove prove_task_mean.toml {PROVE}", (80,)),
    Case("prove-data", f"prove prove_data.toml {PROVE}", (80,)),
    Case(
        "prove-refuted",
        f"prove prove_theorem1.toml {PROVE} --claim learning_rate=1/(n+d+sigma2)",
        (80,),
    ),
    Case(
        "prove-theorem1-md",
        f"prove prove_theorem1.toml {PROVE} -o r.md",
        PIPE,
        written="r.md",
    ),
    Case("explore-pair", f"explore pair.toml {QUICK}"),
    Case("explore-mean", f"explore mean.toml {QUICK}"),
    *_reports("explore-pair", f"explore pair.toml {QUICK}", "json", "md", "tex", "html"),
    *_reports("explore-mean", f"explore mean.toml {QUICK}", "json", "md"),
    Case("falsify-theorem2", "falsify theorem2"),
    Case("falsify-counterexample", "falsify theorem1 --without isotropic-task"),
    Case("falsify-proof", "falsify theorem2 --without query-outside"),
    Case("price", "price --dims 2,5 --n 1:9"),
    Case("falsify-json", "falsify theorem2 --json", PIPE),
    Case("list-json", "list --json", PIPE),
    Case("recheck-json", "recheck proof.json --json", PIPE, ("check specimen --proof proof.json",)),
    Case("coverage", "coverage"),
)
# A command about every theorem runs on a few; docs/coverage.md as a whole is compared elsewhere.
EVERY = {"check-all": ("specimen", "opposed"), "coverage": ("specimen", "ridge-bayes")}
