"""``explore``: what the best layer does in a user's own setting, and how certain that is."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from verifier.commands.arguments import natural, whole_axis
from verifier.commands.checking import MAX_SAMPLES, MAX_STARTS
from verifier.commands.engines import add_engine_arguments, cluster_engine, jobs_of
from verifier.commands.exit_codes import OPEN
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, clean, say, whole_file
from verifier.work.engine import local

if TYPE_CHECKING:
    from verifier.explore.answer import Exploration
    from verifier.setting.data import Setting
    from verifier.setting.question import Question

NO_THEOREM = "--proof: no theorem of 'prove' contains this setting"


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
    parser.add_argument("--proof", metavar="FILE", help="also write the proof to this file")
    parser.add_argument(
        "--plot", metavar="FILE", help="risk against context length at test time: .png .svg .pdf"
    )
    parser.add_argument(
        "--lengths",
        metavar="A:B",
        help="numbers of examples of that plot, A:B, A:B:COUNT or A,B (default: from 1 to 4n)",
    )
    parser.add_argument(
        "--basins", metavar="N", help="count where gradient descent from N starts of each size ends"
    )
    parser.add_argument("--basins-plot", metavar="FILE", help="draw that: .png .svg .pdf")
    add_engine_arguments(parser, "for --basins, 1")
    parser.add_argument("--resume", metavar="FILE", help="keep what --basins has done in this file")
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
        return OPEN


def _explored(arguments: argparse.Namespace) -> int:
    """The exit code: 0, or 3 if a numerical check speaks against the answer."""
    from verifier.explore.answer import ExploreOptions
    from verifier.explore.asked import explore_question
    from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
    from verifier.reports.explore_report import FORMS, rendered
    from verifier.setting.question import read_question

    starts, counted = arguments.starts, _basins(arguments)
    for name in ("jobs", "scheduler", "resume"):
        if getattr(arguments, name) is not None and not counted:
            raise ValueError(f"--{name} is for --basins")
    options = ExploreOptions(
        _limited(arguments.samples, "--samples", BATCHES * SMALLEST_BATCH, MAX_SAMPLES),
        None if starts is None else _limited(starts, "--starts", 1, MAX_STARTS),
        natural(arguments.seed, "--seed", 0),
        counted,
        cluster_engine(arguments) or local(jobs_of(arguments, 1), 2),
        arguments.resume or "",
    )
    report_form = None
    if arguments.output is not None:
        report_form = form_for(arguments.output, None, FORMS)
    form = _plot_form(arguments)
    question = read_question(arguments.setting)
    name = clean(os.path.basename(arguments.setting))
    if arguments.proof is not None:
        _require_theorem(question.setting, name)
    basin_form = None
    if arguments.basins_plot is not None:
        basin_form = figure_form(arguments.basins_plot)
    with (
        _report_file(arguments.output) as file,
        _report_file(arguments.plot) as picture,
        _report_file(arguments.basins_plot) as basins,
        _report_file(arguments.proof) as proof,
    ):
        progress = Progress()
        try:
            found = explore_question(question, options, progress)
            found = _proved(found, name, proof, progress)
            if picture is not None and form is not None:
                _draw(question, found, arguments.lengths, picture, form, progress)
            if basins is not None and basin_form is not None:
                from verifier.reports.plots_explore_basins import basins_figure, write_figure

                write_figure(basins_figure(found), basins, basin_form)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        finally:
            progress.clear()
        from verifier.reports.explore_json import exploration_json
        from verifier.reports.explore_terminal import exploration_text

        if file is not None and report_form is not None:
            file.write(rendered(found, name, report_form))
    if arguments.json:
        say(exploration_json(found, name))
    else:
        say(exploration_text(found, name, Style.of(sys.stdout)))
    return 0 if found.agrees else OPEN


def _basins(arguments: argparse.Namespace) -> int:
    if arguments.basins is None:
        if arguments.basins_plot is None:
            return 0
        from verifier.explore.basins import STARTS

        return STARTS
    return _limited(arguments.basins, "--basins", 1, 2000)


def figure_form(path: str) -> str:
    """The form that a plot's name asks for."""
    from verifier.reports.plots_landscape import figure_format

    return figure_format(path)


def _plot_form(arguments: argparse.Namespace) -> str | None:
    """The form that the plot's name asks for; wrong axes are found out before the work."""
    if arguments.plot is None:
        if arguments.lengths is not None:
            raise ValueError("--lengths belongs to --plot")
        return None

    if arguments.lengths is not None and len(whole_axis(arguments.lengths, "--lengths")) > 1000:
        raise ValueError("--lengths: at most 1000 points are drawn")
    return figure_form(arguments.plot)


def _draw(
    question: Question,
    found: Exploration,
    lengths: str | None,
    file: IO[bytes],
    form: str,
    progress: Progress,
) -> None:
    from verifier.explore.asked import NOT_TESTED, trained_layer
    from verifier.explore.transfer_curve import default_lengths, transfer_curve
    from verifier.reports.plots_transfer import write_transfer
    from verifier.setting.question import TestLaw

    setting = question.setting
    test = question.test or TestLaw(setting)
    chosen = default_lengths(setting.context_length, test.setting.context_length)
    if lengths is not None:
        chosen = whole_axis(lengths, "--lengths")
    trained = trained_layer(question, found.optimum, found.formed, divided_already=True)
    if trained is None:
        raise ValueError(NOT_TESTED.replace("[test]", "--plot"))
    curve = transfer_curve(trained, test, chosen, found.options.seed, progress)
    title = f"d = {setting.dimension}, trained on {setting.context_length} examples"
    write_transfer(curve, title, file, form)


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
