"""``check``: derive a theorem, prove it, try to refute it, and report."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import IO

from verifier.commands.checking import (
    add_claim_argument,
    add_numerical_arguments,
    claimed_from,
    options_from,
)
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, say, whole_file
from verifier.theorem.theorem import Options, Report, Theorem, check_theorem
from verifier.theorem.verdict import overall

REPORTS = ("html", "markdown", "latex", "pdf", "json", "text")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The theorem, the sizes of the numerical evidence, and where results go."""
    standard = Options()
    parser.add_argument("theorem", help="a theorem from 'list', a file with a THEOREM, or 'all'")
    add_numerical_arguments(parser, standard)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "-o",
        "--output",
        metavar="REPORT",
        help="also write it here: .html .md .tex .pdf .json .txt",
    )
    parser.add_argument("--full", action="store_true", help="print statements and tables in full")
    parser.add_argument("--proof", metavar="FILE", help="also write the proof to this file")
    add_claim_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check one theorem or all; exit code by the worst verdict."""
    options = options_from(arguments)
    claimed = claimed_from(arguments.claim)
    every = arguments.theorem == "all"
    if every and (arguments.proof or claimed or arguments.output):
        raise ValueError("--proof, --claim and -o are about one theorem; name it instead of 'all'")
    form = None if arguments.output is None else form_for(arguments.output, None, REPORTS)
    with _file(arguments.proof) as file, _file(arguments.output) as written:
        progress = Progress()
        try:
            reports = [
                check_theorem(theorem, options, claimed, progress, not arguments.no_numerics)
                for theorem in _chosen(arguments.theorem)
            ]
        finally:
            progress.clear()
        if file is not None:
            from verifier.proof.record import dump

            file.write(dump(reports[0].record).encode("ascii"))
        if written is not None and form is not None:
            written.write(_report(reports[0], form))
    _show(reports, arguments, every)
    return overall(tuple(report.verdict for report in reports)).exit_code


def _chosen(name: str) -> list[Theorem]:
    from verifier.theorem.registry import find, theorems

    return list(theorems().values()) if name == "all" else [find(name)]


@contextlib.contextmanager
def _file(path: str | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
    else:
        with whole_file(path) as file:
            yield file


def _report(report: Report, form: str) -> bytes:
    """The report in one of `REPORTS`."""
    if form == "json":
        from verifier.reports.json_record import json_text

        return f"{json_text(report)}\n".encode()
    if form == "text":
        from verifier.reports.terminal import report_text

        return f"{report_text(report, Style(), full=True)}\n".encode()
    from verifier.render.rendered import rendered
    from verifier.reports.check_document import check_document

    return rendered(check_document(report), form)


def _show(reports: list[Report], arguments: argparse.Namespace, every: bool) -> None:
    if arguments.json:
        from verifier.reports.json_record import json_text

        say(json_text(reports if every else reports[0]))
        return
    from verifier.reports.terminal import report_text, summary_text

    style = Style.of(sys.stdout)
    for report in reports:
        say(report_text(report, style, arguments.full))
        if every:
            say("")
    if every:
        say(summary_text(reports, style))
