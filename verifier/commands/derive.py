"""``derive``: write a theorem and its proof as LaTeX, PDF, Markdown, HTML or JSON."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.checking import add_numerical_arguments, options_from
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, whole_file
from verifier.reports.derived import FORMATS, rendered
from verifier.theorem.theorem import Options, Report, check_theorem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The theorem, the format and the file."""
    parser.add_argument("theorem", help="a theorem from 'list'")
    parser.add_argument("--format", choices=FORMATS, help="default: by the file's suffix, or latex")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument(
        "--full", action="store_true", help="the complete record, every certificate written out"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="default: standard output (PDF: THEOREM.pdf); .tex .pdf .md .html .json",
    )
    add_numerical_arguments(parser, Options())


def run(arguments: argparse.Namespace) -> int:
    """Check the theorem and write its document; exit code by the verdict."""
    from verifier.theorem.registry import find

    options = options_from(arguments)
    theorem = find(arguments.theorem)
    path = arguments.output
    if arguments.json and arguments.format not in (None, "json"):
        raise ValueError(f"--json contradicts --format {arguments.format}")
    given = "json" if arguments.json else arguments.format
    form = form_for(path, given, FORMATS, "latex")
    if form == "pdf":
        path = path or f"{theorem.id}.pdf"
    progress = Progress()

    def work() -> tuple[Report, bytes]:
        report = check_theorem(theorem, options, None, progress, not arguments.no_numerics)
        progress("writing the document")
        return report, rendered(report, form, arguments.full)

    try:
        if path in (None, "-"):
            report, content = work()
            progress.clear()
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            with whole_file(path) as file:
                report, content = work()
                file.write(content)
    finally:
        progress.clear()
    return report.verdict.exit_code
