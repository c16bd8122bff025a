"""``explore``: what the best layer does in a user's own setting, and how certain that is."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from verifier.commands.check import MAX_SAMPLES, MAX_STARTS, natural
from verifier.document.output import Progress, Style, clean, say, whole_file

if TYPE_CHECKING:
    from verifier.explore.answer import Exploration
    from verifier.setting.data import Setting

DISAGREES = 3
NO_THEOREM = "--proof: no theorem of 'prove' contains this setting"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The setting file, the sizes of the numerical part, and where the report goes."""
    parser.add_argument("setting", metavar="SETTING.toml", help="a setting file: docs/settings.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "-o", "--output", metavar="REPORT", help="also write it here: .json .md .pdf .tex .txt"
    )
    parser.add_argument("--proof", metavar="FILE", help="also write the proof to this file")
    parser.add_argument("--samples", default="64000", help="sampled prompts (default 64000)")
    parser.add_argument("--starts", help="random starts (default 12 - d, at least 2)")
    parser.add_argument("--seed", default="0", help="seed of all randomness (default 0)")


def run(arguments: argparse.Namespace) -> int:
    """Explore one setting; exit code 0, or 3 if something speaks against the answer."""
    from verifier.instantiated.proving import Disagreement

    try:
        return _explored(arguments)
    except Disagreement as error:
        say(f"verifier: {clean(os.path.basename(arguments.setting))}: {error}", sys.stderr)
        return DISAGREES


def _explored(arguments: argparse.Namespace) -> int:
    """The exit code: 0, or 3 if a numerical check speaks against the answer."""
    from verifier.document.explore_report import rendered, report_suffix
    from verifier.explore.answer import ExploreOptions
    from verifier.explore.exploration import explore
    from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
    from verifier.setting.setting_file import read_setting

    starts = arguments.starts
    options = ExploreOptions(
        _limited(arguments.samples, "--samples", BATCHES * SMALLEST_BATCH, MAX_SAMPLES),
        None if starts is None else _limited(starts, "--starts", 1, MAX_STARTS),
        natural(arguments.seed, "--seed", 0),
    )
    suffix = None if arguments.output is None else report_suffix(arguments.output)
    setting = read_setting(arguments.setting)
    name = clean(os.path.basename(arguments.setting))
    if arguments.proof is not None:
        _require_theorem(setting, name)
    with _report_file(arguments.output) as file, _report_file(arguments.proof) as proof:
        progress = Progress()
        try:
            found = explore(setting, options, progress)
            found = _proved(found, name, proof, progress)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        finally:
            progress.clear()
        from verifier.document.explore_json import exploration_json
        from verifier.document.explore_terminal import exploration_text

        if file is not None and suffix is not None:
            file.write(rendered(found, name, suffix))
    if arguments.json:
        say(exploration_json(found, name))
    else:
        say(exploration_text(found, name, Style.of(sys.stdout)))
    return 0 if found.agrees else DISAGREES


def _require_theorem(setting: Setting, name: str) -> None:
    """ValueError in one line where `prove` has no words for the setting, before the work."""
    from verifier.instantiated.symbolic import NotCovered, symbolic

    try:
        symbolic(setting)
    except NotCovered as reason:
        raise ValueError(f"{name}: {NO_THEOREM}: {reason}") from None


def _proved(
    found: Exploration, name: str, file: IO[bytes] | None, progress: Progress
) -> Exploration:
    """The exploration as an instance of a theorem where one contains it; the proof to ``file``.

    Without a file what no theorem contains stays as it is; with one it is a ValueError.
    """
    from verifier.instantiated.proving import proved
    from verifier.instantiated.symbolic import NotCovered

    try:
        found = proved(found, name, progress)
    except NotCovered as reason:
        if file is not None:
            raise ValueError(f"{NO_THEOREM}: {reason}") from None
    if file is not None and found.proof is not None:
        from verifier.proof.record import dump

        file.write(dump(found.proof.record).encode("ascii"))
    return found


def _limited(text: str, name: str, least: int, most: int) -> int:
    value = natural(text, name, least)
    if value > most:
        raise ValueError(f"{name}: {value} is above the limit of {most}")
    return value


@contextlib.contextmanager
def _report_file(path: str | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
    else:
        with whole_file(path) as file:
            yield file
