"""``coverage``: the table of docs/coverage.md, from a fresh run of every proof."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.exit_codes import OPEN
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, say, whole_file
from verifier.reports.coverage import (
    coverage_json,
    coverage_table,
    coverage_text,
    unproved,
)
from verifier.theorem import registry
from verifier.theorem.theorem import check_theorem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the table goes: Markdown in a file or a pipe, columns on a terminal."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file: .md .json")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def table(form: str = "markdown") -> tuple[str, list[str]]:
    """The table and the claims that are not proved though they should be."""
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
    if form == "text":
        return coverage_text(reports, files, Style.of(sys.stdout)), unproved(reports)
    written = coverage_json if form == "json" else coverage_table
    return written(reports, files), unproved(reports)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the table; exit code 3 if a claim with a proof is not proved."""
    given = "json" if arguments.json else None
    here = "text" if sys.stdout.isatty() else "markdown"
    form = form_for(arguments.output, given, ("markdown", "json", "text"), here)
    if arguments.output:
        with whole_file(arguments.output) as file:
            text, missing = table(form)
            file.write(text.encode("utf-8"))
    else:
        text, missing = table(form)
        say(text.rstrip("\n"))
    for name in missing:
        print(f"verifier: not proved: {name}", file=sys.stderr)
    return OPEN if missing else 0


def _file(module: str) -> str:
    return module.replace(".", "/") + ".py"
