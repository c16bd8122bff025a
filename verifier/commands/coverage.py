"""``coverage``: the table of docs/coverage.md, from a fresh run of every proof."""

from __future__ import annotations

import argparse
import sys

from verifier import registry
from verifier.document.coverage import coverage_table, unproved
from verifier.document.output import Progress, say, whole_file
from verifier.theorem import check_theorem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the table goes."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file")


def table() -> tuple[str, list[str]]:
    """The Markdown table and the claims that are not proved though they should be."""
    progress = Progress()
    try:
        reports = [
            check_theorem(theorem, progress=progress, numerical=False)
            for theorem in registry.theorems().values()
        ]
    finally:
        progress.clear()
    files = {
        theorem.id: _file(theorem.derive.__module__) for theorem in registry.theorems().values()
    }
    return coverage_table(reports, files), unproved(reports)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the table; exit code 3 if a claim with a proof is not proved."""
    if arguments.output:
        with whole_file(arguments.output) as file:
            text, missing = table()
            file.write(text.encode("utf-8"))
    else:
        text, missing = table()
        say(text.rstrip("\n"))
    for name in missing:
        print(f"verifier: not proved: {name}", file=sys.stderr)
    return 3 if missing else 0


def _file(module: str) -> str:
    return module.replace(".", "/") + ".py"
