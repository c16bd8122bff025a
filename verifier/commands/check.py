"""``check``: derive a theorem, prove it, try to refute it, and report."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

from verifier.commands.forms import form_for
from verifier.document.output import Progress, Style, say, whole_file
from verifier.theorem import Options, Report, Theorem, check_theorem
from verifier.verdict import overall

MAX_DIMENSION, MAX_CONTEXT_LENGTH, MAX_SAMPLES, MAX_STARTS = 12, 1000, 10**7, 10_000
MIN_SAMPLES = 32_000  # 64 batches of 500, below which the agreement test is not sound
MAX_DIGITS = 18
REPORTS = ("html", "markdown", "latex", "pdf", "json", "text")
_NATURAL = re.compile(r"[+-]?[0-9]+")
PROVED_FOR_ALL = "the proof itself covers all sizes: --no-numerics"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The theorem, the sizes of the numerical evidence, and where results go."""
    standard = Options()
    parser.add_argument("theorem", help="a theorem from 'list', or 'all'")
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
    parser.add_argument(
        "--claim",
        action="append",
        default=[],
        metavar="NAME=EXPRESSION",
        help="put your own claim in place of what is derived, e.g. learning_rate='1/(n+d+sigma2)'",
    )


def add_numerical_arguments(parser: argparse.ArgumentParser, standard: Options) -> None:
    """The options that size the numerical evidence."""
    listed = ",".join(map(str, standard.dimensions)), ",".join(map(str, standard.context_lengths))
    noises = ",".join(map(str, standard.noises))
    parser.add_argument("--dims", metavar="D,...", help=f"dimensions (default {listed[0]})")
    parser.add_argument(
        "--context-lengths", metavar="N,...", help=f"numbers of examples (default {listed[1]})"
    )
    parser.add_argument(
        "--noise", metavar="S,...", help=f"exact noise variances: 1/3, 0.1 (default {noises})"
    )
    parser.add_argument("--samples", help=f"sampled prompts (default {standard.samples})")
    parser.add_argument("--starts", help=f"random starts (default {standard.starts})")
    parser.add_argument("--seed", help=f"seed of all randomness (default {standard.seed})")
    parser.add_argument("--no-numerics", action="store_true", help="proofs only")


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
    from verifier.registry import find, theorems

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
        from verifier.document.json_record import json_text

        return f"{json_text(report)}\n".encode()
    if form == "text":
        from verifier.document.terminal import report_text

        return f"{report_text(report, Style(), full=True)}\n".encode()
    from verifier.document.check_document import check_document
    from verifier.document.rendered import rendered

    return rendered(check_document(report), form)


def _show(reports: list[Report], arguments: argparse.Namespace, every: bool) -> None:
    if arguments.json:
        from verifier.document.json_record import json_text

        say(json_text(reports if every else reports[0]))
        return
    from verifier.document.terminal import report_text, summary_text

    style = Style.of(sys.stdout)
    for report in reports:
        say(report_text(report, style, arguments.full))
        if every:
            say("")
    if every:
        say(summary_text(reports, style))


def options_from(arguments: argparse.Namespace, standard: Options | None = None) -> Options:
    """The options of the numerical evidence; ValueError with an estimate where it is too large."""
    standard = standard or Options()
    dims, lengths = standard.dimensions, standard.context_lengths
    if arguments.dims is not None:
        dims = tuple(natural(x, "--dims", 1) for x in arguments.dims.split(","))
    if arguments.context_lengths is not None:
        words = arguments.context_lengths.split(",")
        lengths = tuple(natural(x, "--context-lengths", 1) for x in words)
    options = Options(
        dims,
        lengths,
        standard.noises if arguments.noise is None else _noises(arguments.noise),
        _natural_or(arguments.samples, "--samples", MIN_SAMPLES, standard.samples),
        _natural_or(arguments.starts, "--starts", 1, standard.starts),
        _natural_or(arguments.seed, "--seed", 0, standard.seed),
    )
    refuse_if_huge(options)
    return options


def refuse_if_huge(options: Options) -> None:
    """ValueError with the reason where the numerical evidence would take hours."""
    dimension, length = max(options.dimensions), max(options.context_lengths)
    if dimension > MAX_DIMENSION:
        unknowns = (dimension + 1) ** 2
        raise ValueError(
            f"d = {dimension} means optimising over (d+1)^2 = {unknowns} parameters, with about "
            f"{float(unknowns) ** 2:.1g} second derivatives per step; numerical evidence is for "
            f"d <= {MAX_DIMENSION}; {PROVED_FOR_ALL}"
        )
    if length > MAX_CONTEXT_LENGTH:
        numbers = float(options.samples) * length * (dimension + 1)
        raise ValueError(
            f"n = {length} means sampling about {numbers:.1g} numbers per setting; "
            f"numerical evidence is for n <= {MAX_CONTEXT_LENGTH}; {PROVED_FOR_ALL}"
        )
    if options.samples > MAX_SAMPLES:
        seconds = options.samples * length / 1e7
        raise ValueError(
            f"{options.samples} samples take about {seconds:.1g} s or more per setting and "
            f"parameter; at most {MAX_SAMPLES} are drawn"
        )
    if options.starts > MAX_STARTS:
        raise ValueError(f"at most {MAX_STARTS} random starts are run, not {options.starts}")


def natural(text: str, name: str, minimum: int) -> int:
    """A whole number of at least ``minimum`` from text; ValueError with one line."""
    word = text.strip()
    if not _NATURAL.fullmatch(word):
        raise ValueError(f"{name}: {word[:40]!r} is not a whole number")
    if len(word.lstrip("+-")) > MAX_DIGITS:
        raise ValueError(f"{name}: {word[:40]} is too large: at most {MAX_DIGITS} digits are taken")
    if int(word) < minimum:
        raise ValueError(f"{name}: {word} is below {minimum}")
    return int(word)


def _natural_or(text: str | None, name: str, minimum: int, standard: int) -> int:
    return standard if text is None else natural(text, name, minimum)


def _noises(text: str) -> tuple[Fraction, ...]:
    from verifier.setting.numbers import nonnegative_number

    return tuple(nonnegative_number(word, "--noise") for word in text.split(","))


def claimed_from(pairs: list[str]) -> dict[str, str]:
    """``NAME=EXPRESSION`` pairs; ValueError where one is malformed or given twice."""
    claimed: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name or not text.strip():
            raise ValueError(f"--claim: {pair[:60]!r} is not of the form NAME=EXPRESSION")
        if name in claimed:
            raise ValueError(f"--claim: {name!r} is claimed twice")
        claimed[name] = text.strip()
    return claimed
