"""``recheck``: replay a proof file and print what it proves, in a bare checkout if need be.

On this path only ``verifier.proof`` and standard-library parts of ``verifier.render`` are
imported: ``python -S -m verifier recheck FILE`` trusts nothing else.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import BinaryIO

from verifier.commands.exit_codes import OPEN, PROVED
from verifier.proof.record import MAX_BYTES, Record, load, replay
from verifier.proof.syntax import ProofError
from verifier.render.streams import Style, say
from verifier.reports.replayed import replayed_json, replayed_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The proof file."""
    parser.add_argument("file", help="a proof file written by 'check --proof'; - reads stdin")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--with",
        dest="checker",
        choices=("coq", "ocaml"),
        help="ask Coq as well, or the checker extracted from its soundness proof",
    )


def run(arguments: argparse.Namespace) -> int:
    """Replay the file; exit code 0, or ValueError (exit code 2) if a step is rejected."""
    started = time.perf_counter()
    name = "standard input" if arguments.file == "-" else arguments.file
    try:
        record = load(_read(arguments.file))
        replayed = replay(record)
    except ProofError as error:
        raise ValueError(f"{name}: rejected: {error}") from None
    if not any(checked.step.claim for _, steps in replayed for checked in steps):
        raise ValueError(f"{name}: the file proves no claim")
    if arguments.checker is not None:
        return _second_opinion(record, name, arguments)
    if arguments.json:
        say(replayed_json(record, replayed))
        return 0
    style = Style.of(sys.stdout)
    say(replayed_text(record, replayed, style, time.perf_counter() - started))
    return 0


def _second_opinion(record: Record, name: str, arguments: argparse.Namespace) -> int:
    """What Coq says; exit code 3 unless it has every claim without a hypothesis."""
    from verifier.coq.checking import Rejected, by_coq, by_ocaml
    from verifier.coq.exporting import CLOSED, export
    from verifier.reports.second_opinion import opinion_json, opinion_text

    started = time.perf_counter()
    exported = export(record)
    try:
        answer = by_coq(exported) if arguments.checker == "coq" else by_ocaml(exported)
    except Rejected as error:
        raise ValueError(f"{name}: rejected: {error}") from None
    if arguments.json:
        say(opinion_json(exported, answer))
    else:
        seconds = time.perf_counter() - started
        say(opinion_text(exported, answer, Style.of(sys.stdout), seconds))
    standings = exported.standings()
    closed = all(one.standing == CLOSED and one.theorem in answer.assumptions for one in standings)
    return PROVED if closed else OPEN


def _read(path: str) -> str:
    """The text of the file, never more than the format allows."""
    if path == "-":
        return _decoded(sys.stdin.buffer)
    with open(path, "rb") as file:
        return _decoded(file)


def _decoded(file: BinaryIO) -> str:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ProofError(f"the proof file has more than {MAX_BYTES} bytes")
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise ProofError("a proof file is ASCII text; this is not") from None
