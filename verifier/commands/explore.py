"""``explore``: what the best layer does in a user's own setting, and how certain that is."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO

from verifier.commands.check import MAX_SAMPLES, MAX_STARTS, natural
from verifier.commands.exit_codes import OPEN
from verifier.commands.forms import form_for
from verifier.document.output import Progress, Style, clean, say, whole_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The setting file, the sizes of the numerical part, and where the report goes."""
    parser.add_argument("setting", metavar="SETTING.toml", help="a setting file: docs/settings.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "-o",
        "--output",
        metavar="REPORT",
        help="also write it here: .html .json .md .pdf .tex .txt",
    )
    parser.add_argument("--samples", default="64000", help="sampled prompts (default 64000)")
    parser.add_argument("--starts", help="random starts (default 12 - d, at least 2)")
    parser.add_argument("--seed", default="0", help="seed of all randomness (default 0)")


def run(arguments: argparse.Namespace) -> int:
    """Explore one setting; exit code 0, or 3 if a numerical check speaks against the answer."""
    from verifier.document.explore_report import FORMS, rendered
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
    form = None if arguments.output is None else form_for(arguments.output, None, FORMS)
    setting = read_setting(arguments.setting)
    name = clean(os.path.basename(arguments.setting))
    with _report_file(arguments.output) as file:
        progress = Progress()
        try:
            found = explore(setting, options, progress)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        finally:
            progress.clear()
        from verifier.document.explore_json import exploration_json
        from verifier.document.explore_terminal import exploration_text

        if file is not None and form is not None:
            file.write(rendered(found, name, form))
    if arguments.json:
        say(exploration_json(found, name))
    else:
        say(exploration_text(found, name, Style.of(sys.stdout)))
    return 0 if found.agrees else OPEN


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
