"""``price``: what one GD step loses against ridge regression, the Bayes predictor."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from verifier.commands.arguments import exact_axis, natural, whole_axis
from verifier.commands.engines import add_engine_arguments, cluster_engine, jobs_of
from verifier.render.streams import Style, say, whole_file
from verifier.work.engine import local

MAX_SMALLER_SIDE, MAX_CURVES = 60, 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Dimensions, noise variances, context lengths, and where the plot goes."""
    parser.add_argument("--dims", default="2,5,10", help="dimensions (default 2,5,10)")
    parser.add_argument("--noise", default="1/2", help="exact noise variances (default 1/2)")
    parser.add_argument(
        "--n",
        help="numbers of examples A:B, A:B:COUNT or A,B,... (default 1,2,5,10,20,40; plots 1:40)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--csv", metavar="FILE", help="also write the rows here as CSV")
    add_engine_arguments(parser, "1")
    parser.add_argument("--plot", metavar="FILE", help="also draw the curves: .png, .svg or .pdf")


def run(arguments: argparse.Namespace) -> int:
    """Print every row, and write the CSV and the plot where asked for."""
    from verifier.reports.plots_ridge import SUFFIXES, draw_price, price_curves
    from verifier.reports.price_text import price_csv, price_json, price_text

    dims = [natural(word, "--dims", 1) for word in arguments.dims.split(",")]
    standard = "1:40" if arguments.plot else "1,2,5,10,20,40"
    lengths = whole_axis(standard if arguments.n is None else arguments.n, "--n")
    noises = exact_axis(arguments.noise, "--noise")
    if len(dims) * len(noises) > MAX_CURVES:
        raise ValueError(f"{len(dims) * len(noises)} curves; at most {MAX_CURVES} are computed")
    if min(max(dims), max(lengths)) > MAX_SMALLER_SIDE:
        raise ValueError(
            f"the quadrature is for min(n, d) <= {MAX_SMALLER_SIDE}; "
            f"here it would reach {min(max(dims), max(lengths))}"
        )
    if arguments.plot:
        if os.path.splitext(arguments.plot)[1].lower() not in SUFFIXES:
            raise ValueError(f"--plot: the file must end in {', '.join(SUFFIXES)}")
        folder = os.path.dirname(os.path.abspath(arguments.plot))
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
            raise ValueError(f"--plot: cannot write into {folder}")
    points = len(dims) * len(noises) * len(lengths)
    engine = cluster_engine(arguments) or local(jobs_of(arguments, 1), points)
    with contextlib.ExitStack() as files:
        table = files.enter_context(whole_file(arguments.csv)) if arguments.csv else None
        curves = price_curves(dims, noises, lengths, engine)
        if table is not None:
            table.write(price_csv(curves).encode("ascii"))
    say(price_json(curves) if arguments.json else price_text(curves, Style.of(sys.stdout)))
    if arguments.plot:
        draw_price(curves, arguments.plot)
    return 0
