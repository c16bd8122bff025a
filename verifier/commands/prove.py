"""``prove``: a theorem about the best layer in a user's own setting, for all sizes and numbers."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.checking import (
    add_claim_argument,
    add_numerical_arguments,
    claimed_from,
    options_from,
)
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, say, whole_file
from verifier.reports.derived import FORMATS, rendered
from verifier.theorem.theorem import Options, check_theorem

SMALL = Options(dimensions=(1, 2), context_lengths=(2,), samples=32_000, starts=8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The setting file, and where the theorem, its proof and its document go."""
    parser.add_argument("setting", metavar="SETTING.toml", help="a symbolic setting: docs/prove.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--full", action="store_true", help="print statements and tables in full")
    parser.add_argument("--proof", metavar="FILE", help="also write the proof to this file")
    parser.add_argument(
        "-o", "--output", metavar="REPORT", help="also write a document: .html .md .pdf .tex .json"
    )
    add_claim_argument(parser)
    parser.add_argument("--no-cache", action="store_true", help="search anew, keep nothing")
    add_numerical_arguments(parser, SMALL)


def run(arguments: argparse.Namespace) -> int:
    """Prove what can be proved in one setting; exit code by the verdict."""
    from verifier.prover.setting_file import read_symbolic
    from verifier.prover.theorem_of import theorem_of

    options, claimed = options_from(arguments, SMALL), claimed_from(arguments.claim)
    form = None if arguments.output is None else form_for(arguments.output, None, FORMATS)
    progress = Progress()
    try:
        progress("looking for the best layer")
        theorem = theorem_of(read_symbolic(arguments.setting), progress, not arguments.no_cache)
        report = check_theorem(theorem, options, claimed, progress, not arguments.no_numerics)
        if arguments.proof is not None:
            from verifier.proof.record import dump

            with whole_file(arguments.proof) as file:
                file.write(dump(report.record).encode("ascii"))
        if form is not None:
            progress("writing the document")
            content = rendered(report, form)
            with whole_file(arguments.output) as file:
                file.write(content)
    finally:
        progress.clear()
    if arguments.json:
        from verifier.reports.json_record import json_text

        say(json_text(report))
    else:
        from verifier.reports.terminal import report_text

        say(report_text(report, Style.of(sys.stdout), arguments.full))
    return report.verdict.exit_code
