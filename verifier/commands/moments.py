"""``moments``: the exact mean of a matrix expression, for all sizes at once."""

from __future__ import annotations

import argparse
import sys

from verifier.render.streams import Style, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The question, the law of its random names, and the form of the answer."""
    parser.add_argument(
        "question",
        help="such as 'E[S A S]', 'Cov[tr(S), tr(S^2)]' or "
        "\"E[x x'A x x'] where x ~ normal(mu, Sigma)\"; docs/moments.md",
    )
    parser.add_argument(
        "--law",
        help="law of the names that are random by convention: normal, wishart, inverse-wishart, "
        "uniform, rademacher, laplace, student-t(DF), iid, sphere",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="print the formula in LaTeX instead")
    form.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: argparse.Namespace) -> int:
    """Answer one question; exit code 0."""
    from verifier.moments.question import expectation
    from verifier.reports.moments_text import moments_json, moments_latex, moments_text

    answer = expectation(arguments.question, arguments.law)
    if arguments.json:
        say(moments_json(answer))
    elif arguments.latex:
        say(moments_latex(answer))
    else:
        say(moments_text(answer, Style.of(sys.stdout)))
    return 0
