"""``export``: a theorem's proofs for Coq, a folder that ``make`` checks without this program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from verifier.proof.record import MAX_BYTES, Record, load, replay
from verifier.proof.syntax import ProofError
from verifier.render.streams import Progress, Style, say

FORMATS = ("coq",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to export, and where to."""
    parser.add_argument(
        "theorem",
        metavar="THEOREM",
        help="a theorem from 'list', a proof file, a setting for 'prove', a file with a THEOREM, "
        "or 'all': the table of all claims",
    )
    parser.add_argument("--format", choices=FORMATS, default="coq", help="for which checker")
    parser.add_argument("-o", "--output", metavar="DIR", help="the folder: new, or empty")


def run(arguments: argparse.Namespace) -> int:
    """Write the folder and say what Coq will check; exit code 0."""
    from verifier.coq.exporting import export
    from verifier.coq.folder import write
    from verifier.reports.second_opinion import coverage_markdown, standings_text

    if arguments.theorem == "all":
        if arguments.output is not None:
            raise ValueError("-o is about one theorem; name it instead of 'all'")
        from verifier.theorem.registry import theorems

        say(coverage_markdown([export(record_of(name)) for name in theorems()]))
        return 0
    if arguments.output is None:
        raise ValueError("-o DIR says which folder to write")
    folder = Path(arguments.output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{arguments.output} is there already and is not an empty folder")
    exported = export(record_of(arguments.theorem))
    write(exported, folder)
    say(standings_text(exported, Style.of(sys.stdout)))
    say(f"written to {arguments.output}; Coq checks it: make -C {arguments.output}")
    return 0


def record_of(name: str) -> Record:
    """The proofs of a theorem by its name, of a proof file, a setting or a theorem file."""
    if name.endswith(".json"):
        with open(name, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        try:
            record = load(content.decode("ascii"))
            replay(record)
        except UnicodeDecodeError:
            raise ValueError(f"{name}: a proof file is ASCII text; this is not") from None
        except ProofError as error:
            raise ValueError(f"{name}: rejected: {error}") from None
        return record
    from verifier.theorem.registry import find
    from verifier.theorem.theorem import Options, check_theorem

    progress = Progress()
    try:
        if name.endswith(".toml"):
            from verifier.prover.setting_file import read_symbolic
            from verifier.prover.theorem_of import theorem_of

            theorem = theorem_of(read_symbolic(name), progress, True)
        else:
            theorem = find(name)
        return check_theorem(theorem, Options(), {}, progress, False).record
    finally:
        progress.clear()
