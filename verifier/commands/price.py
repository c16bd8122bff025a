"""``price``: what one GD step loses against ridge regression, the Bayes predictor."""

from __future__ import annotations

import argparse
import os
import sys

from verifier.commands.check import natural
from verifier.commands.phase_diagram import exact_axis, whole_axis
from verifier.document.output import Style, say

MAX_SMALLER_SIDE, MAX_CURVES = 60, 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Dimensions, noise variances, context lengths, and where the plot goes."""
    parser.add_argument("--dims", default="2,5,10", help="dimensions (default 2,5,10)")
    parser.add_argument("--noise", default="1/2", help="exact noise variances (default 1/2)")
    parser.add_argument("--n", default="1:40", help="numbers of examples A:B (default 1:40)")
    parser.add_argument("--plot", metavar="FILE", help="also draw the curves: .png, .svg or .pdf")


def run(arguments: argparse.Namespace) -> int:
    """Print the table, and draw the plot where asked for."""
    from verifier.document.plots_ridge import SUFFIXES, draw_price, price_curves
    from verifier.document.price_text import price_text

    dims = [natural(word, "--dims", 1) for word in arguments.dims.split(",")]
    lengths = whole_axis(arguments.n, "--n")
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
    curves = price_curves(dims, noises, lengths)
    say(price_text(curves, Style.of(sys.stdout)))
    if arguments.plot:
        draw_price(curves, arguments.plot)
    return 0
