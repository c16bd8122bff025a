"""``landscape``: every stationary point in (omega, N) at one (d, n, sigma2).

A setting file gives a Gaussian pair instead: exactly where it is such a cell in other coordinates,
else the local minima that descents find.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import IO, TYPE_CHECKING

from verifier.commands.arguments import natural
from verifier.commands.engines import add_engine_arguments, bar, cluster_engine, jobs_of
from verifier.commands.exit_codes import OPEN
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, clean, say, whole_file
from verifier.reports.landscape_json import landscape_json
from verifier.reports.landscape_text import landscape_text
from verifier.reports.plots_basins import basins_figure
from verifier.reports.plots_landscape import figure_format, landscape_figure, write_figure
from verifier.reports.plots_training import training_figure
from verifier.reports.weights_file import write_weights
from verifier.setting.numbers import nonnegative_number
from verifier.stationary.basin_survey import SCALES, STARTS, Survey, survey
from verifier.stationary.stationary_points import Landscape, landscape
from verifier.stationary.weight_survey import SCALES as WEIGHT_SCALES
from verifier.stationary.weight_survey import WeightSurvey, refuse_if_huge, survey_weights
from verifier.stationary.weights import (
    WeightsLandscape,
    standard_head_dimension,
    weights_landscape,
)
from verifier.work.engine import Engine, local

if TYPE_CHECKING:
    from verifier.stationary.whitening import GaussianPair

# The cost of exact roots grows with the digits: a second at 50, minutes at 200.
MAX_DIGITS = 50
MAX_LENGTHS = 20
_EXACT_ONLY = (
    *("head_dimension", "weights", "plot", "basins", "lengths", "basins_plot", "training"),
    *("heads", "training_plot", "scales", "jobs", "scheduler", "resume"),
)
REPORTS = ("html", "markdown", "latex", "pdf", "json", "text")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The cell, where results go, and what training sees."""
    parser.add_argument(
        "setting",
        nargs="?",
        metavar="SETTING.toml",
        help="a Gaussian pair, docs/settings.md, instead of --d, --n and --noise",
    )
    parser.add_argument("--d", metavar="D", help="dimension of the covariates")
    parser.add_argument("--n", metavar="N", help="number of examples (at d = 1: none for all n)")
    parser.add_argument("--noise", metavar="S", help="exact: 1/3, 0.1 (default 0)")
    parser.add_argument(
        "--head-dimension", metavar="R", help="rows of W_K and W_Q, for the weights (default D + 1)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "-o",
        "--output",
        metavar="REPORT",
        help="also write it here: .html .md .tex .pdf .json .txt",
    )
    parser.add_argument(
        "--weights", metavar="FILE", help="write the minima as W_K, W_Q, W_V, h: .npz"
    )
    parser.add_argument("--plot", metavar="FILE", help="write l(rho): .png, .svg or .pdf")
    basins = parser.add_argument_group("what training sees in (omega, N)")
    basins.add_argument(
        "--basins", action="store_true", help="descend from nearby and from random starts"
    )
    basins.add_argument("--lengths", metavar="N,...", help="further n for the random starts")
    basins.add_argument("--basins-plot", metavar="FILE", help="loss curves, basin frequencies")
    training = parser.add_argument_group("what training sees in the weights")
    training.add_argument(
        "--training", action="store_true", help="gradient descent and Adam on W_K, W_Q, W_V, h"
    )
    training.add_argument("--heads", metavar="R,...", help="further head dimensions to train")
    training.add_argument(
        "--training-plot", metavar="FILE", help="loss curves, shares of stuck runs"
    )
    both = parser.add_argument_group("for both")
    both.add_argument("--starts", metavar="N", help=f"random starts (default {STARTS})")
    standard = ",".join(f"{scale:g}" for scale in SCALES)
    weights = ",".join(f"{scale:g}" for scale in WEIGHT_SCALES)
    both.add_argument(
        "--scales", metavar="X,...", help=f"initial sizes (default {standard}; weights {weights})"
    )
    both.add_argument("--seed", metavar="N", help="seed of all randomness (default 0)")
    add_engine_arguments(both, "1")
    both.add_argument("--resume", metavar="FILE", help="keep what is done in this file, and go on")


def run(arguments: argparse.Namespace) -> int:
    """Show the landscape; exit code 3 if descents contradict it."""
    if arguments.setting is not None:
        return _of_setting(arguments)
    if arguments.d is None:
        raise ValueError("a setting file, or --d and --n, say which loss it is about")
    dimension = natural(arguments.d, "--d", 1)
    if arguments.n is None:
        return _symbolic(dimension, arguments)
    length = natural(arguments.n, "--n", 1)
    noise = nonnegative_number(arguments.noise or "0", "--noise")
    return _cell(dimension, length, noise, arguments)


def _of_setting(arguments: argparse.Namespace) -> int:
    """The landscape of a Gaussian pair: exactly where it is Theorem 1's in other coordinates."""
    from verifier.setting.setting_file import read_setting
    from verifier.stationary.whitening import gaussian_pair

    for option in ("d", "n", "noise"):
        if getattr(arguments, option) is not None:
            file = clean(arguments.setting, 60)
            raise ValueError(f"--{option} is in the setting file ({file}); give one or the other")
    setting = read_setting(arguments.setting)
    name = clean(os.path.basename(arguments.setting))
    try:
        pair = gaussian_pair(setting)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    scale = pair.scale
    if scale is None:
        return _by_descents(pair, name, arguments)
    if scale != 1 and (arguments.plot or _basins(arguments) or _training(arguments)):
        instead = f"--d {setting.dimension} --n {setting.context_length}"
        raise ValueError(
            f"{name}: plots and descents are those of the same landscape with losses divided by "
            f"{scale}: {instead} --noise {setting.noise_variance / scale}"
        )
    noise = setting.noise_variance / scale
    return _cell(setting.dimension, setting.context_length, noise, arguments, pair, name)


def _by_descents(pair: GaussianPair, name: str, arguments: argparse.Namespace) -> int:
    """Local minima that descents find, certified; exit code 1 for what cannot be."""
    from verifier.reports.pair_landscape import pair_json, pair_text
    from verifier.stationary.pair_survey import STARTS, refuse_if_huge, survey_pair

    for option in _EXACT_ONLY:
        if getattr(arguments, option):
            words = option.replace("_", "-")
            raise ValueError(
                f"{name}: --{words} needs tasks whose covariance is a multiple of the inverse of "
                "the covariates', where the landscape is known exactly"
            )
    starts = _starts(arguments, STARTS)
    refuse_if_huge(pair.setting.dimension, starts)
    progress = Progress()
    try:
        found = survey_pair(pair, starts, _seed(arguments), progress)
    finally:
        progress.clear()
    say(pair_json(found) if arguments.json else pair_text(found, name, Style.of(sys.stdout)))
    return OPEN if found.disagreements else 0


def _cell(
    dimension: int,
    length: int,
    noise: Fraction,
    arguments: argparse.Namespace,
    pair: GaussianPair | None = None,
    name: str = "",
) -> int:
    """The exact landscape of one cell, which is that of ``pair`` in other coordinates if given."""
    _refuse_if_long(noise)
    heads = _heads(arguments, dimension)
    _refuse_idle_options(arguments)
    form = None if arguments.output is None else form_for(arguments.output, None, REPORTS)
    with contextlib.ExitStack() as files:
        report = files.enter_context(whole_file(arguments.output)) if form else None
        plot, basins_plot, training_plot = (
            files.enter_context(_figure_file(path))
            for path in (arguments.plot, arguments.basins_plot, arguments.training_plot)
        )
        minima = files.enter_context(_weights_file(arguments.weights))
        here = landscape(dimension, length, noise)
        weights = weights_landscape(here, heads[0])
        if minima is not None:
            write_weights(here, weights, minima, pair)
        seen = _surveyed(here, arguments) if _basins(arguments) else None
        trained = _trained(here, heads, arguments) if _training(arguments) else None
        if report is not None and form is not None:
            report.write(_report(form, here, seen, weights, trained))
        if plot is not None:
            write_figure(landscape_figure(here), *plot)
        if basins_plot is not None and seen is not None:
            write_figure(basins_figure(seen), *basins_plot)
        if training_plot is not None and trained is not None:
            write_figure(training_figure(trained), *training_plot)
    note = ""
    if pair is not None and pair.scale is not None:
        from verifier.reports.pair_landscape import whitening_words
        from verifier.stationary.whitening import rescaled_landscape, rescaled_weights

        note = whitening_words(pair, name)
        here, weights = rescaled_landscape(here, pair.scale), rescaled_weights(weights, pair.scale)
    if arguments.json:
        say(landscape_json(here, seen, weights, trained, pair))
    else:
        say(landscape_text(here, seen, Style.of(sys.stdout), weights, trained, note))
    surveys = (survey for survey in (seen, trained) if survey is not None)
    return OPEN if any(survey.disagreements for survey in surveys) else 0


def _report(
    form: str,
    here: Landscape,
    seen: Survey | None,
    weights: WeightsLandscape,
    trained: WeightSurvey | None,
) -> bytes:
    """The report in one of `REPORTS`; what training sees is in JSON and in text."""
    if form == "json":
        return f"{landscape_json(here, seen, weights, trained)}\n".encode()
    if form == "text":
        return f"{landscape_text(here, seen, Style(), weights, trained)}\n".encode()
    from verifier.render.rendered import rendered
    from verifier.reports.landscape_document import landscape_document

    return rendered(landscape_document(here, weights), form)


def _basins(arguments: argparse.Namespace) -> bool:
    return bool(arguments.basins or arguments.basins_plot is not None)


def _training(arguments: argparse.Namespace) -> bool:
    return bool(arguments.training or arguments.training_plot is not None)


def _symbolic(dimension: int, arguments: argparse.Namespace) -> int:
    """The whole stationary set with n and sigma2 symbolic, which is at hand for d = 1."""
    from verifier.reports.landscape_line import line_text

    if dimension != 1:
        raise ValueError("--n is needed for d >= 2; for d = 1 it may be left out")
    if arguments.head_dimension is not None:
        raise ValueError("--head-dimension needs --n (at d = 1 the weights are always benign)")
    if arguments.json or arguments.plot or _basins(arguments) or _training(arguments):
        raise ValueError("without --n the answer is symbolic, as text only")
    needing = {"--weights": arguments.weights, "-o": arguments.output}
    needing["--noise"] = arguments.noise is not None
    for option, given in needing.items():
        if given:
            raise ValueError(f"{option} needs --n")
    say(line_text(Style.of(sys.stdout)))
    return 0


def _heads(arguments: argparse.Namespace, dimension: int) -> tuple[int, ...]:
    """The head dimension asked for, d + 1 by default, and further ones to train."""
    words = [] if arguments.heads is None else arguments.heads.split(",")
    if len(words) > MAX_LENGTHS:
        raise ValueError(f"--heads: at most {MAX_LENGTHS} values")
    first = standard_head_dimension(dimension)
    if arguments.head_dimension is not None:
        first = natural(arguments.head_dimension, "--head-dimension", 1)
    heads = tuple(dict.fromkeys((first, *(natural(word, "--heads", 1) for word in words))))
    if _training(arguments):
        refuse_if_huge(dimension, heads, _starts(arguments))
    return heads


@contextlib.contextmanager
def _figure_file(path: str | None) -> Iterator[tuple[IO[bytes], str] | None]:
    if path is None:
        yield None
        return
    form = figure_format(path)
    with whole_file(path) as file:
        yield file, form


def _weights_file(path: str | None) -> contextlib.AbstractContextManager[IO[bytes] | None]:
    if path is None:
        return contextlib.nullcontext()
    if not path.endswith(".npz"):
        raise ValueError(f"--weights: {path[:60]!r} must end in .npz")
    return whole_file(path)


def _surveyed(here: Landscape, arguments: argparse.Namespace) -> Survey:
    scales = SCALES if arguments.scales is None else _scales(arguments.scales)
    words = [] if arguments.lengths is None else arguments.lengths.split(",")
    lengths = [natural(word, "--lengths", 1) for word in words]
    if len(lengths) > MAX_LENGTHS:
        raise ValueError(f"--lengths: at most {MAX_LENGTHS} values")
    progress = Progress()
    try:
        return survey(
            here,
            _starts(arguments),
            scales,
            lengths,
            _seed(arguments),
            bar(progress, "pieces of the survey"),
            _engine(arguments),
            arguments.resume,
        )
    finally:
        progress.clear()


def _engine(arguments: argparse.Namespace) -> Engine:
    """Pieces take seconds, so any two of them are worth other processes."""
    return cluster_engine(arguments) or local(jobs_of(arguments, 1), 2)


def _trained(
    here: Landscape, heads: tuple[int, ...], arguments: argparse.Namespace
) -> WeightSurvey:
    scales = WEIGHT_SCALES if arguments.scales is None else _scales(arguments.scales)
    progress = Progress()
    try:
        return survey_weights(
            here,
            heads,
            _starts(arguments),
            scales,
            _seed(arguments),
            progress=bar(progress, "pieces of the training"),
            engine=_engine(arguments),
            path=arguments.resume,
        )
    finally:
        progress.clear()


def _starts(arguments: argparse.Namespace, standard: int = STARTS) -> int:
    return standard if arguments.starts is None else natural(arguments.starts, "--starts", 1)


def _seed(arguments: argparse.Namespace) -> int:
    return 0 if arguments.seed is None else natural(arguments.seed, "--seed", 0)


def _scales(text: str) -> tuple[float, ...]:
    """Sizes between 1/1000 and 10, in rising order."""
    found = set()
    for word in text.split(","):
        scale = nonnegative_number(word, "--scales")
        if not Fraction(1, 1000) <= scale <= 10:
            raise ValueError(f"--scales: {word.strip()[:40]!r} is not between 1/1000 and 10")
        found.add(float(scale))
    if len(found) > MAX_LENGTHS:
        raise ValueError(f"--scales: at most {MAX_LENGTHS} values")
    return tuple(sorted(found))


def _refuse_if_long(noise: Fraction) -> None:
    digits = max(len(str(noise.numerator)), len(str(noise.denominator)))
    if digits > MAX_DIGITS:
        raise ValueError(
            f"--noise has {digits} digits as a fraction; exact roots of that size take minutes, "
            f"at most {MAX_DIGITS} digits are taken"
        )


def _refuse_idle_options(arguments: argparse.Namespace) -> None:
    basins, training = _basins(arguments), _training(arguments)
    if arguments.resume is not None and basins and training:
        raise ValueError("--resume keeps one survey: --basins or --training")
    for name in ("starts", "scales", "seed", "jobs", "scheduler", "resume"):
        if getattr(arguments, name) is not None and not (basins or training):
            raise ValueError(f"--{name} is about descents; add --basins or --training")
    if arguments.lengths is not None and not basins:
        raise ValueError("--lengths is about descents in (omega, N); add --basins")
    if arguments.heads is not None and not training:
        raise ValueError("--heads is about training in the weights; add --training")
