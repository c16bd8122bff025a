"""What ``check``, ``derive`` and ``prove`` are told alike: sizes of the evidence, and claims."""

from __future__ import annotations

import argparse
from fractions import Fraction

from verifier.commands.arguments import natural
from verifier.theorem.theorem import Options

MAX_DIMENSION, MAX_CONTEXT_LENGTH, MAX_SAMPLES, MAX_STARTS = 12, 1000, 10**7, 10_000
MIN_SAMPLES = 32_000  # 64 batches of 500, below which the agreement test is not sound
PROVED_FOR_ALL = "the proof itself covers all sizes: --no-numerics"


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


def add_claim_argument(parser: argparse.ArgumentParser) -> None:
    """``--claim``, as often as wanted."""
    parser.add_argument(
        "--claim",
        action="append",
        default=[],
        metavar="NAME=EXPRESSION",
        help="put your own claim in place of what is derived, e.g. learning_rate='1/(n+d+sigma2)'",
    )


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


def _natural_or(text: str | None, name: str, minimum: int, standard: int) -> int:
    return standard if text is None else natural(text, name, minimum)


def _noises(text: str) -> tuple[Fraction, ...]:
    from verifier.setting.numbers import nonnegative_number

    return tuple(nonnegative_number(word, "--noise") for word in text.split(","))
